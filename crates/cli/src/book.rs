//! The codebook of a study, for whoever reads its entries.

use crate::{CommandError, Workplace};
use sillage_domain::codebook::Codebook;
use sillage_domain::quality::Boundaries;
use sillage_domain::{ActionName, Fault, Study};

/// A version of a study's codebook.
pub(crate) struct Book {
    pub(crate) version: i32,
    pub(crate) codebook: Codebook,
}

impl Book {
    /// The one that holds now, if the study has any.
    pub(crate) fn of(_place: &Workplace, _study: &Study) -> Result<Option<Self>, CommandError> {
        Ok(None)
    }

    /// The same, where nothing can be done without.
    pub(crate) fn needed(book: Option<&Self>, what: &str) -> Result<(), CommandError> {
        match book {
            Some(_) => Ok(()),
            None => Err(CommandError::Usage(format!(
                "{what} needs a codebook, which the study does not have"
            ))),
        }
    }

    /// What does not fit in the payload of such an action.
    pub(crate) fn misfits(&self, _action: &ActionName, _payload: &str) -> Vec<Fault> {
        Vec::new()
    }

    /// The actions that begin and end a session.
    pub(crate) fn boundaries(&self) -> Boundaries {
        let roles = self.codebook.roles();
        // What can't be the name of an action is that of none.
        Boundaries {
            starts: roles
                .session_start()
                .filter_map(|name| name.parse().ok())
                .collect(),
            ends: roles
                .session_end()
                .filter_map(|name| name.parse().ok())
                .collect(),
        }
    }
}

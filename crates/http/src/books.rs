//! What a study's codebook says of files and of quality.

use crate::api::Api;
use crate::error::ApiError;
use sillage_domain::codebook::Codebook;
use sillage_domain::quality::Boundaries;
use sillage_domain::{ActionName, Fault, Study};
use std::sync::Arc;

/// The number of a codebook in its study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version(pub(crate) i32);

/// A version of a study's codebook.
pub(crate) struct Compiled {
    pub(crate) version: Version,
    pub(crate) codebook: Codebook,
}

impl Compiled {
    /// What does not fit in the payload of such an action.
    pub(crate) fn misfits(&self, _action: &ActionName, _payload: &str) -> Vec<Fault> {
        Vec::new()
    }
}

impl Api {
    /// The codebook of a study; studies have none yet.
    pub(crate) async fn codebook_of(
        &self,
        _study: &Study,
    ) -> Result<Option<Arc<Compiled>>, ApiError> {
        Ok(None)
    }
}

/// The actions that begin and end a session.
pub(crate) fn boundaries(codebook: &Codebook) -> Boundaries {
    let roles = codebook.roles();
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

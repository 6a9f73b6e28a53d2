//! The codebook of a study, or one in a file, for whoever reads entries.

use crate::{CommandError, Workplace};
use sillage_domain::codebook::{Checker, Codebook};
use sillage_domain::quality::Expected;
use sillage_domain::{CodebookFormat, StoreError, Study};
use std::fs;
use std::path::Path;

/// A codebook, ready for entries.
pub(crate) struct Book {
    /// Its number in its study; `None` of a file.
    pub(crate) version: Option<i32>,
    pub(crate) codebook: Codebook,
    pub(crate) checker: Checker,
}

impl Book {
    /// The one in the file, if one is named; else the study's own, if it has any.
    pub(crate) fn of(
        place: &Workplace,
        study: &Study,
        file: Option<&Path>,
    ) -> Result<Option<Self>, CommandError> {
        if let Some(path) = file {
            return Self::read(path).map(Some);
        }
        let Some(version) = study.codebook else {
            return Ok(None);
        };
        let stored = place.ports.codebooks.codebook(study.id, version)?;
        let stored = stored.ok_or(StoreError::NotFound)?;
        let codebook = Codebook::read(&stored.text, stored.summary.format)
            .map_err(|faults| CommandError::OldCodebook { version, faults })?;
        Ok(Some(Self {
            version: Some(version.0),
            checker: Checker::new(&codebook),
            codebook,
        }))
    }

    /// The one in a file: JSON, if its name says so, or TOML.
    pub(crate) fn read(path: &Path) -> Result<Self, CommandError> {
        let text = fs::read_to_string(path).map_err(|source| CommandError::File {
            path: path.to_owned(),
            source,
        })?;
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let format = if is_json {
            CodebookFormat::Json
        } else {
            CodebookFormat::Toml
        };
        let codebook =
            Codebook::read(&text, format).map_err(|faults| CommandError::NoCodebook {
                path: path.to_owned(),
                faults,
            })?;
        Ok(Self {
            version: None,
            checker: Checker::new(&codebook),
            codebook,
        })
    }

    /// The same, where nothing can be done without.
    pub(crate) fn needed(book: Option<&Self>, what: &str) -> Result<(), CommandError> {
        match book {
            Some(_) => Ok(()),
            None => Err(CommandError::Usage(format!(
                "{what} needs a codebook, which the study does not have: name one with --codebook"
            ))),
        }
    }

    /// What entries are compared with.
    pub(crate) fn expected(&self) -> Expected<'_> {
        let version = self.version.unwrap_or(0);
        Expected::of(
            &self.codebook,
            u64::from(version.unsigned_abs()),
            &self.checker,
        )
    }
}

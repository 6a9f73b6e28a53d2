//! What can go wrong, by what the caller can do about it.

use sillage_domain::StoreError;
use std::io;

/// Why a study could not be written to the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The archive could not be read.
    #[error("the archive could not be read")]
    Store(#[from] StoreError),
    /// The file could not be written.
    #[error("the file could not be written")]
    Write(#[source] io::Error),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Write(error),
            // Rows of one file have as many fields each, so that this stays what it is called: unforeseen.
            kind => Self::Write(io::Error::other(format!("{kind:?}"))),
        }
    }
}

//! Why a backup can't be used.

use sillage_domain::WholeError;
use std::io;

/// Why a backup can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupFault {
    /// It is no backup.
    #[error("this is no backup of Sillage")]
    None,
    /// A later version of the program wrote it.
    #[error("this backup has the form {0}, which a newer version of Sillage reads")]
    NewerForm(String),
    /// It was changed or cut off.
    #[error("this backup is damaged: {0}. Nothing of it was used; take another one")]
    Damaged(String),
    /// It is locked.
    #[error("this backup is locked: name the file with the secret key in --identity")]
    Locked,
    /// It is locked for others.
    #[error("this backup can't be unlocked with that key: {0}")]
    OtherKey(age::DecryptError),
    /// It can't be read.
    #[error("it can't be read: {0}")]
    Unreadable(#[source] io::Error),
    /// What it goes into failed.
    #[error(transparent)]
    Whole(WholeError),
}

impl From<io::Error> for BackupFault {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match error.kind() {
            InvalidData | InvalidInput | UnexpectedEof => Self::Damaged(error.to_string()),
            _ => Self::Unreadable(error),
        }
    }
}

impl From<serde_json::Error> for BackupFault {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// What a line says is not what the lines before it said.
pub(super) fn damaged(what: impl Into<String>) -> BackupFault {
    BackupFault::Damaged(what.into())
}

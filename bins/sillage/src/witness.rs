//! What keeps, outside of the database, how far the audit log has come.

use crate::files;
use sillage_domain::AuditWitness;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the file in the data directory.
const FILE: &str = "audit-checkpoints.json";

/// A file in the data directory, readable by its owner only.
pub(crate) struct FileWitness(PathBuf);

impl FileWitness {
    /// In that data directory.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }
}

impl AuditWitness for FileWitness {
    fn recall(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&self, text: &str) -> io::Result<()> {
        files::replace(&self.0, text.as_bytes())
    }
}

impl From<FileWitness> for PathBuf {
    fn from(witness: FileWitness) -> Self {
        witness.0
    }
}

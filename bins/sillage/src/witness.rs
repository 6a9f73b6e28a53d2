//! What keeps, outside of the database, how far the audit log has come.

use crate::files;
use sillage_domain::{AuditWitness, Timestamp};
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

    /// Keeps what there is under another name, and nothing under this one.
    pub(crate) fn set_aside(&self, now: Timestamp) -> io::Result<()> {
        let aside = self
            .0
            .with_extension(format!("before-restore-{}.json", now.micros()));
        match fs::rename(&self.0, aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
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

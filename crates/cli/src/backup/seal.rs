//! Locking a backup to public keys, in the format of age (<https://age-encryption.org/v1>).

use super::BackupFault;
use crate::CommandError;
use age::stream::StreamWriter;
use age::{Encryptor, IdentityFile, x25519};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

/// How a locked file begins.
pub(super) const LOCKED: &[u8] = b"age-encryption.org/";

/// A secret key.
pub(crate) type Key = Box<dyn age::Identity + Send + Sync>;

/// To whom a backup is locked. One more key is made for each, and forgotten with this: with it the file is read back.
pub(super) struct Lock {
    keys: Vec<x25519::Recipient>,
    own: x25519::Identity,
}

impl Lock {
    /// To these public keys; `None` where there are none.
    pub(super) fn of(keys: &[String]) -> Result<Option<Self>, CommandError> {
        if keys.is_empty() {
            return Ok(None);
        }
        let parsed = keys.iter().map(|key| {
            key.parse::<x25519::Recipient>().map_err(|why| {
                CommandError::Usage(format!(
                    "`{key}` is no public key of age, which begins with age1: {why}"
                ))
            })
        });
        Ok(Some(Self {
            keys: parsed.collect::<Result<_, _>>()?,
            own: x25519::Identity::generate(),
        }))
    }

    /// The key that is forgotten.
    pub(super) fn for_reading_back(&self) -> Key {
        Box::new(self.own.clone())
    }
}

/// A file that is locked while it is written, or is not locked at all.
pub(super) enum Sealing<W: Write> {
    Open(W),
    Locked(StreamWriter<W>),
}

impl<W: Write> Sealing<W> {
    pub(super) fn begin(file: W, lock: Option<&Lock>) -> io::Result<Self> {
        let Some(lock) = lock else {
            return Ok(Self::Open(file));
        };
        let own = lock.own.to_public();
        let keys = lock.keys.iter().chain([&own]);
        let keys = keys.map(|key| key as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(keys).map_err(io::Error::other)?;
        encryptor.wrap_output(file).map(Self::Locked)
    }

    /// Ends it; gives what is below.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Open(mut file) => {
                file.flush()?;
                Ok(file)
            }
            Self::Locked(stream) => stream.finish(),
        }
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(file) => file.write(bytes),
            Self::Locked(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(file) => file.flush(),
            Self::Locked(stream) => stream.flush(),
        }
    }
}

/// The secret keys of a file, as `age-keygen` writes it.
pub(crate) fn identities(path: &Path) -> Result<Vec<Key>, CommandError> {
    let failed = |source| CommandError::File {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let keys = IdentityFile::from_buffer(BufReader::new(file)).map_err(failed)?;
    keys.into_identities()
        .map_err(|error| CommandError::Backup {
            path: path.to_owned(),
            fault: BackupFault::OtherKey(error),
        })
}

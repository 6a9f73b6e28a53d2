//! The root key: from the settings, or from a file that is made at the first start.

use crate::failure::Failure;
use crate::files;
use crate::settings::Settings;
use sillage_pseudonym::RootKey;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The root key, and where it came from.
pub(crate) struct FoundKey {
    pub(crate) key: RootKey,
    /// The file that was made for it just now.
    pub(crate) made: Option<PathBuf>,
}

/// Reads the root key; where it is to be in a file that is not there, makes both.
pub(crate) fn find_or_make(settings: &Settings) -> Result<FoundKey, Failure> {
    if let Some(found) = find(settings)? {
        return Ok(FoundKey {
            key: found,
            made: None,
        });
    }
    let path = settings.root_key_file();
    let key = RootKey::generate()?;
    match files::write_new(&path, format!("{}\n", &*key.to_text()).as_bytes()) {
        Ok(()) => Ok(FoundKey {
            key,
            made: Some(path),
        }),
        // Another process was faster: its key is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(&path).map(|key| FoundKey { key, made: None })
        }
        Err(source) => Err(Failure::File {
            path,
            what: "the root key can't be written",
            source,
        }),
    }
}

/// Reads the root key; `None` where it is to be in a file that is not there.
pub(crate) fn find(settings: &Settings) -> Result<Option<RootKey>, Failure> {
    match (&settings.keys.root_key, &settings.keys.root_key_file) {
        (Some(_), Some(_)) => Err(Failure::TwoRootKeys),
        (Some(text), None) => RootKey::parse(text.expose())
            .map(Some)
            .map_err(|source| Failure::RootKey { path: None, source }),
        _ => match read(&settings.root_key_file()) {
            Err(Failure::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            key => key.map(Some),
        },
    }
}

/// Reads the root key from a file that nobody but its owner may read.
pub(crate) fn read(path: &Path) -> Result<RootKey, Failure> {
    let failed = |source| Failure::File {
        path: path.to_owned(),
        what: "the root key can't be read",
        source,
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if files::is_open_to_others(&metadata) {
        return Err(Failure::OpenKeyFile {
            path: path.to_owned(),
        });
    }
    let text = zeroize::Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
    RootKey::parse(&text).map_err(|source| Failure::RootKey {
        path: Some(path.to_owned()),
        source,
    })
}

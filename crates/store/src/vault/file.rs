//! The file with the secrets of the vault: beside the database, never in it.

use sillage_domain::{
    KeyError, VaultError, VaultKeyPlace, VaultSecret, VaultSecrets, VaultVersion,
};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What the file begins with.
const HEAD: &str = "# The keys of the vault, by number. Without this file no name opens: keep a copy of it, apart from the backups of the database.\n";

/// A file with a line a secret: its number, and 64 hexadecimal digits. Nobody but its owner may read it.
///
/// Servers that share a database share this file too: on a disk that all of them see, or as a copy that each is given.
#[derive(Debug, Clone)]
pub struct VaultKeyFile {
    path: PathBuf,
}

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultFileError {
    /// The operating system refuses.
    #[error("{}: the vault's keys can't be {what}", .path.display())]
    Io {
        /// Of the file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Others can read it.
    #[error("{}: others than its owner can read the vault's keys; run `chmod 600 {}`", .0.display(), .0.display())]
    Open(PathBuf),
    /// A line is none of such a file.
    #[error("{}, line {line}: a number and 64 hexadecimal digits are expected", .path.display())]
    Line {
        /// Of the file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Nobody drew this secret at random.
    #[error("{}, line {line}", .path.display())]
    Secret {
        /// Of the file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What shows it.
        source: KeyError,
    },
}

impl From<VaultFileError> for VaultError {
    fn from(error: VaultFileError) -> Self {
        Self::Place(Box::new(error))
    }
}

impl VaultKeyFile {
    /// The file of that path, which needs not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, what: &'static str) -> impl Fn(io::Error) -> VaultFileError {
        let path = self.path.clone();
        move |source| VaultFileError::Io {
            path: path.clone(),
            what,
            source,
        }
    }

    fn read(&self) -> Result<VaultSecrets, VaultFileError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(VaultSecrets::new()),
            Err(error) => return Err(self.failed("read")(error)),
        };
        let metadata = fs::metadata(&self.path).map_err(self.failed("read"))?;
        if is_open_to_others(&metadata) {
            return Err(VaultFileError::Open(self.path.clone()));
        }
        let mut secrets = VaultSecrets::new();
        for (index, line) in text.lines().enumerate() {
            let (path, number) = (self.path.clone(), index + 1);
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let read = line.trim().split_once(' ').and_then(|(version, secret)| {
                let version = version.parse().ok().filter(|version| *version > 0)?;
                Some((VaultVersion(version), secret))
            });
            let line = number;
            let (version, secret) = read.ok_or(VaultFileError::Line {
                path: path.clone(),
                line,
            })?;
            let secret = VaultSecret::parse(secret).map_err(|source| VaultFileError::Secret {
                path,
                line,
                source,
            })?;
            secrets.insert(version, secret);
        }
        Ok(secrets)
    }

    /// The new file takes the name of the old one, whose bytes are then overwritten; on a disk that writes elsewhere (SSD, copy on
    /// write) they may stay readable for whoever has the disk itself.
    fn write(&self, secrets: &VaultSecrets) -> Result<(), VaultFileError> {
        let failed = self.failed("written");
        let mut text = Zeroizing::new(HEAD.to_owned());
        for (version, secret) in secrets {
            text.push_str(&format!("{version} "));
            text.push_str(&secret.to_text());
            text.push('\n');
        }
        let new = self.beside("new");
        let mut file = private(&new).map_err(&failed)?;
        file.set_len(0).map_err(&failed)?;
        file.write_all(text.as_bytes()).map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
        let old = OpenOptions::new().write(true).open(&self.path);
        fs::rename(&new, &self.path).map_err(&failed)?;
        sync_folder(&self.path).map_err(&failed)?;
        match old {
            Ok(old) => overwrite(old).map_err(&failed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name: OsString = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.path.with_file_name(name)
    }
}

impl VaultKeyPlace for VaultKeyFile {
    fn secrets(&self) -> Result<VaultSecrets, VaultError> {
        Ok(self.read()?)
    }

    fn change(
        &self,
        change: &mut dyn FnMut(&mut VaultSecrets) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let lock = private(&self.beside("lock")).map_err(self.failed("locked"))?;
        // Let go when it is closed.
        lock.lock().map_err(self.failed("locked"))?;
        let before = self.read()?;
        let mut after = before.clone();
        change(&mut after)?;
        if after != before {
            self.write(&after)?;
        }
        Ok(())
    }
}

/// A file to be written that only its owner reads.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn overwrite(mut file: File) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    file.rewind()?;
    file.write_all(&vec![0; length])?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    File::open(above.unwrap_or(Path::new(".")))?.sync_all()
}

fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

#[cfg(test)]
mod tests;

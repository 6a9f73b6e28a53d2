//! The ledger of erasures as a file: a line each, added to and never changed.

use sillage_domain::{
    Erased, ErasureCode, ErasureLedger, ErasureRecord, StudySalt, SubjectId, Timestamp,
};
use sillage_pseudonym::{PurposeKey, RootKey};
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the first line begins.
const HEADER: &str = "sillage-erasure-ledger 1";

/// Why a ledger can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// It can't be read or written.
    #[error("{}: the ledger of erasures can't be used", .path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line is not as it was written, or was written under another root key.
    #[error(
        "{}: line {line} of the ledger of erasures was changed, or belongs to another root key. Bring back the file as it was", .path.display()
    )]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// The database knows a ledger, and it is not there.
    #[error(
        "{}: the ledger of erasures is not there, and this database has one ({id}). Bring it back: without it nobody knows who was erased since \
         this copy of the database was made. If it is lost for good, `sillage erasures found --yes` begins another with what this database knows",
        .path.display()
    )]
    Gone {
        /// Where it should be.
        path: PathBuf,
        /// Which.
        id: String,
    },
    /// The ledger is of another database.
    #[error(
        "{}: this ledger of erasures ({ours}) is of another database than this one, which has {theirs}. Give the right one in [privacy] \
         erasure_ledger",
        .path.display()
    )]
    Other {
        /// Where it is.
        path: PathBuf,
        /// Which it is.
        ours: String,
        /// Which the database has.
        theirs: String,
    },
}

/// What stands in a ledger.
#[derive(Debug, Clone, Default)]
pub struct LedgerContent {
    /// Which ledger it is.
    pub id: String,
    /// In the order in which they were written.
    pub records: Vec<ErasureRecord>,
}

/// What was read of the file so far.
#[derive(Debug, Default)]
struct Seen {
    content: LedgerContent,
    codes: HashSet<ErasureCode>,
    /// In bytes, up to the end of a line.
    length: u64,
    lines: usize,
}

/// The ledger in a file, which several processes may write.
pub struct LedgerFile {
    path: PathBuf,
    codes: PurposeKey,
    lines: PurposeKey,
    seen: Mutex<Seen>,
}

impl std::fmt::Debug for LedgerFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LedgerFile").field(&self.path).finish()
    }
}

impl LedgerFile {
    /// The ledger of the archive of that root key in that file. Nothing is read yet.
    pub fn at(path: impl Into<PathBuf>, root: &RootKey) -> Self {
        Self {
            path: path.into(),
            codes: root.purpose_key("erasure", "", 1),
            lines: root.purpose_key("erasure-ledger", "", 1),
            seen: Mutex::default(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What stands in it; `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// [`LedgerError::File`]; [`LedgerError::Damaged`].
    pub fn read(&self) -> Result<Option<LedgerContent>, LedgerError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        file.lock_shared().map_err(|error| self.failed(error))?;
        let mut seen = self.seen();
        self.catch_up(&mut file, &mut seen)?;
        Ok(Some(seen.content.clone()))
    }

    /// Begins the file, for its owner only. Gives whether it did: `false` if there is one.
    ///
    /// # Errors
    ///
    /// [`LedgerError::File`].
    pub fn begin(&self, id: &str) -> Result<bool, LedgerError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let begin = || {
            if let Some(folder) = self.folder() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = options.open(&self.path)?;
            file.lock()?;
            writeln!(file, "{HEADER} {id} {}", self.seal(&[HEADER, id]))?;
            file.sync_all()?;
            match self.folder() {
                // A file's name is safe once its folder is.
                Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
                _ => Ok(()),
            }
        };
        match begin() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Writes down those of these that do not stand there yet; they are on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`LedgerError::File`], without a file too; [`LedgerError::Damaged`].
    pub fn add(&self, records: &[ErasureRecord]) -> Result<usize, LedgerError> {
        let failed = |error| self.failed(error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&self.path)
            .map_err(failed)?;
        // Other processes on this machine write it too.
        file.lock().map_err(failed)?;
        let mut seen = self.seen();
        self.catch_up(&mut file, &mut seen)?;
        let mut text = String::new();
        let mut added = HashSet::new();
        for record in records {
            if !seen.codes.contains(&record.code) && added.insert(record.code) {
                text.push_str(&self.line(&seen.content.id, record));
            }
        }
        if !text.is_empty() {
            // What a crash left of a line that was not answered for is written over.
            file.set_len(seen.length).map_err(failed)?;
            file.seek(SeekFrom::Start(seen.length)).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            self.catch_up(&mut file, &mut seen)?;
        }
        Ok(added.len())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // It is changed a whole line at a time.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self) -> Option<&Path> {
        let above = self.path.parent()?;
        Some(if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        })
    }

    fn failed(&self, source: io::Error) -> LedgerError {
        LedgerError::File {
            path: self.path.clone(),
            source,
        }
    }

    /// Reads what was added to the file since.
    fn catch_up(&self, file: &mut File, seen: &mut Seen) -> Result<(), LedgerError> {
        let failed = |error| self.failed(error);
        if file.metadata().map_err(failed)?.len() < seen.length {
            // It is another file by now.
            *seen = Seen::default();
        }
        file.seek(SeekFrom::Start(seen.length)).map_err(failed)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        for line in text.split_inclusive('\n') {
            let Some(line) = line.strip_suffix('\n') else {
                break;
            };
            let read = match seen.lines {
                0 => self.header(line).map(|id| seen.content.id = id),
                _ => self.record(&seen.content.id, line).map(|record| {
                    if seen.codes.insert(record.code) {
                        seen.content.records.push(record);
                    }
                }),
            };
            seen.lines += 1;
            read.ok_or_else(|| LedgerError::Damaged {
                path: self.path.clone(),
                line: seen.lines,
            })?;
            seen.length += line.len() as u64 + 1;
        }
        if seen.lines == 0 {
            return Err(LedgerError::Damaged {
                path: self.path.clone(),
                line: 1,
            });
        }
        Ok(())
    }

    fn header(&self, line: &str) -> Option<String> {
        let (id, seal) = line
            .strip_prefix(HEADER)?
            .strip_prefix(' ')?
            .split_once(' ')?;
        (self.seal(&[HEADER, id]) == seal).then(|| id.to_owned())
    }

    fn line(&self, id: &str, record: &ErasureRecord) -> String {
        let parts = [
            day(record.day),
            record.what.to_string(),
            hex(record.code.as_bytes()),
        ];
        let [day, what, code] = &parts;
        let seal = self.seal(&[id, day, what, code]);
        format!("{day} {what} {code} {seal}\n")
    }

    fn record(&self, id: &str, line: &str) -> Option<ErasureRecord> {
        let parts: Vec<&str> = line.split(' ').collect();
        let &[day, what, code, seal] = parts.as_slice() else {
            return None;
        };
        if self.seal(&[id, day, what, code]) != seal {
            return None;
        }
        let midnight: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
        let code = u128::from_str_radix(code, 16).ok()?;
        let what = Erased::from_word(what)?;
        let code = ErasureCode::new(code.to_be_bytes());
        Some(ErasureRecord::new(code, what, midnight))
    }

    /// What shows that a line was written by a server with the root key.
    fn seal(&self, parts: &[&str]) -> String {
        hex(&half(self.lines.digest("line", parts.join(" ").as_bytes())))
    }
}

impl ErasureLedger for LedgerFile {
    fn account(&self, subject: &SubjectId) -> ErasureCode {
        ErasureCode::new(half(self.codes.digest("account", subject.as_bytes())))
    }

    fn study(&self, salt: &StudySalt) -> ErasureCode {
        ErasureCode::new(half(self.codes.digest("study", salt.as_bytes())))
    }

    fn append(&self, records: &[ErasureRecord]) -> io::Result<()> {
        self.add(records).map(drop).map_err(io::Error::other)
    }
}

/// The first 128 bits.
fn half(digest: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

/// A day as people write it.
pub(super) fn day(since_1970: i32) -> String {
    let micros = i64::from(since_1970).saturating_mul(86_400_000_000);
    let midnight = Timestamp::from_micros(micros).map(|midnight| midnight.to_string());
    midnight.map_or_else(String::new, |text| text.chars().take(10).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: u8) -> ErasureRecord {
        let now = "2026-07-01T08:00:00Z".parse().unwrap();
        ErasureRecord::new(ErasureCode::new([n; 16]), Erased::Erase, now)
    }

    fn begun(dir: &tempfile::TempDir) -> LedgerFile {
        let root = RootKey::from_bytes([7; 32]);
        let file = LedgerFile::at(dir.path().join("ledger/erasures"), &root);
        assert!(file.read().unwrap().is_none());
        assert!(file.begin("one").unwrap() && !file.begin("two").unwrap());
        file
    }

    #[test]
    fn what_was_written_down_is_read_back_once_by_whoever_has_the_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = begun(&dir);
        assert_eq!(file.add(&[record(1), record(2), record(1)]).unwrap(), 2);
        // Another process on the same file.
        let other = LedgerFile::at(file.path(), &RootKey::from_bytes([7; 32]));
        assert_eq!(other.add(&[record(2), record(3)]).unwrap(), 1);
        assert_eq!(file.add(&[record(3), record(4)]).unwrap(), 1);
        let content = other.read().unwrap().unwrap();
        assert_eq!(content.id, "one");
        assert_eq!(content.records, [1, 2, 3, 4].map(record));
        let stranger = LedgerFile::at(file.path(), &RootKey::from_bytes([8; 32]));
        assert!(matches!(
            stranger.read(),
            Err(LedgerError::Damaged { line: 1, .. })
        ));
    }

    #[test]
    fn a_line_that_a_crash_cut_is_written_over_and_one_that_was_changed_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = begun(&dir);
        file.add(&[record(1)]).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        std::fs::write(file.path(), format!("{text}2026-07-01 era")).unwrap();
        assert_eq!(file.read().unwrap().unwrap().records, [record(1)]);
        file.add(&[record(2)]).unwrap();
        let whole = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(whole.lines().count(), 3);
        std::fs::write(file.path(), whole.replace("erase ", "study ")).unwrap();
        let again = LedgerFile::at(file.path(), &RootKey::from_bytes([7; 32]));
        assert!(matches!(
            again.read(),
            Err(LedgerError::Damaged { line: 2, .. })
        ));
    }

    #[test]
    fn neither_a_subject_nor_a_salt_can_be_read_from_a_code() {
        let dir = tempfile::tempdir().unwrap();
        let file = begun(&dir);
        let subject = SubjectId::new([5; 16]);
        let code = file.account(&subject);
        assert_ne!(code.as_bytes(), subject.as_bytes());
        let other = LedgerFile::at(file.path(), &RootKey::from_bytes([8; 32]));
        assert_ne!(other.account(&subject), code);
        assert_ne!(file.study(&StudySalt::new([5; 32])), code);
    }

    #[test]
    fn without_the_file_nothing_is_written_down() {
        let dir = tempfile::tempdir().unwrap();
        let file = begun(&dir);
        std::fs::remove_file(file.path()).unwrap();
        assert!(matches!(
            file.add(&[record(1)]),
            Err(LedgerError::File { .. })
        ));
    }
}

//! Ids of entries in a file, and the comparison of two such multitudes in bounded memory.

use crate::Result;
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// About how many ids are in memory at a time.
const AT_ONCE: u64 = 1 << 20;
/// How many files there are at most.
const MOST_PARTS: u64 = 256;

/// A file of ids that is being written, one a line.
pub struct Ids {
    file: BufWriter<File>,
    count: u64,
}

impl Ids {
    /// Makes the file anew.
    ///
    /// # Errors
    ///
    /// It can't be made.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self {
            file: BufWriter::new(file),
            count: 0,
        })
    }

    /// Adds an id.
    ///
    /// # Errors
    ///
    /// The disk is full, for one.
    pub fn push(&mut self, id: Uuid) -> std::io::Result<()> {
        let mut line = [b'\n'; 37];
        id.hyphenated().encode_lower(&mut line);
        self.count += 1;
        self.file.write_all(&line)
    }

    /// Writes what is left in memory; gives how many ids there are.
    ///
    /// # Errors
    ///
    /// The disk is full, for one.
    pub fn finish(mut self) -> Result<u64> {
        self.file.flush()?;
        Ok(self.count)
    }
}

/// How two multitudes of ids compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Different ids that were acknowledged.
    pub acknowledged: u64,
    /// Entries that the server gave back.
    pub stored: u64,
    /// Acknowledged, and not stored.
    pub lost: u64,
    /// Stored more than once: how many there are too many.
    pub doubled: u64,
    /// Stored, and not acknowledged: the answer was lost on its way, or the study had them before.
    pub unacknowledged: u64,
}

impl Comparison {
    /// Whether every acknowledged entry is stored once.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}

/// Two multitudes of ids on disk, spread over files by their last bytes, so that a part of both fits into memory.
pub struct Parts {
    folder: TempDir,
    count: u64,
    lines: u64,
    acknowledged: Vec<BufWriter<File>>,
    stored: Vec<BufWriter<File>>,
}

impl Parts {
    /// Reads a file of acknowledged ids.
    ///
    /// # Errors
    ///
    /// It can't be read, or a line of it is no id.
    pub fn of(path: &Path) -> Result<Self> {
        let size = std::fs::metadata(path)
            .map_err(|error| format!("{}: {error}", path.display()))?
            .len();
        let count = (size / 37 / AT_ONCE + 1).min(MOST_PARTS);
        let folder = tempfile::tempdir()?;
        let files = |name: &str| -> Result<Vec<_>> {
            (0..count)
                .map(|n| {
                    Ok(BufWriter::new(File::create(
                        folder.path().join(format!("{name}-{n}")),
                    )?))
                })
                .collect()
        };
        let mut parts = Self {
            acknowledged: files("acknowledged")?,
            stored: files("stored")?,
            count,
            lines: 0,
            folder,
        };
        for (n, line) in BufReader::new(File::open(path)?).lines().enumerate() {
            let id = Uuid::try_parse(line?.trim())
                .map_err(|error| format!("{}:{}: {error}", path.display(), n + 1))?;
            let part = parts.part(id);
            parts.acknowledged[part].write_all(id.as_bytes())?;
            parts.lines += 1;
        }
        Ok(parts)
    }

    /// How many ids were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.lines
    }

    /// Adds an id that the server gave back.
    ///
    /// # Errors
    ///
    /// The disk is full, for one.
    pub fn push_stored(&mut self, id: Uuid) -> Result<()> {
        let part = self.part(id);
        self.stored[part].write_all(id.as_bytes())?;
        Ok(())
    }

    /// Compares both.
    ///
    /// # Errors
    ///
    /// The files can't be read again.
    pub fn compare(mut self) -> Result<Comparison> {
        for file in self.acknowledged.iter_mut().chain(&mut self.stored) {
            file.flush()?;
        }
        let mut found = Comparison::default();
        for part in 0..self.count {
            let mut acknowledged = read(&self.folder.path().join(format!("acknowledged-{part}")))?;
            let mut stored = read(&self.folder.path().join(format!("stored-{part}")))?;
            acknowledged.sort_unstable();
            acknowledged.dedup();
            stored.sort_unstable();
            found.acknowledged += acknowledged.len() as u64;
            found.stored += stored.len() as u64;
            let all = stored.len();
            stored.dedup();
            found.doubled += (all - stored.len()) as u64;
            let missing = |list: &[u128], id: &u128| list.binary_search(id).is_err();
            found.lost += acknowledged
                .iter()
                .filter(|id| missing(&stored, id))
                .count() as u64;
            found.unacknowledged += stored
                .iter()
                .filter(|id| missing(&acknowledged, id))
                .count() as u64;
        }
        Ok(found)
    }

    /// The last bytes of an id are random, whatever its version.
    fn part(&self, id: Uuid) -> usize {
        (id.as_u128() as u64 % self.count) as usize
    }
}

fn read(path: &Path) -> Result<Vec<u128>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let (ids, _) = bytes.as_chunks::<16>();
    Ok(ids.iter().map(|id| u128::from_be_bytes(*id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some that were acknowledged, and what the server gives back.
    fn compared(acknowledged: &[u128], stored: &[u128]) -> Comparison {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids");
        let mut ids = Ids::create(&path).unwrap();
        for id in acknowledged {
            ids.push(Uuid::from_u128(*id)).unwrap();
        }
        assert_eq!(ids.finish().unwrap(), acknowledged.len() as u64);
        let mut parts = Parts::of(&path).unwrap();
        for id in stored {
            parts.push_stored(Uuid::from_u128(*id)).unwrap();
        }
        parts.compare().unwrap()
    }

    #[test]
    fn what_is_stored_once_each_is_whole() {
        let found = compared(&[1, 2, 3], &[3, 1, 2]);
        assert!(found.is_whole());
        assert_eq!(
            (found.acknowledged, found.stored, found.unacknowledged),
            (3, 3, 0)
        );
    }

    #[test]
    fn what_is_lost_or_doubled_is_counted() {
        let found = compared(&[1, 2, 3], &[1, 1, 1, 3, 9]);
        assert!(!found.is_whole());
        assert_eq!((found.lost, found.doubled, found.unacknowledged), (1, 2, 1));
    }

    #[test]
    fn a_line_that_is_no_id_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids");
        std::fs::write(&path, format!("{}\nno id\n", Uuid::nil())).unwrap();
        let refused = Parts::of(&path).err().unwrap().to_string();
        assert!(refused.contains("ids:2:"), "{refused}");
    }
}

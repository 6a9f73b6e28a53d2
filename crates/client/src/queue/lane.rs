//! A lane: the folder of one running game, with a lock, segments, and how far they are settled.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Held as long as this value lives; another game on the same disk takes another lane.
#[derive(Debug)]
pub(crate) struct Lane {
    folder: PathBuf,
    /// The operating system gives the lock up when the process ends, however it ends.
    lock: File,
    position: Mutex<File>,
}

/// How far a lane is settled: all segments before that one, and of it that many bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

/// A segment as it lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

impl Lane {
    /// Takes that lane, made if need be; `None` if another game has it.
    pub(crate) fn take(folder: &Path) -> io::Result<Option<Self>> {
        make_folder(folder)?;
        let lock = private(&folder.join("lock"), OpenOptions::new().write(true))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let position = private(
            &folder.join("position"),
            OpenOptions::new().read(true).write(true),
        )?;
        Ok(Some(Self {
            folder: folder.to_owned(),
            lock,
            position: Mutex::new(position),
        }))
    }

    /// Gives the lane up before this value goes away. Nothing may be written to it any more.
    pub(crate) fn release(&self) {
        // If it fails, the lane is free when this value goes away, or the process.
        let _ = self.lock.unlock();
    }

    /// Its segments, oldest first.
    pub(crate) fn segments(&self) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            let number = path.extension().filter(|end| *end == "seg").and_then(|_| {
                let stem = path.file_stem()?.to_str()?;
                stem.parse().ok()
            });
            if let Some(number) = number {
                found.push(Found { number, path });
            }
        }
        found.sort_by_key(|found| found.number);
        Ok(found)
    }

    /// Where the segment of that number lies.
    pub(crate) fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:012}.seg"))
    }

    /// How far it is settled. What can't be read counts as nothing: then entries are sent again, and the server knows them.
    pub(crate) fn position(&self) -> Position {
        let mut text = String::new();
        let mut file = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_string(&mut text));
        read.ok()
            .and_then(|_| Position::parse(text.as_bytes()))
            .unwrap_or_default()
    }

    /// Remembers how far it is settled. Not flushed to the disk: what is lost of it costs a second sending, and no entry.
    pub(crate) fn settle(&self, position: Position) -> io::Result<()> {
        let mut file = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&position.line())
    }
}

impl Position {
    /// Always of one length, so that it is written over the last one.
    fn line(self) -> Vec<u8> {
        let mut line = Vec::new();
        super::line::push(
            &mut line,
            format!("{:020} {:020}", self.segment, self.offset).as_bytes(),
        );
        line
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(super::line::lines(bytes).next()?.text?).ok()?;
        let (segment, offset) = text.split_once(' ')?;
        Some(Self {
            segment: segment.parse().ok()?,
            offset: offset.parse().ok()?,
        })
    }
}

/// Makes a folder that only its owner may enter, and those above it.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a file that only its owner may read, made if need be and never cut.
pub(crate) fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_lane_is_held_by_one_game_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lane-1");
        let first = Lane::take(&path).unwrap().unwrap();
        assert!(Lane::take(&path).unwrap().is_none());
        drop(first);
        assert!(Lane::take(&path).unwrap().is_some());
    }

    #[test]
    fn a_position_outlives_its_lane_and_a_broken_one_counts_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let lane = Lane::take(folder.path()).unwrap().unwrap();
        assert_eq!(lane.position(), Position::default());
        for (segment, offset) in [(3, 4711), (12, 0), (u64::MAX, u64::MAX)] {
            lane.settle(Position { segment, offset }).unwrap();
            assert_eq!(lane.position(), Position { segment, offset });
        }
        drop(lane);
        let lane = Lane::take(folder.path()).unwrap().unwrap();
        assert_eq!(lane.position().segment, u64::MAX);
        fs::write(folder.path().join("position"), "00000000 half").unwrap();
        assert_eq!(lane.position(), Position::default());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_player_s_own_account_reads_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/lane-1");
        let _lane = Lane::take(&path).unwrap().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("lock")), 0o600);
        assert_eq!(mode(&path.join("position")), 0o600);
    }

    proptest! {
        #[test]
        fn every_position_is_read_back(segment: u64, offset: u64) {
            let position = Position { segment, offset };
            prop_assert_eq!(Position::parse(&position.line()), Some(position));
        }
    }
}

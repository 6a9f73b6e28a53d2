//! Entries that wait: on the disk, or in memory where there is no folder or the disk takes no more.
//!
//! One thread appends ([`Appender`]), another takes from the front and settles; each touches files without holding the lock.

mod appender;
mod batch;
mod lane;
mod line;

pub(crate) use appender::{Appender, NotWritten};
pub(crate) use batch::Batch;
pub(crate) use lane::{make_folder, private};

use crate::settings::Limits;
use lane::{Lane, Position};
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Games at the same time on one disk and account; more are an error of the folder.
const LANES: u32 = 256;

/// The entries that wait.
#[derive(Debug)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    limits: Limits,
}

#[derive(Debug, Default)]
struct Inner {
    /// The oldest first; the last may be open.
    segments: VecDeque<Segment>,
    /// Bytes that are not settled, of all segments.
    disk_bytes: u64,
    memory: VecDeque<Vec<u8>>,
    memory_bytes: u64,
    /// Entries that were taken out of memory, and are neither settled nor given back.
    in_hand: u64,
    /// Entries that were written and can't be read any more, not yet told.
    lost: u64,
}

#[derive(Debug)]
struct Segment {
    lane: Arc<Lane>,
    number: u64,
    path: PathBuf,
    /// Where what is not settled begins.
    at: u64,
    /// Where what was written whole ends.
    end: u64,
    /// Entries between the two.
    entries: u64,
    /// Whether more will be written to it.
    open: bool,
}

/// What was found on the disk at the start.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// Entries of earlier runs that wait.
    pub(crate) entries: u64,
    /// Lines that can't be read.
    pub(crate) damaged: u64,
}

impl Queue {
    /// In memory only.
    pub(crate) fn in_memory(limits: Limits) -> Self {
        Self {
            inner: Mutex::default(),
            limits,
        }
    }

    /// In a folder, with what earlier runs left there and no other game holds. With it, what appends.
    pub(crate) fn open(folder: &Path, limits: Limits) -> io::Result<(Self, Appender, Left)> {
        let mut own: Option<Arc<Lane>> = None;
        let (mut inner, mut left) = (Inner::default(), Left::default());
        for n in 1..=LANES {
            let path = folder.join(format!("lane-{n}"));
            // Those behind the first that does not exist were never made.
            if own.is_some() && !path.exists() {
                break;
            }
            let Some(lane) = Lane::take(&path)? else {
                continue;
            };
            let lane = Arc::new(lane);
            // A lane in which nothing waits is given back at once.
            own.get_or_insert_with(|| Arc::clone(&lane));
            inner.adopt(&lane, &mut left)?;
        }
        let own = own.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::WouldBlock,
                format!("{LANES} games use it at the same time"),
            )
        })?;
        let queue = Self {
            inner: Mutex::new(inner),
            limits,
        };
        let appender = Appender::new(own)?;
        Ok((queue, appender, left))
    }

    /// Leaves what waits to the next game, be it in this process, while somebody still holds this value. Nothing may be taken or appended
    /// any more.
    pub(crate) fn release(&self) {
        for segment in &self.lock().segments {
            segment.lane.release();
        }
    }

    /// How many entries wait.
    pub(crate) fn waiting(&self) -> u64 {
        let inner = self.lock();
        let on_disk: u64 = inner.segments.iter().map(|segment| segment.entries).sum();
        on_disk + inner.memory.len() as u64 + inner.in_hand
    }

    /// At most that many entries and, unless one alone has more, that many bytes. Those in memory are taken out: give them back.
    pub(crate) fn front(&self, entries: usize, bytes: usize) -> Option<Batch> {
        loop {
            let (path, at, end) = {
                let mut inner = self.lock();
                inner.drop_settled();
                match inner
                    .segments
                    .iter()
                    .find(|segment| segment.at < segment.end)
                {
                    Some(segment) => (segment.path.clone(), segment.at, segment.end),
                    None => return inner.oldest_in_memory(entries, bytes),
                }
            };
            match batch::read(&path, at, end, entries, bytes) {
                Ok(batch) if !batch.entries.is_empty() => return Some(batch),
                // Nothing but damage, which was told when the queue was opened.
                Ok(batch) => self.advance(batch.end().unwrap_or(end), 0),
                // It is left where it lies, for another run.
                Err(_) => self.advance(end, 0),
            }
        }
    }

    /// How many entries were found to be unreadable since the last time.
    pub(crate) fn take_lost(&self) -> u64 {
        std::mem::take(&mut self.lock().lost)
    }

    /// Takes those entries of a batch out for good. What stands before them was settled already.
    pub(crate) fn settle(&self, batch: &Batch, entries: Range<usize>) {
        let count = entries.len() as u64;
        match (&batch.ends, entries.end.checked_sub(1)) {
            (Some(ends), Some(last)) => self.advance(ends.get(last).copied().unwrap_or(0), count),
            _ => self.lock().in_hand -= count,
        }
    }

    /// Puts those that were in memory and are not settled back.
    pub(crate) fn give_back(&self, batch: Batch, settled: usize) {
        if batch.ends.is_none() {
            let mut inner = self.lock();
            for entry in batch.entries.into_iter().skip(settled).rev() {
                inner.in_hand -= 1;
                inner.memory_bytes += entry.len() as u64;
                inner.memory.push_front(entry);
            }
        }
    }

    /// Throws everything away; gives how many entries.
    pub(crate) fn discard(&self) -> u64 {
        let mut inner = self.lock();
        let mut count = inner.memory.len() as u64;
        inner.memory.clear();
        inner.memory_bytes = 0;
        for segment in &mut inner.segments {
            count += segment.entries;
            segment.entries = 0;
            segment.at = segment.end;
        }
        inner.disk_bytes = 0;
        if let Some(last) = inner.segments.back() {
            // What can't be remembered is sent after all.
            let _ = last.remember();
        }
        inner.drop_settled();
        count
    }

    /// Takes that many entries out of memory.
    pub(crate) fn take_memory(&self, entries: usize) -> Option<Batch> {
        self.lock().oldest_in_memory(entries, usize::MAX)
    }

    /// Keeps that entry in memory, if there is room.
    pub(crate) fn keep_in_memory(&self, entry: Vec<u8>) -> bool {
        let mut inner = self.lock();
        let bytes = inner.memory_bytes + entry.len() as u64;
        let room = bytes <= self.limits.memory_bytes;
        if room {
            inner.memory_bytes = bytes;
            inner.memory.push_back(entry);
        }
        room
    }

    fn advance(&self, to: u64, entries: u64) {
        let mut inner = self.lock();
        let Some(segment) = inner.segments.iter_mut().find(|s| s.at < s.end) else {
            return;
        };
        let done = to.clamp(segment.at, segment.end) - segment.at;
        segment.at += done;
        segment.entries = segment.entries.saturating_sub(entries);
        let at_end = segment.at == segment.end;
        let lost = if at_end {
            std::mem::take(&mut segment.entries)
        } else {
            0
        };
        // What can't be remembered is sent again after a crash, and known.
        let _ = segment.remember();
        inner.disk_bytes = inner.disk_bytes.saturating_sub(done);
        inner.lost += lost;
        inner.drop_settled();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Takes over what a lane holds.
    fn adopt(&mut self, lane: &Arc<Lane>, left: &mut Left) -> io::Result<()> {
        let position = lane.position();
        for found in lane.segments()? {
            let at = match found.number.cmp(&position.segment) {
                std::cmp::Ordering::Less => u64::MAX,
                std::cmp::Ordering::Equal => position.offset,
                std::cmp::Ordering::Greater => 0,
            };
            let bytes = fs::read(&found.path)?;
            let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..));
            let rest = rest.unwrap_or_default();
            let (mut entries, mut damaged) = (0, 0);
            for line in line::lines(rest) {
                match line.text {
                    Some(_) => entries += 1,
                    None => damaged += 1,
                }
            }
            left.entries += entries;
            left.damaged += damaged;
            if entries == 0 {
                fs::remove_file(&found.path)?;
                continue;
            }
            self.disk_bytes += rest.len() as u64;
            self.segments.push_back(Segment {
                lane: Arc::clone(lane),
                number: found.number,
                path: found.path,
                at: bytes.len() as u64 - rest.len() as u64,
                end: bytes.len() as u64,
                entries,
                open: false,
            });
        }
        Ok(())
    }

    /// Removes files of which everything is settled. The lane of another run is given back with its last one.
    fn drop_settled(&mut self) {
        self.segments.retain(|segment| {
            let settled = segment.at >= segment.end && !segment.open;
            if settled {
                // The position says that it is settled, should it stay.
                let _ = fs::remove_file(&segment.path);
            }
            !settled
        });
    }

    fn oldest_in_memory(&mut self, entries: usize, bytes: usize) -> Option<Batch> {
        let (mut taken, mut size) = (Vec::new(), 0);
        while let Some(next) = self.memory.front() {
            if taken.len() == entries || (!taken.is_empty() && size + next.len() > bytes) {
                break;
            }
            size += next.len();
            self.memory_bytes -= next.len() as u64;
            taken.extend(self.memory.pop_front());
        }
        self.in_hand += taken.len() as u64;
        (!taken.is_empty()).then_some(Batch {
            entries: taken,
            ends: None,
        })
    }
}

impl Segment {
    fn remember(&self) -> io::Result<()> {
        self.lane.settle(Position {
            segment: self.number,
            offset: self.at,
        })
    }
}

#[cfg(test)]
mod tests;

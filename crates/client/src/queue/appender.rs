//! Writes to the last segment.

use super::lane::Lane;
use super::{Queue, Segment, line, private};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::Arc;

/// Appends to the segments of one lane. There is one for each queue.
#[derive(Debug)]
pub(crate) struct Appender {
    lane: Arc<Lane>,
    next: u64,
    file: Option<File>,
    written: u64,
    unflushed: bool,
}

/// Entries could not be written.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// The queue on the disk is as large as it may be.
    Bound,
    /// The disk is full, say.
    Disk(io::Error),
}

impl Appender {
    pub(super) fn new(lane: Arc<Lane>) -> io::Result<Self> {
        let last = lane.segments()?.last().map_or(0, |found| found.number);
        let next = last.max(lane.position().segment) + 1;
        Ok(Self {
            lane,
            next,
            file: None,
            written: 0,
            unflushed: false,
        })
    }

    /// Writes all of these entries, or none.
    pub(crate) fn append(&mut self, queue: &Queue, entries: &[Vec<u8>]) -> Result<(), NotWritten> {
        let mut lines = Vec::new();
        for entry in entries {
            line::push(&mut lines, entry);
        }
        if queue.lock().disk_bytes + lines.len() as u64 > queue.limits.disk_bytes {
            return Err(NotWritten::Bound);
        }
        self.write(queue, &lines).map_err(NotWritten::Disk)?;
        let mut inner = queue.lock();
        inner.disk_bytes += lines.len() as u64;
        if let Some(open) = inner.segments.iter_mut().find(|segment| segment.open) {
            open.end = self.written;
            open.entries += entries.len() as u64;
        }
        drop(inner);
        if self.written >= queue.limits.segment_bytes {
            self.close(queue);
        }
        Ok(())
    }

    fn write(&mut self, queue: &Queue, lines: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let path = self.lane.path(self.next);
                let file = private(&path, OpenOptions::new().append(true))?;
                self.written = 0;
                queue.lock().segments.push_back(Segment {
                    lane: Arc::clone(&self.lane),
                    number: self.next,
                    path,
                    at: 0,
                    end: 0,
                    entries: 0,
                    open: true,
                });
                self.next += 1;
                self.file.insert(file)
            }
        };
        match file.write_all(lines) {
            Ok(()) => {
                self.written += lines.len() as u64;
                self.unflushed = true;
                Ok(())
            }
            Err(error) => {
                // Half a line would damage the next: it is cut off, or the next goes to another file.
                if file.set_len(self.written).is_err() {
                    self.close(queue);
                }
                Err(error)
            }
        }
    }

    /// Flushes to the disk what was written since the last time.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if let Some(file) = self.file.as_ref().filter(|_| self.unflushed) {
            file.sync_data()?;
        }
        self.unflushed = false;
        Ok(())
    }

    /// Writes no more to the last segment.
    pub(crate) fn close(&mut self, queue: &Queue) {
        // It was written whole; if it can't be flushed, the system writes it in its time.
        let _ = self.flush();
        self.file = None;
        let mut inner = queue.lock();
        for segment in &mut inner.segments {
            segment.open = false;
        }
        inner.drop_settled();
    }
}

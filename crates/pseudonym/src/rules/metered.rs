//! An input that is watched while it is read.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::lines::MAX_ROW;

/// The input without a byte order mark at its beginning.
pub(super) fn without_mark(mut input: impl Read) -> io::Result<impl Read> {
    let mut first = [0; 3];
    let mut filled = 0;
    while filled < first.len() {
        match input.read(&mut first[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let kept = if first == *b"\xef\xbb\xbf" { 0 } else { filled };
    Ok(io::Cursor::new(first).take(kept as u64).chain(input))
}

/// A row is longer than the limit.
#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
pub(super) struct TooLong;

/// What has been read of a file.
#[derive(Default)]
pub(super) struct Meter {
    read: Cell<u64>,
    /// The byte on which the row begins that is being read.
    pub(super) row_start: Cell<u64>,
    /// Whether there was an odd number of quotation marks.
    pub(super) odd_quotes: Cell<bool>,
    pub(super) at_end: Cell<bool>,
}

/// Stops before a row without an end fills the memory.
pub(super) struct Metered<R> {
    pub(super) input: R,
    pub(super) meter: Rc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let meter = &self.meter;
        if meter.read.get() - meter.row_start.get() > MAX_ROW as u64 {
            return Err(io::Error::other(TooLong));
        }
        let read = self.input.read(buffer)?;
        let quotes = memchr::memchr_iter(b'"', &buffer[..read]).count();
        meter
            .odd_quotes
            .set(meter.odd_quotes.get() ^ (quotes % 2 == 1));
        meter.read.set(meter.read.get() + read as u64);
        meter.at_end.set(read == 0 && !buffer.is_empty());
        Ok(read)
    }
}

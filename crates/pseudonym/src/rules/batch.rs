//! Rows of a file in batches: while rules are applied to one, the next is read and the one before is written.

use std::io::Write;
use std::sync::mpsc::sync_channel;
use std::{io, thread};

use csv::StringRecord;

use super::StreamError;
use super::written::Rows;

/// How many batches there are, so that memory does not grow with the file.
const BATCHES: usize = 8;
/// How many rows a batch has at most.
const ROWS: usize = 512;
/// With how many bytes a batch is full, in fewer rows than that.
const BYTES: usize = 1 << 16;

/// Rows that are read, and what becomes of them.
pub(super) struct Batch {
    records: Vec<StringRecord>,
    /// How many of the records are of this batch.
    read: usize,
    /// What is to be written of them.
    pub(super) made: Rows,
    /// Why nothing follows these rows: the rest can't be read, or one of them not be dealt with.
    failure: Option<StreamError>,
    is_last: bool,
}

impl Batch {
    fn new(delimiter: u8) -> Self {
        Self {
            records: Vec::new(),
            read: 0,
            made: Rows::new(delimiter),
            failure: None,
            is_last: false,
        }
    }

    /// Reads as many rows as it takes.
    fn fill(&mut self, next: &mut impl FnMut(&mut StringRecord) -> Result<bool, StreamError>) {
        self.read = 0;
        let mut bytes = 0;
        while self.read < ROWS && bytes < BYTES {
            if self.records.len() == self.read {
                self.records.push(StringRecord::new());
            }
            let record = &mut self.records[self.read];
            match next(record) {
                Ok(true) => {
                    bytes += record.as_slice().len();
                    self.read += 1;
                }
                Ok(false) => {
                    self.is_last = true;
                    return;
                }
                Err(error) => {
                    self.failure = Some(error);
                    self.is_last = true;
                    return;
                }
            }
        }
    }

    /// Deals with every row, up to one that can't be dealt with.
    fn make(&mut self, row: &mut impl FnMut(&StringRecord, &mut Rows) -> Result<(), StreamError>) {
        self.made.clear();
        for record in &self.records[..self.read] {
            if let Err(error) = row(record, &mut self.made) {
                // It comes before whatever could not be read.
                self.failure = Some(error);
                return;
            }
        }
    }

    fn write(&mut self, output: &mut impl Write) -> Result<(), StreamError> {
        output
            .write_all(self.made.ended())
            .map_err(StreamError::Write)?;
        match self.failure.take() {
            Some(error) => {
                output.flush().map_err(StreamError::Write)?;
                Err(error)
            }
            None => Ok(()),
        }
    }
}

/// Reads rows with `next`, which says whether there was one, has `row` deal with each of them in their order, in a thread of its own, and writes what it made.
///
/// Errors: the first in the order of the file; what was made before it is written.
pub(super) fn run(
    delimiter: u8,
    mut next: impl FnMut(&mut StringRecord) -> Result<bool, StreamError>,
    mut row: impl FnMut(&StringRecord, &mut Rows) -> Result<(), StreamError> + Send,
    mut output: impl Write,
) -> Result<(), StreamError> {
    // Neither end ever waits for room: there are no more batches.
    let (to_rules, read) = sync_channel::<Batch>(BATCHES);
    let (from_rules, made) = sync_channel::<Batch>(BATCHES);
    thread::scope(|scope| {
        let rules = move || {
            for mut batch in read {
                batch.make(&mut row);
                if from_rules.send(batch).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("rules".to_owned());
        thread
            .spawn_scoped(scope, rules)
            .map_err(StreamError::Read)?;
        // It only ends by itself if it panics, which is passed on where the scope ends.
        let gone = || StreamError::Read(io::Error::other("the thread of the rules is gone"));
        let mut free: Vec<_> = (0..BATCHES).map(|_| Batch::new(delimiter)).collect();
        loop {
            let mut batch = match free.pop() {
                Some(batch) => batch,
                None => made.recv().map_err(|_| gone())?,
            };
            batch.write(&mut output)?;
            batch.fill(&mut next);
            let is_last = batch.is_last;
            to_rules.send(batch).map_err(|_| gone())?;
            if is_last {
                break;
            }
        }
        drop(to_rules);
        for mut batch in made {
            batch.write(&mut output)?;
        }
        output.flush().map_err(StreamError::Write)
    })
}

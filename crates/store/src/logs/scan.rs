//! Every entry of a study, one after the other.

use super::keys::{Keys, Studies};
use super::persons::Met;
use crate::database::Database;
use crate::error::Error;
use sillage_domain::{LogFilter, LogOrder, StoredEntry, StudyId};
use std::ops::ControlFlow;

/// Rows of one statement. Each is read to its end before the first entry is given away: who takes them may be slow, and an open statement
/// keeps SQLite's log from being reset, and MariaDB from sending.
const CHUNK_ROWS: usize = 1024;
/// Bytes of payload after which a chunk ends.
const CHUNK_BYTES: usize = 1 << 20;

pub(super) fn scan(
    db: &Database,
    study: StudyId,
    filter: &LogFilter,
    each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
) -> Result<(), Error> {
    let end = super::last_shown(db)?;
    let met = Met::of(&mut *db.reader()?, study, filter.purpose)?;
    let mut from = 0;
    let mut chunk: Vec<StoredEntry> = Vec::with_capacity(CHUNK_ROWS);
    loop {
        let keys = Keys {
            study: Studies::One(study.0),
            filter,
            // Read once for all chunks.
            persons: None,
            order: LogOrder::Received,
            from: Some(from),
            to: Some(end),
            by_number: true,
            offset: 0,
            limit: CHUNK_ROWS as i64,
        };
        let mut bytes = 0;
        let mut full = false;
        // Given back between two chunks: who takes their time over this file keeps nobody else from reading.
        keys.entries(&mut *db.reader()?, |entry| {
            bytes += entry
                .payload
                .as_ref()
                .map_or(0, |payload| payload.as_str().len());
            chunk.push(entry);
            full = chunk.len() == CHUNK_ROWS || bytes >= CHUNK_BYTES;
            if full {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if let Some(last) = chunk.last() {
            from = last.number.0 + 1;
        }
        for entry in chunk.drain(..).filter(|entry| met.has(entry)) {
            if each(entry).is_break() {
                return Ok(());
            }
        }
        if !full {
            return Ok(());
        }
    }
}

//! CSV with one column for each part of an entry.

use crate::chunks::Chunks;
use crate::row::{Row, begin, has_amendments, has_disputes, scan};
use crate::{Export, ExportError, Profile};
use sillage_domain::{Payload, StoredEntry};
use std::ops::ControlFlow;

/// The columns, in order. Those that an entry may lack are empty then: `session`, `sequence`, `sent_at`, `payload`, and of what
/// was deleted `timestamp` and `action`.
pub const COLUMNS: [&str; 11] = [
    "number",
    "id",
    "participant",
    "session",
    "sequence",
    "timestamp",
    "action",
    "status",
    "received_at",
    "sent_at",
    "payload",
];

/// How often the entry was amended, 0 where it is as it was sent: a last column, where any entry of the study was amended.
pub const REVISION: &str = "revision";

/// Whether whose entry it is disputes it, `true` or `false`: a last column, where any entry of the study is disputed.
pub const DISPUTED: &str = "disputed";

const WHOSE: &str = "participant";

/// The header of a file of entries that says of none whose it is: [`COLUMNS`] without the pseudonym.
pub fn own_columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().filter(|name| *name != WHOSE)
}

/// `whose`: with the pseudonym.
pub(crate) fn write(
    export: &Export<'_>,
    profile: Profile,
    whose: bool,
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    let revised = has_amendments(export)?;
    let marked = has_disputes(export)?;
    let last = revised.then_some(REVISION);
    let last = last.into_iter().chain(marked.then_some(DISPUTED));
    let columns = COLUMNS.into_iter().filter(|name| whose || *name != WHOSE);
    let mut csv = begin(out, profile, columns.chain(last))?;
    let mut row = Row::new(profile);
    let mut entries = 0;
    scan(export, |entry| {
        fill(&mut row, entry, whose);
        if revised {
            row.shown(entry.revision);
        }
        if marked {
            row.shown(entry.disputed);
        }
        csv.write_byte_record(row.record())?;
        entries += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    csv.flush().map_err(ExportError::Write)?;
    Ok(entries)
}

fn fill(row: &mut Row, entry: &StoredEntry, whose: bool) {
    row.clear();
    row.integer(Some(entry.number.0));
    row.id(entry.id);
    if whose {
        row.shown(entry.pseudonym);
    }
    row.optional_text(entry.session.as_ref().map(|s| s.as_str()));
    row.integer(entry.sequence.map(|s| s.get()));
    let happened = entry.happened();
    row.time(happened.map(|(at, _)| at));
    row.optional_text(happened.map(|(_, action)| action.as_str()));
    row.plain(entry.status.as_str());
    row.time(Some(entry.received_at));
    row.time(entry.sent_at);
    row.plain(entry.payload.as_ref().map_or("", Payload::as_str));
}

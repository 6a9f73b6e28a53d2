//! CSV with one column for each member of the payloads.

use crate::chunks::Chunks;
use crate::members::each_member;
use crate::row::{Row, begin, scan};
use crate::{Export, ExportError, Profile};
use serde_json::value::RawValue;
use sillage_domain::{EntryStatus, LogNumber, ParticipantNumber, Pseudonym, StoredEntry};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// How many members of payloads get a column of their own.
pub const MAX_COLUMNS: usize = 1000;
/// How long the name of such a member may be, in bytes.
pub const MAX_COLUMN_NAME: usize = 256;
/// The column of the members that have none of their own.
pub const REST: &str = "payload";

/// The columns that every row has.
const FIRST: [&str; 6] = ["id", "userID", "session", "sequence", "timestamp", "action"];

pub(crate) fn write(
    export: &Export<'_>,
    profile: Profile,
    number_of: &dyn Fn(Pseudonym) -> Option<ParticipantNumber>,
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    let columns = Columns::read(export)?;
    let mut csv = begin(out, profile, columns.header().iter().map(String::as_str))?;
    let mut row = Row::new(profile);
    let mut cells = Cells::new(&columns);
    let mut entries = 0;
    scan(export, |entry| {
        if columns.last.is_none_or(|last| entry.number > last) {
            return Ok(ControlFlow::Break(()));
        }
        if entry.status == EntryStatus::Accepted {
            fill(&mut row, entry, number_of(entry.pseudonym));
            cells.fill(entry, &columns);
            cells.put(&mut row);
            csv.write_byte_record(row.record())?;
            entries += 1;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    csv.flush().map_err(ExportError::Write)?;
    Ok(entries)
}

fn fill(row: &mut Row, entry: &StoredEntry, participant: Option<ParticipantNumber>) {
    row.clear();
    row.integer(Some(entry.number.0));
    row.integer(participant.map(|n| n.0));
    row.optional_text(entry.session.as_ref().map(|s| s.as_str()));
    row.integer(entry.sequence.map(|s| s.get()));
    row.time(Some(entry.occurred_at));
    row.text(entry.action.as_str());
}

/// Which member stands in which column.
#[derive(Default)]
struct Columns {
    /// Counted from 0, after the first ones.
    places: HashMap<Box<str>, usize>,
    names: Vec<Box<str>>,
    with_rest: bool,
    /// The last entry that was looked at.
    last: Option<LogNumber>,
}

impl Columns {
    fn read(export: &Export<'_>) -> Result<Self, ExportError> {
        let mut columns = Self::default();
        scan(export, |entry| {
            columns.last = Some(entry.number);
            if let (EntryStatus::Accepted, Some(payload)) = (entry.status, &entry.payload) {
                each_member(payload.as_str(), |name, _| columns.add(&name));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(columns)
    }

    fn add(&mut self, name: &str) {
        if self.places.contains_key(name) {
            return;
        }
        if self.names.len() == MAX_COLUMNS || name.len() > MAX_COLUMN_NAME {
            self.with_rest = true;
        } else {
            self.places.insert(name.into(), self.names.len());
            self.names.push(name.into());
        }
    }

    /// The names of all columns, each another.
    fn header(&self) -> Vec<String> {
        let mut header: Vec<String> = FIRST.iter().map(|&name| name.to_owned()).collect();
        let mut taken: HashSet<String> = header.iter().cloned().collect();
        taken.extend(self.with_rest.then(|| REST.to_owned()));
        for name in &self.names {
            let mut name = name.to_string();
            while !taken.insert(name.clone()) {
                name.insert_str(0, "payload.");
            }
            header.push(name);
        }
        header.extend(self.with_rest.then(|| REST.to_owned()));
        header
    }
}

/// The values of one row, in memory that is used again.
struct Cells {
    values: Vec<Cell>,
    /// The members without a column, as the inside of a JSON object.
    rest: Option<String>,
}

#[derive(Default)]
struct Cell {
    value: String,
    is_text: bool,
}

impl Cells {
    fn new(columns: &Columns) -> Self {
        let values = columns.names.iter().map(|_| Cell::default()).collect();
        Self {
            values,
            rest: columns.with_rest.then(String::new),
        }
    }

    fn fill(&mut self, entry: &StoredEntry, columns: &Columns) {
        for cell in &mut self.values {
            cell.value.clear();
        }
        if let Some(rest) = &mut self.rest {
            rest.clear();
        }
        let Some(payload) = &entry.payload else {
            return;
        };
        each_member(payload.as_str(), |name, value| {
            match columns.places.get(&*name) {
                Some(&place) => self.values[place].set(value),
                None => self.keep_apart(&name, value),
            }
        });
    }

    fn keep_apart(&mut self, name: &str, value: &RawValue) {
        if let Some(rest) = &mut self.rest {
            rest.push(if rest.is_empty() { '{' } else { ',' });
            // A text always has a JSON form.
            rest.push_str(&serde_json::to_string(name).unwrap_or_default());
            rest.push(':');
            rest.push_str(value.get());
        }
    }

    fn put(&mut self, row: &mut Row) {
        for cell in &self.values {
            match cell.is_text {
                true => row.text(&cell.value),
                false => row.plain(&cell.value),
            }
        }
        if let Some(rest) = &mut self.rest {
            if !rest.is_empty() {
                rest.push('}');
            }
            row.plain(rest);
        }
    }
}

impl Cell {
    /// A text without its quotes and escapes, nothing for `null`, all else as it was sent.
    fn set(&mut self, value: &RawValue) {
        let json = value.get();
        self.is_text = json.starts_with('"');
        if self.is_text {
            // What is no text to Rust (half a surrogate pair, which intake keeps out) stays as it was sent.
            let text =
                serde_json::from_str::<Text<'_>>(json).map_or(Cow::Borrowed(json), |text| text.0);
            self.value.push_str(&text);
        } else if json != "null" {
            self.value.push_str(json);
        }
    }
}

#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

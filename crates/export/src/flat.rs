//! CSV with one column for each member of the payloads.

use crate::chunks::Chunks;
use crate::row::{Row, begin, scan};
use crate::{Export, ExportError, Profile};
use serde_json::value::RawValue;
use sillage_domain::codebook::{Codebook, Part};
use sillage_domain::each_member;
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

/// What is called so where no codebook says otherwise.
const PARTICIPANT: &str = "userID";

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Slot {
    Number,
    Participant,
    Session,
    Sequence,
    Timestamp,
    SentAt,
    Action,
    /// A member of the payload that has a column, counted from 0.
    Payload(usize),
    /// The other members of the payload.
    Rest,
}

/// The columns of the entry itself, in the order that they have without a codebook.
const FIRST: [(&str, Slot); 6] = [
    ("id", Slot::Number),
    (PARTICIPANT, Slot::Participant),
    ("session", Slot::Session),
    ("sequence", Slot::Sequence),
    ("timestamp", Slot::Timestamp),
    ("action", Slot::Action),
];

pub(crate) fn write(
    export: &Export<'_>,
    profile: Profile,
    number_of: &dyn Fn(Pseudonym) -> Option<ParticipantNumber>,
    codebook: Option<&Codebook>,
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    let columns = Columns::read(export, codebook)?;
    let header = columns.header(codebook);
    let mut csv = begin(out, profile, header.iter().map(|(name, _)| name.as_str()))?;
    let mut row = Row::new(profile);
    let mut cells = Cells::new(&columns);
    let mut entries = 0;
    scan(export, |entry| {
        if columns.last.is_none_or(|last| entry.number > last) {
            return Ok(ControlFlow::Break(()));
        }
        if entry.status == EntryStatus::Accepted {
            row.clear();
            cells.fill(entry, &columns);
            for (_, slot) in &header {
                match slot {
                    Slot::Number => row.integer(Some(entry.number.0)),
                    Slot::Participant => row.integer(number_of(entry.pseudonym).map(|n| n.0)),
                    Slot::Session => {
                        row.optional_text(entry.session.as_ref().map(|s| s.as_str()));
                    }
                    Slot::Sequence => row.integer(entry.sequence.map(|s| s.get())),
                    Slot::Timestamp => row.time(Some(entry.occurred_at)),
                    Slot::SentAt => row.time(entry.sent_at),
                    Slot::Action => row.text(entry.action.as_str()),
                    Slot::Payload(place) => cells.put(*place, &mut row),
                    Slot::Rest => cells.put_rest(&mut row),
                }
            }
            csv.write_byte_record(row.record())?;
            entries += 1;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    csv.flush().map_err(ExportError::Write)?;
    Ok(entries)
}

/// The part of the entry itself that a member of that name plays.
fn part_of(name: &str, codebook: &Codebook) -> Option<Part> {
    let roles = codebook.roles();
    // A game that calls a part otherwise may use the entry's own name for something else, which is not taken from it then.
    roles.part_of(name).or_else(|| Part::from_word(name))
}

/// Which member stands in which column.
#[derive(Default)]
struct Columns {
    /// Counted from 0, after those of the entry itself.
    places: HashMap<Box<str>, usize>,
    names: Vec<Box<str>>,
    with_rest: bool,
    with_session: bool,
    with_sequence: bool,
    /// The last entry that was looked at.
    last: Option<LogNumber>,
}

impl Columns {
    /// Those of the codebook, in its order, and those that stand in some payload.
    fn read(export: &Export<'_>, codebook: Option<&Codebook>) -> Result<Self, ExportError> {
        let mut columns = Self::default();
        if let Some(codebook) = codebook {
            let names = codebook.columns();
            let of_payload = names
                .iter()
                .filter(|name| part_of(name, codebook).is_none());
            of_payload.for_each(|name| columns.add(name));
        }
        scan(export, |entry| {
            columns.last = Some(entry.number);
            columns.with_session |= entry.session.is_some();
            columns.with_sequence |= entry.sequence.is_some();
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

    /// The names of all columns, each another, and what stands in each.
    fn header(&self, codebook: Option<&Codebook>) -> Vec<(String, Slot)> {
        let mut header = match codebook {
            None => FIRST
                .iter()
                .map(|&(name, slot)| (name.to_owned(), slot))
                .collect(),
            Some(codebook) => self.of_codebook(codebook),
        };
        let placed: HashSet<Slot> = header.iter().map(|(_, slot)| *slot).collect();
        let mut taken: HashSet<String> = header.iter().map(|(name, _)| name.clone()).collect();
        taken.extend(self.with_rest.then(|| REST.to_owned()));
        for (place, name) in self.names.iter().enumerate() {
            if placed.contains(&Slot::Payload(place)) {
                continue;
            }
            let mut name = name.to_string();
            while !taken.insert(name.clone()) {
                name.insert_str(0, "payload.");
            }
            header.push((name, Slot::Payload(place)));
        }
        header.extend(self.with_rest.then(|| (REST.to_owned(), Slot::Rest)));
        header
    }

    /// The columns of a codebook, under the names that the game has: its fields in its order, and before them those of the entry
    /// itself that it does not list.
    fn of_codebook(&self, codebook: &Codebook) -> Vec<(String, Slot)> {
        let slot_of = |name: &str| match part_of(name, codebook) {
            None => self.places.get(name).map(|&place| Slot::Payload(place)),
            Some(Part::Participant) => Some(Slot::Participant),
            Some(Part::Action) => Some(Slot::Action),
            Some(Part::Timestamp) => Some(Slot::Timestamp),
            Some(Part::Sequence) => Some(Slot::Sequence),
            Some(Part::Session) => Some(Slot::Session),
            Some(Part::SentAt) => Some(Slot::SentAt),
            // The id of a row is its number.
            Some(_) => None,
        };
        let names = codebook.columns();
        let listed: Vec<_> = names
            .iter()
            .filter(|name| **name != "id")
            .filter_map(|name| Some(((*name).to_owned(), slot_of(name)?)))
            .collect();
        let role = |part: Part, own: &str| {
            let member = codebook.roles().member(part);
            member.unwrap_or(own).to_owned()
        };
        let mut header = Vec::with_capacity(FIRST.len() + listed.len());
        for (own, slot) in FIRST {
            let name = match slot {
                Slot::Participant => role(Part::Participant, own),
                Slot::Session if !self.with_session => continue,
                Slot::Session => role(Part::Session, own),
                Slot::Sequence if !self.with_sequence => continue,
                Slot::Sequence => role(Part::Sequence, own),
                Slot::Timestamp => role(Part::Timestamp, own),
                Slot::Action => role(Part::Action, own),
                _ => own.to_owned(),
            };
            if listed.iter().all(|(_, listed)| *listed != slot) {
                header.push((name, slot));
            }
        }
        header.extend(listed);
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

    fn put(&self, place: usize, row: &mut Row) {
        let cell = &self.values[place];
        match cell.is_text {
            true => row.text(&cell.value),
            false => row.plain(&cell.value),
        }
    }

    fn put_rest(&mut self, row: &mut Row) {
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

//! CSV with one typed column for each field of a codebook.

use crate::chunks::Chunks;
use crate::deidentified::may_be_shown;
use crate::long::DISPUTED;
use crate::row::{Row, begin, scan};
use crate::{Export, ExportError, Profile, View};
use sillage_domain::codebook::{
    ANY_ACTION, Codebook, Column, Field, FieldType, Number, Scalar, nfc,
};
use sillage_domain::each_member;
use sillage_domain::{ActionName, EntryStatus, StoredEntry, Timestamp};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::ControlFlow;

/// The columns that every wide table begins with.
pub const ENVELOPE: [&str; 10] = [
    "number",
    "id",
    "participant",
    "session",
    "sequence",
    "timestamp",
    "action",
    "received_at",
    "sent_at",
    DISPUTED,
];

/// The column of members that the codebook does not have, as a JSON object.
pub const UNDECLARED: &str = "undeclared";

/// The columns of a wide table, and where the fields of each action go.
pub struct WideTable {
    columns: Vec<(Box<str>, Column)>,
    common: Places,
    actions: HashMap<Box<str>, Places>,
    with_undeclared: bool,
    headers: Vec<String>,
}

type Places = HashMap<Box<str>, Place>;

/// Where a field goes, and how its values are written.
struct Place {
    column: usize,
    kind: FieldType,
    missing_texts: Vec<Box<str>>,
    /// With what they are about, which tells at once of nearly every value that it is none.
    missing_numbers: Vec<(f64, Number)>,
}

impl Place {
    fn new(field: &Field, column: usize) -> Self {
        let mut place = Self {
            column,
            kind: field.kind(),
            missing_texts: Vec::new(),
            missing_numbers: Vec::new(),
        };
        for code in field.missing() {
            match code {
                Scalar::Text(text) => place.missing_texts.push(text.clone()),
                Scalar::Number(number) => {
                    let about = number.as_str().parse().unwrap_or(f64::NAN);
                    place.missing_numbers.push((about, number.clone()));
                }
                _ => {}
            }
        }
        place
    }
}

impl WideTable {
    /// The table of all entries, with every field of the codebook in its order; or of the entries of one action, with its fields.
    ///
    /// In the full view, what the codebook does not have stands together in a last column, [`UNDECLARED`]. In the de-identified one, fields
    /// of which nothing is shown have no column: an empty one would say that nobody had a value.
    #[must_use]
    pub fn new(codebook: &Codebook, action: Option<&ActionName>, view: View) -> Self {
        let is_full = view == View::Full;
        let shown = |field: &&Field| {
            let in_payload = codebook.roles().part_of(field.name()).is_none();
            in_payload && (is_full || may_be_shown(field))
        };
        let mut columns: Vec<(Box<str>, Column)> = Vec::new();
        let mut places: HashMap<Box<str>, usize> = HashMap::new();
        let mut add = |field: &Field, of_all: bool| {
            let mut column = Column::of(field);
            if !of_all {
                column.make_optional();
            }
            match places.get(field.name()) {
                Some(&place) => columns[place].1.add(field),
                None => {
                    places.insert(field.name().into(), columns.len());
                    columns.push((field.name().into(), column));
                }
            }
        };
        let only = action.map(|name| codebook.action_for(name.as_str()));
        match only {
            Some(Some(action)) => {
                let fields = codebook.fields_of(action).filter(shown);
                fields.for_each(|field| add(field, true));
            }
            // Of an action that the codebook does not have, what all have.
            Some(None) => {
                let fields = codebook.fields().iter().filter(shown);
                fields.for_each(|field| add(field, true));
            }
            None => {
                let common = codebook.fields().len();
                let fields = codebook.all_fields().enumerate();
                let fields = fields.filter(|(_, field)| shown(field));
                fields.for_each(|(n, field)| add(field, n < common));
            }
        }
        let find = |field: &Field| {
            let column = *places.get(field.name())?;
            Some((field.name().into(), Place::new(field, column)))
        };
        let actions = codebook.actions().iter();
        let mut table = Self {
            common: codebook.fields().iter().filter_map(find).collect(),
            actions: actions
                .map(|action| {
                    let fields = codebook.fields_of(action).filter_map(find);
                    (action.name().into(), fields.collect())
                })
                .collect(),
            columns,
            with_undeclared: is_full,
            headers: Vec::new(),
        };
        table.headers = table.name_columns();
        table
    }

    /// The names of all columns, each another: one like an earlier one has `payload.` before it.
    fn name_columns(&self) -> Vec<String> {
        let mut headers: Vec<String> = ENVELOPE.iter().map(|&name| name.to_owned()).collect();
        let mut taken: HashSet<String> = headers.iter().cloned().collect();
        taken.extend(self.with_undeclared.then(|| UNDECLARED.to_owned()));
        for (name, _) in &self.columns {
            let mut name = name.to_string();
            while !taken.insert(name.clone()) {
                name.insert_str(0, "payload.");
            }
            headers.push(name);
        }
        headers.extend(self.with_undeclared.then(|| UNDECLARED.to_owned()));
        headers
    }

    /// The names of the columns, in order.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The columns of fields, each with its name in the table.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        let names = self.headers[ENVELOPE.len()..].iter().map(String::as_str);
        names.zip(self.columns.iter().map(|(_, column)| column))
    }

    pub(crate) fn has_undeclared(&self) -> bool {
        self.with_undeclared
    }
}

impl fmt::Debug for WideTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WideTable").field(&self.headers).finish()
    }
}

pub(crate) fn write(
    export: &Export<'_>,
    table: &WideTable,
    profile: Profile,
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    let mut csv = begin(out, profile, table.headers.iter().map(String::as_str))?;
    let mut row = Row::new(profile);
    let mut cells: Vec<Cell> = table.columns.iter().map(|_| Cell::default()).collect();
    let mut undeclared = String::new();
    let mut entries = 0;
    scan(export, |entry| {
        if entry.status == EntryStatus::Accepted {
            envelope(&mut row, entry);
            fill(table, entry, &mut cells, &mut undeclared);
            for cell in &cells {
                match cell.is_text {
                    true => row.text(&cell.value),
                    false => row.plain(&cell.value),
                }
            }
            if table.with_undeclared {
                row.plain(&undeclared);
            }
            csv.write_byte_record(row.record())?;
            entries += 1;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    csv.flush().map_err(ExportError::Write)?;
    Ok(entries)
}

fn envelope(row: &mut Row, entry: &StoredEntry) {
    row.clear();
    row.integer(Some(entry.number.0));
    row.id(entry.id);
    row.shown(entry.pseudonym);
    row.optional_text(entry.session.as_ref().map(|s| s.as_str()));
    row.integer(entry.sequence.map(|s| s.get()));
    row.time(Some(entry.occurred_at));
    row.text(entry.action.as_str());
    row.time(Some(entry.received_at));
    row.time(entry.sent_at);
    row.shown(entry.disputed);
}

#[derive(Default)]
struct Cell {
    value: String,
    is_text: bool,
}

fn fill(table: &WideTable, entry: &StoredEntry, cells: &mut [Cell], undeclared: &mut String) {
    for cell in cells.iter_mut() {
        cell.value.clear();
        cell.is_text = false;
    }
    undeclared.clear();
    let Some(payload) = &entry.payload else {
        return;
    };
    let of = |name: &str| table.actions.get(name);
    let places = of(entry.action.as_str()).or_else(|| of(ANY_ACTION));
    let places = places.unwrap_or(&table.common);
    each_member(payload.as_str(), |name, value| {
        match places.get(&*nfc(&name)) {
            Some(place) => cells[place.column].set(place, value.get()),
            None if table.with_undeclared => {
                undeclared.push(if undeclared.is_empty() { '{' } else { ',' });
                // A text always has a JSON form.
                undeclared.push_str(&serde_json::to_string(&name).unwrap_or_default());
                undeclared.push(':');
                undeclared.push_str(value.get());
            }
            None => {}
        }
    });
    if !undeclared.is_empty() {
        undeclared.push('}');
    }
}

impl Cell {
    /// A value as its type has it; nothing for `null` and for codes of missing values; what is of another type as it was sent.
    fn set(&mut self, place: &Place, json: &str) {
        self.value.clear();
        self.is_text = false;
        match json.as_bytes().first() {
            Some(b'"') => self.set_text(place, json),
            Some(b'-' | b'0'..=b'9') => self.set_number(place, json),
            _ if json == "null" => {}
            _ => self.value.push_str(json),
        }
    }

    fn set_text(&mut self, place: &Place, json: &str) {
        self.is_text = true;
        // What is no text to Rust (half a surrogate pair, which intake keeps out) stays as it was sent.
        let text = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
        if !place.missing_texts.is_empty() {
            let same = nfc(&text);
            if place.missing_texts.iter().any(|code| **code == *same) {
                return;
            }
        }
        match (place.kind, text.parse::<Timestamp>()) {
            (FieldType::Datetime, Ok(time)) => self.value.push_str(time.format(&mut [0; 27])),
            _ => self.value.push_str(&text),
        }
    }

    fn set_number(&mut self, place: &Place, json: &str) {
        let is_missing = |(about, code): &(f64, Number)| {
            json.parse() == Ok(*about) && Number::parse(json).as_ref() == Some(code)
        };
        if place.missing_numbers.iter().any(is_missing) {
            return;
        }
        let is_plain = || json.bytes().all(|b| b == b'-' || b.is_ascii_digit());
        if place.kind == FieldType::Integer && !is_plain() {
            // `30.0` is the integer 30.
            if let Some(number) = Number::parse(json).filter(Number::is_integer) {
                self.value.push_str(number.as_str());
                return;
            }
        }
        self.value.push_str(json);
    }
}

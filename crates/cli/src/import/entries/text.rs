//! A row of the old table as the text of an entry: nothing of it is lost but whose it is.

use crate::import::layout::Logs;
use crate::import::people::number;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use sillage_domain::{Cell, EntryId, TimeError, Timestamp};
use uuid::Uuid;

/// The member that keeps the id of the old row.
const OLD_ID: &str = "tsadk_id";
/// The member that keeps the time as it was written.
const OLD_TIME: &str = "tsadk_timestamp";
/// What an entry itself has under its name; a column called so stands in the payload with a prefix.
const OWN: [&str; 9] = [
    "id",
    "session",
    "sequence",
    "timestamp",
    "action",
    "payload",
    "sent_at",
    "participant",
    "number",
];
/// Stands where a UUIDv7 has the time: all ids of old rows begin so.
const MARK: [u8; 8] = *b"tsadk\0\0\0";

/// A row, written as an entry.
pub(super) struct Written {
    pub(super) entry_id: EntryId,
    pub(super) text: String,
    /// What is not as it was.
    pub(super) notes: Vec<String>,
}

/// Writes the columns in the order that [`Entries`](super::Entries) asks for.
pub(super) fn write(cells: &[Cell], layout: &Logs, offset: Option<&str>) -> Written {
    let mut members = Members::default();
    let mut cells = cells.iter();
    let mut next = || cells.next().unwrap_or(&Cell::Null);
    let (id, _owner, time, action) = (next(), next(), next(), next());
    members.time(time, offset);
    members.put("action", action);
    if layout.sequence.is_some() {
        let sequence = next();
        match number(sequence) {
            Some(number) => members.raw("sequence", &number.to_string()),
            None => members.put("sequence", sequence),
        }
    }
    members.put(OLD_ID, id);
    members.put(OLD_TIME, time);
    for column in &layout.others {
        let cell = next();
        match OWN.contains(&column.as_str()) && column != "session" {
            true => members.put(&format!("tsadk_{column}"), cell),
            false => members.put(column, cell),
        }
    }
    members.finish(number(id))
}

#[derive(Default)]
struct Members {
    inside: String,
    notes: Vec<String>,
}

impl Members {
    fn raw(&mut self, name: &str, json: &str) {
        if !self.inside.is_empty() {
            self.inside.push(',');
        }
        self.inside.push_str(&quoted(name));
        self.inside.push(':');
        self.inside.push_str(json);
    }

    fn put(&mut self, name: &str, cell: &Cell) {
        match cell {
            Cell::Null => {}
            Cell::Integer(number) => self.raw(name, &number.to_string()),
            Cell::Real(number) => {
                let json = serde_json::to_string(number).unwrap_or_default();
                self.raw(name, &json);
            }
            Cell::Text(text) => self.raw(name, &quoted(text)),
            Cell::Json(text) => match serde_json::from_str::<&RawValue>(text) {
                Ok(value) => self.raw(name, value.get()),
                Err(_) => {
                    self.notes
                        .push(format!("{name}: it is no JSON, and kept as a text"));
                    self.raw(name, &quoted(text));
                }
            },
            Cell::Bytes(bytes) => {
                self.notes.push(format!(
                    "{name}: it is not UTF-8; what can't be read was replaced"
                ));
                self.raw(name, &quoted(&String::from_utf8_lossy(bytes)));
            }
        }
    }

    /// The time, with the offset where it has none.
    fn time(&mut self, cell: &Cell, offset: Option<&str>) {
        match (cell, offset) {
            (Cell::Text(text), Some(offset))
                if text.parse::<Timestamp>() == Err(TimeError::NoOffset) =>
            {
                self.raw("timestamp", &quoted(&format!("{text}{offset}")));
            }
            _ => self.put("timestamp", cell),
        }
    }

    fn finish(self, old_id: Option<i64>) -> Written {
        let entry_id = entry_id(old_id, &self.inside);
        Written {
            entry_id,
            text: format!("{{\"id\":\"{entry_id}\",{}}}", self.inside),
            notes: self.notes,
        }
    }
}

fn quoted(text: &str) -> String {
    // A text always has a JSON form.
    serde_json::to_string(text).unwrap_or_default()
}

/// The id of an old row: the same each time. A UUIDv8 (RFC 9562 section 5.8) with the old id in its last digits, or, where there is no
/// number, a hash of the content.
fn entry_id(old_id: Option<i64>, content: &str) -> EntryId {
    let mut bytes = [0; 16];
    match old_id.and_then(|id| u64::try_from(id).ok()) {
        Some(id) if id < 1 << 62 => {
            bytes[..8].copy_from_slice(&MARK);
            bytes[8..].copy_from_slice(&id.to_be_bytes());
        }
        _ => bytes.copy_from_slice(&Sha256::digest(content)[..16]),
    }
    EntryId(Uuid::new_v8(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(others: &[&str]) -> Logs {
        let name = str::to_owned;
        Logs {
            table: name("logs"),
            id: name("id"),
            owner: name("userID"),
            time: name("timestamp"),
            sequence: Some(name("sequence")),
            action: name("actionType"),
            others: others.iter().map(|&other| name(other)).collect(),
            rows: 1,
        }
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn row(time: &str) -> Vec<Cell> {
        vec![
            Cell::Integer(42),
            Cell::Integer(2),
            text(time),
            text("regionDeposer"),
            Cell::Integer(9),
        ]
    }

    #[test]
    fn a_row_becomes_an_entry_that_keeps_its_id_and_its_time_and_not_its_owner() {
        let mut cells = row("2023-04-18T10:17.109Z");
        cells.push(text("salle \"Forêt\"\n"));
        let written = write(&cells, &layout(&["roomName"]), None);
        assert_eq!(
            written.entry_id.to_string(),
            "74736164-6b00-8000-8000-00000000002a"
        );
        assert_eq!(
            written.text,
            r#"{"id":"74736164-6b00-8000-8000-00000000002a","timestamp":"2023-04-18T10:17.109Z","action":"regionDeposer","sequence":9,"tsadk_id":42,"tsadk_timestamp":"2023-04-18T10:17.109Z","roomName":"salle \"Forêt\"\n"}"#
        );
        assert!(written.notes.is_empty());
    }

    #[test]
    fn an_offset_is_added_where_there_is_none_and_what_was_written_stays() {
        let written = |time: &str| write(&row(time), &layout(&[]), Some("+02:00")).text;
        let without = written("2023-04-18 10:17:33.5");
        assert!(
            without.contains(r#""timestamp":"2023-04-18 10:17:33.5+02:00""#),
            "{without}"
        );
        assert!(
            without.contains(r#""tsadk_timestamp":"2023-04-18 10:17:33.5""#),
            "{without}"
        );
        let with = written("2023-04-18T10:17:33Z");
        assert!(
            with.contains(r#""timestamp":"2023-04-18T10:17:33Z""#),
            "{with}"
        );
        let none = written("yesterday");
        assert!(none.contains(r#""timestamp":"yesterday""#), "{none}");
    }

    #[test]
    fn a_column_called_as_a_member_of_an_entry_is_no_such_member() {
        let mut cells = row("2023-04-18T10:17:33Z");
        cells.extend([
            text("x"),
            Cell::Json("{]".to_owned()),
            Cell::Bytes(vec![0xff]),
        ]);
        let written = write(&cells, &layout(&["payload", "extra", "userAnswer"]), None);
        assert!(
            written.text.contains(r#""tsadk_payload":"x""#),
            "{}",
            written.text
        );
        assert!(written.text.contains(r#""extra":"{]""#), "{}", written.text);
        assert_eq!(written.notes.len(), 2);
    }

    #[test]
    fn rows_without_a_number_are_told_apart_by_what_they_say() {
        let id = |cell: Cell, time: &str| {
            let mut cells = row(time);
            cells[0] = cell;
            write(&cells, &layout(&[]), None).entry_id
        };
        assert_eq!(id(Cell::Null, "a"), id(Cell::Null, "a"));
        assert_ne!(id(Cell::Null, "a"), id(Cell::Null, "b"));
        assert_ne!(id(Cell::Integer(-1), "a"), id(Cell::Integer(-2), "a"));
        assert_eq!(id(Cell::Integer(5), "a"), id(text("5"), "b"));
    }
}

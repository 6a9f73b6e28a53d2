//! One JSON object a line.

use crate::chunks::{CHUNK, Chunks};
use crate::row::scan;
use crate::{Export, ExportError};
use serde::Serialize;
use sillage_domain::{
    EntryStatus, LogNumber, Payload, Pseudonym, Sequence, SessionName, StoredEntry, Timestamp,
};
use std::io::{self, Write};
use std::ops::ControlFlow;

pub(crate) fn write(export: &Export<'_>, out: &mut Chunks<'_>) -> Result<u64, ExportError> {
    let mut line = Vec::with_capacity(CHUNK / 16);
    let mut entries = 0;
    scan(export, |entry| {
        line.clear();
        put(&mut line, entry).map_err(ExportError::Write)?;
        out.write_all(&line).map_err(ExportError::Write)?;
        entries += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    out.flush().map_err(ExportError::Write)?;
    Ok(entries)
}

/// The members in the order of the CSV columns; the payload is appended as text, so that it is not parsed again.
#[derive(Serialize)]
struct Line<'a> {
    number: LogNumber,
    id: &'a str,
    #[serde(serialize_with = "as_text")]
    participant: Pseudonym,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<Sequence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    status: EntryStatus,
    received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amended: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disputed: Option<bool>,
}

fn as_text<S: serde::Serializer>(code: &Pseudonym, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(code)
}

fn put(line: &mut Vec<u8>, entry: &StoredEntry) -> io::Result<()> {
    let mut id = [0; 36];
    let happened = entry.happened();
    let envelope = Line {
        number: entry.number,
        id: entry.id.0.hyphenated().encode_lower(&mut id),
        participant: entry.pseudonym,
        session: entry.session.as_ref(),
        sequence: entry.sequence,
        timestamp: happened.map(|(at, _)| at),
        action: happened.map(|(_, action)| action.as_str()),
        status: entry.status,
        received_at: entry.received_at,
        sent_at: entry.sent_at,
        amended: (entry.revision > 0).then_some(true),
        revision: (entry.revision > 0).then_some(entry.revision),
        disputed: entry.disputed.then_some(true),
    };
    serde_json::to_writer(&mut *line, &envelope)?;
    if let Some(payload) = &entry.payload {
        line.pop();
        line.extend_from_slice(b",\"payload\":");
        on_one_line(line, payload);
        line.push(b'}');
    }
    line.push(b'\n');
    Ok(())
}

/// A line end can stand between the tokens of a JSON text only (RFC 8259 sections 2 and 7), where a space means the same.
fn on_one_line(line: &mut Vec<u8>, payload: &Payload) {
    let from = line.len();
    line.extend_from_slice(payload.as_str().as_bytes());
    for byte in &mut line[from..] {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

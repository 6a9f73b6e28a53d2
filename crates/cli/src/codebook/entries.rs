//! Recorded entries, one JSON object a line, read one at a time.

use crate::{CommandError, Output};
use flate2::bufread::MultiGzDecoder;
use serde_json::Value;
use sillage_domain::codebook::{Checker, Roles};
use sillage_domain::{Body, BodyError, Draft, Fault, Form, Limits, Misfit, parse_with};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read.
const MAX_LINE: u64 = 1 << 20;
/// How many faults are printed.
const SHOWN: u64 = 50;

/// What was found in a file of entries.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) checked: u64,
    pub(super) misfits: u64,
    /// How many faults there are of each kind.
    pub(super) reasons: BTreeMap<String, u64>,
}

/// Checks every line; prints the first faults, then how many there are of each kind.
pub(super) fn check(
    path: &Path,
    checker: &Checker,
    output: &mut Output<'_>,
) -> Result<Found, CommandError> {
    let mut found = Found::default();
    let mut shown = 0;
    lines(path, |number, line| {
        for entry in entries(line, Some(checker.roles())) {
            found.checked += 1;
            let text = || String::from_utf8_lossy(line).into();
            let faults = match entry.and_then(|entry| checker.admit(entry, text)) {
                Ok(_) => continue,
                Err(misfit) => misfit.faults,
            };
            found.misfits += 1;
            for fault in &faults {
                let (reason, told) = told(fault);
                if shown < SHOWN {
                    output.line(format_args!("{}:{number}: {told}", path.display()))?;
                }
                shown += 1;
                *found.reasons.entry(reason).or_default() += 1;
            }
        }
        Ok(())
    })?;
    if shown > SHOWN {
        output.line(format_args!("... and {} more", shown - SHOWN))?;
    }
    if found.misfits == 0 {
        output.line(format_args!(
            "all {} entries of {} fit",
            found.checked,
            path.display()
        ))?;
    }
    for (reason, count) in &found.reasons {
        output.line(format_args!("{count:8}  {}", reason.replace('_', " ")))?;
    }
    Ok(found)
}

/// Gives every entry that can be read; how many lines could not.
pub(super) fn each(
    path: &Path,
    roles: Option<&Roles>,
    mut take: impl FnMut(Draft),
) -> Result<u64, CommandError> {
    let mut unread = 0;
    lines(path, |_, line| {
        for entry in entries(line, roles) {
            match entry {
                Ok(entry) => take(entry),
                Err(_) => unread += 1,
            }
        }
        Ok(())
    })?;
    Ok(unread)
}

/// The entries of a line: one, or those of an array.
fn entries(line: &[u8], roles: Option<&Roles>) -> Vec<Result<Draft, Misfit>> {
    match parse_with(line, Form::Json, &Limits::default(), roles) {
        Ok(Body::One(parsed)) => vec![parsed.entry],
        Ok(Body::Several(several)) => several.into_iter().map(|parsed| parsed.entry).collect(),
        Err(error) => vec![Err(no_entry(line, &error))],
    }
}

fn no_entry(line: &[u8], error: &BodyError) -> Misfit {
    let kind = sillage_domain::FaultKind::WrongType {
        expected: sillage_domain::JsonType::Object,
    };
    Misfit {
        id: None,
        text: format!("{error}: {}", String::from_utf8_lossy(line)).into(),
        faults: vec![Fault::at("", kind)],
    }
}

/// The kind of a fault, and the whole of it for people.
fn told(fault: &Fault) -> (String, String) {
    let value = serde_json::to_value(&fault.kind).unwrap_or_default();
    let Value::Object(mut members) = value else {
        return (String::new(), fault.pointer.clone());
    };
    let kind = members.remove("kind");
    let reason = kind
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let details: Vec<_> = members
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name} {text}"),
            other => format!("{name} {other}"),
        })
        .collect();
    let mut told = format!("{}: {}", fault.pointer, reason.replace('_', " "));
    if !details.is_empty() {
        told = format!("{told} ({})", details.join(", "));
    }
    (reason, told)
}

/// Gives every line that is not blank, with its number from 1.
fn lines(
    path: &Path,
    mut take: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> Result<(), CommandError> {
    let failed = |source| CommandError::File {
        path: path.to_owned(),
        source,
    };
    let file = BufReader::new(File::open(path).map_err(failed)?);
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let mut reader: Box<dyn BufRead> = match packed {
        true => Box::new(BufReader::new(MultiGzDecoder::new(file))),
        false => Box::new(file),
    };
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line);
        if read.map_err(failed)? == 0 {
            return Ok(());
        }
        number += 1;
        if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
            let told = format!("line {number} is longer than {MAX_LINE} bytes");
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, told)));
        }
        let line = line.trim_ascii();
        if !line.is_empty() {
            take(number, line)?;
        }
    }
}

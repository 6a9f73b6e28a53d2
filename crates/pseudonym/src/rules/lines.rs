//! NDJSON, line by line.

use std::io::{BufRead, BufReader, Read, Write};

use super::StreamError;
use super::inside::look_up;
use super::pseudonymiser::{Ruling, Run};
use super::step::Row;
use super::tree::Tree;

/// The longest row that is read, in bytes.
pub(super) const MAX_ROW: usize = 16 << 20;

/// What rules look at in a line.
struct Line(Vec<Option<String>>);

impl Row for Line {
    fn value(&self, place: usize) -> Option<&str> {
        self.0.get(place)?.as_deref()
    }
}

pub(super) fn run(
    run: &mut Run<'_>,
    tree: &Tree,
    input: impl Read,
    mut output: impl Write,
) -> Result<(), StreamError> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut bytes = Vec::new();
    let mut out = String::new();
    loop {
        bytes.clear();
        let limit = MAX_ROW as u64 + 1;
        let read = input.by_ref().take(limit).read_until(b'\n', &mut bytes);
        if read.map_err(StreamError::Read)? == 0 {
            return output.flush().map_err(StreamError::Write);
        }
        run.line += 1;
        if bytes.len() > MAX_ROW {
            return Err(too_long(run.line));
        }
        if run.line == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| StreamError::Malformed {
            line: run.line,
            reason: "it is no UTF-8".to_owned(),
        })?;
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        out.clear();
        match object(run, tree, text, &mut out) {
            Ok(()) => {}
            Err(error) => {
                output.flush().map_err(StreamError::Write)?;
                return Err(error);
            }
        }
        run.report.row();
        out.push('\n');
        output
            .write_all(out.as_bytes())
            .map_err(StreamError::Write)?;
    }
}

pub(super) fn too_long(line: u64) -> StreamError {
    StreamError::Malformed {
        line,
        reason: format!(
            "it is longer than {} MiB; is a quotation mark or a line end missing?",
            MAX_ROW >> 20
        ),
    }
}

fn object(run: &mut Run<'_>, tree: &Tree, text: &str, out: &mut String) -> Result<(), StreamError> {
    let members = run.members(text)?;
    let looked_at = run.rules.looked_at.iter();
    let line = Line(
        looked_at
            .map(|path| look_up(text, path.segments()))
            .collect(),
    );
    out.push('{');
    for (name, value) in members {
        let below = tree.below(&name);
        let inherited = match below {
            Some(below) if below.field.is_some() => Ruling::Drop,
            // What is inside has rules; what no rule names is dealt with as everywhere.
            Some(_) => other_inside(run),
            None => run.other(&name)?,
        };
        let before = out.len();
        if before > 1 {
            out.push(',');
        }
        super::json::push_text(&name, out);
        out.push(':');
        if !run.value(value.get(), below, inherited, &line, out)? {
            out.truncate(before);
        }
    }
    out.push('}');
    Ok(())
}

/// What becomes of members without a rule beside such that have one.
pub(super) fn other_inside(run: &Run<'_>) -> Ruling {
    match run.rules.others() {
        super::Others::Keep => Ruling::Keep,
        _ => Ruling::Drop,
    }
}

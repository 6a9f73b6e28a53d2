//! CSV, row by row.

use std::io::{self, Read, Write};
use std::rc::Rc;

use csv::{ErrorKind, ReaderBuilder, StringRecord, WriterBuilder};

use super::StreamError;
use super::action::Action;
use super::fault::nearest;
use super::inside::look_up;
use super::lines::{other_inside, too_long};
use super::metered::{Meter, Metered, TooLong, without_mark};
use super::path::FieldPath;
use super::pseudonymiser::{Ruling, Run};
use super::step::{Given, Made, Misfit, Row};
use super::tree::{Tree, nfc};

/// What becomes of a column.
enum Column<'t> {
    Keep,
    Drop,
    Field(usize),
    /// What its values hold is JSON, parts of which have rules.
    Inside(&'t Tree, Ruling),
    /// Texts are searched; where a value is JSON, the texts in it.
    Texts(usize),
}

/// What rules look at in a row.
struct Cells<'c> {
    record: &'c StringRecord,
    columns: &'c [(usize, &'c FieldPath)],
    inside: Vec<Option<String>>,
}

impl Row for Cells<'_> {
    fn value(&self, place: usize) -> Option<&str> {
        let (column, path) = self.columns.get(place)?;
        match path.segments() {
            [_] => self.record.get(*column),
            _ => self.inside.get(place)?.as_deref(),
        }
    }
}

pub(super) fn run(
    run: &mut Run<'_>,
    tree: &Tree,
    delimiter: u8,
    input: impl Read,
    output: impl Write,
) -> Result<(), StreamError> {
    let meter = Rc::new(Meter::default());
    let input = Metered {
        input: without_mark(input).map_err(StreamError::Read)?,
        meter: Rc::clone(&meter),
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .buffer_capacity(1 << 16)
        .from_reader(input);
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_writer(output);
    let mut record = StringRecord::new();
    run.line = 1;
    if !next(&mut reader, &mut record, &meter)? {
        return writer.flush().map_err(StreamError::Write);
    }
    let columns = columns(run, tree, &record)?;
    let looked_at = looked_at(run, &record)?;
    for (name, column) in record.iter().zip(&columns) {
        if !matches!(column, Column::Drop) {
            writer.write_field(name).map_err(unwritten)?;
        }
    }
    writer.write_record(None::<&[u8]>).map_err(unwritten)?;
    let mut made = MadeRow::default();
    loop {
        let written = match next(&mut reader, &mut record, &meter) {
            Ok(false) => return writer.flush().map_err(StreamError::Write),
            Ok(true) => {
                run.line = record.position().map_or(0, csv::Position::line);
                row(run, &columns, &looked_at, &record, &mut made, &mut writer)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            writer.flush().map_err(StreamError::Write)?;
            return Err(error);
        }
        run.report.row();
    }
}

/// What becomes of each column. Rules that name a column that there is not are an error: behind a slip of the pen, a column
/// would stay as it is.
fn columns<'t>(
    run: &mut Run<'_>,
    tree: &'t Tree,
    names: &StringRecord,
) -> Result<Vec<Column<'t>>, StreamError> {
    for field in &run.rules.fields {
        find(names, field.path.first())?;
    }
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        let below = tree.below(name);
        let ruling = match below {
            Some(below) => below
                .field
                .map_or_else(|| other_inside(run), |field| run.ruling(field)),
            None => run.other(name)?,
        };
        let column = match (below, ruling) {
            (Some(below), ruling) if below.has_below() => Column::Inside(below, ruling),
            (_, Ruling::Keep) => Column::Keep,
            (_, Ruling::Drop) => Column::Drop,
            (_, Ruling::Field(field)) => {
                let steps = run.rules.fields.get(field).map(|field| &field.steps);
                let texts = steps.is_some_and(|steps| {
                    steps
                        .iter()
                        .all(|step| matches!(step.action, Action::Scrub(_)))
                });
                if texts {
                    Column::Texts(field)
                } else {
                    Column::Field(field)
                }
            }
        };
        columns.push(column);
    }
    if columns.iter().all(|column| matches!(column, Column::Drop)) {
        return Err(StreamError::NothingLeft);
    }
    Ok(columns)
}

fn looked_at<'r>(
    run: &Run<'r>,
    names: &StringRecord,
) -> Result<Vec<(usize, &'r FieldPath)>, StreamError> {
    let paths = run.rules.looked_at.iter();
    paths
        .map(|path| find(names, path.first()).map(|column| (column, path)))
        .collect()
}

/// The place of a column.
fn find(names: &StringRecord, name: &str) -> Result<usize, StreamError> {
    let name = nfc(name);
    let found = names.iter().position(|other| nfc(other) == name);
    found.ok_or_else(|| StreamError::NoColumn {
        nearest: nearest(&name, names),
        name: name.into_owned(),
    })
}

/// The values that the rules make of a row, one after the other, and where each ends.
#[derive(Default)]
struct MadeRow {
    text: String,
    ends: Vec<usize>,
}

fn row<W: Write>(
    run: &mut Run<'_>,
    columns: &[Column<'_>],
    looked_at: &[(usize, &FieldPath)],
    record: &StringRecord,
    made: &mut MadeRow,
    writer: &mut csv::Writer<W>,
) -> Result<(), StreamError> {
    let inside = |(column, path): &(usize, &FieldPath)| {
        look_up(record.get(*column)?, path.segments().get(1..)?)
    };
    let needs_inside = looked_at.iter().any(|(_, path)| path.segments().len() > 1);
    let cells = Cells {
        record,
        columns: looked_at,
        inside: if needs_inside {
            looked_at.iter().map(inside).collect()
        } else {
            Vec::new()
        },
    };
    made.text.clear();
    made.ends.clear();
    // Nothing of a row is written before all of it is made.
    for (cell, column) in record.iter().zip(columns) {
        match column {
            Column::Drop | Column::Keep => continue,
            Column::Field(field) => value(run, *field, cell, &cells, &mut made.text)?,
            Column::Inside(tree, ruling) => {
                inside_of(run, tree, *ruling, cell, &cells, &mut made.text)?;
            }
            Column::Texts(field) => texts(run, *field, cell, &cells, &mut made.text)?,
        }
        made.ends.push(made.text.len());
    }
    let mut start = 0;
    let mut ends = made.ends.iter();
    for (cell, column) in record.iter().zip(columns) {
        let field = match column {
            Column::Drop => continue,
            Column::Keep => cell,
            _ => {
                let end = ends.next().copied().unwrap_or(start);
                let field = &made.text[start..end];
                start = end;
                field
            }
        };
        writer.write_field(field).map_err(unwritten)?;
    }
    writer.write_record(None::<&[u8]>).map_err(unwritten)
}

fn value(
    run: &mut Run<'_>,
    field: usize,
    cell: &str,
    cells: &Cells<'_>,
    out: &mut String,
) -> Result<(), StreamError> {
    let given = Given {
        text: cell,
        is_number: false,
    };
    match run.apply(field, given, cells)? {
        Some(Made::Same) => out.push_str(cell),
        Some(_) => out.push_str(&run.made),
        None => {}
    }
    Ok(())
}

/// A cell that holds JSON, parts of which have rules.
fn inside_of(
    run: &mut Run<'_>,
    tree: &Tree,
    ruling: Ruling,
    cell: &str,
    cells: &Cells<'_>,
    out: &mut String,
) -> Result<(), StreamError> {
    if cell.trim().is_empty() {
        return Ok(());
    }
    let start = out.len();
    if let Some(json) = json(cell) {
        run.value(json, Some(tree), ruling, cells, out)?;
    } else if let Some(field) = tree.any_field() {
        run.report.misfit(field, run.line, Misfit::NoObject);
    }
    if &out[start..] == "null" {
        out.truncate(start);
    }
    Ok(())
}

/// A cell that is searched. In JSON, letters may be escaped: they are looked at as what they stand for.
fn texts(
    run: &mut Run<'_>,
    field: usize,
    cell: &str,
    cells: &Cells<'_>,
    out: &mut String,
) -> Result<(), StreamError> {
    match json(cell).filter(|json| json.starts_with(['{', '[', '"'])) {
        Some(json) => run
            .value(json, None, Ruling::Field(field), cells, out)
            .map(|_| ()),
        None => value(run, field, cell, cells, out),
    }
}

/// The cell, if it holds JSON.
fn json(cell: &str) -> Option<&str> {
    let text = cell.trim_ascii();
    if !text.starts_with(['{', '[', '"', 'n']) {
        return None;
    }
    serde_json::from_str::<&serde_json::value::RawValue>(text)
        .ok()
        .map(serde_json::value::RawValue::get)
}

/// Reads a row; `false` at the end.
fn next<R: Read>(
    reader: &mut csv::Reader<Metered<R>>,
    record: &mut StringRecord,
    meter: &Meter,
) -> Result<bool, StreamError> {
    let line = reader.position().line();
    meter.row_start.set(reader.position().byte());
    let there = reader
        .read_record(record)
        .map_err(|error| unread(error, line))?;
    if there && meter.at_end.get() && meter.odd_quotes.get() {
        return Err(StreamError::Malformed {
            line: record.position().map_or(line, csv::Position::line),
            reason: "a quotation mark is not closed before the file ends".to_owned(),
        });
    }
    Ok(there)
}

fn unread(error: csv::Error, line: u64) -> StreamError {
    let at = error.position().map_or(line, csv::Position::line);
    let malformed = |reason| StreamError::Malformed { line: at, reason };
    match error.into_kind() {
        ErrorKind::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<TooLong>()) => {
            too_long(line)
        }
        ErrorKind::Io(error) => StreamError::Read(error),
        ErrorKind::Utf8 { err, .. } => malformed(format!("column {} is no UTF-8", err.field() + 1)),
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => malformed(format!(
            "it has {len} values, and the first line has {expected_len}"
        )),
        _ => malformed("it is no CSV".to_owned()),
    }
}

fn unwritten(error: csv::Error) -> StreamError {
    match error.into_kind() {
        ErrorKind::Io(error) => StreamError::Write(error),
        kind => StreamError::Write(io::Error::other(format!("{kind:?}"))),
    }
}

//! CSV, row by row.

use std::io::{Read, Write};
use std::rc::Rc;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::StreamError;
use super::action::Action;
use super::batch;
use super::fault::nearest;
use super::inside::look_up;
use super::lines::{other_inside, too_long};
use super::metered::{Meter, Metered, TooLong, without_mark};
use super::path::FieldPath;
use super::pseudonymiser::{Ruling, Run};
use super::step::{Given, Made, Misfit, Row};
use super::tree::{Tree, nfc};
use super::written::Rows;

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
    mut output: impl Write,
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
    let mut record = StringRecord::new();
    run.line = 1;
    if !next(&mut reader, &mut record, &meter)? {
        return output.flush().map_err(StreamError::Write);
    }
    let columns = columns(run, tree, &record)?;
    let looked_at = looked_at(run, &record)?;
    let mut head = Rows::new(delimiter);
    for (name, column) in record.iter().zip(&columns) {
        if !matches!(column, Column::Drop) {
            head.value(name);
        }
    }
    head.end_row();
    output.write_all(head.ended()).map_err(StreamError::Write)?;
    let mut made = String::new();
    let each = |record: &StringRecord, rows: &mut Rows| {
        run.line = record.position().map_or(0, csv::Position::line);
        row(run, &columns, &looked_at, record, &mut made, rows)?;
        run.report.row();
        Ok(())
    };
    let next = |record: &mut StringRecord| next(&mut reader, record, &meter);
    batch::run(delimiter, next, each, output)
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

/// Adds what the rules make of a row.
fn row(
    run: &mut Run<'_>,
    columns: &[Column<'_>],
    looked_at: &[(usize, &FieldPath)],
    record: &StringRecord,
    made: &mut String,
    rows: &mut Rows,
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
    for (cell, column) in record.iter().zip(columns) {
        made.clear();
        match column {
            Column::Drop => {}
            Column::Keep => rows.value(cell),
            Column::Field(field) => rows.value(value(run, *field, cell, &cells)?),
            Column::Inside(tree, ruling) => {
                inside_of(run, tree, *ruling, cell, &cells, made)?;
                rows.value(made);
            }
            Column::Texts(field) => rows.value(texts(run, *field, cell, &cells, made)?),
        }
    }
    rows.end_row();
    Ok(())
}

fn value<'v>(
    run: &'v mut Run<'_>,
    field: usize,
    cell: &'v str,
    cells: &Cells<'_>,
) -> Result<&'v str, StreamError> {
    let given = Given {
        text: cell,
        is_number: false,
    };
    Ok(match run.apply(field, given, cells)? {
        Some(Made::Same) => cell,
        Some(_) => &run.made,
        None => "",
    })
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
    if let Some(json) = json(cell) {
        run.value(json, Some(tree), ruling, cells, out)?;
    } else if let Some(field) = tree.any_field() {
        run.report.misfit(field, run.line, Misfit::NoObject);
    }
    if out == "null" {
        out.clear();
    }
    Ok(())
}

/// A cell that is searched. In JSON, letters may be escaped: they are looked at as what they stand for.
fn texts<'v>(
    run: &'v mut Run<'_>,
    field: usize,
    cell: &'v str,
    cells: &Cells<'_>,
    out: &'v mut String,
) -> Result<&'v str, StreamError> {
    match json(cell).filter(|json| json.starts_with(['{', '[', '"'])) {
        Some(json) => {
            run.value(json, None, Ruling::Field(field), cells, out)?;
            Ok(out)
        }
        None => value(run, field, cell, cells),
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

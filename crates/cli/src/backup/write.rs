//! The form of a backup, written: `docs/backup-format.md` says it for other programs.

use super::{FORM, MAGIC, Making};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest, Sha256};
use sillage_domain::{Cell, WholeError, WholeSink, WholeState, WholeTable};
use std::io::{self, Write};

/// Hashes what goes through it.
pub(super) struct Hashing<W> {
    below: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.below.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.below.flush()
    }
}

/// Writes what it is given.
pub(super) struct Writer<W: Write> {
    made: Making,
    /// What is below, until the first line is written, and after the last.
    bare: Option<Hashing<W>>,
    lines: Option<GzEncoder<Hashing<W>>>,
    state: Option<WholeState>,
    table: Option<WholeTable>,
    rows: u64,
    all_rows: u64,
    hash: Sha256,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(below: W, made: Making) -> Self {
        let hash = Sha256::new();
        Self {
            made,
            bare: Some(Hashing { below, hash }),
            lines: None,
            state: None,
            table: None,
            rows: 0,
            all_rows: 0,
            hash: Sha256::new(),
            line: Vec::new(),
        }
    }

    /// What is below, once all is written, with what was.
    pub(super) fn finish(mut self) -> Result<(W, Option<WholeState>), WholeError> {
        let done = self.bare.take().filter(|_| self.state.is_some());
        let Some(Hashing { mut below, hash }) = done else {
            return Err(WholeError::Damaged("not all was written".into()));
        };
        writeln!(below, "{}", hex(&hash.finalize()))?;
        Ok((below, self.state))
    }

    fn lines(&mut self) -> Result<&mut GzEncoder<Hashing<W>>, WholeError> {
        let gone = || WholeError::Damaged("the backup was not begun".into());
        self.lines.as_mut().ok_or_else(gone)
    }

    fn tell(&mut self, value: &serde_json::Value) -> Result<(), WholeError> {
        Ok(writeln!(self.lines()?, "{value}")?)
    }

    fn end_table(&mut self) -> Result<(), WholeError> {
        let Some(table) = self.table.take() else {
            return Ok(());
        };
        if self.rows != table.rows {
            return Err(WholeError::Damaged(format!(
                "{} rows of `{}` were read, and there are {}",
                self.rows, table.name, table.rows
            )));
        }
        let hash = hex(&std::mem::take(&mut self.hash).finalize());
        self.tell(&json!({ "rows": self.rows, "sha256": hash }))?;
        self.rows = 0;
        Ok(())
    }
}

impl<W: Write> WholeSink for Writer<W> {
    fn begin(&mut self, state: &WholeState) -> Result<(), WholeError> {
        let again = || WholeError::Damaged("the backup was begun before".into());
        let mut bare = self.bare.take().ok_or_else(again)?;
        writeln!(bare, "{MAGIC} {FORM}")?;
        self.lines = Some(GzEncoder::new(bare, Compression::fast()));
        self.tell(&json!({ "backup": self.made, "state": state }))?;
        self.state = Some(state.clone());
        Ok(())
    }

    fn table(&mut self, table: &WholeTable) -> Result<(), WholeError> {
        self.end_table()?;
        self.tell(&json!({ "table": table.name }))?;
        self.table = Some(table.clone());
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<(), WholeError> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        for (n, cell) in cells.iter().enumerate() {
            line.push(if n == 0 { b'[' } else { b',' });
            write_cell(cell, &mut line)?;
        }
        line.extend_from_slice(b"]\n");
        self.hash.update(&line);
        self.rows += 1;
        self.all_rows += 1;
        self.lines()?.write_all(&line)?;
        self.line = line;
        Ok(())
    }

    fn end(&mut self) -> Result<(), WholeError> {
        self.end_table()?;
        let rows = self.all_rows;
        self.tell(&json!({ "end": rows }))?;
        let lines = self.lines.take();
        self.bare = lines.map(GzEncoder::finish).transpose()?;
        Ok(())
    }
}

fn write_cell(cell: &Cell, line: &mut Vec<u8>) -> Result<(), WholeError> {
    match cell {
        Cell::Null => line.extend_from_slice(b"null"),
        Cell::Integer(number) => write!(line, "{number}")?,
        // As a text: whoever reads JSON may round its numbers.
        Cell::Real(number) => write!(line, "\"{number}\"")?,
        Cell::Text(text) => serde_json::to_writer(line, text).map_err(io::Error::from)?,
        Cell::Bytes(bytes) => write!(line, "\"{}\"", BASE64_STANDARD.encode(bytes))?,
        other => {
            return Err(WholeError::Damaged(format!(
                "a value is none that a table of Sillage has: {other:?}"
            )));
        }
    }
    Ok(())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

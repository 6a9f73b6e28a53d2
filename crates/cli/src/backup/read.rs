//! The form of a backup, read: every byte of it counts, and is looked at before any is used.

use super::fault::damaged;
use super::seal::{Key, LOCKED};
use super::write::hex;
use super::{BackupFault, FORM, MAGIC, Making};
use crate::CommandError;
use age::Decryptor;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::bufread::GzDecoder;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sillage_domain::{Cell, ColumnKind, WholeSink, WholeState, WholeTable};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// What stands after the last line: SHA-256 of all before it in hexadecimal digits, and the end of a line.
const TAIL: usize = 65;
/// No line is longer, in bytes: the largest text that is kept has some.
const MAX_LINE: u64 = 256 << 20;

/// What a backup is.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) made: Making,
    pub(crate) state: WholeState,
    pub(crate) rows: u64,
}

/// Reads it from the first byte to the last, and gives its rows to the sink, if there is one.
///
/// What the sink got is only true if this succeeds.
pub(crate) fn read(
    path: &Path,
    keys: &[Key],
    sink: Option<&mut dyn WholeSink>,
) -> Result<Found, CommandError> {
    let done = File::open(path)
        .map_err(BackupFault::Unreadable)
        .and_then(|file| opened(BufReader::new(file), keys))
        .and_then(|plain| Reading::begin(plain)?.run(sink));
    done.map_err(|fault| CommandError::Backup {
        path: path.to_owned(),
        fault,
    })
}

fn opened(mut file: BufReader<File>, keys: &[Key]) -> Result<Box<dyn Read>, BackupFault> {
    if !file.fill_buf()?.starts_with(LOCKED) {
        return Ok(Box::new(file));
    }
    if keys.is_empty() {
        return Err(BackupFault::Locked);
    }
    let keys = keys.iter().map(|key| &**key as &dyn age::Identity);
    let decryptor = Decryptor::new_buffered(file).map_err(unlocked)?;
    Ok(Box::new(decryptor.decrypt(keys).map_err(unlocked)?))
}

fn unlocked(error: age::DecryptError) -> BackupFault {
    match error {
        age::DecryptError::Io(error) => error.into(),
        age::DecryptError::InvalidHeader | age::DecryptError::InvalidMac => {
            damaged("its lock was changed")
        }
        other => BackupFault::OtherKey(other),
    }
}

/// Holds back the last bytes, and hashes the others.
struct Body<R> {
    below: R,
    held: Vec<u8>,
    hash: Sha256,
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while self.held.len() <= TAIL {
            let before = self.held.len();
            let mut more = [0; 16 * 1024];
            let read = self.below.read(&mut more)?;
            if read == 0 {
                return Ok(0);
            }
            self.held.extend_from_slice(&more[..read]);
            debug_assert!(self.held.len() > before);
        }
        let given = into.len().min(self.held.len() - TAIL);
        into[..given].copy_from_slice(&self.held[..given]);
        self.held.drain(..given);
        self.hash.update(&into[..given]);
        Ok(given)
    }
}

type Lines = BufReader<GzDecoder<BufReader<Body<Box<dyn Read>>>>>;

/// A line that is no row.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Begin { backup: Making, state: WholeState },
    Table { table: String },
    Rows { rows: u64, sha256: String },
    End { end: u64 },
}

struct Reading {
    lines: Lines,
    line: Vec<u8>,
}

impl Reading {
    fn begin(plain: Box<dyn Read>) -> Result<Self, BackupFault> {
        let mut body = BufReader::new(Body {
            below: plain,
            held: Vec::new(),
            hash: Sha256::new(),
        });
        let mut first = Vec::new();
        (&mut body).take(64).read_until(b'\n', &mut first)?;
        let first = String::from_utf8(first).map_err(|_| BackupFault::None)?;
        let form = first
            .strip_suffix('\n')
            .and_then(|line| line.strip_prefix(MAGIC)?.strip_prefix(' '))
            .ok_or(BackupFault::None)?;
        if form != FORM.to_string() {
            return Err(BackupFault::NewerForm(form.to_owned()));
        }
        Ok(Self {
            lines: BufReader::new(GzDecoder::new(body)),
            line: Vec::new(),
        })
    }

    /// The next line, without its end.
    fn next(&mut self) -> Result<&[u8], BackupFault> {
        self.line.clear();
        (&mut self.lines)
            .take(MAX_LINE)
            .read_until(b'\n', &mut self.line)?;
        match self.line.split_last() {
            Some((b'\n', line)) => Ok(line),
            _ => Err(damaged("it ends too soon")),
        }
    }

    fn told(&mut self) -> Result<Told, BackupFault> {
        Ok(serde_json::from_slice(self.next()?)?)
    }

    fn run(mut self, mut sink: Option<&mut dyn WholeSink>) -> Result<Found, BackupFault> {
        let Told::Begin { backup, state } = self.told()? else {
            return Err(damaged("its first line is missing"));
        };
        if let Some(sink) = sink.as_deref_mut() {
            sink.begin(&state).map_err(BackupFault::Whole)?;
        }
        let mut all = 0;
        for table in &state.tables {
            all += self.table(table, &mut sink)?;
        }
        match self.told()? {
            Told::End { end } if end == all => {}
            _ => return Err(damaged("its last line is another")),
        }
        self.close()?;
        if let Some(sink) = sink {
            sink.end().map_err(BackupFault::Whole)?;
        }
        Ok(Found {
            made: backup,
            state,
            rows: all,
        })
    }

    fn table(
        &mut self,
        table: &WholeTable,
        sink: &mut Option<&mut dyn WholeSink>,
    ) -> Result<u64, BackupFault> {
        match self.told()? {
            Told::Table { table: name } if name == table.name => {}
            _ => return Err(damaged(format!("the table `{}` is missing", table.name))),
        }
        if let Some(sink) = sink.as_deref_mut() {
            sink.table(table).map_err(BackupFault::Whole)?;
        }
        let (mut count, mut hash) = (0, Sha256::new());
        loop {
            let line = self.next()?;
            if line.first() != Some(&b'[') {
                break;
            }
            hash.update(line);
            hash.update(b"\n");
            count += 1;
            let cells = cells(line, table)?;
            if let Some(sink) = sink.as_deref_mut() {
                sink.row(cells).map_err(BackupFault::Whole)?;
            }
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or_default();
        let Told::Rows { rows, sha256 } = serde_json::from_slice(line)? else {
            return Err(damaged(format!("the end of `{}` is missing", table.name)));
        };
        if rows != count || rows != table.rows || sha256 != hex(&hash.finalize()) {
            return Err(damaged(format!(
                "the rows of `{}` are not those that were written",
                table.name
            )));
        }
        Ok(count)
    }

    /// Looks whether nothing comes any more, and whether all was as it was written.
    fn close(mut self) -> Result<(), BackupFault> {
        let after = damaged("something stands behind its end");
        if !self.lines.fill_buf()?.is_empty() {
            return Err(after);
        }
        let mut body = self.lines.into_inner().into_inner();
        if io::copy(&mut body, &mut io::sink())? > 0 {
            return Err(after);
        }
        let Body { held, hash, .. } = body.into_inner();
        let wanted = format!("{}\n", hex(&hash.finalize()));
        match held == wanted.as_bytes() {
            true => Ok(()),
            false => Err(damaged("its bytes are not those that were written")),
        }
    }
}

fn cells(line: &[u8], table: &WholeTable) -> Result<Vec<Cell>, BackupFault> {
    let values: Vec<Value> = serde_json::from_slice(line)?;
    let wrong = || damaged(format!("a row of `{}` is none", table.name));
    if values.len() != table.columns.len() {
        return Err(wrong());
    }
    let pairs = values.into_iter().zip(&table.columns);
    let cell = |(value, column): (Value, &sillage_domain::WholeColumn)| match (value, column.kind) {
        (Value::Null, _) => Ok(Cell::Null),
        (Value::Number(number), ColumnKind::Integer) => {
            number.as_i64().map(Cell::Integer).ok_or_else(wrong)
        }
        (Value::String(text), ColumnKind::Real) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Cell::Real(number)),
            _ => Err(wrong()),
        },
        (Value::String(text), ColumnKind::Text) => Ok(Cell::Text(text)),
        (Value::String(text), ColumnKind::Bytes) => {
            let bytes = BASE64_STANDARD.decode(text);
            bytes.map(Cell::Bytes).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    };
    pairs.map(cell).collect()
}

//! What became of every row, as a file that its owner alone reads: usernames stand in it. Never a password, a hash or a pseudonym.

use crate::CommandError;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// Of a user: the account was made.
    Made,
    /// Of a user: it was made before.
    Known,
    /// Of a log: it is stored.
    Accepted,
    /// Of a log: it was stored before.
    Duplicate,
    /// Of a log: its text is kept, with every reason.
    Quarantined,
    /// Of a log: another one came over under its id, this one is in quarantine.
    Conflict,
    /// Nothing was done with it.
    Refused,
    /// Its user was taken out after an earlier import: nothing was done with it.
    TakenOut,
}

impl Fate {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Known => "known",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::TakenOut => "taken_out",
        }
    }
}

/// How many rows had which fate.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Counts(BTreeMap<Fate, u64>);

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (n, (fate, count)) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{count} {}", fate.as_str().replace('_', " "))?;
        }
        Ok(())
    }
}

/// A row of the report.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub(super) table: &'a str,
    /// In the order in which rows were read, from 1.
    pub(super) row: u64,
    /// As it stands in the old database.
    pub(super) id: &'a str,
    /// Of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<&'a str>,
    pub(super) outcome: Fate,
    /// Why, and what is to be noted.
    pub(super) reason: &'a str,
}

/// A report that is being written. It appears under its name once it is whole; until then it has `.part` behind it.
pub(super) struct Report {
    path: PathBuf,
    part: PathBuf,
    file: Form,
    users: Counts,
    logs: Counts,
    pub(super) without_offset: u64,
}

enum Form {
    Csv(Box<csv::Writer<File>>),
    Json { file: BufWriter<File>, lines: u64 },
}

/// A report that was written.
pub(super) struct Written {
    pub(super) users: Counts,
    pub(super) logs: Counts,
    /// How many times had no offset.
    pub(super) without_offset: u64,
}

impl Report {
    pub(super) fn create(path: &Path) -> Result<Self, CommandError> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |source| CommandError::File {
            path: path.to_owned(),
            source,
        };
        let file = options.open(&part).map_err(failed)?;
        let is_json = path.extension().is_some_and(|end| end == "json");
        let file = if is_json {
            Form::Json {
                file: BufWriter::new(file),
                lines: 0,
            }
        } else {
            let mut csv = csv::Writer::from_writer(file);
            let header = ["table", "row", "id", "username", "outcome", "reason"];
            csv.write_record(header)
                .map_err(|error| failed(error.into()))?;
            Form::Csv(Box::new(csv))
        };
        Ok(Self {
            path: path.to_owned(),
            part,
            file,
            users: Counts::default(),
            logs: Counts::default(),
            without_offset: 0,
        })
    }

    /// A row of the table of users.
    pub(super) fn user(&mut self, line: &Line<'_>) -> Result<(), CommandError> {
        *self.users.0.entry(line.outcome).or_default() += 1;
        self.put(line)
    }

    /// A row of the table of logs.
    pub(super) fn log(&mut self, line: &Line<'_>) -> Result<(), CommandError> {
        *self.logs.0.entry(line.outcome).or_default() += 1;
        self.put(line)
    }

    fn put(&mut self, line: &Line<'_>) -> Result<(), CommandError> {
        let written = match &mut self.file {
            Form::Csv(csv) => csv
                .write_record([
                    line.table,
                    &line.row.to_string(),
                    line.id,
                    line.username.unwrap_or_default(),
                    line.outcome.as_str(),
                    line.reason,
                ])
                .map_err(io::Error::from),
            Form::Json { file, lines } => {
                *lines += 1;
                let before: &[u8] = if *lines == 1 { b"[\n" } else { b",\n" };
                file.write_all(before)
                    .and_then(|()| serde_json::to_writer(file, line).map_err(io::Error::from))
            }
        };
        written.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> CommandError {
        CommandError::File {
            path: self.path.clone(),
            source,
        }
    }

    pub(super) fn finish(mut self) -> Result<Written, CommandError> {
        let ended = match &mut self.file {
            Form::Csv(csv) => csv.flush(),
            Form::Json { file, lines } => {
                let end: &[u8] = if *lines == 0 { b"[]\n" } else { b"\n]\n" };
                file.write_all(end).and_then(|()| file.flush())
            }
        };
        ended
            .and_then(|()| fs::rename(&self.part, &self.path))
            .map_err(|source| self.failed(source))?;
        Ok(Written {
            users: std::mem::take(&mut self.users),
            logs: std::mem::take(&mut self.logs),
            without_offset: self.without_offset,
        })
    }
}

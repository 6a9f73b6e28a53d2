//! Tables with a row for each session, or for each participant.

use crate::chunks::Chunks;
use crate::row::{Row, begin, scan};
use crate::{Export, ExportError, Format, Profile};
use serde::Serialize;
use sillage_domain::quality::{
    Boundaries, Observed, ParticipantSummary, Rules, SessionSummary, Survey, Tally,
};
use sillage_domain::{ActionName, LogNumber, Pseudonym, SessionName, Timestamp};
use std::io::Write;
use std::ops::ControlFlow;

/// What one row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Table {
    /// A log entry.
    #[default]
    Entries,
    /// A play session of one participant.
    Sessions,
    /// A participant.
    Participants,
}

impl Table {
    /// Every table, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Entries, Self::Sessions, Self::Participants];

    /// The word for it: `entries`, `sessions`, `participants`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Sessions => "sessions",
            Self::Participants => "participants",
        }
    }

    /// The table for a word; `None` if there is none.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.as_str() == word)
    }
}

/// The columns of the table of sessions, before those of the actions.
pub const SESSION_COLUMNS: [&str; 17] = [
    "session",
    "participant",
    "entries",
    "first",
    "last",
    "duration_seconds",
    "active_seconds",
    "first_sequence",
    "last_sequence",
    "gaps",
    "missing",
    "repeated",
    "backwards",
    "too_early",
    "in_the_future",
    "late",
    "clock_offset_seconds",
];

/// The columns of the table of participants, before those of the actions.
pub const PARTICIPANT_COLUMNS: [&str; 7] = [
    "participant",
    "sessions",
    "entries",
    "first",
    "last",
    "duration_seconds",
    "active_seconds",
];

/// A row of either table.
trait Summary {
    fn put(&self, row: &mut Row);
    fn count(&self, action: &ActionName) -> u64;
    fn json(&self, line: &mut Vec<u8>) -> serde_json::Result<()>;
}

/// A session as a JSON object, with the members of the columns.
#[derive(Serialize)]
struct SessionLine<'a> {
    session: Option<&'a SessionName>,
    #[serde(serialize_with = "as_text")]
    participant: Pseudonym,
    entries: u64,
    first: Timestamp,
    last: Timestamp,
    duration_seconds: f64,
    active_seconds: f64,
    first_sequence: Option<i64>,
    last_sequence: Option<i64>,
    gaps: u64,
    missing: u64,
    repeated: u64,
    backwards: u64,
    too_early: u64,
    in_the_future: u64,
    late: u64,
    clock_offset_seconds: Option<f64>,
    #[serde(serialize_with = "as_map")]
    actions: &'a [(ActionName, u64)],
}

fn as_text<S: serde::Serializer>(code: &Pseudonym, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(code)
}

fn as_map<S: serde::Serializer>(
    actions: &[(ActionName, u64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(actions.iter().map(|(name, count)| (name, count)))
}

impl Summary for SessionSummary {
    fn put(&self, row: &mut Row) {
        row.optional_text(self.session.as_ref().map(|name| name.as_str()));
        row.shown(self.participant);
        row.shown(self.entries);
        row.time(Some(self.first));
        row.time(Some(self.last));
        row.shown(self.duration_seconds);
        row.shown(self.active_seconds);
        row.integer(self.first_sequence);
        row.integer(self.last_sequence);
        let found = &self.findings;
        row.shown(found.gaps);
        row.shown(found.missing);
        row.shown(found.repeated);
        row.shown(found.backwards);
        row.shown(found.too_early);
        row.shown(found.in_the_future);
        row.shown(found.late);
        match self.clock_offset_seconds {
            Some(offset) => row.shown(offset),
            None => row.empty(),
        }
    }

    fn count(&self, action: &ActionName) -> u64 {
        let place = self.actions.binary_search_by(|(name, _)| name.cmp(action));
        place.map_or(0, |place| self.actions[place].1)
    }

    fn json(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        let found = &self.findings;
        let row = SessionLine {
            session: self.session.as_ref(),
            participant: self.participant,
            entries: self.entries,
            first: self.first,
            last: self.last,
            duration_seconds: self.duration_seconds,
            active_seconds: self.active_seconds,
            first_sequence: self.first_sequence,
            last_sequence: self.last_sequence,
            gaps: found.gaps,
            missing: found.missing,
            repeated: found.repeated,
            backwards: found.backwards,
            too_early: found.too_early,
            in_the_future: found.in_the_future,
            late: found.late,
            clock_offset_seconds: self.clock_offset_seconds,
            actions: &self.actions,
        };
        serde_json::to_writer(line, &row)
    }
}

impl Summary for ParticipantSummary {
    fn put(&self, row: &mut Row) {
        row.shown(self.participant);
        row.shown(self.sessions);
        row.shown(self.entries);
        row.time(Some(self.first));
        row.time(Some(self.last));
        row.shown(self.duration_seconds);
        row.shown(self.active_seconds);
    }

    fn count(&self, action: &ActionName) -> u64 {
        self.actions.get(action).copied().unwrap_or(0)
    }

    fn json(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(line, self)
    }
}

/// Writes the table of sessions.
///
/// Entries are read twice, first for the actions and the number of sessions; more often where there are more than 32,768 sessions, so that
/// memory stays bounded.
pub(crate) fn sessions(
    export: &Export<'_>,
    rules: &Rules,
    to: (Format, Profile),
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    write(export, rules, &SESSION_COLUMNS, Tally::sessions, to, out)
}

/// Writes the table of participants, in the same way.
pub(crate) fn participants(
    export: &Export<'_>,
    rules: &Rules,
    to: (Format, Profile),
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    write(
        export,
        rules,
        &PARTICIPANT_COLUMNS,
        Tally::participants,
        to,
        out,
    )
}

fn write<S: Summary>(
    export: &Export<'_>,
    rules: &Rules,
    columns: &[&str],
    finish: fn(Tally) -> Vec<S>,
    (format, profile): (Format, Profile),
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    let mut survey = Survey::default();
    let last = each(export, None, |entry| survey.add(entry))?;
    let parts = survey.parts();
    let mut rows = 0;
    let tally = |part| -> Result<Vec<S>, ExportError> {
        let mut tally = Tally::new(rules, &Boundaries::default(), part, parts);
        each(export, Some(last), |entry| tally.add(entry))?;
        Ok(finish(tally))
    };
    match format {
        Format::Csv => {
            let actions = survey.actions();
            let names = actions.iter().map(|name| format!("actions.{name}"));
            let names: Vec<String> = names.collect();
            let header = columns
                .iter()
                .copied()
                .chain(names.iter().map(String::as_str));
            let mut csv = begin(&mut *out, profile, header)?;
            let mut row = Row::new(profile);
            for part in 0..parts {
                for one in tally(part)? {
                    row.clear();
                    one.put(&mut row);
                    actions.iter().for_each(|name| row.shown(one.count(name)));
                    csv.write_byte_record(row.record())?;
                    rows += 1;
                }
            }
            csv.flush().map_err(ExportError::Write)?;
        }
        Format::Ndjson => {
            let mut line = Vec::new();
            for part in 0..parts {
                for one in tally(part)? {
                    line.clear();
                    one.json(&mut line)
                        .map_err(|error| ExportError::Write(error.into()))?;
                    line.push(b'\n');
                    out.write_all(&line).map_err(ExportError::Write)?;
                    rows += 1;
                }
            }
            out.flush().map_err(ExportError::Write)?;
        }
    }
    Ok(rows)
}

/// Shows every entry that is left, up to that number, and gives the last that was there; tombstones tell of no session.
fn each(
    export: &Export<'_>,
    until: Option<LogNumber>,
    mut look: impl FnMut(&Observed<'_>),
) -> Result<LogNumber, ExportError> {
    let mut last = LogNumber(0);
    scan(export, |entry| {
        // What came in between is not in the columns.
        if until.is_some_and(|until| entry.number > until) {
            return Ok(ControlFlow::Break(()));
        }
        last = entry.number;
        if let Some(entry) = Observed::of(entry) {
            look(&entry);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(last)
}

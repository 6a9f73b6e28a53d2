//! What is asked for: which entries, in which shape, sent where.

use crate::chunks::Chunks;
use crate::{
    Cleaning, Deidentified, ExportError, WideTable, cleaning, flat, long, ndjson, tables, wide,
};
use sillage_domain::codebook::Codebook;
use sillage_domain::quality::Rules;
use sillage_domain::{
    AmendmentStore, DisputeStore, LogFilter, LogStore, ParticipantNumber, Pseudonym, Slug, StudyId,
    Timestamp,
};
use std::fmt;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// The formats of a study's export, as the API and the command line name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// RFC 4180.
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Csv, Self::Ndjson];

    /// The word for it: `csv`, `ndjson`. It ends file names too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    /// The format for a word; `None` if there is none.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.as_str() == word)
    }

    /// The media type, with its parameters (RFC 4180 section 3).
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The shape of a whole study in this format; `profile` counts for CSV only.
    pub const fn shape(self, profile: Profile) -> Shape<'static> {
        match self {
            Self::Csv => Shape::Csv(profile),
            Self::Ndjson => Shape::Ndjson,
        }
    }
}

/// Who opens a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// A program for analysis: every value as it is.
    #[default]
    Analysis,
    /// A spreadsheet, which would run a text that begins with `=`, `+`, `-` or `@` (also after a tab or a line end, and in their
    /// full-width forms) as a formula: such a text gets an apostrophe in front. Numbers stay numbers.
    Spreadsheet,
}

impl Profile {
    /// Every profile, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Analysis, Self::Spreadsheet];

    /// The word for it: `analysis`, `spreadsheet`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Spreadsheet => "spreadsheet",
        }
    }

    /// The profile for a word; `None` if there is none.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.as_str() == word)
    }
}

/// How entries become rows.
#[derive(Clone, Copy)]
pub enum Shape<'a> {
    /// CSV with the columns [`COLUMNS`](crate::COLUMNS), then [`REVISION`](crate::REVISION) where any entry of the study was amended, and
    /// [`DISPUTED`](crate::DISPUTED) where any is disputed.
    Csv(Profile),
    /// The same without the pseudonym, for whoever sent the entries.
    OwnCsv(Profile),
    /// A JSON object a line, with the members of [`COLUMNS`](crate::COLUMNS) that the entry has, `amended` and
    /// [`REVISION`](crate::REVISION) where it was amended, and [`DISPUTED`](crate::DISPUTED) where it is disputed.
    Ndjson,
    /// CSV with a column for each member that stands in some payload, as TSADK's export had.
    ///
    /// Entries are read twice, first for the names of the columns, in order of first appearance; entries that arrive meanwhile are left
    /// out. What is not accepted (a tombstone) has no row. A member called like one of the first six columns is `payload.` and its
    /// name. At most [`MAX_COLUMNS`](crate::MAX_COLUMNS) members, with names of up to
    /// [`MAX_COLUMN_NAME`](crate::MAX_COLUMN_NAME) bytes, get a column of their own; where there are more, the others stand together as
    /// a JSON object in a last column, [`REST`](crate::REST).
    FlatCsv {
        /// Who opens it.
        profile: Profile,
        /// The number of a participant whose account still exists, for the column `userID`.
        number_of: &'a dyn Fn(Pseudonym) -> Option<ParticipantNumber>,
        /// What the study traces: the columns are its fields, in its order and under the names that the game has for them, and after
        /// them what else stands in some payload.
        codebook: Option<&'a Codebook>,
    },
    /// CSV with a typed column for each field of a codebook. What is not accepted (a tombstone) has no row.
    Wide {
        /// Who opens it.
        profile: Profile,
        /// Its columns.
        table: &'a WideTable,
    },
    /// A row, or a line, for each play session of a participant.
    ///
    /// Entries are read twice; more often where there are more than 32,768 sessions, so that memory stays bounded.
    Sessions {
        /// How it is written.
        format: Format,
        /// Who opens it, if it is CSV.
        profile: Profile,
        /// What counts as what.
        rules: &'a Rules,
    },
    /// A row, or a line, for each participant.
    Participants {
        /// How it is written.
        format: Format,
        /// Who opens it, if it is CSV.
        profile: Profile,
        /// What counts as what.
        rules: &'a Rules,
    },
    /// CSV with what the [cleaning](Reading::cleaning) leaves out or changes, and why.
    Reasons(Profile),
}

/// How much of the entries a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What the codebook says reveals nothing: [`Deidentified`].
    Deidentified,
    /// Everything.
    Full,
}

impl View {
    /// Every view, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Deidentified, Self::Full];

    /// The word for it: `deidentified`, `full`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deidentified => "deidentified",
            Self::Full => "full",
        }
    }

    /// The view for a word; `None` if there is none.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|v| v.as_str() == word)
    }
}

/// How entries are read before they become rows; as they were sent, by default. What is stored stays as it is.
#[derive(Clone, Copy, Default)]
pub struct Reading<'a> {
    /// Where their amendments are read, which are put over what was sent; nothing is, if `None`.
    pub amendments: Option<&'a dyn AmendmentStore>,
    /// Where it is read which of them are disputed; none is marked, if `None`.
    pub disputes: Option<&'a dyn DisputeStore>,
    /// What is left out, or changed.
    pub cleaning: Option<&'a Cleaning<'a>>,
    /// What of the payloads may be shown; all of them, if `None`.
    pub deidentified: Option<&'a Deidentified>,
}

impl fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("amended", &self.amendments.is_some())
            .field("marked", &self.disputes.is_some())
            .field("cleaning", &self.cleaning)
            .field("deidentified", &self.deidentified)
            .finish()
    }
}

impl fmt::Debug for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv(profile) => write!(f, "Csv({profile:?})"),
            Self::OwnCsv(profile) => write!(f, "OwnCsv({profile:?})"),
            Self::Ndjson => f.write_str("Ndjson"),
            Self::FlatCsv { profile, .. } => write!(f, "FlatCsv({profile:?})"),
            Self::Wide { profile, table } => write!(f, "Wide({profile:?}, {table:?})"),
            Self::Sessions { format, .. } => write!(f, "Sessions({format:?})"),
            Self::Participants { format, .. } => write!(f, "Participants({format:?})"),
            Self::Reasons(profile) => write!(f, "Reasons({profile:?})"),
        }
    }
}

/// An export that can be made, more than once if need be.
#[derive(Clone, Copy)]
pub struct Export<'a> {
    /// Where entries are read.
    pub logs: &'a dyn LogStore,
    /// Whose.
    pub study: StudyId,
    /// Which of them.
    pub filter: &'a LogFilter,
    /// How they become rows.
    pub shape: Shape<'a>,
    /// What of them is read.
    pub reading: Reading<'a>,
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows, without the header.
    pub entries: u64,
    /// Whether all were: false where the consumer was gone.
    pub complete: bool,
}

impl Export<'_> {
    /// Hands the file to `consumer` in chunks of about [`CHUNK`](crate::CHUNK) bytes, the header at once, until it breaks.
    ///
    /// # Errors
    ///
    /// [`ExportError::Store`]: what was handed over is then cut off, perhaps within a row.
    pub fn send(
        &self,
        mut consumer: impl FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<Written, ExportError> {
        let mut chunks = Chunks::new(&mut consumer);
        let result = match self.shape {
            Shape::Csv(profile) => long::write(self, profile, true, &mut chunks),
            Shape::OwnCsv(profile) => long::write(self, profile, false, &mut chunks),
            Shape::Ndjson => ndjson::write(self, &mut chunks),
            Shape::FlatCsv {
                profile,
                number_of,
                codebook,
            } => flat::write(self, profile, number_of, codebook, &mut chunks),
            Shape::Wide { profile, table } => wide::write(self, table, profile, &mut chunks),
            Shape::Sessions {
                format,
                profile,
                rules,
            } => tables::sessions(self, rules, (format, profile), &mut chunks),
            Shape::Participants {
                format,
                profile,
                rules,
            } => tables::participants(self, rules, (format, profile), &mut chunks),
            Shape::Reasons(profile) => cleaning::write_reasons(self, profile, &mut chunks),
        };
        let complete = !chunks.is_broken();
        match result {
            Ok(entries) => Ok(Written { entries, complete }),
            // A consumer that broke is no failure of the export.
            Err(ExportError::Write(_)) if !complete => Ok(Written {
                entries: 0,
                complete,
            }),
            Err(error) => Err(error),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// [`ExportError`]: the file is then cut off.
    pub fn write(&self, file: &mut dyn Write) -> Result<Written, ExportError> {
        let mut failure: Option<io::Error> = None;
        let written = self.send(|chunk| match file.write_all(&chunk) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        })?;
        match failure {
            Some(error) => Err(ExportError::Write(error)),
            None => file.flush().map(|()| written).map_err(ExportError::Write),
        }
    }
}

/// The name of an export's file, by study and day (UTC): `tsadk_export_logs_20240518.csv`.
pub fn file_name(study: &Slug, day: Timestamp, format: Format) -> String {
    let mut buffer = [0; 27];
    let day = day.format(&mut buffer);
    format!(
        "{study}_export_logs_{}{}{}.{}",
        &day[..4],
        &day[5..7],
        &day[8..10],
        format.as_str()
    )
}

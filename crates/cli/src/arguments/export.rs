//! How `sillage export` is written.

use super::{StudyName, word};
use clap::Args;
use sillage_domain::quality::Seconds;
use sillage_domain::{ActionName, EntryStatus, Pseudonym, Purpose, SessionName, Timestamp};
use sillage_export::{CleaningRule, Format, Profile, Table, View};
use std::path::PathBuf;

/// How entries become rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// With the payload as JSON.
    Long,
    /// With a typed column for each field of the codebook.
    Wide,
}

impl Layout {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "long" => Some(Self::Long),
            "wide" => Some(Self::Wide),
            _ => None,
        }
    }
}

/// `sillage export`
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// Rows of columns, or a JSON object a line
    #[arg(long, default_value = "csv", value_parser = word(&["csv", "ndjson"], Format::from_word))]
    pub format: Format,
    /// What one row is about
    #[arg(long, default_value = "entries", value_parser = word(&["entries", "sessions", "participants"], Table::from_word))]
    pub table: Table,
    /// The payload as JSON, or a typed column for each field of the codebook
    #[arg(long, default_value = "long", value_parser = word(&["long", "wide"], Layout::from_word))]
    pub shape: Layout,
    /// Everything, or of payloads only what the codebook says reveals nothing [default: the latter, where there is a codebook]
    #[arg(long, value_parser = word(&["deidentified", "full"], View::from_word))]
    pub view: Option<View>,
    /// What it is for: entries of people who have not consented to that, where the study asks, or took it back, are left out
    #[arg(long, default_value = "research", value_parser = word(&["research", "reuse", "publication"], Purpose::from_word))]
    pub purpose: Purpose,
    /// Rules of cleaning, with commas between them: leave out entries of impossible times, duplicates, sessions that are not whole; empty
    /// values that do not fit the codebook
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = word(&["times", "duplicates", "sessions", "values"], CleaningRule::from_word))]
    pub clean: Vec<CleaningRule>,
    /// How long a pause may be that counts as active time: seconds, or a duration such as PT5M
    #[arg(long, default_value = "300", value_name = "DURATION")]
    pub idle: Seconds,
    /// The codebook to go by (TOML, or JSON with .json), instead of the study's own
    #[arg(long, value_name = "FILE")]
    pub codebook: Option<PathBuf>,
    /// Who opens the CSV: a program for analysis, or a spreadsheet, for which formulas are made harmless
    #[arg(long, default_value = "analysis", value_parser = word(&["analysis", "spreadsheet"], Profile::from_word))]
    pub profile: Profile,
    /// Where to write it [default: the standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write every table to a folder: entries, each action, sessions, participants, the codebook, what they hold, and how they were made
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["output", "table", "shape", "format"])]
    pub tables: Option<PathBuf>,
    /// Only this player's
    #[arg(long, value_name = "PSEUDONYM")]
    pub participant: Option<Pseudonym>,
    /// Only this play session
    #[arg(long)]
    pub session: Option<SessionName>,
    /// Only this action
    #[arg(long)]
    pub action: Option<ActionName>,
    /// Only what happened at this time or later (ISO 8601, with its offset from UTC)
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Only what happened before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// Only what arrived at this time or later
    #[arg(long, value_name = "TIME")]
    pub received_from: Option<Timestamp>,
    /// Only what arrived before this time
    #[arg(long, value_name = "TIME")]
    pub received_to: Option<Timestamp>,
    /// Only entries in this state [default: accepted]
    #[arg(long, value_parser = word(&["accepted", "deleted"], EntryStatus::from_word))]
    pub status: Option<EntryStatus>,
    /// Entries as they were sent, not as they were amended
    #[arg(long)]
    pub raw: bool,
}

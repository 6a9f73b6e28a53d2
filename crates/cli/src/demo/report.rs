//! What the demonstration found, for people and for programs.

use super::players::Tally;
use super::recording::Recording;
use crate::Output;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// What was played, and what came out.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The study that was made for it.
    pub study: String,
    /// How many logged in.
    pub participants: u64,
    /// Requests with entries.
    pub batches: u64,
    /// Entries, each counted once.
    pub sent: u64,
    /// Entries that the server said it had taken.
    pub accepted: u64,
    /// Entries that the server holds.
    pub stored: u64,
    /// Entries that were sent a second time on purpose.
    pub resent: u64,
    /// Entries that the server said it had already.
    pub duplicates: u64,
    /// Entries of which the server said something else.
    pub other: u64,
    /// Requests that were sent again, since no answer came.
    pub retries: u64,
    /// Counts per action.
    pub actions: Vec<ActionCount>,
    /// Where the CSV is.
    pub csv: PathBuf,
    /// Its rows, without the header.
    pub csv_rows: u64,
    /// What is not as it should be; nothing if all is well.
    pub wrong: Vec<String>,
}

/// How often something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionCount {
    /// What.
    pub action: String,
    /// In the recording.
    pub recorded: u64,
    /// In the archive.
    pub stored: u64,
}

impl Report {
    pub(crate) fn new(
        study: &str,
        recording: &Recording,
        tally: Tally,
        stored: u64,
        actions: Vec<ActionCount>,
        csv: &Path,
        csv_rows: u64,
    ) -> Self {
        Self {
            study: study.to_owned(),
            participants: recording.sessions.len() as u64,
            batches: tally.batches,
            sent: tally.sent,
            accepted: tally.accepted,
            stored,
            resent: tally.resent,
            duplicates: tally.duplicates,
            other: tally.other,
            retries: tally.retries,
            actions,
            csv: csv.to_owned(),
            csv_rows,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn print(&self, output: &mut Output<'_>) -> io::Result<()> {
        output.line(format_args!(
            "{:<24} {:>9} {:>9}",
            "action", "recorded", "stored"
        ))?;
        for count in &self.actions {
            let mark = if count.recorded == count.stored {
                ""
            } else {
                "  differs"
            };
            output.line(format_args!(
                "{:<24} {:>9} {:>9}{mark}",
                count.action, count.recorded, count.stored
            ))?;
        }
        output.line(format_args!(
            "{:<24} {:>9} {:>9}",
            "all", self.sent, self.stored
        ))?;
        output.line("")?;
        output.line(format_args!(
            "{} players sent {} entries in {} batches; stored: {}, each once",
            self.participants, self.sent, self.batches, self.stored
        ))?;
        output.line(format_args!(
            "sent twice on purpose: {} entries; answered as known: {}",
            self.resent, self.duplicates
        ))?;
        if self.retries > 0 {
            output.line(format_args!(
                "sent again for want of an answer: {} requests, whose entries may have been known",
                self.retries
            ))?;
        }
        output.line(format_args!(
            "CSV: {} ({} rows)",
            self.csv.display(),
            self.csv_rows
        ))?;
        output.value(self)
    }
}

//! How good the traces of a study are: one look at each entry, in memory that does not grow with their number.
//!
//! [`Quality`] makes the report on a study; [`Tally`] gives what each session came to, for tables of sessions and participants.

mod actions;
mod expected;
mod fields;
mod observed;
mod order;
mod report;
mod seconds;
mod session;
mod sessions;
mod sketch;
mod study;
mod tally;
#[cfg(test)]
mod tests;

pub use actions::MAX_ACTIONS;
pub use expected::{Expected, field_of};
pub use fields::{ExpectedField, MAX_FIELDS};
pub use observed::{Observed, RecentContents};
pub use report::{ActionReport, ClockReport, FieldReport, QualityReport, RulesTold, VersionReport};
pub use seconds::{NoDuration, Seconds};
pub use session::{Boundaries, Findings, SessionSummary};
pub use study::Quality;
pub use tally::{ParticipantSummary, Survey, Tally};

use crate::Timestamp;
use std::num::NonZeroUsize;

/// How many sessions a report lists.
pub const MAX_SESSIONS_TOLD: usize = 1000;

/// What counts as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Before which nothing can have happened.
    pub earliest: Timestamp,
    /// Seconds by which a clock may be off.
    pub tolerance: u32,
    /// Seconds after which an arrival is late.
    pub late: u32,
    /// Seconds between two entries up to which somebody is taken to have played.
    pub idle: u32,
    /// How many sessions may be open at once: each takes some 300 bytes, and 16 for each kind of action.
    pub sessions: NonZeroUsize,
}

/// 2000-01-01T00:00:00Z.
const EARLIEST: Timestamp = Timestamp::from_micros(946_684_800_000_000).unwrap();

impl Default for Rules {
    /// The year 2000, five minutes of tolerance, late after a day, idle after five minutes, 65,536 sessions.
    fn default() -> Self {
        Self {
            earliest: EARLIEST,
            tolerance: 300,
            late: 86_400,
            idle: 300,
            sessions: const { NonZeroUsize::new(1 << 16).unwrap() },
        }
    }
}

impl Rules {
    fn idle_micros(&self) -> i64 {
        i64::from(self.idle) * 1_000_000
    }

    /// What an entry's own times say of it.
    #[must_use]
    pub fn judge(&self, entry: &Observed<'_>) -> Findings {
        let mut found = Findings {
            too_early: u64::from(entry.occurred_at < self.earliest),
            ..Findings::default()
        };
        if let Some(received) = entry.received_at {
            let delay = received.micros() - entry.occurred_at.micros();
            found.in_the_future = u64::from(-delay > i64::from(self.tolerance) * 1_000_000);
            found.late = u64::from(delay > i64::from(self.late) * 1_000_000);
        }
        found
    }

    /// Whether the entry's time can't be: before [`earliest`](Self::earliest), or after its reception by more than the tolerance.
    #[must_use]
    pub fn is_impossible(&self, entry: &Observed<'_>) -> bool {
        let found = self.judge(entry);
        found.too_early + found.in_the_future > 0
    }
}

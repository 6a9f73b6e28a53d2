//! What is told of the quality of a study.

use super::session::{Findings, SessionSummary};
use super::{MAX_SESSIONS_TOLD, Rules};
use crate::{ActionName, Timestamp};
use serde::Serialize;

/// What versions of a game are counted under that are not told one by one.
pub(super) const OTHER_VERSIONS: &str = "(others)";

/// How good the traces of a study are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QualityReport {
    /// Entries that were looked at.
    pub entries: u64,
    /// Tombstones, of which nothing is left to look at.
    pub deleted: u64,
    /// Entries that those dispute whose they are.
    pub disputed: u64,
    /// Different participants: counted, or estimated above 65,536.
    pub participants: u64,
    /// Play sessions, each of one participant: counted, or estimated above 65,536.
    pub session_count: u64,
    /// The earliest instant by the clocks of the games, of those that can be.
    pub first: Option<Timestamp>,
    /// The latest.
    pub last: Option<Timestamp>,
    /// What was found, over all sessions.
    #[serde(flatten)]
    pub findings: Findings,
    /// Entries in quarantine; `None` where it was not looked at.
    pub quarantined: Option<u64>,
    /// Entries in quarantine that have the id of another one, and other content.
    pub conflicts: Option<u64>,
    /// Entries of no session.
    pub without_session: u64,
    /// Entries without a sequence number.
    pub without_sequence: u64,
    /// Sessions whose least sequence number is above 1: what came before is missing.
    pub not_from_the_start: u64,
    /// Sessions without an action that the codebook calls a beginning; `None` where it names none.
    pub without_start: Option<u64>,
    /// Sessions without one that it calls an end.
    pub without_end: Option<u64>,
    /// Names of sessions in which several participants have entries.
    pub several_participants: u64,
    /// The longest step backwards of a clock.
    pub longest_backwards_seconds: f64,
    /// The longest time from an action to its arrival.
    pub longest_delay_seconds: f64,
    /// How far clocks were off, by `sent_at`.
    pub clock: ClockReport,
    /// Which version of the codebook entries were compared with; `None` without a codebook.
    pub codebook_version: Option<u64>,
    /// Actions of the codebook that no entry has.
    pub never_seen: Vec<ActionName>,
    /// Actions, in order of names.
    pub actions: Vec<ActionReport>,
    /// Fields of payloads, in order of actions and names.
    pub fields: Vec<FieldReport>,
    /// Members of payloads that there was no room to look at.
    pub fields_passed_over: u64,
    /// By version of the game, where the codebook says which field has it; in order of versions.
    pub versions: Vec<VersionReport>,
    /// Sessions, those with most findings first: at most 1,000.
    pub sessions: Vec<SessionSummary>,
    /// What counts as what.
    pub rules: RulesTold,
    /// Sessions that were closed before the end, since there were too many at once: an entry that came later for one of them began it anew.
    pub closed_early: u64,
    /// Whether every number is one that was counted.
    pub is_exact: bool,
}

impl QualityReport {
    /// For readers of de-identified data: without fields that no codebook declares, whose names the players' games chose. `versions`: whether
    /// versions of the game may be told, which are values of a field; of those that the codebook says may stand there.
    #[must_use]
    pub fn deidentified(mut self, versions: bool) -> Self {
        self.fields.retain(|field| field.declared);
        if !versions {
            self.versions.clear();
        }
        let named = |one: &VersionReport| one.is_of_codebook || one.version.is_none();
        let (mut told, other): (Vec<_>, Vec<_>) = self.versions.into_iter().partition(named);
        told.extend(
            other
                .into_iter()
                .reduce(VersionReport::and)
                .map(|other| VersionReport {
                    version: Some(OTHER_VERSIONS.into()),
                    ..other
                }),
        );
        self.versions = told;
        self
    }
}

/// How far the clocks of games were off, in seconds: from `sent_at` to the reception, the least of each session.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct ClockReport {
    /// Sessions that say when they sent.
    pub sessions: u64,
    /// The least: negative where a game's clock is ahead.
    pub least_offset_seconds: Option<f64>,
    /// The greatest.
    pub greatest_offset_seconds: Option<f64>,
    /// Sessions that are off by more than the tolerance.
    pub off: u64,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ActionReport {
    /// Its name.
    pub action: ActionName,
    /// How many entries have it.
    pub entries: u64,
    /// Whether the codebook has it; `None` without a codebook.
    pub declared: Option<bool>,
}

/// A field of the payload of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldReport {
    /// Of which action.
    pub action: ActionName,
    /// Its name.
    pub field: Box<str>,
    /// Whether the codebook has it.
    pub declared: bool,
    /// How many entries have the action.
    pub entries: u64,
    /// How many of them have the field.
    pub present: u64,
    /// How many of these have no value in it: `null`, an empty text, array or object, or a code for a missing value.
    pub empty: u64,
    /// Whether no entry has a value in it.
    pub always_empty: bool,
    /// How many do not fit what the codebook says of it.
    pub outside: u64,
    /// How many different values it has, as they are written.
    pub distinct: u64,
    /// Whether they were counted, and not estimated (within some 2 %).
    pub distinct_is_exact: bool,
}

/// A version of the game.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VersionReport {
    /// What the game calls it; `null` for entries that do not say.
    pub version: Option<Box<str>>,
    /// Entries.
    pub entries: u64,
    /// Of entries one by one: neither gaps nor steps.
    #[serde(flatten)]
    pub findings: Findings,
    /// Whether an entry has it in a field that the codebook has, and where it fits.
    #[serde(skip)]
    pub is_of_codebook: bool,
}

impl VersionReport {
    fn and(mut self, other: Self) -> Self {
        self.entries += other.entries;
        self.findings.add(&other.findings);
        self
    }
}

/// The [`Rules`] that were followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RulesTold {
    /// Before which nothing can have happened.
    pub earliest: Timestamp,
    /// How far a clock may be off.
    pub tolerance_seconds: u32,
    /// After how long an arrival is late.
    pub late_seconds: u32,
    /// How long a pause may be that counts as active time.
    pub idle_seconds: u32,
}

impl From<&Rules> for RulesTold {
    fn from(rules: &Rules) -> Self {
        Self {
            earliest: rules.earliest,
            tolerance_seconds: rules.tolerance,
            late_seconds: rules.late,
            idle_seconds: rules.idle,
        }
    }
}

/// The sessions that are told, no more than so many.
#[derive(Debug, Default)]
pub(super) struct Told(Vec<SessionSummary>);

impl Told {
    pub(super) fn add(&mut self, session: SessionSummary) {
        self.0.push(session);
        if self.0.len() >= 2 * MAX_SESSIONS_TOLD {
            self.cut();
        }
    }

    pub(super) fn finish(mut self) -> Vec<SessionSummary> {
        self.cut();
        self.0
    }

    fn cut(&mut self) {
        self.0.sort_by(|a, b| {
            let worst_first = b.findings.total().cmp(&a.findings.total());
            worst_first
                .then_with(|| a.session.cmp(&b.session))
                .then_with(|| a.participant.cmp(&b.participant))
                .then_with(|| a.first.cmp(&b.first))
        });
        self.0.truncate(MAX_SESSIONS_TOLD);
    }
}

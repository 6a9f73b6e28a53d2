//! One play session of one player, entry by entry.

use super::actions::{ActionKey, ActionNames};
use super::order::{Order, Steps};
use super::{Observed, Rules};
use crate::{ActionName, Pseudonym, SessionName, Timestamp};
use serde::Serialize;

/// What was found that a researcher should know of: numbers of entries, but for gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Findings {
    /// Holes in the sequence of a session.
    pub gaps: u64,
    /// Sequence numbers that are missing in them.
    pub missing: u64,
    /// Entries with a sequence number that an earlier entry of the session has.
    pub repeated: u64,
    /// Entries with the content of an earlier one, under another id.
    pub duplicates: u64,
    /// Steps from one entry to the next of the sequence on which the game's clock runs backwards.
    pub backwards: u64,
    /// Entries that say that they happened before the year 2000.
    pub too_early: u64,
    /// Entries that say that they happened after they were received, by more than the tolerance.
    pub in_the_future: u64,
    /// Entries that arrived later than the limit after they happened.
    pub late: u64,
    /// Entries that do not fit the codebook as it is now.
    pub outside: u64,
}

impl Findings {
    /// All of them together, late arrivals apart, which are a fact and no fault.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.gaps
            + self.repeated
            + self.duplicates
            + self.backwards
            + self.too_early
            + self.in_the_future
            + self.outside
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.gaps += other.gaps;
        self.missing += other.missing;
        self.repeated += other.repeated;
        self.duplicates += other.duplicates;
        self.backwards += other.backwards;
        self.too_early += other.too_early;
        self.in_the_future += other.in_the_future;
        self.late += other.late;
        self.outside += other.outside;
    }
}

/// What one player did in one play session; without a name, what he did in none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SessionSummary {
    /// What the game calls it.
    pub session: Option<SessionName>,
    /// Who played.
    #[serde(serialize_with = "as_text")]
    pub participant: Pseudonym,
    /// Entries.
    pub entries: u64,
    /// The earliest instant, by the clock of the game.
    pub first: Timestamp,
    /// The latest one.
    pub last: Timestamp,
    /// Seconds from the one to the other.
    pub duration_seconds: f64,
    /// Seconds without the pauses that are longer than [`Rules::idle`].
    pub active_seconds: f64,
    /// The least sequence number.
    pub first_sequence: Option<i64>,
    /// The greatest.
    pub last_sequence: Option<i64>,
    /// Whether it has an action that the codebook calls a beginning; `None` where the codebook names none.
    pub started: Option<bool>,
    /// Whether it has one that the codebook calls an end.
    pub ended: Option<bool>,
    /// The least number of seconds from `sent_at` to the reception: how far the clock of the game is behind that of the server, and the
    /// shortest way between both. `None` where nothing says when it was sent.
    pub clock_offset_seconds: Option<f64>,
    /// The longest step backwards of the game's clock.
    pub longest_backwards_seconds: f64,
    /// What was found.
    #[serde(flatten)]
    pub findings: Findings,
    /// How often what was done, in order of names.
    #[serde(serialize_with = "as_map")]
    pub actions: Vec<(ActionName, u64)>,
    /// Whether all of it was looked at: `false` of a session with more than a thousand holes.
    pub is_exact: bool,
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

/// What is kept of a session while its entries come: some hundred bytes, and 16 for each kind of action.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// Goes up with every entry of the study.
    pub(super) touched: u64,
    entries: u64,
    first: Timestamp,
    last: Timestamp,
    order: Order,
    /// Steps between entries without a sequence number, in order of arrival.
    unordered: Steps,
    last_unordered: Option<i64>,
    started: bool,
    ended: bool,
    offset: Option<i64>,
    findings: Findings,
    actions: Vec<(ActionKey, u64)>,
}

/// The actions that begin and end a play session; none where nobody says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Boundaries {
    /// Those that begin one.
    pub starts: Vec<ActionName>,
    /// Those that end one.
    pub ends: Vec<ActionName>,
}

impl Boundaries {
    /// Whether beginnings are named, and ends.
    pub(super) fn are_named(&self) -> (bool, bool) {
        (!self.starts.is_empty(), !self.ends.is_empty())
    }

    pub(super) fn part(&self, action: &ActionName) -> Part {
        Part {
            starts: self.starts.contains(action),
            ends: self.ends.contains(action),
        }
    }
}

/// What an action is to its session.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    pub(super) starts: bool,
    pub(super) ends: bool,
}

impl Stream {
    pub(super) fn new(first: Timestamp, rules: &Rules) -> Self {
        let idle = rules.idle_micros();
        Self {
            touched: 0,
            entries: 0,
            first,
            last: first,
            order: Order::new(idle),
            unordered: Steps::new(idle),
            last_unordered: None,
            started: false,
            ended: false,
            offset: None,
            findings: Findings::default(),
            actions: Vec::new(),
        }
    }

    /// Takes one more entry; `findings` are those of the entry alone.
    pub(super) fn add(
        &mut self,
        entry: &Observed<'_>,
        action: ActionKey,
        part: Part,
        findings: &Findings,
    ) {
        self.entries += 1;
        self.first = self.first.min(entry.occurred_at);
        self.last = self.last.max(entry.occurred_at);
        let at = entry.occurred_at.micros();
        match entry.sequence {
            Some(sequence) => self.order.add(sequence.get(), at),
            None => {
                if let Some(last) = self.last_unordered.replace(at) {
                    self.unordered.step(last, at);
                }
            }
        }
        self.started |= part.starts;
        self.ended |= part.ends;
        if let (Some(sent), Some(received)) = (entry.sent_at, entry.received_at) {
            let offset = received.micros() - sent.micros();
            self.offset = Some(self.offset.map_or(offset, |least| least.min(offset)));
        }
        self.findings.add(findings);
        match self.actions.iter_mut().find(|(known, _)| *known == action) {
            Some((_, count)) => *count += 1,
            None => self.actions.push((action, 1)),
        }
    }

    /// What it came to. `boundaries`: whether the codebook names beginnings, and ends.
    pub(super) fn summary(
        &self,
        session: Option<SessionName>,
        participant: Pseudonym,
        names: &ActionNames,
        boundaries: (bool, bool),
    ) -> SessionSummary {
        let sequenced = self.order.found();
        let mut findings = self.findings;
        findings.gaps = sequenced.gaps;
        findings.missing = sequenced.missing;
        findings.repeated = sequenced.repeated;
        findings.backwards = sequenced.steps.backwards;
        let mut actions: Vec<_> = self
            .actions
            .iter()
            .map(|(key, count)| (names.name(*key).clone(), *count))
            .collect();
        actions.sort_unstable();
        SessionSummary {
            session,
            participant,
            entries: self.entries,
            first: self.first,
            last: self.last,
            duration_seconds: seconds(self.last.micros() - self.first.micros()),
            active_seconds: seconds(sequenced.steps.active() + self.unordered.active()),
            first_sequence: sequenced.ends.map(|(first, _)| first),
            last_sequence: sequenced.ends.map(|(_, last)| last),
            started: boundaries.0.then_some(self.started),
            ended: boundaries.1.then_some(self.ended),
            clock_offset_seconds: self.offset.map(seconds),
            longest_backwards_seconds: seconds(sequenced.steps.longest_backwards),
            findings,
            actions,
            is_exact: sequenced.is_exact,
        }
    }
}

/// Microseconds as seconds, exact to the microsecond for some 280 years.
pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

//! What each session and each participant came to.

use super::actions::ActionNames;
use super::session::SessionSummary;
use super::sessions::Sessions;
use super::sketch::Distinct;
use super::{Boundaries, Observed, Rules};
use crate::{ActionName, Pseudonym, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Up to how many sessions are kept at once.
const AT_ONCE: u64 = 1 << 15;
/// Sessions and participants that are counted exactly.
const COUNTED: usize = 1 << 16;

/// What must be known of a study before its tables can be written: its actions, and how many sessions there are.
#[derive(Debug)]
pub struct Survey {
    names: ActionNames,
    sessions: Distinct,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            names: ActionNames::default(),
            sessions: Distinct::exact_up_to(COUNTED),
        }
    }
}

impl Survey {
    /// Takes one more entry.
    pub fn add(&mut self, entry: &Observed<'_>) {
        self.names.key(entry.action);
        let mut hasher = DefaultHasher::new();
        (entry.session, entry.participant).hash(&mut hasher);
        self.sessions.add(hasher.finish());
    }

    /// The actions, in order of names: a thousand at most, and one that stands for all others.
    #[must_use]
    pub fn actions(&self) -> Vec<ActionName> {
        let mut names: Vec<_> = self.names.iter().map(|(_, name)| name.clone()).collect();
        names.sort_unstable();
        names
    }

    /// In how many parts the entries are to be looked through again, so that memory stays bounded: 1 for up to 32,768 sessions.
    #[must_use]
    pub fn parts(&self) -> u64 {
        self.sessions.count().div_ceil(AT_ONCE).max(1)
    }
}

/// Adds up the sessions of some participants: of those that fall into one of so many parts.
#[derive(Debug)]
pub struct Tally {
    sessions: Sessions,
    names: ActionNames,
    closed: Vec<SessionSummary>,
    rules: Rules,
    boundaries: Boundaries,
    part: u64,
    parts: u64,
}

impl Tally {
    /// For part `part`, from 0, of `parts`; the sessions of one participant are all in one of them.
    #[must_use]
    pub fn new(rules: &Rules, boundaries: &Boundaries, part: u64, parts: u64) -> Self {
        Self {
            sessions: Sessions::new(rules, boundaries.are_named()),
            names: ActionNames::default(),
            closed: Vec::new(),
            rules: *rules,
            boundaries: boundaries.clone(),
            part,
            parts,
        }
    }

    /// Takes one more entry; leaves those of other parts alone.
    pub fn add(&mut self, entry: &Observed<'_>) {
        if entry.participant.to_u64() % self.parts != self.part {
            return;
        }
        let action = self.names.key(entry.action);
        let found = self.rules.judge(entry);
        let part = self.boundaries.part(entry.action);
        let (names, closed) = (&self.names, &mut self.closed);
        self.sessions
            .add(entry, action, part, &found, names, &mut |one| {
                closed.push(one);
            });
    }

    /// The sessions, in order of names and participants.
    #[must_use]
    pub fn sessions(self) -> Vec<SessionSummary> {
        let mut closed = self.closed;
        self.sessions
            .close(&self.names, &mut |session| closed.push(session));
        closed
    }

    /// The participants, in order of pseudonyms.
    #[must_use]
    pub fn participants(self) -> Vec<ParticipantSummary> {
        let mut found: BTreeMap<Pseudonym, ParticipantSummary> = BTreeMap::new();
        for session in self.sessions() {
            found
                .entry(session.participant)
                .or_insert_with(|| ParticipantSummary::new(&session))
                .add(&session);
        }
        found.into_values().collect()
    }
}

/// What one participant did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ParticipantSummary {
    /// Who played.
    #[serde(serialize_with = "as_text")]
    pub participant: Pseudonym,
    /// In how many sessions, those without a name left out.
    pub sessions: u64,
    /// Entries.
    pub entries: u64,
    /// The earliest instant, by the clock of the game.
    pub first: Timestamp,
    /// The latest one.
    pub last: Timestamp,
    /// Seconds from the one to the other.
    pub duration_seconds: f64,
    /// The active time of all sessions together.
    pub active_seconds: f64,
    /// How often what was done.
    pub actions: BTreeMap<ActionName, u64>,
}

fn as_text<S: serde::Serializer>(code: &Pseudonym, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(code)
}

impl ParticipantSummary {
    fn new(session: &SessionSummary) -> Self {
        Self {
            participant: session.participant,
            sessions: 0,
            entries: 0,
            first: session.first,
            last: session.last,
            duration_seconds: 0.0,
            active_seconds: 0.0,
            actions: BTreeMap::new(),
        }
    }

    fn add(&mut self, session: &SessionSummary) {
        self.sessions += u64::from(session.session.is_some());
        self.entries += session.entries;
        self.first = self.first.min(session.first);
        self.last = self.last.max(session.last);
        self.duration_seconds = super::session::seconds(self.last.micros() - self.first.micros());
        self.active_seconds += session.active_seconds;
        for (action, count) in &session.actions {
            *self.actions.entry(action.clone()).or_default() += count;
        }
    }
}

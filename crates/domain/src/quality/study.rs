//! The report on a study, entry by entry.

use super::actions::{ActionKey, ActionNames};
use super::expected::{Expected, field_of};
use super::fields::Fields;
use super::report::{
    ActionReport, ClockReport, OTHER_VERSIONS, QualityReport, Told, VersionReport,
};
use super::session::{Findings, Part, SessionSummary, seconds};
use super::sessions::Sessions;
use super::sketch::Distinct;
use super::{Observed, RecentContents, Rules};
use crate::codebook::nfc;
use crate::each_member;
use crate::{ActionName, Pseudonym, StoredEntry, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Participants, sessions and names of sessions that are counted exactly.
const COUNTED: usize = 1 << 16;
/// Versions of a game that are told apart.
const MAX_VERSIONS: usize = 100;

/// What is told of the sessions together.
#[derive(Debug, Default)]
struct Sums {
    findings: Findings,
    not_from_the_start: u64,
    without_start: u64,
    without_end: u64,
    longest_backwards_seconds: f64,
    clock: ClockReport,
    is_exact: bool,
    told: Told,
}

/// What is told of a version of the game.
#[derive(Debug, Default)]
struct Version {
    entries: u64,
    findings: Findings,
    /// Whether an entry has it that the codebook says may have it.
    is_of_codebook: bool,
}

/// Makes a report: takes entry after entry, in the order in which they arrived, and says what it found.
///
/// Some 60 MB at most, however many entries there are, and some 20 MB for 100,000 sessions and more.
#[derive(Debug)]
pub struct Quality<'a> {
    rules: Rules,
    expected: Option<Expected<'a>>,
    names: ActionNames,
    /// By action: how many entries have it, and what the codebook says of it.
    actions: Vec<(u64, Part)>,
    sessions: Sessions,
    sums: Sums,
    fields: Fields,
    recent: RecentContents,
    participants: Distinct,
    session_count: Distinct,
    /// By hash of the name of a session: the first participant, and whether there are others.
    names_of_sessions: HashMap<u64, (Pseudonym, bool)>,
    names_passed_over: bool,
    versions: BTreeMap<Option<Box<str>>, Version>,
    entries: u64,
    deleted: u64,
    disputed: u64,
    without_session: u64,
    without_sequence: u64,
    ends: Option<(Timestamp, Timestamp)>,
    longest_delay: i64,
}

impl<'a> Quality<'a> {
    /// Begins a report.
    #[must_use]
    pub fn new(rules: &Rules, expected: Option<Expected<'a>>) -> Self {
        let boundaries = expected.as_ref().map(|e| e.boundaries.are_named());
        let boundaries = boundaries.unwrap_or_default();
        let mut quality = Self {
            rules: *rules,
            names: ActionNames::default(),
            actions: Vec::new(),
            sessions: Sessions::new(rules, boundaries),
            sums: Sums {
                is_exact: true,
                ..Sums::default()
            },
            fields: Fields::default(),
            recent: RecentContents::default(),
            participants: Distinct::exact_up_to(COUNTED),
            session_count: Distinct::exact_up_to(COUNTED),
            names_of_sessions: HashMap::new(),
            names_passed_over: false,
            versions: BTreeMap::new(),
            entries: 0,
            deleted: 0,
            disputed: 0,
            without_session: 0,
            without_sequence: 0,
            ends: None,
            longest_delay: 0,
            expected: None,
        };
        if let Some(expected) = expected {
            for (action, fields) in &expected.fields {
                let key = quality.names.key(action);
                quality.fields.declare(key, fields);
            }
            quality.expected = Some(expected);
        }
        quality
    }

    /// Takes one more entry of the archive.
    pub fn add(&mut self, entry: &StoredEntry) {
        self.disputed += u64::from(entry.disputed);
        match Observed::of(entry) {
            Some(observed) => self.observe(&observed),
            None => self.deleted += 1,
        }
    }

    /// Takes one more entry.
    pub fn observe(&mut self, entry: &Observed<'_>) {
        self.entries += 1;
        let action = match nfc(entry.action.as_str()) {
            Cow::Borrowed(_) => self.action(entry.action),
            // Two spellings of one name are one name.
            Cow::Owned(name) => match name.parse() {
                Ok(name) => self.action(&name),
                Err(_) => self.action(entry.action),
            },
        };
        let mut found = self.rules.judge(entry);
        found.duplicates = u64::from(self.recent.has(entry));
        self.fields.add(action, entry.payload);
        let outside = self.outside(entry, action);
        found.outside = u64::from(outside.is_some());
        self.count(entry);
        if found.too_early + found.in_the_future == 0 {
            let at = entry.occurred_at;
            self.ends = Some(self.ends.map_or((at, at), |(a, b)| (a.min(at), b.max(at))));
        }
        if let Some(received) = entry.received_at {
            let delay = received.micros() - entry.occurred_at.micros();
            self.longest_delay = self.longest_delay.max(delay);
        }
        self.version(
            entry,
            action,
            &found,
            outside.as_deref().unwrap_or_default(),
        );
        let (sums, rules) = (&mut self.sums, &self.rules);
        let part = self.actions[action.0].1;
        self.sessions
            .add(entry, action, part, &found, &self.names, &mut |session| {
                sums.add(session, rules);
            });
    }

    fn action(&mut self, name: &ActionName) -> ActionKey {
        let key = self.names.key(name);
        while self.actions.len() <= key.0 {
            let name = self.names.name(ActionKey(self.actions.len()));
            let expected = self.expected.as_ref();
            let part = expected.map(|e| e.boundaries.part(name));
            let part = part.unwrap_or_default();
            if let Some(expected) = expected.filter(|e| !e.actions.contains(name)) {
                let key = ActionKey(self.actions.len());
                self.fields.declare(key, &expected.fields_of_others);
            }
            self.actions.push((0, part));
        }
        self.actions[key.0].0 += 1;
        key
    }

    /// The fields that do not fit, if the entry does not fit.
    fn outside(&mut self, entry: &Observed<'_>, action: ActionKey) -> Option<Vec<String>> {
        let checker = self.expected.as_ref()?.checker?;
        let faults = checker.check_payload(entry.action, entry.payload);
        let mut fields: Vec<_> = faults.iter().filter_map(field_of).collect();
        fields.dedup();
        for field in &fields {
            self.fields.outside(action, field);
        }
        (!faults.is_empty()).then_some(fields)
    }

    fn count(&mut self, entry: &Observed<'_>) {
        self.without_sequence += u64::from(entry.sequence.is_none());
        self.participants.add(hash(&entry.participant));
        let Some(session) = entry.session else {
            self.without_session += 1;
            return;
        };
        self.session_count.add(hash(&(session, entry.participant)));
        let name = hash(session);
        let names = &mut self.names_of_sessions;
        if let Some((first, several)) = names.get_mut(&name) {
            *several |= *first != entry.participant;
        } else if names.len() < COUNTED {
            names.insert(name, (entry.participant, false));
        } else {
            self.names_passed_over = true;
        }
    }

    fn version(
        &mut self,
        entry: &Observed<'_>,
        action: ActionKey,
        found: &Findings,
        outside: &[String],
    ) {
        let field = self.expected.as_ref().and_then(|e| e.game_version.as_ref());
        let Some(field) = field else { return };
        let mut version: Option<Box<str>> = None;
        each_member(entry.payload.unwrap_or("{}"), |name, value| {
            if *nfc(&name) == **field {
                let text = serde_json::from_str::<String>(value.get());
                version = Some(text.map_or_else(|_| value.get().into(), Into::into));
            }
        });
        let is_of_codebook =
            self.fields.is_declared(action, field) && !outside.iter().any(|name| **name == **field);
        if self.versions.len() >= MAX_VERSIONS && !self.versions.contains_key(&version) {
            version = Some(OTHER_VERSIONS.into());
        }
        let version = self.versions.entry(version).or_default();
        version.entries += 1;
        version.findings.add(found);
        version.is_of_codebook |= is_of_codebook;
    }

    /// What was found. `quarantine`: how many entries lie there, and how many of them are in conflict with another one.
    #[must_use]
    pub fn finish(mut self, quarantine: Option<(u64, u64)>) -> QualityReport {
        let closed_early = self.sessions.closed_early;
        let (sums, rules) = (&mut self.sums, &self.rules);
        self.sessions
            .close(&self.names, &mut |session| sums.add(session, rules));
        let sums = self.sums;
        let expected = self.expected.as_ref();
        let seen = |name: &ActionName| {
            let mut known = self.names.iter().zip(&self.actions);
            known.any(|((_, one), (entries, _))| one == name && *entries > 0)
        };
        let mut never_seen: Vec<_> = expected.map_or(Vec::new(), |e| {
            let actions = e.actions.iter();
            actions.filter(|name| !seen(name)).cloned().collect()
        });
        never_seen.sort_unstable();
        let mut actions: Vec<_> = self
            .names
            .iter()
            .zip(&self.actions)
            .filter(|(_, (entries, _))| *entries > 0)
            .map(|((_, name), (entries, _))| ActionReport {
                action: name.clone(),
                entries: *entries,
                declared: expected.map(|e| e.actions.contains(name)),
            })
            .collect();
        actions.sort_unstable_by(|a, b| a.action.cmp(&b.action));
        let versions = self.versions.into_iter();
        let boundaries = expected.map(|e| e.boundaries.are_named());
        let (starts, ends) = boundaries.unwrap_or_default();
        let names_of_sessions = self.names_of_sessions.values();
        QualityReport {
            entries: self.entries,
            deleted: self.deleted,
            disputed: self.disputed,
            participants: self.participants.count(),
            session_count: self.session_count.count(),
            first: self.ends.map(|(first, _)| first),
            last: self.ends.map(|(_, last)| last),
            findings: sums.findings,
            quarantined: quarantine.map(|(all, _)| all),
            conflicts: quarantine.map(|(_, conflicts)| conflicts),
            without_session: self.without_session,
            without_sequence: self.without_sequence,
            not_from_the_start: sums.not_from_the_start,
            without_start: starts.then_some(sums.without_start),
            without_end: ends.then_some(sums.without_end),
            several_participants: names_of_sessions.filter(|(_, several)| *several).count() as u64,
            longest_backwards_seconds: sums.longest_backwards_seconds,
            longest_delay_seconds: seconds(self.longest_delay),
            clock: sums.clock,
            codebook_version: expected.map(|e| e.version),
            never_seen,
            actions,
            fields: self.fields.report(&self.names),
            fields_passed_over: self.fields.passed_over,
            versions: versions
                .map(|(name, version)| VersionReport {
                    version: name,
                    entries: version.entries,
                    findings: version.findings,
                    is_of_codebook: version.is_of_codebook,
                })
                .collect(),
            is_exact: sums.is_exact
                && closed_early == 0
                && self.participants.is_exact()
                && self.session_count.is_exact()
                && !self.names_passed_over,
            sessions: sums.told.finish(),
            rules: (&self.rules).into(),
            closed_early,
        }
    }
}

impl Sums {
    fn add(&mut self, session: SessionSummary, rules: &Rules) {
        self.findings.add(&session.findings);
        self.is_exact &= session.is_exact;
        self.longest_backwards_seconds = self
            .longest_backwards_seconds
            .max(session.longest_backwards_seconds);
        if session.session.is_some() {
            self.not_from_the_start += u64::from(session.first_sequence.is_some_and(|n| n > 1));
            self.without_start += u64::from(session.started == Some(false));
            self.without_end += u64::from(session.ended == Some(false));
        }
        if let Some(offset) = session.clock_offset_seconds {
            let clock = &mut self.clock;
            clock.sessions += 1;
            clock.off += u64::from(offset.abs() > f64::from(rules.tolerance));
            let bound = |known: Option<f64>, choose: fn(f64, f64) -> f64| {
                Some(known.map_or(offset, |known| choose(known, offset)))
            };
            clock.least_offset_seconds = bound(clock.least_offset_seconds, f64::min);
            clock.greatest_offset_seconds = bound(clock.greatest_offset_seconds, f64::max);
        }
        self.told.add(session);
    }
}

fn hash(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

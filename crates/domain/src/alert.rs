//! What the server tells of its own accord: a study that fell silent, too much that goes to quarantine, a disk that is nearly full. Nothing of it is about
//! anybody.

use crate::account::words;
use crate::{
    PageRequest, Paged, Slug, StoreError, Study, StudyCounts, StudyId, StudyStatus, Timestamp,
};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

words!(
    /// What an alert is about.
    AlertKind {
        /// An open study got no entry for longer than it says ([`Study::silence_minutes`]).
        StudySilent = "study_silent",
        /// Of what arrived in a study within the last hour, too much went to quarantine.
        QuarantineShare = "quarantine_share",
        /// The disk of a server's data directory is nearly full.
        DiskNearlyFull = "disk_nearly_full",
    }
);

words!(
    /// Whether what an alert is about still holds.
    AlertState {
        /// It does.
        Raised = "raised",
        /// It does not any more.
        Resolved = "resolved",
    }
);

/// The longest silence that a study can have watched for, in minutes: a year.
pub const MAX_SILENCE_MINUTES: i64 = 525_600;

/// What arrives at least within an hour before its part in quarantine says something.
pub const ARRIVED_AT_LEAST: u64 = 20;

/// The time over which what arrives is looked at.
const WINDOW: Duration = Duration::from_secs(3600);

/// Names an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

/// Something that holds now and should not.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    /// What it is about.
    pub kind: AlertKind,
    /// In which study, if it is about one.
    pub study: Option<StudyId>,
    /// On which server, if it is about one: its host name.
    pub server: Option<String>,
    /// What was measured: seconds of silence, the part in quarantine, the part of the disk that is free.
    pub value: f64,
    /// What it should be at most; of a disk, at least.
    pub threshold: f64,
}

impl NewAlert {
    /// What it is known by while it is raised: there is one of each.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.study, &self.server) {
            (Some(study), _) => format!("{} {}", self.kind, study.0),
            (None, Some(server)) => format!("{} {server}", self.kind),
            (None, None) => self.kind.to_string(),
        }
    }
}

/// An alert that was raised, and perhaps resolved since.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Names it.
    pub id: AlertId,
    /// What it is about, and what was measured last.
    pub about: NewAlert,
    /// The study's slug.
    pub slug: Option<Slug>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When what it is about was last seen to hold.
    pub seen_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// How often somebody began to tell its state elsewhere.
    pub tries: u32,
}

impl Alert {
    /// Whether it still holds.
    #[must_use]
    pub fn state(&self) -> AlertState {
        match self.resolved_at {
            None => AlertState::Raised,
            Some(_) => AlertState::Resolved,
        }
    }
}

/// Which alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Those of that study only.
    pub study: Option<StudyId>,
    /// Those of that state only.
    pub state: Option<AlertState>,
}

/// Keeps alerts. Any number of servers may find out the same; it is kept once.
pub trait AlertStore: Send + Sync {
    /// A part of the list, the last raised first.
    fn alerts(&self, filter: &AlertFilter, page: &PageRequest) -> Result<Paged<Alert>, StoreError>;

    /// Keeps that something holds, and gives whether that is new: if it is raised already, only what was measured and when changes. Error:
    /// [`StoreError::NotFound`] without the study.
    fn raise_alert(&self, new: &NewAlert, now: Timestamp) -> Result<bool, StoreError>;

    /// Keeps that it holds no more, and gives whether that is new.
    fn resolve_alert(&self, id: AlertId, now: Timestamp) -> Result<bool, StoreError>;

    /// Alerts whose state waits to be told elsewhere, at most that many, those that wait longest first.
    fn alerts_to_tell(&self, now: Timestamp, at_most: u32) -> Result<Vec<Alert>, StoreError>;

    /// Whether it is the caller who tells this state of it now, and nobody else; if it is not said that it was [told](Self::alert_told), it waits again at
    /// `next`, or never.
    fn begin_to_tell(&self, seen: &Alert, next: Option<Timestamp>) -> Result<bool, StoreError>;

    /// The state with which the alert was seen was told. One that it has since waits all the same.
    fn alert_told(&self, seen: &Alert) -> Result<(), StoreError>;

    /// Takes away what was resolved before, and gives how many that were.
    fn forget_alerts(&self, before: Timestamp) -> Result<u64, StoreError>;
}

/// What a look at something says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It is as it should not be: this was measured.
    Bad(f64),
    /// It is as it should be.
    Good,
    /// There is too little to say anything: an alert stays as it is.
    Unknown,
}

/// Whether an open study is silent for longer than it says, with the seconds. It counts from the last entry, or from when the study was opened or was
/// told to be watched, whichever is later.
#[must_use]
pub fn silence(study: &Study, last: Option<Timestamp>, now: Timestamp) -> Verdict {
    let Some(minutes) = study.silence_minutes else {
        return Verdict::Good;
    };
    if study.status != StudyStatus::Open {
        return Verdict::Good;
    }
    let since = study.watched_since.unwrap_or(study.created_at);
    let since = last.map_or(since, |last| last.max(since));
    let silent = now.micros().saturating_sub(since.micros()) as f64 / 1e6;
    if silent > minutes as f64 * 60.0 {
        Verdict::Bad(silent)
    } else {
        Verdict::Good
    }
}

/// Whether less of a disk is free than should be. It is good again once there is a tenth more than that, so that an alert does not come and go.
#[must_use]
pub fn fullness(free_share: f64, threshold: f64) -> Verdict {
    if free_share < threshold {
        Verdict::Bad(free_share)
    } else if free_share >= threshold * 1.1 {
        Verdict::Good
    } else {
        Verdict::Unknown
    }
}

/// What arrived in studies within the last hour, and which part of it went to quarantine.
#[derive(Debug, Default)]
pub struct QuarantineWatch {
    seen: HashMap<StudyId, VecDeque<(Timestamp, StudyCounts)>>,
}

impl QuarantineWatch {
    /// Takes what a study holds now, and says whether more than that part of what arrived since an hour ago is in quarantine.
    ///
    /// Of fewer than [`ARRIVED_AT_LEAST`] nothing is said, but that all is well if a whole hour was seen.
    pub fn look(
        &mut self,
        study: StudyId,
        counts: StudyCounts,
        threshold: f64,
        now: Timestamp,
    ) -> Verdict {
        let seen = self.seen.entry(study).or_default();
        let window = WINDOW.as_secs() as i64;
        // One that is older than the window stays, to count from.
        while seen
            .get(1)
            .is_some_and(|(at, _)| at.plus_seconds(window) <= now)
        {
            seen.pop_front();
        }
        seen.push_back((now, counts));
        let Some((at, then)) = seen.front().cloned() else {
            return Verdict::Unknown;
        };
        let stored = |counts: &StudyCounts| counts.entries + counts.deleted;
        let entries = stored(&counts).saturating_sub(stored(&then));
        let texts = counts.quarantined.saturating_sub(then.quarantined);
        let arrived = entries + texts;
        let share = texts as f64 / arrived.max(1) as f64;
        if arrived >= ARRIVED_AT_LEAST && share > threshold {
            Verdict::Bad(share)
        } else if arrived >= ARRIVED_AT_LEAST || at.plus_seconds(window) <= now {
            Verdict::Good
        } else {
            Verdict::Unknown
        }
    }

    /// Forgets every study but these.
    pub fn only(&mut self, studies: &[StudyId]) {
        self.seen.retain(|study, _| studies.contains(study));
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;

//! What can be asked of the archive of log entries, and what comes back.

use crate::{
    ActionName, EntryStatus, LogNumber, Pseudonym, Purpose, SessionName, StoredEntry, StudyId,
    Timestamp,
};
use std::num::{NonZeroU32, NonZeroU64};

/// Which studies something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StudyScope {
    /// Every study of the server.
    All,
    /// These; none if it is empty.
    Only(Vec<StudyId>),
}

impl StudyScope {
    /// Whether the study is among them.
    pub fn covers(&self, study: StudyId) -> bool {
        match self {
            Self::All => true,
            Self::Only(studies) => studies.contains(&study),
        }
    }
}

/// Which entries; everything that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only this player's.
    pub participant: Option<Pseudonym>,
    /// Only this session.
    pub session: Option<SessionName>,
    /// Only this action.
    pub action: Option<ActionName>,
    /// That happened at this instant or later.
    pub from: Option<Timestamp>,
    /// That happened before this instant.
    pub to: Option<Timestamp>,
    /// That arrived at this instant or later.
    pub received_from: Option<Timestamp>,
    /// That arrived before this instant.
    pub received_to: Option<Timestamp>,
    /// Only in this state.
    pub status: Option<EntryStatus>,
    /// Only of people whose entries may be used for that, by what they and the study decided
    /// ([`Decisions::allow_use`](crate::Decisions::allow_use)).
    pub purpose: Option<Purpose>,
}

impl LogFilter {
    /// Whether nothing is set, so that counters can tell how many there are.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those that have their content.
    pub const fn live() -> Self {
        Self {
            participant: None,
            session: None,
            action: None,
            from: None,
            to: None,
            received_from: None,
            received_to: None,
            status: Some(EntryStatus::Accepted),
            purpose: None,
        }
    }

    /// Whether the entry is one of those asked for; what it may be used for is not its to say.
    pub fn matches(&self, entry: &StoredEntry) -> bool {
        self.participant.is_none_or(|p| p == entry.pseudonym)
            && (self.session.is_none() || self.session == entry.session)
            && self.action.as_ref().is_none_or(|a| *a == entry.action)
            && self.from.is_none_or(|t| entry.occurred_at >= t)
            && self.to.is_none_or(|t| entry.occurred_at < t)
            && self.received_from.is_none_or(|t| entry.received_at >= t)
            && self.received_to.is_none_or(|t| entry.received_at < t)
            && self.status.is_none_or(|s| s == entry.status)
    }
}

/// In which order entries come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogOrder {
    /// As they were stored: by number.
    #[default]
    Received,
    /// The last stored first.
    ReceivedDescending,
    /// By the game's clock, then by number.
    Timestamp,
    /// The latest by the game's clock first, then the greatest number.
    TimestampDescending,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The page of that number, from 1.
    Page(NonZeroU64),
    /// What comes after that number in the order of numbers: the cursor of a harvest. The order of the query does not count.
    After(LogNumber),
}

/// A question for a list of log entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Of which studies.
    pub scope: StudyScope,
    /// Which entries.
    pub filter: LogFilter,
    /// In which order.
    pub order: LogOrder,
    /// Which part.
    pub window: Window,
    /// How many entries at most.
    pub size: NonZeroU32,
}

/// A part of a list of log entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<StoredEntry>,
    /// How many entries the whole list has; `None` if there are more than [`LogPage::COUNTED`] behind a filter, or for a cursor.
    pub total: Option<u64>,
    /// Whether there are entries after these.
    pub more: bool,
}

impl LogPage {
    /// Up to how many matches of a filter are counted.
    pub const COUNTED: u64 = 100_000;
}

/// A part of any other list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The things.
    pub items: Vec<T>,
    /// How many the whole list has.
    pub total: u64,
}

/// Which part of any other list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub page: NonZeroU64,
    /// How many things at most.
    pub size: NonZeroU32,
}

impl PageRequest {
    /// How many things come before the page.
    pub fn offset(&self) -> u64 {
        (self.page.get() - 1).saturating_mul(self.size.get().into())
    }
}

/// A state of the entries of some studies: two that are equal have the same entries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogRevision {
    /// Of the archive; a new one after a restore.
    pub epoch: String,
    /// Goes up with each change in these studies.
    pub changes: i64,
}

/// How much a study holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StudyCounts {
    /// Stored entries that have their content.
    pub entries: u64,
    /// Entries of which only the tombstone is left.
    pub deleted: u64,
    /// Texts in quarantine.
    pub quarantined: u64,
}

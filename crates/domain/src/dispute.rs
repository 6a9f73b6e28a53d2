//! Disputes: entries of which whoever they are about says that they are wrong. The entry stays as it is, and a mark goes with it.

use crate::{
    Day, LogNumber, PageRequest, Paged, Pseudonym, Remark, StoreError, StoredEntry, StudyId,
};
use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;

/// How many disputed entries are known ahead of a scan.
const AHEAD: u32 = 1000;

/// What somebody says against an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Objections {
    /// In words.
    pub text: Option<Remark>,
    /// What would be right: the members of an amendment (see [`Changes`](crate::Changes)), as a JSON object.
    pub correction: Option<Box<str>>,
}

/// An entry that is disputed.
///
/// It tells the day and not the time: beside the time of a log-in, a time would tell whose pseudonym the entry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Of the entry.
    pub number: LogNumber,
    /// What is said against it.
    pub said: Objections,
    /// The day on which it was disputed first.
    pub since: Day,
    /// What those who run the study say to it.
    pub answer: Option<Remark>,
}

/// A dispute to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDispute {
    /// Where the entry is.
    pub study: StudyId,
    /// Whose it is.
    pub pseudonym: Pseudonym,
    /// Of the entry.
    pub number: LogNumber,
    /// What is said against it.
    pub said: Objections,
}

/// Keeps disputes, one an entry. They go with the content of the entry. The revision of the study's entries changes with each change.
pub trait DisputeStore: Send + Sync {
    /// Marks an entry, or says something else against one that is marked: an answer to what was said before goes then.
    ///
    /// Error: [`StoreError::NotFound`] if the person has no such entry with content in the study.
    fn dispute(&self, new: &NewDispute, today: Day) -> Result<(), StoreError>;

    /// Takes the mark away. Whether there was one on an entry of that person.
    fn settle(
        &self,
        study: StudyId,
        pseudonym: Pseudonym,
        number: LogNumber,
    ) -> Result<bool, StoreError>;

    /// Says something to a dispute; the mark stays. Error: [`StoreError::NotFound`] if the study has no such dispute.
    fn answer_dispute(
        &self,
        study: StudyId,
        number: LogNumber,
        answer: Option<&Remark>,
    ) -> Result<(), StoreError>;

    /// The dispute of an entry of that study.
    fn dispute_of(&self, study: StudyId, number: LogNumber) -> Result<Option<Dispute>, StoreError>;

    /// A part of the disputes of a study, by number of the entry; of one person, if that is given.
    fn disputes(
        &self,
        study: StudyId,
        pseudonym: Option<Pseudonym>,
        page: &PageRequest,
    ) -> Result<Paged<Dispute>, StoreError>;

    /// Which of these entries are disputed, in any order.
    fn disputed(&self, numbers: &[LogNumber]) -> Result<Vec<LogNumber>, StoreError>;

    /// The disputed entries of a study from that number on, in order of numbers, so many at most.
    fn disputed_from(
        &self,
        study: StudyId,
        from: LogNumber,
        at_most: u32,
    ) -> Result<Vec<LogNumber>, StoreError>;

    /// Takes away what somebody says in disputes, and what was answered; the marks stay. For whoever leaves, since such a text may name him.
    fn silence(&self, study: StudyId, pseudonym: Pseudonym) -> Result<(), StoreError>;
}

/// Marks the entries of a study that come in the order of their numbers.
///
/// It holds some numbers ahead and asks for more when they are used up: for a study without disputes it asks once, and memory does not
/// grow with their number.
pub struct Marker<'a> {
    store: &'a dyn DisputeStore,
    study: StudyId,
    ahead: VecDeque<LogNumber>,
    ends: bool,
}

impl<'a> Marker<'a> {
    /// For a scan of that study from the beginning. Errors: those of the store.
    pub fn open(store: &'a dyn DisputeStore, study: StudyId) -> Result<Self, StoreError> {
        let mut marker = Self {
            store,
            study,
            ahead: VecDeque::new(),
            ends: false,
        };
        marker.look_ahead(LogNumber(0))?;
        Ok(marker)
    }

    /// Whether any entry of the study was disputed when this was opened; to be asked before the first entry.
    pub fn has_any(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Marks the entry, if it is disputed. Errors: those of the store.
    pub fn mark(&mut self, entry: &mut StoredEntry) -> Result<(), StoreError> {
        while self.ahead.front().is_some_and(|next| *next < entry.number) {
            self.ahead.pop_front();
        }
        if self.ahead.is_empty() && !self.ends {
            self.look_ahead(entry.number)?;
        }
        entry.disputed = self.ahead.front() == Some(&entry.number);
        Ok(())
    }

    fn look_ahead(&mut self, from: LogNumber) -> Result<(), StoreError> {
        self.ahead = self.store.disputed_from(self.study, from, AHEAD)?.into();
        self.ends = self.ahead.len() < AHEAD as usize;
        Ok(())
    }
}

impl std::fmt::Debug for Marker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Marker")
            .field("study", &self.study)
            .finish_non_exhaustive()
    }
}

/// Has `each` called with the entries that `scan` gives, marked where they are disputed. Errors: those of the scan and of the store.
pub fn scan_marked(
    disputes: &dyn DisputeStore,
    study: StudyId,
    each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
    scan: impl FnOnce(&mut dyn FnMut(StoredEntry) -> ControlFlow<()>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut marker = Marker::open(disputes, study)?;
    let mut failure = None;
    scan(&mut |mut entry| match marker.mark(&mut entry) {
        Ok(()) => each(entry),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    })?;
    failure.map_or(Ok(()), Err)
}

impl dyn DisputeStore + '_ {
    /// Marks those of the entries that are disputed. Errors: those of the store.
    pub fn mark(&self, entries: &mut [StoredEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let numbers: Vec<_> = entries.iter().map(|entry| entry.number).collect();
        let disputed: HashSet<_> = self.disputed(&numbers)?.into_iter().collect();
        for entry in entries {
            entry.disputed = disputed.contains(&entry.number);
        }
        Ok(())
    }
}

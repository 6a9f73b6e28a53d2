//! Amendments over entries as they come: in a page, or one by one in the order of their numbers.

use super::{Amended, AmendmentStore};
use crate::{EntryStatus, LogFilter, LogNumber, LogStore, StoreError, StoredEntry, StudyId};
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

/// How many amended entries are known ahead of a scan. With the longest payloads of the default, 4 MiB.
const AHEAD: u32 = 64;

/// Puts amended values over the entries of a study that come in the order of their numbers.
///
/// It holds a few amended entries ahead and asks for more when they are used up: for a study without amendments it asks once, and memory does
/// not grow with their number.
pub struct Corrector<'a> {
    store: &'a dyn AmendmentStore,
    study: StudyId,
    ahead: VecDeque<Amended>,
    /// Whether no other entry was amended than those ahead.
    ends: bool,
}

impl<'a> Corrector<'a> {
    /// For a scan of that study from the beginning. Errors: those of the store.
    pub fn open(store: &'a dyn AmendmentStore, study: StudyId) -> Result<Self, StoreError> {
        let mut corrector = Self {
            store,
            study,
            ahead: VecDeque::new(),
            ends: false,
        };
        corrector.look_ahead(LogNumber(0))?;
        Ok(corrector)
    }

    /// Whether any entry of the study was amended when this was opened; to be asked before the first entry.
    pub fn has_any(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Puts the amended values into the entry, if it was amended. Errors: those of the store.
    pub fn correct(&mut self, entry: &mut StoredEntry) -> Result<(), StoreError> {
        self.pass(entry.number);
        if self.ahead.is_empty() && !self.ends {
            self.look_ahead(entry.number)?;
        }
        if self
            .ahead
            .front()
            .is_some_and(|next| next.number == entry.number)
            && let Some(amended) = self.ahead.pop_front()
            && entry.status == EntryStatus::Accepted
        {
            entry.amend(amended);
        }
        Ok(())
    }

    fn pass(&mut self, number: LogNumber) {
        while self.ahead.front().is_some_and(|next| next.number < number) {
            self.ahead.pop_front();
        }
    }

    fn look_ahead(&mut self, from: LogNumber) -> Result<(), StoreError> {
        self.ahead = self.store.amended_from(self.study, from, AHEAD)?.into();
        self.ends = self.ahead.len() < AHEAD as usize;
        Ok(())
    }
}

/// Calls `each` with the entries of a study as they were amended, in the order of their numbers, until it breaks. The filter goes by what
/// was sent. Errors: those of the store.
pub fn scan_amended(
    logs: &dyn LogStore,
    amendments: &dyn AmendmentStore,
    study: StudyId,
    filter: &LogFilter,
    each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut corrector = Corrector::open(amendments, study)?;
    let mut failure = None;
    let mut read = |mut entry| match corrector.correct(&mut entry) {
        Ok(()) => each(entry),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    };
    logs.scan(study, filter, &mut read)?;
    failure.map_or(Ok(()), Err)
}

impl std::fmt::Debug for Corrector<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Corrector")
            .field("study", &self.study)
            .finish_non_exhaustive()
    }
}

impl dyn AmendmentStore + '_ {
    /// Puts the amended values into those of the entries that were amended. Errors: those of the store.
    pub fn correct(&self, entries: &mut [StoredEntry]) -> Result<(), StoreError> {
        let live = |entry: &&StoredEntry| entry.status == EntryStatus::Accepted;
        let numbers: Vec<_> = entries
            .iter()
            .filter(live)
            .map(|entry| entry.number)
            .collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let mut amended: HashMap<_, _> = self
            .amended(&numbers)?
            .into_iter()
            .map(|amended| (amended.number, amended))
            .collect();
        for entry in entries {
            if let Some(amended) = amended.remove(&entry.number) {
                entry.amend(amended);
            }
        }
        Ok(())
    }
}

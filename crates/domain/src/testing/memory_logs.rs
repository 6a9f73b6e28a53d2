//! The log entries and the quarantine of the memory store.

use super::MemoryStore;
use super::memory::{Tables, next};
use crate::{
    Arrival, EntryId, LogFilter, LogNumber, LogOrder, LogPage, LogQuery, LogRevision, LogStore,
    LogWriter, NewEntry, NewMisfit, Outcome, Pseudonym, QuarantineId, QuarantinedEntry, StoreError,
    StoredEntry, StudyCounts, StudyId, StudyScope, Submission, Submitted, Timestamp, Traces,
    Window,
};
use std::collections::HashMap;
use std::ops::ControlFlow;

impl Tables {
    fn known(&self, entry: &NewEntry) -> Option<&StoredEntry> {
        self.entries
            .get(self.by_id.get(&(entry.pseudonym, entry.id))?)
    }

    /// Whether it is new, and of somebody who was erased.
    fn is_erased(&self, entry: &NewEntry) -> bool {
        self.known(entry).is_none() && self.was_erased(entry.study, Some(entry.pseudonym))
    }

    fn was_erased(&self, study: StudyId, pseudonym: Option<Pseudonym>) -> bool {
        pseudonym.is_some_and(|pseudonym| self.erasures.contains(&Traces { study, pseudonym }))
    }

    fn write(&mut self, submission: &Submission) -> Vec<Outcome> {
        if submission.strict {
            let foreseen = self.foresee(&submission.arrivals);
            if foreseen.contains(&Outcome::Conflict) {
                return foreseen;
            }
        }
        let received_at = submission.received_at;
        let write = |arrival: &Arrival| match arrival {
            Arrival::Entry(entry) if self.is_erased(entry) => Outcome::Erased,
            Arrival::Misfit(new) if self.was_erased(new.study, new.pseudonym) => Outcome::Erased,
            Arrival::Entry(entry) => self.write_entry(entry, received_at),
            Arrival::Misfit(misfit) => self.quarantine(misfit, received_at),
            Arrival::Release(release) => self.release(release),
        };
        submission.arrivals.iter().map(write).collect()
    }

    /// What would become of each, with everything withheld that is not known already.
    fn foresee(&self, arrivals: &[Arrival]) -> Vec<Outcome> {
        let mut earlier: HashMap<(Pseudonym, EntryId), StoredEntry> = HashMap::new();
        let foresee = |arrival: &Arrival| {
            let Arrival::Entry(entry) = arrival else {
                return Outcome::Withheld;
            };
            if self.is_erased(entry) {
                return Outcome::Erased;
            }
            let key = (entry.pseudonym, entry.id);
            match (self.known(entry), earlier.get(&key)) {
                (Some(known), _) if known.has_content(&entry.content) => {
                    Outcome::Duplicate(known.number)
                }
                (None, Some(first)) if first.has_content(&entry.content) => Outcome::Withheld,
                (None, None) => {
                    earlier.insert(
                        key,
                        StoredEntry::new(entry, LogNumber(0), entry.content.occurred_at),
                    );
                    Outcome::Withheld
                }
                _ => Outcome::Conflict,
            }
        };
        arrivals.iter().map(foresee).collect()
    }

    pub(super) fn write_entry(&mut self, entry: &NewEntry, received_at: Timestamp) -> Outcome {
        if let Some(known) = self.known(entry) {
            return match known.has_content(&entry.content) {
                true => Outcome::Duplicate(known.number),
                false => Outcome::Conflict,
            };
        }
        let number = LogNumber(next(&mut self.last.number));
        self.by_id.insert((entry.pseudonym, entry.id), number);
        self.entries
            .insert(number, StoredEntry::new(entry, number, received_at));
        *self.changes.entry(entry.study).or_default() += 1;
        Outcome::Accepted(number)
    }

    fn quarantine(&mut self, new: &NewMisfit, received_at: Timestamp) -> Outcome {
        let key = new.misfit.retry_key();
        let known = self.quarantine.iter().find(|q| {
            key.is_some()
                && new.pseudonym.is_some()
                && (q.study, q.pseudonym) == (new.study, new.pseudonym)
                && q.misfit.retry_key() == key
        });
        if let Some(known) = known {
            return Outcome::Quarantined(known.id);
        }
        let id = QuarantineId(next(&mut self.last.quarantine));
        self.quarantine.push(QuarantinedEntry {
            id,
            study: new.study,
            pseudonym: new.pseudonym,
            received_at,
            misfit: new.misfit.clone(),
            action: new.action.clone(),
            codebook: new.codebook,
            judged_at: None,
        });
        *self.changes.entry(new.study).or_default() += 1;
        Outcome::Quarantined(id)
    }
}

impl LogWriter for MemoryStore {
    fn submit(&self, submission: Submission) -> Submitted {
        let mut tables = self.tables();
        let outcomes = tables.write(&submission);
        tables.commits.rows.observe(outcomes.len() as f64);
        tables.commits.seconds.observe(0.0);
        Box::pin(std::future::ready(Ok(outcomes)))
    }

    fn has_room(&self) -> bool {
        true
    }
}

impl LogStore for MemoryStore {
    fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        let tables = self.tables();
        let mut found: Vec<_> = tables
            .entries
            .values()
            .filter(|e| query.scope.covers(e.study) && tables.chooses(&query.filter, e))
            .collect();
        let size = query.size.get() as usize;
        let (skip, total) = match query.window {
            Window::After(after) => {
                found.retain(|e| e.number > after);
                (0, None)
            }
            Window::Page(page) => {
                match query.order {
                    LogOrder::Received => {}
                    LogOrder::ReceivedDescending => found.reverse(),
                    LogOrder::Timestamp => found.sort_by_key(|e| (e.occurred_at, e.number)),
                    LogOrder::TimestampDescending => {
                        found.sort_by_key(|e| std::cmp::Reverse((e.occurred_at, e.number)));
                    }
                }
                let skip = (page.get() - 1).saturating_mul(size as u64);
                (
                    usize::try_from(skip).unwrap_or(usize::MAX),
                    Some(found.len() as u64),
                )
            }
        };
        let more = found.len() > skip.saturating_add(size);
        let entries = found.into_iter().skip(skip).take(size).cloned().collect();
        Ok(LogPage {
            entries,
            total,
            more,
        })
    }

    fn entry(
        &self,
        number: LogNumber,
        scope: &StudyScope,
    ) -> Result<Option<StoredEntry>, StoreError> {
        Ok(self
            .tables()
            .entries
            .get(&number)
            .filter(|e| scope.covers(e.study))
            .cloned())
    }

    fn entry_by_id(
        &self,
        pseudonym: Pseudonym,
        id: EntryId,
    ) -> Result<Option<StoredEntry>, StoreError> {
        let tables = self.tables();
        Ok(tables
            .by_id
            .get(&(pseudonym, id))
            .and_then(|number| tables.entries.get(number))
            .cloned())
    }

    fn revision(&self, scope: &StudyScope) -> Result<LogRevision, StoreError> {
        let tables = self.tables();
        let changes = tables
            .changes
            .iter()
            .filter(|(study, _)| scope.covers(**study))
            .map(|(_, n)| n)
            .sum();
        Ok(LogRevision {
            epoch: format!("memory {}", tables.epoch),
            changes,
        })
    }

    fn scan(
        &self,
        study: StudyId,
        filter: &LogFilter,
        each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let found: Vec<_> = {
            let tables = self.tables();
            tables
                .entries
                .values()
                .filter(|e| e.study == study && tables.chooses(filter, e))
                .cloned()
                .collect()
        };
        let _ = found.into_iter().try_for_each(each);
        Ok(())
    }

    fn counts(&self, study: StudyId) -> Result<StudyCounts, StoreError> {
        Ok(self.tables().counts(study))
    }

    fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

//! The amendments of the memory store.

use super::MemoryStore;
use super::memory::part;
use crate::{
    Amended, Amendment, AmendmentStore, EntryStatus, LogNumber, NewAmendment, PageRequest, Paged,
    StoreError, StudyId, Timestamp,
};

impl AmendmentStore for MemoryStore {
    fn amend(&self, new: &NewAmendment, now: Timestamp) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let (number, study) = (new.entry.number, new.entry.study);
        tables
            .entries
            .get(&number)
            .filter(|entry| entry.study == study && entry.status == EntryStatus::Accepted)
            .ok_or(StoreError::NotFound)?;
        let made = tables.amendments.entry(number).or_default();
        if made.len() as u64 + 1 != u64::from(new.entry.revision) {
            return Err(StoreError::Stale);
        }
        let amendment = Amendment {
            revision: new.entry.revision,
            changes: new.changes.clone(),
            reason: new.reason.clone(),
            by: new.by,
            at: now,
        };
        made.push((amendment, Amended::from(&new.entry)));
        *tables.changes.entry(study).or_default() += 1;
        Ok(())
    }

    fn amended(&self, numbers: &[LogNumber]) -> Result<Vec<Amended>, StoreError> {
        let tables = self.tables();
        let last = |number| tables.amendments.get(number)?.last();
        Ok(numbers
            .iter()
            .filter_map(last)
            .map(|(_, amended)| amended.clone())
            .collect())
    }

    fn amended_from(
        &self,
        study: StudyId,
        from: LogNumber,
        at_most: u32,
    ) -> Result<Vec<Amended>, StoreError> {
        let tables = self.tables();
        let of_study = |number: &LogNumber| {
            tables
                .entries
                .get(number)
                .is_some_and(|entry| entry.study == study)
        };
        Ok(tables
            .amendments
            .range(from..)
            .filter(|(number, _)| of_study(number))
            .filter_map(|(_, made)| made.last())
            .take(at_most as usize)
            .map(|(_, amended)| amended.clone())
            .collect())
    }

    fn history(
        &self,
        number: LogNumber,
        page: &PageRequest,
    ) -> Result<Paged<Amendment>, StoreError> {
        let tables = self.tables();
        let made = tables.amendments.get(&number).into_iter().flatten();
        let made: Vec<_> = made.map(|(amendment, _)| amendment.clone()).collect();
        Ok(part(&made, page))
    }
}

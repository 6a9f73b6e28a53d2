//! The disputes of the memory store.

use super::MemoryStore;
use super::memory::{Tables, part};
use crate::{
    Day, Dispute, DisputeStore, EntryStatus, LogNumber, NewDispute, Objections, PageRequest, Paged,
    Pseudonym, Remark, StoreError, StoredEntry, StudyId,
};

impl Tables {
    fn live(&self, study: StudyId, number: LogNumber) -> Option<&StoredEntry> {
        self.entries
            .get(&number)
            .filter(|entry| entry.study == study && entry.status == EntryStatus::Accepted)
    }

    fn disputes_in(&self, study: StudyId) -> impl Iterator<Item = (&Dispute, Pseudonym)> {
        self.disputes.values().filter_map(move |dispute| {
            let entry = self.live(study, dispute.number)?;
            Some((dispute, entry.pseudonym))
        })
    }

    fn step(&mut self, study: StudyId) {
        *self.changes.entry(study).or_default() += 1;
    }
}

impl DisputeStore for MemoryStore {
    fn dispute(&self, new: &NewDispute, today: Day) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let entry = tables.live(new.study, new.number);
        entry
            .filter(|entry| entry.pseudonym == new.pseudonym)
            .ok_or(StoreError::NotFound)?;
        let before = tables.disputes.get(&new.number);
        if before.is_some_and(|before| before.said == new.said) {
            return Ok(());
        }
        let dispute = Dispute {
            number: new.number,
            said: new.said.clone(),
            since: before.map_or(today, |before| before.since),
            answer: None,
        };
        tables.disputes.insert(new.number, dispute);
        tables.step(new.study);
        Ok(())
    }

    fn settle(
        &self,
        study: StudyId,
        pseudonym: Pseudonym,
        number: LogNumber,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let entry = tables.live(study, number);
        let is_theirs = entry.is_some_and(|entry| entry.pseudonym == pseudonym);
        let settled = is_theirs && tables.disputes.remove(&number).is_some();
        if settled {
            tables.step(study);
        }
        Ok(settled)
    }

    fn answer_dispute(
        &self,
        study: StudyId,
        number: LogNumber,
        answer: Option<&Remark>,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        tables.live(study, number).ok_or(StoreError::NotFound)?;
        let dispute = tables.disputes.get_mut(&number);
        dispute.ok_or(StoreError::NotFound)?.answer = answer.cloned();
        tables.step(study);
        Ok(())
    }

    fn dispute_of(&self, study: StudyId, number: LogNumber) -> Result<Option<Dispute>, StoreError> {
        let tables = self.tables();
        let live = tables.live(study, number);
        Ok(live.and_then(|_| tables.disputes.get(&number).cloned()))
    }

    fn disputes(
        &self,
        study: StudyId,
        pseudonym: Option<Pseudonym>,
        page: &PageRequest,
    ) -> Result<Paged<Dispute>, StoreError> {
        let tables = self.tables();
        let found = tables.disputes_in(study);
        let found = found.filter(|(_, whose)| pseudonym.is_none_or(|one| one == *whose));
        let found: Vec<_> = found.map(|(dispute, _)| dispute.clone()).collect();
        Ok(part(&found, page))
    }

    fn disputed(&self, numbers: &[LogNumber]) -> Result<Vec<LogNumber>, StoreError> {
        let tables = self.tables();
        let known = numbers.iter().copied();
        Ok(known
            .filter(|one| tables.disputes.contains_key(one))
            .collect())
    }

    fn disputed_from(
        &self,
        study: StudyId,
        from: LogNumber,
        at_most: u32,
    ) -> Result<Vec<LogNumber>, StoreError> {
        let tables = self.tables();
        let found = tables.disputes_in(study).map(|(dispute, _)| dispute.number);
        let found = found.filter(|number| *number >= from);
        Ok(found.take(at_most as usize).collect())
    }

    fn silence(&self, study: StudyId, pseudonym: Pseudonym) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let theirs = tables.disputes_in(study);
        let theirs = theirs.filter(|(_, whose)| *whose == pseudonym);
        let theirs: Vec<_> = theirs.map(|(dispute, _)| dispute.number).collect();
        for number in theirs {
            if let Some(dispute) = tables.disputes.get_mut(&number) {
                dispute.said = Objections::default();
                dispute.answer = None;
            }
        }
        Ok(())
    }
}

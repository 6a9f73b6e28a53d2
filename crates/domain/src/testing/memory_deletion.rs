//! Studies of the memory store, deleted.

use super::MemoryStore;
use super::memory::Tables;
use crate::{
    Account, Deleted, DeletionError, DeletionStore, Extent, Holdings, StoreError, StudyId,
    StudyStatus,
};

impl Tables {
    fn holdings(&self, study: StudyId) -> Holdings {
        let counts = self.counts(study);
        let plays = |account: &&Account| account.enrolment.is_some_and(|e| e.study == study);
        Holdings {
            entries: counts.entries + counts.deleted,
            quarantined: counts.quarantined,
            participants: self.accounts.iter().filter(plays).count() as u64,
        }
    }
}

impl DeletionStore for MemoryStore {
    fn holdings(&self, study: StudyId) -> Result<Holdings, StoreError> {
        Ok(self.tables().holdings(study))
    }

    fn delete_study(&self, id: StudyId, extent: Extent) -> Result<Deleted, DeletionError> {
        let mut tables = self.tables();
        let study = tables.studies.iter().find(|s| s.id == id);
        let status = study.map(|s| s.status).ok_or(StoreError::NotFound)?;
        let holdings = tables.holdings(id);
        match (extent, status) {
            (_, StudyStatus::Archived) | (Extent::Empty, StudyStatus::Draft) => {}
            _ => return Err(DeletionError::Status(status)),
        }
        if extent == Extent::Empty && !holdings.is_empty() {
            return Err(DeletionError::NotEmpty(holdings));
        }
        if holdings.participants > 0 {
            let elsewhere = |a: &Account| a.enrolment.is_none_or(|e| e.study != id);
            tables.accounts.retain(elsewhere);
            tables.forget_identities();
            return Ok(Deleted::Part);
        }
        tables.quarantine.retain(|q| q.study != id);
        tables.discarded.retain(|(study, _)| *study != id);
        tables.codebooks.retain(|(study, _)| *study != id);
        tables.notices.retain(|(study, _)| *study != id);
        tables.consents.retain(|(study, ..)| *study != id);
        tables.reidentifications.retain(|one| one.study != id);
        tables.decisions.retain(|(study, _), _| *study != id);
        tables.holds.retain(|(study, ..)| *study != id);
        tables.requests.retain(|(study, _)| *study != id);
        tables
            .alerts
            .retain(|kept| kept.alert.about.study != Some(id));
        tables.entries.retain(|_, e| e.study != id);
        let numbers: Vec<_> = tables.entries.keys().copied().collect();
        tables.by_id.retain(|_, number| numbers.contains(number));
        tables
            .amendments
            .retain(|number, _| numbers.contains(number));
        tables.burials.retain(|number, _| numbers.contains(number));
        tables.disputes.retain(|number, _| numbers.contains(number));
        tables.burying.retain(|order| order.study != id);
        tables.members.retain(|(_, m)| m.study != id);
        tables.clients.retain(|c| c.study != Some(id));
        tables.studies.retain(|s| s.id != id);
        tables.changes.remove(&id);
        tables.last_numbers.remove(&id);
        tables.old_numbers.retain(|(study, _), _| *study != id);
        tables.erasures.retain(|traces| traces.study != id);
        tables.epoch += 1;
        Ok(Deleted::All)
    }
}

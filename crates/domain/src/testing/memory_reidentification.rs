//! The requests of the memory store to tell whose a pseudonym is.

use super::MemoryStore;
use super::memory::part;
use crate::{
    AccountId, NewReidentification, PageRequest, Paged, Reidentification, ReidentificationId,
    ReidentificationState, ReidentificationStore, SecondOpinion, StoreError, StudyId, Timestamp,
};

impl ReidentificationStore for MemoryStore {
    fn request_reidentification(
        &self,
        new: &NewReidentification,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let is_there = tables.studies.iter().any(|study| study.id == new.study)
            && tables.accounts.iter().any(|account| account.id == new.by);
        if !is_there {
            return Err(StoreError::NotFound);
        }
        tables.reidentifications.push(Reidentification {
            id: new.id,
            study: new.study,
            pseudonym: new.pseudonym,
            reason: new.reason.clone(),
            by: Some(new.by),
            requested_at: now,
            opinion: None,
            answered_at: None,
        });
        Ok(())
    }

    fn reidentification(
        &self,
        study: StudyId,
        id: ReidentificationId,
    ) -> Result<Option<Reidentification>, StoreError> {
        let tables = self.tables();
        let mut found = tables.reidentifications.iter();
        let found = found.find(|one| one.id == id && one.study == study);
        Ok(found.map(|one| forgetting(one, &tables.accounts)))
    }

    fn reidentifications(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<Reidentification>, StoreError> {
        let tables = self.tables();
        let found = tables.reidentifications.iter().rev();
        let found: Vec<_> = found
            .filter(|one| one.study == study)
            .map(|one| forgetting(one, &tables.accounts))
            .collect();
        Ok(part(&found, page))
    }

    fn decide_reidentification(
        &self,
        id: ReidentificationId,
        allowed: bool,
        by: AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let accounts = tables.accounts.clone();
        let mut found = tables.reidentifications.iter_mut();
        let found = found.find(|one| one.id == id).ok_or(StoreError::Stale)?;
        let asked_by = forgetting(found, &accounts).by;
        let waits = found.state(now) == ReidentificationState::Requested;
        if !waits || asked_by.is_none_or(|asked_by| asked_by == by) {
            return Err(StoreError::Stale);
        }
        found.opinion = Some(SecondOpinion {
            allowed,
            by: Some(by),
            at: now,
        });
        Ok(())
    }

    fn answer_reidentification(
        &self,
        id: ReidentificationId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let mut found = tables.reidentifications.iter_mut();
        let found = found.find(|one| one.id == id).ok_or(StoreError::Stale)?;
        if found.state(now) != ReidentificationState::Approved {
            return Err(StoreError::Stale);
        }
        found.answered_at = Some(now);
        Ok(())
    }
}

/// The request without those who have no account any more.
fn forgetting(one: &Reidentification, accounts: &[crate::Account]) -> Reidentification {
    let known = |id: &AccountId| accounts.iter().any(|account| account.id == *id);
    let mut one = one.clone();
    one.by = one.by.filter(known);
    if let Some(opinion) = &mut one.opinion {
        opinion.by = opinion.by.filter(known);
    }
    one
}

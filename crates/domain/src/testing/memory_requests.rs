//! The requests of the memory store.

use super::MemoryStore;
use super::memory::{next, part};
use crate::{
    AccountId, Day, NewRightsRequest, PageRequest, Paged, REQUESTS_OF_ONE, RequestId, RequestStep,
    RequestStore, RightsRequest, StoreError, StudyId, Timestamp, WaitingRequests, answer_by,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;

impl RequestStore for MemoryStore {
    fn record_request(
        &self,
        study: StudyId,
        new: &NewRightsRequest,
        now: Timestamp,
    ) -> Result<RightsRequest, StoreError> {
        let mut tables = self.tables();
        let is_there = tables.studies.iter().any(|s| s.id == study);
        let is_known = |id: AccountId| tables.accounts.iter().any(|account| account.id == id);
        if !is_there || !new.participant.is_none_or(is_known) {
            return Err(StoreError::NotFound);
        }
        let request = RightsRequest {
            id: RequestId(next(&mut tables.last.request)),
            kind: new.kind,
            participant: new.participant,
            reference: new.reference.clone(),
            received: new.received,
            due: answer_by(new.received),
            prolonged: None,
            answered: None,
            recorded_at: now,
            recorded_by: new.recorded_by,
            revision: 1,
        };
        tables.requests.push((study, request.clone()));
        Ok(request)
    }

    fn request(&self, study: StudyId, id: RequestId) -> Result<Option<RightsRequest>, StoreError> {
        let tables = self.tables();
        let mut found = tables.requests.iter();
        let found = found.find(|(of, one)| (*of, one.id) == (study, id));
        Ok(found.map(|(_, one)| one.clone()))
    }

    fn requests(
        &self,
        study: StudyId,
        open: Option<bool>,
        page: &PageRequest,
    ) -> Result<Paged<RightsRequest>, StoreError> {
        let tables = self.tables();
        let found = tables.requests.iter().filter(|(of, _)| *of == study);
        let found = found.map(|(_, one)| one);
        let found = found.filter(|one| open.is_none_or(|open| open == one.answered.is_none()));
        let (mut waiting, mut done): (Vec<_>, Vec<_>) =
            found.cloned().partition(|one| one.answered.is_none());
        waiting.sort_by_key(|one| (one.due, one.id));
        done.sort_by_key(|one| Reverse((one.received, one.id)));
        waiting.extend(done);
        Ok(part(&waiting, page))
    }

    fn requests_of(&self, account: AccountId) -> Result<Vec<RightsRequest>, StoreError> {
        let tables = self.tables();
        let found = tables.requests.iter().map(|(_, one)| one);
        let mut found: Vec<_> = found
            .filter(|one| one.participant == Some(account))
            .cloned()
            .collect();
        found.sort_by_key(|one| Reverse((one.received, one.id)));
        found.truncate(REQUESTS_OF_ONE as usize);
        Ok(found)
    }

    fn step_request(
        &self,
        study: StudyId,
        seen: &RightsRequest,
        step: &RequestStep,
    ) -> Result<RightsRequest, StoreError> {
        let mut tables = self.tables();
        let mut found = tables.requests.iter_mut();
        let found = found.find(|(of, one)| (*of, one.id) == (study, seen.id));
        let (_, request) = found.ok_or(StoreError::NotFound)?;
        if request.revision != seen.revision {
            return Err(StoreError::Stale);
        }
        request.step(step);
        Ok(request.clone())
    }

    fn waiting_requests(&self, study: StudyId, today: Day) -> Result<WaitingRequests, StoreError> {
        let tables = self.tables();
        let of_study = tables.requests.iter().filter(|(of, _)| *of == study);
        let open = of_study.filter(|(_, one)| one.answered.is_none());
        let mut waiting = WaitingRequests::default();
        for (_, one) in open {
            waiting.open += 1;
            waiting.overdue += u64::from(one.is_overdue(today));
        }
        Ok(waiting)
    }

    fn overdue_requests(&self, today: Day) -> Result<Vec<(StudyId, u64)>, StoreError> {
        let mut found = BTreeMap::new();
        for (study, one) in &self.tables().requests {
            if one.is_overdue(today) {
                *found.entry(*study).or_default() += 1;
            }
        }
        Ok(found.into_iter().collect())
    }
}

//! How the memory store deletes entries.

use super::MemoryStore;
use super::memory::Tables;
use crate::{
    AccountId, Burial, DeletionOrder, EntryStatus, LogFilter, LogNumber, SessionDeletion,
    SessionName, StoreError, StudyId, Timestamp, TombstoneStore,
};
use std::time::Duration;

/// How many entries go before anybody looks at the time.
const PART: usize = 500;

/// The deletion of a session that was ordered.
#[derive(Debug, Clone)]
pub(super) struct Burying {
    pub(super) study: StudyId,
    session: SessionName,
    upto: LogNumber,
    burial: Burial,
}

impl Tables {
    /// Puts a tombstone in the place of an entry; `None` says nothing of how it came.
    pub(super) fn bury(
        &mut self,
        number: LogNumber,
        burial: Option<Burial>,
    ) -> Result<(), StoreError> {
        let entry = self.entries.get_mut(&number).ok_or(StoreError::NotFound)?;
        let tombstone = entry.clone().tombstone();
        *entry = tombstone.map_err(|error| StoreError::Failed(error.into()))?;
        *self.changes.entry(entry.study).or_default() += 1;
        self.amendments.remove(&number);
        self.disputes.remove(&number);
        if let Some(burial) = burial {
            self.burials.insert(number, burial);
        }
        Ok(())
    }

    fn with_content(&self, study: StudyId, session: &SessionName) -> Vec<LogNumber> {
        let filter = LogFilter {
            session: Some(session.clone()),
            ..LogFilter::live()
        };
        self.entries
            .values()
            .filter(|entry| entry.study == study && filter.matches(entry))
            .map(|entry| entry.number)
            .collect()
    }

    /// Carries a part of an order out; gives how many went, and whether those were all.
    fn bury_part(&mut self, order: &Burying) -> Result<SessionDeletion, StoreError> {
        let mut numbers = self.with_content(order.study, &order.session);
        numbers.retain(|number| *number <= order.upto);
        let complete = numbers.len() <= PART;
        numbers.truncate(PART);
        for number in &numbers {
            self.bury(*number, Some(order.burial.clone()))?;
        }
        Ok(SessionDeletion {
            entries: numbers.len() as u64,
            complete,
        })
    }

    /// What an account did to entries stays, and who did it goes with the account.
    pub(super) fn forget_who(&mut self, account: AccountId) {
        let forget = |by: &mut Option<AccountId>| *by = by.filter(|by| *by != account);
        for (amendment, _) in self.amendments.values_mut().flatten() {
            forget(&mut amendment.by);
        }
        for burial in self.burials.values_mut() {
            forget(&mut burial.by);
        }
        for order in &mut self.burying {
            forget(&mut order.burial.by);
        }
    }

    /// Carries out what is left of all orders.
    pub(super) fn bury_the_rest(&mut self) -> Result<(), StoreError> {
        for order in std::mem::take(&mut self.burying) {
            while !self.bury_part(&order)?.complete {}
        }
        Ok(())
    }
}

impl TombstoneStore for MemoryStore {
    fn bury(
        &self,
        study: StudyId,
        number: LogNumber,
        seen: Option<u32>,
        order: &DeletionOrder,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        tables
            .entries
            .get(&number)
            .filter(|entry| entry.study == study && entry.status == EntryStatus::Accepted)
            .ok_or(StoreError::NotFound)?;
        let revision = tables.amendments.get(&number).map_or(0, Vec::len) as u64;
        if seen.is_some_and(|seen| u64::from(seen) != revision) {
            return Err(StoreError::Stale);
        }
        tables.bury(number, Some(burial(order, now)))
    }

    fn bury_session(
        &self,
        study: StudyId,
        session: &SessionName,
        order: &DeletionOrder,
        now: Timestamp,
        within: Duration,
    ) -> Result<SessionDeletion, StoreError> {
        let mut tables = self.tables();
        let order = Burying {
            study,
            session: session.clone(),
            upto: LogNumber(tables.last.number),
            burial: burial(order, now),
        };
        let mut entries = 0;
        loop {
            let part = tables.bury_part(&order)?;
            entries += part.entries;
            if part.complete || within.is_zero() {
                if !part.complete {
                    tables.burying.push(order);
                }
                return Ok(SessionDeletion { entries, ..part });
            }
        }
    }

    fn count_session(&self, study: StudyId, session: &SessionName) -> Result<u64, StoreError> {
        Ok(self.tables().with_content(study, session).len() as u64)
    }

    fn burial(&self, number: LogNumber) -> Result<Option<Burial>, StoreError> {
        Ok(self.tables().burials.get(&number).cloned())
    }
}

fn burial(order: &DeletionOrder, at: Timestamp) -> Burial {
    Burial {
        reason: order.reason.clone(),
        by: order.by,
        at,
    }
}

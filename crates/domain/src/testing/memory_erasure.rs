//! How the memory store forgets.

use super::MemoryStore;
use super::memory::Tables;
use crate::{
    AccountId, Belongings, EntryStatus, Erasure, ErasureStore, StoreError, StoredEntry, Timestamp,
    Traces,
};
use std::time::Duration;

impl Tables {
    /// Takes the account out of what it has signed.
    pub(super) fn unsign(&mut self, account: AccountId) {
        let codebooks = self.codebooks.iter_mut();
        let signed = codebooks.map(|(_, codebook)| &mut codebook.summary.created_by);
        let discarded = self.discarded.iter_mut().map(|(_, one)| &mut one.by);
        let told = self.notices.iter_mut();
        let told = told.map(|(_, notice)| &mut notice.summary.created_by);
        let recorded = self.consents.iter_mut();
        let recorded = recorded.map(|(.., event)| &mut event.consent.recorded_by);
        let requests = self.requests.iter_mut();
        let requests = requests.flat_map(|(_, one)| [&mut one.participant, &mut one.recorded_by]);
        let all = signed.chain(discarded).chain(told).chain(recorded);
        let all = all.chain(requests);
        for by in all.filter(|by| **by == Some(account)) {
            *by = None;
        }
    }

    fn unlink(&mut self, account: AccountId) -> Result<(), StoreError> {
        let before = self.accounts.len();
        self.accounts.retain(|known| known.id != account);
        if self.accounts.len() == before {
            return Err(StoreError::NotFound);
        }
        self.members.retain(|(member, _)| *member != account);
        self.grants.retain(|grant| grant.account != Some(account));
        self.forget_identities();
        self.unsign(account);
        self.forget_who(account);
        Ok(())
    }

    fn wipe(&mut self, traces: Traces) -> Result<(), StoreError> {
        self.decisions.remove(&(traces.study, traces.pseudonym));
        let is_theirs = |entry: &StoredEntry| {
            (entry.study, entry.pseudonym) == (traces.study, traces.pseudonym)
                && entry.status == EntryStatus::Accepted
        };
        let theirs: Vec<_> = self
            .entries
            .values()
            .filter(|entry| is_theirs(entry))
            .map(|entry| entry.number)
            .collect();
        for number in theirs {
            self.bury(number, None)?;
        }
        let before = self.quarantine.len();
        self.quarantine
            .retain(|text| (text.study, text.pseudonym) != (traces.study, Some(traces.pseudonym)));
        let changes = (before - self.quarantine.len()) as i64;
        *self.changes.entry(traces.study).or_default() += changes;
        Ok(())
    }
}

impl ErasureStore for MemoryStore {
    fn unlink(&self, account: AccountId) -> Result<Erasure, StoreError> {
        self.tables().unlink(account)?;
        Ok(Erasure::Done)
    }

    fn erase(
        &self,
        account: AccountId,
        traces: &[Traces],
        _now: Timestamp,
        _within: Duration,
    ) -> Result<Erasure, StoreError> {
        let mut tables = self.tables();
        tables.unlink(account)?;
        for &traces in traces {
            tables.erasures.push(traces);
            tables.wipe(traces)?;
        }
        Ok(Erasure::Done)
    }

    fn belongings(
        &self,
        account: AccountId,
        traces: Option<Traces>,
    ) -> Result<Belongings, StoreError> {
        let tables = self.tables();
        if !tables.accounts.iter().any(|known| known.id == account) {
            return Err(StoreError::NotFound);
        }
        let of_account = tables.grants.iter().filter(|g| g.account == Some(account));
        let member = tables.members.iter().filter(|(who, _)| *who == account);
        let mut found = Belongings {
            log_ins: of_account.count() as u64,
            memberships: member.count() as u64,
            ..Belongings::default()
        };
        if let Some(Traces { study, pseudonym }) = traces {
            let theirs = tables.entries.values().filter(|entry| {
                (entry.study, entry.pseudonym) == (study, pseudonym)
                    && entry.status == EntryStatus::Accepted
            });
            found.entries = theirs.count() as u64;
            let texts = tables.quarantine.iter();
            let texts =
                texts.filter(|text| (text.study, text.pseudonym) == (study, Some(pseudonym)));
            found.quarantined = texts.count() as u64;
        }
        Ok(found)
    }

    fn bytes_stay(&self) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    fn sweep(&self, _now: Timestamp) -> Result<(), StoreError> {
        let mut tables = self.tables();
        for traces in tables.erasures.clone() {
            tables.wipe(traces)?;
        }
        tables.bury_the_rest()
    }
}

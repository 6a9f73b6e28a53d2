//! The grants of the memory store.

use super::MemoryStore;
use super::memory::{Tables, part};
use crate::{
    AccountId, Grant, GrantId, GrantStore, MAX_GRANTS, NewGrant, PageRequest, Paged, RefreshChain,
    RefreshHashes, Renewal, StoreError, Timestamp, TokenHash,
};

impl Tables {
    /// The grants whose account and client are still there: the others went with them.
    fn living(&mut self) -> &mut Vec<Grant> {
        let (accounts, clients) = (&self.accounts, &self.clients);
        self.grants.retain(|grant| {
            let account = grant.account;
            let client = grant.client.as_ref();
            account.is_none_or(|id| accounts.iter().any(|known| known.id == id))
                && client.is_none_or(|id| clients.iter().any(|known| known.id.as_str() == *id))
        });
        &mut self.grants
    }

    fn end_tokens(&mut self, of: impl Fn(&Grant) -> bool) {
        let grants = self.living();
        grants.retain(|grant| !of(grant) || grant.refresh.is_some());
        for grant in grants.iter_mut().filter(|grant| of(grant)) {
            grant.round += 1;
        }
    }
}

impl GrantStore for MemoryStore {
    fn begin_grant(&self, new: &NewGrant, now: Timestamp) -> Result<(), StoreError> {
        let mut tables = self.tables();
        tables.grants.push(Grant {
            id: new.id,
            account: new.account,
            client: new.client.clone(),
            scope: new.scope.clone(),
            round: 0,
            created_at: now,
            used_at: now,
            ends_at: new.ends_at,
            refresh: new.refresh.map(RefreshChain::new),
        });
        let grants = tables.living();
        if grants.iter().all(|grant| grant.id != new.id) {
            return Err(StoreError::NotFound);
        }
        let same_holder = |grant: &Grant| match new.account {
            Some(account) => grant.account == Some(account),
            None => grant.account.is_none() && grant.client == new.client,
        };
        let mut others: Vec<_> = grants
            .iter()
            .filter(|grant| same_holder(grant) && grant.id != new.id)
            .map(|grant| (grant.used_at, grant.id))
            .collect();
        others.sort_unstable();
        let room = MAX_GRANTS as usize - 1;
        let ended = &others[..others.len().saturating_sub(room)];
        grants.retain(|grant| ended.iter().all(|(_, id)| *id != grant.id));
        Ok(())
    }

    fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        let mut tables = self.tables();
        Ok(tables.living().iter().find(|grant| grant.id == id).cloned())
    }

    fn grant_by_family(&self, family: &TokenHash) -> Result<Option<Grant>, StoreError> {
        let mut tables = self.tables();
        Ok(tables
            .living()
            .iter()
            .find(|grant| grant.refresh.is_some_and(|chain| chain.family == *family))
            .cloned())
    }

    fn renew_grant(
        &self,
        presented: &RefreshHashes,
        successor: &TokenHash,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Renewal, StoreError> {
        let mut tables = self.tables();
        let grants = tables.living();
        let of_family = |grant: &Grant| {
            grant
                .refresh
                .is_some_and(|chain| chain.family == presented.family)
        };
        let Some(grant) = grants.iter_mut().find(|grant| of_family(grant)) else {
            return Ok(Renewal::Unknown);
        };
        let chain = grant.refresh.as_ref();
        match chain.and_then(|chain| chain.after(&presented.token, *successor, now)) {
            Some(next) => {
                grant.refresh = Some(next);
                grant.ends_at = ends_at;
                grant.used_at = now;
                Ok(Renewal::Renewed { round: grant.round })
            }
            None => {
                grants.retain(|grant| !of_family(grant));
                Ok(Renewal::Reused)
            }
        }
    }

    fn grants_of(
        &self,
        account: AccountId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Paged<Grant>, StoreError> {
        let mut tables = self.tables();
        let mut found: Vec<_> = tables
            .living()
            .iter()
            .filter(|grant| grant.account == Some(account) && grant.lives_at(now))
            .cloned()
            .collect();
        found.sort_by_key(|grant| std::cmp::Reverse((grant.created_at, grant.id)));
        Ok(part(&found, page))
    }

    fn end_grant(&self, id: GrantId) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let grants = tables.living();
        let before = grants.len();
        grants.retain(|grant| grant.id != id);
        Ok(grants.len() < before)
    }

    fn end_grants_of(&self, account: AccountId) -> Result<(), StoreError> {
        self.tables()
            .grants
            .retain(|grant| grant.account != Some(account));
        Ok(())
    }

    fn end_tokens(&self, id: GrantId) -> Result<(), StoreError> {
        self.tables().end_tokens(|grant| grant.id == id);
        Ok(())
    }

    fn end_tokens_of(&self, account: AccountId) -> Result<(), StoreError> {
        self.tables()
            .end_tokens(|grant| grant.account == Some(account));
        Ok(())
    }

    fn forget_ended_grants(&self, now: Timestamp, at_most: u32) -> Result<u32, StoreError> {
        let mut forgotten = 0;
        self.tables().grants.retain(|grant| {
            let goes = forgotten < at_most && !grant.lives_at(now);
            forgotten += u32::from(goes);
            !goes
        });
        Ok(forgotten)
    }
}

//! The clients of the memory store.

use super::MemoryStore;
use super::memory::{Tables, part};
use crate::{
    BUILT_IN_CLIENT, Client, ClientChange, ClientFilter, ClientId, ClientStore, Grant, GrantType,
    NewClient, PageRequest, Paged, StoreError, StudyScope, Timestamp,
};

/// The public client that is there from the first start.
pub(super) fn built_in() -> Client {
    NewClient {
        id: BUILT_IN_CLIENT.parse().expect("an id"),
        name: "Sillage".into(),
        study: None,
        secret_hash: None,
        grants: vec![GrantType::Password, GrantType::RefreshToken],
        scope: "all".into(),
    }
    .registered(Timestamp::from_micros(0).expect("1970 can be shown"))
}

impl Tables {
    /// The place of a client that is as the caller has seen it.
    fn seen(&self, id: &ClientId, revision: Option<i64>) -> Result<usize, StoreError> {
        let place = self.clients.iter().position(|client| client.id == *id);
        let place = place.ok_or(StoreError::NotFound)?;
        match revision.is_none_or(|seen| seen == self.clients[place].revision) {
            true => Ok(place),
            false => Err(StoreError::Stale),
        }
    }
}

impl ClientStore for MemoryStore {
    fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let tables = self.tables();
        Ok(tables.clients.iter().find(|c| c.id == *id).cloned())
    }

    fn clients(
        &self,
        scope: &StudyScope,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Paged<Client>, StoreError> {
        let tables = self.tables();
        let within = |client: &&Client| match client.study {
            Some(study) => scope.covers(study),
            None => matches!(scope, StudyScope::All),
        };
        let mut found: Vec<_> = tables
            .clients
            .iter()
            .filter(within)
            .filter(|client| filter.matches(client))
            .cloned()
            .collect();
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(part(&found, page))
    }

    fn register_client(&self, new: &NewClient, now: Timestamp) -> Result<Client, StoreError> {
        let mut tables = self.tables();
        if tables.clients.iter().any(|client| client.id == new.id) {
            return Err(StoreError::NameTaken(new.id.to_string()));
        }
        if new
            .study
            .is_some_and(|id| tables.studies.iter().all(|study| study.id != id))
        {
            return Err(StoreError::NotFound);
        }
        let client = new.registered(now);
        tables.clients.push(client.clone());
        Ok(client)
    }

    fn change_client(
        &self,
        id: &ClientId,
        change: &ClientChange,
        revision: Option<i64>,
    ) -> Result<Client, StoreError> {
        let mut tables = self.tables();
        let place = tables.seen(id, revision)?;
        tables.clients[place].apply(change);
        if change.ends_own_grants() {
            let own = |grant: &Grant| {
                grant.account.is_none() && grant.client.as_deref() == Some(id.as_str())
            };
            tables.grants.retain(|grant| !own(grant));
        }
        Ok(tables.clients[place].clone())
    }

    fn remove_client(&self, id: &ClientId, revision: Option<i64>) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let place = tables.seen(id, revision)?;
        tables.clients.remove(place);
        Ok(())
    }
}

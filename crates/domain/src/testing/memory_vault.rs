//! The vault of the memory store, and a place for its secrets that is gone with the process.

use super::MemoryStore;
use super::memory::Tables;
use crate::{
    Account, AccountId, IdentityField, IdentityFields, SealedIdentity, SealedPersonKey, StoreError,
    Study, StudyId, Timestamp, VaultError, VaultKeyPlace, VaultKeyRecord, VaultSecrets, VaultStore,
    VaultVersion,
};
use std::sync::{Mutex, PoisonError};

impl Tables {
    /// Erases what the vault holds of accounts that are gone.
    pub(super) fn forget_identities(&mut self) {
        let before = self.identities.len();
        let accounts = &self.accounts;
        self.identities
            .retain(|one| accounts.iter().any(|account| account.id == one.account));
        self.count_erased(before - self.identities.len());
    }

    /// Erases what the study does not keep any more.
    pub(super) fn keep_identities(&mut self, study: StudyId, fields: IdentityFields) {
        let mut changed = 0;
        for one in self.identities.iter_mut().filter(|one| one.study == study) {
            let before = one.fields.len();
            one.fields.retain(|(field, _)| fields.contains(*field));
            if one.fields.len() != before {
                changed += 1;
                one.revision += 1;
            }
            let (key, has) = (&mut one.key, |field| fields.contains(field));
            key.email_index = key.email_index.filter(|_| has(IdentityField::Email));
            key.guardian_index = key
                .guardian_index
                .filter(|_| has(IdentityField::GuardianEmail));
        }
        self.identities.retain(|one| !one.fields.is_empty());
        self.count_erased(changed);
    }

    fn count_erased(&mut self, count: usize) {
        for record in &mut self.vault_keys {
            record.erased += count as u64;
        }
    }

    fn plays(&self, account: AccountId, study: StudyId) -> Option<&Study> {
        let plays = |one: &Account| one.enrolment.is_some_and(|e| e.study == study);
        let found = self.accounts.iter().find(|one| one.id == account);
        found.filter(|one| plays(one))?;
        self.studies.iter().find(|one| one.id == study)
    }
}

impl VaultStore for MemoryStore {
    fn vault_keys(&self) -> Result<Vec<VaultKeyRecord>, StoreError> {
        Ok(self.tables().vault_keys.clone())
    }

    fn begin_vault_key(
        &self,
        after: Option<VaultVersion>,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<VaultVersion, StoreError> {
        let mut tables = self.tables();
        if tables.vault_keys.last().map(|record| record.version) != after {
            return Err(StoreError::Stale);
        }
        let version = VaultVersion(after.map_or(0, |version| version.0) + 1);
        tables.vault_keys.push(VaultKeyRecord {
            version,
            fingerprint: fingerprint.to_owned(),
            begun_at: now,
            erased: 0,
        });
        Ok(version)
    }

    fn end_vault_key(&self, version: VaultVersion) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let in_force = tables.vault_keys.last().map(|record| record.version);
        let holds = |one: &SealedIdentity| one.key.version == version;
        if in_force == Some(version) || tables.identities.iter().any(holds) {
            return Ok(false);
        }
        let before = tables.vault_keys.len();
        tables.vault_keys.retain(|record| record.version != version);
        Ok(tables.vault_keys.len() < before)
    }

    fn identity(&self, account: AccountId) -> Result<Option<SealedIdentity>, StoreError> {
        let tables = self.tables();
        let found = tables.identities.iter().find(|one| one.account == account);
        Ok(found.cloned())
    }

    fn put_identity(&self, new: &SealedIdentity, seen: Option<i64>) -> Result<(), VaultError> {
        let mut tables = self.tables();
        let study = tables.plays(new.account, new.study);
        let kept = study.ok_or(StoreError::NotFound)?.identity;
        let of_account = |one: &SealedIdentity| one.account == new.account;
        let known = tables.identities.iter().find(|one| of_account(one));
        if known.map(|one| one.revision) != seen {
            return Err(StoreError::Stale.into());
        }
        let named: IdentityFields = new.fields.iter().map(|(field, _)| *field).collect();
        let refused = named.without(kept);
        if !refused.is_empty() {
            return Err(VaultError::NotKept(refused));
        }
        let in_force = tables.vault_keys.last().map(|record| record.version);
        if in_force != Some(new.key.version) {
            return Err(VaultError::OtherVersion(new.key.version));
        }
        tables.identities.retain(|one| !of_account(one));
        tables.identities.push(new.clone());
        tables.identities.sort_by_key(|one| one.account);
        Ok(())
    }

    fn erase_identity(&self, account: AccountId, seen: Option<i64>) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let place = tables
            .identities
            .iter()
            .position(|one| one.account == account)
            .ok_or(StoreError::NotFound)?;
        if seen.is_some_and(|seen| seen != tables.identities[place].revision) {
            return Err(StoreError::Stale);
        }
        tables.identities.remove(place);
        tables.count_erased(1);
        Ok(())
    }

    fn identities_under(
        &self,
        version: VaultVersion,
        after: AccountId,
        at_most: u32,
    ) -> Result<Vec<SealedIdentity>, StoreError> {
        let tables = self.tables();
        let found = tables
            .identities
            .iter()
            .filter(|one| one.key.version == version && one.account > after);
        Ok(found.take(at_most as usize).cloned().collect())
    }

    fn count_identities(&self, version: VaultVersion) -> Result<u64, StoreError> {
        let tables = self.tables();
        let found = tables.identities.iter();
        Ok(found.filter(|one| one.key.version == version).count() as u64)
    }

    fn reseal(&self, seen: &[SealedIdentity], new: &[SealedPersonKey]) -> Result<(), StoreError> {
        let mut tables = self.tables();
        for (seen, new) in seen.iter().zip(new) {
            let as_seen = |one: &&mut SealedIdentity| {
                one.account == seen.account
                    && one.revision == seen.revision
                    && one.key.version == seen.key.version
            };
            if let Some(one) = tables.identities.iter_mut().find(as_seen) {
                one.key = new.clone();
            }
        }
        Ok(())
    }

    fn discard_identities(&self, version: VaultVersion) -> Result<u64, StoreError> {
        let mut tables = self.tables();
        let before = tables.identities.len();
        tables.identities.retain(|one| one.key.version != version);
        Ok((before - tables.identities.len()) as u64)
    }

    fn accounts_by_index(
        &self,
        study: StudyId,
        indexes: &[[u8; 16]],
    ) -> Result<Vec<Account>, StoreError> {
        let tables = self.tables();
        let is_one = |index: Option<[u8; 16]>| index.is_some_and(|one| indexes.contains(&one));
        let found = |account: &&Account| {
            tables.identities.iter().any(|one| {
                (one.account, one.study) == (account.id, study)
                    && (is_one(one.key.email_index) || is_one(one.key.guardian_index))
            })
        };
        let mut found: Vec<_> = tables.accounts.iter().filter(found).cloned().collect();
        found.sort_by_key(|account| account.enrolment.map(|one| one.number));
        Ok(found)
    }
}

/// A place for the secrets of a vault, in memory.
#[derive(Debug, Default)]
pub struct MemoryKeyPlace(Mutex<VaultSecrets>);

impl VaultKeyPlace for MemoryKeyPlace {
    fn secrets(&self) -> Result<VaultSecrets, VaultError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone())
    }

    fn change(
        &self,
        change: &mut dyn FnMut(&mut VaultSecrets) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = secrets.clone();
        change(&mut changed)?;
        *secrets = changed;
        Ok(())
    }
}

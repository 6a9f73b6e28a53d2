//! The accounts of the memory store.

use super::MemoryStore;
use super::memory::{Tables, next, part};
use crate::codebook::nfc;
use crate::{
    Account, AccountChange, AccountId, AccountStore, Enrolment, Membership, NewAccount,
    PageRequest, Paged, ParticipantNumber, PasswordHash, Role, StoreError, StudyId, StudyRole,
    SubjectId, Timestamp, Username,
};

impl Tables {
    pub(super) fn add_account(
        &mut self,
        new: &NewAccount,
        role: Role,
        enrolment: Option<Enrolment>,
        now: Timestamp,
    ) -> Account {
        let account = Account {
            id: AccountId(next(&mut self.last.account)),
            subject: new.subject,
            username: new.username.clone(),
            password_hash: new.password_hash.clone(),
            role,
            enrolment,
            active: true,
            created_at: now,
        };
        self.accounts.push(account.clone());
        account
    }

    fn refuse_taken(&self, username: &Username) -> Result<(), StoreError> {
        match self.accounts.iter().any(|a| a.username == *username) {
            true => Err(StoreError::NameTaken(username.to_string())),
            false => Ok(()),
        }
    }

    pub(super) fn enrolled(&self, study: StudyId) -> impl Iterator<Item = (&Account, Enrolment)> {
        self.accounts
            .iter()
            .filter_map(move |a| Some((a, a.enrolment.filter(|e| e.study == study)?)))
    }
}

impl AccountStore for MemoryStore {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.tables().accounts.iter().find(|a| a.id == id).cloned())
    }

    fn account_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        Ok(self
            .tables()
            .accounts
            .iter()
            .find(|a| a.username == *username)
            .cloned())
    }

    fn account_by_subject(&self, subject: &SubjectId) -> Result<Option<Account>, StoreError> {
        Ok(self
            .tables()
            .accounts
            .iter()
            .find(|a| a.subject == *subject)
            .cloned())
    }

    fn create_user(
        &self,
        new: &NewAccount,
        role: Role,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let mut tables = self.tables();
        tables.refuse_taken(&new.username)?;
        Ok(tables.add_account(new, role, None, now))
    }

    fn enrol(
        &self,
        study: StudyId,
        new: &[NewAccount],
        now: Timestamp,
    ) -> Result<Vec<Account>, StoreError> {
        let mut tables = self.tables();
        if !tables.studies.iter().any(|s| s.id == study) {
            return Err(StoreError::NotFound);
        }
        for (n, account) in new.iter().enumerate() {
            tables.refuse_taken(&account.username)?;
            if new[..n]
                .iter()
                .any(|earlier| earlier.username == account.username)
            {
                return Err(StoreError::NameTaken(account.username.to_string()));
            }
        }
        let greatest = tables.last_numbers.entry(study).or_default();
        let last = *greatest;
        *greatest += new.len() as i64;
        let enrolments = (last + 1..).map(|n| {
            Some(Enrolment {
                study,
                number: ParticipantNumber(n),
            })
        });
        Ok(new
            .iter()
            .zip(enrolments)
            .map(|(account, enrolment)| {
                tables.add_account(account, Role::Participant, enrolment, now)
            })
            .collect())
    }

    fn participants(
        &self,
        study: StudyId,
        search: Option<&str>,
        page: &PageRequest,
    ) -> Result<Paged<Account>, StoreError> {
        let wanted = nfc(&search.unwrap_or_default().to_lowercase()).into_owned();
        let tables = self.tables();
        let mut found: Vec<_> = tables
            .enrolled(study)
            .filter(|(a, _)| a.username.as_str().contains(&wanted))
            .collect();
        found.sort_by_key(|(_, e)| e.number);
        let found: Vec<_> = found.into_iter().map(|(a, _)| a.clone()).collect();
        Ok(part(&found, page))
    }

    fn usernames_with_prefix(&self, prefix: &str) -> Result<Vec<Username>, StoreError> {
        let prefix = nfc(&prefix.to_lowercase()).into_owned();
        let tables = self.tables();
        let names = tables.accounts.iter().map(|a| &a.username);
        Ok(names
            .filter(|n| n.as_str().starts_with(&prefix))
            .cloned()
            .collect())
    }

    fn change_account(
        &self,
        id: AccountId,
        change: &AccountChange,
        seen: Option<&Account>,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let account = tables
            .accounts
            .iter_mut()
            .find(|a| a.id == id)
            .ok_or(StoreError::NotFound)?;
        let is_as_seen = |seen: &Account| {
            (&seen.password_hash, seen.active) == (&account.password_hash, account.active)
        };
        if !seen.is_none_or(is_as_seen) {
            return Err(StoreError::Stale);
        }
        if let Some(hash) = &change.password_hash {
            account.password_hash = hash.clone();
        }
        account.active = change.active.unwrap_or(account.active);
        if change.ends_grants() {
            tables.grants.retain(|grant| grant.account != Some(id));
        }
        Ok(())
    }

    fn renew_password_hash(
        &self,
        id: AccountId,
        seen: &PasswordHash,
        renewed: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let found = tables
            .accounts
            .iter_mut()
            .find(|a| a.id == id && a.password_hash == *seen);
        Ok(found
            .map(|account| account.password_hash = renewed.clone())
            .is_some())
    }

    fn count_accounts(&self, role: Role) -> Result<u64, StoreError> {
        Ok(self
            .tables()
            .accounts
            .iter()
            .filter(|a| a.role == role)
            .count() as u64)
    }

    fn memberships(&self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        Ok(self
            .tables()
            .members
            .iter()
            .filter(|(a, _)| *a == account)
            .map(|(_, m)| *m)
            .collect())
    }

    fn put_member(
        &self,
        study: StudyId,
        account: AccountId,
        role: StudyRole,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        tables
            .members
            .retain(|(a, m)| !(*a == account && m.study == study));
        tables.members.push((account, Membership { study, role }));
        Ok(())
    }
}

//! The people of the memory store who run studies.

use super::MemoryStore;
use super::memory::{Tables, part};
use crate::codebook::nfc;
use crate::{
    Account, AccountId, Grant, GrantId, Member, MemberEditor, Membership, PageRequest, Paged,
    PasswordHash, PeopleError, PeopleStore, Role, Slug, StoreError, StudyId, StudyRole, User,
    UserChange, Username,
};

impl Tables {
    fn user(&self, id: AccountId) -> Option<User> {
        self.accounts.iter().find(|a| a.id == id).and_then(User::of)
    }

    fn user_named(&self, username: &Username) -> Option<User> {
        let found = self.accounts.iter().find(|a| a.username == *username);
        found.and_then(User::of)
    }

    /// That user, still as he was seen.
    fn seen_user(&self, id: AccountId, seen: Option<&User>) -> Result<User, StoreError> {
        let user = self.user(id).ok_or(StoreError::NotFound)?;
        match seen {
            Some(seen) if *seen != user => Err(StoreError::Stale),
            _ => Ok(user),
        }
    }

    /// Fails if there is no other administrator who may log in.
    fn needs_other_admin(&self, user: &User) -> Result<(), PeopleError> {
        let other = |a: &Account| a.active && a.role == Role::Admin && a.id != user.id;
        if user.is_active_admin() && !self.accounts.iter().any(other) {
            return Err(PeopleError::LastAdmin);
        }
        Ok(())
    }

    fn others_manage(&self, account: AccountId, study: StudyId) -> bool {
        self.members.iter().any(|(other, membership)| {
            *other != account
                && membership.study == study
                && membership.role == StudyRole::Manager
                && self.user(*other).is_some_and(|user| user.active)
        })
    }

    /// The studies of which that account is the only manager who may log in.
    fn managed_alone(&self, account: AccountId) -> Vec<Slug> {
        let managed = self.members.iter().filter(|(a, membership)| {
            *a == account
                && membership.role == StudyRole::Manager
                && !self.others_manage(account, membership.study)
        });
        let mut slugs: Vec<_> = managed
            .filter_map(|(_, m)| self.studies.iter().find(|s| s.id == m.study))
            .map(|study| study.slug.clone())
            .collect();
        slugs.sort();
        slugs
    }

    /// That member, still as he was seen, and his account.
    fn seen_member(
        &self,
        study: StudyId,
        username: &Username,
        seen: Option<&Member>,
    ) -> Result<(AccountId, Member), StoreError> {
        let user = self.user_named(username).ok_or(StoreError::NotFound)?;
        let membership = self
            .members
            .iter()
            .find(|(a, m)| *a == user.id && m.study == study)
            .map(|(_, m)| *m)
            .ok_or(StoreError::NotFound)?;
        let member = Member {
            username: user.username,
            role: membership.role,
            active: user.active,
        };
        match seen {
            Some(seen) if *seen != member => Err(StoreError::Stale),
            _ => Ok((user.id, member)),
        }
    }

    /// Fails if a manager's editing would leave the study without one.
    fn needs_other_manager(
        &self,
        study: StudyId,
        account: AccountId,
        member: &Member,
        editor: MemberEditor,
    ) -> Result<(), PeopleError> {
        if editor == MemberEditor::Manager
            && member.role == StudyRole::Manager
            && !self.others_manage(account, study)
        {
            let slugs = self.studies.iter().filter(|s| s.id == study);
            return Err(PeopleError::LastManager(
                slugs.map(|s| s.slug.clone()).collect(),
            ));
        }
        Ok(())
    }
}

impl PeopleStore for MemoryStore {
    fn users(&self, search: Option<&str>, page: &PageRequest) -> Result<Paged<User>, StoreError> {
        let wanted = nfc(&search.unwrap_or_default().to_lowercase()).into_owned();
        let tables = self.tables();
        let mut users: Vec<_> = tables.accounts.iter().filter_map(User::of).collect();
        users.retain(|user| user.username.as_str().contains(&wanted));
        users.sort_by(|a, b| a.username.cmp(&b.username));
        Ok(part(&users, page))
    }

    fn user(&self, id: AccountId) -> Result<Option<User>, StoreError> {
        Ok(self.tables().user(id))
    }

    fn user_named(&self, username: &Username) -> Result<Option<User>, StoreError> {
        Ok(self.tables().user_named(username))
    }

    fn change_user(
        &self,
        id: AccountId,
        change: &UserChange,
        seen: Option<&User>,
    ) -> Result<User, PeopleError> {
        let mut tables = self.tables();
        let before = tables.seen_user(id, seen)?;
        let after = change.applied_to(&before);
        if !after.is_active_admin() {
            tables.needs_other_admin(&before)?;
        }
        if let Some(account) = tables.accounts.iter_mut().find(|a| a.id == id) {
            (account.role, account.active) = (after.role, after.active);
            if let Some(hash) = &change.password_hash {
                account.password_hash = hash.clone();
            }
        }
        if change.ends_grants() {
            tables.grants.retain(|grant| grant.account != Some(id));
        }
        Ok(after)
    }

    fn delete_user(&self, id: AccountId, seen: Option<&User>) -> Result<(), PeopleError> {
        let mut tables = self.tables();
        let user = tables.seen_user(id, seen)?;
        tables.needs_other_admin(&user)?;
        let alone = tables.managed_alone(id);
        if !alone.is_empty() {
            return Err(PeopleError::LastManager(alone));
        }
        tables.members.retain(|(account, _)| *account != id);
        tables.accounts.retain(|account| account.id != id);
        tables.unsign(id);
        tables.forget_who(id);
        Ok(())
    }

    fn change_own_password(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
        kept: Option<GrantId>,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let account = tables.accounts.iter_mut().find(|a| a.id == id);
        let account = account.ok_or(StoreError::NotFound)?;
        if account.password_hash != *old {
            return Err(StoreError::Stale);
        }
        account.password_hash = new.clone();
        let stays = |grant: &Grant| grant.account != Some(id) || Some(grant.id) == kept;
        tables.grants.retain(stays);
        Ok(())
    }

    fn members(&self, study: StudyId, page: &PageRequest) -> Result<Paged<Member>, StoreError> {
        let tables = self.tables();
        let of_study = tables.members.iter().filter(|(_, m)| m.study == study);
        let mut members: Vec<_> = of_study
            .filter_map(|(account, membership)| {
                let user = tables.user(*account)?;
                Some(Member {
                    username: user.username,
                    role: membership.role,
                    active: user.active,
                })
            })
            .collect();
        members.sort_by(|a, b| a.username.cmp(&b.username));
        Ok(part(&members, page))
    }

    fn member(&self, study: StudyId, username: &Username) -> Result<Option<Member>, StoreError> {
        let found = self.tables().seen_member(study, username, None);
        Ok(found.ok().map(|(_, member)| member))
    }

    fn add_member(
        &self,
        study: StudyId,
        username: &Username,
        role: StudyRole,
    ) -> Result<Member, PeopleError> {
        let mut tables = self.tables();
        if !tables.studies.iter().any(|s| s.id == study) {
            return Err(StoreError::NotFound.into());
        }
        let user = tables
            .user_named(username)
            .ok_or_else(|| PeopleError::NoSuchUser(username.clone()))?;
        if tables.seen_member(study, username, None).is_ok() {
            return Err(PeopleError::AlreadyMember(username.clone()));
        }
        tables.members.push((user.id, Membership { study, role }));
        Ok(Member {
            username: user.username,
            role,
            active: user.active,
        })
    }

    fn change_member(
        &self,
        study: StudyId,
        username: &Username,
        role: StudyRole,
        seen: Option<&Member>,
        editor: MemberEditor,
    ) -> Result<Member, PeopleError> {
        let mut tables = self.tables();
        let (account, member) = tables.seen_member(study, username, seen)?;
        if role != StudyRole::Manager {
            tables.needs_other_manager(study, account, &member, editor)?;
        }
        for (_, membership) in tables
            .members
            .iter_mut()
            .filter(|(a, m)| *a == account && m.study == study)
        {
            membership.role = role;
        }
        Ok(Member { role, ..member })
    }

    fn remove_member(
        &self,
        study: StudyId,
        username: &Username,
        seen: Option<&Member>,
        editor: MemberEditor,
    ) -> Result<(), PeopleError> {
        let mut tables = self.tables();
        let (account, member) = tables.seen_member(study, username, seen)?;
        tables.needs_other_manager(study, account, &member, editor)?;
        tables
            .members
            .retain(|(a, m)| !(*a == account && m.study == study));
        Ok(())
    }
}

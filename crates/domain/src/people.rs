//! People who run studies: their accounts, and what each is in which study.

use crate::{
    Account, AccountId, GrantId, PageRequest, Paged, PasswordHash, Role, Slug, StoreError, StudyId,
    StudyRole, Timestamp, Username,
};

/// An account of somebody who runs studies, without what a pseudonym is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Names the account. Stands in no trace.
    pub id: AccountId,
    /// Unique on the server, among those of participants too.
    pub username: Username,
    /// [`Role::Admin`] or [`Role::Researcher`].
    pub role: Role,
    /// Whether it may log in.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Shown to nobody: who has seen the account has seen it with this password.
    pub password_hash: PasswordHash,
}

impl User {
    /// The account as it is shown; `None` for one of a participant.
    pub fn of(account: &Account) -> Option<Self> {
        (account.role != Role::Participant).then(|| Self {
            id: account.id,
            username: account.username.clone(),
            role: account.role,
            active: account.active,
            created_at: account.created_at,
            password_hash: account.password_hash.clone(),
        })
    }

    /// Whether it is an administrator who may log in.
    pub fn is_active_admin(&self) -> bool {
        self.active && self.role == Role::Admin
    }
}

/// What to change of a user; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// Of a new password.
    pub password_hash: Option<PasswordHash>,
    /// [`Role::Admin`] or [`Role::Researcher`].
    pub role: Option<Role>,
    /// Whether it may log in.
    pub active: Option<bool>,
}

impl UserChange {
    /// Whether the account's log-ins end with it: with another password, and when it may no longer log in.
    pub fn ends_grants(&self) -> bool {
        self.password_hash.is_some() || self.active == Some(false)
    }

    /// The user as the change leaves it.
    pub fn applied_to(&self, user: &User) -> User {
        User {
            role: self.role.unwrap_or(user.role),
            active: self.active.unwrap_or(user.active),
            password_hash: match &self.password_hash {
                Some(hash) => hash.clone(),
                None => user.password_hash.clone(),
            },
            ..user.clone()
        }
    }
}

/// Somebody who runs a study, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Of the account.
    pub username: Username,
    /// What the account is in the study.
    pub role: StudyRole,
    /// Whether the account may log in.
    pub active: bool,
}

/// Who changes the members of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberEditor {
    /// One of its managers: a manager who may log in is always left.
    Manager,
    /// Somebody who can make another manager: an administrator, or who works on the database itself.
    Admin,
}

/// Why people were left as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeopleError {
    /// Nobody could run the server any more.
    #[error("it is the last administrator who may log in; make another one first")]
    LastAdmin,
    /// Nobody could run these studies any more.
    #[error("nobody else who may log in manages {}; make somebody else a manager first", listed(.0))]
    LastManager(Vec<Slug>),
    /// There is no account of that name, or it is one of a participant.
    #[error("no account of somebody who runs studies has the username `{0}`")]
    NoSuchUser(Username),
    /// It is a member already.
    #[error("`{0}` is a member of the study already")]
    AlreadyMember(Username),
    /// The store could not do it, or the thing was changed since it was seen, or there is no such thing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The studies, as a sentence names them.
fn listed(slugs: &[Slug]) -> String {
    let names: Vec<_> = slugs.iter().map(|slug| format!("`{slug}`")).collect();
    names.join(", ")
}

/// Keeps the accounts of people who run studies, and memberships. Participants are no users here: they are not found, not changed, and
/// can't be members.
///
/// Where something is changed that the caller has `seen`, and it is no longer so, the error is [`StoreError::Stale`].
pub trait PeopleStore: Send + Sync {
    /// A part of the list of users, by username; `search` is a part of the username.
    fn users(&self, search: Option<&str>, page: &PageRequest) -> Result<Paged<User>, StoreError>;

    /// The user of that id.
    fn user(&self, id: AccountId) -> Result<Option<User>, StoreError>;

    /// The user of that username.
    fn user_named(&self, username: &Username) -> Result<Option<User>, StoreError>;

    /// Changes a user, and ends the account's grants if [it asks for that](UserChange::ends_grants). Errors: [`PeopleError::LastAdmin`], where no administrator would be left who may log in.
    fn change_user(
        &self,
        id: AccountId,
        change: &UserChange,
        seen: Option<&User>,
    ) -> Result<User, PeopleError>;

    /// Deletes the account and its memberships. Errors: [`PeopleError::LastAdmin`]; [`PeopleError::LastManager`] with every study that nobody
    /// else manages who may log in.
    fn delete_user(&self, id: AccountId, seen: Option<&User>) -> Result<(), PeopleError>;

    /// Gives an account, a participant's too, the password that its owner chose in the place of the one with the hash `old`, and ends its grants
    /// but for the one that is kept. Errors: [`StoreError::Stale`], where the password is another one by now; [`StoreError::NotFound`].
    fn change_own_password(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
        kept: Option<GrantId>,
    ) -> Result<(), StoreError>;

    /// A part of the list of a study's members, by username.
    fn members(&self, study: StudyId, page: &PageRequest) -> Result<Paged<Member>, StoreError>;

    /// The member of that username.
    fn member(&self, study: StudyId, username: &Username) -> Result<Option<Member>, StoreError>;

    /// Makes a user a member. Errors: [`PeopleError::NoSuchUser`], [`PeopleError::AlreadyMember`].
    fn add_member(
        &self,
        study: StudyId,
        username: &Username,
        role: StudyRole,
    ) -> Result<Member, PeopleError>;

    /// Changes what a member is in the study. Errors: [`PeopleError::LastManager`], where the editor is a manager and nobody else is one.
    fn change_member(
        &self,
        study: StudyId,
        username: &Username,
        role: StudyRole,
        seen: Option<&Member>,
        editor: MemberEditor,
    ) -> Result<Member, PeopleError>;

    /// Puts a member out of the study. Errors: as [`PeopleStore::change_member`].
    fn remove_member(
        &self,
        study: StudyId,
        username: &Username,
        seen: Option<&Member>,
        editor: MemberEditor,
    ) -> Result<(), PeopleError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_studies_that_would_have_no_manager() {
        let studies = ["waves", "castle"].map(|slug| slug.parse().expect("a slug"));
        let told = PeopleError::LastManager(studies.into()).to_string();
        assert!(told.contains("manages `waves`, `castle`;"), "{told}");
    }
}

//! People who run studies: their accounts, and what each is in which study.

use crate::api::Api;
use crate::error::ApiError;
use crate::extractors::{InStudy, Who};
use crate::limits::Source;
use crate::messages;
use sillage_auth::{
    ChangeSelf, DeleteSelf, Granted, ListMembers, ListUsers, ManageMembers, ManageUsers, ReadUser,
    Secret, generate,
};
use sillage_domain::{
    AccountId, Member, MemberEditor, NewAccount, PageRequest, Paged, PasswordHash, PasswordOrigin,
    PeopleError, Role, StudyRole, SubjectId, User, UserChange, Username,
};
use sillage_pseudonym::random_bytes;

/// The hash of a password, with the password if the server made it.
pub(crate) struct NewPassword {
    pub(crate) hash: PasswordHash,
    pub(crate) made: Option<Secret>,
}

impl NewPassword {
    /// Of the password that was chosen, or else of one that is made.
    pub(crate) async fn of(api: &Api, chosen: Option<Secret>) -> Result<Self, ApiError> {
        match chosen {
            Some(password) => Ok(Self {
                hash: api.hash(password, PasswordOrigin::Chosen).await?,
                made: None,
            }),
            None => {
                let password = generate().map_err(ApiError::internal)?;
                Ok(Self {
                    hash: api
                        .hash(password.clone(), PasswordOrigin::Generated)
                        .await?,
                    made: Some(password),
                })
            }
        }
    }
}

/// A part of the list.
pub(crate) async fn list(
    who: &Who,
    _granted: Granted<ListUsers>,
    search: Option<&str>,
    page: PageRequest,
) -> Result<Paged<User>, ApiError> {
    let search = search.map(str::to_owned);
    who.api
        .off(move |inner| Ok(inner.ports.people.users(search.as_deref(), &page)?))
        .await
}

/// The user of that id; of that username too, where numbers are those of participants.
pub(crate) async fn find(
    who: &Who,
    _granted: Granted<ReadUser>,
    id: &str,
) -> Result<User, ApiError> {
    let named = id.parse::<Username>().map_err(|_| messages::not_found())?;
    let id = id.parse().map(AccountId);
    if id.is_err() && who.api.settings().default_study.is_none() {
        return Err(messages::not_found().into());
    }
    let found = who
        .api
        .off(move |inner| {
            let people = &inner.ports.people;
            Ok(match id {
                Ok(id) => people.user(id)?,
                Err(_) => people.user_named(&named)?,
            })
        })
        .await?;
    found.ok_or_else(|| messages::not_found().into())
}

/// Makes a user.
pub(crate) async fn make(
    who: &Who,
    _granted: Granted<ManageUsers>,
    username: Username,
    role: Role,
    chosen: Option<Secret>,
) -> Result<(User, Option<Secret>), ApiError> {
    let api = &who.api;
    let taken = || ApiError::from(messages::name_taken(username.as_str()).at("/username"));
    // A name that is taken is told before a hash is made.
    if api.account_of(Some(username.clone())).await?.is_some() {
        return Err(taken());
    }
    let password = NewPassword::of(api, chosen).await?;
    let new = NewAccount {
        subject: SubjectId::new(random_bytes().map_err(ApiError::internal)?),
        username: username.clone(),
        password_hash: password.hash,
    };
    let now = api.now();
    let account = api
        .off(move |inner| Ok(inner.ports.accounts.create_user(&new, role, now)?))
        .await?;
    let user = User::of(&account).ok_or_else(|| ApiError::internal("a participant was made"))?;
    Ok((user, password.made))
}

/// Changes a user who was seen so, `only_so` if nobody changed him since.
pub(crate) async fn change(
    who: &Who,
    _granted: Granted<ManageUsers>,
    seen: User,
    change: UserChange,
    only_so: bool,
) -> Result<User, ApiError> {
    let changed = who
        .api
        .off(move |inner| {
            let people = &inner.ports.people;
            Ok(people.change_user(seen.id, &change, only_so.then_some(&seen))?)
        })
        .await;
    who.api.changed();
    changed
}

/// Deletes a user who was seen so, `only_so` if nobody changed him since.
pub(crate) async fn delete(
    who: &Who,
    _granted: Granted<ManageUsers>,
    seen: User,
    only_so: bool,
) -> Result<(), ApiError> {
    let deleted = who
        .api
        .off(move |inner| {
            let people = &inner.ports.people;
            Ok(people.delete_user(seen.id, only_so.then_some(&seen))?)
        })
        .await;
    who.api.changed();
    deleted
}

/// Gives the caller's account another password, if the old one is right. The other log-ins end.
pub(crate) async fn change_own_password(
    who: &Who,
    _granted: Granted<ChangeSelf>,
    old: Secret,
    new: Secret,
    source: Source,
) -> Result<(), ApiError> {
    let username = who.username().ok_or_else(messages::token_invalid)?;
    let account = who
        .api
        .own_account_with_password(username, old, "/old_password", source)
        .await?;
    let known = account.password_hash.clone();
    let hash = who.api.hash(new, PasswordOrigin::Chosen).await?;
    let here = who.identity.grant;
    let changed = who
        .api
        .off(move |inner| {
            let people = &inner.ports.people;
            Ok(people.change_own_password(account.id, &known, &hash, here)?)
        })
        .await;
    who.api.changed();
    changed
}

/// Deletes the caller's account, if he runs studies and others are left who can.
pub(crate) async fn delete_oneself(
    who: &Who,
    granted: Granted<DeleteSelf>,
) -> Result<(), ApiError> {
    let account = granted.by().ok_or_else(messages::forbidden)?;
    let deleted = who
        .api
        .off(move |inner| Ok(inner.ports.people.delete_user(account, None)?))
        .await;
    who.api.changed();
    deleted
}

/// Finds out whether that is the password of the caller, and counts a wrong one as a failed log-in.
pub(crate) async fn prove_oneself(
    who: &Who,
    password: Secret,
    source: Source,
) -> Result<(), ApiError> {
    let username = who.username().ok_or_else(messages::token_invalid)?;
    let proved = who
        .api
        .own_account_with_password(username, password, "/password", source)
        .await?;
    // A name that was given to somebody else meanwhile is not the caller's any more.
    if Some(proved.id) == who.account() {
        Ok(())
    } else {
        Err(messages::token_invalid().into())
    }
}

/// A part of the list of the study's members.
pub(crate) async fn members(
    study: &InStudy,
    granted: Granted<ListMembers>,
    page: PageRequest,
) -> Result<Paged<Member>, ApiError> {
    let api = &study.who.api;
    api.off(move |inner| Ok(inner.ports.people.members(granted.study(), &page)?))
        .await
}

/// The member of that username.
pub(crate) async fn member(
    study: &InStudy,
    granted: Granted<ListMembers>,
    username: &str,
) -> Result<Member, ApiError> {
    let username: Username = username.parse().map_err(|_| messages::not_found())?;
    let api = &study.who.api;
    let found = api
        .off(move |inner| Ok(inner.ports.people.member(granted.study(), &username)?))
        .await?;
    found.ok_or_else(|| messages::not_found().into())
}

/// Lets a user into the study.
pub(crate) async fn add(
    study: &InStudy,
    granted: Granted<ManageMembers>,
    username: Username,
    role: StudyRole,
) -> Result<Member, ApiError> {
    let api = &study.who.api;
    let added = api
        .off(move |inner| {
            let people = &inner.ports.people;
            Ok(people.add_member(granted.study(), &username, role)?)
        })
        .await;
    api.changed();
    added
}

/// Changes what a member is who was seen so.
pub(crate) async fn appoint(
    study: &InStudy,
    granted: Granted<ManageMembers>,
    seen: Member,
    role: StudyRole,
) -> Result<Member, ApiError> {
    let (api, editor) = (&study.who.api, editor(&study.who));
    let changed = api
        .off(move |inner| {
            let (people, id) = (&inner.ports.people, granted.study());
            Ok(people.change_member(id, &seen.username, role, Some(&seen), editor)?)
        })
        .await;
    api.changed();
    changed
}

/// Puts a member out who was seen so.
pub(crate) async fn remove(
    study: &InStudy,
    granted: Granted<ManageMembers>,
    seen: Member,
) -> Result<(), ApiError> {
    let (api, editor) = (&study.who.api, editor(&study.who));
    let removed = api
        .off(move |inner| {
            let (people, id) = (&inner.ports.people, granted.study());
            Ok(people.remove_member(id, &seen.username, Some(&seen), editor)?)
        })
        .await;
    api.changed();
    removed
}

/// An administrator can make another manager; a manager who leaves cannot.
fn editor(who: &Who) -> MemberEditor {
    match who.role() {
        Some(Role::Admin) => MemberEditor::Admin,
        _ => MemberEditor::Manager,
    }
}

impl From<PeopleError> for ApiError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::LastAdmin => messages::last_admin().into(),
            PeopleError::LastManager(studies) => messages::last_manager(&studies).into(),
            PeopleError::NoSuchUser(_) => messages::no_such_user().at("/username").into(),
            PeopleError::AlreadyMember(username) => {
                messages::already_member(&username).at("/username").into()
            }
            PeopleError::Store(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

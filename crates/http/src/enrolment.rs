//! Accounts of participants: made, found, changed.

use crate::controllers::participants::{ParticipantPatch, ParticipantsRequest};
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::messages;
use sillage_auth::{
    Granted, ListParticipants, ManageParticipants, ReadParticipant, Secret, generate,
};
use sillage_domain::{
    Account, AccountChange, NewAccount, PageRequest, Paged, PasswordHash, PasswordOrigin,
    StoreError, SubjectId, Username, usernames,
};
use sillage_pseudonym::random_bytes;

/// How often other names are tried when somebody else takes them at the same time.
const TRIES: usize = 5;

/// An account that was made, with what is to be handed out.
pub(crate) struct Handed {
    pub(crate) account: Account,
    /// `None` if whoever asked chose it.
    pub(crate) password: Option<Secret>,
}

/// A part of the list.
pub(crate) async fn list(
    study: &InStudy,
    granted: Granted<ListParticipants>,
    search: Option<&str>,
    page: PageRequest,
) -> Result<Paged<Account>, ApiError> {
    let search = search.map(str::to_owned);
    let list = move |inner: &crate::api::Inner| {
        Ok(inner
            .ports
            .accounts
            .participants(granted.study(), search.as_deref(), &page)?)
    };
    study.who.api.off(list).await
}

/// The account of that username, if it plays in that study.
pub(crate) async fn find(
    study: &InStudy,
    granted: Granted<ReadParticipant>,
    username: Username,
) -> Result<Account, ApiError> {
    let found = study.who.api.account_of(Some(username)).await?;
    found
        .filter(|account| {
            account
                .enrolment
                .is_some_and(|enrolment| enrolment.study == granted.study())
        })
        .ok_or_else(|| messages::not_found().into())
}

/// Makes one account or many.
pub(crate) async fn enrol(
    study: &InStudy,
    granted: Granted<ManageParticipants>,
    wanted: ParticipantsRequest,
) -> Result<Vec<Handed>, ApiError> {
    match wanted.username {
        Some(username) => one(study, granted, &username, wanted.password)
            .await
            .map(|handed| vec![handed]),
        None => {
            let prefix = wanted
                .prefix
                .unwrap_or_else(|| study.known.study.slug.to_string());
            let count = wanted
                .count
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or_default();
            many(study, granted, prefix, count).await
        }
    }
}

async fn one(
    study: &InStudy,
    granted: Granted<ManageParticipants>,
    username: &str,
    chosen: Option<Secret>,
) -> Result<Handed, ApiError> {
    let api = &study.who.api;
    let username: Username = username.parse().map_err(ApiError::internal)?;
    // A name that is taken is told before a hash is made.
    if api.account_of(Some(username.clone())).await?.is_some() {
        return Err(messages::name_taken(username.as_str())
            .at("/username")
            .into());
    }
    let generated = if chosen.is_none() {
        Some(generate().map_err(ApiError::internal)?)
    } else {
        None
    };
    let hash = match (chosen, &generated) {
        (Some(password), _) => api.hash(password, PasswordOrigin::Chosen).await?,
        (None, generated) => {
            let password = generated.clone().unwrap_or_else(|| Secret::new(""));
            api.hash(password, PasswordOrigin::Generated).await?
        }
    };
    let mut accounts = put(study, granted, vec![new_account(username, hash)?]).await?;
    let account = accounts
        .pop()
        .ok_or_else(|| ApiError::internal("no account was made"))?;
    Ok(Handed {
        account,
        password: generated,
    })
}

/// Makes one account with a password of any length that can be hashed: as the predecessor of this server did.
pub(crate) async fn enrol_as_before(
    study: &InStudy,
    granted: Granted<ManageParticipants>,
    username: Username,
    password: Secret,
) -> Result<Account, ApiError> {
    let api = &study.who.api;
    // A name that is taken is told before a hash is made.
    if api.account_of(Some(username.clone())).await?.is_some() {
        return Err(messages::name_taken(username.as_str())
            .at("/username")
            .into());
    }
    let hash = api.rehash(password, PasswordOrigin::Chosen).await?;
    let mut accounts = put(study, granted, vec![new_account(username, hash)?]).await?;
    accounts
        .pop()
        .ok_or_else(|| ApiError::internal("no account was made"))
}

async fn many(
    study: &InStudy,
    granted: Granted<ManageParticipants>,
    prefix: String,
    count: usize,
) -> Result<Vec<Handed>, ApiError> {
    // Names are tried before the passwords are hashed, which takes longer.
    free_names(study, &prefix, count).await?;
    let passwords = study.who.api.generated_passwords(count).await?;
    for _ in 1..TRIES {
        let names = free_names(study, &prefix, count).await?;
        let new = names
            .into_iter()
            .zip(&passwords)
            .map(|(name, (_, hash))| new_account(name, hash.clone()));
        match study
            .try_enrol(granted.clone(), new.collect::<Result<_, _>>()?)
            .await?
        {
            Some(accounts) => {
                let passwords = passwords.into_iter().map(|(password, _)| Some(password));
                let handed = accounts.into_iter().zip(passwords);
                return Ok(handed
                    .map(|(account, password)| Handed { account, password })
                    .collect());
            }
            None => continue,
        }
    }
    Err(messages::name_taken(&prefix).at("/prefix").into())
}

async fn free_names(
    study: &InStudy,
    prefix: &str,
    count: usize,
) -> Result<Vec<Username>, ApiError> {
    let prefix = prefix.to_lowercase();
    let names = study.who.api.off(move |inner| {
        let taken = inner.ports.accounts.usernames_with_prefix(&prefix)?;
        usernames(&prefix, count, &taken)
            .map_err(|error| messages::name(&error).at("/prefix").into())
    });
    names.await
}

fn new_account(username: Username, password_hash: PasswordHash) -> Result<NewAccount, ApiError> {
    let subject = SubjectId::new(random_bytes().map_err(ApiError::internal)?);
    Ok(NewAccount {
        subject,
        username,
        password_hash,
    })
}

async fn put(
    study: &InStudy,
    granted: Granted<ManageParticipants>,
    new: Vec<NewAccount>,
) -> Result<Vec<Account>, ApiError> {
    let name = new
        .first()
        .map(|new| new.username.to_string())
        .unwrap_or_default();
    let made = study.try_enrol(granted, new).await?;
    made.ok_or_else(|| messages::name_taken(&name).at("/username").into())
}

impl InStudy {
    /// Makes accounts; `None` if a name was taken meanwhile.
    async fn try_enrol(
        &self,
        granted: Granted<ManageParticipants>,
        new: Vec<NewAccount>,
    ) -> Result<Option<Vec<Account>>, ApiError> {
        let now = self.who.api.now();
        self.who
            .api
            .off(
                move |inner| match inner.ports.accounts.enrol(granted.study(), &new, now) {
                    Ok(accounts) => Ok(Some(accounts)),
                    Err(StoreError::NameTaken(_)) => Ok(None),
                    Err(error) => Err(error.into()),
                },
            )
            .await
    }
}

/// Changes an account that [`find`] found, `only_so` if it is still as it was then; gives the password with it that the server made.
pub(crate) async fn change(
    study: &InStudy,
    _granted: Granted<ManageParticipants>,
    mut account: Account,
    patch: ParticipantPatch,
    only_so: bool,
) -> Result<Handed, ApiError> {
    let api = &study.who.api;
    let generated = match patch.reset {
        Some(true) => Some(generate().map_err(ApiError::internal)?),
        _ => None,
    };
    let password_hash = match (patch.password, &generated) {
        (Some(password), _) => Some(api.hash(password, PasswordOrigin::Chosen).await?),
        (None, Some(password)) => Some(
            api.hash(password.clone(), PasswordOrigin::Generated)
                .await?,
        ),
        (None, None) => None,
    };
    let change = AccountChange {
        password_hash,
        active: patch.active,
    };
    let id = account.id;
    let seen = only_so.then(|| account.clone());
    account.active = change.active.unwrap_or(account.active);
    if let Some(hash) = &change.password_hash {
        account.password_hash = hash.clone();
    }
    let changed = api
        .off(move |inner| {
            Ok(inner
                .ports
                .accounts
                .change_account(id, &change, seen.as_ref())?)
        })
        .await;
    api.changed();
    changed?;
    Ok(Handed {
        account,
        password: generated,
    })
}

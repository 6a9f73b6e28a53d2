//! Identities of participants, read and changed off the threads that answer.

use crate::api::Api;
use crate::error::ApiError;
use crate::messages;
use actix_web::http::StatusCode;
use sillage_domain::{
    Account, AccountId, IdentityChange, Known, PageRequest, Paged, StoreError, Study, StudyId,
    VaultError,
};

/// What is known of an account.
pub(crate) async fn read(api: &Api, account: AccountId) -> Result<Known, ApiError> {
    api.off(move |inner| Ok(inner.vault.read(account)?)).await
}

/// Changes what is known of a participant of the study; `seen`: only if it is still that.
pub(crate) async fn change(
    api: &Api,
    study: &Study,
    account: AccountId,
    change: IdentityChange,
    seen: Option<Known>,
) -> Result<Known, ApiError> {
    let (study, now) = (study.clone(), api.now());
    api.off(move |inner| {
        let vault = &inner.vault;
        Ok(vault.change(&study, account, &change, seen.as_ref(), now)?)
    })
    .await
}

/// Erases what is known of an account, if anything is.
pub(crate) async fn erase(
    api: &Api,
    account: AccountId,
    seen: Option<Known>,
) -> Result<(), ApiError> {
    api.off(
        move |inner| match inner.vault.erase(account, seen.as_ref()) {
            Err(VaultError::Store(StoreError::NotFound)) => Ok(()),
            done => Ok(done?),
        },
    )
    .await
}

/// A part of those whom that address belongs to, by number.
pub(crate) async fn find(
    api: &Api,
    study: StudyId,
    email: &str,
    page: PageRequest,
) -> Result<Paged<Account>, ApiError> {
    let email = email.to_owned();
    let found = api
        .off(move |inner| Ok(inner.vault.find(study, &email)?))
        .await?;
    let total = found.len() as u64;
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let items = found.into_iter().skip(offset);
    Ok(Paged {
        items: items.take(page.size.get() as usize).collect(),
        total,
    })
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::NotKept(fields) => {
                let problems = fields.iter().map(messages::identity_not_kept);
                Self::several(StatusCode::CONFLICT, problems.collect())
            }
            VaultError::Store(error) => error.into(),
            error if error.is_about_keys() => Self::from(messages::vault_is_shut()).because(error),
            other => Self::internal(other),
        }
    }
}

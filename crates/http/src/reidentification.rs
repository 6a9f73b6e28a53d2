//! Telling whose a pseudonym is: the rule of two persons, and the search among accounts.

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::identity::KnownStudy;
use crate::messages;
use crate::views::reidentification::Named;
use sillage_auth::{AllowReidentification, Granted, ReadReidentification, Reidentify};
use sillage_domain::{
    Account, AccountId, AuditAction, AuditFilter, AuditOutcome, NewReidentification, PageRequest,
    Paged, Pseudonym, Reason, Reidentification, ReidentificationId, ReidentificationState,
    StoreError, Timestamp,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use uuid::Uuid;

/// How many accounts are read at a time.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
/// For how many days whoever made an account, or its password, can't have it decide.
const INDEPENDENT_DAYS: i64 = 7;

/// The id that a path names; 404 for what can be none.
pub(crate) fn id(text: &str) -> Result<ReidentificationId, ApiError> {
    let id = text.parse::<Uuid>().map_err(|_| messages::not_found())?;
    Ok(ReidentificationId(id))
}

/// Keeps a request. Whether anybody has the pseudonym is not said: who could try it would learn it by deleting accounts.
pub(crate) async fn request(
    study: &InStudy,
    granted: Granted<Reidentify>,
    pseudonym: Pseudonym,
    reason: Reason,
) -> Result<Named, ApiError> {
    let by = granted.by().ok_or_else(messages::forbidden)?;
    let new = NewReidentification {
        id: ReidentificationId(Uuid::new_v4()),
        study: granted.study(),
        pseudonym,
        reason,
        by,
    };
    let now = study.who.api.now();
    let keep = move |inner: &Inner| {
        inner
            .ports
            .reidentifications
            .request_reidentification(&new, now)?;
        inner.named_request(new.study, new.id)
    };
    study.who.api.off(keep).await
}

/// A part of the study's requests.
pub(crate) async fn list(
    study: &InStudy,
    granted: Granted<ReadReidentification>,
    page: PageRequest,
) -> Result<Paged<Named>, ApiError> {
    let of = granted.study();
    let read = move |inner: &Inner| {
        let found = inner.ports.reidentifications.reidentifications(of, &page)?;
        let items = found.items.into_iter().map(|one| inner.with_names(one));
        Ok(Paged {
            items: items.collect::<Result<_, StoreError>>()?,
            total: found.total,
        })
    };
    study.who.api.off(read).await
}

/// One of the study's requests.
pub(crate) async fn read(
    study: &InStudy,
    granted: Granted<ReadReidentification>,
    id: ReidentificationId,
) -> Result<Named, ApiError> {
    let of = granted.study();
    study
        .who
        .api
        .off(move |inner| inner.named_request(of, id))
        .await
}

/// Allows or refuses a request, as a second person.
pub(crate) async fn decide(
    study: &InStudy,
    granted: Granted<AllowReidentification>,
    id: ReidentificationId,
    allowed: bool,
) -> Result<Named, ApiError> {
    let by = granted.by().ok_or_else(messages::forbidden)?;
    let (of, now) = (granted.study(), study.who.api.now());
    let keep = move |inner: &Inner| {
        let found = inner.named_request(of, id)?.request;
        inner.is_another(&found, by, now)?;
        match found.state(now) {
            ReidentificationState::Requested => {}
            state => return Err(messages::request_is(state).into()),
        }
        let store = &inner.ports.reidentifications;
        match store.decide_reidentification(id, allowed, by, now) {
            // Somebody else decided at the same time.
            Err(StoreError::Stale) => {
                Err(messages::request_is(ReidentificationState::Approved).into())
            }
            Err(error) => Err(error.into()),
            Ok(()) => inner.named_request(of, id),
        }
    };
    study.who.api.off(keep).await
}

/// Whose the pseudonym is, told once to whoever asked.
pub(crate) async fn answer(
    study: &InStudy,
    granted: Granted<Reidentify>,
    id: ReidentificationId,
) -> Result<Account, ApiError> {
    let by = granted.by();
    let (of, now, known) = (
        granted.study(),
        study.who.api.now(),
        Arc::clone(&study.known),
    );
    let tell = move |inner: &Inner| {
        let found = inner.named_request(of, id)?.request;
        match found.state(now) {
            ReidentificationState::Approved => {}
            state => return Err(messages::request_is(state).into()),
        }
        if by.is_none() || found.by != by {
            return Err(messages::only_who_asked().into());
        }
        let account = inner.account_under(&known, found.pseudonym)?;
        match inner
            .ports
            .reidentifications
            .answer_reidentification(id, now)
        {
            // Fetched at the same time by the same person.
            Err(StoreError::Stale) => {
                return Err(messages::request_is(ReidentificationState::Answered).into());
            }
            done => done?,
        }
        account.ok_or_else(|| messages::nobodys_pseudonym().into())
    };
    study.who.api.off(tell).await
}

impl Inner {
    fn named_request(
        &self,
        study: sillage_domain::StudyId,
        id: ReidentificationId,
    ) -> Result<Named, ApiError> {
        let found = self.ports.reidentifications.reidentification(study, id)?;
        Ok(self.with_names(found.ok_or_else(messages::not_found)?)?)
    }

    fn with_names(&self, request: Reidentification) -> Result<Named, StoreError> {
        let name = |id: Option<AccountId>| match id {
            Some(id) => Ok::<_, StoreError>(self.ports.accounts.account(id)?.map(|a| a.username)),
            None => Ok(None),
        };
        let asked = name(request.by)?;
        let decided = name(request.opinion.and_then(|opinion| opinion.by))?;
        Ok(Named {
            request,
            asked,
            decided,
        })
    }

    /// Refuses whoever asked, and an account that the one who asked can have made up for it: one that is younger than the request, or that he
    /// made, or gave another password, a few days ago.
    fn is_another(
        &self,
        request: &Reidentification,
        by: AccountId,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let refused = || ApiError::from(messages::another_person());
        let asked = request
            .by
            .filter(|asked| *asked != by)
            .ok_or_else(refused)?;
        let accounts = &self.ports.accounts;
        let asked = accounts.account(asked)?.ok_or_else(refused)?;
        let second = accounts.account(by)?.ok_or_else(refused)?;
        if second.created_at > request.requested_at {
            return Err(refused());
        }
        let keys = self.audit.keys();
        let made_up = AuditFilter {
            actor: Some(keys.account(&asked.subject)),
            subject: Some(keys.account(&second.subject)),
            actions: vec![AuditAction::CreateUser, AuditAction::ResetPassword],
            from: Some(now.plus_days(-INDEPENDENT_DAYS)),
            ..AuditFilter::default()
        };
        let found = self.ports.audit.audit_after(&made_up, 0, PAGE.get())?;
        match found
            .iter()
            .any(|one| one.record.event.outcome == AuditOutcome::Done)
        {
            true => Err(refused()),
            false => Ok(()),
        }
    }

    /// The participant with that pseudonym, found by computing everybody's.
    fn account_under(
        &self,
        known: &KnownStudy,
        wanted: Pseudonym,
    ) -> Result<Option<Account>, StoreError> {
        let mut page = NonZeroU64::MIN;
        loop {
            let part = PageRequest { page, size: PAGE };
            let found = self
                .ports
                .accounts
                .participants(known.study.id, None, &part)?;
            let last = (found.items.len() as u64) < u64::from(PAGE.get());
            let is_wanted = |one: &Account| known.pseudonym(&one.subject) == wanted;
            if let Some(account) = found.items.into_iter().find(is_wanted) {
                return Ok(Some(account));
            }
            if last {
                return Ok(None);
            }
            page = page.saturating_add(1);
        }
    }
}

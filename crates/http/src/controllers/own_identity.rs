//! Who one is, as far as one's study keeps it.

use super::identities::IdentityRequest;
use crate::audit::Mark;
use crate::codes::Code;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, Who};
use crate::messages;
use crate::response::{etag_of, fresh};
use crate::vault;
use crate::views::error::Errors;
use crate::views::identity::IdentityView;
use actix_web::HttpResponse;
use sillage_auth::{ChangeOwnIdentity, Permission, ReadOwnIdentity};
use sillage_domain::{AccountId, Known, Study};

/// What your study keeps of who you are.
#[utoipa::path(
    get, path = "/v1/me/identity", tag = "me", operation_id = "readOwnIdentity",
    responses(
        (status = 200, description = "What is known of you", body = IdentityView),
        (status = 503, description = "5033: the key of the vault is not on this server", body = Errors),
    )
)]
pub(crate) async fn read(who: Who, conditions: Conditions) -> Result<HttpResponse, ApiError> {
    may(&who, ReadOwnIdentity)?;
    let (study, _, known) = own(&who).await?;
    fresh(&conditions, &IdentityView::new(study.identity, &known), &[])
}

/// Correct it. PUT does the same. An empty text takes a field away.
#[utoipa::path(
    patch, path = "/v1/me/identity", tag = "me", operation_id = "changeOwnIdentity",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the identity as you have seen it")),
    request_body = IdentityRequest,
    responses(
        (status = 200, description = "What is known of you now", body = IdentityView),
        (status = 409, description = "The study does not keep that: an error for each field, with its pointer", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
        (status = 503, description = "5033: the key of the vault is not on this server", body = Errors),
    )
)]
pub(crate) async fn change(
    who: Who,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    may(&who, ChangeOwnIdentity)?;
    let change = body.valid::<IdentityRequest>()?;
    let (study, account, known) = own(&who).await?;
    let kept = study.identity;
    let seen = conditions.hold_for(&etag_of(&IdentityView::new(kept, &known))?)?;
    let seen = seen.then_some(known);
    let known = vault::change(&who.api, study, account, change.into(), seen).await?;
    tracing::info!(
        event = "own_identity",
        study = study.slug.as_str(),
        "somebody corrected who he is"
    );
    fresh(
        &Conditions::default(),
        &IdentityView::new(kept, &known),
        &[],
    )
}

/// Whether they may; who plays is told how.
fn may<P: Permission<On = ()>>(who: &Who, permission: P) -> Result<(), ApiError> {
    match who.may(permission) {
        Err(_) if who.identity.plays.is_some() => {
            let problem = ApiError::from(messages::not_by_this_token());
            Err(problem.marked(Some(Mark::Denied)))
        }
        allowed => Ok(allowed.map(drop)?),
    }
}

/// The study that the caller plays in, his account, and what is known of him.
async fn own(who: &Who) -> Result<(&Study, AccountId, Known), ApiError> {
    let (Some(account), Some((study, _))) = (who.account(), &who.identity.plays) else {
        return Err(messages::forbidden().into());
    };
    let known = vault::read(&who.api, account).await?;
    Ok((&study.study, account, known))
}

/// The same for an answer that has more in it: nothing, where the study keeps nothing, the caller may not see it, or it can't be opened
/// here.
pub(super) async fn within(who: &Who) -> Result<Option<IdentityView>, ApiError> {
    let keeps = |study: &Study| !study.identity.is_empty();
    let plays = who.identity.plays.as_ref();
    if !plays.is_some_and(|(known, _)| keeps(&known.study)) || who.may(ReadOwnIdentity).is_err() {
        return Ok(None);
    }
    match own(who).await {
        Ok((study, _, known)) => Ok(Some(IdentityView::new(study.identity, &known))),
        // The rest of the answer is not to be missed for that.
        Err(error) if error.is_about(Code::VaultIsShut) => Ok(None),
        Err(error) => Err(error),
    }
}

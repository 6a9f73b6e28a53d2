//! One's own log-ins.

use crate::error::ApiError;
use crate::extractors::{Conditions, Parameters, Who};
use crate::messages;
use crate::response::{etag_of, fresh};
use crate::views::error::Errors;
use crate::views::grant::GrantView;
use crate::views::page::Page;
use actix_web::{HttpResponse, web};
use sillage_auth::{EndOwnGrants, Granted, Permission, ReadOwnGrants};
use sillage_domain::{AccountId, Grant, GrantId, PageRequest, Paged};
use std::num::{NonZeroU32, NonZeroU64};
use uuid::Uuid;

/// What a list shows to those who ask for no page.
const FIRST_PAGE: PageRequest = PageRequest {
    page: NonZeroU64::MIN,
    size: NonZeroU32::new(10).unwrap(),
};

/// Where you are logged in: each log-in from which tokens may still be taken, or whose token is still good, the newest first.
#[utoipa::path(
    get, path = "/v1/me/grants", tag = "me", operation_id = "listMyGrants", params(crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<GrantView>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let account = own(who.may(ReadOwnGrants)?)?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let found = read_page(&who, account, page.request).await?;
    page.answer(&asked, &conditions, &found, |grant| view(&who, grant))
}

/// One of your log-ins.
#[utoipa::path(
    get, path = "/v1/me/grants/{id}", tag = "me", operation_id = "readMyGrant", params(crate::openapi::GrantPath),
    responses((status = 200, description = "The log-in", body = GrantView))
)]
pub(crate) async fn read(
    who: Who,
    path: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let account = own(who.may(ReadOwnGrants)?)?;
    let grant = find(&who, account, &path).await?;
    fresh(&conditions, &view(&who, &grant), &[])
}

/// Log out there: none of its tokens is good any more, here at once and within 5 seconds on every other server.
#[utoipa::path(
    delete, path = "/v1/me/grants/{id}", tag = "me", operation_id = "endMyGrant",
    params(crate::openapi::GrantPath, ("If-Match" = Option<String>, Header, description = "The ETag of the log-in as you have seen it")),
    responses(
        (status = 204, description = "Done"),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn end(
    who: Who,
    path: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let account = own(who.may(EndOwnGrants)?)?;
    let grant = find(&who, account, &path).await?;
    conditions.hold_for(&etag_of(&view(&who, &grant))?)?;
    let end = move |inner: &crate::api::Inner| Ok(inner.ports.grants.end_grant(grant.id)?);
    who.api.end(end).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Log out everywhere, here included. Asks for no password.
#[utoipa::path(
    delete, path = "/v1/me/grants", tag = "me", operation_id = "endMyGrants",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the first page of ten as you have seen it")),
    responses(
        (status = 204, description = "Done"),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn end_all(who: Who, conditions: Conditions) -> Result<HttpResponse, ApiError> {
    let account = own(who.may(EndOwnGrants)?)?;
    let first = read_page(&who, account, FIRST_PAGE).await?;
    let shown: Vec<_> = first.items.iter().map(|grant| view(&who, grant)).collect();
    conditions.hold_for(&etag_of(&shown)?)?;
    let end = move |inner: &crate::api::Inner| Ok(inner.ports.grants.end_grants_of(account)?);
    who.api.end(end).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End every access token that you have, for when one was seen by somebody else. Refresh tokens stay good, so your devices get new
/// access tokens by themselves.
#[utoipa::path(
    delete, path = "/v1/me/tokens", tag = "me", operation_id = "endMyTokens",
    responses((status = 204, description = "Done"))
)]
pub(crate) async fn end_tokens(who: Who, conditions: Conditions) -> Result<HttpResponse, ApiError> {
    let account = own(who.may(EndOwnGrants)?)?;
    // There is no list of tokens that a client could have seen.
    conditions.hold_for("")?;
    let end = move |inner: &crate::api::Inner| Ok(inner.ports.grants.end_tokens_of(account)?);
    who.api.end(end).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The account that was allowed something about itself.
fn own<P: Permission<On = ()>>(granted: Granted<P>) -> Result<AccountId, ApiError> {
    granted.by().ok_or_else(|| messages::forbidden().into())
}

async fn read_page(
    who: &Who,
    account: AccountId,
    page: PageRequest,
) -> Result<Paged<Grant>, ApiError> {
    let now = who.api.now();
    let read =
        move |inner: &crate::api::Inner| Ok(inner.ports.grants.grants_of(account, now, &page)?);
    who.api.off(read).await
}

/// The grant of that id, if it is one's own and has not ended.
async fn find(who: &Who, account: AccountId, id: &str) -> Result<Grant, ApiError> {
    let id = GrantId(Uuid::try_parse(id).map_err(|_| messages::not_found())?);
    let found = who
        .api
        .off(move |inner| Ok(inner.ports.grants.grant(id)?))
        .await?;
    let now = who.api.now();
    found
        .filter(|grant| grant.account == Some(account) && grant.lives_at(now))
        .ok_or_else(|| messages::not_found().into())
}

fn view<'a>(who: &Who, grant: &'a Grant) -> GrantView<'a> {
    GrantView::new(grant, who.identity.grant)
}

//! Entries, corrected with a reason; what was sent stays.

use crate::amending;
use crate::audit::tell;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, Parameters, Who};
use crate::openapi::shapes;
use crate::response::{etag_of, fresh};
use crate::views::amendment::{AmendmentView, Gone};
use crate::views::error::Errors;
use crate::views::log::{LogEntry, LogView};
use crate::views::page::Page;
use actix_web::{HttpResponse, web};
use sillage_auth::{AmendLogs, Reach, ReadLogs};
use sillage_domain::AmendmentRequest;
use utoipa::ToSchema;

/// What is to be changed, and why. `action`, `timestamp`, `session` and `sequence` take the place of what is there; `null` takes
/// `session` or `sequence` away. `payload` is a JSON merge patch (RFC 7396): the members that it names change, those that are `null` go, all others
/// stay to the letter; `null` for `payload` takes all of it away.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct LogAmendment {
    /// Why. It is kept and shown beside the change: it should name nobody.
    #[schema(value_type = shapes::Reason)]
    reason: String,
    /// What happened.
    #[schema(value_type = Option<shapes::Name>, nullable = false)]
    action: Option<String>,
    /// When it happened.
    #[schema(value_type = Option<shapes::Instant>, nullable = false)]
    timestamp: Option<String>,
    /// What the game calls the play session.
    #[schema(value_type = Option<shapes::Name>)]
    session: Option<String>,
    /// The place of the entry in its session.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    sequence: Option<i64>,
    /// The members of the payload that change.
    #[schema(value_type = Option<Object>)]
    payload: Option<()>,
}

/// Amend an entry: what it is read as from now on, and why. PUT does the same.
///
/// What was sent stays, for `raw=true`; lists and exports show the amended values. An amended entry keeps the rules of one that is sent. What
/// changes nothing adds no amendment, so that the same request sent twice adds one. The participant and the id can't be amended.
#[utoipa::path(
    patch, path = "/v1/logs/{number}", tag = "logs", operation_id = "changeLog", request_body = LogAmendment,
    params(crate::openapi::LogPath, ("If-Match" = Option<String>, Header, description = "The ETag of the entry as you have seen it, without `raw`")),
    responses(
        (status = 200, description = "The entry as it is read now", body = LogEntry),
        (status = 410, description = "Its content was deleted", body = Gone),
        (status = 412, description = "It was amended since", body = Errors),
        (status = 422, description = "All that is wrong: no reason, or the entry would not be one", body = Errors),
    )
)]
pub(crate) async fn change(
    who: Who,
    number: web::Path<String>,
    asked: Parameters,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let read = who.may_across(ReadLogs)?;
    let entry = amending::entry(&who, &read, &number, false, &asked.here).await?;
    let granted = amending::may(&who, AmendLogs, &entry)?;
    asked.only(&[])?;
    let request = AmendmentRequest::read(body.bytes())?;
    let reach = read.reach(entry.study).unwrap_or(Reach::Deidentified);
    let root = asked.here.root();
    let seen = conditions.hold_for(&etag_of(&LogView::read(root, &entry, reach))?)?;
    let amended = amending::amend(&who.api, granted, entry, request, seen).await?;
    let shown = LogView::read(root, &amended, reach);
    let mut answer = fresh(&Conditions::default(), &shown, &[])?;
    tell(&mut answer, |told| told.study = Some(amended.study));
    Ok(answer)
}

/// The amendments of an entry, the first made first. What was sent is at `/v1/logs/{number}?raw=true`.
#[utoipa::path(
    get, path = "/v1/logs/{number}/history", tag = "logs", operation_id = "listAmendments",
    params(crate::openapi::LogPath, crate::openapi::Pages),
    responses(
        (status = 200, description = "A page of them; none of an entry that was never amended", body = Vec<AmendmentView>),
        (status = 410, description = "Its content was deleted, and they with it", body = Gone),
    )
)]
pub(crate) async fn history(
    who: Who,
    number: web::Path<String>,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may_across(ReadLogs)?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let entry = amending::entry(&who, &granted, &number, true, &asked.here).await?;
    let reach = granted.reach(entry.study).unwrap_or(Reach::Deidentified);
    let (made, names) = amending::history(&who.api, &entry, page.request).await?;
    let sees_people = amending::sees_people(&who, entry.study);
    page.answer(&asked, &conditions, &made, |one| {
        let by = one.by.filter(|_| sees_people);
        AmendmentView::new(one, by.and_then(|by| names.get(&by)), reach)
    })
}

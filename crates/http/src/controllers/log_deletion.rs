//! Entries, deleted with a reason; a tombstone without content stays.

use crate::amending;
use crate::audit::tell;
use crate::error::ApiError;
use crate::extractors::{
    Body, Conditions, FromMembers, InStudy, Members, OptionalBody, Parameters, Who,
};
use crate::flat::{Flat, came_as_basic};
use crate::logbook;
use crate::messages;
use crate::openapi::shapes;
use crate::response::{etag_of, ok};
use crate::validation;
use crate::views::amendment::{DeletionView, Gone};
use crate::views::error::Errors;
use crate::views::log::LogView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use sillage_auth::{DeleteLogs, Reach, ReadLogs};
use sillage_domain::{Reason, SessionName, StudyScope};
use utoipa::ToSchema;
use validator::Validate;

/// Why entries are deleted.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = DeletionReason)]
pub(crate) struct ReasonRequest {
    /// It stays with the tombstone: it should name nobody.
    #[validate(required, custom(function = "validation::reason"))]
    #[schema(required, value_type = shapes::Reason)]
    reason: Option<String>,
}

impl FromMembers for ReasonRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            reason: members.text("reason"),
        }
    }
}

/// The reason in the body, or else the parameter.
fn reason(asked: &Parameters, body: Option<&Body>) -> Result<Reason, ApiError> {
    if let Some(body) = body {
        let request = body.valid::<ReasonRequest>()?;
        let reason = request.reason.unwrap_or_default();
        return reason.parse().map_err(ApiError::internal);
    }
    let text = asked.text("reason").ok_or_else(messages::reason_missing)?;
    text.parse()
        .map_err(|error| messages::name(&error).parameter("reason").into())
}

/// Delete the content of an entry, with its amendments. What is left is a tombstone: that it was there, whose, when it arrived, and why it went.
///
/// It is in no list but with `status=deleted`, and in no export. Sent again, it is answered as a duplicate, and stays deleted.
#[utoipa::path(
    delete, path = "/v1/logs/{number}", tag = "logs", operation_id = "deleteLog",
    params(
        crate::openapi::LogPath, crate::openapi::Because, crate::openapi::DryRun,
        ("If-Match" = Option<String>, Header, description = "The ETag of the entry as you have seen it, without `raw`"),
    ),
    request_body(content = Option<ReasonRequest>, description = "Where the reason is not in the address"),
    responses(
        (status = 200, description = "What would go (`dry_run`)", body = DeletionView),
        (status = 204, description = "Its content is gone"),
        (status = 410, description = "Its content was deleted before: when, by whom and why", body = Gone),
        (status = 412, description = "It was amended since", body = Errors),
        (status = 413, description = "4131: the body is too large", body = Errors),
        (status = 415, description = "The `Content-Encoding` is not understood", body = Errors),
        (status = 422, description = "4222: there is no reason", body = Errors),
    )
)]
pub(crate) async fn delete(
    who: Who,
    number: web::Path<String>,
    asked: Parameters,
    conditions: Conditions,
    body: OptionalBody,
) -> Result<HttpResponse, ApiError> {
    let read = who.may_across(ReadLogs)?;
    let entry = amending::entry(&who, &read, &number, false, &asked.here).await?;
    let granted = amending::may(&who, DeleteLogs, &entry)?;
    asked.only(&["reason", "dry_run"])?;
    let reach = read.reach(entry.study).unwrap_or(Reach::Deidentified);
    let seen = LogView::read(asked.here.root(), &entry, reach);
    let seen = conditions.hold_for(&etag_of(&seen)?)?;
    if asked.flag("dry_run", false)? {
        return would_go(1);
    }
    let reason = reason(&asked, body.0.as_ref())?;
    let of = entry.study;
    amending::delete(&who.api, granted, entry, reason, seen).await?;
    let mut answer = HttpResponse::NoContent().finish();
    tell(&mut answer, |told| told.study = Some(of));
    Ok(answer)
}

/// Delete the content of all entries that were sent in a session, a pilot run for example. Tombstones stay.
///
/// What arrives later under the same name stays. What takes long goes on by itself, and so does what a crash interrupts. Quarantined texts have no
/// session, and stay.
#[utoipa::path(
    delete, path = "/v1/logs", tag = "logs", operation_id = "deleteLogs",
    params(
        ("study" = shapes::Slug, Query, description = "Slug of the study"),
        ("session" = shapes::Name, Query, description = "As it was sent, whatever was amended"),
        crate::openapi::Because, crate::openapi::DryRun,
        ("If-Match" = Option<String>, Header, description = "The ETag of the list of the same `study` and `session`, asked for with no other parameter"),
    ),
    request_body(content = Option<ReasonRequest>, description = "Where the reason is not in the address"),
    responses(
        (status = 200, description = "How many are deleted, or would be (`dry_run`)", body = DeletionView),
        (status = 202, description = "How many are deleted so far; the rest goes by itself", body = DeletionView),
        (status = 412, description = "The study changed since", body = Errors),
        (status = 413, description = "4131: the body is too large", body = Errors),
        (status = 415, description = "The `Content-Encoding` is not understood", body = Errors),
        (status = 422, description = "4222: there is no study, no session or no reason", body = Errors),
    )
)]
pub(crate) async fn delete_session(
    who: Who,
    request: HttpRequest,
    asked: Parameters,
    conditions: Conditions,
    body: OptionalBody,
) -> Result<HttpResponse, ApiError> {
    who.may_across(DeleteLogs)?;
    asked.only(&["study", "session", "reason", "dry_run"])?;
    let slug = required(&asked, "study")?;
    let study = InStudy::find(who, slug).await.map_err(|error| {
        error.instead_of_404(|| messages::not_found().parameter("study").into())
    })?;
    let granted = study.may(DeleteLogs)?;
    let session = session(&asked)?;
    let basic = came_as_basic(request.headers());
    conditions.hold_for(&list_tag(&study, &asked, basic).await?)?;
    if asked.flag("dry_run", false)? {
        return would_go(amending::count_session(&study, granted, session).await?);
    }
    let reason = reason(&asked, body.0.as_ref())?;
    let deleted = amending::delete_session(&study, granted, session, reason).await?;
    let (status, word) = if deleted.complete {
        (StatusCode::OK, "deleted")
    } else {
        (StatusCode::ACCEPTED, "deleting")
    };
    let mut response = ok(&DeletionView {
        status: word,
        entries: deleted.entries,
    })?;
    *response.status_mut() = status;
    Ok(response)
}

fn would_go(entries: u64) -> Result<HttpResponse, ApiError> {
    ok(&DeletionView {
        status: "dry_run",
        entries,
    })
}

fn required<'a>(asked: &'a Parameters, name: &'static str) -> Result<&'a str, ApiError> {
    let missing = || messages::parameter_missing(name).into();
    asked.text(name).ok_or_else(missing)
}

fn session(asked: &Parameters) -> Result<SessionName, ApiError> {
    let text = required(asked, "session")?;
    text.parse()
        .map_err(|error| messages::name(&error).parameter("session").into())
}

/// The tag of the list of what is to be deleted, as whoever asks for it gets it.
async fn list_tag(study: &InStudy, asked: &Parameters, basic: bool) -> Result<String, ApiError> {
    let scope = StudyScope::Only(vec![study.id()]);
    let who = &study.who;
    let readable = who.may_across(ReadLogs)?.studies();
    let revision = who
        .api
        .off(move |inner| Ok(inner.ports.logs.revision(&scope)?))
        .await?;
    let query = asked.canonical_of(|name| ["study", "session"].contains(&name));
    let tag = logbook::tag(&revision, who, &readable, &query, asked.here.root());
    let flat = Flat::of(who, asked, basic).await?;
    Ok(flat.map_or(tag.clone(), |flat| flat.mark(&tag)))
}

//! One's own entries, disputed.

use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, Members, Who};
use crate::openapi::shapes;
use crate::response::{etag_of, fresh};
use crate::rights::{self, correction_sent};
use crate::validation;
use crate::views::error::Errors;
use crate::views::rights::DisputeView;
use actix_web::{HttpResponse, web};
use sillage_auth::{DisputeOwnLogs, ReadOwnLogs};
use sillage_domain::{LogNumber, Objections};
use utoipa::ToSchema;
use validator::Validate;

/// What you say against an entry.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewDispute)]
pub(crate) struct DisputeRequest {
    /// What is wrong. Those read it who run the study: it should name nobody.
    #[validate(custom(function = "validation::remark"))]
    #[schema(value_type = Option<shapes::Remark>)]
    text: Option<String>,
    /// What would be right: `action`, `timestamp`, `session`, `sequence` or `payload`, as in `PATCH /v1/logs/{number}`. Those who run
    /// the study may take it over.
    #[schema(value_type = Option<Object>)]
    correction: Option<()>,
}

impl FromMembers for DisputeRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            text: members.text("text"),
            correction: members.pass("correction").then_some(()),
        }
    }
}

/// What you said against an entry of yours, and what was answered.
#[utoipa::path(
    get, path = "/v1/me/logs/{number}/dispute", tag = "me", operation_id = "readOwnDispute",
    params(crate::openapi::LogPath),
    responses((status = 200, description = "The dispute", body = DisputeView))
)]
pub(crate) async fn read(
    who: Who,
    number: web::Path<String>,
    here: Here,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    who.may(ReadOwnLogs)?;
    let dispute = rights::read(&who, rights::number(&number)?).await?;
    fresh(&conditions, &DisputeView::new(here.root(), &dispute), &[])
}

/// Dispute an entry of yours: say that it is wrong, and what would be right.
///
/// The entry stays, and a mark goes with it wherever it goes: into lists, exports and the report on quality. Something else said takes
/// the place of what was said before, and of the answer to it.
#[utoipa::path(
    put, path = "/v1/me/logs/{number}/dispute", tag = "me", operation_id = "disputeOwnLog", request_body = DisputeRequest,
    params(crate::openapi::LogPath, ("If-Match" = Option<String>, Header, description = "The ETag of the dispute as you have seen it")),
    responses(
        (status = 200, description = "The entry is disputed", body = DisputeView),
        (status = 410, description = "Its content was deleted", body = Errors),
        (status = 412, description = "It was answered or changed since", body = Errors),
    )
)]
pub(crate) async fn put(
    who: Who,
    number: web::Path<String>,
    here: Here,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    who.may(DisputeOwnLogs)?;
    let number = rights::number(&number)?;
    rights::exists(&who, number, &here).await?;
    let wanted = body.valid::<DisputeRequest>()?;
    hold_for(&who, number, &here, &conditions).await?;
    let correction = wanted
        .correction
        .and_then(|()| correction_sent(body.bytes()));
    let text = wanted.text.and_then(|text| text.parse().ok());
    let said = Objections { text, correction };
    let dispute = rights::dispute(&who, number, said, &here).await?;
    let view = DisputeView::new(here.root(), &dispute);
    fresh(&Conditions::default(), &view, &[])
}

/// Take back what you said against an entry: the mark goes.
#[utoipa::path(
    delete, path = "/v1/me/logs/{number}/dispute", tag = "me", operation_id = "settleOwnDispute",
    params(crate::openapi::LogPath, ("If-Match" = Option<String>, Header, description = "The ETag of the dispute as you have seen it")),
    responses(
        (status = 204, description = "The entry is disputed no longer"),
        (status = 412, description = "It was answered or changed since", body = Errors),
    )
)]
pub(crate) async fn delete(
    who: Who,
    number: web::Path<String>,
    here: Here,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    who.may(DisputeOwnLogs)?;
    let number = rights::number(&number)?;
    hold_for(&who, number, &here, &conditions).await?;
    rights::settle(&who, number).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses a change of a dispute that is no longer as it was seen.
async fn hold_for(
    who: &Who,
    number: LogNumber,
    here: &Here,
    conditions: &Conditions,
) -> Result<(), ApiError> {
    let seen = match rights::find(who, number).await? {
        Some(dispute) => vec![etag_of(&DisputeView::new(here.root(), &dispute))?],
        None => Vec::new(),
    };
    conditions.hold_for_any(&seen).map(drop)
}

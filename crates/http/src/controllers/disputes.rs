//! The disputed entries of a study, for those who run it.

use crate::amending;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, InStudy, Members, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{etag_of, fresh};
use crate::rights;
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::rights::DisputeView;
use actix_web::{HttpResponse, web};
use sillage_auth::{AmendLogs, ReadFullLogs, ReadLogs};
use sillage_domain::{Dispute, LogNumber, Reason};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// What is said to a dispute.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = DisputeAnswer)]
#[validate(schema(function = "either", skip_on_field_errors = false))]
pub(crate) struct DisputePatch {
    /// For whose entry it is: why it stays as it is, or what was done.
    #[validate(custom(function = "validation::remark"))]
    #[schema(value_type = Option<shapes::Remark>, nullable = false)]
    answer: Option<String>,
    /// `true`: the entry is amended as the dispute asks for, which settles the dispute.
    #[schema(nullable = false)]
    accept: Option<bool>,
    /// Why it is amended so, which is kept with the amendment. Needed with `accept`.
    #[validate(custom(function = "validation::reason"))]
    #[schema(value_type = Option<shapes::Reason>, nullable = false)]
    reason: Option<String>,
}

fn either(patch: &DisputePatch) -> Result<(), ValidationError> {
    match (patch.accept, &patch.answer, &patch.reason) {
        (Some(true), _, None) => Err(validation::failed_at("reason", &messages::missing())),
        (Some(true), _, Some(_)) | (_, Some(_), _) => Ok(()),
        _ => Err(validation::failed_at("answer", &messages::missing())),
    }
}

impl FromMembers for DisputePatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            answer: members.text("answer"),
            accept: members.flag("accept"),
            reason: members.text("reason"),
        }
    }
}

/// The disputed entries of a study, by their numbers: what is said against each, and what would be right.
#[utoipa::path(
    get, path = "/v1/studies/{study}/disputes", tag = "logs", operation_id = "listDisputes",
    params(crate::openapi::StudyPath, crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<DisputeView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(ReadFullLogs)?.study();
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let part = page.request;
    let api = &study.who.api;
    let read =
        move |inner: &crate::api::Inner| Ok(inner.ports.disputes.disputes(id, None, &part)?);
    let found = api.off(read).await?;
    page.answer(&asked, &conditions, &found, |dispute| {
        DisputeView::new(asked.here.root(), dispute)
    })
}

/// One disputed entry.
#[utoipa::path(
    get, path = "/v1/studies/{study}/disputes/{number}", tag = "logs", operation_id = "readDispute",
    params(crate::openapi::StudyPath, crate::openapi::LogPath),
    responses((status = 200, description = "What is said against it", body = DisputeView))
)]
pub(crate) async fn read(
    study: InStudy,
    path: web::Path<(String, String)>,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    study.may(ReadFullLogs)?;
    let dispute = find(&study, rights::number(&path.1)?).await?;
    fresh(
        &conditions,
        &DisputeView::new(asked.here.root(), &dispute),
        &[],
    )
}

/// Answer a dispute, or accept it: the entry is amended as it asks for, and is disputed no longer. PUT does the same.
///
/// With an answer alone the mark stays, until whose entry it is takes the dispute back.
#[utoipa::path(
    patch, path = "/v1/studies/{study}/disputes/{number}", tag = "logs", operation_id = "changeDispute", request_body = DisputePatch,
    params(crate::openapi::StudyPath, crate::openapi::LogPath, ("If-Match" = Option<String>, Header, description = "The ETag of the dispute as you have seen it")),
    responses(
        (status = 200, description = "The dispute with the answer", body = DisputeView),
        (status = 204, description = "The entry is amended, and the dispute settled"),
        (status = 409, description = "The dispute does not say what would be right", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    study: InStudy,
    path: web::Path<(String, String)>,
    asked: Parameters,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(AmendLogs)?.study();
    study.may(ReadFullLogs)?;
    let number = rights::number(&path.1)?;
    let dispute = find(&study, number).await?;
    let patch = body.valid::<DisputePatch>()?;
    conditions.hold_for(&etag_of(&DisputeView::new(asked.here.root(), &dispute))?)?;
    if let (Some(true), Some(reason)) = (patch.accept, &patch.reason) {
        let reason: Reason = reason.parse().map_err(ApiError::internal)?;
        accept(&study, &path.1, &dispute, reason, &asked).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    let answer = patch.answer.and_then(|answer| answer.parse().ok());
    let api = &study.who.api;
    api.off(move |inner| {
        Ok(inner
            .ports
            .disputes
            .answer_dispute(id, number, answer.as_ref())?)
    })
    .await?;
    let dispute = find(&study, number).await?;
    let view = DisputeView::new(asked.here.root(), &dispute);
    fresh(&Conditions::default(), &view, &[])
}

/// Amends the entry as the dispute asks for, then takes the mark away: cut off between the two, it is accepted again without harm.
async fn accept(
    study: &InStudy,
    number: &str,
    dispute: &Dispute,
    reason: Reason,
    asked: &Parameters,
) -> Result<(), ApiError> {
    let who = &study.who;
    let request = rights::accepted(dispute, reason)?;
    let read = who.may_across(ReadLogs)?;
    let entry = amending::entry(who, &read, number, false, &asked.here).await?;
    let granted = amending::may(who, AmendLogs, &entry)?;
    let (id, whose, number) = (entry.study, entry.pseudonym, entry.number);
    amending::amend(&who.api, granted, entry, request, false).await?;
    who.api
        .off(move |inner| Ok(inner.ports.disputes.settle(id, whose, number)?))
        .await?;
    Ok(())
}

async fn find(study: &InStudy, number: LogNumber) -> Result<Dispute, ApiError> {
    let id = study.id();
    let find = move |inner: &crate::api::Inner| {
        let found = inner.ports.disputes.dispute_of(id, number)?;
        found.ok_or_else(|| messages::not_found().into())
    };
    study.who.api.off(find).await
}

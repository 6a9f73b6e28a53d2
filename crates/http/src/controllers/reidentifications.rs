//! Telling whose a pseudonym is: one person asks, another one allows it.

use crate::audit::tell;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::reidentification::{self, id};
use crate::response::{created, fresh, ok};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::reidentification::{Named, ReidentificationAnswer, ReidentificationView};
use actix_web::{HttpResponse, web};
use sillage_auth::{AllowReidentification, ReadReidentification, Reidentify};
use sillage_domain::AuditAction;
use utoipa::ToSchema;
use validator::Validate;

/// A question: whose is this pseudonym?
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewReidentification)]
pub(crate) struct ReidentificationRequest {
    /// The pseudonym.
    #[validate(required)]
    #[schema(required, value_type = shapes::Pseudonym)]
    participant: Option<String>,
    /// Why it has to be known. It is kept: it should name nobody.
    #[validate(required, custom(function = "validation::reason"))]
    #[schema(required, value_type = shapes::Reason)]
    reason: Option<String>,
}

impl FromMembers for ReidentificationRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            participant: members.text("participant"),
            reason: members.text("reason"),
        }
    }
}

/// What a second person says.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = SecondOpinion)]
pub(crate) struct OpinionRequest {
    /// `approved` or `refused`.
    #[validate(required, custom(function = "validation::opinion"))]
    #[schema(required, value_type = shapes::Opinion)]
    decision: Option<String>,
}

impl FromMembers for OpinionRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            decision: members.text("decision"),
        }
    }
}

/// Ask whose a pseudonym is. Another manager, or an admin, has to allow it within 72 hours.
///
/// Whether anybody has the pseudonym is not said before.
#[utoipa::path(
    post, path = "/v1/studies/{study}/reidentifications", tag = "re-identification", operation_id = "createReidentification",
    params(crate::openapi::StudyPath), request_body = ReidentificationRequest,
    responses((status = 201, description = "It is asked", body = ReidentificationView, headers(("Location" = String, description = "Its URL"))))
)]
pub(crate) async fn create(
    study: InStudy,
    here: Here,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(Reidentify)?;
    let wanted = body.valid::<ReidentificationRequest>()?;
    let pseudonym = wanted.participant.unwrap_or_default();
    let pseudonym = pseudonym
        .parse()
        .map_err(|_| messages::pseudonym().at("/participant"))?;
    let reason = wanted.reason.unwrap_or_default();
    let reason = reason.parse().map_err(ApiError::internal)?;
    let kept = reidentification::request(&study, granted, pseudonym, reason).await?;
    let view = view(&study, &here, &kept);
    created(uri(&study, &here, &kept), &view)
}

/// The study's requests to tell whose a pseudonym is, the last first.
#[utoipa::path(
    get, path = "/v1/studies/{study}/reidentifications", tag = "re-identification", operation_id = "listReidentifications",
    params(crate::openapi::StudyPath, crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<ReidentificationView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadReidentification)?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let found = reidentification::list(&study, granted, page.request).await?;
    page.answer(&asked, &conditions, &found, |one| {
        view(&study, &asked.here, one)
    })
}

/// One request.
#[utoipa::path(
    get, path = "/v1/studies/{study}/reidentifications/{id}", tag = "re-identification", operation_id = "readReidentification",
    params(crate::openapi::StudyPath, ("id" = String, Path, description = "Of the request", example = "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11")),
    responses((status = 200, description = "The request", body = ReidentificationView))
)]
pub(crate) async fn read(
    study: InStudy,
    here: Here,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadReidentification)?;
    let found = reidentification::read(&study, granted, id(&path.1)?).await?;
    fresh(&conditions, &view(&study, &here, &found), &[])
}

/// Allow or refuse a request of somebody else.
///
/// Never by the one who asked, nor with an account that is younger than the request, or that the one who asked has made or given another
/// password in the last 7 days.
#[utoipa::path(
    post, path = "/v1/studies/{study}/reidentifications/{id}/approval", tag = "re-identification", operation_id = "decideReidentification",
    params(crate::openapi::StudyPath, ("id" = String, Path, description = "Of the request", example = "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11")),
    request_body = OpinionRequest,
    responses(
        (status = 200, description = "The request as it is now", body = ReidentificationView),
        (status = 409, description = "It was decided before, or its time is over", body = Errors),
    )
)]
pub(crate) async fn decide(
    study: InStudy,
    here: Here,
    path: web::Path<(String, String)>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(AllowReidentification)?;
    let id = id(&path.1)?;
    let wanted = body.valid::<OpinionRequest>()?;
    let allowed = wanted.decision.as_deref() == Some("approved");
    let decided = reidentification::decide(&study, granted, id, allowed).await?;
    ok(&view(&study, &here, &decided))
}

/// Be told whose the pseudonym is: once, within 24 hours after a second person allowed it, and only if you asked.
///
/// It is recorded, and not told if it can't be.
#[utoipa::path(
    post, path = "/v1/studies/{study}/reidentifications/{id}/answer", tag = "re-identification", operation_id = "answerReidentification",
    params(crate::openapi::StudyPath, ("id" = String, Path, description = "Of the request", example = "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11")),
    responses(
        (status = 200, description = "Whose it is", body = ReidentificationAnswer),
        (status = 409, description = "It was not allowed, was told before, or its time is over", body = Errors),
        (status = 410, description = "No account has the pseudonym", body = Errors),
    )
)]
pub(crate) async fn answer(
    study: InStudy,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(Reidentify)?;
    let account = reidentification::answer(&study, granted, id(&path.1)?).await?;
    let mut answer = ok(&ReidentificationAnswer {
        username: account.username,
    })?;
    tell(&mut answer, |told| {
        told.action = Some(AuditAction::Reidentify);
        told.account = Some(account.id);
    });
    Ok(answer)
}

fn uri(study: &InStudy, here: &Here, one: &Named) -> String {
    let slug = &study.known.study.slug;
    here.link(&format!(
        "/v1/studies/{slug}/reidentifications/{}",
        one.request.id
    ))
}

fn view<'a>(study: &InStudy, here: &Here, one: &'a Named) -> ReidentificationView<'a> {
    ReidentificationView::new(one, uri(study, here, one), study.who.api.now())
}

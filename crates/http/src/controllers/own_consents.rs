//! One's own consents: what one decided, and what one decides now.

use super::consents::{Said, version};
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters, Who};
use crate::messages;
use crate::openapi::shapes;
use crate::response;
use crate::validation;
use crate::views::consent::ConsentView;
use crate::views::page::Page;
use actix_web::HttpResponse;
use sillage_auth::{GiveConsent, ReadOwnConsents};
use sillage_domain::{DecidedBy, Decision};
use std::sync::Arc;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// A decision about one's own entries.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewConsent)]
#[validate(schema(function = "whole", skip_on_field_errors = false))]
pub(crate) struct ConsentRequest {
    /// `given`, `refused` or `withdrawn`.
    #[validate(required, custom(function = "validation::decision"))]
    #[schema(required, value_type = shapes::Decision)]
    decision: Option<String>,
    /// What it is about. Default: what the study asks for; of a refusal, or what is taken back, everything.
    #[validate(custom(function = "validation::purposes"))]
    #[schema(value_type = Option<Vec<shapes::Purpose>>, min_items = 1)]
    purposes: Option<Vec<String>>,
    /// The notice that was shown: the number in `X-Notice-Version`. Needed with `given`, and it must be one that holds.
    #[schema(value_type = Option<i32>, minimum = 1)]
    notice: Option<i64>,
    /// `self`, the default, or `guardian`: somebody who may decide for the player, at the same device.
    #[validate(custom(function = "validation::decided_by"))]
    #[schema(value_type = Option<shapes::DecidedBy>)]
    by: Option<String>,
}

fn whole(request: &ConsentRequest) -> Result<(), ValidationError> {
    validation::notice_number(request.notice)
}

impl FromMembers for ConsentRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            decision: members.text("decision"),
            purposes: members.texts("purposes"),
            notice: members.integer("notice"),
            by: members.text("by"),
        }
    }
}

/// What you decided, the last first. The last decision about a purpose holds.
#[utoipa::path(
    get, path = "/v1/me/consents", tag = "me", operation_id = "listOwnConsents",
    params(crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<ConsentView>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    who.may(ReadOwnConsents)?;
    asked.only(&["page", "page_size"])?;
    let study = own(&who)?;
    let page = Page::of(&asked)?;
    let (id, part) = (study.id(), page.request);
    let code = study.known.consent_code(&who.subject());
    let read =
        move |inner: &crate::api::Inner| Ok(inner.ports.consents.consents(id, &code, &part)?);
    let found = who.api.off(read).await?;
    page.answer(&asked, &conditions, &found, |event| {
        ConsentView::new(&event.consent, event.recorded_at, None)
    })
}

/// Consent, refuse, or take a consent back.
///
/// It holds here at once, and on every other server within 5 seconds: without consent to the collection, a study that asks for it takes
/// no entry of yours (4032), and later exports leave out what was collected.
#[utoipa::path(
    post, path = "/v1/me/consents", tag = "me", operation_id = "giveConsent", request_body = ConsentRequest,
    responses((status = 201, description = "It is written down", body = ConsentView, headers(("Location" = String, description = "Where you see what you decided"))))
)]
pub(crate) async fn create(who: Who, here: Here, body: Body) -> Result<HttpResponse, ApiError> {
    who.may(GiveConsent)?;
    let wanted = body.valid::<ConsentRequest>()?;
    let study = own(&who)?;
    let by = wanted.by.as_deref().and_then(DecidedBy::from_word);
    let decision = wanted.decision.as_deref().and_then(Decision::from_word);
    let said = Said {
        decision: decision.ok_or_else(|| ApiError::internal("a decision was not checked"))?,
        purposes: wanted.purposes,
        notice: version(wanted.notice),
        by: by.unwrap_or(DecidedBy::Participant),
        reference: None,
    };
    // Whose account it is stands nowhere beside a decision.
    let consent = said.consent(&study, None, true).await?;
    let people = [who.subject()];
    let recorded = who
        .api
        .record_consent(&study.known, &people, consent.clone());
    let view = ConsentView::new(&consent, recorded.await?, None);
    response::created(here.link("/v1/me/consents"), &view)
}

/// The study that the caller plays in.
fn own(who: &Who) -> Result<InStudy, ApiError> {
    let plays = who.identity.plays.as_ref();
    let (known, _) = plays.ok_or_else(messages::forbidden)?;
    InStudy::of(who.clone(), Arc::clone(known))
}

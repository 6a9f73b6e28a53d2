//! What arrived and does not fit.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters};
use crate::language::Language;
use crate::messages;
use crate::response::{fresh, last_modified};
use crate::views::page::Page;
use crate::views::quarantine::QuarantineView;
use actix_web::{HttpResponse, web};
use sillage_auth::{Reach, ReadQuarantine};
use sillage_domain::QuarantineId;

/// What lies in a study's quarantine, the first received first, with every reason. A developer of the study sees what came from the own tests.
#[utoipa::path(
    get, path = "/v1/studies/{study}/quarantine", tag = "quarantine", operation_id = "listQuarantine",
    params(crate::openapi::StudyPath, crate::openapi::Pages),
    responses((status = 200, description = "A page of it", body = Vec<crate::views::quarantine::QuarantineEntry>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadQuarantine)?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let (id, part) = (granted.study(), page.request);
    let whole = granted.reach() == Reach::Whole;
    let from = (!whole).then(|| study.known.pseudonym(&study.who.subject()));
    let found = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.quarantine.quarantine(id, from, &part)?))
        .await?;
    let slug = &study.known.study.slug;
    page.answer(&asked, &conditions, &found, |text| QuarantineView {
        text,
        slug,
        root: asked.here.root(),
        language,
        whose: whole,
    })
}

/// One text that lies in quarantine.
#[utoipa::path(
    get, path = "/v1/studies/{study}/quarantine/{id}", tag = "quarantine", operation_id = "readQuarantined",
    params(crate::openapi::StudyPath, ("id" = i64, Path, description = "Of the text")),
    responses((status = 200, description = "The text, and why it lies there", body = crate::views::quarantine::QuarantineEntry))
)]
pub(crate) async fn read(
    study: InStudy,
    asked: Parameters,
    path: web::Path<(String, String)>,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadQuarantine)?;
    let number = path
        .1
        .parse()
        .map(QuarantineId)
        .map_err(|_| messages::not_found())?;
    let id = granted.study();
    let found = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.quarantine.quarantined(id, number)?))
        .await?;
    let own = study.known.pseudonym(&study.who.subject());
    let whole = granted.reach() == Reach::Whole;
    let text = found.filter(|text| whole || text.pseudonym == Some(own));
    let text = text.ok_or_else(messages::not_found)?;
    let slug = &study.known.study.slug;
    fresh(
        &conditions,
        &QuarantineView {
            text: &text,
            slug,
            root: asked.here.root(),
            language,
            whose: whole,
        },
        // It is never changed.
        &[last_modified(text.received_at)],
    )
}

//! What the server tells of its own accord.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters, Who};
use crate::openapi::shapes;
use crate::views::alert::AlertView;
use crate::views::page::Page;
use actix_web::HttpResponse;
use sillage_auth::{ReadAlerts, ReadServerAlerts};
use sillage_domain::{AlertFilter, AlertState, Paged, StudyId};

/// What is wrong in the study now: that it fell silent (`silence_alert_minutes` of the study), or that much of what arrives goes to quarantine.
#[utoipa::path(
    get, path = "/v1/studies/{study}/alerts", tag = "alerts", operation_id = "listStudyAlerts",
    params(
        crate::openapi::StudyPath, crate::openapi::Pages,
        ("state" = Option<shapes::AlertChoice>, Query, description = "`raised` (the default): what holds now; `resolved`: what did within the last 90 days; or `all`"),
    ),
    responses((status = 200, description = "A page of alerts, the last raised first", body = Vec<AlertView>))
)]
pub(crate) async fn of_study(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadAlerts)?;
    answer(&study.who, &asked, &conditions, Some(granted.study())).await
}

/// What is wrong on the server now, and in any of its studies.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "alerts", operation_id = "listAlerts",
    params(
        crate::openapi::Pages,
        ("state" = Option<shapes::AlertChoice>, Query, description = "`raised` (the default): what holds now; `resolved`: what did within the last 90 days; or `all`"),
    ),
    responses((status = 200, description = "A page of alerts, the last raised first", body = Vec<AlertView>))
)]
pub(crate) async fn of_server(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    who.may(ReadServerAlerts)?;
    answer(&who, &asked, &conditions, None).await
}

async fn answer(
    who: &Who,
    asked: &Parameters,
    conditions: &Conditions,
    study: Option<StudyId>,
) -> Result<HttpResponse, ApiError> {
    asked.only(&["page", "page_size", "state"])?;
    let state = asked.word("state", CHOICES, |word| match word {
        ALL => Some(None),
        word => AlertState::from_word(word).map(Some),
    })?;
    let state = state.unwrap_or(Some(AlertState::Raised));
    let page = Page::of(asked)?;
    let (filter, part) = (AlertFilter { study, state }, page.request);
    let found: Paged<_> = who
        .api
        .off(move |inner| Ok(inner.ports.alerts.alerts(&filter, &part)?))
        .await?;
    page.answer(asked, conditions, &found, AlertView::new)
}

const ALL: &str = "all";

/// What can be asked for.
pub(crate) const CHOICES: &[&str] = &[
    AlertState::Raised.as_str(),
    AlertState::Resolved.as_str(),
    ALL,
];

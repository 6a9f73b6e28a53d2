//! What one sent oneself.

use crate::error::ApiError;
use crate::extractors::{Conditions, Parameters, Who};
use crate::logbook::Logbook;
use crate::response;
use crate::views::log::{LogEntry, OwnLogs};
use actix_web::HttpResponse;
use sillage_auth::ReadOwnLogs;

/// The log entries that you sent, without your pseudonym.
///
/// Of somebody who runs studies, these are the test entries in the study that is named, and none without one.
#[utoipa::path(
    get, path = "/v1/me/logs", tag = "me", operation_id = "listOwnLogs",
    params(crate::openapi::OwnLogFilters, crate::openapi::Raw, crate::openapi::Pages, crate::openapi::LogSort),
    responses((status = 200, description = "A part of the list", body = Vec<LogEntry>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(ReadOwnLogs)?;
    let logbook = Logbook::own(who, granted, &asked).await?;
    let tag = logbook.tag(&asked).await?;
    if conditions.has(&tag) {
        return Ok(response::not_modified(&tag));
    }
    let page = logbook.read().await?;
    let view = OwnLogs {
        root: asked.here.root(),
        entries: &page.entries,
    };
    response::list(&tag, &view, page.total, &logbook.links(&asked, &page))
}

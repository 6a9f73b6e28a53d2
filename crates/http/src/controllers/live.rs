//! Who plays now.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters};
use crate::live::{Listening, part};
use crate::messages;
use crate::middleware::preferred;
use crate::views::live::LiveView;
use crate::views::page::Page;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{ReadLive, Secret};
use std::time::Instant;

const EVENTS: &str = "text/event-stream";
/// How it is told.
pub(crate) const FORMATS: &[&str] = &["application/json", EVENTS];

/// Who plays: each account of the study, whether it is connected, when its last entry arrived, and how many have.
///
/// With `Accept: text/event-stream`, the list comes as the event `state`, and then, within some four seconds, whatever is no longer so as
/// the event `change`: a list of those accounts only. Where accounts came or went, `state` comes again. A comment comes every 15 seconds if nothing
/// else does. The events end when the token does, or the right to see them, and when the server stops; connect again then. At most 256
/// may listen at the same time, and 16 with one account.
#[utoipa::path(
    get, path = "/v1/studies/{study}/live", tag = "participants", operation_id = "readLive",
    params(
        crate::openapi::StudyPath,
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("page_size" = Option<u32>, Query, description = "At most 1000, which is the default: a class is seen at one glance", minimum = 1, maximum = 1000),
    ),
    responses((
        status = 200, description = "The accounts, by number",
        content((Vec<LiveView> = "application/json"), (String = "text/event-stream"))
    ))
)]
pub(crate) async fn read(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let reach = study.may(ReadLive)?.reach();
    asked.only(&["page", "page_size"])?;
    let page = Page::as_large_as_may_be(&asked)?;
    let (api, known) = (&study.who.api, &study.known);
    let sight = api.sight(known, Instant::now()).await?;
    let found = part(&sight, page.request);
    if preferred(request.headers(), FORMATS) != Some(EVENTS) {
        return page.answer(&asked, &conditions, &found, |seen| {
            LiveView::new(seen, reach)
        });
    }
    page.is_there(&found)?;
    let header = request.headers().get(AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok());
    let credentials = Secret::new(header.ok_or_else(messages::credentials_missing)?);
    let source = api.source(&request);
    let listening = Listening::begin(&study, reach, page.request, credentials, source)?;
    Ok(listening.answer(request.method()))
}

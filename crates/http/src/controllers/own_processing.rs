//! Whether one's own entries may be used.

use super::processing::{ProcessingPatch, changes};
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, Who};
use crate::response::{etag_of, fresh};
use crate::rights::Own;
use crate::views::error::Errors;
use crate::views::rights::ProcessingView;
use actix_web::HttpResponse;
use sillage_auth::{GiveConsent, ReadOwnConsents};

/// Whether your entries may be used.
#[utoipa::path(
    get, path = "/v1/me/processing", tag = "me", operation_id = "readOwnProcessing",
    responses((status = 200, description = "Whether they may, and how that came", body = ProcessingView))
)]
pub(crate) async fn read(who: Who, conditions: Conditions) -> Result<HttpResponse, ApiError> {
    who.may(ReadOwnConsents)?;
    fresh(&conditions, &view(&who).await?, &[])
}

/// Have the use of your entries restricted, object to it, or lift either. PUT does the same.
///
/// Restricted, they are kept and used for nothing: no export has them, and nobody reads them for research; more of them arrive. If you
/// object, no more of them are taken either (4032). It holds here at once, and on every other server within 5 seconds; what was exported
/// before is not called back.
#[utoipa::path(
    patch, path = "/v1/me/processing", tag = "me", operation_id = "changeOwnProcessing", request_body = ProcessingPatch,
    params(("If-Match" = Option<String>, Header, description = "The ETag as you have seen it")),
    responses(
        (status = 200, description = "Whether they may be used by now", body = ProcessingView),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    who: Who,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    who.may(GiveConsent)?;
    let patch = body.valid::<ProcessingPatch>()?;
    conditions.hold_for(&etag_of(&view(&who).await?)?)?;
    let own = Own::of(&who)?;
    let changes = changes(&patch, false);
    who.api.hold(&own.known, &who.subject(), changes).await?;
    fresh(&Conditions::default(), &view(&who).await?, &[])
}

async fn view(who: &Who) -> Result<ProcessingView, ApiError> {
    let own = Own::of(who)?;
    let found = who.api.standstill(&own.known, &who.subject()).await?;
    Ok(ProcessingView::from(&found))
}

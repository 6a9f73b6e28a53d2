//! A study as a file.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters, Who};
use crate::files::{File, Kind};
use crate::middleware::preferred;
use crate::openapi::shapes;
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{Export, ExportTsadk, ReadFullLogs};

/// A study's log entries as a file, streamed.
///
/// The study has no codebook yet, so there is only the full view of it.
#[utoipa::path(
    get, path = "/v1/studies/{study}/export", tag = "exports", operation_id = "exportStudy",
    params(
        crate::openapi::StudyPath, crate::openapi::ExportFilters, crate::openapi::Profile,
        ("format" = Option<shapes::ExportFormat>, Query, description = "`csv` or `ndjson`. Default what `Accept` prefers, of equals CSV"),
        ("view" = Option<shapes::ExportView>, Query, description = "`full`: what there is without a codebook"),
    ),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson"))))
)]
pub(crate) async fn study(
    study: InStudy,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    study.may(Export)?;
    study.may(ReadFullLogs)?;
    let liked = preferred(request.headers(), &["text/csv", "application/x-ndjson"]);
    File::of(&asked, Kind::Whole { liked }, request.headers())?
        .answer(&study, &asked, &conditions)
        .await
}

/// A study's log entries as TSADK's export had them: a column for each member of a payload, and the participants' numbers.
#[utoipa::path(
    get, path = "/v1/utils/export/logs", tag = "exports", operation_id = "exportTsadk",
    params(
        crate::openapi::ExportFilters, crate::openapi::Profile,
        ("study" = Option<shapes::Slug>, Query, description = "By default the server's default study, or the only one there is"),
    ),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv"))
)]
pub(crate) async fn tsadk(
    who: Who,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may_across(ExportTsadk)?;
    let study = InStudy::asked_or_only(who, &asked, &granted.studies()).await?;
    study.may(ExportTsadk)?;
    File::of(&asked, Kind::Tsadk, request.headers())?
        .answer(&study, &asked, &conditions)
        .await
}

//! A study as a file.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters, Who};
use crate::files::{self, File, Kind};
use crate::middleware::preferred;
use crate::openapi::shapes;
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{Export, ExportTsadk, Reach};

/// A study's log entries as a file, streamed; or its sessions, or its participants.
///
/// Where the study has a codebook, the file is de-identified unless those who run the study ask for `view=full`: of payloads it has the
/// fields of the class `other` and nothing else. Cleaning is a view: what is stored stays as it is, and `.../export/cleaning.csv` with the
/// same parameters tells what was left out or changed, and why. The header `Sillage-Provenance` says how the file was made, as JSON.
#[utoipa::path(
    get, path = "/v1/studies/{study}/export", tag = "exports", operation_id = "exportStudy",
    params(
        crate::openapi::StudyPath, crate::openapi::ExportFilters, crate::openapi::Raw, crate::openapi::Profile,
        ("purpose" = Option<shapes::ExportPurpose>, Query, description = "What the file is for: `research` of the study (the default), `reuse` by others, `publication`. Whoever has not consented to it, where the study asks, or took it back, is left out"),
        ("format" = Option<shapes::ExportFormat>, Query, description = "`csv` or `ndjson`. Default what `Accept` prefers, of equals CSV; for who accepts JSON alone, NDJSON"),
        ("view" = Option<shapes::ExportView>, Query, description = "`deidentified` (the default where there is a codebook) or `full`, for admins and managers"),
        ("table" = Option<shapes::ExportTable>, Query, description = "What one row is: of `entries` (the default), `sessions`, `participants`"),
        ("shape" = Option<shapes::ExportShape>, Query, description = "`long` (the default), with the payload as JSON, or `wide`, with a typed column for each field of the codebook; with `action`, for those of that action"),
        ("clean" = Option<shapes::Cleaning>, Query, description = "Rules of cleaning, with commas between them: `times` leaves out entries whose time can't be, `duplicates` those with the content of an earlier one, `sessions` sessions that are not whole; `values` empties fields that do not fit the codebook"),
        ("idle" = Option<shapes::Duration>, Query, description = "How long a pause may be that counts as active time: seconds, or a duration of ISO 8601. Default 300"),
        ("tolerance" = Option<shapes::Duration>, Query, description = "By how much a clock may be off. Default 300"),
    ),
    responses((
        status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson")),
        headers(("Sillage-Provenance" = String, description = "How the file was made: JSON"))
    ))
)]
pub(crate) async fn study(
    study: InStudy,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let reach = study.may(Export)?.reach();
    let formats = &["text/csv", "application/x-ndjson", "application/json"];
    let liked = preferred(request.headers(), formats);
    let kind = Kind::Whole { liked };
    File::of(&study, reach, &asked, kind, request.headers())
        .await?
        .answer(&study, &asked, &conditions)
        .await
}

/// What cleaning leaves out of a file, or changes in it, and why: a row for each entry and each field.
#[utoipa::path(
    get, path = "/v1/studies/{study}/export/cleaning.csv", tag = "exports", operation_id = "exportCleaning",
    params(
        crate::openapi::StudyPath, crate::openapi::ExportFilters, crate::openapi::Profile,
        ("clean" = Option<shapes::Cleaning>, Query, description = "Rules of cleaning, with commas between them, as for the file itself"),
        ("purpose" = Option<shapes::ExportPurpose>, Query, description = "As for the file itself"),
        ("view" = Option<shapes::ExportView>, Query, description = "As for the file itself"),
        ("tolerance" = Option<shapes::Duration>, Query, description = "By how much a clock may be off: seconds, or a duration of ISO 8601. Default 300"),
    ),
    responses((status = 200, description = "The table of reasons", body = String, content_type = "text/csv"))
)]
pub(crate) async fn cleaning(
    study: InStudy,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let reach = study.may(Export)?.reach();
    File::of(&study, reach, &asked, Kind::Reasons, request.headers())
        .await?
        .answer(&study, &asked, &conditions)
        .await
}

/// The study's codebook as a table: a row for each action, and one for each of its fields.
#[utoipa::path(
    get, path = "/v1/studies/{study}/export/codebook.csv", tag = "exports", operation_id = "exportCodebook",
    params(crate::openapi::StudyPath, crate::openapi::Profile),
    responses((status = 200, description = "The table", body = String, content_type = "text/csv"))
)]
pub(crate) async fn codebook(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    study.may(Export)?;
    files::codebook(&study, &asked, &conditions).await
}

/// What the columns of a wide table hold, as Frictionless tools read it (Table Schema).
#[utoipa::path(
    get, path = "/v1/studies/{study}/export/tableschema.json", tag = "exports", operation_id = "exportTableSchema",
    params(
        crate::openapi::StudyPath,
        ("action" = Option<shapes::Name>, Query, description = "Of the table of that action"),
        ("view" = Option<shapes::ExportView>, Query, description = "`deidentified` (the default) or `full`, for admins and managers: with the column of undeclared members"),
        ("language" = Option<shapes::Language>, Query, description = "Of titles and descriptions. Default `en`"),
    ),
    responses((status = 200, description = "The Table Schema", body = Object))
)]
pub(crate) async fn table_schema(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let reach = study.may(Export)?.reach();
    files::table_schema(&study, reach, &asked, &conditions).await
}

/// A study's log entries as TSADK's export had them: a column for each member of a payload, and the participants' numbers.
#[utoipa::path(
    get, path = "/v1/utils/export/logs", tag = "exports", operation_id = "exportTsadk",
    params(
        crate::openapi::ExportFilters, crate::openapi::Raw, crate::openapi::Profile,
        ("study" = Option<shapes::Slug>, Query, description = "By default the server's default study, or the only one there is"),
        ("purpose" = Option<shapes::ExportPurpose>, Query, description = "As for the other exports"),
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
    File::of(&study, Reach::Whole, &asked, Kind::Tsadk, request.headers())
        .await?
        .answer(&study, &asked, &conditions)
        .await
}

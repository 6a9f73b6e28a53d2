//! How good a study's traces are.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters};
use crate::files::seconds;
use crate::logbook;
use crate::openapi::shapes;
use crate::quality::report;
use crate::response;
use crate::views::quality::Quality;
use actix_web::HttpResponse;
use sillage_auth::ReadLogs;
use sillage_domain::StudyScope;
use sillage_domain::quality::Rules;

/// How good a study's traces are: gaps, repetitions, clocks, times that can't be, sessions without an end, fields.
///
/// Every entry is looked at once, as it was amended, and compared with the study's codebook as it is now. Until an entry comes, goes or is
/// amended, or the codebook changes, `If-None-Match` gives 304 at once. It takes one of the places for exports.
#[utoipa::path(
    get, path = "/v1/studies/{study}/quality", tag = "exports", operation_id = "readQuality",
    params(
        crate::openapi::StudyPath,
        ("tolerance" = Option<shapes::Duration>, Query, description = "By how much a clock may be off: seconds, or a duration of ISO 8601. Default 300"),
        ("late" = Option<shapes::Duration>, Query, description = "After how long an arrival is late. Default 86400"),
        ("idle" = Option<shapes::Duration>, Query, description = "How long a pause may be that counts as active time. Default 300"),
    ),
    responses((status = 200, description = "The report", body = Quality))
)]
pub(crate) async fn read(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadLogs)?;
    asked.only(&["tolerance", "late", "idle"])?;
    let rules = rules(&asked)?;
    let scope = StudyScope::Only(vec![study.id()]);
    let revision = {
        let scope = scope.clone();
        let read = study
            .who
            .api
            .off(move |inner| Ok(inner.ports.logs.revision(&scope)?));
        read.await?
    };
    let book = study.who.api.codebook_of(&study.known.study).await?;
    let version = book.as_ref().map(|book| book.version);
    let tag = logbook::tag(
        &revision,
        &study.who,
        &scope,
        &format!("{}#{version:?}", asked.canonical()),
        asked.here.url(),
    );
    if conditions.has(&tag) {
        return Ok(response::not_modified(&tag));
    }
    let found = report(&study, book, granted.reach(), rules).await?;
    response::list(&tag, &found, None, "")
}

/// What counts as what, by the parameters.
pub(crate) fn rules(asked: &Parameters) -> Result<Rules, ApiError> {
    let usual = Rules::default();
    Ok(Rules {
        tolerance: seconds(asked, "tolerance", usual.tolerance)?,
        late: seconds(asked, "late", usual.late)?,
        idle: seconds(asked, "idle", usual.idle)?,
        ..usual
    })
}

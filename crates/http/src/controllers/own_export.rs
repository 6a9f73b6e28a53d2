//! All that is held of oneself, as a file.

use crate::error::ApiError;
use crate::extractors::{Conditions, Parameters, Who};
use crate::files::OwnFile;
use crate::language::Language;
use crate::openapi::shapes;
use crate::views::own_data::OwnData;
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{ReadOwnGrants, ReadOwnLogs, ReadSelf};

/// What the file comes as.
pub(crate) const FORMATS: &[&str] = &["application/json", "text/csv"];

/// All that is held of you, as a file: your account, your log-ins, and what you sent, without your pseudonym.
///
/// As JSON, entries are as they were sent, each with its amendments and what you said against it, and what lies in quarantine follows, then what
/// you consented to and the notices that you did so on; tombstones are among the entries. As CSV, it is one table of it: your entries as they are
/// to be read, what lies in quarantine, or everything else, a row a value. Of somebody who runs studies it is the account, the log-ins and the studies. Keep the file to yourself: it says whose the entries are.
#[utoipa::path(
    get, path = "/v1/me/export", tag = "me", operation_id = "exportMe",
    params(
        ("format" = Option<shapes::OwnFormat>, Query, description = "`json` or `csv`. Default what `Accept` prefers, of equals JSON"),
        ("table" = Option<shapes::OwnTable>, Query, description = "Of CSV: `entries` (the default), `quarantine`, or `about`: everything else"),
        crate::openapi::Profile,
    ),
    responses((status = 200, description = "The file", content((OwnData = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn export(
    who: Who,
    asked: Parameters,
    request: HttpRequest,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    who.may(ReadOwnLogs)?;
    who.may(ReadOwnGrants)?;
    let granted = who.may(ReadSelf)?;
    OwnFile::of(who, granted, &asked, request.headers(), language)
        .await?
        .answer(&conditions)
        .await
}

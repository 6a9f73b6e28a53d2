//! The codebook beside the tables: as a table itself, and as the schema of a wide one.

use super::asked::{Asked, Kind};
use super::view;
use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters};
use crate::messages;
use crate::response::{self, etag, not_modified, private};
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, ETAG};
use sillage_auth::Reach;
use sillage_export::{Format, WideTable, write_codebook};
use std::sync::Arc;

/// The codebook as CSV.
pub(crate) async fn codebook(
    study: &InStudy,
    asked: &Parameters,
    conditions: &Conditions,
) -> Result<HttpResponse, ApiError> {
    let profile = Asked::read(asked, Kind::Codebook)?.profile;
    let book = needed(study).await?;
    let write = move |_: &_| {
        let mut bytes = Vec::new();
        write_codebook(&book.codebook, profile, &mut bytes).map_err(ApiError::internal)?;
        Ok(bytes)
    };
    let bytes = study.who.api.off(write).await?;
    let tag = etag(&[&bytes]);
    if conditions.has(&tag) {
        return Ok(not_modified(&tag));
    }
    let name = format!("{}_codebook.csv", study.known.study.slug);
    Ok(HttpResponse::Ok()
        .content_type(Format::Csv.content_type())
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header((ETAG, tag))
        .insert_header(private())
        .body(bytes))
}

/// The schema of a wide table.
pub(crate) async fn table_schema(
    study: &InStudy,
    reach: Reach,
    asked: &Parameters,
    conditions: &Conditions,
) -> Result<HttpResponse, ApiError> {
    let language = asked.text("language").unwrap_or("en").to_owned();
    let wanted = Asked::read(asked, Kind::Schema)?;
    let book = needed(study).await?;
    let view = view(&wanted, Kind::Schema, reach, true)?;
    let table = WideTable::new(&book.codebook, wanted.filter.action.as_ref(), view);
    response::fresh(conditions, &table.schema(&language), &[])
}

/// The study's codebook, without which there is no such file.
async fn needed(study: &InStudy) -> Result<Arc<Compiled>, ApiError> {
    let book = study.who.api.codebook_of(&study.known.study).await?;
    book.ok_or_else(|| messages::not_found().into())
}

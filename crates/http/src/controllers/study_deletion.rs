//! Studies, deleted with all that belongs to them.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{self, etag_of};
use crate::views::error::Errors;
use crate::views::removal::StudyDryRun;
use crate::views::study::StudyView;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use sillage_auth::{DeleteStudy, Granted, Reach};
use sillage_domain::{DeletionError, Extent, delete_study};

/// Delete a study.
///
/// Without `confirm`, one that holds nothing: no entry, no text in quarantine, no account of a participant; in draft or archived. With
/// `?confirm=` and its slug, an archived one with everything that it holds. What takes long goes on after a caller who hangs up; what a
/// crash interrupts is ended by the same request.
#[utoipa::path(
    delete, path = "/v1/studies/{study}", tag = "studies", operation_id = "deleteStudy",
    params(
        crate::openapi::StudyPath,
        ("confirm" = Option<shapes::Slug>, Query, description = "The slug of the study: delete whatever it holds"),
        ("dry_run" = Option<bool>, Query, description = "`true` says what would go, and does nothing; in whatever state the study is"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the study as you have seen it"),
    ),
    responses(
        (status = 200, description = "What would go (`dry_run`)", body = StudyDryRun),
        (status = 204, description = "It is gone"),
        (status = 409, description = "It is not archived, or holds something and `confirm` is not given", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn delete(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(DeleteStudy)?;
    asked.only(&["confirm", "dry_run"])?;
    let extent = match asked.text("confirm") {
        None => Extent::Empty,
        Some(slug) if slug == study.known.study.slug.as_str() => Extent::Whole,
        Some(_) => return Err(not_its_name()),
    };
    let seen = StudyView::new(asked.here.root(), &study.known.study, Reach::Whole);
    let requests = super::studies::waiting(&study).await?;
    conditions.hold_for(&etag_of(&seen.with(requests))?)?;
    if asked.flag("dry_run", false)? {
        let id = granted.study();
        let api = &study.who.api;
        let held = api.off(move |inner| Ok(inner.ports.deletion.holdings(id)?));
        return response::ok(&StudyDryRun::new(&study.known.study.slug, &held.await?));
    }
    carry_out(&study, granted, extent).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn not_its_name() -> ApiError {
    let problem = messages::bad_parameter(
        "confirm",
        "it is not the slug of this study",
        "ce n'est pas le nom de cette étude",
    );
    ApiError::from(problem).under(StatusCode::BAD_REQUEST)
}

async fn carry_out(
    study: &InStudy,
    granted: Granted<DeleteStudy>,
    extent: Extent,
) -> Result<(), ApiError> {
    let api = &study.who.api;
    let deleted = api
        .off(move |inner| {
            Ok(delete_study(
                &*inner.ports.deletion,
                granted.study(),
                extent,
            )?)
        })
        .await;
    api.changed();
    deleted
}

impl From<DeletionError> for ApiError {
    fn from(error: DeletionError) -> Self {
        match error {
            DeletionError::Status(status) => messages::not_archived(status).into(),
            DeletionError::NotEmpty(held) => messages::not_empty(&held).into(),
            DeletionError::Store(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

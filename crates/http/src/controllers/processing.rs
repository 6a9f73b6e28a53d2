//! Whether a participant's entries may be used: as somebody who runs the study writes it down, whom the participant had asked.

use crate::enrolment;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, InStudy, Members};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::rights::ProcessingView;
use actix_web::{HttpResponse, web};
use sillage_auth::{ReadConsents, ReadParticipant, RecordConsents};
use sillage_domain::{Account, Hold, HoldChange, Username};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// Whether entries may be used; what is left out stays as it is.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = ProcessingPatch)]
#[validate(schema(function = "something", skip_on_field_errors = false))]
pub(crate) struct ProcessingPatch {
    /// `true`: they are kept and not used. `false`: they may be used again.
    #[schema(nullable = false)]
    restricted: Option<bool>,
    /// `true`: whose they are objects, and no more are taken either. `false`: no longer.
    #[schema(nullable = false)]
    objected: Option<bool>,
}

fn something(patch: &ProcessingPatch) -> Result<(), ValidationError> {
    match (patch.restricted, patch.objected) {
        (None, None) => Err(validation::failed_at(
            "restricted",
            &messages::no_change_of_processing(),
        )),
        _ => Ok(()),
    }
}

impl FromMembers for ProcessingPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            restricted: members.flag("restricted"),
            objected: members.flag("objected"),
        }
    }
}

/// What a request changes.
pub(super) fn changes(patch: &ProcessingPatch, on_request: bool) -> Vec<HoldChange> {
    let wanted = [
        (Hold::Restriction, patch.restricted),
        (Hold::Objection, patch.objected),
    ];
    let change = |(hold, wanted): (Hold, Option<bool>)| {
        wanted.map(|is_held| HoldChange {
            hold,
            is_held,
            on_request,
        })
    };
    wanted.into_iter().filter_map(change).collect()
}

/// Whether a participant's entries may be used.
#[utoipa::path(
    get, path = "/v1/studies/{study}/participants/{username}/processing", tag = "consent", operation_id = "readProcessing",
    params(crate::openapi::StudyPath, ("username" = shapes::Username, Path, description = "Of the account")),
    responses((status = 200, description = "Whether they may, and how that came", body = ProcessingView))
)]
pub(crate) async fn read(
    study: InStudy,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    study.may(ReadConsents)?;
    let account = find(&study, &path.1).await?;
    fresh(&conditions, &view(&study, &account).await?, &[])
}

/// Write down that a participant had the use of his entries restricted, objects to it, or lifts either. PUT does the same.
///
/// For requests that come by letter: whoever has the password does it himself (`PATCH /v1/me/processing`).
#[utoipa::path(
    patch, path = "/v1/studies/{study}/participants/{username}/processing", tag = "consent", operation_id = "changeProcessing",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        ("If-Match" = Option<String>, Header, description = "The ETag as you have seen it"),
    ),
    request_body = ProcessingPatch,
    responses(
        (status = 200, description = "Whether they may be used by now", body = ProcessingView),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    study: InStudy,
    path: web::Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    study.may(RecordConsents)?;
    let account = find(&study, &path.1).await?;
    let patch = body.valid::<ProcessingPatch>()?;
    conditions.hold_for(&etag_of(&view(&study, &account).await?)?)?;
    let changes = changes(&patch, true);
    let api = &study.who.api;
    api.hold(&study.known, &account.subject, changes).await?;
    fresh(&Conditions::default(), &view(&study, &account).await?, &[])
}

async fn find(study: &InStudy, name: &str) -> Result<Account, ApiError> {
    let username: Username = name.parse().map_err(|_| messages::not_found())?;
    enrolment::find(study, study.may(ReadParticipant)?, username).await
}

async fn view(study: &InStudy, account: &Account) -> Result<ProcessingView, ApiError> {
    let api = &study.who.api;
    let found = api.standstill(&study.known, &account.subject).await?;
    Ok(ProcessingView::from(&found))
}

//! Who runs a study, and as what.

use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters};
use crate::openapi::shapes;
use crate::people;
use crate::response::{created, etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::user::MemberView;
use actix_web::{HttpResponse, web};
use sillage_auth::{ListMembers, ManageMembers};
use sillage_domain::StudyRole;
use utoipa::ToSchema;
use validator::Validate;

/// Somebody to be let into a study.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewMember)]
pub(crate) struct MemberRequest {
    /// Of an account of somebody who runs studies.
    #[validate(required, custom(function = "validation::username"))]
    #[schema(required, value_type = shapes::Username, example = "marie")]
    username: Option<String>,
    /// `manager`, `analyst`, `developer` or `monitor`.
    #[validate(required, custom(function = "validation::study_role"))]
    #[schema(required, value_type = shapes::StudyRole)]
    role: Option<String>,
}

impl FromMembers for MemberRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            username: members.text("username"),
            role: members.text("role"),
        }
    }
}

/// What a member is to be.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = MemberChange)]
pub(crate) struct MemberPatch {
    /// `manager`, `analyst`, `developer` or `monitor`. Left out, it stays.
    #[validate(custom(function = "validation::study_role"))]
    #[schema(value_type = Option<shapes::StudyRole>)]
    role: Option<String>,
}

impl FromMembers for MemberPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            role: members.text("role"),
        }
    }
}

/// Who runs the study, by username. Administrators may do so without being members.
#[utoipa::path(
    get, path = "/v1/studies/{study}/members", tag = "members", operation_id = "listMembers",
    params(crate::openapi::StudyPath, crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<MemberView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ListMembers)?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let found = people::members(&study, granted, page.request).await?;
    page.answer(&asked, &conditions, &found, |member| {
        MemberView::new(&asked.here, &study.known.study.slug, member)
    })
}

/// Let somebody into the study who has an account to run studies.
#[utoipa::path(
    post, path = "/v1/studies/{study}/members", tag = "members", operation_id = "createMember",
    params(crate::openapi::StudyPath), request_body = MemberRequest,
    responses(
        (status = 201, description = "The member", body = MemberView, headers(("Location" = String, description = "Its URL"))),
        (status = 409, description = "It is a member already", body = Errors),
    )
)]
pub(crate) async fn create(
    study: InStudy,
    here: Here,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageMembers)?;
    let wanted = body.valid::<MemberRequest>()?;
    let username = wanted.username.unwrap_or_default();
    let username = username.parse().map_err(ApiError::internal)?;
    let role = role(wanted.role.as_deref()).unwrap_or(StudyRole::Monitor);
    let added = people::add(&study, granted, username, role).await?;
    let view = MemberView::new(&here, &study.known.study.slug, &added);
    created(&view.uri, &view)
}

/// One member.
#[utoipa::path(
    get, path = "/v1/studies/{study}/members/{username}", tag = "members", operation_id = "readMember",
    params(crate::openapi::StudyPath, ("username" = shapes::Username, Path, description = "Of the member")),
    responses((status = 200, description = "The member", body = MemberView))
)]
pub(crate) async fn read(
    study: InStudy,
    here: Here,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let member = people::member(&study, study.may(ListMembers)?, &path.1).await?;
    let slug = &study.known.study.slug;
    fresh(&conditions, &MemberView::new(&here, slug, &member), &[])
}

/// Change what a member is in the study. PUT does the same.
#[utoipa::path(
    patch, path = "/v1/studies/{study}/members/{username}", tag = "members", operation_id = "changeMember",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the member"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the member as you have seen it"),
    ),
    request_body = MemberPatch,
    responses(
        (status = 200, description = "The member as it is now", body = MemberView),
        (status = 409, description = "A manager would leave the study without one", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    study: InStudy,
    here: Here,
    path: web::Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageMembers)?;
    let member = people::member(&study, study.may(ListMembers)?, &path.1).await?;
    let patch = body.valid::<MemberPatch>()?;
    let slug = &study.known.study.slug;
    conditions.hold_for(&etag_of(&MemberView::new(&here, slug, &member))?)?;
    let role = role(patch.role.as_deref()).unwrap_or(member.role);
    let changed = people::appoint(&study, granted, member, role).await?;
    let view = MemberView::new(&here, slug, &changed);
    fresh(&Conditions::default(), &view, &[])
}

/// Put a member out of the study. The account stays.
#[utoipa::path(
    delete, path = "/v1/studies/{study}/members/{username}", tag = "members", operation_id = "deleteMember",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the member"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the member as you have seen it"),
    ),
    responses(
        (status = 204, description = "Out, at once"),
        (status = 409, description = "A manager would leave the study without one", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn delete(
    study: InStudy,
    here: Here,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageMembers)?;
    let member = people::member(&study, study.may(ListMembers)?, &path.1).await?;
    let slug = &study.known.study.slug;
    conditions.hold_for(&etag_of(&MemberView::new(&here, slug, &member))?)?;
    people::remove(&study, granted, member).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn role(word: Option<&str>) -> Option<StudyRole> {
    word.and_then(StudyRole::from_word)
}

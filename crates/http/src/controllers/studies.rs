//! Studies: made, listed, read, opened and closed.

use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters, Who};
use crate::openapi::shapes;
use crate::response::{created, etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::study::{Stats, StudyFace, StudyView};
use actix_web::HttpResponse;
use sillage_auth::{CreateStudy, Granted, GrantedAcross, ManageStudy, Reach, ReadStats, ReadStudy};
use sillage_domain::{
    NewStudy, Paged, Role, Slug, Study, StudyChange, StudySalt, StudyStatus, Validation,
};
use sillage_pseudonym::random_bytes;
use utoipa::ToSchema;
use validator::Validate;

/// A study to be made. It begins as a draft.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewStudy)]
pub(crate) struct StudyRequest {
    /// Names it in paths: small letters, digits and hyphens, at most 64.
    #[validate(required, custom(function = "validation::slug"))]
    #[schema(required, value_type = shapes::Slug)]
    slug: Option<String>,
    /// For people.
    #[validate(
        required,
        length(min = 1, max = 200),
        custom(function = "validation::label")
    )]
    #[schema(required, value_type = shapes::Title)]
    title: Option<String>,
    /// For people.
    #[validate(length(max = 4000), custom(function = "validation::lines"))]
    #[schema(value_type = Option<shapes::Lines>)]
    description: Option<String>,
    /// Where to play: stands on the sheets of accounts that name no other place.
    #[validate(custom(function = "validation::game_url"))]
    #[schema(value_type = Option<shapes::GameUrl>)]
    game_url: Option<String>,
    /// What happens to entries that do not fit. Default `quarantine`.
    #[validate(custom(function = "validation::study_validation"))]
    #[schema(value_type = Option<shapes::Validation>)]
    validation: Option<String>,
}

impl FromMembers for StudyRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            slug: members.text("slug"),
            title: members.text("title"),
            description: members.text("description"),
            game_url: members.text("game_url"),
            validation: members.text("validation"),
        }
    }
}

impl StudyRequest {
    fn study(self) -> Result<NewStudy, ApiError> {
        let slug: Slug = self
            .slug
            .unwrap_or_default()
            .parse()
            .map_err(ApiError::internal)?;
        Ok(NewStudy {
            slug,
            title: self.title.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            game_url: self.game_url,
            validation: self
                .validation
                .as_deref()
                .and_then(Validation::from_word)
                .unwrap_or(Validation::Quarantine),
            salt: StudySalt::new(random_bytes().map_err(ApiError::internal)?),
        })
    }
}

/// A change of a study: what is left out stays.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = StudyChange)]
pub(crate) struct StudyPatch {
    /// For people.
    #[validate(length(min = 1, max = 200), custom(function = "validation::label"))]
    #[schema(value_type = Option<shapes::Title>)]
    title: Option<String>,
    /// For people.
    #[validate(length(max = 4000), custom(function = "validation::lines"))]
    #[schema(value_type = Option<shapes::Lines>)]
    description: Option<String>,
    /// Where to play: stands on the sheets of accounts that name no other place. An empty text takes it away.
    #[validate(custom(function = "validation::changed_game_url"))]
    #[schema(value_type = Option<shapes::ChangedGameUrl>)]
    game_url: Option<String>,
    /// `draft`, `open`, `closed` or `archived`.
    #[validate(custom(function = "validation::status"))]
    #[schema(value_type = Option<shapes::StudyStatus>)]
    status: Option<String>,
    /// `quarantine` or `reject`.
    #[validate(custom(function = "validation::study_validation"))]
    #[schema(value_type = Option<shapes::Validation>)]
    validation: Option<String>,
}

impl FromMembers for StudyPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            title: members.text("title"),
            description: members.text("description"),
            game_url: members.text("game_url"),
            status: members.text("status"),
            validation: members.text("validation"),
        }
    }
}

impl From<StudyPatch> for StudyChange {
    fn from(patch: StudyPatch) -> Self {
        Self {
            title: patch.title,
            description: patch.description,
            game_url: patch.game_url,
            status: patch.status.as_deref().and_then(StudyStatus::from_word),
            validation: patch.validation.as_deref().and_then(Validation::from_word),
        }
    }
}

/// Make a study. Who makes it becomes its manager, unless an admin, who needs not be.
#[utoipa::path(
    post, path = "/v1/studies", tag = "studies", operation_id = "createStudy", request_body = StudyRequest,
    responses(
        (status = 201, description = "It is made, as a draft", body = StudyFace, headers(("Location" = String, description = "Its URL"))),
        (status = 409, description = "4092: the slug is taken", body = Errors),
    )
)]
pub(crate) async fn create(who: Who, here: Here, body: Body) -> Result<HttpResponse, ApiError> {
    let granted = who.may(CreateStudy)?;
    let new = body.valid::<StudyRequest>()?.study()?;
    let study = make(&who, granted, new).await?;
    let view = StudyView::new(here.root(), &study, Reach::Whole);
    created(view.uri(), &view)
}

/// The studies that you have to do with, in order of slugs.
#[utoipa::path(
    get, path = "/v1/studies", tag = "studies", operation_id = "listStudies",
    params(crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<StudyFace>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may_across(ReadStudy)?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let found = studies(&who, &granted, &page).await?;
    page.answer(&asked, &conditions, &found, |study| {
        StudyView::new(
            asked.here.root(),
            study,
            granted.reach(study.id).unwrap_or(Reach::Public),
        )
    })
}

/// One study.
#[utoipa::path(
    get, path = "/v1/studies/{study}", tag = "studies", operation_id = "readStudy",
    params(crate::openapi::StudyPath),
    responses((status = 200, description = "The study; to its participants, only its slug, title, description and status", body = StudyFace))
)]
pub(crate) async fn read(
    study: InStudy,
    here: Here,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadStudy)?;
    fresh(
        &conditions,
        &StudyView::new(here.root(), &study.known.study, granted.reach()),
        &[],
    )
}

/// Change a study: open it, close it, rename it. PUT does the same.
#[utoipa::path(
    patch, path = "/v1/studies/{study}", tag = "studies", operation_id = "changeStudy", request_body = StudyPatch,
    params(crate::openapi::StudyPath, ("If-Match" = Option<String>, Header, description = "The ETag of the study as you have seen it")),
    responses(
        (status = 200, description = "The study as it is now", body = StudyFace),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    study: InStudy,
    here: Here,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageStudy)?;
    let change = body.valid::<StudyPatch>()?;
    let seen = conditions.hold_for(&etag_of(&StudyView::new(
        here.root(),
        &study.known.study,
        Reach::Whole,
    ))?)?;
    let changed = put(&study, granted, change.into(), seen).await?;
    fresh(
        &Conditions::default(),
        &StudyView::new(here.root(), &changed, Reach::Whole),
        &[],
    )
}

/// How much a study holds.
#[utoipa::path(
    get, path = "/v1/studies/{study}/stats", tag = "studies", operation_id = "readStats",
    params(crate::openapi::StudyPath),
    responses((status = 200, description = "Counts", body = Stats))
)]
pub(crate) async fn stats(
    study: InStudy,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(ReadStats)?.study();
    let counts = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.logs.counts(id)?))
        .await?;
    fresh(&conditions, &Stats::from(counts), &[])
}

async fn make(who: &Who, granted: Granted<CreateStudy>, new: NewStudy) -> Result<Study, ApiError> {
    let manager = granted
        .by()
        .filter(|_| who.role() == Some(Role::Researcher));
    let now = who.api.now();
    let made = who
        .api
        .off(move |inner| Ok(inner.ports.studies.create_study(&new, manager, now)?))
        .await;
    who.api.changed();
    made
}

async fn studies(
    who: &Who,
    granted: &GrantedAcross<ReadStudy>,
    page: &Page,
) -> Result<Paged<Study>, ApiError> {
    let (scope, part) = (granted.studies(), page.request);
    who.api
        .off(move |inner| Ok(inner.ports.studies.studies(&scope, &part)?))
        .await
}

/// `seen`: whether the change is meant for the revision that was read with the study.
async fn put(
    study: &InStudy,
    granted: Granted<ManageStudy>,
    change: StudyChange,
    seen: bool,
) -> Result<Study, ApiError> {
    let revision = seen.then_some(study.known.study.revision);
    let api = &study.who.api;
    let now = api.now();
    let changed = api
        .off(move |i| {
            Ok(i.ports
                .studies
                .change_study(granted.study(), &change, revision, now)?)
        })
        .await;
    api.changed();
    changed
}

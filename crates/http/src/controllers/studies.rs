//! Studies: made, listed, read, opened and closed.

mod protection;

pub(crate) use protection::{
    ContactRequest, ControllerRequest, RecipientRequest, RetentionRequest,
};

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters, Who};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{created, etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::study::{Stats, StudyFace, StudyView};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use sillage_auth::{
    CreateStudy, Granted, GrantedAcross, ManageStudy, Reach, ReadRequests, ReadStats, ReadStudy,
};
use sillage_domain::{
    Gate, MAX_PARTIES, MAX_SILENCE_MINUTES, Missing, NewStudy, PageRequest, Paged,
    ProtectionChange, Role, Slug, StoreError, Study, StudyChange, StudyId, StudySalt, StudyStatus,
    Timestamp, Validation, WaitingRequests,
};
use sillage_pseudonym::random_bytes;
use std::num::{NonZeroU32, NonZeroU64};
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
    /// The laws that hold for the study: of `LIPAD`, `GDPR`, `FADP`.
    #[validate(custom(function = "validation::legal_regimes"))]
    #[schema(value_type = Option<Vec<shapes::LegalRegime>>)]
    legal_regimes: Option<Vec<String>>,
    /// Who decides why and how data are handled.
    #[schema(max_items = 50)]
    controllers: Option<Vec<ControllerRequest>>,
    /// Whom participants and their parents ask.
    contact: Option<ContactRequest>,
    /// Who looks after data protection at the controllers'.
    data_protection_officer: Option<ContactRequest>,
    /// What the data are for. An empty text takes it away, here and below.
    #[validate(length(max = 4000), custom(function = "validation::lines"))]
    #[schema(value_type = Option<shapes::Lines>)]
    purpose: Option<String>,
    /// What allows it: a consent, a task in the public interest, a law.
    #[validate(length(max = 4000), custom(function = "validation::lines"))]
    #[schema(value_type = Option<shapes::Lines>)]
    legal_basis: Option<String>,
    /// To whom data go. An empty list says: to nobody.
    #[schema(max_items = 50)]
    recipients: Option<Vec<RecipientRequest>>,
    /// How long entries are kept, and what becomes of them then.
    retention: Option<RetentionRequest>,
    /// Under which a commission of ethics let the study pass.
    #[validate(custom(function = "validation::changed_line"))]
    #[schema(value_type = Option<shapes::ChangedLine>)]
    ethics_reference: Option<String>,
    /// Under which an authority allowed the collection of sensitive data (LIPAD article 41).
    #[validate(custom(function = "validation::changed_line"))]
    #[schema(value_type = Option<shapes::ChangedLine>)]
    authorisation_reference: Option<String>,
    /// What the study asks participants' consent for: nothing (an empty list), or `collection` and perhaps `research`, `reuse`,
    /// `publication`. Where it asks, no entry is taken without.
    #[validate(custom(function = "validation::asked_purposes"))]
    #[schema(value_type = Option<Vec<shapes::Purpose>>)]
    consent_purposes: Option<Vec<String>>,
    /// What is kept of who participants are, sealed in the vault: nothing (an empty list, as in the beginning), or some of `name`, `first_name`,
    /// `email`, `guardian_name`, `guardian_email`. What is no longer kept is erased.
    #[validate(custom(function = "validation::identity_fields"))]
    #[schema(value_type = Option<Vec<shapes::IdentityField>>)]
    identity: Option<Vec<String>>,
    /// Whether the study is anonymous from the collection on: then it can keep no identity. Said while it is a draft.
    anonymous: Option<bool>,
    /// Minutes without an entry after which an open study raises an alert; 0 for never, as in the beginning. Counted day and night: a class that plays on
    /// Thursdays wants more than a week.
    #[validate(range(min = 0, max = 525_600))]
    #[schema(minimum = 0, maximum = 525_600, example = 120)]
    silence_alert_minutes: Option<i64>,
}

const _: () = assert!(MAX_SILENCE_MINUTES == 525_600);
const _: () = assert!(MAX_PARTIES == 50);

impl FromMembers for StudyPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            title: members.text("title"),
            description: members.text("description"),
            game_url: members.text("game_url"),
            status: members.text("status"),
            validation: members.text("validation"),
            legal_regimes: members.texts("legal_regimes"),
            controllers: members.objects("controllers", MAX_PARTIES),
            contact: members.object("contact"),
            data_protection_officer: members.object("data_protection_officer"),
            purpose: members.text("purpose"),
            legal_basis: members.text("legal_basis"),
            recipients: members.objects("recipients", MAX_PARTIES),
            retention: members.object("retention"),
            ethics_reference: members.text("ethics_reference"),
            authorisation_reference: members.text("authorisation_reference"),
            consent_purposes: members.texts("consent_purposes"),
            identity: members.texts("identity"),
            anonymous: members.flag("anonymous"),
            silence_alert_minutes: members.integer("silence_alert_minutes"),
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
            protection: ProtectionChange {
                legal_regimes: patch.legal_regimes.map(protection::regimes),
                controllers: patch.controllers.map(all_into),
                contact: patch.contact.map(Into::into),
                data_protection_officer: patch.data_protection_officer.map(Into::into),
                purpose: patch.purpose,
                legal_basis: patch.legal_basis,
                recipients: patch.recipients.map(all_into),
                retention: patch.retention.map(Into::into),
                ethics_reference: patch.ethics_reference,
                authorisation_reference: patch.authorisation_reference,
            },
            consent: patch.consent_purposes.as_deref().map(protection::purposes),
            identity: patch.identity.as_deref().map(protection::identity),
            anonymous: patch.anonymous,
            silence_minutes: patch.silence_alert_minutes,
        }
    }
}

fn all_into<T: Into<U>, U>(all: Vec<T>) -> Vec<U> {
    all.into_iter().map(Into::into).collect()
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
    responses((status = 200, description = "The study; to its participants, what concerns them", body = StudyFace))
)]
pub(crate) async fn read(
    study: InStudy,
    here: Here,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadStudy)?;
    let view = StudyView::new(here.root(), &study.known.study, granted.reach());
    fresh(&conditions, &view.with(waiting(&study).await?), &[])
}

/// Change a study: open it, close it, rename it, say how it handles personal data. PUT does the same.
///
/// A study whose codebook has fields of the privacy classes `identifier` or `sensitive` opens once it has said what it must: everything
/// that is missing is named (4093). One without such fields opens with nothing to configure.
#[utoipa::path(
    patch, path = "/v1/studies/{study}", tag = "studies", operation_id = "changeStudy", request_body = StudyPatch,
    params(crate::openapi::StudyPath, ("If-Match" = Option<String>, Header, description = "The ETag of the study as you have seen it")),
    responses(
        (status = 200, description = "The study as it is now", body = StudyFace),
        (status = 409, description = "4093: it has not said what it must before it collects this: an error for each, with its pointer; 409: it is anonymous, and would keep identities", body = Errors),
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
    let requests = waiting(&study).await?;
    let before = StudyView::new(here.root(), &study.known.study, Reach::Whole);
    let seen = conditions.hold_for(&etag_of(&before.with(requests))?)?;
    let changed = put(&study, granted, change.into(), seen).await?;
    let view = StudyView::new(here.root(), &changed, Reach::Whole);
    fresh(&Conditions::default(), &view.with(requests), &[])
}

/// How many requests of people about their data wait, for those who answer them.
pub(super) async fn waiting(study: &InStudy) -> Result<Option<WaitingRequests>, ApiError> {
    match study.may(ReadRequests) {
        Ok(granted) => {
            let api = &study.who.api;
            api.waiting_requests(granted.study()).await.map(Some)
        }
        Err(_) => Ok(None),
    }
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

/// How often a change is tried that says nothing of a revision, while others change the same study.
const ATTEMPTS: u32 = 8;

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
        .off(move |inner| inner.change_study(granted.study(), &change, revision, now))
        .await;
    api.changed();
    changed
}

impl Inner {
    /// What a study has to say before it collects.
    pub(crate) fn gate(&self) -> Gate<'_> {
        Gate {
            codebooks: &*self.ports.codebooks,
            notices: &*self.ports.notices,
        }
    }

    /// Refuses what cannot be done before all of that is said.
    pub(crate) fn ready(&self, missing: Vec<Missing>) -> Result<(), ApiError> {
        if missing.is_empty() {
            return Ok(());
        }
        let problems = missing.into_iter().map(messages::not_ready);
        Err(ApiError::several(StatusCode::CONFLICT, problems.collect()))
    }

    /// Whether anybody takes part in a study, or it holds anything of somebody who did.
    fn has_begun(&self, id: StudyId) -> Result<bool, ApiError> {
        let one = PageRequest {
            page: NonZeroU64::MIN,
            size: NonZeroU32::MIN,
        };
        let counts = self.ports.logs.counts(id)?;
        Ok(counts.entries + counts.deleted + counts.quarantined > 0
            || self.ports.accounts.participants(id, None, &one)?.total > 0)
    }

    /// Changes a study as it was found at the gate, and as no other is: its codebook may have been put since.
    fn change_study(
        &self,
        id: StudyId,
        change: &StudyChange,
        revision: Option<i64>,
        now: Timestamp,
    ) -> Result<Study, ApiError> {
        for _ in 0..ATTEMPTS {
            let found = self.ports.studies.study(id)?;
            let found = found.ok_or_else(messages::not_found)?;
            let mut wanted = found.clone();
            wanted.apply(change, now);
            found.may_become(&wanted, || self.has_begun(id))?;
            self.ready(self.gate().against(&found, &wanted)?)?;
            let expected = Some(revision.unwrap_or(found.revision));
            match self.ports.studies.change_study(id, change, expected, now) {
                Err(StoreError::Stale) if revision.is_none() => {}
                done => return Ok(done?),
            }
        }
        Err(messages::stale().into())
    }
}

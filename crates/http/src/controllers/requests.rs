//! Requests of people about their data that came by letter or e-mail, and the days by which they must be answered.

use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::requests::{self, Names};
use crate::response::{self, etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::request::RequestView;
use actix_web::{HttpResponse, web};
use sillage_auth::{ManageRequests, ReadRequests};
use sillage_domain::{
    Day, NewRightsRequest, RequestKind, RequestOutcome, RequestStep, RightsRequest,
};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// A request that came. No name belongs here.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewRightsRequest)]
#[validate(schema(function = "whose", skip_on_field_errors = false))]
pub(crate) struct NewRequest {
    /// What is asked for.
    #[validate(required, custom(function = "validation::request_kind"))]
    #[schema(required, value_type = shapes::RequestKind)]
    kind: Option<String>,
    /// The username of whose it is, if that is known.
    #[validate(custom(function = "validation::username"))]
    #[schema(value_type = Option<shapes::Username>)]
    participant: Option<String>,
    /// Under which the letter is filed: a number, and no name. Needed without `participant`.
    #[validate(custom(function = "validation::file_reference"))]
    #[schema(value_type = Option<shapes::FileReference>)]
    reference: Option<String>,
    /// The day on which it came. Default today.
    #[validate(custom(function = "validation::day"))]
    #[schema(value_type = Option<shapes::Day>)]
    received_on: Option<String>,
}

fn whose(request: &NewRequest) -> Result<(), ValidationError> {
    match (&request.participant, &request.reference) {
        (None, None) => Err(validation::failed_at(
            "reference",
            &messages::participant_or_reference(),
        )),
        _ => Ok(()),
    }
}

impl FromMembers for NewRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            kind: members.text("kind"),
            participant: members.text("participant"),
            reference: members.text("reference"),
            received_on: members.text("received_on"),
        }
    }
}

/// What becomes of a request: it is put off, or was answered.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = RightsRequestPatch)]
#[validate(schema(function = "one_of_two", skip_on_field_errors = false))]
pub(crate) struct RequestPatch {
    /// The day to which the answer is put off: within three months of the reception (GDPR article 12(3)), and not again.
    #[validate(custom(function = "validation::day"))]
    #[schema(value_type = Option<shapes::Day>, nullable = false)]
    due_on: Option<String>,
    /// Why, as whoever asked was told. It should name nobody.
    #[validate(custom(function = "validation::reason"))]
    #[schema(value_type = Option<shapes::Reason>, nullable = false)]
    reason: Option<String>,
    /// The day on which it was answered.
    #[validate(custom(function = "validation::day"))]
    #[schema(value_type = Option<shapes::Day>, nullable = false)]
    answered_on: Option<String>,
    /// How.
    #[validate(custom(function = "validation::request_outcome"))]
    #[schema(value_type = Option<shapes::RequestOutcome>, nullable = false)]
    outcome: Option<String>,
}

fn one_of_two(patch: &RequestPatch) -> Result<(), ValidationError> {
    let put_off = (patch.due_on.is_some(), patch.reason.is_some());
    let answered = (patch.answered_on.is_some(), patch.outcome.is_some());
    match (put_off, answered) {
        ((true, true), (false, false)) | ((false, false), (true, true)) => Ok(()),
        ((true, false), (false, false)) => {
            Err(validation::failed_at("reason", &messages::missing()))
        }
        ((false, true), (false, false)) => {
            Err(validation::failed_at("due_on", &messages::missing()))
        }
        ((false, false), (true, false)) => {
            Err(validation::failed_at("outcome", &messages::missing()))
        }
        ((false, false), (false, true)) => {
            Err(validation::failed_at("answered_on", &messages::missing()))
        }
        _ => Err(validation::failed_at(
            "answered_on",
            &messages::put_off_or_answered(),
        )),
    }
}

impl FromMembers for RequestPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            due_on: members.text("due_on"),
            reason: members.text("reason"),
            answered_on: members.text("answered_on"),
            outcome: members.text("outcome"),
        }
    }
}

impl RequestPatch {
    fn step(self) -> Option<RequestStep> {
        if let (Some(until), Some(reason)) = (self.due_on, self.reason) {
            return Some(RequestStep::Prolonged {
                until: until.parse().ok()?,
                reason: reason.parse().ok()?,
            });
        }
        Some(RequestStep::Answered {
            on: self.answered_on?.parse().ok()?,
            outcome: RequestOutcome::from_word(&self.outcome?)?,
        })
    }
}

/// The requests of people about their data that came by letter or e-mail: those that wait first, the most urgent of them on top.
#[utoipa::path(
    get, path = "/v1/studies/{study}/requests", tag = "consent", operation_id = "listRightsRequests",
    params(
        crate::openapi::StudyPath, crate::openapi::Pages,
        ("state" = Option<shapes::RequestState>, Query, description = "`open` or `answered`: only these"),
    ),
    responses((status = 200, description = "A page of them", body = Vec<RequestView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadRequests)?;
    asked.only(&["page", "page_size", "state"])?;
    let open = asked.word("state", &["open", "answered"], |word| match word {
        "open" => Some(true),
        "answered" => Some(false),
        _ => None,
    })?;
    let page = Page::of(&asked)?;
    let (found, names) = requests::list(&study, granted, open, page.request).await?;
    page.answer(&asked, &conditions, &found, |one| {
        view(&study, &asked.here, one, &names)
    })
}

/// Write a request down. It must be answered within 30 days, or a month where that is shorter.
#[utoipa::path(
    post, path = "/v1/studies/{study}/requests", tag = "consent", operation_id = "recordRightsRequest",
    params(crate::openapi::StudyPath), request_body = NewRequest,
    responses((status = 201, description = "It is written down", body = RequestView, headers(("Location" = String, description = "Its URL"))))
)]
pub(crate) async fn create(
    study: InStudy,
    here: Here,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageRequests)?;
    let wanted = body.valid::<NewRequest>()?;
    let today = Day::of(study.who.api.now());
    let received = wanted.received_on.and_then(|day| day.parse().ok());
    let received = received.unwrap_or(today);
    if received > today {
        return Err(messages::day_to_come().at("/received_on").into());
    }
    let kind = wanted.kind.as_deref().and_then(RequestKind::from_word);
    let participant = match &wanted.participant {
        Some(name) => Some(requests::whose(&study, name).await?),
        None => None,
    };
    let new = NewRightsRequest {
        kind: kind.ok_or_else(|| ApiError::internal("a kind was not checked"))?,
        participant: participant.map(|account| account.id),
        reference: wanted.reference.and_then(|text| text.parse().ok()),
        received,
        recorded_by: granted.by(),
    };
    let made = requests::record(&study, granted, new).await?;
    let (made, names) =
        requests::find(&study, study.may(ReadRequests)?, &made.id.0.to_string()).await?;
    response::created(
        uri(&study, &here, &made),
        &view(&study, &here, &made, &names),
    )
}

/// One request.
#[utoipa::path(
    get, path = "/v1/studies/{study}/requests/{id}", tag = "consent", operation_id = "readRightsRequest",
    params(crate::openapi::StudyPath, ("id" = shapes::Number, Path, description = "Of the request")),
    responses((status = 200, description = "The request", body = RequestView))
)]
pub(crate) async fn read(
    study: InStudy,
    path: web::Path<(String, String)>,
    here: Here,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadRequests)?;
    let (found, names) = requests::find(&study, granted, &path.1).await?;
    fresh(&conditions, &view(&study, &here, &found, &names), &[])
}

/// Put the answer off, with a reason, or say that it was given. PUT does the same.
#[utoipa::path(
    patch, path = "/v1/studies/{study}/requests/{id}", tag = "consent", operation_id = "changeRightsRequest", request_body = RequestPatch,
    params(
        crate::openapi::StudyPath,
        ("id" = shapes::Number, Path, description = "Of the request"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the request as you have seen it"),
    ),
    responses(
        (status = 200, description = "The request as it is now", body = RequestView),
        (status = 409, description = "It was answered already", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    study: InStudy,
    path: web::Path<(String, String)>,
    here: Here,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageRequests)?;
    let (found, names) = requests::find(&study, study.may(ReadRequests)?, &path.1).await?;
    let patch = body.valid::<RequestPatch>()?;
    let seen = conditions.hold_for(&etag_of(&view(&study, &here, &found, &names))?)?;
    let step = patch.step();
    let step = step.ok_or_else(|| ApiError::internal("a request was not checked"))?;
    let changed = requests::step(&study, granted, found, step, seen).await?;
    let view = view(&study, &here, &changed, &names);
    fresh(&Conditions::default(), &view, &[])
}

fn uri(study: &InStudy, here: &Here, request: &RightsRequest) -> String {
    let slug = &study.known.study.slug;
    here.link(&format!("/v1/studies/{slug}/requests/{}", request.id.0))
}

fn view<'a>(
    study: &InStudy,
    here: &Here,
    request: &'a RightsRequest,
    names: &'a Names,
) -> RequestView<'a> {
    let name = |id: Option<sillage_domain::AccountId>| id.and_then(|id| names.get(&id));
    RequestView::new(
        uri(study, here, request),
        request,
        Day::of(study.who.api.now()),
        name(request.participant),
        name(request.recorded_by),
    )
}

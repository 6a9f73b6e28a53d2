//! The accounts of those who play in a study.

use crate::enrolment::{self, Handed};
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::participant::{OneOrMany, ParticipantView, Participants};
use actix_web::{HttpRequest, HttpResponse, web};
use sillage_auth::{ListParticipants, ManageParticipants, ReadParticipant, Secret};
use sillage_domain::{MAX_ACCOUNTS, Username};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// One account to be made (`username`, perhaps `password`), or many (`count`, perhaps `prefix`).
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewParticipants)]
#[validate(schema(function = "one_or_many", skip_on_field_errors = false))]
pub(crate) struct ParticipantsRequest {
    /// What the participant logs in with: a code, not a name. Case folded, unique on the server.
    #[validate(custom(function = "validation::username"))]
    #[schema(value_type = Option<shapes::Username>)]
    pub(crate) username: Option<String>,
    /// At least 8 characters, at most 72 bytes. Left out, the server makes one.
    #[schema(value_type = Option<shapes::Password>)]
    pub(crate) password: Option<Secret>,
    /// How many accounts.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 30)]
    pub(crate) count: Option<i64>,
    /// What their usernames begin with. Default the slug of the study.
    #[validate(custom(function = "validation::username"))]
    #[schema(value_type = Option<shapes::Username>, example = "classe-a")]
    pub(crate) prefix: Option<String>,
}

const _: () = assert!(MAX_ACCOUNTS == 1000);

fn one_or_many(request: &ParticipantsRequest) -> Result<(), ValidationError> {
    let neither = || {
        validation::failed_at(
            "username",
            &messages::invalid(
                "give either `username`, or `count`",
                "donnez soit `username`, soit `count`",
            ),
        )
    };
    match (&request.username, request.count) {
        (Some(_), None) if request.prefix.is_some() => {
            Err(validation::failed_at("prefix", &messages::unknown_member()))
        }
        (Some(_), None) => validation::password(request.password.as_ref()),
        (None, Some(_)) if request.password.is_some() => Err(validation::failed_at(
            "password",
            &messages::unknown_member(),
        )),
        (None, Some(_)) => Ok(()),
        _ => Err(neither()),
    }
}

impl FromMembers for ParticipantsRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            username: members.text("username"),
            password: members.text("password").map(Secret::new),
            count: members.integer("count"),
            prefix: members.text("prefix"),
        }
    }
}

/// One account to be made, or many.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what ParticipantsRequest takes")]
enum NewParticipants {
    One(NewParticipant),
    Many(ManyParticipants),
}

/// One account to be made.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewParticipant {
    /// What the participant logs in with: a code, not a name.
    #[schema(value_type = shapes::Username)]
    username: String,
    /// Left out, the server makes one.
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<String>,
}

/// Accounts to be made in bulk. The server makes their passwords.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ManyParticipants {
    /// How many.
    #[schema(minimum = 1, maximum = 1000, example = 30)]
    count: i64,
    /// What their usernames begin with, at most 58 characters. Default the slug of the study.
    #[schema(value_type = Option<shapes::Username>, example = "classe-a")]
    prefix: Option<String>,
}

/// A change of an account: what is left out stays.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = ParticipantChange)]
#[validate(schema(function = "good_password", skip_on_field_errors = false))]
pub(crate) struct ParticipantPatch {
    /// At least 8 characters, at most 72 bytes.
    #[schema(value_type = Option<shapes::Password>)]
    pub(crate) password: Option<Secret>,
    /// Whether it may log in.
    pub(crate) active: Option<bool>,
}

fn good_password(patch: &ParticipantPatch) -> Result<(), ValidationError> {
    validation::password(patch.password.as_ref())
}

impl FromMembers for ParticipantPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            password: members.text("password").map(Secret::new),
            active: members.flag("active"),
        }
    }
}

/// The accounts of a study's participants, by number. Never their pseudonyms.
#[utoipa::path(
    get, path = "/v1/studies/{study}/participants", tag = "participants", operation_id = "listParticipants",
    params(crate::openapi::StudyPath, crate::openapi::Pages, ("search" = Option<String>, Query, description = "A part of the username")),
    responses((status = 200, description = "A page of them", body = Vec<ParticipantView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ListParticipants)?;
    asked.only(&["page", "page_size", "search"])?;
    let page = Page::of(&asked)?;
    let found = enrolment::list(&study, granted, asked.text("search"), page.request).await?;
    page.answer(&asked, &conditions, &found, |account| {
        ParticipantView::new(&study, &asked.here, account)
    })
}

/// Make one account, or many to hand out. Generated passwords are shown this once.
#[utoipa::path(
    post, path = "/v1/studies/{study}/participants", tag = "participants", operation_id = "createParticipants",
    params(crate::openapi::StudyPath), request_body = NewParticipants,
    responses(
        (status = 201, description = "One: the account, with its password if the server made it. Several: all of them", content((OneOrMany = "application/json"), (String = "text/csv"))),
        (status = 409, description = "4092: a username is taken", body = Errors),
    )
)]
pub(crate) async fn create(
    study: InStudy,
    here: Here,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageParticipants)?;
    let wanted = body.valid::<ParticipantsRequest>()?;
    let single = wanted.username.is_some();
    let handed: Vec<Handed> = enrolment::enrol(&study, granted, wanted).await?;
    Participants {
        study: &study,
        here: &here,
        handed: &handed,
        single,
    }
    .answer(request.headers())
}

/// One account.
#[utoipa::path(
    get, path = "/v1/studies/{study}/participants/{username}", tag = "participants", operation_id = "readParticipant",
    params(crate::openapi::StudyPath, ("username" = shapes::Username, Path, description = "Of the account")),
    responses((status = 200, description = "The account", body = ParticipantView))
)]
pub(crate) async fn read(
    study: InStudy,
    here: Here,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadParticipant)?;
    let account = enrolment::find(&study, granted, username(&path)?).await?;
    fresh(
        &conditions,
        &ParticipantView::new(&study, &here, &account),
        &[],
    )
}

/// Change an account: give it another password, let it log in or not. PUT does the same.
#[utoipa::path(
    patch, path = "/v1/studies/{study}/participants/{username}", tag = "participants", operation_id = "changeParticipant",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    request_body = ParticipantPatch,
    responses(
        (status = 200, description = "The account as it is now", body = ParticipantView),
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
    let granted = study.may(ManageParticipants)?;
    let account = enrolment::find(&study, study.may(ReadParticipant)?, username(&path)?).await?;
    let patch = body.valid::<ParticipantPatch>()?;
    conditions.hold_for(&etag_of(&ParticipantView::new(&study, &here, &account))?)?;
    let changed = enrolment::change(&study, granted, account, patch).await?;
    fresh(
        &Conditions::default(),
        &ParticipantView::new(&study, &here, &changed),
        &[],
    )
}

fn username(path: &(String, String)) -> Result<Username, ApiError> {
    path.1.parse().map_err(|_| messages::not_found().into())
}

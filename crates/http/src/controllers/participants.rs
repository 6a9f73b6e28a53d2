//! The accounts of those who play in a study.

use crate::enrolment::{self, Handed};
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::removal;
use crate::response;
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::participant::{OneOrMany, ParticipantView, Participants};
use crate::views::removal::{DryRun, Erasing};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use sillage_auth::{
    DeleteParticipants, ListParticipants, ManageParticipants, ReadParticipant, Secret,
};
use sillage_domain::{Erasure, MAX_ACCOUNTS, Removal, Username};
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
    /// Where to play, as the printed sheet says it. Default the address of this server.
    #[validate(custom(function = "validation::line"))]
    #[schema(example = "https://game.example.org")]
    pub(crate) address: Option<String>,
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
            address: members.text("address"),
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
    /// Where to play, as the printed sheet says it. Default the address of this server.
    #[schema(value_type = Option<shapes::Line>, example = "https://game.example.org")]
    address: Option<String>,
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
    /// Where to play, as the printed sheet says it. Default the address of this server.
    #[schema(value_type = Option<shapes::Line>, example = "https://game.example.org")]
    address: Option<String>,
}

/// A change of an account: what is left out stays. Another password, and `"active":false`, end its log-ins.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what ParticipantPatch takes")]
enum ParticipantChange {
    Given(GivenPassword),
    Made(MadePassword),
}

/// Another password, or none.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GivenPassword {
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<String>,
    /// Whether it may log in.
    active: Option<bool>,
}

/// Another password, made by the server.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MadePassword {
    /// `true` has the server make another password, which the answer shows this once.
    reset: bool,
    /// Whether it may log in.
    active: Option<bool>,
}

#[derive(Debug, Validate)]
#[validate(schema(function = "one_password", skip_on_field_errors = false))]
pub(crate) struct ParticipantPatch {
    pub(crate) password: Option<Secret>,
    pub(crate) reset: Option<bool>,
    pub(crate) active: Option<bool>,
}

fn one_password(patch: &ParticipantPatch) -> Result<(), ValidationError> {
    if patch.password.is_some() && patch.reset.is_some() {
        return Err(validation::failed_at(
            "reset",
            &messages::invalid(
                "give either `password`, or `reset`",
                "donnez soit `password`, soit `reset`",
            ),
        ));
    }
    validation::password(patch.password.as_ref())
}

impl FromMembers for ParticipantPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            password: members.text("password").map(Secret::new),
            reset: members.flag("reset"),
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
///
/// With `Accept: text/html` they come as a sheet to print and cut, a card a participant.
#[utoipa::path(
    post, path = "/v1/studies/{study}/participants", tag = "participants", operation_id = "createParticipants",
    params(crate::openapi::StudyPath), request_body = NewParticipants,
    responses(
        (status = 201, description = "One: the account, with its password if the server made it. Several: all of them", content((OneOrMany = "application/json"), (String = "text/csv"), (String = "text/html"))),
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
    let (single, address) = (wanted.username.is_some(), wanted.address.clone());
    let handed: Vec<Handed> = enrolment::enrol(&study, granted, wanted).await?;
    Participants {
        study: &study,
        here: &here,
        handed: &handed,
        single,
        address: address.as_deref(),
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
    ParticipantView::new(&study, &here, &account).answer(&conditions)
}

/// Change an account: give it another password, let it log in or not. PUT does the same.
///
/// A password that the server makes (`reset`) is in the answer, this once.
#[utoipa::path(
    patch, path = "/v1/studies/{study}/participants/{username}", tag = "participants", operation_id = "changeParticipant",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    request_body = ParticipantChange,
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
    conditions.hold_for(&ParticipantView::new(&study, &here, &account).tag()?)?;
    let changed = enrolment::change(&study, granted, account, patch).await?;
    let mut view = ParticipantView::new(&study, &here, &changed.account);
    view.password = changed.password.as_ref().map(Secret::expose);
    view.answer(&Conditions::default())
}

/// Take a participant out: the account, with its log-ins, and with `mode=erase` the content of what it did.
///
/// What is left of erased entries are tombstones; quarantined texts go. `anonymise` leaves both, under a pseudonym that is
/// nobody's any more: it can't be erased later. Neither can be undone.
#[utoipa::path(
    delete, path = "/v1/studies/{study}/participants/{username}", tag = "participants", operation_id = "deleteParticipant",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        ("mode" = shapes::Removal, Query, description = "`anonymise` or `erase`", example = "anonymise"),
        ("dry_run" = Option<bool>, Query, description = "`true` says what would go and what would stay, and does nothing. It counts nothing: that would tell which traces are whose"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    responses(
        (status = 200, description = "What would go, and what would stay (`dry_run`)", body = DryRun),
        (status = 202, description = "The account is gone, and nothing can be sent under it any more; the rest goes by itself", body = Erasing),
        (status = 204, description = "It is gone"),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn delete(
    study: InStudy,
    asked: Parameters,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(DeleteParticipants)?;
    let account = enrolment::find(&study, study.may(ReadParticipant)?, username(&path)?).await?;
    asked.only(&["mode", "dry_run"])?;
    let mode = mode(&asked)?;
    conditions.hold_for(&ParticipantView::new(&study, &asked.here, &account).tag()?)?;
    if asked.flag("dry_run", false)? {
        return response::ok(&DryRun::new(&account.username, mode));
    }
    match removal::remove(&study, granted, &account, mode).await? {
        Erasure::Continues => Erasing::answer(),
        Erasure::Done => Ok(HttpResponse::NoContent().finish()),
    }
}

/// How somebody is to be taken out: never by default.
fn mode(asked: &Parameters) -> Result<Removal, ApiError> {
    let words: Vec<_> = Removal::ALL.iter().map(|mode| mode.as_str()).collect();
    let mode = asked.word("mode", &words, Removal::from_word)?;
    mode.ok_or_else(|| ApiError::from(messages::which_removal()).under(StatusCode::BAD_REQUEST))
}

fn username(path: &(String, String)) -> Result<Username, ApiError> {
    path.1.parse().map_err(|_| messages::not_found().into())
}

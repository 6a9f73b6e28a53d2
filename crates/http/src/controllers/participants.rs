//! The accounts of those who play in a study.

mod requests;

pub(crate) use requests::{ParticipantPatch, ParticipantsRequest};

use super::identities;
use crate::audit::tell;
use crate::enrolment::{self, Handed};
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, Here, InStudy, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::removal;
use crate::response;
use crate::vault;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::participant::{OneOrMany, ParticipantView, Participants};
use crate::views::removal::{DryRun, Erasing};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use requests::{NewParticipants, ParticipantChange};
use sillage_auth::{
    DeleteParticipants, ListParticipants, ManageParticipants, ReadIdentity, ReadParticipant, Secret,
};
use sillage_domain::{AuditAction, Erasure, Removal, Username};

/// The accounts of a study's participants, by number. Never their pseudonyms.
#[utoipa::path(
    get, path = "/v1/studies/{study}/participants", tag = "participants", operation_id = "listParticipants",
    params(
        crate::openapi::StudyPath, crate::openapi::Pages,
        ("search" = Option<String>, Query, description = "A part of the username"),
        ("email" = Option<String>, Query, description = "An address that the study keeps, whole: of the participant, or of whoever decides for that one. Then `search` says nothing"),
    ),
    responses((status = 200, description = "A page of them", body = Vec<ParticipantView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ListParticipants)?;
    asked.only(&["page", "page_size", "search", "email"])?;
    let page = Page::of(&asked)?;
    let found = match asked.text("email") {
        None => enrolment::list(&study, granted, asked.text("search"), page.request).await?,
        Some(email) => {
            let granted = study.may(ReadIdentity)?;
            identities::note(&study, &granted, "searched");
            vault::find(&study.who.api, study.id(), email, page.request).await?
        }
    };
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
    let resets = patch.password.is_some() || patch.reset == Some(true);
    let seen = conditions.hold_for(&ParticipantView::new(&study, &here, &account).tag()?)?;
    let changed = enrolment::change(&study, granted, account, patch, seen).await?;
    let mut view = ParticipantView::new(&study, &here, &changed.account);
    view.password = changed.password.as_ref().map(Secret::expose);
    let mut answer = view.answer(&Conditions::default())?;
    if resets {
        tell(&mut answer, |told| {
            told.action = Some(AuditAction::ResetPassword)
        });
    }
    Ok(answer)
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
        ("dry_run" = Option<bool>, Query, description = "`true` says what would go and what would stay, and how much, and does nothing. Entries are counted in steps (10, 20, 50, 100), the first of which is any number from 1 on: an exact number could tell which traces are whose"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    responses(
        (status = 200, description = "What would go, and what would stay (`dry_run`)", body = DryRun),
        (status = 202, description = "The account is gone, and nothing can be sent under it any more; the rest goes by itself", body = Erasing),
        (status = 204, description = "It is gone"),
        (status = 409, description = "`erase`: the database server keeps the bytes of what it deletes, and the operator has not accepted that", body = Errors),
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
        let traces = removal::traces(&study, &account);
        let found = removal::look(&study.who.api, account.id, Some(traces)).await?;
        return response::ok(&DryRun::new(&account.username, mode, found));
    }
    match removal::remove(&study, granted, &account, mode).await? {
        Erasure::Continues => Erasing::answer(),
        Erasure::Done => Ok(HttpResponse::NoContent().finish()),
    }
}

/// How somebody is to be taken out: never by default.
pub(super) fn mode(asked: &Parameters) -> Result<Removal, ApiError> {
    let words: Vec<_> = Removal::ALL.iter().map(|mode| mode.as_str()).collect();
    let mode = asked.word("mode", &words, Removal::from_word)?;
    mode.ok_or_else(|| ApiError::from(messages::which_removal()).under(StatusCode::BAD_REQUEST))
}

fn username(path: &(String, String)) -> Result<Username, ApiError> {
    path.1.parse().map_err(|_| messages::not_found().into())
}

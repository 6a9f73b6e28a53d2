//! The accounts of people who run studies.

use crate::audit::tell;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, Members, Parameters, Who};
use crate::messages;
use crate::openapi::shapes;
use crate::people::{self, NewPassword};
use crate::players;
use crate::removal;
use crate::response::{created, etag, fresh, json_bytes, not_modified, ok};
use crate::validation;
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::removal::DryRun;
use crate::views::user::{PlayerView, UserOrPlayer, UserView};
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue};
use actix_web::{HttpResponse, web};
use sillage_auth::{ListUsers, ManageParticipants, ManageUsers, ReadUser, Secret};
use sillage_domain::{AuditAction, Role, User, UserChange};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// An account to be made for somebody who runs studies.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewUser)]
#[validate(schema(function = "good_password", skip_on_field_errors = false))]
pub(crate) struct UserRequest {
    /// What one logs in with. Case folded, unique on the server.
    #[validate(required, custom(function = "validation::username"))]
    #[schema(required, value_type = shapes::Username, example = "marie")]
    username: Option<String>,
    /// At least 8 characters, at most 72 bytes. Left out, the server makes one.
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<Secret>,
    /// `admin` or `researcher`.
    #[validate(required, custom(function = "validation::user_role"))]
    #[schema(required, value_type = shapes::UserRole)]
    role: Option<String>,
}

fn good_password(request: &UserRequest) -> Result<(), ValidationError> {
    validation::password(request.password.as_ref())
}

impl FromMembers for UserRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            username: members.text("username"),
            password: members.text("password").map(Secret::new),
            role: members.text("role"),
        }
    }
}

/// A change of a user: what is left out stays. Another password, and `"active":false`, end the log-ins of the account.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = UserChange)]
#[validate(schema(function = "one_password", skip_on_field_errors = false))]
pub(crate) struct UserPatch {
    /// At least 8 characters, at most 72 bytes.
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<Secret>,
    /// `true` has the server make another password, which the answer shows this once.
    reset: Option<bool>,
    /// `admin` or `researcher`.
    #[validate(custom(function = "validation::user_role"))]
    #[schema(value_type = Option<shapes::UserRole>)]
    role: Option<String>,
    /// Whether it may log in.
    active: Option<bool>,
}

fn one_password(patch: &UserPatch) -> Result<(), ValidationError> {
    if patch.password.is_some() && patch.reset == Some(true) {
        let both = messages::invalid(
            "give either `password`, or `reset`",
            "donnez soit `password`, soit `reset`",
        );
        return Err(validation::failed_at("reset", &both));
    }
    validation::password(patch.password.as_ref())
}

impl FromMembers for UserPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            password: members.text("password").map(Secret::new),
            reset: members.flag("reset"),
            role: members.text("role"),
            active: members.flag("active"),
        }
    }
}

/// The accounts of people who run studies, by username.
#[utoipa::path(
    get, path = "/v1/users", tag = "users", operation_id = "listUsers",
    params(crate::openapi::Pages, ("search" = Option<String>, Query, description = "A part of the username")),
    responses((status = 200, description = "A page of them", body = Vec<UserView>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(ListUsers)?;
    asked.only(&["page", "page_size", "search"])?;
    let page = Page::of(&asked)?;
    let found = people::list(&who, granted, asked.text("search"), page.request).await?;
    page.answer(&asked, &conditions, &found, |user| {
        view(&who, &asked.here, user)
    })
}

/// Make an account for somebody who runs studies. A password that the server made is shown this once.
///
/// Where the server has a default study, `{"username","pwd"}`, as TSADK's client sends it, makes a participant of that study.
#[utoipa::path(
    post, path = "/v1/users", tag = "users", operation_id = "createUser", request_body = UserRequest,
    responses(
        (status = 201, description = "The account, with its password if the server made it", body = UserOrPlayer, headers(("Location" = String, description = "Its URL"))),
        (status = 409, description = "4092: the username is taken", body = Errors),
    )
)]
pub(crate) async fn create(who: Who, here: Here, body: Body) -> Result<HttpResponse, ApiError> {
    if body.has("pwd")
        && let Some(home) = players::home(&who).await?
    {
        home.may(ManageParticipants)?;
        let player = players::make(&home, body.valid()?).await?;
        let view = PlayerView::new(&here, &player)
            .ok_or_else(|| ApiError::internal("a participant has no number"))?;
        return created(&view.uri, &view);
    }
    let granted = who.may(ManageUsers)?;
    let wanted = body.valid::<UserRequest>()?;
    let username = wanted.username.unwrap_or_default();
    let username = username.parse().map_err(ApiError::internal)?;
    let role = role(wanted.role.as_deref()).unwrap_or(Role::Researcher);
    let (user, password) = people::make(&who, granted, username, role, wanted.password).await?;
    let view = view(&who, &here, &user).handing(password.as_ref().map(Secret::expose));
    let mut answer = unstored(created(&view.uri, &view)?);
    tell(&mut answer, |told| told.account = Some(user.id));
    Ok(answer)
}

/// One account.
///
/// Where the server has a default study, a number is that of a participant of it, and an account of somebody who runs studies is named
/// by its username.
#[utoipa::path(
    get, path = "/v1/users/{id}", tag = "users", operation_id = "readUser",
    params(("id" = shapes::Number, Path, description = "Of the account")),
    responses((status = 200, description = "The account", body = UserOrPlayer))
)]
pub(crate) async fn read(
    who: Who,
    here: Here,
    id: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    if let Some(player) = players::find(&who, &id).await? {
        return fresh(&conditions, &PlayerView::new(&here, &player), &[]);
    }
    let user = people::find(&who, who.may(ReadUser)?, &id).await?;
    let tag = tag(&who, &here, &user)?;
    if conditions.has(&tag) {
        return Ok(not_modified(&tag));
    }
    let mut answer = ok(&view(&who, &here, &user))?;
    let tag = HeaderValue::try_from(tag).map_err(ApiError::internal)?;
    answer.headers_mut().insert(ETAG, tag);
    Ok(answer)
}

/// Change an account: give it another password or role, let it log in or not. PUT does the same.
///
/// The last administrator who may log in stays one.
#[utoipa::path(
    patch, path = "/v1/users/{id}", tag = "users", operation_id = "changeUser", request_body = UserPatch,
    params(
        ("id" = shapes::Number, Path, description = "Of the account"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    responses(
        (status = 200, description = "The account as it is now, with its password if the server made another one", body = UserView),
        (status = 409, description = "It is the last administrator who may log in, or the number is a participant's", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    who: Who,
    here: Here,
    id: web::Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(ManageUsers)?;
    players::refuse(&who, &id).await?;
    let user = people::find(&who, who.may(ReadUser)?, &id).await?;
    let patch = body.valid::<UserPatch>()?;
    let seen = conditions.hold_for(&tag(&who, &here, &user)?)?;
    let password = match (patch.password, patch.reset) {
        (None, None | Some(false)) => None,
        (chosen, _) => Some(NewPassword::of(&who.api, chosen).await?),
    };
    let change = UserChange {
        password_hash: password.as_ref().map(|password| password.hash.clone()),
        role: role(patch.role.as_deref()),
        active: patch.active,
    };
    let changed = people::change(&who, granted, user, change, seen).await?;
    let resets = password.is_some();
    let made = password.and_then(|password| password.made);
    let view = view(&who, &here, &changed).handing(made.as_ref().map(Secret::expose));
    let mut answer = unstored(ok(&view)?);
    if resets {
        tell(&mut answer, |told| {
            told.action = Some(AuditAction::ResetPassword)
        });
    }
    Ok(answer)
}

/// Delete an account and its memberships. What its owner did in studies stays.
///
/// Refused for the last administrator who may log in, and for somebody who alone manages a study.
#[utoipa::path(
    delete, path = "/v1/users/{id}", tag = "users", operation_id = "deleteUser",
    params(
        ("id" = shapes::Number, Path, description = "Of the account"),
        ("dry_run" = Option<bool>, Query, description = "`true` says what would go, and how much, and does nothing"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    responses(
        (status = 200, description = "What would go, and what would stay (`dry_run`)", body = DryRun),
        (status = 204, description = "It is gone, and its log-ins with it"),
        (status = 409, description = "It is the last administrator who may log in, or alone manages a study", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn delete(
    who: Who,
    asked: Parameters,
    id: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(ManageUsers)?;
    asked.only(&["dry_run"])?;
    players::refuse(&who, &id).await?;
    let user = people::find(&who, who.may(ReadUser)?, &id).await?;
    let seen = conditions.hold_for(&tag(&who, &asked.here, &user)?)?;
    if asked.flag("dry_run", false)? {
        let found = removal::look(&who.api, user.id, None).await?;
        return ok(&DryRun::of_user(&user.username, found));
    }
    people::delete(&who, granted, user, seen).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The account as it is shown: where numbers are those of participants, under its username.
fn view<'a>(who: &Who, here: &Here, user: &'a User) -> UserView<'a> {
    let view = UserView::new(here, user);
    match who.api.settings().default_study {
        Some(_) => view.named(here),
        None => view,
    }
}

/// Its tag, which changes with the password too.
fn tag(who: &Who, here: &Here, user: &User) -> Result<String, ApiError> {
    let shown = json_bytes(&view(who, here, user))?;
    Ok(etag(&[&shown, user.password_hash.expose().as_bytes()]))
}

fn role(word: Option<&str>) -> Option<Role> {
    word.and_then(Role::from_word)
}

/// What may show a password is kept by nobody.
fn unstored(mut response: HttpResponse) -> HttpResponse {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

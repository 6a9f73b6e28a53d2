//! One's own account, deleted.

use super::me::myself;
use super::participants;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Members, OptionalBody, Parameters, Who};
use crate::files;
use crate::messages;
use crate::openapi::shapes;
use crate::people;
use crate::removal;
use crate::response::{self, etag_of};
use crate::views::error::Errors;
use crate::views::removal::{DryRun, Erasing};
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{DeleteSelf, Secret};
use sillage_domain::{Erasure, Removal, Role, Traces};
use utoipa::ToSchema;
use validator::Validate;

/// What shows that it is you, and not only somebody who has a token of yours.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = OwnDeletion)]
pub(crate) struct OwnDeletionRequest {
    /// The one that the account has now.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
}

impl FromMembers for OwnDeletionRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            password: members.text("password").map(Secret::new),
        }
    }
}

/// Delete your account, with your log-ins, and with `mode=erase` the content of what you did. It can't be undone.
///
/// A token alone does not do it, since games hold one: your password is asked for, in the body or by HTTP Basic. A wrong one counts
/// as a failed log-in. What stays is what `DELETE /v1/studies/{study}/participants/{username}` leaves. Somebody who runs studies
/// leaves with `anonymise`, if others are left who manage them, and who administer the server.
#[utoipa::path(
    delete, path = "/v1/me", tag = "me", operation_id = "deleteMe",
    params(
        ("mode" = shapes::Removal, Query, description = "`anonymise` or `erase`", example = "anonymise"),
        ("dry_run" = Option<bool>, Query, description = "`true` says what would go and what would stay, and how much, and does nothing; no password is needed for that"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it"),
    ),
    request_body(content = Option<OwnDeletionRequest>, description = "Where a token comes with the request, and no password"),
    responses(
        (status = 200, description = "What would go, and what would stay (`dry_run`)", body = DryRun),
        (status = 202, description = "The account is gone, and nothing can be sent under it any more; the rest goes by itself", body = Erasing),
        (status = 204, description = "It is gone"),
        (status = 409, description = "You are the last administrator, or nobody else manages a study of yours; or, for `erase`, the database server keeps the bytes of what it deletes, and the operator has not accepted that", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
        (status = 413, description = "4131: the body is too large", body = Errors),
        (status = 415, description = "The `Content-Encoding` is not understood", body = Errors),
        (status = 422, description = "4222: there is no password, or a wrong one", body = Errors),
        (status = 429, description = "4291: too many log-ins; 4292: too many that failed, wrong passwords here among them. `Retry-After` says when to try again", body = Errors),
    )
)]
pub(crate) async fn delete(
    request: HttpRequest,
    who: Who,
    asked: Parameters,
    conditions: Conditions,
    body: OptionalBody,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(DeleteSelf)?;
    asked.only(&["mode", "dry_run"])?;
    let mode = participants::mode(&asked)?;
    let me = myself(&who).await?;
    let plays = me.role == Role::Participant;
    if !plays && mode == Removal::Erase {
        return Err(files::bad(messages::users_are_anonymised()));
    }
    conditions.hold_for(&etag_of(&me)?)?;
    if asked.flag("dry_run", false)? {
        let account = granted.by().ok_or_else(messages::forbidden)?;
        let traces = who
            .identity
            .plays
            .as_ref()
            .map(|(known, pseudonym)| Traces {
                study: known.study.id,
                pseudonym: *pseudonym,
            });
        let found = removal::look(&who.api, account, traces).await?;
        return response::ok(&if plays {
            DryRun::of_oneself(me.username, mode, found)
        } else {
            DryRun::of_user(me.username, found)
        });
    }
    prove(&who, &request, body.0.as_ref()).await?;
    if !plays {
        people::delete_oneself(&who, granted).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    match removal::remove_oneself(&who, granted, mode).await? {
        Erasure::Continues => Erasing::answer(),
        Erasure::Done => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Refuses who shows no password of the account: in the body, or else as the credentials of the request.
async fn prove(who: &Who, request: &HttpRequest, body: Option<&Body>) -> Result<(), ApiError> {
    let given = match body {
        Some(body) => body.valid::<OwnDeletionRequest>()?.password,
        None => None,
    };
    match given {
        Some(password) => people::prove_oneself(who, password, who.api.source(request)).await,
        None if who.identity.by_password => Ok(()),
        None => Err(messages::password_to_leave().at("/password").into()),
    }
}

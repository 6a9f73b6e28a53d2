//! One's own account.

use super::own_identity;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Members, Who};
use crate::messages;
use crate::openapi::shapes;
use crate::people;
use crate::response::{etag_of, fresh};
use crate::validation;
use crate::views::error::Errors;
use crate::views::me::Me;
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{ChangeSelf, ReadSelf, Secret};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// Another password for one's own account.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = OwnChange)]
#[validate(schema(function = "both", skip_on_field_errors = false))]
pub(crate) struct OwnPatch {
    /// The new one: at least 8 characters, at most 72 bytes.
    #[schema(value_type = shapes::Password, required)]
    password: Option<Secret>,
    /// The one that the account has now.
    #[schema(value_type = String, format = Password, required)]
    old_password: Option<Secret>,
}

fn both(patch: &OwnPatch) -> Result<(), ValidationError> {
    match (&patch.password, &patch.old_password) {
        (None, _) => Err(validation::failed_at("password", &messages::missing())),
        (_, None) => Err(validation::failed_at("old_password", &messages::missing())),
        (password, _) => validation::password(password.as_ref()),
    }
}

impl FromMembers for OwnPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            password: members.text("password").map(Secret::new),
            old_password: members.text("old_password").map(Secret::new),
        }
    }
}

/// Your own account.
#[utoipa::path(
    get, path = "/v1/me", tag = "me", operation_id = "readMe",
    responses((status = 200, description = "Your account", body = Me))
)]
pub(crate) async fn read(who: Who, conditions: Conditions) -> Result<HttpResponse, ApiError> {
    who.may(ReadSelf)?;
    fresh(&conditions, &myself(&who).await?, &[])
}

/// Change your password. PUT does the same. It ends your other log-ins; this one goes on.
///
/// A wrong `old_password` counts as a failed log-in.
#[utoipa::path(
    patch, path = "/v1/me", tag = "me", operation_id = "changeMe", request_body = OwnPatch,
    params(("If-Match" = Option<String>, Header, description = "The ETag of the account as you have seen it")),
    responses(
        (status = 200, description = "Your account", body = Me),
        (status = 412, description = "It was changed since", body = Errors),
        (status = 429, description = "4291: too many log-ins; 4292: too many that failed, wrong old passwords among them. `Retry-After` says when to try again", body = Errors),
    )
)]
pub(crate) async fn change(
    request: HttpRequest,
    who: Who,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may(ChangeSelf)?;
    let patch = body.valid::<OwnPatch>()?;
    conditions.hold_for(&etag_of(&myself(&who).await?)?)?;
    let (Some(old), Some(new)) = (patch.old_password, patch.password) else {
        return Err(messages::missing().at("/password").into());
    };
    let source = who.api.source(&request);
    people::change_own_password(&who, granted, old, new, source).await?;
    fresh(&Conditions::default(), &myself(&who).await?, &[])
}

/// The caller's account; an application that acts for itself has none.
pub(super) async fn myself(who: &Who) -> Result<Me<'_>, ApiError> {
    let (Some(username), Some(role)) = (who.username(), who.role()) else {
        return Err(messages::forbidden().into());
    };
    let plays = who.identity.plays.as_ref();
    Ok(Me {
        username,
        role,
        study: plays.map(|(known, _)| &known.study.slug),
        identity: own_identity::within(who).await?,
    })
}

//! One's own account.

use crate::error::ApiError;
use crate::extractors::{Conditions, Who};
use crate::messages;
use crate::response::fresh;
use crate::views::me::Me;
use actix_web::HttpResponse;
use sillage_auth::ReadSelf;

/// Your own account.
#[utoipa::path(
    get, path = "/v1/me", tag = "me", operation_id = "readMe",
    responses((status = 200, description = "Your account", body = Me))
)]
pub(crate) async fn read(who: Who, conditions: Conditions) -> Result<HttpResponse, ApiError> {
    who.may(ReadSelf)?;
    let (Some(username), Some(role)) = (who.username(), who.role()) else {
        return Err(messages::forbidden().into());
    };
    let study = who
        .identity
        .plays
        .as_ref()
        .map(|(known, _)| &known.study.slug);
    fresh(
        &conditions,
        &Me {
            username,
            role,
            study,
        },
        &[],
    )
}

//! One's own account.

use crate::error::ApiError;
use crate::extractors::{Conditions, Who};
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
    let study = who
        .identity
        .plays
        .as_ref()
        .map(|(known, _)| &known.study.slug);
    fresh(
        &conditions,
        &Me {
            username: who.username(),
            role: who.role(),
            study,
        },
        &[],
    )
}

//! Access tokens.

use serde::Serialize;
use sillage_auth::{Scope, Secret};
use utoipa::ToSchema;

/// An access token (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessToken<'a> {
    /// A JWT, to be sent as `Authorization: Bearer`.
    access_token: &'a str,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    #[schema(example = 86400)]
    expires_in: u32,
    /// What it may be used for, at most.
    #[schema(example = "participant")]
    scope: String,
}

impl<'a> AccessToken<'a> {
    pub(crate) fn new(token: &'a Secret, expires_in: u32, scope: Scope) -> Self {
        Self {
            access_token: token.expose(),
            token_type: "Bearer",
            expires_in,
            scope: scope.to_string(),
        }
    }
}

/// An access token, as TSADK's client reads it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TsadkToken<'a> {
    /// A JWT.
    pub(crate) token: &'a str,
}

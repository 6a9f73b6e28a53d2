//! Access tokens.

use crate::grants::Issued;
use serde::Serialize;
use sillage_auth::Secret;
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
    /// What to get the next access token with, once; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    /// What it may be used for, at most.
    #[schema(example = "participant")]
    scope: String,
}

impl<'a> AccessToken<'a> {
    pub(crate) fn new(issued: &'a Issued) -> Self {
        Self {
            access_token: issued.access.expose(),
            token_type: "Bearer",
            expires_in: issued.expires_in,
            refresh_token: issued.refresh.as_ref().map(Secret::expose),
            scope: issued.scope.to_string(),
        }
    }
}

/// An access token, as TSADK's client reads it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TsadkToken<'a> {
    /// A JWT.
    pub(crate) token: &'a str,
}

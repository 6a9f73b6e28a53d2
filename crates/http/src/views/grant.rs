//! Log-ins.

use serde::Serialize;
use sillage_domain::{Grant, GrantId, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

/// A log-in. Neither an address nor a device is kept of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Grant)]
pub(crate) struct GrantView<'a> {
    /// Names it in paths.
    #[schema(value_type = String, example = "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11")]
    id: Uuid,
    /// The application through which you logged in; null for a token of `/v1/utils/token`.
    #[schema(example = "sillage")]
    client_id: Option<&'a str>,
    /// What its tokens may be used for, at most.
    #[schema(example = "participant")]
    scope: &'a str,
    /// When you logged in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When a token was last taken from it, at the log-in or with a refresh token.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// When it ends by itself, unless it is used before; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// Whether the token of this request comes from it.
    current: bool,
}

impl<'a> GrantView<'a> {
    pub(crate) fn new(grant: &'a Grant, current: Option<GrantId>) -> Self {
        Self {
            id: grant.id.0,
            client_id: grant.client.as_deref(),
            scope: &grant.scope,
            created_at: grant.created_at,
            last_used_at: grant.used_at,
            ends_at: grant.ends_at,
            current: current == Some(grant.id),
        }
    }
}

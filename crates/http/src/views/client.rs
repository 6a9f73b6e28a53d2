//! Registered clients.

use crate::extractors::Here;
use serde::Serialize;
use sillage_auth::Secret;
use sillage_domain::{Client, ClientId, ClientType, GrantType, Slug, Timestamp};
use utoipa::ToSchema;

/// A client with the name of its study.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) client: Client,
    pub(crate) study: Option<Slug>,
}

/// An application that may ask for tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub(crate) struct ClientView<'a> {
    /// Names it, at `/oauth2/access_token` above all.
    #[schema(value_type = String, example = "0b5a0a63-8f0e-4d86-a3a6-8f6a5f1d2c11")]
    client_id: &'a ClientId,
    /// The secret, of a confidential client that was just made or got a new one: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    client_secret: Option<&'a str>,
    /// Its URL.
    uri: String,
    /// For people.
    name: &'a str,
    /// Slug of the study that it belongs to; null for the whole platform.
    #[schema(value_type = Option<String>, example = "tsadk")]
    study: Option<&'a Slug>,
    /// `public` or `confidential`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "confidential")]
    kind: ClientType,
    /// The ways to a token that it may use: `password`, `refresh_token`, `client_credentials`.
    #[schema(value_type = Vec<String>)]
    grants: &'a [GrantType],
    /// The widest that it may ask for.
    #[schema(example = "logs:write")]
    scope: &'a str,
    /// Whether it may ask for tokens, and those that it got are good.
    active: bool,
    /// When it was registered.
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// Goes up by one with each change.
    revision: i64,
}

impl<'a> ClientView<'a> {
    pub(crate) fn new(here: &Here, registered: &'a Registered) -> Self {
        let client = &registered.client;
        Self {
            client_id: &client.id,
            client_secret: None,
            uri: here.link(&format!("/v1/clients/{}", client.id)),
            name: &client.name,
            study: registered.study.as_ref(),
            kind: client.kind(),
            grants: &client.grants,
            scope: &client.scope,
            active: client.active,
            created_at: client.created_at,
            revision: client.revision,
        }
    }

    /// With the secret, for this once.
    pub(crate) fn with_secret(mut self, secret: Option<&'a Secret>) -> Self {
        self.client_secret = secret.map(Secret::expose);
        self
    }

    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }
}

//! Clients that act for themselves (RFC 6749 section 4.4): a game's server, above all.

use crate::api::{Api, Inner};
use crate::client_authentication::KnownClient;
use crate::error::ApiError;
use crate::grants::{Issued, LogIn};
use crate::identity::Identity;
use crate::messages;
use sillage_auth::{Caller, Claims, Holder};
use sillage_domain::{Client, GrantType, acts_for_itself};
use std::sync::Arc;

impl Api {
    /// A token for the client itself, in its study. No refresh token comes with it: its secret is one.
    pub(crate) async fn act_for_itself(
        &self,
        client: &KnownClient,
        scope: Option<&str>,
    ) -> Result<Issued, ApiError> {
        if !may_act(&client.client) {
            let problem = messages::client_credentials_need_secret_and_study();
            return Err(ApiError::from(problem).oauth("unauthorized_client"));
        }
        let scope = client.own_scope(scope)?;
        let log_in = LogIn {
            account: None,
            subject: None,
            client: Some(client.client.id.to_string()),
        };
        self.begin_grant(log_in, scope, false).await
    }
}

impl Inner {
    /// The client of a token that it got for itself.
    pub(crate) fn look_up_client(&self, claims: &Claims) -> Result<Arc<Identity>, ApiError> {
        let grant = self
            .grant_of(claims)?
            .filter(|grant| grant.account.is_none())
            .ok_or_else(messages::token_revoked)?;
        let id = grant.client.ok_or_else(messages::token_revoked)?;
        let id = id.parse().map_err(ApiError::internal)?;
        let client = self
            .ports
            .clients
            .client(&id)?
            .filter(|client| client.active && may_act(client))
            .ok_or_else(messages::token_revoked)?;
        let widest = client.scope.parse().map_err(ApiError::internal)?;
        let scope = Holder::Client.scope_now(widest, claims.scope);
        Ok(Arc::new(Identity {
            caller: Caller::client(claims.subject, client.study, scope),
            plays: None,
            number: None,
            by_password: false,
            grant: Some(grant.id),
            client: Some(client.id.as_str().into()),
        }))
    }
}

fn may_act(client: &Client) -> bool {
    client.may_use(GrantType::ClientCredentials)
        && acts_for_itself(client.kind(), client.study.is_some())
}

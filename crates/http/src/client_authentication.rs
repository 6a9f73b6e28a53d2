//! Which client asks at `/oauth2/*` (RFC 6749 section 2.3), and what it may ask for.

use crate::api::Api;
use crate::controllers::token::oauth_failure;
use crate::error::ApiError;
use crate::limits::{Named, Source};
use crate::messages;
use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use sillage_auth::{Basic, Holder, Scope, ScopeError, Secret, is_secret};
use sillage_domain::{Account, Client, ClientId, GrantType};
use std::time::Instant;

/// A client that is active and, if it is confidential, has told its secret.
#[derive(Debug, Clone)]
pub(crate) struct KnownClient {
    pub(crate) client: Client,
    /// Where it asks from.
    pub(crate) source: Source,
    /// The widest that it may ask for.
    scope: Scope,
}

/// Who a client says that it is.
struct Told {
    id: String,
    /// Not empty.
    secret: Option<Secret>,
}

impl Api {
    /// The client that sends a request: as `client_id` and `client_secret` of its body say, or as an `Authorization: Basic` header does,
    /// in which both are form-encoded.
    ///
    /// Errors: `invalid_client`, the same for an unknown, an inactive and a wrong one, in the time that failures take; `slow_down` after
    /// too many of them, or where the client asks too often; `invalid_request` for a secret in two places.
    pub(crate) async fn client(
        &self,
        request: &HttpRequest,
        client_id: Option<&str>,
        client_secret: Option<&Secret>,
    ) -> Result<KnownClient, ApiError> {
        let start = Instant::now();
        let source = self.source(request);
        let told = told(request.headers(), client_id, client_secret)?;
        let id = told.id.parse::<ClientId>().ok();
        let found = match id {
            Some(id) => {
                self.off(move |inner| Ok(inner.ports.clients.client(&id)?))
                    .await
            }
            None => Ok(None),
        };
        let client = found.map_err(oauth_failure)?;
        let good = is_who_it_says(client.as_ref(), told.secret.as_ref());
        let Some(client) = client.filter(|_| good) else {
            return Err(self.refuse_client(&told.id, source, start).await);
        };
        let limit = self.0.limits.client(client.id.as_str());
        limit.map_err(oauth_failure)?;
        let scope = client.scope.parse().map_err(ApiError::internal)?;
        Ok(KnownClient {
            client,
            source,
            scope,
        })
    }
}

impl Api {
    /// The answer to a client that is not who it says. The server made its secret, so the right one is good whoever else tries.
    async fn refuse_client(&self, id: &str, source: Source, start: Instant) -> ApiError {
        let named = Named::Client(id);
        oauth_failure(self.refuse_named(named, source, start, unknown()).await)
    }
}

/// An unknown client takes the time of a wrong secret.
fn is_who_it_says(client: Option<&Client>, secret: Option<&Secret>) -> bool {
    let none = Secret::new("");
    let hash = client.and_then(|client| client.secret_hash.as_ref());
    let same = is_secret(secret.unwrap_or(&none), hash);
    client.is_some_and(|client| {
        // A public client has no secret to tell.
        let proved = if hash.is_some() {
            same
        } else {
            secret.is_none()
        };
        client.active && proved
    })
}

fn told(
    headers: &HeaderMap,
    client_id: Option<&str>,
    client_secret: Option<&Secret>,
) -> Result<Told, ApiError> {
    // An empty secret may be left out (RFC 6749 section 2.3.1).
    let not_empty = |secret: &&Secret| !secret.expose().is_empty();
    let in_body = client_secret.filter(not_empty);
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(Told {
            id: client_id.ok_or_else(unnamed)?.to_owned(),
            secret: in_body.cloned(),
        });
    };
    let basic = header
        .to_str()
        .ok()
        .and_then(|text| Basic::parse_client(text).ok())
        .ok_or_else(unnamed)?;
    // The id may stand in the body too, where it only names (RFC 6749 section 3.2.1).
    if in_body.is_some() || client_id.is_some_and(|id| id != basic.username) {
        let problem = messages::oauth(
            "the client says who it is in the body and in the header; one is enough",
            "le client dit qui il est dans le corps et dans l'en-tête ; un seul suffit",
        );
        return Err(ApiError::from(problem).oauth("invalid_request"));
    }
    Ok(Told {
        id: basic.username,
        secret: Some(basic.password).filter(|secret| not_empty(&secret)),
    })
}

fn unnamed() -> ApiError {
    let problem = messages::oauth(
        "say which client you are: `client_id`",
        "dites quel client vous êtes : `client_id`",
    );
    ApiError::from(problem).oauth("invalid_client")
}

fn unknown() -> ApiError {
    let problem = messages::oauth(
        "there is no such client, or its secret is wrong",
        "client inconnu, ou secret incorrect",
    );
    ApiError::from(problem).oauth("invalid_client")
}

impl KnownClient {
    /// Refuses a way to a token that the client may not use: `unauthorized_client`.
    pub(crate) fn may_use(&self, grant: GrantType) -> Result<(), ApiError> {
        if self.client.may_use(grant) {
            return Ok(());
        }
        let problem = messages::oauth(
            "this client may not use that grant_type",
            "ce client ne peut pas utiliser ce grant_type",
        );
        Err(ApiError::from(problem).oauth("unauthorized_client"))
    }

    /// Refuses an account that plays in another study than the client's: `invalid_grant`.
    pub(crate) fn admits(&self, account: &Account) -> Result<(), ApiError> {
        if self.client.admits(account.enrolment.map(|e| e.study)) {
            return Ok(());
        }
        let problem = messages::oauth(
            "this client belongs to another study than the account",
            "ce client appartient à une autre étude que le compte",
        );
        Err(ApiError::from(problem).oauth("invalid_grant"))
    }

    /// The scope of a token for an account: what is asked for, as far as client and account have it. `invalid_scope` for what goes
    /// beyond the client's, or leaves nothing.
    pub(crate) fn scope(&self, account: &Account, asked: Option<&str>) -> Result<Scope, ApiError> {
        let asked = asked.map(str::parse).transpose().map_err(invalid_scope)?;
        Holder::Account(account.role)
            .scope(self.scope, asked)
            .map_err(invalid_scope)
    }

    /// The same for the client itself.
    pub(crate) fn own_scope(&self, asked: Option<&str>) -> Result<Scope, ApiError> {
        let asked = asked.map(str::parse).transpose().map_err(invalid_scope)?;
        Holder::Client
            .scope(self.scope, asked)
            .map_err(invalid_scope)
    }

    /// The scope of a further token of a log-in that got `granted`: what is asked for of it, and never more (RFC 6749 section 6), as far
    /// as the client may ask for it still. `invalid_scope` for what goes beyond, or leaves nothing.
    pub(crate) fn scope_again(
        &self,
        account: &Account,
        granted: Scope,
        asked: Option<&str>,
    ) -> Result<Scope, ApiError> {
        let asked = asked.map(str::parse).transpose().map_err(invalid_scope)?;
        let asked = granted.narrowed(asked).map_err(invalid_scope)?;
        match Holder::Account(account.role).scope_now(self.scope, asked) {
            Scope::NONE => Err(invalid_scope(ScopeError::Wider {
                asked,
                granted: self.scope,
            })),
            scope => Ok(scope),
        }
    }
}

/// A scope that cannot be had: `invalid_scope`.
fn invalid_scope(error: ScopeError) -> ApiError {
    let problem = messages::invalid(error.to_string(), "ce scope ne peut pas être obtenu");
    ApiError::from(problem).oauth("invalid_scope")
}

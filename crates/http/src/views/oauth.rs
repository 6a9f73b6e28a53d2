//! Tokens as others ask about them, and what the server has of OAuth 2.

use crate::introspection::Introspected;
use serde::Serialize;
use sillage_auth::ScopeWord;
use sillage_domain::GrantType;
use utoipa::ToSchema;

/// What a token is good for (RFC 7662 section 2.2). Of one that is good for nothing, `active` alone.
///
/// Neither the subject id nor a pseudonym is told: whoever asks learns who logged in, and nothing that leads to a trace.
#[derive(Serialize, ToSchema)]
pub(crate) struct Introspection<'a> {
    /// Whether it is good now.
    active: bool,
    /// What for, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "participant")]
    scope: Option<String>,
    /// The application that got it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sillage")]
    client_id: Option<&'a str>,
    /// Who logged in; left out for an application that acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "classe-a-01")]
    username: Option<&'a str>,
    /// `Bearer` for an access token; left out for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bearer")]
    token_type: Option<&'static str>,
    /// When it ends, in seconds since 1970; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was issued, in seconds since 1970; of a refresh token, when it took the place of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
}

impl<'a> Introspection<'a> {
    pub(crate) fn new(found: Option<&'a Introspected>) -> Self {
        let claims = found.and_then(|found| found.claims.as_ref());
        let seconds = |time: sillage_domain::Timestamp| time.micros().div_euclid(1_000_000);
        Self {
            active: found.is_some(),
            scope: found.map(|found| found.scope.to_string()),
            client_id: found.and_then(|found| found.client.as_deref()),
            username: found
                .and_then(|found| found.username.as_ref())
                .map(|name| name.as_str()),
            token_type: claims.map(|_| "Bearer"),
            exp: match claims {
                Some(claims) => Some(claims.expires_at),
                None => found.and_then(|found| found.grant.ends_at).map(seconds),
            },
            iat: match claims {
                Some(claims) => Some(claims.issued_at),
                None => found.map(|found| seconds(found.grant.used_at)),
            },
        }
    }
}

/// What the server has of OAuth 2 (RFC 8414 section 2).
#[derive(Serialize, ToSchema)]
pub(crate) struct Metadata {
    /// Origin and base path.
    #[schema(example = "https://logs.example.org")]
    issuer: String,
    /// Where tokens are given.
    token_endpoint: String,
    /// How a client says there who it is.
    token_endpoint_auth_methods_supported: [&'static str; 3],
    /// The ways to a token.
    grant_types_supported: Vec<&'static str>,
    /// None: there is no authorisation endpoint.
    response_types_supported: [&'static str; 0],
    /// The words of scopes.
    scopes_supported: Vec<&'static str>,
    /// Where tokens are revoked.
    revocation_endpoint: String,
    /// How a client says there who it is.
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    /// Where tokens are asked about.
    introspection_endpoint: String,
    /// How an asker says there who it is.
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    /// The description of the whole API.
    service_documentation: String,
}

impl Metadata {
    pub(crate) fn new(origin: &str, base_path: &str) -> Self {
        let of_client = ["client_secret_basic", "client_secret_post", "none"];
        let issuer = format!("{origin}{base_path}");
        Self {
            token_endpoint: format!("{issuer}/oauth2/access_token"),
            token_endpoint_auth_methods_supported: of_client,
            grant_types_supported: GrantType::ALL.iter().map(|grant| grant.as_str()).collect(),
            response_types_supported: [],
            scopes_supported: ScopeWord::ALL.iter().map(|word| word.as_str()).collect(),
            revocation_endpoint: format!("{issuer}/oauth2/revoke"),
            revocation_endpoint_auth_methods_supported: of_client,
            introspection_endpoint: format!("{issuer}/oauth2/introspect"),
            introspection_endpoint_auth_methods_supported: [
                "client_secret_basic",
                "client_secret_post",
                "Bearer",
            ],
            service_documentation: format!("{origin}/openapi.json"),
            issuer,
        }
    }
}

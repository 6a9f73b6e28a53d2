//! What OAuth 2 has beside the log-in: tokens revoked and asked about, and the description of all that.

use crate::audit::{By, tell};
use crate::error::ApiError;
use crate::extractors::{FormBody, FromMembers, Members, Who, api};
use crate::introspection::Asker;
use crate::messages;
use crate::views::oauth::{Introspection, Metadata};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use sillage_auth::{IntrospectTokens, Secret};
use sillage_domain::AuditAction;
use utoipa::ToSchema;
use validator::Validate;

use super::token::oauth_failure;

/// A token, and who asks (RFC 7009 section 2.1, RFC 7662 section 2.1), as a form or as JSON.
#[derive(Debug, Validate, ToSchema)]
pub(crate) struct TokenQuestion {
    /// An access token or a refresh token.
    #[schema(required, value_type = String, format = Password)]
    token: Option<Secret>,
    /// `access_token` or `refresh_token`. The server sees by itself which it is.
    token_type_hint: Option<String>,
    /// The application. It may stand in a Basic header instead.
    #[schema(example = "sillage")]
    client_id: Option<String>,
    /// Of a confidential client.
    #[schema(value_type = Option<String>, format = Password)]
    client_secret: Option<Secret>,
}

impl FromMembers for TokenQuestion {
    fn from_members(members: &mut Members) -> Self {
        Self {
            token: members.text("token").map(Secret::new),
            token_type_hint: members.text("token_type_hint"),
            client_id: members.text("client_id"),
            client_secret: members.text("client_secret").map(Secret::new),
        }
    }
}

impl TokenQuestion {
    fn of(body: &FormBody) -> Result<Self, ApiError> {
        let asked: Self = body
            .0
            .valid_known()
            .map_err(|error| error.oauth("invalid_request"))?;
        // Only a hint (RFC 7009 section 2.1): a wrong or an unknown one changes nothing.
        let _ = &asked.token_type_hint;
        Ok(asked)
    }

    fn token(&self) -> Result<Secret, ApiError> {
        let token = self.token.clone();
        token.ok_or_else(|| {
            ApiError::from(messages::missing().at("/token")).oauth("invalid_request")
        })
    }
}

/// Revoke a token (RFC 7009). A refresh token ends the whole log-in; an access token ends all access tokens of its log-in, from which
/// others may be taken with the refresh token.
///
/// A token that is none, or no longer good, is answered with 200 too. Refused at once by this server, and within 5 seconds by every other.
#[utoipa::path(
    post, path = "/oauth2/revoke", tag = "log in", operation_id = "revokeToken", security(()),
    request_body(content((TokenQuestion = "application/x-www-form-urlencoded"), (TokenQuestion = "application/json"))),
    responses(
        (status = 200, description = "It is good for nothing any more"),
        (status = 400, description = "`invalid_request`, or `invalid_grant`: the token was given to another client", body = crate::views::error::OauthErrors),
        (status = 401, description = "`invalid_client`", body = crate::views::error::OauthErrors),
        (status = 429, description = "`slow_down`: too many secrets that were wrong. `Retry-After` says when to try again", body = crate::views::error::OauthErrors),
    )
)]
pub(crate) async fn revoke(request: HttpRequest, body: FormBody) -> Result<HttpResponse, ApiError> {
    let api = api(&request)?;
    let asked = TokenQuestion::of(&body)?;
    let token = asked.token()?;
    let client = api
        .client(
            &request,
            asked.client_id.as_deref(),
            asked.client_secret.as_ref(),
        )
        .await?;
    let by = By::Client(client.client.id.as_str().into(), client.client.study);
    let ended = api.revoke(client, token).await.map_err(oauth_failure)?;
    let mut response = HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish();
    // A text that was no token ended nothing, whoever sent it.
    if let Some(grant) = ended {
        tell(&mut response, |told| {
            told.action = Some(AuditAction::EndLogIns);
            told.account = grant.account;
            told.by = Some(by);
        });
    }
    Ok(response)
}

/// Ask whether a token is good, and what for (RFC 7662).
///
/// A client with a secret may ask about the tokens that it got and about those of its study's participants; an administrator, with an
/// access token, about every token. Whatever else is asked about is `{"active":false}`.
#[utoipa::path(
    post, path = "/oauth2/introspect", tag = "log in", operation_id = "introspectToken", security(("token" = []), ("client" = [])),
    request_body(content((TokenQuestion = "application/x-www-form-urlencoded"), (TokenQuestion = "application/json"))),
    responses(
        (status = 200, description = "What it is good for. `Cache-Control: no-store`", body = Introspection),
        (status = 400, description = "`invalid_request`", body = crate::views::error::OauthErrors),
        (status = 401, description = "`invalid_client`; `invalid_token`, with 401, 4011, 4012 or 4013, for an access token of the asker that is not good", body = crate::views::error::OauthErrors),
        (status = 403, description = "`insufficient_scope`: your role may not do this", body = crate::views::error::OauthErrors),
        (status = 429, description = "`slow_down`: too many secrets that were wrong. `Retry-After` says when to try again", body = crate::views::error::OauthErrors),
    )
)]
pub(crate) async fn introspect(
    request: HttpRequest,
    body: FormBody,
) -> Result<HttpResponse, ApiError> {
    let asker = if has_bearer(&request) {
        asker_by_token(&request).await.map_err(refused_bearer)?
    } else {
        let asked: TokenQuestion = body.0.known().map_err(|e| e.oauth("invalid_request"))?;
        let client = api(&request)?
            .client(
                &request,
                asked.client_id.as_deref(),
                asked.client_secret.as_ref(),
            )
            .await?;
        Asker::by_secret(client)?
    };
    let token = TokenQuestion::of(&body)?.token()?;
    let found = api(&request)?.introspect(asker, token).await;
    let found = found.map_err(oauth_failure)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Introspection::new(found.as_ref())))
}

/// What this server has of OAuth 2 (RFC 8414). With a base path, the path ends with it: `/.well-known/oauth-authorization-server/tsadk/api`.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", tag = "log in", operation_id = "readOauthMetadata", security(()),
    responses((status = 200, description = "The description", body = Metadata))
)]
pub(crate) async fn metadata(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let settings = api(&request)?.settings();
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .json(Metadata::new(&settings.public_url, &settings.base_path)))
}

async fn asker_by_token(request: &HttpRequest) -> Result<Asker, ApiError> {
    let who = Who::from_request(request, &mut Payload::None).await?;
    Asker::by_token(&who.may(IntrospectTokens)?, who.client_study())
}

/// The refusal of somebody with an access token, as RFC 7662 section 2.3 has it: in the words of RFC 6750 section 3.1.
fn refused_bearer(error: ApiError) -> ApiError {
    match error.status() {
        StatusCode::UNAUTHORIZED => error.oauth("invalid_token"),
        StatusCode::FORBIDDEN => error.oauth("insufficient_scope"),
        _ => oauth_failure(error),
    }
}

fn has_bearer(request: &HttpRequest) -> bool {
    let header = request.headers().get(AUTHORIZATION);
    let scheme = header
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(' ').next());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
}

//! Log in: from a username and password to an access token.

use crate::api::Api;
use crate::audit::{By, tell};
use crate::client_authentication::KnownClient;
use crate::error::ApiError;
use crate::extractors::{FormBody, FromMembers, Members, Who, api};
use crate::grants::{Issued, LogIn};
use crate::limits::Source;
use crate::messages;
use crate::views::token::{AccessToken, TsadkToken};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{Scope, Secret};
use sillage_domain::{Account, AuditAction, GrantType};
use utoipa::ToSchema;
use validator::Validate;

/// What log-ins are counted under that do not say by what.
const UNKNOWN: &str = "unknown";

/// A request for an access token (RFC 6749 sections 4.3.2 and 6), as a form or as JSON.
#[derive(Debug, Validate, ToSchema)]
pub(crate) struct TokenRequest {
    /// `password`, `refresh_token`, or, for a client itself, `client_credentials`.
    #[validate(required)]
    #[schema(required, example = "password")]
    grant_type: Option<String>,
    /// Of the account.
    username: Option<String>,
    /// Of the account.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
    /// For `refresh_token`: what came with the token before. Good once; the answer has another.
    #[schema(value_type = Option<String>, format = Password)]
    refresh_token: Option<Secret>,
    /// The application; `sillage` is a public one that is always there. It may stand in a Basic header instead.
    #[schema(example = "sillage")]
    client_id: Option<String>,
    /// Of a confidential client.
    #[schema(value_type = Option<String>, format = Password)]
    client_secret: Option<Secret>,
    /// What the token may be used for, at most: words between spaces. By default all that the account and the client may do.
    scope: Option<String>,
}

impl FromMembers for TokenRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            grant_type: members.text("grant_type"),
            username: members.text("username"),
            password: members.text("password").map(Secret::new),
            refresh_token: members.text("refresh_token").map(Secret::new),
            client_id: members.text("client_id"),
            client_secret: members.text("client_secret").map(Secret::new),
            scope: members.text("scope"),
        }
    }
}

/// Log in: a username and a password, or a refresh token, for an access token and a refresh token.
///
/// An unknown user and a wrong password are the same answer in the same time. A refresh token is good once. Where it is used again, two
/// have it, and the whole log-in ends; but within 60 seconds, while nobody has used its successor, the answer may have been lost, and
/// there is another one.
#[utoipa::path(
    post, path = "/oauth2/access_token", tag = "log in", operation_id = "createToken", security(()),
    request_body(content((TokenRequest = "application/x-www-form-urlencoded"), (TokenRequest = "application/json"))),
    responses(
        (status = 200, description = "The token. `Cache-Control: no-store`", body = AccessToken),
        (status = 400, description = "`invalid_request`, `invalid_grant`, `invalid_scope`, `unauthorized_client` or `unsupported_grant_type`", body = crate::views::error::OauthErrors),
        (status = 401, description = "`invalid_client`", body = crate::views::error::OauthErrors),
        (status = 429, description = "`slow_down`: too many log-ins, or too many that failed. `Retry-After` says when to try again", body = crate::views::error::OauthErrors),
    )
)]
pub(crate) async fn create(request: HttpRequest, body: FormBody) -> Result<HttpResponse, ApiError> {
    let api = api(&request)?;
    let mut grant = UNKNOWN;
    let answered = grant_token(api, &request, body, &mut grant).await;
    api.0.metrics.log_in(grant, &answered);
    answered
}

/// `named` becomes the grant that is asked for, once that is known.
async fn grant_token(
    api: &Api,
    request: &HttpRequest,
    body: FormBody,
    named: &mut &'static str,
) -> Result<HttpResponse, ApiError> {
    let asked: TokenRequest = body
        .0
        .valid_known()
        .map_err(|error| error.oauth("invalid_request"))?;
    let grant = grant_type(&asked)?;
    *named = grant.as_str();
    let client = api
        .client(
            request,
            asked.client_id.as_deref(),
            asked.client_secret.as_ref(),
        )
        .await?;
    client.may_use(grant)?;
    let issued = match grant {
        GrantType::Password => by_password(api, &client, &asked).await,
        // The log-in goes on that was recorded when it began.
        GrantType::RefreshToken => by_refresh_token(api, client, asked)
            .await
            .map(|it| (it, None)),
        GrantType::ClientCredentials => {
            let issued = api.act_for_itself(&client, asked.scope.as_deref()).await;
            let by = By::Client(client.client.id.as_str().into(), client.client.study);
            issued.map(|it| (it, Some(by))).map_err(oauth_failure)
        }
    };
    let (issued, by) = issued?;
    let mut answer = secret_answer().json(AccessToken::new(&issued));
    tell(&mut answer, |told| {
        told.action = by.is_some().then_some(AuditAction::LogIn);
        told.by = by;
    });
    Ok(answer)
}

async fn by_password(
    api: &Api,
    client: &KnownClient,
    asked: &TokenRequest,
) -> Result<(Issued, Option<By>), ApiError> {
    let account = api.log_in(asked, client.source).await?;
    let plays = account.enrolment.map(|enrolment| enrolment.study);
    let by = By::Account(account.subject, account.role, plays);
    client.admits(&account)?;
    let scope = client.scope(&account, asked.scope.as_deref())?;
    let log_in = LogIn::of(&account, Some(client.client.id.to_string()));
    let refreshes = client.client.may_use(GrantType::RefreshToken);
    let issued = api.begin_grant(log_in, scope, refreshes).await;
    issued.map(|it| (it, Some(by))).map_err(oauth_failure)
}

async fn by_refresh_token(
    api: &Api,
    client: KnownClient,
    asked: TokenRequest,
) -> Result<Issued, ApiError> {
    let presented = asked.refresh_token.ok_or_else(|| {
        ApiError::from(messages::missing().at("/refresh_token")).oauth("invalid_request")
    })?;
    let issued = api.renew(client, presented, asked.scope).await;
    issued.map_err(oauth_failure)
}

/// Log in the way that TSADK's client does: a token for HTTP Basic.
#[utoipa::path(
    get, path = "/v1/utils/token", tag = "log in", operation_id = "readToken", security(("password" = [])),
    responses((status = 200, description = "The token", body = TsadkToken))
)]
pub(crate) async fn for_basic(who: Who) -> Result<HttpResponse, ApiError> {
    if !who.identity.by_password {
        return Err(messages::wrong_password().into());
    }
    let log_in = LogIn {
        account: who.account(),
        subject: Some(who.subject()),
        client: None,
    };
    // It is for a game, which has no need of who somebody is.
    let scope = who.role().map_or_else(|| who.scope(), Scope::of_role);
    let issued = who.api.begin_grant(log_in, scope, false).await?;
    Ok(secret_answer().json(TsadkToken {
        token: issued.access.expose(),
    }))
}

fn secret_answer() -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"));
    answer
}

fn grant_type(asked: &TokenRequest) -> Result<GrantType, ApiError> {
    let word = asked.grant_type.as_deref().unwrap_or_default();
    GrantType::from_word(word).ok_or_else(unsupported)
}

fn unsupported() -> ApiError {
    let problem = messages::oauth(
        "grant_type must be `password`, `refresh_token` or `client_credentials`",
        "grant_type doit être `password`, `refresh_token` ou `client_credentials`",
    );
    ApiError::from(problem).oauth("unsupported_grant_type")
}

impl Api {
    async fn log_in(&self, asked: &TokenRequest, source: Source) -> Result<Account, ApiError> {
        let (Some(username), Some(password)) = (&asked.username, &asked.password) else {
            let given = [
                ("/username", asked.username.is_some()),
                ("/password", asked.password.is_some()),
            ];
            let missing = given.iter().filter(|(_, given)| !given);
            let problems = missing.map(|(place, _)| messages::missing().at(*place));
            let error = ApiError::several(StatusCode::BAD_REQUEST, problems.collect());
            return Err(error.oauth("invalid_request"));
        };
        let found = self
            .account_with_password(username, password.clone(), source)
            .await;
        found.map_err(|error| {
            if error.status() != StatusCode::UNAUTHORIZED {
                return oauth_failure(error);
            }
            let problem = messages::oauth(
                "wrong username or password",
                "nom d'utilisateur ou mot de passe incorrect",
            );
            let refused = ApiError::from(problem).oauth("invalid_grant");
            refused.marked(error.mark())
        })
    }
}

/// A failure of the server and a limit keep their status; RFC 6749 has no word for them on this endpoint, so that of section 4.1.2.1
/// is taken, and that of RFC 8628 section 3.5.
pub(crate) fn oauth_failure(error: ApiError) -> ApiError {
    if error.is_oauth() {
        return error;
    }
    match error.status() {
        StatusCode::TOO_MANY_REQUESTS => error.oauth("slow_down"),
        _ => error.oauth("temporarily_unavailable"),
    }
}

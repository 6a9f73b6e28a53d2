//! Registered clients: the applications that ask for tokens.

use crate::clients::{Found, list as find_all, register};
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, Members, Parameters, Who};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{etag_of, fresh, with_secret};
use crate::validation;
use crate::views::client::{ClientView, Registered};
use crate::views::error::Errors;
use crate::views::page::Page;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use sillage_auth::{ManageClients, Scope, ScopeWord};
use sillage_domain::{ClientChange, ClientType, GrantType, acts_for_itself};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// A client to be registered.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewClient)]
#[validate(schema(function = "fits_together", skip_on_field_errors = false))]
pub(crate) struct ClientRequest {
    /// For people.
    #[validate(
        required,
        length(min = 1, max = 200),
        custom(function = "validation::label")
    )]
    #[schema(required, value_type = shapes::Label)]
    pub(crate) name: Option<String>,
    /// Slug of the study that it is for: participants of another one cannot log in through it. Left out, it is for the whole platform, which
    /// only an administrator may register.
    #[validate(custom(function = "validation::slug"))]
    #[schema(value_type = Option<shapes::Slug>)]
    pub(crate) study: Option<String>,
    /// `confidential` if it can keep a secret, as a server can; `public` if it runs on players' devices.
    #[serde(rename = "type")]
    #[schema(required, value_type = shapes::ClientType, example = "confidential")]
    pub(crate) kind: Option<String>,
    /// The ways to a token that it may use: `password`, `refresh_token`, and for a confidential client of a study `client_credentials`.
    #[validate(required, custom(function = "validation::grants"))]
    #[schema(required, value_type = Vec<shapes::GrantType>, min_items = 1)]
    grants: Option<Vec<String>>,
    /// The widest that it may ask for: words between spaces. Default `all`.
    #[validate(custom(function = "validation::scope"))]
    #[schema(value_type = Option<shapes::Scope>)]
    scope: Option<String>,
}

impl FromMembers for ClientRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            name: members.text("name"),
            study: members.text("study"),
            kind: members.text("type"),
            grants: members.texts("grants"),
            scope: members.text("scope"),
        }
    }
}

/// The type is one, and only a client that has both a secret and a study acts for itself.
fn fits_together(request: &ClientRequest) -> Result<(), ValidationError> {
    validation::client_type(request.kind.as_deref())?;
    let for_itself = request.grants().contains(&GrantType::ClientCredentials);
    if for_itself && !acts_for_itself(request.kind(), request.study.is_some()) {
        return Err(validation::failed_at(
            "grants",
            &messages::client_credentials_need_secret_and_study(),
        ));
    }
    Ok(())
}

impl ClientRequest {
    pub(crate) fn kind(&self) -> ClientType {
        let kind = self.kind.as_deref().and_then(ClientType::from_word);
        kind.unwrap_or(ClientType::Public)
    }

    pub(crate) fn grants(&self) -> Vec<GrantType> {
        grants(self.grants.as_deref().unwrap_or_default())
    }

    pub(crate) fn scope(&self) -> Result<String, ApiError> {
        match &self.scope {
            Some(text) => scope(text),
            None => Ok(Scope::of(ScopeWord::All).to_string()),
        }
    }
}

/// A change of a client: what is left out stays. Its `type` and its `study` cannot be changed.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = ClientChange)]
pub(crate) struct ClientPatch {
    /// For people.
    #[validate(length(min = 1, max = 200), custom(function = "validation::label"))]
    #[schema(value_type = Option<shapes::Label>)]
    name: Option<String>,
    /// As it is.
    #[schema(value_type = Option<shapes::Slug>)]
    study: Option<String>,
    /// As it is.
    #[serde(rename = "type")]
    #[schema(value_type = Option<shapes::ClientType>)]
    kind: Option<String>,
    /// The ways to a token that it may use.
    #[validate(custom(function = "validation::grants"))]
    #[schema(value_type = Option<Vec<shapes::GrantType>>, min_items = 1)]
    grants: Option<Vec<String>>,
    /// The widest that it may ask for. What tokens hold beyond it they lose.
    #[validate(custom(function = "validation::scope"))]
    #[schema(value_type = Option<shapes::Scope>)]
    scope: Option<String>,
    /// Whether it may ask for tokens. What it got for itself ends for good when it is deactivated; what people got through it is good again
    /// once it is active again.
    active: Option<bool>,
}

impl FromMembers for ClientPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            name: members.text("name"),
            study: members.text("study"),
            kind: members.text("type"),
            grants: members.texts("grants"),
            scope: members.text("scope"),
            active: members.flag("active"),
        }
    }
}

impl ClientPatch {
    /// The change of that client, if it can be made.
    pub(crate) fn change(self, to: &Registered) -> Result<ClientChange, ApiError> {
        let client = &to.client;
        let study = to.study.as_ref().map(|slug| slug.as_str());
        let mut problems = Vec::new();
        if self.kind.is_some_and(|kind| kind != client.kind().as_str()) {
            problems.push(messages::cannot_be_changed().at("/type"));
        }
        if self.study.is_some() && self.study.as_deref() != study {
            problems.push(messages::cannot_be_changed().at("/study"));
        }
        let grants = self.grants.as_deref().map(grants);
        let for_itself = |all: &Vec<GrantType>| all.contains(&GrantType::ClientCredentials);
        let able = acts_for_itself(client.kind(), client.study.is_some());
        if grants.as_ref().is_some_and(for_itself) && !able {
            problems.push(messages::client_credentials_need_secret_and_study().at("/grants"));
        }
        if !problems.is_empty() {
            return Err(ApiError::several(
                StatusCode::UNPROCESSABLE_ENTITY,
                problems,
            ));
        }
        Ok(ClientChange {
            name: self.name,
            grants,
            scope: self.scope.as_deref().map(scope).transpose()?,
            secret_hash: None,
            active: self.active,
        })
    }
}

fn grants(words: &[String]) -> Vec<GrantType> {
    words
        .iter()
        .filter_map(|w| GrantType::from_word(w))
        .collect()
}

/// A scope as all write it.
fn scope(text: &str) -> Result<String, ApiError> {
    let scope: Scope = text.parse().map_err(ApiError::internal)?;
    Ok(scope.to_string())
}

/// The clients that you may see, in order of names.
#[utoipa::path(
    get, path = "/v1/clients", tag = "clients", operation_id = "listClients",
    params(
        crate::openapi::Pages,
        ("search" = Option<String>, Query, description = "A part of the name or of the id"),
        ("study" = Option<shapes::Slug>, Query, description = "Only those of the study of that slug"),
    ),
    responses((status = 200, description = "A page of them", body = Vec<ClientView>))
)]
pub(crate) async fn list(
    who: Who,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    asked.only(&["page", "page_size", "search", "study"])?;
    let page = Page::of(&asked)?;
    let found = find_all(
        &who,
        asked.text("search"),
        asked.text("study"),
        page.request,
    )
    .await?;
    page.answer(&asked, &conditions, &found, |client| {
        ClientView::new(&asked.here, client)
    })
}

/// Register a client. The secret of a confidential one is shown this once.
#[utoipa::path(
    post, path = "/v1/clients", tag = "clients", operation_id = "createClient", request_body = ClientRequest,
    responses(
        (
            status = 201, description = "It is registered. `Cache-Control: no-store`", body = ClientView,
            headers(("Location" = String, description = "Its URL")),
        ),
        (status = 404, description = "There is no such study, or it is not yours to see", body = Errors),
    )
)]
pub(crate) async fn create(who: Who, here: Here, body: Body) -> Result<HttpResponse, ApiError> {
    who.may_across(ManageClients)?;
    let (registered, secret) = register(&who, body.valid()?).await?;
    let view = ClientView::new(&here, &registered).with_secret(secret.as_ref());
    with_secret(view.uri(), &view)
}

/// One client. Never its secret.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}", tag = "clients", operation_id = "readClient",
    params(("client_id" = String, Path, description = "Of the client")),
    responses((status = 200, description = "The client", body = ClientView))
)]
pub(crate) async fn read(
    who: Who,
    here: Here,
    path: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let found = Found::find(who, &path).await?;
    fresh(&conditions, &ClientView::new(&here, &found.registered), &[])
}

/// Change a client, activate or deactivate it. PUT does the same.
#[utoipa::path(
    patch, path = "/v1/clients/{client_id}", tag = "clients", operation_id = "changeClient", request_body = ClientPatch,
    params(
        ("client_id" = String, Path, description = "Of the client"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the client as you have seen it"),
    ),
    responses(
        (status = 200, description = "The client as it is now", body = ClientView),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn change(
    who: Who,
    here: Here,
    path: web::Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let found = Found::find(who, &path).await?;
    found.may_manage()?;
    let seen = conditions.hold_for(&etag_of(&ClientView::new(&here, &found.registered))?)?;
    let changed = found.change(body.valid()?, seen).await?;
    fresh(
        &Conditions::default(),
        &ClientView::new(&here, &changed),
        &[],
    )
}

/// Delete a client: all tokens that were got through it end. The client `sillage`, which is always there, can only be deactivated.
#[utoipa::path(
    delete, path = "/v1/clients/{client_id}", tag = "clients", operation_id = "deleteClient",
    params(
        ("client_id" = String, Path, description = "Of the client"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the client as you have seen it"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn delete(
    who: Who,
    here: Here,
    path: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let found = Found::find(who, &path).await?;
    found.may_manage()?;
    let seen = conditions.hold_for(&etag_of(&ClientView::new(&here, &found.registered))?)?;
    found.remove(seen).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a confidential client a new secret, shown this once. The old one is good no longer, nor are the tokens that the client got for
/// itself.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/secret", tag = "clients", operation_id = "createClientSecret",
    params(
        ("client_id" = String, Path, description = "Of the client"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the client as you have seen it"),
    ),
    responses(
        (
            status = 201, description = "The client with its new secret. `Cache-Control: no-store`", body = ClientView,
            headers(("Location" = String, description = "URL of the client")),
        ),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn renew_secret(
    who: Who,
    here: Here,
    path: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let found = Found::find(who, &path).await?;
    found.may_manage()?;
    let seen = conditions.hold_for(&etag_of(&ClientView::new(&here, &found.registered))?)?;
    let (registered, secret) = found.renew_secret(seen).await?;
    let view = ClientView::new(&here, &registered).with_secret(Some(&secret));
    with_secret(view.uri(), &view)
}

//! Whether the server lives, and whether it can take entries.

use crate::error::ApiError;
use crate::extractors::api;
use crate::messages;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use sillage_domain::StoreError;
use utoipa::ToSchema;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}

fn health(status: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Health { status })
}

/// Whether the process answers.
#[utoipa::path(
    get, path = "/health/live", tag = "health", operation_id = "isLive", security(()),
    responses((status = 200, description = "It does", body = Health))
)]
pub(crate) async fn live() -> HttpResponse {
    health("live")
}

/// Whether entries would be taken now.
#[utoipa::path(
    get, path = "/health/ready", tag = "health", operation_id = "isReady", security(()),
    responses((status = 200, description = "They would", body = Health))
)]
pub(crate) async fn ready(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let api = api(&request)?;
    let ping = api.off(|inner| Ok(inner.ports.logs.ping()?));
    match tokio::time::timeout(api.settings().submit_timeout, ping).await {
        Ok(answered) => answered?,
        Err(late) => return Err(StoreError::Away(Box::new(late)).into()),
    }
    if !api.0.ports.writer.has_room() {
        return Err(messages::overloaded().into());
    }
    Ok(health("ready"))
}

//! The description of the API, and a page that shows it.

use crate::error::ApiError;
use crate::extractors::api;
use crate::openapi::document;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};

/// This description (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/openapi.json", tag = "health", operation_id = "readDescription", security(()),
    responses((status = 200, description = "The description", body = Object))
)]
pub(crate) async fn openapi(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let settings = api(&request)?.settings();
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .json(document(settings)))
}

#[cfg(feature = "docs")]
pub(crate) use page::{file, page};

#[cfg(feature = "docs")]
mod page {
    use crate::error::ApiError;
    use crate::messages;
    use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, LOCATION};
    use actix_web::{HttpResponse, web};
    use std::sync::Arc;
    use utoipa_swagger_ui::{Config, serve};

    /// Nothing is loaded from elsewhere, whatever a page says.
    const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

    pub(crate) async fn page() -> HttpResponse {
        HttpResponse::Found()
            .insert_header((LOCATION, "docs/index.html"))
            .finish()
    }

    pub(crate) async fn file(name: web::Path<String>) -> Result<HttpResponse, ApiError> {
        let config = Config::new(["../openapi.json"])
            .validator_url("none")
            .try_it_out_enabled(true);
        let file = serve(&name, Arc::new(config))
            .map_err(|error| ApiError::internal(error.to_string()))?;
        let file = file.ok_or_else(messages::no_such_path)?;
        let mut response = HttpResponse::Ok();
        if file.gzpipped {
            response.insert_header((CONTENT_ENCODING, "gzip"));
        }
        response.insert_header((CONTENT_SECURITY_POLICY, POLICY));
        Ok(response
            .content_type(file.content_type)
            .body(file.bytes.into_owned()))
    }
}

//! The description of the API, and a page that shows it.

use crate::error::ApiError;
use crate::extractors::{Here, api};
use crate::openapi::document;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::Server;

/// This description (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/openapi.json", tag = "health", operation_id = "readDescription", security(()),
    responses((status = 200, description = "The description", body = Object))
)]
pub(crate) async fn openapi(request: HttpRequest, here: Here) -> Result<HttpResponse, ApiError> {
    let mut description = document(api(&request)?.settings());
    // Paths are told from where the API is mounted, which only a request knows.
    description.servers = Some(vec![Server::new(here.root())]);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .json(description))
}

#[cfg(feature = "docs")]
pub(crate) use page::{file, page};

#[cfg(feature = "docs")]
mod page {
    use crate::error::ApiError;
    use crate::extractors::api;
    use crate::messages;
    use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, LOCATION};
    use actix_web::{HttpRequest, HttpResponse, web};
    use std::sync::Arc;
    use utoipa_swagger_ui::{Config, serve};

    /// Nothing is loaded from elsewhere, whatever a page says. It may call the API under the name that the settings give it.
    fn policy(public_url: &str) -> String {
        format!(
            "default-src 'self'; connect-src 'self' {public_url}; img-src 'self' data:; \
             style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    }

    pub(crate) async fn page() -> HttpResponse {
        HttpResponse::Found()
            .insert_header((LOCATION, "docs/index.html"))
            .finish()
    }

    pub(crate) async fn file(
        request: HttpRequest,
        name: web::Path<String>,
    ) -> Result<HttpResponse, ApiError> {
        let policy = policy(&api(&request)?.settings().public_url);
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
        response.insert_header((CONTENT_SECURITY_POLICY, policy));
        Ok(response
            .content_type(file.content_type)
            .body(file.bytes.into_owned()))
    }
}

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
    use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY};
    use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
    use std::sync::Arc;
    use utoipa_swagger_ui::{Config, SwaggerFile, serve};

    /// Nothing is loaded from elsewhere, whatever a page says. It may call the API under the name that the settings give it.
    fn policy(public_url: &str) -> String {
        format!(
            "default-src 'self'; connect-src 'self' {public_url}; img-src 'self' data:; \
             style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    }

    /// What starts the page, where it is shown at `/docs` itself.
    const START: &str = "start.js";

    /// The page.
    pub(crate) async fn page(request: HttpRequest) -> Result<HttpResponse, ApiError> {
        let page = found("index.html", "openapi.json")?;
        let text = String::from_utf8(page.bytes.into_owned()).map_err(ApiError::internal)?;
        // Its files are below its own address here.
        let text = ["src", "href"].iter().fold(text, |text, attribute| {
            let (here, below) = (format!("{attribute}=\""), format!("{attribute}=\"docs/"));
            text.replace(&format!("{here}./"), &here)
                .replace(&here, &below)
        });
        let text = text.replace("swagger-initializer.js", START);
        Ok(answer(&request)?.content_type(page.content_type).body(text))
    }

    pub(crate) async fn file(
        request: HttpRequest,
        name: web::Path<String>,
    ) -> Result<HttpResponse, ApiError> {
        let file = match name.as_str() {
            START => found("swagger-initializer.js", "openapi.json"),
            name => found(name, "../openapi.json"),
        }?;
        let mut response = answer(&request)?;
        if file.gzpipped {
            response.insert_header((CONTENT_ENCODING, "gzip"));
        }
        Ok(response
            .content_type(file.content_type)
            .body(file.bytes.into_owned()))
    }

    /// A file of the page, which finds the description there.
    fn found<'a>(name: &str, description: &'a str) -> Result<SwaggerFile<'a>, ApiError> {
        let config = Config::new([description])
            .validator_url("none")
            .try_it_out_enabled(true);
        let file =
            serve(name, Arc::new(config)).map_err(|error| ApiError::internal(error.to_string()))?;
        file.ok_or_else(|| messages::no_such_path().into())
    }

    fn answer(request: &HttpRequest) -> Result<HttpResponseBuilder, ApiError> {
        let policy = policy(&api(request)?.settings().public_url);
        let mut response = HttpResponse::Ok();
        response.insert_header((CONTENT_SECURITY_POLICY, policy));
        Ok(response)
    }
}

//! What the server counts, for Prometheus.

use crate::api::Api;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All of it.
pub(crate) async fn read(api: web::Data<Api>) -> HttpResponse {
    match api.metrics().await {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, TEXT))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

//! Answers that are not errors.

use crate::error::ApiError;
use crate::extractors::Conditions;
use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, HttpDate, LINK, LOCATION,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sillage_domain::Timestamp;
use std::time::{Duration, UNIX_EPOCH};

/// As much as most answers take, in bytes.
const USUAL: usize = 512;

/// An entity tag (RFC 9110 section 8.8.3): a hash of whatever the answer depends on.
pub(crate) fn etag(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hex: String = hash
        .finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

pub(crate) fn json_bytes(view: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut bytes, view).map_err(ApiError::internal)?;
    Ok(bytes)
}

/// `Content-Type: application/json`.
fn json() -> (HeaderName, HeaderValue) {
    (CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

/// The tag of a thing that is small enough to be written first.
pub(crate) fn etag_of(view: &impl Serialize) -> Result<String, ApiError> {
    Ok(etag(&[&json_bytes(view)?]))
}

/// 200 with an ETag, or 304 if the client has it already. `headers` go with both.
pub(crate) fn fresh(
    conditions: &Conditions,
    view: &impl Serialize,
    headers: &[(&'static str, String)],
) -> Result<HttpResponse, ApiError> {
    let body = json_bytes(view)?;
    let tag = etag(&[&body]);
    if conditions.has(&tag) {
        return Ok(not_modified(&tag));
    }
    let mut response = HttpResponse::Ok();
    for (name, value) in headers {
        response.append_header((*name, value.as_str()));
    }
    Ok(response
        .insert_header((ETAG, tag))
        .insert_header(private())
        .insert_header(json())
        .body(body))
}

/// When a thing was changed last, to the second, as an IMF-fixdate (RFC 9110 section 5.6.7).
pub(crate) fn last_modified(at: Timestamp) -> (&'static str, String) {
    let since = Duration::from_micros(u64::try_from(at.micros()).unwrap_or(0));
    let time = HttpDate::from(UNIX_EPOCH + since);
    ("Last-Modified", time.to_string())
}

/// 200 with a part of a list whose tag is known already.
pub(crate) fn list(
    tag: &str,
    view: &impl Serialize,
    total: Option<u64>,
    links: &str,
) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((ETAG, tag))
        .insert_header(private())
        .insert_header(json());
    if let Some(total) = total {
        response.insert_header(("X-Total-Count", total.to_string()));
    }
    if !links.is_empty() {
        response.insert_header((LINK, links));
    }
    Ok(response.body(json_bytes(view)?))
}

/// 304.
pub(crate) fn not_modified(tag: &str) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((ETAG, tag))
        .insert_header(private())
        .finish()
}

/// What is one caller's may be kept by that caller only, and is asked for again each time.
pub(crate) fn private() -> (HeaderName, &'static str) {
    (CACHE_CONTROL, "private, no-cache")
}

/// 200.
pub(crate) fn ok(view: &impl Serialize) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok()
        .insert_header(json())
        .body(json_bytes(view)?))
}

/// 201 of a thing that shows a secret this once.
pub(crate) fn with_secret(location: &str, view: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let mut response = created(location, view)?;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    Ok(response)
}

/// 201 of a thing that has that URL.
pub(crate) fn created(
    location: impl Into<String>,
    view: &impl Serialize,
) -> Result<HttpResponse, ApiError> {
    let location = HeaderValue::try_from(location.into()).map_err(ApiError::internal)?;
    let mut response = HttpResponse::Created();
    Ok(response
        .insert_header((LOCATION, location))
        .insert_header(json())
        .body(json_bytes(view)?))
}

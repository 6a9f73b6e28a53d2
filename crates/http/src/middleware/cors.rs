//! Cross-origin requests of browsers (the Fetch standard, section 3.2).

use crate::api::Api;
use actix_web::HttpResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};

const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Content-Encoding, If-Match, If-None-Match, Prefer, X-Data-Format, X-Request-Id";
const EXPOSED_HEADERS: &str = "ETag, Link, Location, Retry-After, X-Total-Count, RateLimit, RateLimit-Policy, X-Request-Id, Preference-Applied, Content-Disposition, Content-Language, X-Notice-Version";
/// Seconds that a browser may remember what a path allows: ten minutes, the most that all of them honour.
const MAX_AGE: &str = "600";

/// Whether the page that asks may read the answer.
#[derive(Debug)]
pub(crate) enum Origin {
    /// Every page may: no cookie is read, so there is nothing that a page could borrow.
    Any,
    /// This one is listed.
    Listed(HeaderValue),
    /// Some are listed, and it is not among them, or there is none.
    Other,
}

impl Origin {
    pub(crate) fn of(api: &Api, headers: &HeaderMap) -> Self {
        let listed = &api.settings().cors_origins;
        if listed.is_empty() {
            return Self::Any;
        }
        match headers.get(ORIGIN) {
            Some(origin)
                if listed
                    .iter()
                    .any(|known| known.as_bytes() == origin.as_bytes()) =>
            {
                Self::Listed(origin.clone())
            }
            _ => Self::Other,
        }
    }

    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        match self {
            Self::Any => headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
            Self::Listed(origin) => {
                headers.append(VARY, HeaderValue::from_static("Origin"));
                headers.insert(
                    ACCESS_CONTROL_ALLOW_CREDENTIALS,
                    HeaderValue::from_static("true"),
                );
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone())
            }
            Self::Other => {
                headers.append(VARY, HeaderValue::from_static("Origin"));
                return;
            }
        };
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED_HEADERS),
        );
    }
}

/// The answer to OPTIONS: what the path knows, for browsers and for people.
pub(crate) fn preflight(allow: &str) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ALLOW, allow))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, allow))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}

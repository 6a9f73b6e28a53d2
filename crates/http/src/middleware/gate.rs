//! What every request to `/v1` must have, and what its answer depends on.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, USER_AGENT, VARY};

/// Whether the request has a User-Agent, or only asks what there is.
pub(super) fn is_let_in(request: &ServiceRequest) -> bool {
    let names_itself = || {
        let name = request.headers().get(USER_AGENT);
        name.is_some_and(|name| !name.as_bytes().trim_ascii().is_empty())
    };
    request.method() == Method::OPTIONS || names_itself()
}

/// Says what the answer depends on.
pub(super) fn mark(headers: &mut HeaderMap) {
    let vary = HeaderValue::from_static("Authorization, Accept, Accept-Language, X-Data-Format");
    // First what holds for all of them, then what a path adds.
    let own = headers.insert(VARY, vary);
    for value in own {
        headers.append(VARY, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        // Refused before it came to a path of the table.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

//! What every request to `/v1` must have.

use super::refuse;
use crate::messages;
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, USER_AGENT, VARY};
use actix_web::middleware::Next;

/// Refuses a request without User-Agent, and says what answers depend on.
pub(crate) async fn gate(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let named = request
        .headers()
        .get(USER_AGENT)
        .is_some_and(|name| !name.as_bytes().trim_ascii().is_empty());
    let mut response = if named || request.method() == Method::OPTIONS {
        next.call(request).await?
    } else {
        refuse(request, messages::user_agent_missing())
    };
    let vary = HeaderValue::from_static("Authorization, Accept, Accept-Language, X-Data-Format");
    let headers = response.headers_mut();
    // First what holds for all of them, then what a path adds.
    let own: Vec<_> = headers.remove(VARY).collect();
    headers.append(VARY, vary);
    for value in own {
        headers.append(VARY, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        // Refused before it came to a path of the table.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

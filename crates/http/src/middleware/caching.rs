//! What may be kept of an answer, and by whom (RFC 9111); and a tag where the controller knows none.

use crate::extractors::Conditions;
use crate::response::{etag, private};
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, HttpDate,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use actix_web::http::{Method, StatusCode};
use std::time::SystemTime;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The paths whose answers tell who somebody is, or a secret: nothing of them is to lie in the cache of a shared computer.
const PERSONAL: [&str; 11] = [
    "/me",
    "/users",
    "/clients",
    "/participants",
    "/members",
    "/audit",
    "/live",
    "/consents",
    "/reidentifications",
    "/requests",
    "/disputes",
];

/// The answer with a tag of its bytes if it has none, or 304 if the client has those bytes already.
pub(super) fn revalidated(
    response: ServiceResponse<BoxBody>,
    conditions: &Conditions,
    path: &str,
) -> ServiceResponse<BoxBody> {
    if !is_read(&response) || response.status() != StatusCode::OK {
        return response;
    }
    if unmodified(&response) {
        return unchanged(response);
    }
    if response.headers().contains_key(ETAG)
        || response.headers().get(CACHE_CONTROL) == Some(&NO_STORE) && !path.starts_with("/v1/")
    {
        return response;
    }
    let (request, response) = response.into_parts();
    let (mut head, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        // A stream: its controller has to say what it is.
        Err(body) => return ServiceResponse::new(request, head.set_body(body)),
    };
    let tag = etag(&[&body]);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        head.headers_mut().insert(ETAG, value);
    }
    if !conditions.has(&tag) {
        return ServiceResponse::new(request, head.set_body(BoxBody::new(body)));
    }
    unchanged(ServiceResponse::new(
        request,
        head.set_body(BoxBody::new(())),
    ))
}

/// Whether the client asks by date only, and has what was there at that date (RFC 9110 section 13.1.3). The date may have any of
/// the three forms of section 5.6.7; what is none of them says nothing.
fn unmodified(response: &ServiceResponse<BoxBody>) -> bool {
    let asked = response.request().headers();
    let date = |headers: &HeaderMap, name| -> Option<SystemTime> {
        let text = headers.get(name)?.to_str().ok()?;
        text.parse::<HttpDate>().ok().map(SystemTime::from)
    };
    let known = date(asked, IF_MODIFIED_SINCE).filter(|_| !asked.contains_key(IF_NONE_MATCH));
    match (known, date(response.headers(), LAST_MODIFIED)) {
        (Some(known), Some(changed)) => changed <= known,
        _ => false,
    }
}

/// 304 with what the headers of the answer say of the thing itself.
fn unchanged(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (request, whole) = response.into_parts();
    let mut answer = HttpResponse::NotModified().finish();
    for (name, value) in whole.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, answer)
}

/// Who may keep what is read at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Nobody.
    Nobody,
    /// The one who asked.
    Own,
    /// Everybody.
    All,
}

impl Keeping {
    /// Of the answers at a path of the table.
    pub(crate) fn at(path: &str) -> Self {
        if !path.starts_with("/v1/") && !path.starts_with("/oauth2/") {
            Self::All
        } else if is_personal(path) {
            Self::Nobody
        } else {
            Self::Own
        }
    }
}

/// Says what may be kept, where the controller did not; what is personal is not kept, whatever it said.
pub(super) fn mark(response: &mut ServiceResponse<BoxBody>, keeping: Keeping) {
    let read = is_read(response) && response.status().as_u16() < 400;
    let headers = response.headers_mut();
    if keeping == Keeping::Nobody {
        headers.insert(CACHE_CONTROL, NO_STORE);
    } else if !headers.contains_key(CACHE_CONTROL) {
        let (name, value) = match (keeping, read) {
            (Keeping::Own, true) => private(),
            (Keeping::All, true) => (CACHE_CONTROL, "no-cache"),
            _ => (CACHE_CONTROL, "no-store"),
        };
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn is_personal(path: &str) -> bool {
    let below = path.split_once("/v1").map_or("", |(_, below)| below);
    path.starts_with("/oauth2/")
        || path == "/v1/utils/token"
        || below
            .match_indices('/')
            .any(|(at, _)| PERSONAL.iter().any(|name| is_segment(&below[at..], name)))
}

/// Whether a path begins with that segment, slash included, and not with a longer one.
fn is_segment(path: &str, name: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_read(response: &ServiceResponse<BoxBody>) -> bool {
    matches!(*response.request().method(), Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests {
    use super::is_personal;
    use rstest::rstest;

    #[rstest]
    #[case("/v1/me", true)]
    #[case("/v1/me/grants/{id}", true)]
    #[case("/v1/users/{id}", true)]
    #[case("/v1/studies/{study}/participants", true)]
    #[case("/v1/studies/{study}/participants/{username}", true)]
    #[case("/v1/clients/{client_id}/secret", true)]
    #[case("/v1/utils/token", true)]
    #[case("/oauth2/access_token", true)]
    #[case("/v1/studies/{study}/consents", true)]
    #[case("/v1/studies/{study}/notice", false)]
    #[case("/v1/logs", false)]
    #[case("/v1/studies/{study}", false)]
    #[case("/v1/studies/{study}/export", false)]
    #[case("/v1/meters", false)]
    fn what_names_somebody_is_not_kept(#[case] path: &str, #[case] personal: bool) {
        assert_eq!(is_personal(path), personal);
    }
}

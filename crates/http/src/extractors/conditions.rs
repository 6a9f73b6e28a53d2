//! Conditional requests (RFC 9110 section 13).

use crate::error::ApiError;
use crate::messages;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// `If-None-Match` and `If-Match`, if they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    none_match: Option<String>,
    matches: Option<String>,
}

impl Conditions {
    /// Whether the client has what has this ETag (weak comparison: nothing is said about bytes).
    pub(crate) fn has(&self, etag: &str) -> bool {
        let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag) == etag;
        self.none_match
            .as_deref()
            .is_some_and(|list| tags(list).any(|tag| tag == "*" || weak(tag)))
    }

    /// Refuses a change of what is no longer what the client has seen. Gives whether a condition was made.
    pub(crate) fn hold_for(&self, etag: &str) -> Result<bool, ApiError> {
        match &self.matches {
            None => Ok(false),
            Some(list) if tags(list).any(|tag| tag == "*" || tag == etag) => Ok(true),
            Some(_) => Err(messages::stale().into()),
        }
    }
}

/// The tags of a list; a comma within quotes is a part of a tag, but no tag of ours has one.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

impl FromRequest for Conditions {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let headers = request.headers();
        ready(Ok(Self {
            none_match: joined(headers, &IF_NONE_MATCH),
            matches: joined(headers, &IF_MATCH),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_is_searched() {
        let conditions = Conditions {
            none_match: Some("\"a\", W/\"b\"".to_owned()),
            matches: Some("\"c\"".to_owned()),
        };
        assert!(conditions.has("\"a\"") && conditions.has("\"b\"") && !conditions.has("\"c\""));
        assert!(conditions.hold_for("\"c\"").unwrap());
        assert!(conditions.hold_for("\"a\"").is_err());
        assert!(!Conditions::default().hold_for("\"a\"").unwrap());
    }
}

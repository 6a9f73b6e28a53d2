//! Conditional requests (RFC 9110 section 13).

use crate::error::ApiError;
use crate::messages;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// What the tag of a compressed form ends with.
const GZIPPED: &str = "-gzip";

/// `If-None-Match` and `If-Match`, if they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    none_match: Option<String>,
    matches: Option<String>,
}

impl Conditions {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self {
            none_match: joined(headers, &IF_NONE_MATCH),
            matches: joined(headers, &IF_MATCH),
        }
    }

    /// Whether the client has what has this ETag (weak comparison: nothing is said about bytes).
    pub(crate) fn has(&self, etag: &str) -> bool {
        let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag) == etag;
        self.none_match
            .as_deref()
            .is_some_and(|list| tags(list).any(|tag| tag == "*" || weak(tag)))
    }

    /// Whether either was sent.
    pub(crate) fn are_any(&self) -> bool {
        self.none_match.is_some() || self.matches.is_some()
    }

    /// Refuses a change of what is no longer what the client has seen, or of what it believes not to be there. Gives whether
    /// `If-Match` was sent.
    pub(crate) fn hold_for(&self, etag: &str) -> Result<bool, ApiError> {
        self.hold_for_any(&[etag])
    }

    /// The same for a thing that has one of these tags in each of its forms, or that is not there if there are none.
    pub(crate) fn hold_for_any(&self, etags: &[impl AsRef<str>]) -> Result<bool, ApiError> {
        let known = |tag: &str| etags.iter().any(|etag| etag.as_ref() == tag);
        if etags.iter().any(|etag| self.has(etag.as_ref())) {
            // For other methods than GET and HEAD (RFC 9110 section 13.1.2).
            return Err(messages::stale().into());
        }
        match &self.matches {
            None => Ok(false),
            Some(list) if tags(list).any(|tag| tag == "*" && !etags.is_empty() || known(tag)) => {
                Ok(true)
            }
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
        // What cannot be read matches nothing, but it was a condition.
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    (!values.is_empty()).then(|| identity_tags(&values.join(",")))
}

/// Tags of compressed forms as those of the thing itself.
fn identity_tags(list: &str) -> String {
    list.replace(&format!("{GZIPPED}\""), "\"")
}

/// The tag of the gzip form of what has this tag: other bytes, so another tag (RFC 9110 section 8.8.3.3).
pub(crate) fn gzipped_tag(etag: &str) -> String {
    match etag.strip_suffix('"') {
        Some(open) => format!("{open}{GZIPPED}\""),
        None => etag.to_owned(),
    }
}

impl FromRequest for Conditions {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.headers())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

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

    fn sent(name: HeaderName, values: &[&'static str]) -> Conditions {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        Conditions::of(&headers)
    }

    #[rstest]
    #[case(&["\"a\""], true)]
    #[case(&["W/\"a\""], true)]
    #[case(&["\"b\" ,W/\"a\""], true)]
    #[case(&["\"b\"", "\"a\""], true)]
    #[case(&["\"a-gzip\""], true)]
    #[case(&["*"], true)]
    #[case(&["\"b\""], false)]
    #[case(&["a"], false)]
    #[case(&["\"A\""], false)]
    #[case(&[], false)]
    fn what_the_client_has_is_compared_weakly(#[case] values: &[&'static str], #[case] has: bool) {
        assert_eq!(sent(IF_NONE_MATCH, values).has("\"a\""), has);
    }

    #[rstest]
    #[case(&["\"a\""], Some(true))]
    #[case(&["\"b\", \"a\""], Some(true))]
    #[case(&["\"a-gzip\""], Some(true))]
    #[case(&["*"], Some(true))]
    #[case(&["W/\"a\""], None)]
    #[case(&["\"b\""], None)]
    #[case(&[""], None)]
    #[case(&[], Some(false))]
    fn a_change_is_of_what_was_seen_compared_strongly(
        #[case] values: &[&'static str],
        #[case] held: Option<bool>,
    ) {
        assert_eq!(sent(IF_MATCH, values).hold_for("\"a\"").ok(), held);
    }

    #[test]
    fn what_is_not_there_has_no_tag_and_what_has_several_has_any() {
        let none: [&str; 0] = [];
        assert!(sent(IF_MATCH, &["*"]).hold_for_any(&none).is_err());
        assert!(sent(IF_NONE_MATCH, &["*"]).hold_for_any(&none).is_ok());
        let forms = ["\"a\"", "\"b\""];
        assert!(sent(IF_MATCH, &["\"b\""]).hold_for_any(&forms).unwrap());
        assert!(
            sent(IF_NONE_MATCH, &["\"b\""])
                .hold_for_any(&forms)
                .is_err()
        );
    }

    #[test]
    fn what_should_not_be_there_yet_is_not_changed() {
        assert!(sent(IF_NONE_MATCH, &["*"]).hold_for("\"a\"").is_err());
        assert!(sent(IF_NONE_MATCH, &["\"b\""]).hold_for("\"a\"").is_ok());
    }
}

//! What the client would rather have (RFC 7240).

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Whether `Prefer: handling=strict` was sent: refuse what does not fit, rather than keep it in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Strict(pub(crate) bool);

impl Strict {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers
            .get_all(PREFER)
            .filter_map(|value| value.to_str().ok());
        let mut handling = values
            .flat_map(|value| value.split(','))
            .filter_map(handling);
        // Of a preference that stands twice, the first counts (RFC 7240 section 2).
        Self(
            handling
                .next()
                .is_some_and(|value| value.eq_ignore_ascii_case("strict")),
        )
    }
}

fn handling(preference: &str) -> Option<&str> {
    let (name, value) = preference.split(';').next()?.split_once('=')?;
    name.trim()
        .eq_ignore_ascii_case("handling")
        .then(|| value.trim().trim_matches('"'))
}

impl FromRequest for Strict {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.headers())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    #[rstest]
    #[case("handling=strict", true)]
    #[case("respond-async, Handling = \"strict\"; x=1", true)]
    #[case("handling=lenient, handling=strict", false)]
    #[case("handling", false)]
    #[case("strict", false)]
    fn strict_handling_is_a_preference(#[case] value: &'static str, #[case] strict: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static("prefer"),
            HeaderValue::from_static(value),
        );
        assert_eq!(Strict::of(&headers), Strict(strict));
    }
}

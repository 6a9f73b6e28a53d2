//! The parameters of a query.

use super::Here;
use crate::error::ApiError;
use crate::messages;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use sillage_domain::{PageRequest, Timestamp};
use std::future::{Ready, ready};
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

/// The entries of a page, if nothing is asked for.
const PAGE_SIZE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// The most entries of a page.
const MAX_PAGE_SIZE: u32 = 1000;

/// The query as it came, and where it came to.
#[derive(Debug)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
    pub(crate) here: Here,
}

impl FromRequest for Parameters {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = Here::from_request(request, payload).into_inner();
        ready(here.and_then(|here| {
            let pairs = match request.query_string() {
                "" => Vec::new(),
                query => web::Query::<Vec<(String, String)>>::from_query(query)
                    .map_err(|error| ApiError::from(messages::bad_request()).because(error))?
                    .into_inner(),
            };
            Ok(Self { pairs, here })
        }))
    }
}

impl Parameters {
    /// Refuses names that are not among these, and names that stand twice.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let mut problems = Vec::new();
        for (n, (name, _)) in self.pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                problems.push(messages::unknown_parameter(name.clone(), known));
            } else if self.pairs[..n].iter().any(|(earlier, _)| earlier == name) {
                problems.push(messages::parameter_twice(name.clone()));
            }
        }
        match problems.first() {
            None => Ok(()),
            Some(first) => Err(ApiError::several(first.code.status(), problems)),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A value of a type that reads itself.
    pub(crate) fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        english: &'static str,
        french: &'static str,
    ) -> Result<Option<T>, ApiError> {
        let parse = |text: &str| {
            text.parse().map_err(|_| {
                ApiError::from(messages::bad_parameter(name, english, french))
                    .under(actix_web::http::StatusCode::BAD_REQUEST)
            })
        };
        self.text(name).map(parse).transpose()
    }

    /// One of some words.
    pub(crate) fn word<T>(
        &self,
        name: &'static str,
        words: &[&str],
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let read = |text: &str| {
            read(text).ok_or_else(|| {
                ApiError::from(messages::not_one_of(name, words))
                    .under(actix_web::http::StatusCode::BAD_REQUEST)
            })
        };
        self.text(name).map(read).transpose()
    }

    pub(crate) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, ApiError> {
        let parse = |text: &str| {
            // A plus sign that was not encoded arrives as a space.
            text.replace(' ', "+")
                .parse()
                .map_err(|error| messages::malformed_time(error).parameter(name).into())
        };
        self.text(name).map(parse).transpose()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, name: &'static str, default: bool) -> Result<bool, ApiError> {
        let read = |text: &str| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        Ok(self
            .word(name, &["true", "false"], read)?
            .unwrap_or(default))
    }

    /// `page` and `page_size`.
    pub(crate) fn page(&self) -> Result<PageRequest, ApiError> {
        let size = self.page_size()?;
        let Some(text) = self.text("page") else {
            return Ok(PageRequest {
                page: NonZeroU64::MIN,
                size,
            });
        };
        match integer(text) {
            None => Err(messages::page_not_integer("page").into()),
            Some(number) => match u64::try_from(number).ok().and_then(NonZeroU64::new) {
                Some(page) => Ok(PageRequest { page, size }),
                None => Err(messages::no_such_page().into()),
            },
        }
    }

    /// `page_size`.
    pub(crate) fn page_size(&self) -> Result<NonZeroU32, ApiError> {
        let Some(text) = self.text("page_size") else {
            return Ok(PAGE_SIZE);
        };
        let number = integer(text).ok_or_else(|| messages::page_not_integer("page_size"))?;
        u32::try_from(number)
            .ok()
            .filter(|size| *size <= MAX_PAGE_SIZE)
            .and_then(NonZeroU32::new)
            .ok_or_else(|| messages::page_size_out_of_range(MAX_PAGE_SIZE).into())
    }

    /// The cursor `after`.
    pub(crate) fn after(&self) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text("after") else {
            return Ok(None);
        };
        let number = integer(text).ok_or_else(|| messages::page_not_integer("after"))?;
        Ok(Some(
            i64::try_from(number)
                .unwrap_or(if number < 0 { 0 } else { i64::MAX })
                .max(0),
        ))
    }

    /// This request's URL with another value for one parameter.
    pub(crate) fn with(&self, name: &str, value: impl ToString) -> String {
        let kept = self.pairs.iter().filter(|(known, _)| known != name);
        let mut query: Vec<_> = kept
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        query.push(format!("{name}={}", value.to_string()));
        format!("{}?{}", self.here.url(), query.join("&"))
    }

    /// The parameters in an order of their own, for a hash.
    pub(crate) fn canonical(&self) -> String {
        self.canonical_of(|_| true)
    }

    /// The same, of those only.
    pub(crate) fn canonical_of(&self, are: impl Fn(&str) -> bool) -> String {
        let mut pairs = self.pairs.clone();
        pairs.retain(|(name, _)| are(name));
        pairs.sort();
        pairs
            .iter()
            .map(|(name, value)| format!("{}={}&", encoded(name), encoded(value)))
            .collect()
    }
}

/// An integer of any length; far beyond every page, the nearest.
fn integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') {
        i128::MIN
    } else {
        i128::MAX
    }))
}

/// Percent-encoded as a part of a query (RFC 3986 section 3.4), unreserved characters as they are.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn asked(query: &str) -> Parameters {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .unwrap()
            .into_inner();
        let here = Here::new("http://h", "/v1/logs", 2);
        Parameters { pairs, here }
    }

    fn status(result: Result<PageRequest, ApiError>) -> String {
        result.map_or_else(
            |error| error.to_string().split(';').nth(1).unwrap_or("").trim()[..4].to_owned(),
            |_| "ok".to_owned(),
        )
    }

    #[rstest]
    #[case("", "ok")]
    #[case("page=2&page_size=1000", "ok")]
    #[case("page=abc", "4001")]
    #[case("page=", "4001")]
    #[case("page=1.5", "4001")]
    #[case("page=0", "4002")]
    #[case("page=-1", "4002")]
    #[case("page=99999999999999999999999999999999999999999999", "4002")]
    #[case("page_size=x", "4001")]
    #[case("page_size=0", "4007")]
    #[case("page_size=1001", "4007")]
    #[case("page_size=100000", "4007")]
    fn a_page_is_asked_for_by_two_integers(#[case] query: &str, #[case] answer: &str) {
        assert_eq!(status(asked(query).page()), answer);
    }

    #[test]
    fn a_link_repeats_every_other_parameter() {
        let link = asked("study=tsadk&page=3&action=a%26b+c").with("page", 4);
        assert_eq!(link, "http://h/v1/logs?study=tsadk&action=a%26b%20c&page=4");
    }

    #[test]
    fn a_plus_sign_of_an_offset_may_come_unencoded() {
        let asked = asked("from=2024-05-18T10:17:33+02:00");
        assert_eq!(
            asked.time("from").unwrap(),
            Some("2024-05-18T08:17:33Z".parse().unwrap())
        );
    }

    proptest! {
        #[test]
        fn a_link_asks_the_same_question(names in proptest::collection::vec("[a-z]{1,8}|\\PC{0,4}", 0..4), value in "\\PC{0,12}") {
            let pairs: Vec<_> = names.into_iter().map(|name| (name, value.clone())).collect();
            let here = Here::new("http://h", "/v1/logs", 2);
            let one = Parameters { pairs, here };
            let link = one.with("page", 2);
            let other = asked(link.split_once('?').unwrap().1);
            let kept = |asked: &Parameters| asked.pairs.iter().filter(|(name, _)| name != "page").cloned().collect::<Vec<_>>();
            prop_assert_eq!(kept(&one), kept(&other));
            prop_assert_eq!(other.text("page"), Some("2"));
        }
    }
}

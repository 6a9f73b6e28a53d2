//! The two languages of messages, and which of them a request asks for.

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// The language of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    #[default]
    English,
    French,
}

impl Language {
    /// What `Accept-Language` (RFC 9110 section 12.5.4) prefers; English if it prefers neither.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(wanted) = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
        else {
            return Self::English;
        };
        let (mut english, mut french, mut any): (Option<f32>, Option<f32>, f32) = (None, None, 0.0);
        for range in wanted.split(',') {
            let (tag, quality) = weighted(range);
            let primary = tag.split('-').next().unwrap_or_default();
            if primary.eq_ignore_ascii_case("fr") {
                french = Some(french.map_or(quality, |known| known.max(quality)));
            } else if primary.eq_ignore_ascii_case("en") {
                english = Some(english.map_or(quality, |known| known.max(quality)));
            } else if primary == "*" {
                any = quality;
            }
        }
        if french.unwrap_or(any) > english.unwrap_or(any) {
            Self::French
        } else {
            Self::English
        }
    }

    /// Its tag (RFC 5646).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

/// A value of a list with weights (RFC 9110 section 12.4.2), without its other parameters, and its weight.
pub(crate) fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let value = parts.next().unwrap_or_default();
    let quality =
        parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (value, quality.and_then(weight).unwrap_or(1.0))
}

/// A weight: `0` to `1`, with at most three decimals.
fn weight(text: &str) -> Option<f32> {
    let text = text.trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    let weight = match whole {
        "0" | "1" if digits && decimals.len() <= 3 => text.parse().ok()?,
        _ => return None,
    };
    (weight <= 1.0).then_some(weight)
}

impl FromRequest for Language {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request.headers())))
    }
}

/// A message in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) english: Cow<'static, str>,
    pub(crate) french: Cow<'static, str>,
}

impl Text {
    pub(crate) fn new(
        english: impl Into<Cow<'static, str>>,
        french: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            english: english.into(),
            french: french.into(),
        }
    }

    pub(crate) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::French => &self.french,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case("fr", Language::French)]
    #[case("fr-CH, fr;q=0.9, en;q=0.8", Language::French)]
    #[case("en;q=0.8, FR;q=0.9", Language::French)]
    #[case("de, fr;q=0.5", Language::French)]
    #[case("en", Language::English)]
    #[case("fr;q=0.1, en-GB", Language::English)]
    #[case("fr;q=0.5, *", Language::English)]
    #[case("*", Language::English)]
    #[case("fr;q=0", Language::English)]
    #[case("de", Language::English)]
    #[case(";;,q=,", Language::English)]
    #[case("fr;q=nan, en;q=0.5", Language::French)]
    #[case("fr;q=0.001, en;q=0", Language::French)]
    #[case("fr;q=0.5, en;q=7", Language::English)]
    fn the_language_is_the_one_preferred(#[case] header: &'static str, #[case] language: Language) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        assert_eq!(Language::of(&headers), language);
    }
}

//! Answers compressed for those who ask for it (RFC 9110 section 8.4), where that pays and betrays nothing.
//!
//! What is not to be stored is not compressed: beside text that somebody else may choose, the length of a compressed
//! secret tells about the secret (BREACH).

use crate::extractors::gzipped_tag;
use crate::language::weighted;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use actix_web::web::{Bytes, block};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// What fits in one packet takes as long without.
const SMALLEST: u64 = 1400;
/// More than that is not compressed between two requests of others, but on a thread for it.
const AT_ONCE: usize = 64 << 10;

/// Whether the client takes gzip.
pub(crate) fn wants_gzip(headers: &HeaderMap) -> bool {
    let lists = headers
        .get_all(ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok());
    let mut any = None;
    for (coding, weight) in lists.flat_map(|list| list.split(',')).map(weighted) {
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            return weight > 0.0;
        }
        if coding == "*" {
            any = Some(weight > 0.0);
        }
    }
    any.unwrap_or(false)
}

/// The bytes as a gzip stream.
fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The answer, compressed if it is large and the client takes that.
pub(super) async fn compressed(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if response.status() == StatusCode::NOT_MODIFIED {
        return named_as_known(response);
    }
    if response.status() != StatusCode::OK || !pays(response.headers(), response.response().body())
    {
        return response;
    }
    let wanted = wants_gzip(response.request().headers());
    let (request, response) = response.into_parts();
    let (mut head, body) = response.into_parts();
    head.headers_mut()
        .append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !wanted {
        return ServiceResponse::new(request, head.set_body(body));
    }
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return ServiceResponse::new(request, head.set_body(body)),
    };
    match off_if_large(body.clone()).await {
        Some(smaller) => {
            let headers = head.headers_mut();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            rename(headers);
            ServiceResponse::new(request, head.set_body(BoxBody::new(smaller)))
        }
        None => ServiceResponse::new(request, head.set_body(BoxBody::new(body))),
    }
}

async fn off_if_large(body: Bytes) -> Option<Vec<u8>> {
    if body.len() <= AT_ONCE {
        return gzip(&body).ok();
    }
    block(move || gzip(&body)).await.ok()?.ok()
}

/// Whether compression would pay, and may be: known length, text, nothing secret, not compressed already.
fn pays(headers: &HeaderMap, body: &BoxBody) -> bool {
    let is_text = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/") || is_json(kind.as_bytes()));
    let secret = headers
        .get(CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes() == b"no-store");
    let large = matches!(body.size(), BodySize::Sized(size) if size >= SMALLEST);
    large && is_text && !secret && !headers.contains_key(CONTENT_ENCODING)
}

fn is_json(kind: &[u8]) -> bool {
    kind.starts_with(b"application/json")
}

fn rename(headers: &mut HeaderMap) {
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&gzipped_tag(tag)).ok()) {
        headers.insert(ETAG, tag);
    }
}

/// 304 under the tag that the client knows: that of the compressed form, if it has that one.
fn named_as_known(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let plain = response.headers().get(ETAG).cloned();
    let Some(plain) = plain.as_ref().and_then(|tag| tag.to_str().ok()) else {
        return response;
    };
    let compressed = gzipped_tag(plain);
    let known = response
        .request()
        .headers()
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .any(|list| list.contains(&compressed));
    if known {
        rename(response.headers_mut());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("gzip", true)]
    #[case("deflate, GZIP;q=0.5, br", true)]
    #[case("*", true)]
    #[case("br, *;q=0.1", true)]
    #[case("gzip;q=0, *", false)]
    #[case("*;q=0", false)]
    #[case("br", false)]
    #[case("identity", false)]
    #[case("", false)]
    fn gzip_is_sent_to_those_who_take_it(#[case] value: &'static str, #[case] wanted: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        assert_eq!(wants_gzip(&headers), wanted);
    }

    #[test]
    fn without_the_header_nothing_is_compressed() {
        assert!(!wants_gzip(&HeaderMap::new()));
    }
}

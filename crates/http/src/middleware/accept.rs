//! Whether a resource offers what the client accepts (RFC 9110 section 12.5.1).

use crate::language::weighted;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, HeaderMap};

/// Whether the client takes one of the formats, or only asks what there is.
pub(super) fn is_accepted(request: &ServiceRequest, formats: &[&'static str]) -> bool {
    request.method() == Method::OPTIONS || preferred(request.headers(), formats).is_some()
}

/// The format that the client likes best, of equals the first; `None` if it accepts none of them.
pub(crate) fn preferred(headers: &HeaderMap, formats: &[&'static str]) -> Option<&'static str> {
    let ranges: Vec<_> = headers
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        // An empty list says nothing, as its absence does.
        .filter(|value| !value.trim().is_empty())
        .collect();
    if ranges.is_empty() {
        return formats.first().copied();
    }
    let ranges: Vec<_> = ranges
        .iter()
        .flat_map(|list| list.split(','))
        .map(weighted)
        .filter(|r| !r.0.is_empty())
        .collect();
    let mut best = None;
    let mut most = 0.0;
    for format in formats {
        let quality = quality(&ranges, format);
        if quality > most {
            (best, most) = (Some(*format), quality);
        }
    }
    best
}

/// How much the client likes a format: what its most specific range says.
fn quality(ranges: &[(&str, f32)], format: &str) -> f32 {
    let kind = format.split('/').next().unwrap_or_default();
    let specific = |range: &str| {
        if range.eq_ignore_ascii_case(format) {
            3
        } else if range
            .strip_suffix("/*")
            .is_some_and(|whole| whole.eq_ignore_ascii_case(kind))
        {
            2
        } else {
            i32::from(matches!(range, "*/*" | "*"))
        }
    };
    let matching = ranges.iter().filter(|(range, _)| specific(range) > 0);
    matching
        .max_by_key(|(range, _)| specific(range))
        .map_or(0.0, |(_, quality)| *quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case("application/json", Some("application/json"))]
    #[case("*/*", Some("application/json"))]
    #[case("text/*", Some("text/csv"))]
    #[case("text/csv;q=0.9, application/json;q=0.1", Some("text/csv"))]
    #[case("application/json;q=0, */*", Some("text/csv"))]
    #[case("Application/JSON; charset=utf-8", Some("application/json"))]
    #[case("", Some("application/json"))]
    #[case("text/csv, application/*;q=0.9", Some("text/csv"))]
    #[case("text/csv;q=0.000, text/*;q=0.2", None)]
    #[case("application/json;q=nan", Some("application/json"))]
    #[case(
        "application/json;profile=\"x\";q=0.2, text/csv;q=0.3",
        Some("text/csv")
    )]
    #[case("text/html", None)]
    #[case("*/*;q=0", None)]
    #[case("image/png, text/html;q=0.3", None)]
    fn the_format_is_the_one_liked_best(
        #[case] header: &'static str,
        #[case] format: Option<&str>,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(header));
        assert_eq!(
            preferred(&headers, &["application/json", "text/csv"]),
            format
        );
    }

    #[test]
    fn without_the_header_the_first_is_taken() {
        assert_eq!(
            preferred(&HeaderMap::new(), &["application/json"]),
            Some("application/json")
        );
    }
}

//! The page *What Sillage knows about you*, for whoever has a username and a password: files that are the same for everybody. What they show
//! comes from the API, with a token that only the page has.

use crate::error::ApiError;
use crate::extractors::Conditions;
use crate::language::Language;
use crate::messages;
use crate::response::{etag, not_modified};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// What the page and its files come as.
pub(crate) const FORMATS: &[&str] = &["text/html", "text/css", "text/javascript"];

/// Nothing runs but the page's own file, nothing is loaded or sent elsewhere, and no text becomes HTML (Trusted Types), whatever stands in it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

const ENGLISH: &str = include_str!("../../assets/page.en.html");
const FRENCH: &str = include_str!("../../assets/page.fr.html");
const STYLE: &str = include_str!("../../assets/page.css");
const SCRIPT: &str = include_str!("../../assets/page.js");

/// The page, in the language that `lang` asks for, or else the browser.
pub(crate) async fn page(
    request: HttpRequest,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let language = match request.query_string() {
        "lang=fr" => Language::French,
        "lang=en" => Language::English,
        _ => language,
    };
    let text = match language {
        Language::French => FRENCH,
        Language::English => ENGLISH,
    };
    let mut response = file_of(text, "text/html; charset=utf-8", &conditions);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_LANGUAGE,
        language.tag().parse().map_err(ApiError::internal)?,
    );
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    Ok(response)
}

/// A file of the page.
pub(crate) async fn file(
    name: web::Path<String>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    match name.as_str() {
        "page.css" => Ok(file_of(STYLE, "text/css; charset=utf-8", &conditions)),
        "page.js" => Ok(file_of(
            SCRIPT,
            "text/javascript; charset=utf-8",
            &conditions,
        )),
        _ => Err(messages::no_such_path().into()),
    }
}

fn file_of(text: &'static str, media_type: &'static str, conditions: &Conditions) -> HttpResponse {
    let tag = etag(&[text.as_bytes()]);
    if conditions.has(&tag) {
        return not_modified(&tag);
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((ETAG, tag))
        .body(text)
}

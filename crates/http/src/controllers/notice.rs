//! The information notice of a study: read in several forms, put, and its versions.

use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, InStudy, Members, NoticeBody, Parameters};
use crate::messages;
use crate::notices::{self, Wanted};
use crate::openapi::shapes;
use crate::response;
use crate::validation;
use crate::views::error::Errors;
use crate::views::notice::{Form, NoticeTaken, NoticeView, hex, tag_of, tags_of, uri};
use crate::views::page::Page;
use actix_web::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, HeaderName};
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{ManageNotice, ReadNotice};
use sillage_domain::{NoticePut, NoticeVersion, language_tag};
use utoipa::ToSchema;
use validator::Validate;

/// The version of what is answered.
const VERSION: HeaderName = HeaderName::from_static("x-notice-version");
/// The language of a notice that does not say it.
const USUAL: &str = "en";

/// An information notice to be put.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewNotice)]
pub(crate) struct NoticeRequest {
    /// Markdown.
    #[validate(required, custom(function = "validation::notice_text"))]
    #[schema(required, value_type = shapes::NoticeText)]
    text: Option<String>,
    /// The language that it is in. Default that of the request, or `en`.
    #[validate(custom(function = "validation::language"))]
    #[schema(value_type = Option<shapes::Language>)]
    language: Option<String>,
}

impl FromMembers for NoticeRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            text: members.text("text"),
            language: members.text("language"),
        }
    }
}

/// The study's information notice: what those who take part are told.
///
/// As Markdown, as HTML (a fragment of a page, cleaned of whatever runs or is fetched), as plain text, or as JSON with what is known of
/// it: as `X-Data-Format` asks, or else `Accept`; Markdown by default. Without `language`, in the language that `Accept-Language` likes
/// best. A consent names the number in `X-Notice-Version`.
#[utoipa::path(
    get, path = "/v1/studies/{study}/notice", tag = "consent", operation_id = "readNotice",
    params(
        crate::openapi::StudyPath,
        ("language" = Option<shapes::Language>, Query, description = "The language that it is to be in"),
        ("version" = Option<i32>, Query, description = "That version, whether it still holds or not", minimum = 1),
        ("X-Data-Format" = Option<shapes::DataFormat>, Header, description = "The form that it is to have, whatever `Accept` says"),
    ),
    responses((
        status = 200, description = "The notice",
        content((String = "text/markdown"), (String = "text/html"), (String = "text/plain"), (NoticeView = "application/json")),
        headers(
            ("X-Notice-Version" = i32, description = "Its number"),
            ("Content-Language" = String, description = "The language that it is in"),
        )
    ))
)]
pub(crate) async fn read(
    study: InStudy,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(ReadNotice)?.study();
    asked.only(&["language", "version"])?;
    let form = Form::of(request.headers())?;
    let wanted = wanted(&asked, &request)?;
    let api = &study.who.api;
    let notice = api.off(move |inner| inner.find_notice(id, &wanted)).await?;
    let tag = tag_of(&notice.summary, form);
    if conditions.has(&tag) {
        return Ok(response::not_modified(&tag));
    }
    let (number, language) = (notice.summary.version.0, notice.summary.language.clone());
    let (root, slug) = (asked.here.root().to_owned(), study.known.study.slug.clone());
    let body = api.off(move |_| form.write(&root, &slug, notice)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, tag))
        .insert_header((VERSION, number))
        .insert_header((CONTENT_LANGUAGE, language))
        .insert_header((CONTENT_TYPE, form.media_type()))
        .insert_header(response::private())
        .body(body))
}

/// Put the information notice, as Markdown.
///
/// One that says something else than the one that holds in its language is the next version; none is ever changed or taken away, since
/// consents refer to it. Numbers are of the study, whatever the language.
#[utoipa::path(
    put, path = "/v1/studies/{study}/notice", tag = "consent", operation_id = "putNotice",
    params(
        crate::openapi::StudyPath,
        ("language" = Option<shapes::Language>, Query, description = "The language that it is in. Default that of `Content-Language`, or `en`"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the notice in that language as you have seen it"),
    ),
    request_body(
        description = "The notice",
        content((shapes::NoticeText = "text/markdown"), (NoticeRequest = "application/json"))
    ),
    responses(
        (status = 200, description = "It is the study's notice now", body = NoticeTaken),
        (status = 201, description = "It is the first one", body = NoticeTaken, headers(("Location" = String, description = "Its URL"))),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn put(
    study: InStudy,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
    body: NoticeBody,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageNotice)?;
    asked.only(&["language"])?;
    let (text, language) = match body.json() {
        Some(json) => from_json(json)?,
        None => (plain(body.text()?)?, None),
    };
    let language = match language {
        Some(language) => language,
        None => language_of(&asked, &request)?,
    };
    let holds = notices::holding(&study, language.clone()).await?;
    let tags = holds.as_ref().map(tags_of).unwrap_or_default();
    let version = holds.map(|notice| notice.version);
    let seen = conditions.hold_for_any(&tags)?.then_some(version);
    let (put, new) = notices::put(&study, granted, language, text, seen).await?;
    let version = put.version();
    let taken = NoticeTaken {
        version,
        hash: hex(&new.hash()),
        language: new.language,
        changed: matches!(put, NoticePut::Made(_)),
        uri: uri(asked.here.root(), &study.known.study.slug, version),
    };
    if put == NoticePut::Made(NoticeVersion(1)) {
        response::created(taken.uri.clone(), &taken)
    } else {
        response::ok(&taken)
    }
}

/// The versions of the study's notice in all languages, the last first.
#[utoipa::path(
    get, path = "/v1/studies/{study}/notice/versions", tag = "consent", operation_id = "listNotices",
    params(crate::openapi::StudyPath, crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<NoticeView>))
)]
pub(crate) async fn versions(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(ReadNotice)?.study();
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let part = page.request;
    let found = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.notices.notices(id, &part)?))
        .await?;
    page.answer(&asked, &conditions, &found, |notice| {
        NoticeView::new(asked.here.root(), &study.known.study.slug, notice)
    })
}

fn wanted(asked: &Parameters, request: &HttpRequest) -> Result<Wanted, ApiError> {
    if let Some(text) = asked.text("version") {
        let number = text.parse().map_err(|_| messages::not_found())?;
        return Ok(Wanted::Version(NoticeVersion(number)));
    }
    match asked.text("language") {
        Some(language) => Ok(Wanted::Language(tag(language)?)),
        None => Ok(Wanted::suiting(request.headers())),
    }
}

fn from_json(body: &Body) -> Result<(String, Option<String>), ApiError> {
    let request = body.valid::<NoticeRequest>()?;
    let language = request.language.as_deref().and_then(language_tag);
    Ok((request.text.unwrap_or_default(), language))
}

fn plain(text: String) -> Result<String, ApiError> {
    validation::notice_text(&text).map_err(|_| messages::notice_text().at(""))?;
    Ok(text)
}

/// The language that the address or a header says.
fn language_of(asked: &Parameters, request: &HttpRequest) -> Result<String, ApiError> {
    if let Some(language) = asked.text("language") {
        return tag(language);
    }
    let header = request.headers().get(CONTENT_LANGUAGE);
    let Some(header) = header.and_then(|value| value.to_str().ok()) else {
        return Ok(USUAL.to_owned());
    };
    language_tag(header.trim()).ok_or_else(|| messages::language().into())
}

fn tag(language: &str) -> Result<String, ApiError> {
    let bad = || {
        ApiError::from(messages::language().parameter("language"))
            .under(actix_web::http::StatusCode::BAD_REQUEST)
    };
    language_tag(language).ok_or_else(bad)
}

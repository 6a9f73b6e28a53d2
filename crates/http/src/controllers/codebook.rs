//! The codebook of a study: read, put, and its versions.

use crate::amending::sees_people;
use crate::api::Inner;
use crate::codebooks::{self, text_in};
use crate::error::ApiError;
use crate::extractors::{CodebookBody, Conditions, InStudy, Parameters};
use crate::messages;
use crate::middleware::preferred;
use crate::response;
use crate::views::codebook::{
    CodebookTaken, Comparison, Put, VersionView, format_of, tag_of, tags_of,
};
use crate::views::error::Errors;
use crate::views::page::Page;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use actix_web::{HttpRequest, HttpResponse};
use sillage_auth::{Granted, ManageCodebook, ReadCodebook};
use sillage_domain::{CodebookVersion, StoredCodebook};

/// The version of what is answered.
const VERSION: HeaderName = HeaderName::from_static("x-codebook-version");

/// The study's codebook: the last version, or the one that is asked for.
///
/// As it was put, or, where `Accept` prefers the other form, written in that. What is read can be put again as it is. A study without a
/// codebook takes everything, and answers 404 here.
#[utoipa::path(
    get, path = "/v1/studies/{study}/codebook", tag = "codebook", operation_id = "readCodebook",
    params(
        crate::openapi::StudyPath,
        ("version" = Option<i32>, Query, description = "Its number, from 1. Default the last", minimum = 1),
    ),
    responses((
        status = 200, description = "The codebook", content((Object = "application/json"), (String = "application/toml")),
        headers(("X-Codebook-Version" = i32, description = "Its number"))
    ))
)]
pub(crate) async fn read(
    study: InStudy,
    asked: Parameters,
    request: HttpRequest,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadCodebook)?;
    asked.only(&["version"])?;
    let stored = find(&study, granted, version(&asked, "version")?).await?;
    let format = format_of(preferred(request.headers(), FORMATS).unwrap_or_default());
    let tag = tag_of(&stored.summary, format);
    if conditions.has(&tag) {
        return Ok(response::not_modified(&tag));
    }
    let number = stored.summary.version.0;
    let text = study.who.api.off(move |_| text_in(stored, format)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, tag))
        .insert_header((VERSION, number))
        .insert_header((CONTENT_TYPE, crate::views::codebook::media_type(format)))
        .insert_header(response::private())
        .body(text))
}

/// Put a codebook: a JSON document, or a TOML file as researchers write it.
///
/// One that changes something is the next version, and from then on entries are checked against it: here at once, on every other server
/// within 5 seconds. One that means the same as the last version changes nothing. One with faults is refused with all of them, each with
/// `line`, `column` and, where it is about a member, `pointer`. `differences` says what is other than in the version before, and whether
/// entries that fitted that version fit still. What lies in quarantine stays there until it is replayed.
#[utoipa::path(
    put, path = "/v1/studies/{study}/codebook", tag = "codebook", operation_id = "putCodebook",
    params(crate::openapi::StudyPath, ("If-Match" = Option<String>, Header, description = "The ETag of the codebook as you have seen it")),
    request_body(
        description = "The codebook",
        content((Object = "application/json"), (String = "application/toml"))
    ),
    responses(
        (status = 200, description = "It is the study's codebook now", body = CodebookTaken),
        (status = 201, description = "It is the first one", body = CodebookTaken, headers(("Location" = String, description = "Its URL"))),
        (status = 409, description = "4093: the study is open, and has not said what it must before it collects identifiers or sensitive data: an error for each", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
    )
)]
pub(crate) async fn put(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
    body: CodebookBody,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageCodebook)?;
    asked.only(&[])?;
    let last = study.known.study.codebook;
    let tags = match last {
        Some(_) => tags_of(&find(&study, study.may(ReadCodebook)?, last).await?.summary),
        None => Vec::new(),
    };
    let seen = conditions.hold_for_any(&tags)?.then_some(last);
    let text = body.text()?;
    let done = codebooks::put(&study, granted, text, body.format, seen).await?;
    let view = Put {
        root: asked.here.root(),
        slug: &study.known.study.slug,
        done: &done,
    };
    if done.is_first() {
        response::created(view.uri(), &view)
    } else {
        response::ok(&view)
    }
}

/// The versions of the study's codebook, the last first. Who put them is told to those who may see who runs the study.
#[utoipa::path(
    get, path = "/v1/studies/{study}/codebook/versions", tag = "codebook", operation_id = "listCodebooks",
    params(crate::openapi::StudyPath, crate::openapi::Pages),
    responses((status = 200, description = "A page of them", body = Vec<VersionView>))
)]
pub(crate) async fn versions(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(ReadCodebook)?.study();
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let part = page.request;
    let whose = sees_people(&study.who, id);
    let read = move |inner: &Inner| {
        let found = inner.ports.codebooks.codebooks(id, &part)?;
        let by = found.items.iter().filter_map(|one| one.created_by);
        let names = inner.usernames(by.filter(|_| whose))?;
        Ok((found, names))
    };
    let (found, names) = study.who.api.off(read).await?;
    let slug = &study.known.study.slug;
    page.answer(&asked, &conditions, &found, |one| {
        let by = one.created_by.and_then(|by| names.get(&by));
        VersionView::new(asked.here.root(), slug, one, by)
    })
}

/// What is different between two versions of the study's codebook, each difference compatible or not: whether entries that fitted `from`
/// fit `to`.
#[utoipa::path(
    get, path = "/v1/studies/{study}/codebook/differences", tag = "codebook", operation_id = "compareCodebooks",
    params(
        crate::openapi::StudyPath,
        ("from" = Option<i32>, Query, description = "A version. Default the one before `to`", minimum = 1),
        ("to" = Option<i32>, Query, description = "A version. Default the last", minimum = 1),
    ),
    responses((status = 200, description = "The differences", body = Comparison))
)]
pub(crate) async fn differences(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let id = study.may(ReadCodebook)?.study();
    asked.only(&["from", "to"])?;
    let (from, to) = (version(&asked, "from")?, version(&asked, "to")?);
    let to = find(&study, study.may(ReadCodebook)?, to).await?;
    let number = to.summary.version;
    let from = from.unwrap_or(CodebookVersion((number.0 - 1).max(1)));
    let found = study
        .who
        .api
        .off(move |inner| inner.differences(id, from, &codebooks::read_stored(&to)?))
        .await?;
    response::fresh(&conditions, &Comparison::new(from, number, &found), &[])
}

/// The formats of a codebook, the one that is answered to those who like both first.
pub(crate) const FORMATS: &[&str] = &["application/json", "application/toml"];

/// That version of the study's codebook; the last one, if none is named.
async fn find(
    study: &InStudy,
    granted: Granted<ReadCodebook>,
    version: Option<CodebookVersion>,
) -> Result<StoredCodebook, ApiError> {
    let last = study
        .known
        .study
        .codebook
        .ok_or_else(messages::takes_everything)?;
    let version = version.unwrap_or(last);
    let id = granted.study();
    let found = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.codebooks.codebook(id, version)?))
        .await?;
    found.ok_or_else(|| messages::not_found().into())
}

fn version(asked: &Parameters, name: &'static str) -> Result<Option<CodebookVersion>, ApiError> {
    let number: Option<i32> = asked.parsed(
        name,
        "it is not the number of a version",
        "ce n'est pas le numéro d'une version",
    )?;
    Ok(number.map(CodebookVersion))
}

//! Log entries: sent, listed, read.

use crate::amending;
use crate::audit::tell;
use crate::error::ApiError;
use crate::extractors::{Conditions, EntriesBody, Parameters, Strict, Who};
use crate::flat::{Flat, came_as_basic};
use crate::intake::Intake;
use crate::language::Language;
use crate::logbook::{Logbook, RAW};
use crate::openapi::shapes;
use crate::response;
use crate::views::amendment::Gone;
use crate::views::error::Errors;
use crate::views::log::{LogEntry, LogList, LogView, NewLogEntries, NewLogEntry};
use crate::views::receipt::{Answer, Quarantined, TakenOrStored};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use sillage_auth::{Reach, ReadLogs};
use sillage_domain::StoredEntry;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Send log entries: one object, an array, or lines (NDJSON).
///
/// What is answered with 2xx is stored durably. An entry with the `id` of an earlier one of the same participant is stored once: sent
/// again with the same content it is a duplicate, with other content a conflict, which is kept in quarantine. An entry that does not
/// fit goes to quarantine with every reason, unless the study refuses it or the request has `Prefer: handling=strict`.
///
/// Where the study asks for consent, nothing is kept of the entries of those who have not given it, or took it back: 4032, and in a
/// batch of several people the status `refused` for those entries.
#[utoipa::path(
    post, path = "/v1/logs", tag = "logs", operation_id = "createLogs",
    params(
        ("verbose" = Option<bool>, Query, description = "Whether `results` lists the entries that were accepted too. Default true"),
        ("study" = Option<shapes::Slug>, Query, description = "The study of entries that name no participant, if the sender runs several"),
        ("Prefer" = Option<String>, Header, description = "`handling=strict` refuses what does not fit, rather than keep it in quarantine (RFC 7240)"),
        ("Content-Encoding" = Option<shapes::ContentEncoding>, Header, description = "`gzip`, if the body is compressed"),
    ),
    request_body(
        description = "One entry, an array of entries, or (as NDJSON) an entry a line",
        content((NewLogEntries = "application/json"), (NewLogEntry = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "Several: what became of each. One: the entry that was stored before", body = TakenOrStored),
        (status = 201, description = "One: it is stored", body = LogEntry, headers(("Location" = String, description = "Its URL"))),
        (status = 202, description = "One: it lies in quarantine", body = Quarantined),
        (status = 403, description = "4031: the study takes none; 4032: whose they all are has not consented to the collection; 4033: they are somebody else's", body = Errors),
        (status = 409, description = "4091: one, with the id of another entry; it lies in quarantine", body = Errors),
        (status = 413, description = "4131, 4132 or 4133: too large", body = Errors),
        (status = 422, description = "Refused, with all faults; nothing is stored", body = Errors),
    )
)]
pub(crate) async fn create(
    who: Who,
    strict: Strict,
    parameters: Parameters,
    language: Language,
    body: EntriesBody,
) -> Result<HttpResponse, ApiError> {
    parameters.only(&["verbose", "study"])?;
    let verbose = parameters.flag("verbose", true)?;
    let receipt = Intake {
        who: &who,
        strict: strict.0,
        study: parameters.text("study"),
    }
    .receive(body)
    .await?;
    let answer = Answer {
        who: &who,
        here: &parameters.here,
        language,
        verbose,
    };
    let mut response = answer.to(&receipt).await?;
    tell(&mut response, |told| told.about = receipt.named);
    if strict.0 {
        response.headers_mut().insert(
            PREFERENCE_APPLIED,
            HeaderValue::from_static("handling=strict"),
        );
    }
    Ok(response)
}

/// The log entries that you may read.
///
/// By page, or by cursor (`after`), which costs the same however far it is. Entries that were amended are shown as they are to be read, with `amended` and
/// `revision`; filters and the order go by what was sent. Tombstones are listed with `status=deleted` only.
///
/// Entries of the default study, if its codebook names the member that says whose an entry is, have the members that the game sent
/// beside these; for HTTP Basic, as the game's own programs ask, with the participant's number and without the pseudonym.
#[utoipa::path(
    get, path = "/v1/logs", tag = "logs", operation_id = "listLogs",
    params(crate::openapi::LogFilters, crate::openapi::Raw, crate::openapi::Pages, crate::openapi::LogSort),
    responses((status = 200, description = "A part of the list", body = Vec<LogEntry>))
)]
pub(crate) async fn list(
    who: Who,
    request: HttpRequest,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may_across(ReadLogs)?;
    let flat = Flat::of(&who, &asked, came_as_basic(request.headers())).await?;
    let logbook = Logbook::open(who, granted.clone(), &asked).await?;
    let tag = logbook.tag(&asked).await?;
    let tag = flat.as_ref().map_or(tag.clone(), |flat| flat.mark(&tag));
    if conditions.has(&tag) {
        return Ok(response::not_modified(&tag));
    }
    let page = logbook.read().await?;
    let reach = |entry: &StoredEntry| granted.reach(entry.study).unwrap_or(Reach::Deidentified);
    let view = LogList {
        root: asked.here.root(),
        entries: &page.entries,
        reach,
        flat: flat.as_ref(),
    };
    response::list(&tag, &view, page.total, &logbook.links(&asked, &page))
}

/// One log entry, as it is to be read: with its amendments, unless `raw` asks for what was sent.
#[utoipa::path(
    get, path = "/v1/logs/{number}", tag = "logs", operation_id = "readLog",
    params(crate::openapi::LogPath, crate::openapi::Raw),
    responses(
        (status = 200, description = "The entry", body = LogEntry),
        (status = 410, description = "Its content was deleted: when, by whom and why", body = Gone),
    )
)]
pub(crate) async fn read(
    who: Who,
    number: web::Path<String>,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = who.may_across(ReadLogs)?;
    asked.only(&[RAW])?;
    let raw = asked.flag(RAW, false)?;
    let entry = amending::entry(&who, &granted, &number, raw, &asked.here).await?;
    let reach = granted.reach(entry.study).unwrap_or(Reach::Deidentified);
    let view = LogView::read(asked.here.root(), &entry, reach);
    let mut answer = response::fresh(&conditions, &view, &[])?;
    tell(&mut answer, |told| told.study = Some(entry.study));
    Ok(answer)
}

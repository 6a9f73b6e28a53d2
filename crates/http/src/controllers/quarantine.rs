//! What arrived and does not fit.

use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters};
use crate::language::Language;
use crate::messages;
use crate::openapi::shapes;
use crate::replay;
use crate::response::{self, etag_of, fresh, last_modified};
use crate::views::error::Errors;
use crate::views::page::Page;
use crate::views::quarantine::{
    DiscardedView, QuarantineEntry, QuarantineView, ReasonView, ReplayView,
};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use sillage_auth::{Granted, ManageQuarantine, Reach, ReadQuarantine};
use sillage_domain::{QuarantineFilter, QuarantineId, QuarantinedEntry, Reason, ReasonPeriod};

/// The parameters that choose texts.
const FILTERS: [&str; 5] = ["reason", "participant", "action", "from", "to"];
/// The most texts that a request names.
const MAX_IDS: usize = 500;

/// What lies in a study's quarantine, the first received first, with every reason. A developer of the study sees what came from the own tests.
#[utoipa::path(
    get, path = "/v1/studies/{study}/quarantine", tag = "quarantine", operation_id = "listQuarantine",
    params(crate::openapi::StudyPath, crate::openapi::QuarantineFilters, crate::openapi::Pages),
    responses((status = 200, description = "A page of it", body = Vec<QuarantineEntry>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadQuarantine)?;
    asked.only(&[&FILTERS[..], &["page", "page_size"]].concat())?;
    let (page, mut filter) = (Page::of(&asked)?, filter(&asked)?);
    let (id, part) = (granted.study(), page.request);
    let whole = granted.reach() == Reach::Whole;
    if !whole {
        filter.participant = Some(study.known.pseudonym(&study.who.subject()));
    }
    let found = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.quarantine.quarantine(id, &filter, &part)?))
        .await?;
    let slug = &study.known.study.slug;
    page.answer(&asked, &conditions, &found, |text| QuarantineView {
        text,
        slug,
        root: asked.here.root(),
        language,
        whose: whole,
    })
}

/// One text that lies in quarantine, or what is left of one that was thrown away.
#[utoipa::path(
    get, path = "/v1/studies/{study}/quarantine/{id}", tag = "quarantine", operation_id = "readQuarantined",
    params(crate::openapi::StudyPath, ("id" = i64, Path, description = "Of the text")),
    responses((status = 200, description = "The text, and why it lies there", body = QuarantineEntry))
)]
pub(crate) async fn read(
    study: InStudy,
    asked: Parameters,
    path: web::Path<(String, String)>,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadQuarantine)?;
    let id = id(&path)?;
    let whole = granted.reach() == Reach::Whole;
    let root = asked.here.root();
    match find(&study, granted, id).await? {
        Some(text) => {
            let changed = last_modified(text.judged_at.unwrap_or(text.received_at));
            let view = view(&study, &text, root, language, whole);
            fresh(&conditions, &view, &[changed])
        }
        None if whole => {
            let (api, of) = (&study.who.api, study.id());
            let left = api.off(move |inner| Ok(inner.ports.quarantine.discarded(of, id)?));
            let left = left.await?.ok_or_else(messages::not_found)?;
            let changed = last_modified(left.discarded_at);
            let view = DiscardedView::new(root, &study.known.study.slug, &left);
            fresh(&conditions, &view, &[changed])
        }
        None => Err(messages::not_found().into()),
    }
}

/// How many texts lie in quarantine for which reason, by the time of their arrival. A text with several reasons counts for each.
#[utoipa::path(
    get, path = "/v1/studies/{study}/quarantine/reasons", tag = "quarantine", operation_id = "countReasons",
    params(
        crate::openapi::StudyPath,
        ("by" = Option<shapes::Period>, Query, description = "`day` (the default) or `hour`, of UTC"),
        ("reason" = Option<shapes::Word>, Query, description = "Only this one"),
        ("from" = Option<shapes::Instant>, Query, description = "Only what arrived at this time or later"),
        ("to" = Option<shapes::Instant>, Query, description = "Only what arrived before this time"),
    ),
    responses((status = 200, description = "The counts, by time and then by reason", body = Vec<ReasonView>))
)]
pub(crate) async fn reasons(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadQuarantine)?;
    if granted.reach() != Reach::Whole {
        return Err(messages::forbidden().into());
    }
    asked.only(&["by", "reason", "from", "to"])?;
    let period = |word: &str| match word {
        "day" => Some(ReasonPeriod::Day),
        "hour" => Some(ReasonPeriod::Hour),
        _ => None,
    };
    let period = asked.word("by", &["day", "hour"], period)?;
    let (id, filter) = (granted.study(), filter(&asked)?);
    let counts = study
        .who
        .api
        .off(move |inner| {
            let period = period.unwrap_or(ReasonPeriod::Day);
            Ok(inner
                .ports
                .quarantine
                .quarantine_reasons(id, &filter, period)?)
        })
        .await?;
    let views: Vec<_> = counts.into_iter().map(ReasonView::from).collect();
    fresh(&conditions, &views, &[])
}

/// Look again at what lies in quarantine, once the codebook is mended: what fits by now becomes an entry.
///
/// Each text moves once, with the time of its first arrival; what does not fit by now either stays, with the reasons that it has by the
/// codebook in force, and so does what nobody is known to have sent. Where that takes long, the answer says with `next` up to which text it came: ask again with that as `after`. If there is no
/// answer, ask the same again: nothing is doubled.
#[utoipa::path(
    post, path = "/v1/studies/{study}/quarantine/replay", tag = "quarantine", operation_id = "replayQuarantine",
    params(
        crate::openapi::StudyPath, crate::openapi::QuarantineFilters,
        ("ids" = Option<shapes::Ids>, Query, description = "Only these texts: their ids, with commas between"),
        ("after" = Option<shapes::Number>, Query, description = "Only texts with a greater id"),
    ),
    responses((status = 200, description = "What became of them", body = ReplayView))
)]
pub(crate) async fn replay(study: InStudy, asked: Parameters) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageQuarantine)?;
    asked.only(&[&FILTERS[..], &["ids", "after"]].concat())?;
    let filter = QuarantineFilter {
        ids: ids(&asked)?,
        ..filter(&asked)?
    };
    let after = QuarantineId(asked.after()?.unwrap_or(0));
    let done = replay::replay(&study, granted, filter, after).await?;
    response::ok(&ReplayView::from(done))
}

/// Throw a text away for good. What is left is when it came, when it went, and why.
#[utoipa::path(
    delete, path = "/v1/studies/{study}/quarantine/{id}", tag = "quarantine", operation_id = "discardQuarantined",
    params(
        crate::openapi::StudyPath,
        ("id" = i64, Path, description = "Of the text"),
        ("reason" = shapes::Reason, Query, description = "Why: it is kept", example = "a pilot run"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the text as you have seen it"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 412, description = "It is another one", body = Errors),
    )
)]
pub(crate) async fn discard(
    study: InStudy,
    asked: Parameters,
    path: web::Path<(String, String)>,
    language: Language,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageQuarantine)?;
    asked.only(&["reason"])?;
    let (id, reason) = (id(&path)?, reason(&asked)?);
    let text = find(&study, study.may(ReadQuarantine)?, id).await?;
    let text = text.ok_or_else(messages::not_found)?;
    let seen = view(&study, &text, asked.here.root(), language, true);
    conditions.hold_for(&etag_of(&seen)?)?;
    carry_out(&study, granted, id, reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn carry_out(
    study: &InStudy,
    granted: Granted<ManageQuarantine>,
    id: QuarantineId,
    reason: Reason,
) -> Result<(), ApiError> {
    let api = &study.who.api;
    let now = api.now();
    api.off(move |inner| {
        let (of, by) = (granted.study(), granted.by());
        let texts = &inner.ports.quarantine;
        texts.discard_quarantined(of, id, &reason, by, now)?;
        Ok(())
    })
    .await
}

/// That text, if it is one that the caller may see.
async fn find(
    study: &InStudy,
    granted: Granted<ReadQuarantine>,
    id: QuarantineId,
) -> Result<Option<QuarantinedEntry>, ApiError> {
    let of = granted.study();
    let found = study
        .who
        .api
        .off(move |inner| Ok(inner.ports.quarantine.quarantined(of, id)?))
        .await?;
    let own = study.known.pseudonym(&study.who.subject());
    let whole = granted.reach() == Reach::Whole;
    Ok(found.filter(|text| whole || text.pseudonym == Some(own)))
}

fn view<'a>(
    study: &'a InStudy,
    text: &'a QuarantinedEntry,
    root: &'a str,
    language: Language,
    whose: bool,
) -> QuarantineView<'a> {
    QuarantineView {
        text,
        slug: &study.known.study.slug,
        root,
        language,
        whose,
    }
}

fn id(path: &(String, String)) -> Result<QuarantineId, ApiError> {
    let number = path.1.parse().map(QuarantineId);
    number.map_err(|_| messages::not_found().into())
}

fn filter(asked: &Parameters) -> Result<QuarantineFilter, ApiError> {
    Ok(QuarantineFilter {
        participant: asked.parsed(
            "participant",
            "it is not a pseudonym such as P-7QX4-M2K9-T0BC-5",
            "ce n'est pas un pseudonyme comme P-7QX4-M2K9-T0BC-5",
        )?,
        reason: word(asked)?,
        action: asked.parsed(
            "action",
            "it cannot be the name of an action",
            "ce ne peut pas être le nom d'une action",
        )?,
        from: asked.time("from")?,
        to: asked.time("to")?,
        ids: None,
    })
}

/// A word for a kind of fault; of those that there are not, there are no texts.
fn word(asked: &Parameters) -> Result<Option<String>, ApiError> {
    const MAX: usize = 64;
    let is_word = |text: &str| {
        (1..=MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    match asked.text("reason") {
        Some(text) if !is_word(text) => Err(refused(
            "reason",
            "it is not a word such as missing or wrong_type",
            "ce n'est pas un mot comme missing ou wrong_type",
        )),
        word => Ok(word.map(str::to_owned)),
    }
}

fn ids(asked: &Parameters) -> Result<Option<Vec<QuarantineId>>, ApiError> {
    let number = |id: &str| {
        let digits = id.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| id.parse().ok()).flatten().map(QuarantineId)
    };
    let read = |text: &str| {
        let ids: Option<Vec<_>> = text.split(',').map(number).collect();
        ids.filter(|ids| ids.len() <= MAX_IDS).ok_or_else(|| {
            refused(
                "ids",
                "these are not the ids of at most 500 texts, with commas between",
                "ce ne sont pas les identifiants de 500 textes au plus, séparés par des virgules",
            )
        })
    };
    asked.text("ids").map(read).transpose()
}

/// Why something is thrown away: never without a word.
fn reason(asked: &Parameters) -> Result<Reason, ApiError> {
    let problem = match asked.text("reason").map(str::parse) {
        Some(Ok(reason)) => return Ok(reason),
        Some(Err(error)) => messages::name(&error).parameter("reason"),
        None => messages::which_reason(),
    };
    Err(ApiError::from(problem).under(StatusCode::BAD_REQUEST))
}

fn refused(name: &'static str, english: &str, french: &str) -> ApiError {
    let problem = messages::bad_parameter(name, english, french);
    ApiError::from(problem).under(StatusCode::BAD_REQUEST)
}

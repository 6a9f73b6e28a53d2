//! What became of the entries of a request.

use super::log::{LogEntry, LogView};
use crate::error::ApiError;
use crate::extractors::{Here, Who};
use crate::intake::{Fate, Receipt, Taken};
use crate::language::Language;
use crate::response;
use crate::views::error::ErrorEntry;
use actix_web::HttpResponse;
use serde::ser::{Serialize, SerializeMap, Serializer};
use sillage_domain::{Arrival, LogNumber, NewEntry, StudyScope};
use utoipa::ToSchema;

/// How the receipt is to be written.
pub(crate) struct Answer<'a> {
    pub(crate) who: &'a Who,
    pub(crate) here: &'a Here,
    pub(crate) language: Language,
    /// Whether entries that were accepted are listed too.
    pub(crate) verbose: bool,
}

impl Answer<'_> {
    /// The answer to a request whose entries were taken.
    pub(crate) async fn to(&self, receipt: &Receipt) -> Result<HttpResponse, ApiError> {
        match receipt.taken.as_slice() {
            [taken] if receipt.single => self.one(receipt, taken).await,
            _ => response::ok(&Several {
                receipt,
                language: self.language,
                verbose: self.verbose,
            }),
        }
    }

    async fn one(&self, receipt: &Receipt, taken: &Taken) -> Result<HttpResponse, ApiError> {
        match (taken.fate, taken.arrival()) {
            (Fate::Accepted(number), Some(Arrival::Entry(entry))) => {
                let location = self.here.link(&format!("/v1/logs/{number}"));
                response::created(
                    location,
                    &LogView::sent(self.here.root(), entry, number, receipt.received_at),
                )
            }
            (Fate::Duplicate(number), Some(Arrival::Entry(entry))) => {
                self.stored(receipt, entry, number).await
            }
            (Fate::Conflict, _) => Err(ApiError::several(
                actix_web::http::StatusCode::CONFLICT,
                taken.problems(""),
            )),
            _ => {
                let kept = Kept {
                    taken,
                    place: String::new(),
                    language: self.language,
                };
                Ok(HttpResponse::Accepted()
                    .content_type("application/json")
                    .body(response::json_bytes(&kept)?))
            }
        }
    }

    /// The entry as it was stored when it came first.
    async fn stored(
        &self,
        receipt: &Receipt,
        entry: &NewEntry,
        number: LogNumber,
    ) -> Result<HttpResponse, ApiError> {
        let scope = StudyScope::Only(vec![entry.study]);
        let stored = self
            .who
            .api
            .off(move |inner| Ok(inner.ports.logs.entry(number, &scope)?))
            .await?;
        match &stored {
            Some(stored) => response::ok(&LogView::own(self.here.root(), stored)),
            // It is shown to readers only when no lower number may appear; its sender has the same content in hand.
            None => response::ok(&LogView::sent(
                self.here.root(),
                entry,
                number,
                receipt.received_at,
            )),
        }
    }
}

/// An entry that lies in quarantine.
struct Kept<'a> {
    taken: &'a Taken,
    place: String,
    language: Language,
}

impl Kept<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("status", self.taken.fate.as_str())?;
        let problems = self.taken.problems(&self.place);
        let said: Vec<_> = problems
            .iter()
            .map(|problem| problem.said(self.language))
            .collect();
        map.serialize_entry("errors", &said)
    }
}

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

/// Several entries: counts, and one result each.
struct Several<'a> {
    receipt: &'a Receipt,
    language: Language,
    verbose: bool,
}

impl Serialize for Several<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let taken = &self.receipt.taken;
        let count = |is: fn(Fate) -> bool| taken.iter().filter(|taken| is(taken.fate)).count();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("accepted", &count(|fate| matches!(fate, Fate::Accepted(_))))?;
        map.serialize_entry(
            "duplicates",
            &count(|fate| matches!(fate, Fate::Duplicate(_))),
        )?;
        let kept = |fate| matches!(fate, Fate::Quarantined | Fate::Conflict);
        map.serialize_entry("quarantined", &count(kept))?;
        let refused = count(|fate| fate == Fate::Refused);
        if refused > 0 {
            map.serialize_entry("refused", &refused)?;
        }
        map.serialize_entry("results", &Results(self))?;
        map.end()
    }
}

struct Results<'a>(&'a Several<'a>);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Several {
            receipt,
            language,
            verbose,
        } = *self.0;
        let listed = receipt
            .taken
            .iter()
            .filter(|taken| verbose || !matches!(taken.fate, Fate::Accepted(_)));
        serializer.collect_seq(listed.map(|taken| OneOf { taken, language }))
    }
}

struct OneOf<'a> {
    taken: &'a Taken,
    language: Language,
}

impl Serialize for OneOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let index = self.taken.index();
        map.serialize_entry("index", &index)?;
        if let Some(id) = self.taken.id() {
            map.serialize_entry("id", &id)?;
        }
        Kept {
            taken: self.taken,
            place: format!("/{index}"),
            language: self.language,
        }
        .entries(&mut map)?;
        map.end()
    }
}

/// What became of one entry that does not fit.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what Kept writes")]
pub(crate) struct Quarantined {
    /// `quarantined`.
    #[schema(example = "quarantined")]
    status: String,
    /// Everything that is wrong with it.
    errors: Vec<ErrorEntry>,
}

/// What became of several entries, or the entry that was stored before.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what Answer writes")]
pub(crate) enum TakenOrStored {
    Several(LogsTaken),
    Duplicate(Box<LogEntry>),
}

/// What became of several entries.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct LogsTaken {
    /// How many are stored now.
    accepted: u64,
    /// How many were stored before.
    duplicates: u64,
    /// How many lie in quarantine: because they do not fit, or because their id belongs to an entry with other content.
    quarantined: u64,
    /// How many were refused, and nothing of them kept, since whose they are has not consented; only if there are any.
    refused: Option<u64>,
    /// In the order of the body.
    results: Vec<LogTaken>,
}

/// What became of one of several entries.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct LogTaken {
    /// Its place in the body, from 0.
    index: u64,
    /// Its id, if it has one.
    id: Option<String>,
    /// `accepted`, `duplicate`, `quarantined`, `conflict` or `refused`.
    #[schema(example = "accepted")]
    status: String,
    /// Everything that is wrong with it.
    errors: Vec<ErrorEntry>,
}

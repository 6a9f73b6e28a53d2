//! Exports on their way out: written by a thread of their own, a few chunks ahead of the client.

mod asked;
mod codebook;
mod own;
mod pipe;

use crate::api::Inner;
use crate::audit::tell;
use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters, Who, gzipped_tag};
use crate::identity::KnownStudy;
use crate::logbook;
use crate::messages;
use crate::middleware::wants_gzip;
use crate::response::{not_modified, private};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, VARY,
};
pub(crate) use asked::{Asked, Kind, Rows, bad, seconds};
pub(crate) use codebook::{codebook, table_schema};
use futures_util::{StreamExt, stream};
pub(crate) use own::OwnFile;
use pipe::{Inlet, pipe, write_apart};
use sillage_auth::Reach;
use sillage_domain::quality::Boundaries;
use sillage_domain::{
    AuditAction, PageRequest, ParticipantNumber, Pseudonym, StoreError, StudyScope,
};
use sillage_export::{
    Cleaning, CleaningRule, Deidentified, Export, ExportError, Reading, Shape, View, WideTable,
    file_name,
};
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// How a file was made.
const PROVENANCE: HeaderName = HeaderName::from_static("sillage-provenance");

/// How many times the patience for a part of a request a client has for a chunk of an export.
const PATIENCE: u32 = 4;
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// A file that was asked for, by somebody who may have it.
pub(crate) struct File {
    asked: Asked,
    kind: Kind,
    /// What the codebook says, where it has a say: columns, classes, what fits.
    codebook: Option<Arc<Compiled>>,
    view: View,
    gzip: bool,
}

impl File {
    /// What the parameters ask for, as far as it goes with the study and the reach of the caller.
    pub(crate) async fn of(
        study: &InStudy,
        reach: Reach,
        asked: &Parameters,
        kind: Kind,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let purpose = asked::purpose(asked, &study.known.study)?;
        let mut asked = Asked::read(asked, kind)?;
        asked.filter.purpose = Some(purpose);
        let codebook = study.who.api.codebook_of(&study.known.study).await?;
        let needs_one = match (&asked.view, asked.rows) {
            (Some(View::Deidentified), _) => Some("view"),
            (_, Rows::Wide) => Some("shape"),
            _ if asked.clean.contains(&CleaningRule::Values) => Some("clean"),
            _ => None,
        };
        if let (Some(parameter), None) = (needs_one, &codebook) {
            return Err(bad(messages::no_codebook(parameter)));
        }
        Ok(Self {
            view: view(&asked, kind, reach, codebook.is_some())?,
            asked,
            kind,
            codebook,
            gzip: wants_gzip(headers),
        })
    }

    /// The answer: headers once there is something to send, or an error in its one form.
    pub(crate) async fn answer(
        self,
        study: &InStudy,
        asked: &Parameters,
        conditions: &Conditions,
    ) -> Result<HttpResponse, ApiError> {
        let api = &study.who.api;
        let scope = StudyScope::Only(vec![study.id()]);
        let revision = {
            let scope = scope.clone();
            api.off(move |inner| Ok(inner.ports.logs.revision(&scope)?))
                .await?
        };
        let query = format!(
            "{}#{:?}#{}#{:?}#{:?}",
            asked.canonical(),
            study.known.study.consent,
            self.asked.format.as_str(),
            self.view,
            self.version()
        );
        let tag = logbook::tag(&revision, &study.who, &scope, &query, asked.here.url());
        if conditions.has(&tag) {
            return Ok(not_modified(&tag));
        }
        let place = api.export_place()?;
        let name = self.name(study);
        let content_type = self.asked.format.content_type();
        self.note(study);
        let full = self.view == View::Full && !matches!(self.kind, Kind::Tsadk);
        let gzip = self.gzip;
        let provenance = self.provenance(study, asked);
        let (inlet, mut chunks) = pipe(api.settings().client_timeout * PATIENCE, gzip);
        self.start(study, inlet, place)?;
        // The first chunk is waited for, so that a database that is away is an error and no empty file.
        let first = chunks.next().await.transpose().map_err(failed)?;
        let first = stream::iter(first.map(Ok));
        let mut response = HttpResponse::Ok();
        if gzip {
            response.insert_header((CONTENT_ENCODING, "gzip"));
        }
        let mut response = response
            .content_type(content_type)
            .append_header((VARY, "Accept-Encoding"))
            .insert_header((
                CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ))
            .insert_header((ETAG, if gzip { gzipped_tag(&tag) } else { tag }))
            .insert_header((PROVENANCE, provenance))
            .insert_header(private())
            .streaming(first.chain(chunks.rest()));
        tell(&mut response, |told| {
            told.action = full.then_some(AuditAction::ExportFull);
            told.study = Some(study.id());
        });
        Ok(response)
    }

    fn version(&self) -> Option<i64> {
        self.codebook
            .as_ref()
            .map(|codebook| i64::from(codebook.version.0))
    }

    /// What the file is called when it is saved.
    fn name(&self, study: &InStudy) -> String {
        let slug = &study.known.study.slug;
        let whole = file_name(slug, study.who.api.now(), self.asked.format);
        let instead = match (self.kind, self.asked.rows) {
            (Kind::Reasons, _) => "cleaning",
            (_, Rows::Sessions) => "sessions",
            (_, Rows::Participants) => "participants",
            _ => return whole,
        };
        whole.replacen("_export_logs_", &format!("_{instead}_"), 1)
    }

    /// Who took what away.
    fn note(&self, study: &InStudy) {
        tracing::info!(
            event = "export",
            account = ?study.who.account(),
            study = study.known.study.slug.as_str(),
            view = self.view.as_str(),
            purpose = ?self.asked.filter.purpose,
            kind = ?self.kind,
            rows = ?self.asked.rows,
            "a study is exported"
        );
    }

    /// How the file was made, as JSON in ASCII, for a header.
    fn provenance(&self, study: &InStudy, asked: &Parameters) -> String {
        serde_json::json!({
            "study": study.known.study.slug,
            "query": asked.canonical(),
            "view": self.view.as_str(),
            "purpose": self.asked.filter.purpose,
            "codebook_version": self.version(),
            "clean": self.asked.clean.iter().map(|rule| rule.as_str()).collect::<Vec<_>>(),
            "tolerance_seconds": self.asked.rules.tolerance,
            "idle_seconds": self.asked.rules.idle,
        })
        .to_string()
    }

    /// Starts the thread that writes.
    fn start(
        self,
        study: &InStudy,
        inlet: Inlet,
        place: OwnedSemaphorePermit,
    ) -> Result<(), ApiError> {
        let inner = Arc::clone(&study.who.api.0);
        let known = Arc::clone(&study.known);
        write_apart(inlet, place, move |to| self.write(&inner, &known, to))
            .map_err(ApiError::internal)
    }

    /// Whether the client took all of it.
    fn write(
        &self,
        inner: &Inner,
        known: &KnownStudy,
        to: &mut Inlet,
    ) -> Result<bool, ExportError> {
        let numbers = if self.kind == Kind::Tsadk {
            inner.numbers(known)?
        } else {
            HashMap::new()
        };
        let number_of = |pseudonym: Pseudonym| numbers.get(&pseudonym).copied();
        let Asked {
            filter,
            format,
            profile,
            rows,
            clean,
            rules,
            raw,
            ..
        } = &self.asked;
        let (format, profile) = (*format, *profile);
        let book = self.codebook.as_deref();
        let table = book
            .filter(|_| *rows == Rows::Wide)
            .map(|book| WideTable::new(&book.codebook, filter.action.as_ref(), self.view));
        let shape = match (self.kind, rows, &table) {
            (Kind::Tsadk, ..) => Shape::FlatCsv {
                profile,
                number_of: &number_of,
                codebook: book.map(|book| &book.codebook),
            },
            (Kind::Reasons, ..) => Shape::Reasons(profile),
            (_, Rows::Sessions, _) => Shape::Sessions {
                format,
                profile,
                rules,
            },
            (_, Rows::Participants, _) => Shape::Participants {
                format,
                profile,
                rules,
            },
            (_, Rows::Wide, Some(table)) => Shape::Wide { profile, table },
            _ => format.shape(profile),
        };
        let deidentified = book
            .filter(|_| self.view == View::Deidentified)
            .map(|book| Deidentified::new(&book.codebook));
        let cleaning = Cleaning {
            rules: clean.clone(),
            by: *rules,
            boundaries: book
                .map(|book| Boundaries::of(&book.codebook))
                .unwrap_or_default(),
            checker: book.map(|book| &book.checker),
        };
        let export = Export {
            logs: &*inner.ports.logs,
            study: known.study.id,
            filter,
            shape,
            reading: Reading {
                amendments: (!raw).then_some(&*inner.ports.amendments),
                disputes: Some(&*inner.ports.disputes),
                cleaning: (!clean.is_empty()).then_some(&cleaning),
                deidentified: deidentified.as_ref(),
            },
        };
        Ok(export.send(|chunk| to.put(chunk))?.complete)
    }
}

/// How much the file holds: what is asked for, if the caller may have it; without a word, all of it only where there is no codebook.
fn view(asked: &Asked, kind: Kind, reach: Reach, has_codebook: bool) -> Result<View, ApiError> {
    let may_all = reach == Reach::Whole;
    match asked.view {
        _ if kind == Kind::Tsadk => Ok(View::Full),
        Some(View::Full) if !may_all => Err(messages::full_view_is_not_yours().into()),
        Some(view) => Ok(view),
        None if has_codebook => Ok(View::Deidentified),
        None if may_all => Ok(View::Full),
        None => Err(messages::forbidden().into()),
    }
}

fn failed(error: ExportError) -> ApiError {
    match error {
        ExportError::Store(error) => error.into(),
        other => ApiError::internal(other),
    }
}

impl Inner {
    /// The number of each participant whose account exists.
    pub(crate) fn numbers(
        &self,
        known: &KnownStudy,
    ) -> Result<HashMap<Pseudonym, ParticipantNumber>, StoreError> {
        let mut numbers = HashMap::new();
        let mut page = NonZeroU64::MIN;
        loop {
            let part = self.ports.accounts.participants(
                known.study.id,
                None,
                &PageRequest { page, size: PAGE },
            )?;
            let full = part.items.len() as u64 == u64::from(PAGE.get());
            for account in part.items {
                if let Some(enrolment) = account.enrolment {
                    numbers.insert(known.pseudonym(&account.subject), enrolment.number);
                }
            }
            if !full {
                return Ok(numbers);
            }
            page = page.saturating_add(1);
        }
    }
}

impl InStudy {
    /// The study that the request names, or the one that an export is about by default: of these.
    pub(crate) async fn asked_or_only(
        who: Who,
        asked: &Parameters,
        scope: &StudyScope,
    ) -> Result<Self, ApiError> {
        if let Some(slug) = asked.text("study") {
            return Self::find(who, slug).await;
        }
        let scope = scope.clone();
        let known = who.api.off(move |inner| {
            Ok(inner
                .only_study(&scope)?
                .map(|study| Arc::new(KnownStudy::new(inner, study))))
        });
        match known.await? {
            Some(known) => Self::of(who, known),
            None => Err(ApiError::from(messages::which_study()).under(StatusCode::BAD_REQUEST)),
        }
    }
}

//! Exports on their way out: written by a thread of their own, a few chunks ahead of the client.

mod pipe;

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::{Conditions, InStudy, Parameters, Who, gzipped_tag};
use crate::identity::KnownStudy;
use crate::logbook::{self, FILTERS};
use crate::messages;
use crate::middleware::wants_gzip;
use crate::response::{not_modified, private};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, ETAG, HeaderMap, VARY};
use futures_util::{StreamExt, stream};
use pipe::{Inlet, pipe};
use sillage_domain::{
    LogFilter, PageRequest, ParticipantNumber, Pseudonym, StoreError, StudyScope,
};
use sillage_export::{Export, ExportError, Format, Profile, Shape, file_name};
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// How many times the patience for a part of a request a client has for a chunk of an export.
const PATIENCE: u32 = 4;
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// Which file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// In the format that the request names, or the one that the client likes best.
    Whole { liked: Option<&'static str> },
    /// As TSADK had it.
    Tsadk,
}

/// A file that was asked for.
pub(crate) struct File {
    filter: LogFilter,
    format: Format,
    profile: Profile,
    tsadk: bool,
    gzip: bool,
}

impl File {
    pub(crate) fn of(
        asked: &Parameters,
        kind: Kind,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let own: &[&str] = match kind {
            Kind::Whole { .. } => &["profile", "format", "view"],
            Kind::Tsadk => &["profile", "study"],
        };
        let filters = FILTERS.iter().filter(|name| **name != "study");
        asked.only(&filters.chain(own).copied().collect::<Vec<_>>())?;
        let formats: Vec<_> = Format::ALL.iter().map(|format| format.as_str()).collect();
        let profiles: Vec<_> = Profile::ALL
            .iter()
            .map(|profile| profile.as_str())
            .collect();
        asked.word("view", &["full"], |word| (word == "full").then_some(()))?;
        let liked = match kind {
            Kind::Whole {
                liked: Some("application/x-ndjson"),
            } => Format::Ndjson,
            _ => Format::Csv,
        };
        Ok(Self {
            filter: logbook::filter(asked)?,
            format: asked
                .word("format", &formats, Format::from_word)?
                .unwrap_or(liked),
            profile: asked
                .word("profile", &profiles, Profile::from_word)?
                .unwrap_or_default(),
            tsadk: matches!(kind, Kind::Tsadk),
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
        let query = format!("{}#{}", asked.canonical(), self.format.as_str());
        let tag = logbook::tag(&revision, &study.who, &scope, &query, &asked.here.url);
        if conditions.has(&tag) {
            return Ok(not_modified(&tag));
        }
        let place = api.export_place()?;
        let name = file_name(&study.known.study.slug, api.now(), self.format);
        let content_type = self.format.content_type();
        tracing::info!(
            study = study.known.study.slug.as_str(),
            tsadk = self.tsadk,
            "a study is exported"
        );
        let gzip = self.gzip;
        let (inlet, mut chunks) = pipe(api.settings().client_timeout * PATIENCE, gzip);
        self.start(study, inlet, place)?;
        // The first chunk is waited for, so that a database that is away is an error and no empty file.
        let first = chunks.next().await.transpose().map_err(failed)?;
        let first = stream::iter(first.map(Ok));
        let mut response = HttpResponse::Ok();
        if gzip {
            response.insert_header((CONTENT_ENCODING, "gzip"));
        }
        Ok(response
            .content_type(content_type)
            .append_header((VARY, "Accept-Encoding"))
            .insert_header((
                CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ))
            .insert_header((ETAG, if gzip { gzipped_tag(&tag) } else { tag }))
            .insert_header(private())
            .streaming(first.chain(chunks.rest())))
    }

    /// Starts the thread that writes.
    fn start(
        self,
        study: &InStudy,
        mut inlet: Inlet,
        place: OwnedSemaphorePermit,
    ) -> Result<(), ApiError> {
        let inner = Arc::clone(&study.who.api.0);
        let known = Arc::clone(&study.known);
        let span = tracing::Span::current();
        let write = move || {
            span.in_scope(|| {
                let error = match self.write(&inner, &known, &mut inlet) {
                    Ok(true) => match inlet.close() {
                        Ok(()) => return,
                        Err(error) => return broke_off(&error),
                    },
                    // The client is gone.
                    Ok(false) => return,
                    Err(error) => error,
                };
                broke_off(&error);
                inlet.fail(error);
            });
            drop(place);
        };
        std::thread::Builder::new()
            .name("export".to_owned())
            .spawn(write)
            .map_err(ApiError::internal)?;
        Ok(())
    }

    /// Whether the client took all of it.
    fn write(
        &self,
        inner: &Inner,
        known: &KnownStudy,
        to: &mut Inlet,
    ) -> Result<bool, ExportError> {
        let numbers = if self.tsadk {
            inner.numbers(known)?
        } else {
            HashMap::new()
        };
        let number_of = |pseudonym: Pseudonym| numbers.get(&pseudonym).copied();
        let shape = if self.tsadk {
            Shape::FlatCsv {
                profile: self.profile,
                number_of: &number_of,
            }
        } else {
            self.format.shape(self.profile)
        };
        let export = Export {
            logs: &*inner.ports.logs,
            study: known.study.id,
            filter: &self.filter,
            shape,
        };
        Ok(export.send(|chunk| to.put(chunk))?.complete)
    }
}

fn broke_off(error: &ExportError) {
    tracing::error!(%error, "an export broke off");
}

fn failed(error: ExportError) -> ApiError {
    match error {
        ExportError::Store(error) => error.into(),
        other => ApiError::internal(other),
    }
}

impl Inner {
    /// The number of each participant whose account exists.
    fn numbers(
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

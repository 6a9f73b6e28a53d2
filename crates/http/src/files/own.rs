//! What is held of the caller, as a file of his own.

mod tables;
mod walk;
mod writing;

use super::pipe::{Inlet, pipe, write_apart};
use super::{PATIENCE, failed};
use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::{Conditions, Parameters, Who, gzipped_tag};
use crate::identity::KnownStudy;
use crate::language::Language;
use crate::logbook;
use crate::messages;
use crate::middleware::{preferred, wants_gzip};
use crate::response::{etag, json_bytes, not_modified, private};
use crate::views::grant::GrantView;
use crate::views::identity::IdentityView;
use crate::views::own_data::{OwnAccount, OwnHead, OwnMembership};
use crate::views::request::RequestView;
use crate::views::rights::ProcessingView;
use crate::views::study::StudyView;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, ETAG, HeaderMap, VARY};
use futures_util::{StreamExt, stream};
use sillage_auth::{Granted, Reach, ReadOwnIdentity, ReadSelf};
use sillage_domain::{
    AccountId, ConsentCode, Day, Grant, LogFilter, MAX_GRANTS, PageRequest, Role, StoreError,
    StudyScope, Timestamp,
};
use sillage_export::{Export, ExportError, Format, Profile, Reading, Shape, own_columns};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

/// More log-ins than an account can have.
const GRANTS: NonZeroU32 = NonZeroU32::new(MAX_GRANTS).unwrap();

/// What the file comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnFormat {
    /// One document.
    Json,
    /// One part of it.
    Csv(OwnTable, Profile),
}

/// Which part of what is held is a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OwnTable {
    /// The entries, as they are to be read.
    #[default]
    Entries,
    /// What could not be taken.
    Quarantine,
    /// Everything else, a row a value.
    About,
}

impl OwnTable {
    const WORDS: &[&str] = &["entries", "quarantine", "about"];

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "entries" => Some(Self::Entries),
            "quarantine" => Some(Self::Quarantine),
            "about" => Some(Self::About),
            _ => None,
        }
    }
}

impl OwnFormat {
    fn of(asked: &Parameters, headers: &HeaderMap) -> Result<Self, ApiError> {
        asked.only(&["format", "profile", "table"])?;
        let table = asked.word("table", OwnTable::WORDS, OwnTable::from_word)?;
        let profiles: Vec<_> = Profile::ALL.iter().map(|one| one.as_str()).collect();
        let profile = asked.word("profile", &profiles, Profile::from_word)?;
        let csv = asked.word("format", &["json", "csv"], |word| match word {
            "json" => Some(false),
            "csv" => Some(true),
            _ => None,
        })?;
        let liked = || preferred(headers, &["application/json", "text/csv"]) == Some("text/csv");
        Ok(match csv.unwrap_or_else(liked) {
            true => Self::Csv(table.unwrap_or_default(), profile.unwrap_or_default()),
            false => Self::Json,
        })
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv(..) => Format::Csv.content_type(),
        }
    }

    /// The name says nothing of whose file it is.
    fn file_name(self, day: Timestamp) -> String {
        let mut buffer = [0; 27];
        let day = day.format(&mut buffer);
        let (part, ending) = match self {
            Self::Json => ("data", "json"),
            Self::Csv(OwnTable::Entries, _) => ("data", "csv"),
            Self::Csv(OwnTable::Quarantine, _) => ("quarantine", "csv"),
            Self::Csv(OwnTable::About, _) => ("account", "csv"),
        };
        format!(
            "my_{part}_{}{}{}.{ending}",
            &day[..4],
            &day[5..7],
            &day[8..10]
        )
    }
}

/// A file that was asked for.
pub(crate) struct OwnFile {
    who: Who,
    format: OwnFormat,
    /// An open JSON object, with what is short.
    head: Vec<u8>,
    language: Language,
    root: String,
    gzip: bool,
    /// Names the caller's history of consents.
    code: ConsentCode,
}

impl OwnFile {
    /// What the parameters ask for.
    pub(crate) async fn of(
        who: Who,
        granted: Granted<ReadSelf>,
        asked: &Parameters,
        headers: &HeaderMap,
        language: Language,
    ) -> Result<Self, ApiError> {
        let format = OwnFormat::of(asked, headers)?;
        let account = granted.by().ok_or_else(messages::forbidden)?;
        let head = match format {
            OwnFormat::Json | OwnFormat::Csv(OwnTable::About, _) => {
                head(&who, account, asked.here.root()).await?
            }
            OwnFormat::Csv(..) => Vec::new(),
        };
        let code = match &who.identity.plays {
            Some((known, _)) => known.consent_code(&who.subject()),
            None => ConsentCode::new([0; 16]),
        };
        Ok(Self {
            code,
            who,
            format,
            head,
            language,
            root: asked.here.root().to_owned(),
            gzip: wants_gzip(headers),
        })
    }

    /// The answer: headers once there is something to send, or an error in its one form.
    pub(crate) async fn answer(self, conditions: &Conditions) -> Result<HttpResponse, ApiError> {
        let (api, gzip) = (self.who.api.clone(), self.gzip);
        let tag = self.tag().await?;
        if conditions.has(&tag) {
            return Ok(not_modified(&tag));
        }
        let place = api.own_export_place()?;
        let name = self.format.file_name(api.now());
        let content_type = self.format.content_type();
        tracing::info!(event = "own_export", "somebody takes what is held of them");
        let (inlet, mut chunks) = pipe(api.settings().client_timeout * PATIENCE, gzip);
        let inner = Arc::clone(&api.0);
        write_apart(inlet, place, move |to| self.write(&inner, to)).map_err(ApiError::internal)?;
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

    /// Of everything that the file depends on. Reads no entry.
    async fn tag(&self) -> Result<String, ApiError> {
        let studies = self.plays().map(|(known, _)| known.study.id);
        let scope = StudyScope::Only(studies.into_iter().collect());
        let revision = {
            let scope = scope.clone();
            let read = move |inner: &Inner| Ok(inner.ports.logs.revision(&scope)?);
            self.who.api.off(read).await?
        };
        let query = format!("{:?}#{}", self.format, self.language.tag());
        let entries = logbook::tag(&revision, &self.who, &scope, &query, &self.root);
        Ok(etag(&[entries.as_bytes(), &self.head]))
    }

    /// Where the caller plays, and as whom.
    fn plays(&self) -> Option<(&KnownStudy, LogFilter)> {
        let (known, pseudonym) = self.who.identity.plays.as_ref()?;
        let filter = LogFilter {
            participant: Some(*pseudonym),
            ..LogFilter::default()
        };
        Some((known, filter))
    }

    /// Whether the client took all of it.
    fn write(&self, inner: &Inner, to: &mut Inlet) -> Result<bool, ExportError> {
        match (self.format, self.plays()) {
            (OwnFormat::Json, plays) => writing::json(self, inner, plays, to),
            (OwnFormat::Csv(OwnTable::Quarantine, profile), plays) => {
                tables::quarantine(inner, plays, profile, to)
            }
            (OwnFormat::Csv(OwnTable::About, profile), plays) => {
                tables::about(self, inner, plays, profile, to)
            }
            (OwnFormat::Csv(OwnTable::Entries, profile), Some((known, filter))) => {
                let export = Export {
                    logs: &*inner.ports.logs,
                    study: known.study.id,
                    filter: &filter,
                    shape: Shape::OwnCsv(profile),
                    reading: Reading {
                        amendments: Some(&*inner.ports.amendments),
                        disputes: Some(&*inner.ports.disputes),
                        ..Reading::default()
                    },
                };
                Ok(export.send(|chunk| to.put(chunk))?.complete)
            }
            (OwnFormat::Csv(OwnTable::Entries, _), None) => {
                let header = own_columns().collect::<Vec<_>>().join(",") + "\r\n";
                Ok(to.put(header.into_bytes()).is_continue())
            }
        }
    }
}

/// The account, the log-ins, and where somebody plays or runs studies; a JSON object that is not closed.
async fn head(who: &Who, id: AccountId, root: &str) -> Result<Vec<u8>, ApiError> {
    let (root, subject) = (root.to_owned(), who.subject());
    let (now, current) = (who.api.now(), who.identity.grant);
    let shows_identity = who.may(ReadOwnIdentity).is_ok();
    let known = who
        .identity
        .plays
        .as_ref()
        .map(|(known, _)| Arc::clone(known));
    who.api
        .off(move |inner| {
            let found = inner.ports.accounts.account(id)?;
            // It was deleted a moment ago.
            let account = found.ok_or_else(messages::token_invalid)?;
            let grants = inner.grants_of(id, now)?;
            let memberships = match account.role {
                Role::Participant => None,
                _ => Some(inner.memberships_of(id)?),
            };
            let accesses = inner.accesses(&account)?;
            let identity = match &known {
                Some(known) if shows_identity && !known.study.identity.is_empty() => {
                    let found = inner.vault.read(id)?;
                    Some(IdentityView::new(known.study.identity, &found))
                }
                _ => None,
            };
            let keeps = |known: &Arc<KnownStudy>| !known.study.identity.is_empty();
            let left_out: &[&str] = match known.as_ref().is_some_and(keeps) && !shows_identity {
                true => &["identity"],
                false => &[],
            };
            let standstill = match &known {
                Some(known) => {
                    let (code, one) = (known.consent_code(&subject), known.pseudonym(&subject));
                    Some(inner.standstill(known.study.id, &code, one)?)
                }
                None => None,
            };
            let today = Day::of(now);
            let requests = match account.role {
                Role::Participant => Some(inner.ports.requests.requests_of(id)?),
                _ => None,
            };
            let mut head = json_bytes(&OwnHead {
                accesses,
                account: OwnAccount::new(&account, known.as_ref().map(|one| &one.study.slug)),
                memberships,
                identity,
                left_out,
                grants: grants
                    .iter()
                    .map(|grant| GrantView::new(grant, current))
                    .collect(),
                study: known
                    .as_ref()
                    .map(|known| StudyView::new(&root, &known.study, Reach::Public)),
                processing: standstill.as_ref().map(ProcessingView::from),
                requests: requests
                    .as_ref()
                    .map(|all| all.iter().map(|one| RequestView::own(one, today)).collect()),
            })?;
            head.pop();
            Ok(head)
        })
        .await
}

impl Inner {
    fn grants_of(&self, account: AccountId, now: Timestamp) -> Result<Vec<Grant>, StoreError> {
        let page = PageRequest {
            page: NonZeroU64::MIN,
            size: GRANTS,
        };
        Ok(self.ports.grants.grants_of(account, now, &page)?.items)
    }

    fn memberships_of(&self, account: AccountId) -> Result<Vec<OwnMembership>, StoreError> {
        let mut named = Vec::new();
        for one in self.ports.accounts.memberships(account)? {
            if let Some(study) = self.ports.studies.study(one.study)? {
                named.push(OwnMembership {
                    study: study.slug,
                    role: one.role,
                });
            }
        }
        Ok(named)
    }
}

//! Accounts of participants. No pseudonym stands beside an account.

use crate::enrolment::Handed;
use crate::error::ApiError;
use crate::extractors::{Conditions, Here, InStudy};
#[cfg(feature = "sheets")]
use crate::language::Language;
use crate::middleware::preferred;
use crate::response;
use actix_web::HttpResponse;
#[cfg(feature = "sheets")]
use actix_web::HttpResponseBuilder;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, LOCATION};
#[cfg(feature = "sheets")]
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY};
use serde::Serialize;
use sillage_auth::Secret;
use sillage_domain::{Account, ParticipantNumber, PasswordHash, Timestamp, Username};
#[cfg(feature = "sheets")]
use sillage_export::{Card, SHEET_POLICY, Sheet, SheetLanguage};
use utoipa::ToSchema;

/// How accounts are handed out.
pub(crate) const FORMATS: &[&str] = &[
    "application/json",
    "text/csv",
    #[cfg(feature = "sheets")]
    "text/html",
];

/// An account of a participant.
#[derive(Serialize, ToSchema)]
#[schema(as = Participant)]
pub(crate) struct ParticipantView<'a> {
    /// What the participant logs in with.
    #[schema(value_type = String, example = "classe-a-01")]
    username: &'a Username,
    /// From 1, in order of enrolment.
    #[schema(value_type = Option<i64>, example = 1)]
    number: Option<ParticipantNumber>,
    /// Its URL.
    uri: String,
    /// Whether it may log in.
    active: bool,
    /// When it was made.
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// The password that the server made, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<&'a str>,
    #[serde(skip)]
    hash: &'a PasswordHash,
}

impl<'a> ParticipantView<'a> {
    pub(crate) fn new(study: &InStudy, here: &Here, account: &'a Account) -> Self {
        let path = format!(
            "/v1/studies/{}/participants/{}",
            study.known.study.slug,
            encoded(&account.username)
        );
        Self {
            username: &account.username,
            number: account.enrolment.map(|enrolment| enrolment.number),
            uri: here.link(&path),
            active: account.active,
            created_at: account.created_at,
            password: None,
            hash: &account.password_hash,
        }
    }

    /// Its tag, which changes with the password too, shown or not.
    pub(crate) fn tag(&self) -> Result<String, ApiError> {
        let shown = response::json_bytes(&Self {
            password: None,
            uri: self.uri.clone(),
            ..*self
        })?;
        Ok(response::etag(&[&shown, self.hash.expose().as_bytes()]))
    }

    /// 200, or 304 if the client has it already.
    pub(crate) fn answer(&self, conditions: &Conditions) -> Result<HttpResponse, ApiError> {
        let tag = self.tag()?;
        if conditions.has(&tag) {
            return Ok(response::not_modified(&tag));
        }
        let mut response = HttpResponse::Ok();
        response
            .insert_header((ETAG, tag))
            .insert_header(response::private());
        if self.password.is_some() {
            response.insert_header((CACHE_CONTROL, "no-store"));
        }
        Ok(response
            .content_type("application/json")
            .body(response::json_bytes(self)?))
    }
}

/// A username as a segment of a path (RFC 3986 section 3.3).
pub(crate) fn encoded(username: &Username) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
    let bytes = username.as_str().bytes();
    bytes
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// Accounts that were made, to be handed out.
pub(crate) struct Participants<'a> {
    pub(crate) study: &'a InStudy,
    pub(crate) here: &'a Here,
    /// In order of their numbers.
    pub(crate) handed: &'a [Handed],
    /// Whether one was asked for, and not a list of one.
    pub(crate) single: bool,
    /// Where to play, if it is another place than the study says; a sheet says it.
    #[cfg_attr(
        not(feature = "sheets"),
        expect(dead_code, reason = "sheets alone say it")
    )]
    pub(crate) address: Option<&'a str>,
}

/// The account that was made, or the list of those that were.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what Participants writes")]
pub(crate) enum OneOrMany<'a> {
    One(ParticipantView<'a>),
    Many(List<'a>),
}

/// Accounts that were made, to be handed out.
#[derive(Serialize, ToSchema)]
#[schema(as = Participants)]
pub(crate) struct List<'a> {
    /// In order of their numbers.
    participants: Vec<HandedView<'a>>,
}

/// An account to be handed out.
#[derive(Serialize, ToSchema)]
#[schema(as = HandedParticipant)]
pub(crate) struct HandedView<'a> {
    #[schema(value_type = String, example = "classe-a-01")]
    username: &'a Username,
    /// Shown this once.
    #[schema(value_type = String, example = "k7rm-x2pd-9hqe")]
    password: &'a str,
    /// From 1, in order of enrolment.
    #[schema(value_type = Option<i64>)]
    number: Option<ParticipantNumber>,
}

impl Participants<'_> {
    /// 201, in the format that the client likes best.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Result<HttpResponse, ApiError> {
        let mut response = HttpResponse::Created();
        response.insert_header((CACHE_CONTROL, "no-store"));
        match preferred(headers, FORMATS) {
            Some("text/csv") => {
                return Ok(response
                    .content_type("text/csv; charset=utf-8; header=present")
                    .body(self.csv()));
            }
            #[cfg(feature = "sheets")]
            Some("text/html") => return Ok(self.sheet(response, Language::of(headers))),
            _ => {}
        }
        let body = match self.handed {
            [one] if self.single => {
                let mut view = ParticipantView::new(self.study, self.here, &one.account);
                view.password = one.password.as_ref().map(Secret::expose);
                response.insert_header((LOCATION, view.uri.as_str()));
                response::json_bytes(&view)?
            }
            several => response::json_bytes(&List {
                participants: several.iter().map(handed).collect(),
            })?,
        };
        Ok(response.content_type("application/json").body(body))
    }

    #[cfg(feature = "sheets")]
    fn sheet(&self, mut response: HttpResponseBuilder, language: Language) -> HttpResponse {
        let cards: Vec<_> = self
            .handed
            .iter()
            .map(|one| Card {
                username: one.account.username.as_str(),
                password: one.password.as_ref().map(Secret::expose),
            })
            .collect();
        let study = &self.study.known.study;
        let sheet = Sheet {
            title: &study.title,
            address: self
                .address
                .or(study.game_url.as_deref())
                .unwrap_or(&self.study.who.api.settings().public_url),
            cards: &cards,
            language: match language {
                Language::English => SheetLanguage::English,
                Language::French => SheetLanguage::French,
            },
        };
        response
            .insert_header((
                CONTENT_SECURITY_POLICY,
                format!("{SHEET_POLICY}; frame-ancestors 'none'"),
            ))
            .insert_header((CONTENT_LANGUAGE, language.tag()))
            .insert_header((
                CONTENT_DISPOSITION,
                format!("inline; filename=\"{}-accounts.html\"", study.slug),
            ))
            .content_type("text/html; charset=utf-8")
            .body(sheet.html())
    }

    /// Neither a username nor a generated password has a character that CSV would quote.
    fn csv(&self) -> String {
        let line = |one: &Handed| {
            let password = one.password.as_ref().map_or("", Secret::expose);
            format!("{},{password}\r\n", one.account.username)
        };
        std::iter::once("username,password\r\n".to_owned())
            .chain(self.handed.iter().map(line))
            .collect()
    }
}

fn handed(one: &Handed) -> HandedView<'_> {
    HandedView {
        username: &one.account.username,
        password: one.password.as_ref().map_or("", Secret::expose),
        number: one.account.enrolment.map(|enrolment| enrolment.number),
    }
}

//! Accounts of participants. No pseudonym stands beside an account.

use crate::enrolment::Handed;
use crate::error::ApiError;
use crate::extractors::{Here, InStudy};
use crate::middleware::preferred;
use crate::response;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, LOCATION};
use serde::Serialize;
use sillage_auth::Secret;
use sillage_domain::{Account, ParticipantNumber, Timestamp, Username};
use utoipa::ToSchema;

const FORMATS: &[&str] = &["application/json", "text/csv"];

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
    password: Option<&'a str>,
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
        }
    }
}

/// A username as a segment of a path (RFC 3986 section 3.3).
fn encoded(username: &Username) -> String {
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
        if preferred(headers, FORMATS) == Some("text/csv") {
            return Ok(response
                .content_type("text/csv; charset=utf-8; header=present")
                .body(self.csv()));
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

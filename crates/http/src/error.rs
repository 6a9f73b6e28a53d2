//! The one error of the API, and the one form in which it is answered.

use crate::audit::Mark;
use crate::codes::Code;
use crate::language::{Language, Text};
use crate::messages;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use sillage_domain::{AmendmentError, BodyError, StoreError};
use std::borrow::Cow;
use std::fmt;

/// How many members that stand twice an answer lists at most.
const MAX_LISTED: usize = 100;
/// Seconds until a request that met a full queue or a lost database should be sent again.
const RETRY_AFTER: &str = "2";

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The place that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Whole,
    /// A JSON pointer (RFC 6901) into the body.
    Pointer(String),
    /// A parameter of the query.
    Parameter(Cow<'static, str>),
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) text: Text,
    pub(crate) place: Place,
    /// The line of the body and the character of it, both from 1, where the body is a text that people write.
    line: Option<(usize, usize)>,
}

impl Problem {
    pub(crate) fn new(code: Code, text: Text) -> Self {
        Self {
            code,
            text,
            place: Place::Whole,
            line: None,
        }
    }

    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.place = Place::Pointer(pointer.into());
        self
    }

    pub(crate) fn parameter(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.place = Place::Parameter(name.into());
        self
    }

    pub(crate) fn on_line(mut self, line: usize, column: usize) -> Self {
        self.line = Some((line, column));
        self
    }

    pub(crate) fn said(&self, language: Language) -> Said<'_> {
        Said {
            problem: self,
            language,
        }
    }
}

/// A problem as an answer shows it.
pub(crate) struct Said<'a> {
    problem: &'a Problem,
    language: Language,
}

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.problem.code.number())?;
        map.serialize_entry("message", self.problem.text.in_language(self.language))?;
        match &self.problem.place {
            Place::Whole => {}
            Place::Pointer(pointer) => map.serialize_entry("pointer", pointer)?,
            Place::Parameter(name) => map.serialize_entry("parameter", name)?,
        }
        if let Some((line, column)) = self.problem.line {
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
        }
        map.end()
    }
}

/// Why a request is not answered as it asked.
///
/// What the caller is told is in `problems`; what only the log is told, in `inside`.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    problems: Vec<Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The error code of RFC 6749, on its endpoints.
    oauth: Option<&'static str>,
    /// What is left of what was asked for, under its name.
    beside: Option<Box<(&'static str, Value)>>,
    inside: Option<Source>,
    /// What the audit log is told.
    mark: Option<Mark>,
}

impl ApiError {
    /// Several problems under one status.
    pub(crate) fn several(status: StatusCode, problems: Vec<Problem>) -> Self {
        Self {
            status,
            problems,
            headers: Vec::new(),
            oauth: None,
            beside: None,
            inside: None,
            mark: None,
        }
    }

    /// Something that should not happen; the source goes to the log.
    pub(crate) fn internal(source: impl Into<Source>) -> Self {
        Self {
            inside: Some(source.into()),
            ..Self::from(messages::internal(""))
        }
    }

    /// The same, for the log as well.
    pub(crate) fn because(mut self, source: impl Into<Source>) -> Self {
        self.inside = Some(source.into());
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With that beside what is wrong.
    pub(crate) fn beside(mut self, name: &'static str, value: Value) -> Self {
        self.beside = Some(Box::new((name, value)));
        self
    }

    /// With that for the audit log.
    pub(crate) fn marked(mut self, mark: Option<Mark>) -> Self {
        self.mark = mark;
        self
    }

    /// What the audit log is told.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// Whether it tells of that.
    pub(crate) fn is_about(&self, code: Code) -> bool {
        self.problems.iter().any(|problem| problem.code == code)
    }

    /// With another status than the code's own.
    pub(crate) fn under(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With what is wrong in other places.
    pub(crate) fn map_places(mut self, to: impl Fn(Place) -> Place) -> Self {
        for problem in &mut self.problems {
            let place = std::mem::replace(&mut problem.place, Place::Whole);
            problem.place = to(place);
        }
        self
    }

    /// Another error, where this one says that a thing does not exist.
    pub(crate) fn instead_of_404(self, other: impl FnOnce() -> Self) -> Self {
        if self.status == StatusCode::NOT_FOUND {
            other()
        } else {
            self
        }
    }

    /// With the error code of RFC 6749 section 5.2, or of RFC 6750 section 3.1.
    pub(crate) fn oauth(mut self, code: &'static str) -> Self {
        self.oauth = Some(code);
        self.status = match code {
            "invalid_client" | "invalid_token" => StatusCode::UNAUTHORIZED,
            "insufficient_scope" => StatusCode::FORBIDDEN,
            _ if self.status.is_server_error() || self.status == StatusCode::TOO_MANY_REQUESTS => {
                self.status
            }
            _ => StatusCode::BAD_REQUEST,
        };
        // A code that is but the status is that of the answer.
        for problem in &mut self.problems {
            if problem.code == Code::BadRequest {
                problem.code = Code::of_status(self.status);
            }
        }
        self.header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    /// Whether it has an error code of RFC 6749 already.
    pub(crate) fn is_oauth(&self) -> bool {
        self.oauth.is_some()
    }

    /// The status of its answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// What the log is told.
    pub(crate) fn inside(&self) -> Option<&Source> {
        self.inside.as_ref()
    }

    /// The answer in that language; `reference` finds what the log says about it.
    pub(crate) fn answer(&self, language: Language, reference: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.append_header((name.clone(), value.clone()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let advised = self
            .headers
            .iter()
            .any(|(name, _)| name == header::RETRY_AFTER);
        if self.status == StatusCode::SERVICE_UNAVAILABLE && !advised {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
        }
        if self.status == StatusCode::REQUEST_TIMEOUT {
            // What is still on its way belongs to no request any more.
            response.force_close();
        }
        response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        let internal = [messages::internal(reference)];
        let told = if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            &internal[..]
        } else {
            &self.problems
        };
        response.json(Body {
            oauth: self.oauth,
            problems: told,
            beside: self.beside.as_deref(),
            language,
        })
    }
}

/// What an error looks like: `{"errors":[{"code","message","pointer"|"parameter"}]}`, on OAuth 2 endpoints with that standard's members.
struct Body<'a> {
    oauth: Option<&'static str>,
    problems: &'a [Problem],
    beside: Option<&'a (&'static str, Value)>,
    language: Language,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(oauth) = self.oauth {
            map.serialize_entry("error", oauth)?;
            // The standard allows ASCII only here (RFC 6749 section 5.2).
            let description = self
                .problems
                .first()
                .map_or("", |p| p.text.in_language(Language::English));
            map.serialize_entry("error_description", &description.replace('"', "'"))?;
        }
        let said: Vec<_> = self
            .problems
            .iter()
            .map(|problem| problem.said(self.language))
            .collect();
        map.serialize_entry("errors", &said)?;
        if let Some((name, value)) = self.beside {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for problem in &self.problems {
            write!(f, "; {}: {}", problem.code.number(), problem.text.english)?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inside.as_ref().map(|source| &**source as _)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Without the request: the middleware makes the answer again in its language.
    fn error_response(&self) -> HttpResponse {
        self.answer(Language::English, "")
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::several(problem.code.status(), vec![problem])
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken(name) => messages::name_taken(&name).into(),
            StoreError::Stale => messages::stale().into(),
            StoreError::NotFound => messages::not_found().into(),
            StoreError::Overloaded => messages::overloaded().into(),
            StoreError::Away(source) => Self::from(messages::away()).because(source),
            other => Self::internal(other),
        }
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Malformed {
                line,
                column,
                problem,
            } => messages::malformed_json(line, column, &problem).into(),
            BodyError::Duplicates { pointers } => {
                let problems = pointers
                    .into_iter()
                    .take(MAX_LISTED)
                    .map(|at| messages::member_twice().at(at));
                Self::several(Code::MalformedJson.status(), problems.collect())
            }
            BodyError::TooMany { max } => messages::too_many_entries(max).into(),
            other => Self::internal(other),
        }
    }
}

impl From<AmendmentError> for ApiError {
    fn from(error: AmendmentError) -> Self {
        let faults = match error {
            AmendmentError::Body(error) => return error.into(),
            AmendmentError::Faults(faults) => faults,
            other => return Self::internal(other),
        };
        let problems: Vec<_> = faults
            .into_iter()
            .map(|fault| messages::fault(&fault.kind).at(fault.pointer))
            .collect();
        let too_large = problems
            .first()
            .is_some_and(|first| first.code == Code::PayloadTooLarge);
        let status = if too_large {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Self::several(status, problems)
    }
}

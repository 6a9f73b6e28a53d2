//! The body of a request: of a format that is taken, inflated, and no larger than the limit.

use super::api;
use super::members::{FromMembers, Members};
use crate::error::ApiError;
use crate::messages;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
    TRANSFER_ENCODING,
};
use actix_web::{FromRequest, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::error::Category;
use sillage_domain::Form;
use sillage_domain::codebook::CodebookFormat;
use std::future::poll_fn;
use std::io::Read;
use std::task::Poll;
use std::time::Duration;

const JSON: &str = "application/json";
const TOML: &str = "application/toml";
const NDJSON: &str = "application/x-ndjson";
const MARKDOWN: &str = "text/markdown";
const FORM: &str = "application/x-www-form-urlencoded";
/// How many times the patience for one part the whole body may take.
const WHOLE: u32 = 10;
/// How much more than the limit is read and thrown away, so that the client gets to read the answer.
const DRAINED: usize = 16 << 20;
/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// A small body, JSON or (where it is taken) a form. It is read by the controller, after it has asked the policy.
pub(crate) struct Body {
    bytes: Bytes,
    form: bool,
}

impl Body {
    /// The value that the body holds, all its faults told at once.
    pub(crate) fn valid<T: FromMembers>(&self) -> Result<T, ApiError> {
        self.members()?.read()
    }

    /// The same, but unknown members are passed over.
    pub(crate) fn valid_known<T: FromMembers>(&self) -> Result<T, ApiError> {
        self.members()?.read_known()
    }

    /// Whether the body is an object with a member of that name.
    pub(crate) fn has(&self, member: &str) -> bool {
        self.members().is_ok_and(|members| members.has(member))
    }

    /// What is known of the value, whatever is missing.
    pub(crate) fn known<T: FromMembers>(&self) -> Result<T, ApiError> {
        self.members()
            .map(|mut members| T::from_members(&mut members))
    }

    /// What was sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn members(&self) -> Result<Members, ApiError> {
        if self.form {
            let text = std::str::from_utf8(&self.bytes).map_err(|_| messages::bad_request())?;
            let pairs = web::Query::<Vec<(String, String)>>::from_query(text)
                .map_err(|_| messages::bad_request())?;
            return Ok(Members::of_form(pairs.into_inner()));
        }
        serde_json::from_slice(&self.bytes).map_err(|error| match error.classify() {
            Category::Data => messages::wrong_type("a JSON object", "un objet JSON")
                .at("")
                .into(),
            _ => {
                let text = error.to_string();
                let problem = text.split(" at line ").next().unwrap_or_default();
                messages::malformed_json(error.line(), error.column(), problem).into()
            }
        })
    }
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Self::of_format(request, payload, &[JSON])
    }
}

impl Body {
    fn of_format(
        request: &HttpRequest,
        payload: &mut Payload,
        taken: &'static [&'static str],
    ) -> LocalBoxFuture<'static, Result<Self, ApiError>> {
        let format = format(request.headers(), taken);
        let reading = Reading::begin(request, payload);
        Box::pin(async move {
            let form = format? == FORM;
            Ok(Self {
                bytes: reading?.whole().await?,
                form,
            })
        })
    }
}

/// A body, where one was sent and is not `null`: DELETE has none as a rule (RFC 9110 section 9.3.5), and there are clients that send none with it.
pub(crate) struct OptionalBody(pub(crate) Option<Body>);

impl FromRequest for OptionalBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let empty = headers.get(CONTENT_LENGTH).map(HeaderValue::as_bytes) == Some(b"0");
        let announced = [CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING];
        if empty || !announced.iter().any(|name| headers.contains_key(name)) {
            return Box::pin(async { Ok(Self(None)) });
        }
        let body = Body::from_request(request, payload);
        Box::pin(async move {
            let body = body.await?;
            let none = body.bytes.trim_ascii() == b"null";
            Ok(Self((!none).then_some(body)))
        })
    }
}

/// A body that may be a form as well, as OAuth 2 has it.
pub(crate) struct FormBody(pub(crate) Body);

impl FromRequest for FormBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Body::of_format(request, payload, &[FORM, JSON]);
        Box::pin(async move { body.await.map(Self) })
    }
}

/// A body of log entries, and how they stand in it.
pub(crate) struct EntriesBody {
    pub(crate) bytes: Bytes,
    pub(crate) form: Form,
}

impl FromRequest for EntriesBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let format = format(request.headers(), &[JSON, NDJSON]);
        let reading = Reading::begin(request, payload);
        Box::pin(async move {
            let form = if format? == NDJSON {
                Form::Lines
            } else {
                Form::Json
            };
            Ok(Self {
                bytes: reading?.whole().await?,
                form,
            })
        })
    }
}

/// The text of a codebook, and how it is written. It is read by the controller, after it has asked the policy.
pub(crate) struct CodebookBody {
    bytes: Bytes,
    pub(crate) format: CodebookFormat,
}

impl CodebookBody {
    pub(crate) fn text(&self) -> Result<String, ApiError> {
        let text = std::str::from_utf8(&self.bytes).map_err(|_| messages::not_utf8())?;
        // A reader may pass over a byte order mark (RFC 8259 section 8.1), which editors leave in files.
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
    }
}

impl FromRequest for CodebookBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let format = format(request.headers(), &[JSON, TOML]);
        let reading = Reading::begin(request, payload);
        Box::pin(async move {
            let format = match format? {
                TOML => CodebookFormat::Toml,
                _ => CodebookFormat::Json,
            };
            Ok(Self {
                bytes: reading?.whole().await?,
                format,
            })
        })
    }
}

/// The text of a notice: as it is, or in a JSON object. It is read by the controller, after it has asked the policy.
pub(crate) struct NoticeBody {
    body: Body,
    markdown: bool,
}

impl NoticeBody {
    /// What was sent as JSON; `None` if it was Markdown.
    pub(crate) fn json(&self) -> Option<&Body> {
        (!self.markdown).then_some(&self.body)
    }

    /// What was sent as Markdown.
    pub(crate) fn text(&self) -> Result<String, ApiError> {
        let text = std::str::from_utf8(&self.body.bytes).map_err(|_| messages::not_utf8())?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
    }
}

impl FromRequest for NoticeBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let format = format(request.headers(), &[JSON, MARKDOWN]);
        let reading = Reading::begin(request, payload);
        Box::pin(async move {
            let markdown = format? == MARKDOWN;
            let bytes = reading?.whole().await?;
            Ok(Self {
                body: Body { bytes, form: false },
                markdown,
            })
        })
    }
}

/// Which of the formats that are taken the body has.
fn format(headers: &HeaderMap, taken: &'static [&'static str]) -> Result<&'static str, ApiError> {
    let sent = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let sent = sent.split(';').next().unwrap_or_default().trim();
    let known = taken
        .iter()
        .find(|format| sent.eq_ignore_ascii_case(format));
    known
        .copied()
        .ok_or_else(|| messages::not_taken(taken).into())
}

/// A body on its way in.
struct Reading {
    payload: Payload,
    gzip: bool,
    limit: usize,
    announced: usize,
    /// The first part: one that is the whole body is not copied.
    first: Bytes,
    /// The body as far as it was read, if it has more parts than one.
    parts: BytesMut,
    /// How long the client may take for the next part.
    patience: Duration,
}

impl Reading {
    fn begin(request: &HttpRequest, payload: &mut Payload) -> Result<Self, ApiError> {
        let headers = request.headers();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let gzip = match text(CONTENT_ENCODING).map(str::trim) {
            None | Some("" | "identity") => false,
            Some(coding)
                if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") =>
            {
                true
            }
            Some(_) => {
                // Says what would be taken (RFC 9110 section 12.5.3).
                let taken = HeaderValue::from_static("gzip");
                return Err(
                    ApiError::from(messages::unknown_encoding()).header(ACCEPT_ENCODING, taken)
                );
            }
        };
        let settings = api(request)?.settings();
        Ok(Self {
            payload: payload.take(),
            first: Bytes::new(),
            parts: BytesMut::new(),
            gzip,
            limit: settings.limits.body,
            patience: settings.client_timeout,
            announced: text(CONTENT_LENGTH)
                .and_then(|length| length.parse().ok())
                .unwrap_or(0),
        })
    }

    /// The body, inflated.
    async fn whole(mut self) -> Result<Bytes, ApiError> {
        if self.announced > self.limit {
            return Err(self.too_large().await);
        }
        if !self.arrived().await? {
            match tokio::time::timeout(self.patience * WHOLE, self.rest()).await {
                Ok(read) => read?,
                Err(_) => return Err(too_slow()),
            }
        }
        let sent = if self.parts.is_empty() {
            self.first
        } else {
            self.parts.freeze()
        };
        if self.gzip {
            inflate(&sent, self.limit)
        } else {
            Ok(sent)
        }
    }

    /// Reads what is there already; whether that is all. Most bodies arrive with their heads, and no clock is set for those.
    async fn arrived(&mut self) -> Result<bool, ApiError> {
        let mut looked = false;
        loop {
            let next = poll_fn(|context| match self.payload.poll_next_unpin(context) {
                Poll::Ready(next) => Poll::Ready(Some(next)),
                Poll::Pending if looked => Poll::Ready(None),
                Poll::Pending => {
                    // The server hands over the body once it has called for an answer: a second look finds it.
                    looked = true;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            });
            match next.await {
                Some(Some(part)) => self.take(part).await?,
                Some(None) => return Ok(true),
                None => return Ok(false),
            }
        }
    }

    /// Reads on to the end. The client may take some time for each part.
    async fn rest(&mut self) -> Result<(), ApiError> {
        loop {
            let next = tokio::time::timeout(self.patience, self.payload.next());
            match next.await.map_err(|_| too_slow())? {
                Some(part) => self.take(part).await?,
                None => return Ok(()),
            }
        }
    }

    async fn take(&mut self, part: Result<Bytes, PayloadError>) -> Result<(), ApiError> {
        let part =
            part.map_err(|error| ApiError::from(messages::body_broken_off()).because(error))?;
        if self.first.len() + self.parts.len() + part.len() > self.limit {
            return Err(self.too_large().await);
        }
        if self.first.is_empty() && self.parts.is_empty() {
            self.first = part;
            return Ok(());
        }
        if self.parts.is_empty() {
            let expected = self.announced.max(self.first.len() + part.len());
            self.parts.reserve(expected);
            self.parts
                .extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.parts.extend_from_slice(&part);
        Ok(())
    }

    /// Reads on for a while: a client that still writes when the connection is closed does not see the answer.
    async fn too_large(&mut self) -> ApiError {
        let drain = async {
            let mut left = DRAINED;
            while let Some(Ok(part)) = self.payload.next().await {
                left = left.saturating_sub(part.len());
                if left == 0 {
                    break;
                }
            }
        };
        // What is left after that time is given up.
        let _ = tokio::time::timeout(DRAIN_TIME, drain).await;
        messages::body_too_large(self.limit).into()
    }
}

fn too_slow() -> ApiError {
    messages::body_too_slow().into()
}

fn inflate(sent: &[u8], limit: usize) -> Result<Bytes, ApiError> {
    let mut inflated = Vec::with_capacity((sent.len() * 4).min(limit));
    let mut bounded = MultiGzDecoder::new(sent).take(limit as u64 + 1);
    bounded
        .read_to_end(&mut inflated)
        .map_err(|error| ApiError::from(messages::broken_gzip()).because(error))?;
    if inflated.len() > limit {
        Err(messages::body_too_large(limit).into())
    } else {
        Ok(inflated.into())
    }
}

//! Around everything: the request's name and span, errors in their one form, and the headers of every answer.

use super::protection::protect;
use super::resource::{Offer, resource};
use super::{cors, gate, unread};
use crate::api::Api;
use crate::audit;
use crate::codes::Code;
use crate::error::ApiError;
use crate::language::Language;
use crate::limits::Standing;
use crate::messages;
use crate::metrics::{RouteMeter, name_of};
use crate::request_id;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use std::any::Any;
use std::fmt;
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long a name may be that a request brings with it: a UUID is, an empty or an endless one is not.
const NAME_LENGTH: RangeInclusive<usize> = 8..=64;

/// Where a request came to.
pub(crate) struct Place {
    pub(crate) api: web::Data<Api>,
    /// Whether it lies below `/v1`.
    pub(crate) gated: bool,
    /// What is to be had there; `None` where there is nothing.
    pub(crate) offer: Option<Offer>,
    /// Counts what is answered there.
    pub(crate) meter: RouteMeter,
}

/// Answers, and counts it.
pub(crate) async fn answer(
    place: Rc<Place>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (start, method) = (Instant::now(), name_of(request.method()));
    let id = named(request.headers()).unwrap_or_else(|| place.api.next_request_id());
    let answered = request_id::named(&id, answered(&place, request, next, &id)).await;
    let status = match &answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let metrics = &place.api.0.metrics;
    place.meter.count(metrics, method, status, start.elapsed());
    answered
}

/// Calls what is within, and makes whatever comes of it an answer of this API.
async fn answered(
    place: &Place,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
    id: &str,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let api: &Api = &place.api;
    unread::watch(&mut request);
    let language = Language::of(request.headers());
    let origin = cors::Origin::of(api, request.headers());
    // The path may hold a username and the query a token: neither goes to the log, only the route's pattern later.
    let span = tracing::debug_span!("request", id = %id, method = %request.method());
    let path = place.offer.as_ref().map_or("", |offer| offer.path);
    let about = match path {
        "" => None,
        path => audit::looked_at(api, path, &request).await,
    };
    let called = AssertUnwindSafe(async {
        match limited(api, &request) {
            Ok(()) => within(place, request, &next).await,
            Err(error) => Ok(super::refuse_with(request, error)),
        }
    })
    .catch_unwind()
    .instrument(span.clone());
    let mut response = match called.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(error),
        Err(panic) => {
            let text = panic_text(&*panic);
            span.in_scope(
                || tracing::error!(reference = %id, panic = text, "a request was given up"),
            );
            return Err(Broken {
                id: id.to_owned(),
                language,
                origin,
            }
            .into());
        }
    };
    response = audit::watch(api, path, about, id, response).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        response = span.in_scope(|| in_one_form(response, language, id));
    }
    span.in_scope(|| {
        tracing::debug!(
            route = response.request().match_pattern(),
            status = response.status().as_u16()
        )
    });
    let standing = response.request().extensions().get::<Standing>().copied();
    if let Some(standing) = standing {
        api.0.limits.tell(response.headers_mut(), standing);
    }
    finish(response.headers_mut(), &origin, id);
    Ok(response)
}

/// What happens at that place.
async fn within(
    place: &Place,
    request: ServiceRequest,
    next: &Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = if place.gated && !gate::is_let_in(&request) {
        super::refuse(request, messages::user_agent_missing())
    } else if let Some(offer) = &place.offer {
        resource(offer, request, next).await?
    } else {
        next.call(request).await?
    };
    if place.gated {
        gate::mark(response.headers_mut());
    }
    Ok(response)
}

/// The name that the client, or a proxy, gave the request: if it is one, and no text for somebody who reads the log.
fn named(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (NAME_LENGTH.contains(&name.len()) && name.bytes().all(plain)).then(|| name.to_owned())
}

/// Whether the address may ask. Whoever looks whether the server is well always may.
fn limited(api: &Api, request: &ServiceRequest) -> Result<(), ApiError> {
    if request.path().starts_with("/health/") {
        return Ok(());
    }
    api.0.limits.address(api.source(request.request()))
}

fn finish(headers: &mut HeaderMap, origin: &cors::Origin, id: &str) {
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    origin.mark(headers);
    protect(headers);
}

/// The answer made again, in the language of the request, if it is an error.
fn in_one_form(
    response: ServiceResponse<BoxBody>,
    language: Language,
    id: &str,
) -> ServiceResponse<BoxBody> {
    let (request, old) = response.into_parts();
    let status = old.status();
    let mut new = match old.error().and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => {
            if let Some(inside) = error.inside() {
                report(id, status, error, &**inside);
            }
            error.answer(language, id)
        }
        None => ApiError::from(messages::of_status(Code::of_status(status)))
            .under(status)
            .answer(language, id),
    };
    for (name, value) in old.headers() {
        let own = new.headers().contains_key(name);
        if !own && *name != actix_web::http::header::CONTENT_LENGTH {
            new.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, new)
}

fn report(
    id: &str,
    status: StatusCode,
    error: &ApiError,
    inside: &(dyn std::error::Error + 'static),
) {
    let mut causes = inside.to_string();
    let mut next = inside.source();
    while let Some(cause) = next {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        next = cause.source();
    }
    if status.is_server_error() {
        tracing::error!(reference = id, %error, causes, "a request failed");
    } else {
        tracing::debug!(%error, causes, "a request was refused");
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}

/// A panic: the request itself is lost, so the answer is made without it.
#[derive(Debug)]
struct Broken {
    id: String,
    language: Language,
    origin: cors::Origin,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was given up")
    }
}

impl ResponseError for Broken {
    fn status_code(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = ApiError::from(messages::internal("")).answer(self.language, &self.id);
        finish(response.headers_mut(), &self.origin, &self.id);
        response
    }
}

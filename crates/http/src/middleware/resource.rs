//! Around each path of the table: what its answers have in common, so that no controller has to think of it.

use super::accept::is_accepted;
use super::caching::{self, Keeping};
use super::{compression, refuse};
use crate::extractors::Conditions;
use crate::messages;
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

/// What the table says of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) path: &'static str,
    /// Who may keep what is answered there.
    pub(crate) keeping: Keeping,
    /// What is answered to POST.
    pub(crate) post_formats: &'static [&'static str],
    /// What is answered to every other method.
    pub(crate) formats: &'static [&'static str],
}

/// Negotiates the format, validates what the client has, says what may be kept, and compresses.
pub(super) async fn resource(
    offer: &Offer,
    request: ServiceRequest,
    next: &Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let formats = match *request.method() {
        Method::POST => offer.post_formats,
        _ => offer.formats,
    };
    let conditions = match *request.method() {
        Method::GET | Method::HEAD => Conditions::of(request.headers()),
        // Here they say nothing; a change that asks for them reads them itself.
        _ => Conditions::default(),
    };
    let response = if is_accepted(&request, formats) {
        next.call(request).await?
    } else {
        refuse(request, messages::not_offered(formats))
    };
    let mut response = caching::revalidated(response, &conditions, offer.path);
    caching::mark(&mut response, offer.keeping);
    Ok(compression::compressed(response).await)
}

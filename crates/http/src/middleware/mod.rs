//! What happens to every request, written once.

mod accept;
mod answer;
mod caching;
mod compression;
mod cors;
mod gate;
mod protection;
mod resource;
mod unread;

pub(crate) use accept::preferred;
pub(crate) use answer::{Place, answer};
pub(crate) use caching::Keeping;
pub(crate) use compression::wants_gzip;
pub(crate) use cors::preflight;
pub(crate) use resource::Offer;

use crate::error::{ApiError, Problem};
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};

/// An error in place of whatever the request would have led to.
fn refuse(request: ServiceRequest, problem: Problem) -> ServiceResponse<BoxBody> {
    refuse_with(request, problem.into())
}

fn refuse_with(request: ServiceRequest, error: ApiError) -> ServiceResponse<BoxBody> {
    // Not `into_response`, which forgets the error that the answer is made of.
    ServiceResponse::new(request.into_parts().0, HttpResponse::from_error(error))
}

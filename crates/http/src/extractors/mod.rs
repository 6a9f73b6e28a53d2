//! From a request to typed values, so that controllers see nothing else of it.

mod body;
mod conditions;
mod here;
mod members;
mod parameters;
mod prefer;
mod study;
mod who;

pub(crate) use body::{Body, CodebookBody, EntriesBody, FormBody, NoticeBody, OptionalBody};
pub(crate) use conditions::{Conditions, gzipped_tag};
pub(crate) use here::{Depth, Here};
pub(crate) use members::{FromMembers, Members};
pub(crate) use parameters::Parameters;
pub(crate) use prefer::Strict;
pub(crate) use study::InStudy;
pub(crate) use who::Who;

use crate::api::Api;
use crate::error::ApiError;
use actix_web::{HttpRequest, web};

/// The API that a request came to.
pub(crate) fn api(request: &HttpRequest) -> Result<&Api, ApiError> {
    let data = request.app_data::<web::Data<Api>>().map(|data| &***data);
    data.ok_or_else(|| ApiError::internal("the API is not mounted"))
}

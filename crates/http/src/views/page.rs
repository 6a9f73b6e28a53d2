//! Pages of lists.

use crate::error::ApiError;
use crate::extractors::{Conditions, Parameters};
use crate::messages;
use crate::response;
use actix_web::HttpResponse;
use serde::Serialize;
use sillage_domain::{PageRequest, Paged};
use std::num::NonZeroU32;

const LARGEST: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// The page that is asked for.
pub(crate) struct Page {
    pub(crate) request: PageRequest,
}

impl Page {
    pub(crate) fn of(asked: &Parameters) -> Result<Self, ApiError> {
        Ok(Self {
            request: asked.page()?,
        })
    }

    /// The page of a list that is seen whole where it can be: of 1000 unless less is asked for.
    pub(crate) fn as_large_as_may_be(asked: &Parameters) -> Result<Self, ApiError> {
        let mut request = asked.page()?;
        if asked.text("page_size").is_none() {
            request.size = LARGEST;
        }
        Ok(Self { request })
    }

    /// Refuses a page after the last one.
    pub(crate) fn is_there<T>(&self, found: &Paged<T>) -> Result<(), ApiError> {
        if found.items.is_empty() && self.request.page.get() > 1 {
            return Err(messages::no_such_page().into());
        }
        Ok(())
    }

    /// The page as a bare array, with the headers that lead on.
    pub(crate) fn answer<'t, T, V: Serialize>(
        &self,
        asked: &Parameters,
        conditions: &Conditions,
        found: &'t Paged<T>,
        view: impl Fn(&'t T) -> V,
    ) -> Result<HttpResponse, ApiError> {
        let page = self.request.page.get();
        self.is_there(found)?;
        let last = found
            .total
            .div_ceil(u64::from(self.request.size.get()))
            .max(1);
        let links = links(asked, page, page < last, Some(last));
        let views: Vec<V> = found.items.iter().map(view).collect();
        let headers = [("X-Total-Count", found.total.to_string()), ("Link", links)];
        response::fresh(conditions, &views, &headers)
    }
}

/// The `Link` header (RFC 8288) of a page: those links that exist.
pub(crate) fn links(asked: &Parameters, page: u64, more: bool, last: Option<u64>) -> String {
    let link = |number: u64, relation: &str| {
        format!("<{}>; rel=\"{relation}\"", asked.with("page", number))
    };
    let mut links = vec![link(1, "first")];
    if page > 1 {
        links.push(link(page - 1, "prev"));
    }
    if more {
        links.push(link(page + 1, "next"));
    }
    links.extend(last.map(|last| link(last, "last")));
    links.join(", ")
}

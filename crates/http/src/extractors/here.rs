//! Where the request came to, for links.

use super::api;
use crate::error::ApiError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// How many segments the API's own part of a path has, below whatever it is mounted under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depth(pub(crate) usize);

/// The place of a request, and of the API.
#[derive(Debug, Clone)]
pub(crate) struct Here {
    url: String,
    /// How much of the URL stands before `/v1`.
    root: usize,
}

impl Here {
    /// A place with that origin, and that path below which the API stands as deep as that.
    pub(crate) fn new(origin: &str, path: &str, depth: usize) -> Self {
        let mount = (0..depth).fold(path, |rest, _| {
            rest.rfind('/').map_or("", |slash| &rest[..slash])
        });
        Self {
            url: [origin, path].concat(),
            root: origin.len() + mount.len(),
        }
    }

    /// Origin and path, as the client wrote the path.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Origin and path of what stands before `/v1`.
    pub(crate) fn root(&self) -> &str {
        &self.url[..self.root]
    }

    /// The absolute URL of a path of the API, which begins with a slash.
    pub(crate) fn link(&self, path: &str) -> String {
        [self.root(), path].concat()
    }
}

impl FromRequest for Here {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(api(request).map(|api| {
            let depth = request.app_data::<Depth>().map_or(0, |depth| depth.0);
            Self::new(&api.settings().public_url, request.uri().path(), depth)
        }))
    }
}

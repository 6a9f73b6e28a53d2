//! Who is asking.

use super::api;
use crate::api::Api;
use crate::audit::Mark;
use crate::error::ApiError;
use crate::identity::Identity;
use crate::messages;
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::{Either, LocalBoxFuture, Ready, ready};
use sillage_auth::{Caller, Credentials, Granted, GrantedAcross, Permission, Refusal, policy};
use sillage_domain::StudyId;
use std::ops::Deref;
use std::sync::Arc;

/// The caller: credentials were found good, nothing is allowed yet.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) api: Api,
    pub(crate) identity: Arc<Identity>,
}

impl Who {
    /// Whether the caller may do that on the server.
    pub(crate) fn may<P: Permission<On = ()>>(
        &self,
        permission: P,
    ) -> Result<Granted<P>, ApiError> {
        Ok(policy::allows_on_server(self, permission)?)
    }

    /// In which studies the caller may do that.
    pub(crate) fn may_across<P: Permission<On = StudyId>>(
        &self,
        permission: P,
    ) -> Result<GrantedAcross<P>, ApiError> {
        Ok(policy::across(self, permission)?)
    }
}

impl Deref for Who {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.identity.caller
    }
}

impl FromRequest for Who {
    type Error = ApiError;
    type Future =
        Either<Ready<Result<Self, ApiError>>, LocalBoxFuture<'static, Result<Self, ApiError>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if let Some(known) = Self::known(request) {
            return Either::Left(ready(known));
        }
        let found = api(request)
            .cloned()
            .and_then(|api| Ok((api, credentials(request.headers())?)));
        let request = request.clone();
        Either::Right(Box::pin(async move {
            let (api, credentials) = found?;
            let identity = api.identify(credentials, || api.source(&request)).await?;
            Self::counted(&api, identity, &request)
        }))
    }
}

impl Who {
    /// The caller, if the token is one that was looked at a moment ago: nothing has to be waited for then.
    fn known(request: &HttpRequest) -> Option<Result<Self, ApiError>> {
        let api = api(request).ok()?;
        let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let identity = api.known_by(header.strip_prefix("Bearer ")?)?;
        Some(identity.and_then(|identity| Self::counted(api, identity, request)))
    }

    /// The caller, with this request counted as one of his.
    fn counted(
        api: &Api,
        identity: Arc<Identity>,
        request: &HttpRequest,
    ) -> Result<Self, ApiError> {
        if let Some(standing) = api.0.limits.caller(&identity)? {
            request.extensions_mut().insert(standing);
        }
        request.extensions_mut().insert(Arc::clone(&identity));
        let api = api.clone();
        Ok(Self { api, identity })
    }
}

fn credentials(headers: &HeaderMap) -> Result<Credentials, ApiError> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or_else(messages::credentials_missing)?;
    // Only ASCII is meant there; what is not cannot be credentials.
    let text = header
        .to_str()
        .map_err(|_| messages::credentials_missing())?;
    Credentials::parse(text).map_err(|error| messages::credentials_malformed(error).into())
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let problem = match refusal {
            Refusal::Hidden => messages::not_found(),
            _ => messages::forbidden(),
        };
        Self::from(problem).marked(Some(Mark::Denied))
    }
}

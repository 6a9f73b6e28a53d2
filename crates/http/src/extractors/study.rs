//! The study that the path names, for those who have to do with it.

use super::Who;
use crate::audit::Mark;
use crate::error::ApiError;
use crate::identity::KnownStudy;
use crate::messages;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use sillage_auth::{Granted, Permission, StudyRef, policy};
use sillage_domain::{Slug, StudyId};
use std::sync::Arc;

/// A study that exists for the caller; what he may do in it is to be asked.
pub(crate) struct InStudy {
    pub(crate) who: Who,
    pub(crate) known: Arc<KnownStudy>,
}

impl InStudy {
    /// The study of that slug, if the caller may know of it.
    pub(crate) async fn find(who: Who, slug: &str) -> Result<Self, ApiError> {
        let slug: Slug = slug.parse().map_err(|_| messages::not_found())?;
        let known = who
            .api
            .off(move |inner| {
                let study = inner
                    .ports
                    .studies
                    .study_by_slug(&slug)?
                    .ok_or_else(messages::not_found)?;
                Ok(Arc::new(KnownStudy::new(inner, study)))
            })
            .await?;
        Self::of(who, known)
    }

    /// That study, if the caller may know of it.
    pub(crate) fn of(who: Who, known: Arc<KnownStudy>) -> Result<Self, ApiError> {
        if policy::knows(&who, known.study.id) {
            Ok(Self { who, known })
        } else {
            Err(ApiError::from(messages::not_found()).marked(Some(Mark::Denied)))
        }
    }

    /// Whether the caller may do that here.
    pub(crate) fn may<P: Permission<On = StudyId>>(
        &self,
        permission: P,
    ) -> Result<Granted<P>, ApiError> {
        Ok(policy::allows(
            &self.who,
            permission,
            &StudyRef::from(&self.known.study),
        )?)
    }

    pub(crate) fn id(&self) -> StudyId {
        self.known.study.id
    }
}

impl FromRequest for InStudy {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let slug = request.match_info().query("study").to_owned();
        let who = Who::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let found = Self::find(who.await?, &slug).await?;
            request.extensions_mut().insert(Arc::clone(&found.known));
            Ok(found)
        })
    }
}

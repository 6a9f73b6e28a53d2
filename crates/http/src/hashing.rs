//! Password hashing, kept off the threads that take entries, and few at a time.

use crate::api::Api;
use crate::error::ApiError;
use crate::settings::HttpSettings;
use sillage_auth::{PasswordError, Passwords, Secret};
use sillage_domain::PasswordHash;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Where a password comes from, which decides what its hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Chosen,
    Generated,
}

pub(crate) struct Hashing {
    chosen: Passwords,
    generated: Passwords,
    permits: Arc<Semaphore>,
}

impl Hashing {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, PasswordError> {
        Ok(Self {
            chosen: Passwords::new(settings.password_cost)?,
            generated: Passwords::new(settings.generated_password_cost)?,
            permits: Arc::new(Semaphore::new(settings.hashing_threads.get())),
        })
    }

    fn of(&self, origin: Origin) -> &Passwords {
        match origin {
            Origin::Chosen => &self.chosen,
            Origin::Generated => &self.generated,
        }
    }

    /// Whether it is the password of that hash.
    ///
    /// A wrong one takes the time of both costs, whether there is an account or not and whichever cost its hash has.
    fn compare(
        &self,
        password: &Secret,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let generated = hash.is_some_and(|hash| !self.generated.needs_rehash(hash));
        let (own, other) = if generated {
            (&self.generated, &self.chosen)
        } else {
            (&self.chosen, &self.generated)
        };
        Ok(own.verify(password, hash)? || other.verify(password, None)?)
    }
}

impl Api {
    /// Whether it is the password of that hash; false, after the same time, without a hash.
    pub(crate) async fn verify(
        &self,
        password: Secret,
        hash: Option<PasswordHash>,
    ) -> Result<bool, ApiError> {
        self.hashing(move |hashing| hashing.compare(&password, hash.as_ref()))
            .await
    }

    /// The hash of a password that was found good before.
    pub(crate) async fn hash(
        &self,
        password: Secret,
        origin: Origin,
    ) -> Result<PasswordHash, ApiError> {
        self.hashing(move |hashing| hashing.of(origin).hash(&password))
            .await
    }

    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hashing) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = Arc::clone(&self.0.hashing.permits)
            .acquire_owned()
            .await
            .map_err(ApiError::internal)?;
        self.off(move |inner| {
            let _permit = permit;
            work(&inner.hashing).map_err(ApiError::internal)
        })
        .await
    }
}

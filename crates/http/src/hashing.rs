//! Password hashing, kept off the threads that take entries: few at a time, and not too many in line.

use crate::api::Api;
use crate::error::ApiError;
use crate::messages;
use crate::settings::HttpSettings;
use futures_util::{StreamExt, TryStreamExt, stream};
use sillage_auth::{PasswordError, Passwords, Secret, generate};
use sillage_domain::{PasswordHash, PasswordOrigin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// How long one waits in line at most.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Hashing {
    chosen: Passwords,
    generated: Passwords,
    beat: Duration,
    /// Of those at work and those in line.
    places: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
}

/// A place at work.
struct AtWork {
    _place: OwnedSemaphorePermit,
    _work: OwnedSemaphorePermit,
}

impl Hashing {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, PasswordError> {
        let chosen = Passwords::of(PasswordOrigin::Chosen, settings.password_cost)?;
        let generated = Passwords::of(PasswordOrigin::Generated, settings.generated_password_cost)?;
        let threads = settings.hashing_threads.get();
        Ok(Self {
            beat: beat(settings, &[&chosen, &generated])?,
            chosen,
            generated,
            places: Arc::new(Semaphore::new(threads + settings.hashing_queue)),
            at_work: Arc::new(Semaphore::new(threads)),
        })
    }

    /// How long what fails takes.
    pub(crate) fn beat(&self) -> Duration {
        self.beat
    }

    /// Whether a hash of its kind costs something else now.
    pub(crate) fn is_outdated(&self, hash: &PasswordHash) -> bool {
        self.of(hash.origin()).needs_rehash(hash)
    }

    fn of(&self, origin: PasswordOrigin) -> &Passwords {
        match origin {
            PasswordOrigin::Chosen => &self.chosen,
            PasswordOrigin::Generated => &self.generated,
        }
    }

    /// Errors: 503 at once if the line is full, and after a while if it does not move.
    async fn enter(&self) -> Result<AtWork, ApiError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|error| match error {
                TryAcquireError::NoPermits => messages::too_many_log_ins().into(),
                TryAcquireError::Closed => ApiError::internal(error),
            })?;
        let work = Arc::clone(&self.at_work).acquire_owned();
        match tokio::time::timeout(PATIENCE, work).await {
            Ok(work) => Ok(AtWork {
                _place: place,
                _work: work.map_err(ApiError::internal)?,
            }),
            Err(_) => Err(messages::too_many_log_ins().into()),
        }
    }
}

/// At least what is set, and on a machine where hashing takes long, twice as long as that.
fn beat(settings: &HttpSettings, kinds: &[&Passwords]) -> Result<Duration, PasswordError> {
    let mut longest = Duration::ZERO;
    for kind in kinds {
        let start = Instant::now();
        kind.verify(&Secret::new("how long does it take?"), None)?;
        longest = longest.max(start.elapsed());
    }
    Ok(settings.rates.failed_log_ins.duration.max(2 * longest))
}

impl Api {
    /// Whether it is the password of that hash; false, after as much work as one of that origin takes, without a hash.
    pub(crate) async fn verify(
        &self,
        password: Secret,
        hash: Option<PasswordHash>,
        origin: PasswordOrigin,
    ) -> Result<bool, ApiError> {
        self.hashing(move |hashing| hashing.of(origin).verify(&password, hash.as_ref()))
            .await
    }

    /// The hash of a password that was found good before.
    pub(crate) async fn hash(
        &self,
        password: Secret,
        origin: PasswordOrigin,
    ) -> Result<PasswordHash, ApiError> {
        self.hashing(move |hashing| hashing.of(origin).hash(&password))
            .await
    }

    /// That many passwords that the server makes, with their hashes: as many at a time as may be hashed at the same time. Each waits in
    /// line like everybody's, so that those who log in meanwhile have every other turn at least.
    pub(crate) async fn generated_passwords(
        &self,
        count: usize,
    ) -> Result<Vec<(Secret, PasswordHash)>, ApiError> {
        let one = |_| async move {
            let password = generate().map_err(ApiError::internal)?;
            let hash = self
                .hash(password.clone(), PasswordOrigin::Generated)
                .await?;
            Ok((password, hash))
        };
        stream::iter(0..count)
            .map(one)
            .buffered(self.settings().hashing_threads.get())
            .try_collect()
            .await
    }

    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hashing) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let at_work = self.0.hashing.enter().await?;
        self.off(move |inner| {
            let _at_work = at_work;
            work(&inner.hashing).map_err(ApiError::internal)
        })
        .await
    }
}

//! Password hashing, kept off the threads that take entries: few at a time, and not too many in line.

use crate::api::Api;
use crate::error::ApiError;
use crate::messages;
use crate::settings::HttpSettings;
use futures_util::{StreamExt, TryStreamExt, stream};
use sillage_auth::{PasswordError, Passwords, SHA512_CRYPT, Secret, generate, rounds_of};
use sillage_domain::{MoveStore, PasswordHash, PasswordOrigin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// How long one waits in line at most.
const PATIENCE: Duration = Duration::from_secs(20);
/// After each hash its place rests for a third as long as it took, and no longer than this: a class that logs in leaves a quarter of a
/// processor more to the entries of those who play, and is in a second or two later.
const LONGEST_REST: Duration = Duration::from_millis(5);
/// How many hashes of other programs are looked at for the one that takes longest.
const OLD_HASHES: u32 = 10_000;
/// How long the beat gets at most while the server runs: a machine that stood still for a while says nothing about hashes.
const LONGEST_BEAT: Duration = Duration::from_secs(5);

pub(crate) struct Hashing {
    chosen: Passwords,
    generated: Passwords,
    /// In nanoseconds. Only ever raised.
    beat: AtomicU64,
    /// Of those at work and those in line.
    places: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
}

/// A place at work.
struct AtWork {
    _place: OwnedSemaphorePermit,
    _work: OwnedSemaphorePermit,
}

impl AtWork {
    /// Keeps the place for so long, while whoever had it goes on.
    fn rest(self, rest: Duration) {
        tokio::spawn(async move {
            tokio::time::sleep(rest).await;
            drop(self);
        });
    }
}

impl Hashing {
    /// `moving` knows the hashes that other programs made: what fails must not be told from them by the clock either.
    pub(crate) fn new(
        settings: &HttpSettings,
        moving: &dyn MoveStore,
    ) -> Result<Self, PasswordError> {
        let chosen = Passwords::of(PasswordOrigin::Chosen, settings.password_cost)?;
        let generated = Passwords::of(PasswordOrigin::Generated, settings.generated_password_cost)?;
        let threads = settings.hashing_threads.get();
        let old = heaviest(moving);
        let mut tries = vec![(&chosen, None), (&generated, None)];
        tries.extend(old.as_ref().map(|hash| (&chosen, Some(hash))));
        Ok(Self {
            beat: AtomicU64::new(nanos(beat(settings, &tries)?)),
            chosen,
            generated,
            places: Arc::new(Semaphore::new(threads + settings.hashing_queue)),
            at_work: Arc::new(Semaphore::new(threads)),
        })
    }

    /// How long what fails takes.
    pub(crate) fn beat(&self) -> Duration {
        Duration::from_nanos(self.beat.load(Ordering::Relaxed))
    }

    /// Whether it is the password of that hash. One of another program that came while the server ran may take longer than any before:
    /// from then on, whatever fails takes longer.
    fn verify(
        &self,
        password: &Secret,
        hash: Option<&PasswordHash>,
        origin: PasswordOrigin,
    ) -> Result<bool, PasswordError> {
        let start = Instant::now();
        let right = self.of(origin).verify(password, hash);
        if hash.is_some_and(is_old) {
            let longest = nanos((2 * start.elapsed()).min(LONGEST_BEAT));
            self.beat.fetch_max(longest, Ordering::Relaxed);
        }
        right
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

/// Whether another program made the hash.
fn is_old(hash: &PasswordHash) -> bool {
    hash.expose().starts_with(SHA512_CRYPT)
}

/// The hash of another program that takes longest to compare with.
fn heaviest(moving: &dyn MoveStore) -> Option<PasswordHash> {
    let hashes = match moving.hashes_beginning(SHA512_CRYPT, OLD_HASHES) {
        Ok(hashes) => hashes,
        Err(error) => {
            // They are measured when they are first compared with.
            tracing::warn!(%error, "password hashes of other programs could not be looked at");
            return None;
        }
    };
    hashes
        .into_iter()
        .filter_map(|hash| rounds_of(hash.expose()).ok().map(|rounds| (rounds, hash)))
        .max_by_key(|(rounds, _)| *rounds)
        .map(|(_, hash)| hash)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// At least what is set, and on a machine where hashing takes long, twice as long as that.
fn beat(
    settings: &HttpSettings,
    tries: &[(&Passwords, Option<&PasswordHash>)],
) -> Result<Duration, PasswordError> {
    let mut longest = Duration::ZERO;
    for (kind, hash) in tries {
        let start = Instant::now();
        kind.verify(&Secret::new("how long does it take?"), *hash)?;
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
        self.hashing(move |hashing| hashing.verify(&password, hash.as_ref(), origin))
            .await
    }

    /// Another hash of a password that was found right.
    pub(crate) async fn rehash(
        &self,
        password: Secret,
        origin: PasswordOrigin,
    ) -> Result<PasswordHash, ApiError> {
        self.hashing(move |hashing| hashing.of(origin).rehash(&password))
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
            let start = Instant::now();
            let done = work(&inner.hashing);
            at_work.rest((start.elapsed() / 3).min(LONGEST_REST));
            done.map_err(ApiError::internal)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sillage_domain::testing::MemoryStore;
    use sillage_domain::testing::fixtures::{at, new_account, study};
    use sillage_domain::{OldParticipant, ParticipantNumber, Ports};

    #[actix_web::test]
    async fn a_place_that_rests_is_nobody_elses_and_is_free_after_that() {
        let places = Arc::new(Semaphore::new(1));
        let take = || Arc::clone(&places).acquire_owned();
        let at_work = AtWork {
            _place: take().await.unwrap(),
            _work: Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap(),
        };
        at_work.rest(Duration::from_millis(20));
        assert_eq!(places.available_permits(), 0);
        assert!(take().await.is_ok());
    }

    #[test]
    fn the_old_hash_with_the_most_rounds_sets_the_beat() {
        let ports = Ports::of(Arc::new(MemoryStore::default()));
        assert!(heaviest(&*ports.moving).is_none());
        let castle = study(&ports, "castle");
        let people = [(1, 1000), (2, 3000), (3, 2000)].map(|(number, rounds)| {
            let mut account = new_account(&format!("old-{number}"));
            let digits = "a".repeat(86);
            account.password_hash = PasswordHash::new(format!("$6$rounds={rounds}$salt${digits}"));
            OldParticipant {
                number: ParticipantNumber(number),
                account: Some(account),
            }
        });
        ports
            .moving
            .move_in(castle.id, &people, false, at(0))
            .unwrap();
        let found = heaviest(&*ports.moving).unwrap();
        assert!(found.expose().starts_with("$6$rounds=3000$"));
    }
}

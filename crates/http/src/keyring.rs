//! The keys that sign tokens: read again from the store every few seconds, since other servers may have changed them.

use crate::api::{Api, Inner};
use crate::error::ApiError;
use sillage_auth::{
    Claims, InvalidToken, KeyRotation, SIGNING_PURPOSE, SigningKeys, TokenError, successor,
};
use sillage_domain::SealedSigningKey;
use sillage_pseudonym::{RootKey, SealingKey};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How often, in [`LOOKS_WITHIN`], the store is asked for a key that a token names and nobody knows: whoever makes up names
/// must not keep the store busy.
const LOOKS: u32 = 10;
const LOOKS_WITHIN: Duration = Duration::from_secs(1);

pub(crate) struct Keyring {
    sealing: SealingKey,
    state: RwLock<State>,
    looks: Mutex<Looks>,
}

struct State {
    keys: Arc<SigningKeys>,
    read_at: Instant,
}

impl Keyring {
    pub(crate) fn new(root: &RootKey, keys: SigningKeys) -> Self {
        let now = Instant::now();
        Self {
            sealing: root.sealing_key(SIGNING_PURPOSE),
            state: RwLock::new(State {
                keys: Arc::new(keys),
                read_at: now,
            }),
            looks: Mutex::new(Looks {
                since: now,
                count: 0,
            }),
        }
    }

    /// The keys as they were read last. Does not block.
    pub(crate) fn known(&self) -> Arc<SigningKeys> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&state.keys)
    }

    /// Whether the keys are older than that; the caller reads them again, and nobody else meanwhile.
    fn is_stale(&self, after: Duration) -> bool {
        let stale = |state: &State| state.read_at.elapsed() >= after;
        if !stale(&self.state.read().unwrap_or_else(PoisonError::into_inner)) {
            return false;
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mine = stale(&state);
        if mine {
            state.read_at = Instant::now();
        }
        mine
    }

    fn put(&self, keys: SigningKeys) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.keys = Arc::new(keys);
    }
}

/// How often the store was asked for an unknown key, and since when that is counted.
struct Looks {
    since: Instant,
    count: u32,
}

impl Looks {
    /// Whether the store may be asked once more.
    fn may_look(&mut self) -> bool {
        if self.since.elapsed() >= LOOKS_WITHIN {
            *self = Self {
                since: Instant::now(),
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        self.count <= LOOKS
    }
}

impl Inner {
    /// The keys, as the store had them a few seconds ago at most.
    pub(crate) fn signing(&self) -> Arc<SigningKeys> {
        if self.keyring.is_stale(self.settings.recheck) {
            self.read_keys();
        }
        self.keyring.known()
    }

    /// The claims of a token. One that was signed with an unknown key makes the store be asked.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let found = self.signing().verify(token, self.now());
        if names_unknown_key(&found) {
            self.verify_with_newer_keys(token)
        } else {
            found
        }
    }

    /// The keys are read by one at a time: a class that comes with tokens of a new key waits for one look, and needs no other.
    fn verify_with_newer_keys(&self, token: &str) -> Result<Claims, TokenError> {
        let looks = self.keyring.looks.lock();
        let mut looks = looks.unwrap_or_else(PoisonError::into_inner);
        let found = self.keyring.known().verify(token, self.now());
        if !names_unknown_key(&found) || !looks.may_look() {
            return found;
        }
        self.read_keys();
        self.keyring.known().verify(token, self.now())
    }

    /// Reads the keys again. Those that are known stay, where the store has none or can't be asked.
    fn read_keys(&self) {
        match self.ports.server.signing_keys() {
            Ok(stored) => self.open_keys(&stored),
            Err(error) => tracing::warn!(%error, "the signing keys cannot be read again"),
        }
    }

    fn open_keys(&self, stored: &[SealedSigningKey]) {
        if stored.is_empty() {
            return;
        }
        match SigningKeys::open(stored, &self.keyring.sealing, self.now()) {
            Ok(keys) => self.keyring.put(keys),
            Err(error) => tracing::error!(%error, "the signing keys cannot be opened"),
        }
    }

    /// Replaces the signing key, if it is old enough, and removes those whose tokens have expired.
    fn rotate(&self) -> Result<(), ApiError> {
        let server = &self.ports.server;
        let (stored, now) = (server.signing_keys()?, self.now());
        let rotation = KeyRotation {
            age: self.settings.signing_key_age,
            token_lifetime: self.settings.token_lifetime,
        };
        let mut changed = false;
        if rotation.is_due(&stored, now) {
            let next =
                successor(&stored, &self.keyring.sealing, now).map_err(ApiError::internal)?;
            changed = server.add_signing_key(&next)?;
            if changed {
                tracing::info!(kid = next.kid, "a new key will sign tokens");
            }
        }
        for kid in rotation.ended(&stored, now) {
            server.remove_signing_key(kid)?;
            changed = true;
            tracing::info!(kid, "a signing key was removed");
        }
        if changed {
            self.open_keys(&server.signing_keys()?);
        }
        Ok(())
    }
}

fn names_unknown_key(found: &Result<Claims, TokenError>) -> bool {
    matches!(found, Err(TokenError::Invalid(InvalidToken::Key)))
}

impl Api {
    /// Makes another key sign tokens from now on, whatever the age of the present one, which goes on verifying until the
    /// tokens that it signed have expired. Nothing, where the keys do not come from the store.
    ///
    /// # Errors
    ///
    /// A store that is away, or no source of randomness.
    pub async fn rotate_signing_keys(&self) -> Result<(), UpkeepError> {
        let rotate = |inner: &Inner| {
            let server = &inner.ports.server;
            let stored = server.signing_keys()?;
            if stored.is_empty() {
                return Ok(());
            }
            let next = successor(&stored, &inner.keyring.sealing, inner.now())
                .map_err(ApiError::internal)?;
            server.add_signing_key(&next)?;
            inner.open_keys(&server.signing_keys()?);
            Ok(())
        };
        self.off(rotate).await.map_err(UpkeepError)
    }

    /// What has to be done now and then: signing keys follow each other, log-ins that have ended are forgotten, a bounded
    /// number at a time, and once a day the log says which studies have requests that are overdue. [`serve`](crate::serve) does so every minute; whoever mounts the API elsewhere calls this.
    ///
    /// # Errors
    ///
    /// A store that is away; the next call makes up for it.
    pub async fn upkeep(&self) -> Result<(), UpkeepError> {
        let work = |inner: &Inner| {
            inner.rotate()?;
            inner.tell_overdue();
            inner.forget_ended_grants()
        };
        self.off(work).await.map_err(UpkeepError)
    }
}

/// Why something could not be done that is tried again later.
#[derive(Debug, thiserror::Error)]
#[error("the store could not be kept in order")]
pub struct UpkeepError(#[source] ApiError);

#[cfg(test)]
mod tests;

//! When signing keys are replaced, and when the old ones go.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sillage_domain::{SealedSigningKey, Timestamp};
use sillage_pseudonym::{SealError, SealingKey, random_bytes};
use zeroize::Zeroizing;

use crate::{CLOCK_SKEW_SECONDS, SETTLING_SECONDS, SigningKey};

/// How often keys that sign tokens are replaced. A key goes on verifying until the last token that it may have signed has
/// expired, and is removed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRotation {
    /// How old a key gets before another one follows; `None` for any age.
    pub age: Option<Duration>,
    /// The longest life of an access token.
    pub token_lifetime: Duration,
}

impl KeyRotation {
    /// Whether the newest of the stored keys, which come the newest first, is due to be followed by another.
    #[must_use]
    pub fn is_due(&self, stored: &[SealedSigningKey], now: Timestamp) -> bool {
        match (stored.first(), self.age) {
            (Some(newest), Some(age)) => newest.created_at.plus_seconds(seconds(age)) <= now,
            _ => false,
        }
    }

    /// The stored keys, of those that come the newest first, that signed nothing that could still be good.
    ///
    /// A key may sign until its follower has settled, by the clock of a server that is a little late.
    pub fn ended<'a>(
        &self,
        stored: &'a [SealedSigningKey],
        now: Timestamp,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let kept = seconds(self.token_lifetime)
            .saturating_add(SETTLING_SECONDS)
            .saturating_add(CLOCK_SKEW_SECONDS);
        stored
            .windows(2)
            .filter(move |pair| pair[0].created_at.plus_seconds(kept) < now)
            .map(|pair| pair[1].kid.as_str())
    }
}

/// The key that follows the newest of the stored ones, which come the newest first.
///
/// Its name follows from theirs, so that of several servers that rotate at the same time one has its key kept: the store
/// takes each name once. It is younger than they are, by whatever clock.
///
/// # Errors
///
/// [`SealError`] where the operating system has no source of randomness.
pub fn successor(
    stored: &[SealedSigningKey],
    with: &SealingKey,
    now: Timestamp,
) -> Result<SealedSigningKey, SealError> {
    let secret: Zeroizing<[u8; 32]> = Zeroizing::new(random_bytes()?);
    let (before, at) = match stored.first() {
        None => ("", now),
        Some(newest) => {
            let after = newest.created_at.plus_seconds(1);
            (newest.kid.as_str(), now.max(after))
        }
    };
    let digest = Sha256::new()
        .chain_update(b"sillage signing key after ")
        .chain_update(before)
        .finalize();
    let kid: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    SigningKey::new(kid, *secret).seal(with, at)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

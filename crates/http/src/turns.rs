//! One at a time, where several would do the same.

use foldhash::quality::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

const PLACES: usize = 1024;
/// Longer than what is done takes, unless the database is away: then everybody is told so, and not one after the other.
const PATIENCE: Duration = Duration::from_millis(500);

/// The turn, kept as long as the value is.
pub(crate) type Turn = OwnedMutexGuard<()>;

/// Turns by key. Of two keys that share one, the second waits for nothing, and not for long.
pub(crate) struct Turns {
    hasher: RandomState,
    places: Box<[Arc<Mutex<()>>]>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            places: (0..PLACES).map(|_| Arc::default()).collect(),
        }
    }
}

impl Turns {
    /// Waits until nobody else has the turn of that key; `None` where that takes too long. Who gives up waiting leaves nothing behind.
    pub(crate) async fn wait(&self, key: &str) -> Option<Turn> {
        // The remainder lies below the number of places.
        let place = &self.places[(self.hasher.hash_one(key) as usize) % PLACES];
        let turn = Arc::clone(place).lock_owned();
        actix_web::rt::time::timeout(PATIENCE, turn).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn one_key_has_one_turn_and_who_waits_too_long_goes_on_without() {
        let turns = Turns::default();
        let first = turns.wait("one").await;
        assert!(first.is_some());
        assert!(turns.wait("one").await.is_none());
        drop(first);
        assert!(turns.wait("one").await.is_some());
    }
}

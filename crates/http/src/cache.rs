//! A bounded map that many workers share.

use foldhash::quality::RandomState;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};

const SHARDS: usize = 16;
const SHARD_BOUND: usize = 1024;

/// Remembers up to 16,384 values. A part that is full forgets all that it holds, since what was forgotten can be found out
/// again.
///
/// It is asked once a request, by a token of some hundred bytes: its hash is a fast one, with keys of this process.
pub(crate) struct Cache<K, V> {
    hasher: RandomState,
    shards: [Mutex<HashMap<K, V, RandomState>>; SHARDS],
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.look(key, V::clone)
    }

    /// What is wanted of the value, while nobody else may look.
    pub(crate) fn look<Q: Hash + Eq + ?Sized, T>(
        &self,
        key: &Q,
        wanted: impl FnOnce(&V) -> T,
    ) -> Option<T>
    where
        K: Borrow<Q>,
    {
        self.shard(key)
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .map(wanted)
    }

    pub(crate) fn put(&self, key: K, value: V) {
        let mut shard = self
            .shard(&key)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= SHARD_BOUND && !shard.contains_key(&key) {
            shard.clear();
        }
        shard.insert(key, value);
    }

    /// Forgets what is remembered under that key.
    pub(crate) fn forget(&self, key: &K) {
        self.shard(key)
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> &Mutex<HashMap<K, V, RandomState>> {
        // The remainder lies below the number of shards.
        &self.shards[(self.hasher.hash_one(key) as usize) % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let cache = Cache::default();
        for n in 0..100_000_u32 {
            cache.put(n, n);
        }
        let kept = (0..100_000).filter(|n| cache.get(n).is_some()).count();
        assert!(kept <= SHARDS * SHARD_BOUND, "{kept}");
        assert_eq!(cache.get(&99_999), Some(99_999));
    }
}

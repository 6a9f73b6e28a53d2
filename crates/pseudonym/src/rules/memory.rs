//! What is remembered from one row to the next: a bounded amount.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::canonical;
use crate::canonical::length;

/// How many groups there may be of which the first time is remembered: some 50 MB.
pub(super) const MAX_GROUPS: usize = 1_000_000;

/// The first time of each group, in microseconds since 1970, by a hash of what the group has in common.
#[derive(Debug, Default)]
pub(super) struct Origins(HashMap<[u8; 16], i64>);

impl Origins {
    /// The first time that was given for a group of a field; `None` if that group is one too many.
    pub(super) fn first<'v>(
        &mut self,
        field: usize,
        values: impl Iterator<Item = &'v str>,
        time: i64,
    ) -> Option<i64> {
        let mut hash = Sha256::new();
        hash.update((field as u64).to_be_bytes());
        for value in values {
            let value = canonical(value);
            hash.update(length(&value));
            hash.update(value.as_bytes());
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        if self.0.len() >= MAX_GROUPS && !self.0.contains_key(&key) {
            return None;
        }
        Some(*self.0.entry(key).or_insert(time))
    }
}

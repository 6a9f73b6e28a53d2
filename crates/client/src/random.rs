//! Numbers that differ, fast: not for secrets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// SplitMix64 from a seed of the operating system: no two numbers of one generator are equal, and no lock is taken.
#[derive(Debug)]
pub(crate) struct Random {
    state: AtomicU64,
}

impl Random {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let state = AtomicU64::new(getrandom::u64()?);
        Ok(Self { state })
    }

    pub(crate) fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self
            .state
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to that, both possible.
    pub(crate) fn up_to(&self, most: Duration) -> Duration {
        // The upper 53 bits are what a float holds exactly.
        let share = (self.next() >> 11) as f64 / ((1_u64 << 53) - 1) as f64;
        most.mul_f64(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_differ_and_shares_stay_within_bounds() {
        let random = Random::new().unwrap();
        let drawn: HashSet<_> = (0..10_000).map(|_| random.next()).collect();
        assert_eq!(drawn.len(), 10_000);
        let most = Duration::from_secs(4);
        let waits: Vec<_> = (0..1000).map(|_| random.up_to(most)).collect();
        assert!(waits.iter().all(|wait| *wait <= most));
        assert!(waits.iter().any(|wait| *wait < most / 4));
        assert!(waits.iter().any(|wait| *wait > most / 4 * 3));
    }
}

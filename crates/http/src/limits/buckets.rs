//! Token buckets, one a key, in bounded memory.

use crate::rates::Rate;
use governor::clock::{Clock, Reference};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SHARDS: usize = 16;
/// Keys of a shard: 65,536 in all, some 2 MiB.
const SHARD_BOUND: usize = 4096;
/// How often a shard is looked through for buckets that are full again, in nanoseconds.
const SWEPT_EVERY: u64 = 60_000_000_000;
const SECOND: u64 = 1_000_000_000;

/// What a request found in its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    /// Requests that may come now.
    pub(crate) remaining: u32,
    /// Seconds until the bucket is full again; of one that was refused, until the next request may come.
    pub(crate) seconds: u64,
}

/// Token buckets of one size, by key. The generic cell rate algorithm of `governor`, which needs 8 bytes a bucket.
pub(super) struct Buckets<C: Clock<Instant = Nanos> = Monotonic> {
    limiter: RateLimiter<u64, Kept<C>, C, StateInformationMiddleware>,
    clock: C,
    rate: Rate,
}

impl<C: Clock<Instant = Nanos> + Clone> Buckets<C> {
    /// Buckets of that size, all full; `None` if there is no limit.
    pub(super) fn new(rate: Rate, clock: C) -> Option<Self> {
        let burst = NonZeroU32::new(rate.burst)?;
        let each = SECOND.checked_div(u64::from(rate.per_second))?;
        let quota = Quota::with_period(Duration::from_nanos(each.max(1)))?.allow_burst(burst);
        let kept = Kept::new(clock.clone());
        let limiter = RateLimiter::new(quota, kept, clock.clone());
        Some(Self {
            limiter,
            clock,
            rate,
        })
    }

    /// Takes one token; an error if there is none.
    pub(super) fn take(&self, key: u64) -> Result<Level, Level> {
        match self.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let missing = u64::from(self.rate.burst.saturating_sub(remaining));
                Ok(Level {
                    remaining,
                    seconds: missing.div_ceil(u64::from(self.rate.per_second.max(1))),
                })
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Err(Level {
                    remaining: 0,
                    seconds: seconds_up(wait).max(1),
                })
            }
        }
    }
}

/// Whole seconds, rounded up.
pub(super) fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Time since the server started.
#[derive(Debug, Clone)]
pub(super) struct Monotonic(Instant);

impl Monotonic {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Monotonic {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // It holds 584 years.
        Nanos::from(u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

/// For each key the instant at which its bucket is full again. One that is full is as good as none, so it is forgotten: those
/// that are full when a shard is looked through, and, where all are in use and there is no more room, the fullest half.
struct Kept<C> {
    clock: C,
    start: Nanos,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    full_at: HashMap<u64, u64, BuildHasherDefault<Given>>,
    swept: u64,
}

impl<C: Clock<Instant = Nanos>> Kept<C> {
    fn new(clock: C) -> Self {
        Self {
            start: clock.now(),
            clock,
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl<C: Clock<Instant = Nanos>> StateStore for Kept<C> {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        // The low bits choose the place within a shard.
        let shard = &self.shards[(key >> 60) as usize % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = shard.full_at.get_mut(key) {
            let (outcome, next) = decide(Some(Nanos::from(*full_at)))?;
            *full_at = next.as_u64();
            return Ok(outcome);
        }
        let (outcome, next) = decide(None)?;
        shard.make_room(self.clock.now().duration_since(self.start).as_u64());
        shard.full_at.insert(*key, next.as_u64());
        Ok(outcome)
    }
}

impl Shard {
    fn make_room(&mut self, now: u64) {
        let is_full = self.full_at.len() >= SHARD_BOUND;
        if !is_full && now.saturating_sub(self.swept) < SWEPT_EVERY {
            return;
        }
        self.swept = now;
        self.full_at.retain(|_, full_at| *full_at > now);
        if is_full && self.full_at.len() > SHARD_BOUND / 2 {
            let mut instants: Vec<u64> = self.full_at.values().copied().collect();
            let (_, middle, _) = instants.select_nth_unstable(SHARD_BOUND / 2);
            let middle = *middle;
            self.full_at.retain(|_, full_at| *full_at > middle);
        }
        if self.full_at.is_empty() {
            self.full_at.shrink_to_fit();
        }
    }
}

/// A key is a hash already.
#[derive(Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;
    use std::hash::{BuildHasher, RandomState};

    fn buckets(per_second: u32, burst: u32) -> (Buckets<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        clock.advance(Duration::from_secs(5));
        let rate = Rate { per_second, burst };
        (Buckets::new(rate, clock.clone()).unwrap(), clock)
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_as_much_as_flows_in() {
        let (buckets, clock) = buckets(2, 3);
        let level = |remaining, seconds| Level { remaining, seconds };
        assert_eq!(buckets.take(1), Ok(level(2, 1)));
        assert_eq!(buckets.take(1), Ok(level(1, 1)));
        assert_eq!(buckets.take(1), Ok(level(0, 2)));
        assert_eq!(buckets.take(1), Err(level(0, 1)));
        assert_eq!(
            buckets.take(2),
            Ok(level(2, 1)),
            "each key has a bucket of its own"
        );
        clock.advance(Duration::from_millis(500));
        assert_eq!(buckets.take(1), Ok(level(0, 2)));
        assert_eq!(buckets.take(1), Err(level(0, 1)));
        clock.advance(Duration::from_secs(60));
        assert_eq!(buckets.take(1), Ok(level(2, 1)));
    }

    #[test]
    fn without_a_rate_there_are_no_buckets() {
        assert!(Buckets::new(Rate::NONE, FakeRelativeClock::default()).is_none());
    }

    #[test]
    fn the_greatest_rate_never_says_no() {
        let (buckets, _) = buckets(Rate::MAX, Rate::MAX);
        assert!((0..10_000).all(|_| buckets.take(1).is_ok()));
    }

    fn known(buckets: Buckets<FakeRelativeClock>) -> usize {
        let kept = buckets.limiter.into_state_store();
        let shards = kept.shards.into_iter();
        shards
            .map(|shard| shard.into_inner().unwrap().full_at.len())
            .sum()
    }

    #[test]
    fn what_is_known_is_bounded_and_the_emptiest_buckets_stay() {
        let (buckets, _) = buckets(1, 100);
        let keys = RandomState::new();
        while buckets.take(7).is_ok() {}
        for n in 0..500_000_u32 {
            assert!(buckets.take(keys.hash_one(n)).is_ok());
        }
        assert!(
            buckets.take(7).is_err(),
            "a crowd of others empties no memory of who asked too much"
        );
        let known = known(buckets);
        assert!(known <= SHARDS * SHARD_BOUND, "{known}");
    }

    #[test]
    fn buckets_that_are_full_again_are_forgotten() {
        let (buckets, clock) = buckets(1, 100);
        let keys = RandomState::new();
        for n in 0..10_000_u32 {
            assert!(buckets.take(keys.hash_one(n)).is_ok());
        }
        clock.advance(Duration::from_secs(61));
        for n in 0..1_000_u32 {
            assert!(buckets.take(keys.hash_one(("new", n))).is_ok());
        }
        assert!(known(buckets) <= 1_000);
    }

    proptest! {
        #[test]
        fn no_more_comes_through_than_burst_and_rate_allow(
            per_second in 1..1000_u32,
            burst in 1..100_u32,
            pauses in prop::collection::vec(0..20_000_u64, 1..300),
        ) {
            let (buckets, clock) = buckets(per_second, burst);
            let (mut through, mut elapsed) = (0, Duration::ZERO);
            for pause in pauses {
                let pause = Duration::from_micros(pause);
                clock.advance(pause);
                elapsed += pause;
                through += u32::from(buckets.take(1).is_ok());
                let most = f64::from(burst) + elapsed.as_secs_f64() * f64::from(per_second);
                prop_assert!(f64::from(through) <= most + 1e-3, "{through} of {most}");
            }
        }
    }
}

//! What those who run a server want to know of its store: how much waits, how long commits take, how large it is, and when something last arrived.

use crate::{StoreError, StudyId, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

/// What waits to be written, and how much of it would fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueLoad {
    /// Entries and texts that wait.
    pub rows: u64,
    /// Their bytes, about.
    pub bytes: u64,
    /// How many entries and texts may wait.
    pub max_rows: u64,
    /// How many bytes may wait.
    pub max_bytes: u64,
}

/// The connections of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLoad {
    /// What they are for: `read` or `write`.
    pub name: &'static str,
    /// Connections that somebody uses.
    pub busy: u32,
    /// Connections that nobody uses.
    pub idle: u32,
    /// How many there may be.
    pub max: u32,
}

/// How often which values were seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distribution {
    /// Upper bounds, each included, in ascending order; and how many values were not above it, nor in one before.
    pub buckets: Vec<(f64, u64)>,
    /// How many values were above all bounds.
    pub above: u64,
    /// The sum of all values.
    pub sum: f64,
}

impl Distribution {
    /// How many values were seen.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum::<u64>() + self.above
    }
}

/// Counts values as they come, for a [`Distribution`]. Some additions a value, and no lock.
#[derive(Debug)]
pub struct Meter {
    bounds: &'static [f64],
    /// One for each bound, and one for what is above.
    counts: Box<[AtomicU64]>,
    /// The bits of a number.
    sum: AtomicU64,
}

impl Meter {
    /// With these upper bounds, in ascending order.
    #[must_use]
    pub fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0f64.to_bits()),
        }
    }

    /// Counts a value.
    pub fn observe(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        // It always gives a number to put there.
        let _ = self
            .sum
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> Distribution {
        let counts = || self.counts.iter().map(|one| one.load(Ordering::Relaxed));
        Distribution {
            buckets: self.bounds.iter().copied().zip(counts()).collect(),
            above: counts().next_back().unwrap_or(0),
            sum: f64::from_bits(self.sum.load(Ordering::Relaxed)),
        }
    }
}

/// Bounds for the entries of a commit.
pub const COMMIT_ROWS: &[f64] = &[
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0,
];

/// Bounds for the seconds of a commit.
pub const COMMIT_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];

/// What a store knows of itself without asking the database.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoreLoad {
    /// What waits.
    pub queue: QueueLoad,
    /// Its pools.
    pub pools: Vec<PoolLoad>,
    /// Entries and texts of each transaction that was committed.
    pub commit_rows: Distribution,
    /// Seconds that each of them took, its flush included.
    pub commit_seconds: Distribution,
}

/// Tells how a store is.
pub trait MonitorStore: Send + Sync {
    /// How much it has to do. Asks no database, and waits for nothing.
    fn load(&self) -> StoreLoad;

    /// The bytes that the database takes on its disk, as well as it is known there.
    fn database_bytes(&self) -> Result<u64, StoreError>;

    /// When an entry of that study was last received, deleted ones included. Of entries that were let out of quarantine counts when they came,
    /// and only the last thousand that were stored are looked at.
    fn last_received(&self, study: StudyId) -> Result<Option<Timestamp>, StoreError>;
}

/// A disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes that the server may still take.
    pub free: u64,
    /// All its bytes.
    pub size: u64,
}

impl DiskSpace {
    /// The part that is free, from 0 to 1.
    #[must_use]
    pub fn free_share(self) -> f64 {
        if self.size == 0 {
            return 1.0;
        }
        self.free as f64 / self.size as f64
    }
}

/// Tells how much room there is on the disk that holds the server's data.
pub trait Disk: Send + Sync {
    /// The room; `None` where that can't be known.
    fn space(&self) -> Option<DiskSpace>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_below_the_first_bound_that_holds_it() {
        let meter = Meter::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 2.0, 2.5, 100.0] {
            meter.observe(value);
        }
        let read = meter.read();
        assert_eq!(read.buckets, [(1.0, 2), (2.0, 2)]);
        assert_eq!((read.above, read.count()), (2, 6));
        assert!((read.sum - 107.5).abs() < f64::EPSILON);
    }

    #[test]
    fn values_of_several_threads_are_all_counted() {
        let meter = Meter::new(COMMIT_ROWS);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| meter.observe(1.0)));
            }
        });
        let read = meter.read();
        assert_eq!(read.count(), 4000);
        assert!((read.sum - 4000.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_disk_without_a_size_is_not_full() {
        let disk = DiskSpace { free: 0, size: 0 };
        assert!((disk.free_share() - 1.0).abs() < f64::EPSILON);
        let quarter = DiskSpace { free: 1, size: 4 };
        assert!((quarter.free_share() - 0.25).abs() < f64::EPSILON);
    }
}

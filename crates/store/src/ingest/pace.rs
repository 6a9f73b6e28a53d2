//! How much a transaction takes at once where one writer does all.
//!
//! Were it all that waits, then, with clients that wait for their answers before they send again, the writer would rest while requests are read, and the
//! readers of requests while it writes. So it takes as much as makes the commit a small part of the work, and leaves the rest to the next: while that
//! is written, the answers to the first are on their way. Where a flush is slow, that much is all that waits.

use std::time::Duration;

/// So many times as long as the commit, at least, entries are written before it.
const WORTH: f64 = 2.0;
/// However fast the disk, a transaction takes that much.
const LEAST: usize = 32;
/// How much of a mean the last transaction is.
const WEIGHT: f64 = 1.0 / 16.0;

/// Running means of what transactions cost.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Seconds of a commit, and of an entry before it.
    means: Option<(f64, f64)>,
}

impl Pace {
    /// Learns from a transaction of that many entries: how long they took to write, and then the commit.
    pub(super) fn learn(&mut self, rows: usize, written: Duration, committed: Duration) {
        if rows == 0 {
            return;
        }
        let (commit, row) = (committed.as_secs_f64(), written.as_secs_f64() / rows as f64);
        let towards = |mean: f64, new: f64| mean + (new - mean) * WEIGHT;
        self.means = Some(match self.means {
            Some((commits, rows)) => (towards(commits, commit), towards(rows, row)),
            None => (commit, row),
        });
    }

    /// How many entries the next transaction takes, of `most`.
    pub(super) fn rows(&self, most: usize) -> usize {
        let worth = match self.means {
            // A float that is too large for an integer becomes the largest.
            Some((commit, row)) if row > 0.0 => (WORTH * commit / row).round() as usize,
            _ => most,
        };
        worth.max(LEAST).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOST: usize = 4096;

    fn after(rows: usize, written_us: u64, committed_us: u64) -> Pace {
        let mut pace = Pace::default();
        for _ in 0..200 {
            pace.learn(
                rows,
                Duration::from_micros(written_us),
                Duration::from_micros(committed_us),
            );
        }
        pace
    }

    #[test]
    fn a_slow_flush_takes_all_that_waits_and_a_fast_one_a_part_of_it() {
        assert_eq!(Pace::default().rows(MOST), MOST);
        // Ten microseconds an entry, 20 milliseconds a flush.
        assert_eq!(after(100, 1000, 20_000).rows(MOST), 4000);
        assert_eq!(after(100, 1000, 300).rows(MOST), 60);
        assert_eq!(after(100, 1000, 1).rows(MOST), LEAST);
        assert_eq!(after(100, 1000, 300).rows(1), 1);
    }

    proptest! {
        #[test]
        fn it_is_never_none_and_never_more_than_the_most(
            learnt in prop::collection::vec((0_usize..5000, 0_u64..10_000_000, 0_u64..10_000_000), 0..50),
            most in 1_usize..10_000,
        ) {
            let mut pace = Pace::default();
            for (rows, written, committed) in learnt {
                pace.learn(rows, Duration::from_micros(written), Duration::from_micros(committed));
            }
            prop_assert!((1..=most).contains(&pace.rows(most)));
        }
    }
}

//! Whether the entries of a session follow each other: sequence numbers without holes, and a clock that does not run backwards.

/// Runs of sequence numbers that are kept apart; more holes than that in one session are no longer looked into.
const MAX_RUNS: usize = 1024;

/// The sequence numbers of a session that were seen, as runs without a hole, each with the instants at its two ends.
///
/// What it finds does not depend on the order in which the entries come, as long as no number comes twice: a step from one entry to
/// the next one of the sequence is looked at when the second of both comes, and a step over a hole at the end.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    runs: Vec<Run>,
    steps: Steps,
    repeated: u64,
    /// Holes that were closed since there were too many, and the numbers missing in them.
    closed: (u64, u64),
}

#[derive(Debug, Clone, Copy)]
struct Run {
    first: i64,
    last: i64,
    /// Microseconds.
    first_at: i64,
    last_at: i64,
}

/// What the steps from one entry to the next came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Steps {
    idle: i64,
    pub(crate) backwards: u64,
    /// The longest step backwards, in microseconds.
    pub(crate) longest_backwards: i64,
    /// The sum of all steps that are no longer than `idle`, in microseconds; a step backwards takes away what will be counted twice.
    active: i64,
}

/// What was found in the sequence of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequenced {
    pub(crate) ends: Option<(i64, i64)>,
    pub(crate) gaps: u64,
    pub(crate) missing: u64,
    pub(crate) repeated: u64,
    pub(crate) steps: Steps,
    pub(crate) is_exact: bool,
}

impl Steps {
    pub(crate) fn new(idle: i64) -> Self {
        Self {
            idle,
            backwards: 0,
            longest_backwards: 0,
            active: 0,
        }
    }

    pub(crate) fn step(&mut self, from: i64, to: i64) {
        let length = to.saturating_sub(from);
        if length < 0 {
            self.backwards += 1;
            self.longest_backwards = self.longest_backwards.max(length.saturating_neg());
        }
        if length.saturating_abs() <= self.idle {
            self.active += length;
        }
    }

    pub(crate) fn active(&self) -> i64 {
        self.active.max(0)
    }
}

impl Order {
    /// `idle`: microseconds above which nobody is taken to have played between two entries.
    pub(crate) fn new(idle: i64) -> Self {
        Self {
            runs: Vec::new(),
            steps: Steps::new(idle),
            repeated: 0,
            closed: (0, 0),
        }
    }

    /// Takes one more entry, with its instant in microseconds.
    pub(crate) fn add(&mut self, sequence: i64, at: i64) {
        // Nearly every entry is the next one.
        if let Some(run) = self.runs.last_mut()
            && run.last + 1 == sequence
        {
            self.steps.step(run.last_at, at);
            (run.last, run.last_at) = (sequence, at);
            return;
        }
        // The first run that ends at the number or after it.
        let place = self.runs.partition_point(|run| run.last < sequence);
        if self
            .runs
            .get(place)
            .is_some_and(|run| run.first <= sequence)
        {
            self.repeated += 1;
            return;
        }
        let after = place
            .checked_sub(1)
            .filter(|before| self.runs[*before].last + 1 == sequence);
        let before = Some(place).filter(|next| {
            let run = self.runs.get(*next);
            run.is_some_and(|run| run.first == sequence + 1)
        });
        if let Some(place) = after {
            self.steps.step(self.runs[place].last_at, at);
        }
        if let Some(place) = before {
            self.steps.step(at, self.runs[place].first_at);
        }
        match (after, before) {
            (Some(one), Some(other)) => {
                let joined = self.runs.remove(other);
                (self.runs[one].last, self.runs[one].last_at) = (joined.last, joined.last_at);
            }
            (Some(one), None) => (self.runs[one].last, self.runs[one].last_at) = (sequence, at),
            (None, Some(one)) => (self.runs[one].first, self.runs[one].first_at) = (sequence, at),
            (None, None) => {
                let run = Run {
                    first: sequence,
                    last: sequence,
                    first_at: at,
                    last_at: at,
                };
                self.runs.insert(place, run);
                self.bound();
            }
        }
    }

    /// Closes the first hole where there are too many.
    fn bound(&mut self) {
        if self.runs.len() > MAX_RUNS {
            let next = self.runs.remove(1);
            let run = &mut self.runs[0];
            self.steps.step(run.last_at, next.first_at);
            self.closed.0 += 1;
            self.closed.1 += (next.first - run.last - 1).unsigned_abs();
            (run.last, run.last_at) = (next.last, next.last_at);
        }
    }

    pub(crate) fn found(&self) -> Sequenced {
        let mut steps = self.steps;
        let (mut gaps, mut missing) = self.closed;
        for pair in self.runs.windows(2) {
            gaps += 1;
            missing += (pair[1].first - pair[0].last - 1).unsigned_abs();
            steps.step(pair[0].last_at, pair[1].first_at);
        }
        let ends = self.runs.first().zip(self.runs.last());
        Sequenced {
            ends: ends.map(|(first, last)| (first.first, last.last)),
            gaps,
            missing,
            repeated: self.repeated,
            steps,
            is_exact: self.closed.0 == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IDLE: i64 = 100;

    fn of(entries: &[(i64, i64)]) -> Sequenced {
        let mut order = Order::new(IDLE);
        for (sequence, at) in entries {
            order.add(*sequence, *at);
        }
        order.found()
    }

    /// The same, found by sorting all of it.
    fn naive(entries: &[(i64, i64)]) -> Sequenced {
        let mut sorted: Vec<(i64, i64)> = Vec::new();
        let mut repeated = 0;
        for entry in entries {
            if sorted.iter().any(|(sequence, _)| *sequence == entry.0) {
                repeated += 1;
            } else {
                sorted.push(*entry);
            }
        }
        sorted.sort_unstable();
        let (mut gaps, mut missing, mut steps) = (0, 0, Steps::new(IDLE));
        for pair in sorted.windows(2) {
            let hole = (pair[1].0 - pair[0].0 - 1).unsigned_abs();
            gaps += u64::from(hole > 0);
            missing += hole;
            steps.step(pair[0].1, pair[1].1);
        }
        Sequenced {
            ends: sorted.first().zip(sorted.last()).map(|(a, b)| (a.0, b.0)),
            gaps,
            missing,
            repeated,
            steps,
            is_exact: true,
        }
    }

    #[test]
    fn a_hole_is_found_and_what_is_missing_in_it() {
        let found = of(&[(0, 0), (1, 5), (4, 6), (6, 7)]);
        assert_eq!((found.gaps, found.missing), (2, 3));
        assert_eq!(found.ends, Some((0, 6)));
    }

    #[test]
    fn a_pause_is_no_active_time_and_a_step_backwards_is_not_counted_twice() {
        let found = of(&[(0, 0), (1, 60), (2, 50), (3, 70), (4, 1000), (5, 1010)]);
        assert_eq!(found.steps.active(), 80);
        assert_eq!(
            (found.steps.backwards, found.steps.longest_backwards),
            (1, 10)
        );
    }

    #[test]
    fn a_session_full_of_holes_stays_small_and_says_that_it_is_not_exact() {
        let entries: Vec<_> = (0..5000).map(|n| (n * 2, n)).collect();
        let found = of(&entries);
        assert_eq!((found.gaps, found.missing), (4999, 4999));
        assert!(!found.is_exact);
    }

    proptest! {
        #[test]
        fn it_finds_what_sorting_finds(entries in proptest::collection::vec((0..60_i64, -200..200_i64), 0..80)) {
            prop_assert_eq!(of(&entries), naive(&entries));
        }

        #[test]
        fn the_order_of_arrival_does_not_count(
            entries in proptest::collection::btree_map(0..300_i64, -200..200_i64, 0..100),
            seed in any::<u64>(),
        ) {
            let sorted: Vec<_> = entries.into_iter().collect();
            let mut mixed = sorted.clone();
            mixed.sort_by_key(|(n, _)| (*n as u64).wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            prop_assert_eq!(of(&mixed), of(&sorted));
        }

        #[test]
        fn no_number_and_no_instant_overflows(entries in proptest::collection::vec((0..=crate::Sequence::MAX, any::<i64>()), 0..20)) {
            let found = of(&entries);
            prop_assert!(found.missing <= crate::Sequence::MAX.unsigned_abs());
        }
    }
}

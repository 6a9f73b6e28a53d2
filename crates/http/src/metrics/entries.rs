//! Entries, by study and what became of them.

use crate::intake::Fate;
use prometheus::{IntCounter, IntCounterVec};
use sillage_domain::{Slug, StudyId};
use std::array;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// How many studies are counted by themselves; the others together.
pub(crate) const MAX_STUDIES: usize = 100;
/// What all others are called. No slug begins so.
pub(crate) const OTHERS: &str = "_other";
/// Places in the table: more than are ever taken, so that a search ends at a free one.
const SLOTS: usize = 128;
const OUTCOMES: [&str; 5] = [
    "accepted",
    "duplicate",
    "quarantined",
    "conflict",
    "refused",
];

type Counters = [IntCounter; OUTCOMES.len()];

/// The counters of studies, in a table that is read and filled without a lock. A study keeps its place as long as the process runs.
pub(crate) struct Entries {
    family: IntCounterVec,
    slots: [Slot; SLOTS],
    taken: AtomicUsize,
    others: OnceLock<Counters>,
}

#[derive(Default)]
struct Slot {
    /// The id of the study; 0 while the place is free.
    study: AtomicI64,
    counters: OnceLock<Counters>,
}

impl Entries {
    pub(crate) fn new(family: IntCounterVec) -> Self {
        Self {
            family,
            slots: array::from_fn(|_| Slot::default()),
            taken: AtomicUsize::new(0),
            others: OnceLock::new(),
        }
    }

    /// One more entry of a study, of which that became.
    pub(crate) fn count(&self, study: StudyId, slug: &Slug, fate: Fate) {
        let at = match fate {
            Fate::Accepted(_) => 0,
            Fate::Duplicate(_) => 1,
            Fate::Quarantined => 2,
            Fate::Conflict => 3,
            Fate::Refused => 4,
        };
        self.of(study, slug)[at].inc();
    }

    fn of(&self, study: StudyId, slug: &Slug) -> &Counters {
        let start = study.0.unsigned_abs() as usize;
        for step in 0..SLOTS {
            let slot = &self.slots[start.wrapping_add(step) % SLOTS];
            let mut holds = slot.study.load(Ordering::Acquire);
            if holds == 0 {
                let room = |taken| (taken < MAX_STUDIES).then_some(taken + 1);
                let taken = &self.taken;
                if taken
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
                    .is_err()
                {
                    break;
                }
                let claimed =
                    slot.study
                        .compare_exchange(0, study.0, Ordering::AcqRel, Ordering::Acquire);
                holds = match claimed {
                    Ok(_) => study.0,
                    Err(other) => {
                        taken.fetch_sub(1, Ordering::AcqRel);
                        other
                    }
                };
            }
            if holds == study.0 {
                // Made by whoever comes first, and only read from then on.
                return slot.counters.get_or_init(|| self.counters(slug.as_str()));
            }
        }
        self.others.get_or_init(|| self.counters(OTHERS))
    }

    fn counters(&self, study: &str) -> Counters {
        OUTCOMES.map(|outcome| self.family.with_label_values(&[study, outcome]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::Opts;
    use sillage_domain::LogNumber;

    fn entries() -> Entries {
        let family = IntCounterVec::new(Opts::new("e", "e"), &["study", "outcome"]).unwrap();
        Entries::new(family)
    }

    fn counted(entries: &Entries, study: &str, outcome: &str) -> u64 {
        entries.family.with_label_values(&[study, outcome]).get()
    }

    fn count(entries: &Entries, id: i64, fate: Fate) {
        let slug: Slug = format!("s-{id}").parse().unwrap();
        entries.count(StudyId(id), &slug, fate);
    }

    #[test]
    fn each_study_has_its_own_counters() {
        let entries = entries();
        count(&entries, 1, Fate::Accepted(LogNumber(1)));
        count(&entries, 1, Fate::Accepted(LogNumber(2)));
        // As far as a place in the table goes, the same study.
        count(&entries, 1 + SLOTS as i64, Fate::Quarantined);
        assert_eq!(counted(&entries, "s-1", "accepted"), 2);
        assert_eq!(counted(&entries, "s-1", "quarantined"), 0);
        assert_eq!(counted(&entries, "s-129", "quarantined"), 1);
    }

    #[test]
    fn studies_beyond_the_bound_are_counted_together_and_the_others_stay() {
        let entries = entries();
        let last = MAX_STUDIES as i64;
        for id in 1..=last + 50 {
            count(&entries, id, Fate::Conflict);
        }
        count(&entries, 1, Fate::Conflict);
        assert_eq!(counted(&entries, "s-1", "conflict"), 2);
        assert_eq!(counted(&entries, &format!("s-{last}"), "conflict"), 1);
        assert_eq!(counted(&entries, OTHERS, "conflict"), 50);
        assert_eq!(counted(&entries, &format!("s-{}", last + 1), "conflict"), 0);
    }

    #[test]
    fn threads_that_meet_at_a_new_study_count_each_entry_once() {
        let entries = entries();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..2000 {
                        count(&entries, 1 + n % 150, Fate::Refused);
                    }
                });
            }
        });
        let own: u64 = (1..=150)
            .map(|id| counted(&entries, &format!("s-{id}"), "refused"))
            .sum();
        assert_eq!(own + counted(&entries, OTHERS, "refused"), 8000);
    }
}

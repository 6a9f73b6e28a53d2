//! What became of entries, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// What became of the entries since the client was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Recorded, or forwarded.
    pub recorded: u64,
    /// Of those, written to the folder: a crash does not take them.
    pub written: u64,
    /// Wait to be sent, those of earlier runs included.
    pub waiting: u64,
    /// The server has stored.
    pub accepted: u64,
    /// The server had stored before.
    pub duplicates: u64,
    /// The server keeps in quarantine.
    pub quarantined: u64,
    /// The server refused; set aside.
    pub refused: u64,
    /// Gone, for whatever reason.
    pub dropped: u64,
    /// Lines of the queue that could not be read.
    pub damaged: u64,
    /// Requests with entries that the server took.
    pub batches: u64,
    /// Requests with entries that had no answer, or one that says "later", and were sent again.
    pub retries: u64,
}

/// The same, counted by all threads.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) recorded: AtomicU64,
    /// Recorded and no longer between the threads.
    pub(crate) taken: AtomicU64,
    pub(crate) written: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) duplicates: AtomicU64,
    pub(crate) quarantined: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) dropped: AtomicU64,
    /// Dropped by `record`, and not yet told.
    pub(crate) untold: AtomicU64,
    pub(crate) damaged: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) retries: AtomicU64,
}

pub(crate) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::SeqCst);
}

pub(crate) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::SeqCst)
}

impl Counters {
    /// Entries that were recorded and are not yet in the queue.
    pub(crate) fn between(&self) -> u64 {
        let taken = get(&self.taken);
        get(&self.recorded).saturating_sub(taken)
    }

    pub(crate) fn read(&self, in_queue: u64) -> Counts {
        Counts {
            recorded: get(&self.recorded),
            written: get(&self.written),
            waiting: in_queue + self.between(),
            accepted: get(&self.accepted),
            duplicates: get(&self.duplicates),
            quarantined: get(&self.quarantined),
            refused: get(&self.refused),
            dropped: get(&self.dropped),
            damaged: get(&self.damaged),
            batches: get(&self.batches),
            retries: get(&self.retries),
        }
    }
}

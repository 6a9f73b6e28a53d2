//! What the game's threads and those of the client share.

use crate::counts::{Counters, add, get};
use crate::event::{DropReason, Event};
use crate::queue::Queue;
use crate::random::Random;
use crate::settings::Settings;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How it stands between this client and the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Connection {
    /// Nothing was sent yet.
    #[default]
    Untried,
    /// The last request was taken.
    Online,
    /// The server can't be reached, or asked to come later.
    Offline,
    /// The server takes nothing of this account for the time being.
    Paused,
    /// The log-in was refused.
    LoggedOut,
}

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) queue: Queue,
    pub(crate) counters: Counters,
    pub(crate) random: Random,
    /// Where refused entries go.
    pub(crate) aside: Option<PathBuf>,
    /// Nothing more is recorded.
    pub(crate) ending: AtomicBool,
    signals: Mutex<Signals>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// How many wait for everything to be sent.
    pub(crate) flushing: u32,
    /// Somebody wants the next try now.
    pub(crate) nudged: bool,
    /// Since the last nudge, the server said that it takes nothing of this account now: waiting would not help.
    pub(crate) hopeless: bool,
    pub(crate) discard: bool,
    pub(crate) end: bool,
    /// Nothing is sent any more.
    pub(crate) gone: bool,
    /// When the oldest entry that waits was written, or something was last sent.
    pub(crate) since: Option<Instant>,
    pub(crate) connection: Connection,
}

impl Shared {
    pub(crate) fn new(
        settings: Settings,
        queue: Queue,
        random: Random,
        aside: Option<PathBuf>,
    ) -> Self {
        Self {
            settings,
            queue,
            counters: Counters::default(),
            random,
            aside,
            ending: AtomicBool::new(false),
            signals: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn tell(&self, event: &Event) {
        (self.settings.on_event)(event);
    }

    /// Counts entries that are gone, and says so.
    pub(crate) fn dropped(&self, entries: u64, why: DropReason) {
        if entries > 0 {
            add(&self.counters.dropped, entries);
            self.tell(&Event::Dropped { entries, why });
        }
    }

    pub(crate) fn signals(&self) -> MutexGuard<'_, Signals> {
        self.signals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes signals, and wakes whoever waits for one.
    pub(crate) fn signal(&self, change: impl FnOnce(&mut Signals)) {
        change(&mut self.signals());
        self.changed.notify_all();
    }

    /// Waits for a change, for that time at most.
    pub(crate) fn wait<'a>(
        &'a self,
        signals: MutexGuard<'a, Signals>,
        at_most: Option<Duration>,
    ) -> MutexGuard<'a, Signals> {
        match at_most {
            Some(time) => {
                let waited = self.changed.wait_timeout(signals, time);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self
                .changed
                .wait(signals)
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Waits until it is so, or that instant has come. Gives whether it is so.
    pub(crate) fn wait_until(&self, end: Instant, so: impl Fn(&Signals) -> bool) -> bool {
        let mut signals = self.signals();
        loop {
            if so(&signals) {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            signals = self.wait(signals, Some(left));
        }
    }

    /// Entries that the server does not have yet.
    pub(crate) fn waiting(&self) -> u64 {
        // In this order: what goes from one to the other is counted twice rather than not at all.
        let between = self.counters.between();
        between + self.queue.waiting()
    }

    /// Whether everything that was recorded is in the queue.
    pub(crate) fn is_handed_over(&self) -> bool {
        get(&self.counters.recorded) == get(&self.counters.taken)
    }
}

//! The thread that takes what was recorded and writes it to the folder.

use crate::counts::add;
use crate::entry::Item;
use crate::event::{DropReason, Event};
use crate::queue::{Appender, NotWritten};
use crate::settings::FlushToDisk;
use crate::shared::Shared;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

/// Entries in one write.
const AT_ONCE: usize = 4096;
/// A disk that took nothing is tried again after that time.
const STUCK: Duration = Duration::from_secs(1);

pub(crate) struct Keeper {
    items: Receiver<Item>,
    shared: Arc<Shared>,
    appender: Option<Appender>,
    flushed: Instant,
    stuck: Option<Instant>,
}

impl Keeper {
    /// Without an appender, everything stays in memory.
    pub(crate) fn new(
        items: Receiver<Item>,
        shared: Arc<Shared>,
        appender: Option<Appender>,
    ) -> Self {
        Self {
            items,
            shared,
            appender,
            flushed: Instant::now(),
            stuck: None,
        }
    }

    /// Until the client is ended. Nobody wakes it for an entry, since that would cost the game more than the entry itself: it looks.
    pub(crate) fn run(mut self) {
        loop {
            let ending = self.shared.ending.load(Ordering::SeqCst);
            let more = self.round();
            if ending && !more {
                break;
            }
            if !more {
                thread::park_timeout(self.shared.settings.write_every);
            }
        }
        self.stuck = None;
        self.rescue();
        if let Some(appender) = &mut self.appender {
            appender.close(&self.shared.queue);
        }
    }

    /// Takes what is there; gives whether there may be more.
    fn round(&mut self) -> bool {
        let mut entries = Vec::new();
        for item in self.items.try_iter().take(AT_ONCE) {
            let mut entry = Vec::with_capacity(192);
            // Writing to memory does not fail.
            let _ = item.write(&mut entry);
            entries.push(entry);
        }
        let count = entries.len();
        self.rescue();
        self.keep(entries);
        add(&self.shared.counters.taken, count as u64);
        self.flush();
        self.tell_untold();
        if count > 0 {
            self.announce();
        }
        count == AT_ONCE
    }

    fn keep(&mut self, entries: Vec<Vec<u8>>) {
        if entries.is_empty() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let in_memory = |entries: Vec<Vec<u8>>, why| {
            let keeps = |entry: Vec<u8>| shared.queue.keep_in_memory(entry);
            let lost = entries
                .into_iter()
                .filter_map(|entry| (!keeps(entry)).then_some(()))
                .count();
            shared.dropped(lost as u64, why);
        };
        let Some(appender) = &mut self.appender else {
            return in_memory(entries, DropReason::Bound);
        };
        if self.stuck.is_some_and(|until| Instant::now() < until) {
            return in_memory(entries, DropReason::Disk);
        }
        match appender.append(&shared.queue, &entries) {
            Ok(()) => {
                self.stuck = None;
                add(&shared.counters.written, entries.len() as u64);
            }
            Err(NotWritten::Bound) => shared.dropped(entries.len() as u64, DropReason::Bound),
            Err(NotWritten::Disk(error)) => {
                self.is_stuck(&error);
                in_memory(entries, DropReason::Disk);
            }
        }
    }

    /// Writes what is in memory only because the disk took nothing.
    fn rescue(&mut self) {
        let stuck = self.stuck.is_some_and(|until| Instant::now() < until);
        let Some(appender) = self.appender.as_mut().filter(|_| !stuck) else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        while let Some(batch) = shared.queue.take_memory(AT_ONCE) {
            match appender.append(&shared.queue, &batch.entries) {
                Ok(()) => {
                    add(&shared.counters.written, batch.entries.len() as u64);
                    shared.queue.settle(&batch, 0..batch.entries.len());
                }
                Err(NotWritten::Bound) => return shared.queue.give_back(batch, 0),
                Err(NotWritten::Disk(error)) => {
                    shared.queue.give_back(batch, 0);
                    return self.is_stuck(&error);
                }
            }
        }
        self.stuck = None;
    }

    fn is_stuck(&mut self, error: &std::io::Error) {
        if self.stuck.is_none() {
            let why = error.to_string();
            self.shared.tell(&Event::Unwritten { why });
        }
        self.stuck = Some(Instant::now() + STUCK);
    }

    fn flush(&mut self) {
        let due = match self.shared.settings.flush_to_disk {
            FlushToDisk::Always => true,
            FlushToDisk::Every(interval) => self.flushed.elapsed() >= interval,
            FlushToDisk::Never => false,
        };
        let Some(appender) = self.appender.as_mut().filter(|_| due) else {
            return;
        };
        if let Err(error) = appender.flush() {
            self.is_stuck(&error);
        }
        self.flushed = Instant::now();
    }

    /// What `record` dropped is told here, where it costs no frame.
    fn tell_untold(&self) {
        let untold = self.shared.counters.untold.swap(0, Ordering::SeqCst);
        self.shared.dropped(untold, DropReason::HandOver);
    }

    /// Wakes the courier where there is something to do for it.
    fn announce(&self) {
        let enough = self.shared.settings.batch_entries as u64;
        let signals = self.shared.signals();
        let wake = signals.since.is_none()
            || signals.flushing > 0
            || signals.discard
            || self.shared.queue.waiting() >= enough;
        drop(signals);
        if wake {
            self.shared
                .signal(|signals| signals.since = signals.since.or(Some(Instant::now())));
        }
    }
}

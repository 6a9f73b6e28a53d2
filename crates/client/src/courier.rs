//! The thread that sends.

use crate::backoff::Backoff;
use crate::counts::add;
use crate::entry::body;
use crate::event::{DropReason, Event};
use crate::queue::{Batch, private};
use crate::settle::{Settling, Stop, settle};
use crate::shared::{Connection, Shared};
use crate::time;
use crate::wire::{Answer, Receipt, Refusal, Wire};
use serde_json::value::RawValue;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// No more than that is set aside.
const ASIDE: u64 = 16 << 20;

/// How long an end waits for the last answer where nobody said.
pub(crate) const PARTING: Duration = Duration::from_millis(50);

pub(crate) struct Courier {
    shared: Arc<Shared>,
    wire: Wire,
    backoff: Backoff,
    /// What the server takes in a request, as far as is known.
    most: usize,
    not_before: Option<NotBefore>,
}

struct NotBefore {
    at: Instant,
    /// The server asked for it: nobody hurries that.
    advised: bool,
}

impl Courier {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let settings = &shared.settings;
        Self {
            wire: Wire::new(settings),
            backoff: Backoff::new(settings.first_wait, settings.longest_wait),
            most: settings.batch_entries,
            not_before: None,
            shared,
        }
    }

    /// Until the client is ended.
    pub(crate) fn run(mut self) {
        while self.wait() {
            self.send();
        }
        // A session that the game still holds must not keep what waits from its next client.
        self.shared.queue.release();
        self.shared.signal(|signals| signals.gone = true);
    }

    /// Waits until something is to be sent; `false` at the end.
    fn wait(&mut self) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut signals = shared.signals();
        loop {
            if signals.end {
                return false;
            }
            if signals.discard && shared.is_handed_over() {
                signals.discard = false;
                drop(signals);
                self.discard();
                signals = shared.signals();
                continue;
            }
            if std::mem::take(&mut signals.nudged)
                && self.not_before.as_ref().is_some_and(|wait| !wait.advised)
            {
                self.not_before = None;
            }
            let waiting = shared.queue.waiting();
            if waiting == 0 {
                signals.since = None;
                signals = shared.wait(signals, None);
                continue;
            }
            let now = Instant::now();
            let since = *signals.since.get_or_insert(now);
            let hurry = signals.flushing > 0 || waiting >= self.most as u64;
            let due = if hurry {
                now
            } else {
                since + shared.settings.send_every
            };
            let due = self
                .not_before
                .as_ref()
                .map_or(due, |wait| due.max(wait.at));
            match due.checked_duration_since(now) {
                Some(time) if !time.is_zero() => signals = shared.wait(signals, Some(time)),
                _ => return true,
            }
        }
    }

    /// Sends one batch.
    fn send(&mut self) {
        let shared = Arc::clone(&self.shared);
        let batch = shared.queue.front(self.most, shared.settings.batch_bytes);
        let lost = shared.queue.take_lost();
        if lost > 0 {
            add(&shared.counters.damaged, lost);
            shared.tell(&Event::Damaged { lines: lost });
        }
        let Some(batch) = batch else {
            return self.sent();
        };
        let length = batch.entries.len();
        let mut round = Round {
            shared: &shared,
            wire: &mut self.wire,
            batch: &batch,
            most: &mut self.most,
        };
        let (settled, stop) = settle(length, &mut round);
        shared.queue.give_back(batch, settled);
        if settled > 0 {
            self.backoff.reset();
        }
        match stop {
            None => {
                self.not_before = None;
                self.connection(Connection::Online, Event::Online);
            }
            Some(stop) => self.stopped(stop),
        }
        self.sent();
    }

    fn sent(&self) {
        let more = (self.shared.queue.waiting() > 0).then(Instant::now);
        self.shared.signal(|signals| signals.since = more);
    }

    fn stopped(&mut self, stop: Stop) {
        let random = &self.shared.random;
        let (connection, event, again_in, advised) = match stop {
            Stop::Later { why, advice } => {
                add(&self.shared.counters.retries, 1);
                let again_in = self.backoff.next(advice, random);
                let event = Event::Offline { why, again_in };
                (Connection::Offline, event, again_in, advice.is_some())
            }
            Stop::Forbidden { code, message } => {
                let again_in = self.backoff.next(None, random);
                let event = Event::Paused {
                    code,
                    message,
                    again_in,
                };
                (Connection::Paused, event, again_in, false)
            }
            Stop::Unauthorised(message) => {
                // A password that was refused is not right a second later.
                let longest = self.shared.settings.longest_wait;
                let again_in = self.backoff.next(None, random).max(longest / 2);
                let event = Event::LoggedOut { message, again_in };
                (Connection::LoggedOut, event, again_in, false)
            }
        };
        self.not_before = Some(NotBefore {
            at: Instant::now() + again_in,
            advised,
        });
        if connection != Connection::Offline {
            self.shared.signal(|signals| signals.hopeless = true);
        }
        self.connection(connection, event);
    }

    /// Tells a change, and nothing that is as it was.
    fn connection(&self, now: Connection, event: Event) {
        let before = std::mem::replace(&mut self.shared.signals().connection, now);
        if before != now && (before, now) != (Connection::Untried, Connection::Online) {
            self.shared.tell(&event);
        }
    }

    fn discard(&self) {
        let gone = self.shared.queue.discard();
        if let Some(aside) = &self.shared.aside {
            // Mostly it was never made.
            let _ = fs::remove_file(aside);
        }
        self.shared.dropped(gone, DropReason::Discarded);
        self.shared.signal(|signals| signals.since = None);
    }
}

/// A batch on its way.
struct Round<'a> {
    shared: &'a Shared,
    wire: &'a mut Wire,
    batch: &'a Batch,
    most: &'a mut usize,
}

impl Settling for Round<'_> {
    fn post(&mut self, entries: Range<usize>) -> Answer {
        let entries = self.batch.entries.get(entries).unwrap_or_default();
        self.wire.post(&body(entries, time::now()))
    }

    fn taken(&mut self, entries: Range<usize>, receipt: Receipt) {
        let counters = &self.shared.counters;
        add(&counters.batches, 1);
        add(&counters.accepted, receipt.accepted);
        add(&counters.duplicates, receipt.duplicates);
        let mut without_consent = 0;
        for result in receipt.results {
            match result.status.as_str() {
                "quarantined" | "conflict" => {
                    add(&counters.quarantined, 1);
                    let errors = result
                        .errors
                        .map_or_else(String::new, |errors| errors.get().to_owned());
                    self.shared.tell(&Event::Quarantined {
                        id: result.id,
                        errors,
                    });
                }
                "refused" => without_consent += 1,
                _ => {}
            }
            debug_assert!(result.index < entries.len());
        }
        self.shared.dropped(without_consent, DropReason::Consent);
        self.shared.queue.settle(self.batch, entries);
        self.shared.tell(&Event::Sent {
            accepted: receipt.accepted,
            duplicates: receipt.duplicates,
        });
    }

    fn refused(&mut self, entry: usize, refusal: &Refusal) {
        add(&self.shared.counters.refused, 1);
        let text = self
            .batch
            .entries
            .get(entry)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        let aside = self.set_aside(&text, refusal);
        self.shared.queue.settle(self.batch, entry..entry + 1);
        self.shared.tell(&Event::Refused {
            status: refusal.status,
            entry: text,
            answer: refusal.body.clone(),
            aside,
        });
    }

    fn too_many(&mut self, entries: usize) {
        *self.most = (*self.most).min(entries.max(1));
    }
}

impl Round<'_> {
    /// Appends a line with the entry and what was said of it. A game beside this one appends to the same file.
    fn set_aside(&self, entry: &str, refusal: &Refusal) -> Option<PathBuf> {
        let path = self.shared.aside.as_ref()?;
        let said = serde_json::from_str::<&RawValue>(&refusal.body).ok();
        let line = serde_json::json!({
            "refused_at": time::text(time::now()),
            "status": refusal.status,
            "answer": said,
            "entry": serde_json::from_str::<&RawValue>(entry).ok(),
        });
        let mut file = private(path, OpenOptions::new().append(true)).ok()?;
        if file.metadata().ok()?.len() > ASIDE {
            return None;
        }
        let written = file.write_all(format!("{line}\n").as_bytes());
        written.ok().map(|()| path.clone())
    }
}

impl Drop for Courier {
    /// Whoever waits for it does not wait for ever, should it panic.
    fn drop(&mut self) {
        self.shared.signal(|signals| signals.gone = true);
    }
}

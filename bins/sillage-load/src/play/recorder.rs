//! What happened, while it happens: in bounded memory, but for the ids, which go to a file.

use crate::Result;
use crate::ids::Ids;
use crate::latency::Times;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// How many different failures are kept in words.
const MOST_MESSAGES: usize = 5;

/// What is counted of the entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests with entries that were answered, whatever the answer.
    pub requests: u64,
    /// Entries that were sent, each once.
    pub sent: u64,
    /// Entries that the server said were stored, now or before.
    pub acknowledged: u64,
    /// Of these, such as the server had already: the answer to an earlier request had been lost.
    pub duplicates: u64,
    /// Entries that went to quarantine.
    pub quarantined: u64,
    /// Entries that the server refused, and would refuse again.
    pub refused: u64,
    /// Entries of which nobody knows: the answer did not come, and they were not sent again.
    pub unanswered: u64,
    /// Entries that the server had no room for (429 and 503), and that were not sent again.
    pub turned_away: u64,
    /// Entries that were due, and for which there was no time left: the server was slower than they came.
    pub unsent: u64,
    /// Requests that were sent again.
    pub retries: u64,
}

/// What happened in a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Second {
    /// Requests that were answered.
    pub requests: u64,
    /// Entries that were acknowledged.
    pub acknowledged: u64,
    /// Requests that failed, or were refused for now.
    pub failures: u64,
    /// The median time of what was answered, in milliseconds.
    pub p50: f64,
    /// What 99 of 100 stayed below, in milliseconds.
    pub p99: f64,
    /// The longest, in milliseconds.
    pub max: f64,
}

/// Keeps what happens.
pub(super) struct Recorder {
    ids: Ids,
    /// Why ids could not be written.
    broken: Option<std::io::Error>,
    pub(super) counts: Counts,
    pub(super) posts: Times,
    pub(super) caught_up: Times,
    pub(super) log_ins: Times,
    pub(super) failed_log_ins: u64,
    /// How often each status was answered; 0 stands for no answer.
    pub(super) statuses: BTreeMap<u16, u64>,
    pub(super) messages: Vec<String>,
    pub(super) seconds: Vec<Second>,
    current: Times,
}

impl Recorder {
    pub(super) fn new(ids: Ids) -> Result<Self> {
        Ok(Self {
            ids,
            broken: None,
            counts: Counts::default(),
            posts: Times::new()?,
            caught_up: Times::new()?,
            log_ins: Times::new()?,
            failed_log_ins: 0,
            statuses: BTreeMap::new(),
            messages: Vec::new(),
            seconds: Vec::new(),
            current: Times::new()?,
        })
    }

    /// The second that this moment after the beginning lies in.
    fn second(&mut self, now: Duration) -> &mut Second {
        let place = now.as_secs() as usize;
        if place >= self.seconds.len() {
            self.close_second();
            self.seconds.resize(place + 1, Second::default());
        }
        &mut self.seconds[place]
    }

    /// Writes down the times of the last second that there is.
    pub(super) fn close_second(&mut self) {
        if let Some(last) = self.seconds.last_mut()
            && self.current.count() > 0
        {
            last.p50 = self.current.quantile(0.5);
            last.p99 = self.current.quantile(0.99);
            last.max = self.current.quantile(1.0);
        }
        self.current.clear();
    }

    /// A request was answered with that status, or with none.
    pub(super) fn answered(&mut self, status: u16) {
        *self.statuses.entry(status).or_default() += 1;
    }

    /// A request failed for now.
    pub(super) fn failed(&mut self, now: Duration, status: u16, why: &str) {
        self.answered(status);
        self.second(now).failures += 1;
        self.note(why);
    }

    /// Entries are not sent again.
    pub(super) fn gave_up(&mut self, entries: u64, turned_away: bool) {
        if turned_away {
            self.counts.turned_away += entries;
        } else {
            self.counts.unanswered += entries;
        }
    }

    /// Keeps the first few different failures in words.
    pub(super) fn note(&mut self, why: &str) {
        let why: String = why.chars().take(300).collect();
        if self.messages.len() < MOST_MESSAGES && !self.messages.contains(&why) {
            self.messages.push(why);
        }
    }

    /// Entries that were due together were acknowledged after that time.
    pub(super) fn took(&mut self, now: Duration, time: Duration, disturbed: bool) {
        if disturbed {
            self.caught_up.push(time);
        } else {
            self.posts.push(time);
            // In this order: a new second forgets the times of the last one.
            self.second(now);
            self.current.push(time);
        }
    }

    /// A request was answered, and these entries are stored.
    pub(super) fn acknowledged(&mut self, now: Duration, ids: impl Iterator<Item = Uuid>) {
        let mut count = 0;
        for id in ids {
            count += 1;
            if let Err(error) = self.ids.push(id) {
                self.broken.get_or_insert(error);
            }
        }
        self.counts.acknowledged += count;
        let second = self.second(now);
        second.requests += 1;
        second.acknowledged += count;
    }

    /// Fails where ids could not be written.
    pub(super) fn check(&self) -> Result<()> {
        match &self.broken {
            Some(error) => Err(format!("the ids of what was acknowledged: {error}").into()),
            None => Ok(()),
        }
    }

    /// The last second that is over: nothing, if nothing happened in it.
    pub(super) fn last_second(&self, now: Duration) -> Second {
        let last = now.as_secs().checked_sub(1);
        let last = last.and_then(|n| self.seconds.get(n as usize));
        last.copied().unwrap_or_default()
    }

    /// Ends the file of ids.
    pub(super) fn finish(self) -> Result<()> {
        self.check()?;
        self.ids.finish()?;
        Ok(())
    }
}

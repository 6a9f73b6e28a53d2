//! The games: each logs in and sends what its player did, in batches, some of them twice.

use super::DemoError;
use super::client::Client;
use super::recording::{Entry, Recording, Session};
use indicatif::ProgressBar;
use serde::Deserialize;
use sillage_auth::Secret;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many games send at the same time.
const AT_ONCE: usize = 8;
/// Every tenth batch is sent twice.
const TWICE: usize = 10;

/// An account for a player.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) password: Secret,
}

/// What was sent, and what the server said became of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) batches: u64,
    /// Entries, each counted once.
    pub(crate) sent: u64,
    /// Entries that were sent a second time on purpose.
    pub(crate) resent: u64,
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    /// Anything else that an entry can become.
    pub(crate) other: u64,
}

#[derive(Deserialize)]
struct Stored {
    accepted: u64,
    duplicates: u64,
    results: Vec<serde::de::IgnoredAny>,
}

/// A batch, and whether it is sent twice.
struct Batch<'a> {
    entries: &'a [Entry],
    twice: bool,
}

/// Lets all games send what they have, some at the same time.
pub(crate) fn play(
    server: &Client,
    recording: &Recording,
    accounts: &[Account],
    progress: &ProgressBar,
) -> Result<Tally, DemoError> {
    let games: Vec<_> = plan(&recording.sessions)
        .into_iter()
        .zip(accounts)
        .collect();
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    let play_some = || {
        while let Some((batches, account)) = games.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tally = one_game(server, account, batches, progress).inspect_err(|_| {
                // The others need not go on.
                next.store(games.len(), Ordering::Relaxed);
            })?;
            total.lock().map_err(|_| DemoError::Panicked)?.add(&tally);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(play_some)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| DemoError::Panicked)?)
    })?;
    total.into_inner().map_err(|_| DemoError::Panicked)
}

/// Cuts sessions into batches as games send them: what gathered in some seconds, now ten actions, now thirty.
fn plan(sessions: &[Session]) -> Vec<Vec<Batch<'_>>> {
    let mut number = 0;
    sessions
        .iter()
        .map(|session| cut(&session.entries, &mut number))
        .collect()
}

fn cut<'a>(mut rest: &'a [Entry], number: &mut usize) -> Vec<Batch<'a>> {
    let mut batches = Vec::new();
    while !rest.is_empty() {
        let (entries, later) = rest.split_at(rest.len().min(10 + *number * 7 % 21));
        *number += 1;
        batches.push(Batch {
            entries,
            twice: number.is_multiple_of(TWICE),
        });
        rest = later;
    }
    batches
}

fn one_game(
    server: &Client,
    account: &Account,
    batches: &[Batch<'_>],
    progress: &ProgressBar,
) -> Result<Tally, DemoError> {
    let player = server.log_in(&account.username, &account.password)?;
    let mut tally = Tally::default();
    for batch in batches {
        let body = batch.json();
        let length = batch.entries.len() as u64;
        tally.add(&Tally {
            sent: length,
            ..post(&player, &body, true)?
        });
        if batch.twice {
            tally.add(&Tally {
                resent: length,
                ..post(&player, &body, false)?
            });
        }
        progress.inc(length);
    }
    Ok(tally)
}

/// Sends a batch; gives what became of it. After an answer that was lost, the server knows what the game believes to be `new`.
fn post(player: &Client, body: &str, new: bool) -> Result<Tally, DemoError> {
    let answer = player.post("/v1/logs", body)?;
    let stored: Stored = answer.json("batch", 200)?;
    let mut tally = Tally {
        batches: 1,
        accepted: stored.accepted,
        duplicates: stored.duplicates,
        ..Tally::default()
    };
    tally.other = (stored.results.len() as u64).saturating_sub(tally.accepted + tally.duplicates);
    if new && answer.sent > 1 {
        tally.accepted += std::mem::take(&mut tally.duplicates);
    }
    Ok(tally)
}

impl Batch<'_> {
    fn json(&self) -> String {
        let entries: Vec<_> = self
            .entries
            .iter()
            .map(|entry| entry.json.as_str())
            .collect();
        format!("[{}]", entries.join(","))
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.batches += other.batches;
        self.sent += other.sent;
        self.resent += other.resent;
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.other += other.other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_in_one_batch_and_a_tenth_of_the_batches_go_twice() {
        let recording = Recording::read().unwrap();
        let plan = plan(&recording.sessions);
        for (session, batches) in recording.sessions.iter().zip(&plan) {
            let planned: Vec<_> = batches
                .iter()
                .flat_map(|batch| batch.entries)
                .map(|entry| entry.id)
                .collect();
            let recorded: Vec<_> = session.entries.iter().map(|entry| entry.id).collect();
            assert_eq!(planned, recorded);
        }
        let batches: Vec<_> = plan.iter().flatten().collect();
        assert!(
            batches
                .iter()
                .all(|batch| (1..=30).contains(&batch.entries.len()))
        );
        assert_eq!(
            batches.iter().filter(|batch| batch.twice).count(),
            batches.len() / TWICE
        );
    }
}

//! The games: each sends what its player did through `sillage-client`, some of it twice.

use super::DemoError;
use super::recording::{Entry, Recording, Session};
use indicatif::ProgressBar;
use serde::Deserialize;
use sillage_auth::Secret;
use sillage_client::{Account as Player, Client, Event, Settings};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How many games send at the same time.
const AT_ONCE: usize = 8;
/// Every tenth batch is sent twice.
const TWICE: usize = 10;
/// How long a game may take until the server has everything.
const PATIENCE: Duration = Duration::from_secs(120);

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
    /// Requests that were sent again, for want of an answer.
    pub(crate) retries: u64,
}

/// A batch, and whether it is sent twice.
struct Batch<'a> {
    entries: &'a [Entry],
    twice: bool,
}

/// Lets all games send what they have, some at the same time.
pub(crate) fn play(
    base: &str,
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
            let tally = one_game(base, account, batches, progress).inspect_err(|_| {
                // The others need not go on.
                next.store(games.len(), Ordering::Relaxed);
            })?;
            total.lock().map_err(|_| DemoError::Panicked)?.add(&tally);
        }
        Ok::<_, DemoError>(())
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
    base: &str,
    account: &Account,
    batches: &[Batch<'_>],
    progress: &ProgressBar,
) -> Result<Tally, DemoError> {
    let trouble = Arc::new(Mutex::new(String::new()));
    let (bar, told) = (progress.clone(), Arc::clone(&trouble));
    let player = Player::player(&account.username, account.password.expose());
    let sent: usize = batches.iter().map(|batch| batch.entries.len()).sum();
    let settings = Settings::new(base, player)
        .game(concat!("sillage-demo/", env!("CARGO_PKG_VERSION")))
        // A recorded hour in a moment: all of it at once.
        .hand_over(2 * sent)
        .at_most(0, 64 << 20)
        .batch(30, 256 << 10)
        .write_every(Duration::from_millis(5))
        .send_every(Duration::ZERO)
        .timeout(Duration::from_secs(60))
        .on_event(move |event| match event {
            Event::Sent { accepted, .. } => bar.inc(*accepted),
            event => *told.lock().unwrap_or_else(PoisonError::into_inner) = format!("{event:?}"),
        });
    let game = Client::start(settings)?;
    let mut tally = Tally {
        sent: sent as u64,
        ..Tally::default()
    };
    for batch in batches {
        for entry in batch.entries {
            game.forward(entry.json.as_str())?;
        }
        if batch.twice {
            for entry in batch.entries {
                game.forward(entry.json.as_str())?;
            }
            tally.resent += batch.entries.len() as u64;
        }
    }
    let waiting = game.flush(PATIENCE);
    let counts = game.counts();
    if waiting > 0 {
        let trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner);
        return Err(DemoError::Waiting {
            waiting,
            trouble: trouble.clone(),
        });
    }
    Ok(Tally {
        batches: counts.batches,
        accepted: counts.accepted,
        duplicates: counts.duplicates,
        other: counts.quarantined + counts.refused + counts.dropped,
        retries: counts.retries,
        ..tally
    })
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.batches += other.batches;
        self.sent += other.sent;
        self.resent += other.resent;
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.other += other.other;
        self.retries += other.retries;
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

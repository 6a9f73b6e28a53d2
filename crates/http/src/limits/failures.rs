//! Wrong passwords and secrets: who guesses is slowed down, and nobody else.
//!
//! `docs/operation.md` tells those who run the server what comes of it.

use crate::rates::FailedLogIns;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many names are remembered with failures, each from one address; some 6 MiB.
const BOUND: usize = 32_768;
/// How long failures are remembered after the delay that they led to.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// How long an attempt waits for those for the same name, from the same address, that came before it.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same while there is a delay, when it may be one of very many.
const PATIENCE_IN_DELAY: Duration = Duration::from_secs(2);

/// Failed log-ins by name and address, as a hash under a key that only this process has.
pub(super) struct Failures {
    settings: FailedLogIns,
    lines: Mutex<HashMap<u64, Arc<Line>>>,
}

/// The attempts for one name from one address: one after the other, so that many at once are no more than as many in turn.
struct Line {
    turn: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
struct State {
    failures: u32,
    /// Until when further attempts are told to wait.
    until: Instant,
}

/// An attempt whose turn it is.
pub(crate) struct Turn {
    key: u64,
    line: Arc<Line>,
    /// How long further attempts are to wait; `None` if this one need not.
    pub(crate) delay: Option<Duration>,
    _turn: OwnedSemaphorePermit,
}

/// The turn did not come.
pub(crate) enum NoTurn {
    /// And should not have come yet.
    Delay(Duration),
    /// Too many attempts wait.
    Busy,
}

impl Failures {
    pub(super) fn new(settings: FailedLogIns) -> Self {
        Self {
            settings,
            lines: Mutex::default(),
        }
    }

    /// Waits until it is the turn of an attempt for that name.
    pub(super) async fn turn(&self, key: u64) -> Result<Turn, NoTurn> {
        let line = self.line(key, Instant::now());
        let patience = match line.delay(Instant::now()) {
            None => PATIENCE,
            Some(_) => PATIENCE_IN_DELAY,
        };
        let turn = tokio::time::timeout(patience, Arc::clone(&line.turn).acquire_owned()).await;
        let delay = line.delay(Instant::now());
        match turn {
            Ok(Ok(turn)) => Ok(Turn {
                key,
                line,
                delay,
                _turn: turn,
            }),
            _ => Err(delay.map_or(NoTurn::Busy, NoTurn::Delay)),
        }
    }

    /// Remembers that the attempt failed.
    pub(super) fn failed(&self, turn: &Turn, now: Instant) {
        let mut state = turn.line.state();
        state.failures = state.failures.saturating_add(1);
        if let Some(doublings) = state.failures.checked_sub(self.settings.free) {
            let factor = 2_u32.saturating_pow(doublings);
            let delay = self.settings.first_delay.saturating_mul(factor);
            state.until = now + delay.min(self.settings.longest_delay);
        } else {
            state.until = now;
        }
    }

    /// Forgets all failures: the attempt was good.
    pub(super) fn succeeded(&self, turn: &Turn) {
        self.lines().remove(&turn.key);
    }

    fn line(&self, key: u64, now: Instant) -> Arc<Line> {
        let mut lines = self.lines();
        if lines.len() >= BOUND && !lines.contains_key(&key) {
            make_room(&mut lines, now);
        }
        let line = lines.entry(key).or_insert_with(|| {
            Arc::new(Line {
                turn: Arc::new(Semaphore::new(1)),
                state: Mutex::new(State {
                    failures: 0,
                    until: now,
                }),
            })
        });
        let mut state = line.state();
        if state.until + MEMORY <= now {
            state.failures = 0;
        }
        drop(state);
        Arc::clone(line)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delay(&self, now: Instant) -> Option<Duration> {
        let left = self.state().until.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }
}

/// Forgets what is old; if that is not enough, the half with the fewest failures.
fn make_room(lines: &mut HashMap<u64, Arc<Line>>, now: Instant) {
    lines.retain(|_, line| line.state().until + MEMORY > now);
    if lines.len() > BOUND / 2 {
        let rank = |line: &Line| {
            let state = line.state();
            (state.failures, state.until)
        };
        let mut ranks: Vec<_> = lines.values().map(|line| rank(line)).collect();
        let (_, middle, _) = ranks.select_nth_unstable(BOUND / 2);
        let middle = *middle;
        lines.retain(|_, line| rank(line) > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures() -> Failures {
        Failures::new(FailedLogIns {
            free: 3,
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_secs(5),
            duration: Duration::ZERO,
        })
    }

    async fn turn(failures: &Failures, key: u64) -> Turn {
        match failures.turn(key).await {
            Ok(turn) => turn,
            Err(_) => panic!("it is nobody else's turn"),
        }
    }

    /// The delay after each of that many failures, in seconds.
    async fn delays(failures: &Failures, key: u64, count: usize) -> Vec<u64> {
        let mut delays = Vec::new();
        for _ in 0..count {
            let turn = turn(failures, key).await;
            let now = Instant::now();
            failures.failed(&turn, now);
            delays.push(turn.line.delay(now).map_or(0, |delay| delay.as_secs()));
        }
        delays
    }

    #[actix_web::test]
    async fn the_delay_doubles_up_to_the_longest() {
        let failures = failures();
        assert_eq!(delays(&failures, 1, 7).await, [0, 0, 1, 2, 4, 5, 5]);
        assert!(turn(&failures, 1).await.delay.is_some());
        assert!(
            turn(&failures, 2).await.delay.is_none(),
            "another name, or another address, is not concerned"
        );
    }

    #[actix_web::test]
    async fn a_good_attempt_ends_the_delay() {
        let failures = failures();
        delays(&failures, 1, 5).await;
        let good = turn(&failures, 1).await;
        failures.succeeded(&good);
        drop(good);
        assert!(turn(&failures, 1).await.delay.is_none());
        assert_eq!(delays(&failures, 1, 3).await, [0, 0, 1]);
    }

    #[actix_web::test]
    async fn attempts_at_once_are_as_many_in_turn() {
        let failures = failures();
        let attempt = async || {
            let turn = turn(&failures, 1).await;
            tokio::task::yield_now().await;
            if turn.delay.is_none() {
                failures.failed(&turn, Instant::now());
            }
            turn.delay.is_none()
        };
        let attempts = futures_util::future::join_all((0..20).map(|_| attempt()));
        let tried = attempts.await.into_iter().filter(|tried| *tried).count();
        assert_eq!(tried, 3, "as many as are free");
    }

    #[actix_web::test]
    async fn what_is_remembered_is_bounded_and_who_failed_most_stays() {
        let failures = failures();
        delays(&failures, 1_000_000, 6).await;
        for key in 0..100_000 {
            let turn = turn(&failures, key).await;
            failures.failed(&turn, Instant::now());
        }
        assert!(failures.lines().len() <= BOUND);
        assert!(turn(&failures, 1_000_000).await.delay.is_some());
    }

    #[actix_web::test]
    async fn failures_are_forgotten_after_a_while() {
        let failures = failures();
        delays(&failures, 1, 2).await;
        let later = Instant::now() + MEMORY + Duration::from_secs(1);
        failures.line(1, later);
        assert_eq!(delays(&failures, 1, 3).await, [0, 0, 1]);
    }
}

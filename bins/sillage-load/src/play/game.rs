//! What one player does, and when: without an end.

use super::plan::{FAST, Pace, Plan};
use crate::recording::Session;
use crate::requests::{ACTION, PAYLOAD};
use std::rc::Rc;
use std::time::Duration;

/// Games send what gathered in this time.
const GATHERED: Duration = Duration::from_secs(5);
/// Or this many entries.
const BATCH: usize = 30;
/// No two actions of a player come closer together in an accelerated recording.
const SHORTEST: Duration = Duration::from_micros(100);

/// Something to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Due {
    /// When, after the player began.
    pub(super) at: Duration,
    /// The entries.
    pub(super) moves: Vec<Move>,
}

/// An action.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Move {
    /// When it was done, after the player began.
    pub(super) at: Duration,
    /// Which play session of the player it belongs to.
    pub(super) session: u32,
    /// Its place in that session.
    pub(super) sequence: u32,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    /// The n-th action of a recorded session.
    Recorded { session: usize, action: usize },
    /// The same each time.
    Same,
}

/// What a player does.
pub(super) struct Game {
    recorded: Rc<Vec<Session>>,
    pace: Pace,
    speed: f64,
    /// Seconds before the first action and between two, where the recording does not tell.
    first: f64,
    period: f64,
    /// When the last recorded action was done.
    clock: Duration,
    session: u32,
    sequence: u32,
    /// Which recorded session is played.
    playing: usize,
}

impl Game {
    /// That of the n-th of so many players.
    pub(super) fn new(recorded: &Rc<Vec<Session>>, plan: &Plan, n: usize, players: usize) -> Self {
        let (period, first) = match plan.pace {
            // All together at equal distances, the players in turn.
            Pace::Rate(rate) => {
                let period = players as f64 / rate;
                (period, period * n as f64 / players as f64)
            }
            Pace::Fast => {
                let period = 1.0 / FAST / plan.speed;
                (period, period * (n as f64 * 0.618).fract())
            }
            Pace::Recorded | Pace::Closed => (0.0, 0.0),
        };
        Self {
            recorded: Rc::clone(recorded),
            pace: plan.pace,
            speed: plan.speed,
            first,
            period,
            clock: Duration::ZERO,
            session: 0,
            sequence: 0,
            playing: n % recorded.len().max(1),
        }
    }

    /// The next thing to be sent.
    pub(super) fn next(&mut self) -> Due {
        if self.pace != Pace::Recorded {
            let next = self.next_move();
            return Due {
                at: next.at,
                moves: vec![next],
            };
        }
        let first = self.next_move();
        let until = first.at + GATHERED.div_f64(self.speed);
        let mut moves = vec![first];
        while moves.len() < BATCH && self.peek() <= until {
            moves.push(self.next_move());
        }
        let full = moves.len() == BATCH;
        let last = moves.last().map_or(until, |last| last.at);
        Due {
            at: if full { last } else { until },
            moves,
        }
    }

    /// When the next action is done.
    fn peek(&self) -> Duration {
        let session = &self.recorded[self.playing];
        let thought = session
            .actions
            .get(self.sequence as usize)
            .map_or(GATHERED, |action| action.thought);
        self.clock + thought.div_f64(self.speed).max(SHORTEST)
    }

    /// The next action alone.
    pub(super) fn next_move(&mut self) -> Move {
        let what = if self.pace == Pace::Recorded {
            self.clock = self.peek();
            if self.sequence as usize >= self.recorded[self.playing].actions.len() {
                self.playing = (self.playing + 1) % self.recorded.len();
                self.session += 1;
                self.sequence = 0;
            }
            What::Recorded {
                session: self.playing,
                action: self.sequence as usize,
            }
        } else {
            // From the beginning each time, so that nothing adds up.
            self.clock =
                Duration::from_secs_f64(self.first + self.period * f64::from(self.sequence));
            What::Same
        };
        let next = Move {
            at: self.clock,
            session: self.session,
            sequence: self.sequence,
            what,
        };
        self.sequence += 1;
        next
    }

    /// The action and the payload of a move.
    pub(super) fn content(&self, one: &Move) -> (&str, &str) {
        match one.what {
            What::Recorded { session, action } => {
                let action = &self.recorded[session].actions[action];
                (&action.name, &action.payload)
            }
            What::Same => (ACTION, PAYLOAD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::sessions;
    use std::collections::HashSet;

    fn plan(pace: Pace, speed: f64) -> Plan {
        Plan {
            pace,
            through: super::super::plan::Through::Connections,
            time: Duration::from_secs(60),
            speed,
            log_ins_within: Duration::ZERO,
            outage: None,
            patience: Duration::ZERO,
        }
    }

    #[test]
    fn all_players_together_keep_the_rate_at_equal_distances() {
        let recorded = Rc::new(Vec::new());
        let plan = plan(Pace::Rate(100.0), 1.0);
        let mut all: Vec<_> = (0..4)
            .flat_map(|n| {
                let mut game = Game::new(&recorded, &plan, n, 4);
                (0..25).map(move |_| game.next().at)
            })
            .collect();
        all.sort_unstable();
        for (n, at) in all.iter().enumerate() {
            let expected = n as f64 / 100.0;
            assert!((at.as_secs_f64() - expected).abs() < 1e-6, "{n}: {at:?}");
        }
    }

    #[test]
    fn a_recorded_game_goes_on_with_another_session_and_never_back() {
        let recorded = Rc::new(sessions().unwrap());
        let mut game = Game::new(&recorded, &plan(Pace::Recorded, 60.0), 3, 30);
        let (mut places, mut last) = (HashSet::new(), Duration::ZERO);
        for _ in 0..200 {
            let due = game.next();
            assert!(due.at >= last && !due.moves.is_empty() && due.moves.len() <= BATCH);
            for one in &due.moves {
                assert!(one.at <= due.at && one.at >= last.saturating_sub(GATHERED));
                assert!(places.insert((one.session, one.sequence)));
                assert!(game.content(one).1.starts_with('{'));
            }
            last = due.at;
        }
        assert!(places.iter().any(|(session, _)| *session > 0));
    }

    #[test]
    fn a_fast_game_acts_five_times_a_second() {
        let recorded = Rc::new(Vec::new());
        let mut game = Game::new(&recorded, &plan(Pace::Fast, 2.0), 0, 30);
        let first = game.next().at;
        let second = game.next().at;
        assert_eq!(second - first, Duration::from_millis(100));
    }
}

//! What is played: at which pace, for how long, and when the Wi-Fi is gone.

use crate::Result;
use serde::Serialize;
use std::time::Duration;

/// No more players at a time.
pub const MOST_PLAYERS: usize = 10_000;
/// No longer.
pub const LONGEST: Duration = Duration::from_secs(4 * 60 * 60);
/// No more entries a second.
pub const HIGHEST_RATE: f64 = 100_000.0;
/// Of the fast game: entries a second of each player.
pub const FAST: f64 = 5.0;

/// When players act.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// As the players of the recorded class did; sent in batches, as games do.
    Recorded,
    /// Five actions a second each, each sent at once.
    Fast,
    /// Open loop: so many entries a second of all together, each at its own moment, whether or not the ones before were answered.
    Rate(f64),
    /// Closed loop: each player sends the next entry when the last one was answered.
    Closed,
}

impl Pace {
    /// Whether it is a game's: who plays it keeps what could not be sent, and sends it again.
    #[must_use]
    pub fn is_game(self) -> bool {
        matches!(self, Self::Recorded | Self::Fast)
    }
}

/// What players send their entries with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// `sillage-client`, as games do: a queue on the disk, batches, retries. Two threads for each player.
    Client,
    /// A bare connection for each player, all on one thread.
    Connections,
}

/// A time in which no player reaches the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// When it begins, after the first log-in.
    #[serde(serialize_with = "seconds")]
    pub begins: Duration,
    /// When it ends.
    #[serde(serialize_with = "seconds")]
    pub ends: Duration,
}

/// What is played.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// When players act.
    pub pace: Pace,
    /// What they send with.
    pub through: Through,
    /// How long.
    #[serde(serialize_with = "seconds")]
    pub time: Duration,
    /// How many times faster than life: a minute of thought takes a second at 60.
    pub speed: f64,
    /// All players log in within this time, one after the other at equal distances.
    #[serde(serialize_with = "seconds")]
    pub log_ins_within: Duration,
    /// When the Wi-Fi is gone.
    pub outage: Option<Outage>,
    /// How long what is still waiting at the end may take.
    #[serde(serialize_with = "seconds")]
    pub patience: Duration,
}

impl Plan {
    /// Fails unless it stays within bounds, for that many players.
    ///
    /// # Errors
    ///
    /// Names the bound.
    pub fn check(&self, players: usize) -> Result<()> {
        let fault = if !(1..=MOST_PLAYERS).contains(&players) {
            format!("there are 1 to {MOST_PLAYERS} players")
        } else if self.time.is_zero() || self.time > LONGEST {
            format!("a run takes up to {} seconds", LONGEST.as_secs())
        } else if !(0.01..=1000.0).contains(&self.speed) {
            "a speed lies between 0.01 and 1000".to_owned()
        } else if self.highest_rate(players) > HIGHEST_RATE {
            format!("at most {HIGHEST_RATE} entries a second are sent")
        } else if let Pace::Rate(rate) = self.pace
            && !(rate.is_finite() && rate > 0.0)
        {
            "a rate is greater than 0".to_owned()
        } else if self.through == Through::Client && !self.pace.is_game() {
            "a loop that is no game goes through bare connections".to_owned()
        } else if self.outage.is_some() && !self.pace.is_game() {
            "only players of a game keep what they could not send while the Wi-Fi was gone"
                .to_owned()
        } else if self.outage.is_some_and(|outage| outage.ends >= self.time) {
            "the Wi-Fi must come back before the end: play longer, or at a higher speed".to_owned()
        } else {
            return Ok(());
        };
        Err(fault.into())
    }

    fn highest_rate(&self, players: usize) -> f64 {
        match self.pace {
            Pace::Rate(rate) => rate,
            Pace::Fast => FAST * self.speed * players as f64,
            Pace::Recorded | Pace::Closed => 0.0,
        }
    }
}

fn seconds<S: serde::Serializer>(time: &Duration, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            pace: Pace::Recorded,
            through: Through::Connections,
            time: Duration::from_secs(60),
            speed: 1.0,
            log_ins_within: Duration::from_secs(10),
            outage: None,
            patience: Duration::from_secs(60),
        }
    }

    #[test]
    fn a_plan_has_bounds() {
        assert!(plan().check(3000).is_ok());
        assert!(plan().check(0).is_err());
        assert!(plan().check(MOST_PLAYERS + 1).is_err());
        let with = |change: fn(&mut Plan)| {
            let mut plan = plan();
            change(&mut plan);
            plan.check(30).map_err(|fault| fault.to_string())
        };
        assert!(with(|plan| plan.time = LONGEST + Duration::from_secs(1)).is_err());
        assert!(with(|plan| plan.pace = Pace::Rate(1e9)).is_err());
        assert!(with(|plan| plan.pace = Pace::Rate(f64::NAN)).is_err());
        assert!(with(|plan| plan.speed = 0.0).is_err());
        assert!(
            with(|plan| {
                plan.pace = Pace::Fast;
                plan.speed = 1000.0;
            })
            .is_err()
        );
    }

    #[test]
    fn the_wi_fi_comes_back_before_the_end() {
        let mut plan = plan();
        plan.outage = Some(Outage {
            begins: Duration::from_secs(20),
            ends: Duration::from_secs(60),
        });
        assert!(plan.check(30).is_err());
        plan.time = Duration::from_secs(61);
        assert!(plan.check(30).is_ok());
        plan.through = Through::Client;
        assert!(plan.check(30).is_ok());
        plan.pace = Pace::Closed;
        assert!(plan.check(30).is_err());
    }
}

//! How often one may ask, as those who run the server set it.

use crate::settings::SetupError;
use std::time::Duration;

/// How many requests may come: a token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second in the long run, at most [`Rate::MAX`]; 0 is no limit at all.
    pub per_second: u32,
    /// Requests at once, after a rest; at least 1.
    pub burst: u32,
}

impl Rate {
    /// The most that [`per_second`](Self::per_second) and [`burst`](Self::burst) can be: none of both ever says no.
    pub const MAX: u32 = 1_000_000_000;

    /// No limit.
    pub const NONE: Self = Self {
        per_second: 0,
        burst: 1,
    };

    fn is_valid(self) -> bool {
        self.per_second <= Self::MAX && (1..=Self::MAX).contains(&self.burst)
    }
}

/// What happens after wrong passwords for one username from one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedLogIns {
    /// How many are answered without a delay to the next; at least 1. Default 5.
    pub free: u32,
    /// How long the first delay is; each further failure doubles it. At least a second. Default 1 second.
    pub first_delay: Duration,
    /// The longest delay; at least the first. Default 60 seconds.
    pub longest_delay: Duration,
    /// How long a failed log-in takes, whatever was wrong; more on a machine where a hash takes longer. Default half a second.
    pub duration: Duration,
}

/// How often one may ask. What is over is answered 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rates {
    /// Requests of one account. Default 1000 a second, 100,000 at once: a game that empties an afternoon's queue one entry at a time meets
    /// no limit.
    pub account: Rate,
    /// Requests of one registered client, of itself and with the tokens that people got through it; the built-in `sillage` apart, which is
    /// everybody's. Default 5000 a second, 100,000 at once.
    pub client: Rate,
    /// Requests from one address. Default 5000 a second, 100,000 at once.
    pub address: Rate,
    /// Log-ins by password from one address. Default 60 a second, 1000 at once.
    pub log_in: Rate,
    /// Wrong passwords.
    pub failed_log_ins: FailedLogIns,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |per_second, burst| Rate { per_second, burst };
        Self {
            account: rate(1_000, 100_000),
            client: rate(5_000, 100_000),
            address: rate(5_000, 100_000),
            log_in: rate(60, 1_000),
            failed_log_ins: FailedLogIns {
                free: 5,
                first_delay: Duration::from_secs(1),
                longest_delay: Duration::from_secs(60),
                duration: Duration::from_millis(500),
            },
        }
    }
}

impl Rates {
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        let rates = [
            ("account", self.account),
            ("client", self.client),
            ("address", self.address),
            ("log-in", self.log_in),
        ];
        if let Some((name, _)) = rates.iter().find(|(_, rate)| !rate.is_valid()) {
            return Err(SetupError::Rate(name));
        }
        let failed = &self.failed_log_ins;
        let day = Duration::from_secs(24 * 60 * 60);
        if failed.free == 0
            || failed.first_delay < Duration::from_secs(1)
            || failed.longest_delay < failed.first_delay
            || failed.longest_delay > day
            || failed.duration > Duration::from_secs(10)
        {
            return Err(SetupError::FailedLogIns);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, 1, true)]
    #[case(1, 1, true)]
    #[case(1, 0, false)]
    #[case(Rate::MAX, Rate::MAX, true)]
    #[case(Rate::MAX + 1, 1, false)]
    #[case(1, Rate::MAX + 1, false)]
    fn a_rate_has_room_for_one_request(
        #[case] per_second: u32,
        #[case] burst: u32,
        #[case] good: bool,
    ) {
        let rates = Rates {
            address: Rate { per_second, burst },
            ..Rates::default()
        };
        assert_eq!(rates.check().is_ok(), good);
    }

    #[rstest]
    #[case(1, 1, 1, true)]
    #[case(0, 1, 60, false)]
    #[case(5, 0, 60, false)]
    #[case(5, 61, 60, false)]
    #[case(5, 1, 86_401, false)]
    fn delays_grow_from_a_second_to_a_day_at_most(
        #[case] free: u32,
        #[case] first: u64,
        #[case] longest: u64,
        #[case] good: bool,
    ) {
        let mut rates = Rates::default();
        rates.failed_log_ins.free = free;
        rates.failed_log_ins.first_delay = Duration::from_secs(first);
        rates.failed_log_ins.longest_delay = Duration::from_secs(longest);
        assert_eq!(rates.check().is_ok(), good);
    }
}

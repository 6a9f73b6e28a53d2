//! How long to wait before the next try.

use crate::random::Random;
use std::time::Duration;

/// No answer keeps a game waiting for longer, whatever it says.
const LONGEST_ADVICE: Duration = Duration::from_secs(3600);

/// Waits that double, with jitter, so that a class does not come back at one instant.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest: longest.max(first),
            failures: 0,
        }
    }

    /// It went well: the next wait is the first again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait after one more failure. Never less than what the server asks for.
    pub(crate) fn next(&mut self, advice: Option<Duration>, random: &Random) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.failures.min(20));
        let wait = doubled.min(self.longest);
        self.failures = self.failures.saturating_add(1);
        match advice {
            Some(advice) => {
                let advice = advice.min(LONGEST_ADVICE);
                advice + random.up_to((advice / 4).max(self.first))
            }
            None => wait / 2 + random.up_to(wait / 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(60);

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew_after_a_success() {
        let random = Random::new().unwrap();
        let mut backoff = Backoff::new(FIRST, LONGEST);
        for n in 0..40 {
            let most = FIRST.saturating_mul(1 << n.min(20)).min(LONGEST);
            let wait = backoff.next(None, &random);
            assert!(wait >= most / 2 && wait <= most, "{n}: {wait:?}");
        }
        backoff.reset();
        assert!(backoff.next(None, &random) <= FIRST);
    }

    #[test]
    fn what_the_server_asks_for_is_waited_and_a_little_more() {
        let random = Random::new().unwrap();
        let mut backoff = Backoff::new(FIRST, LONGEST);
        let advice = Duration::from_secs(100);
        let waits: Vec<_> = (0..100)
            .map(|_| backoff.next(Some(advice), &random))
            .collect();
        assert!(
            waits
                .iter()
                .all(|wait| *wait >= advice && *wait <= advice + advice / 4)
        );
        assert!(waits.iter().any(|wait| *wait != waits[0]));
        let long = backoff.next(Some(Duration::from_secs(1 << 40)), &random);
        assert!(long <= LONGEST_ADVICE * 2);
    }
}

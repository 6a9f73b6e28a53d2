//! How long things take: a histogram, and what is told of it.

use hdrhistogram::Histogram;
use serde::Serialize;
use std::time::Duration;

/// Nothing that is measured takes longer; what does counts as this.
const LONGEST_MICROS: u64 = 4 * 60 * 60 * 1_000_000;
/// Shares of which the curve tells the time.
const CURVE: [f64; 15] = [
    0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 1.0,
];

/// Times with three significant digits, from a microsecond to four hours.
#[derive(Clone)]
pub struct Times(Histogram<u64>);

impl Times {
    /// None yet.
    ///
    /// # Errors
    ///
    /// Never: the bounds are right.
    pub fn new() -> crate::Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, LONGEST_MICROS, 3)?))
    }

    /// Adds one.
    pub fn push(&mut self, time: Duration) {
        self.0.saturating_record((time.as_micros() as u64).max(1));
    }

    /// Adds those of another.
    pub fn add(&mut self, other: &Self) -> crate::Result<()> {
        Ok(self.0.add(&other.0)?)
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this share of them stays at or below, in milliseconds.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        milliseconds(self.0.value_at_quantile(share))
    }

    /// What is told of them.
    #[must_use]
    pub fn latency(&self) -> Latency {
        Latency {
            count: self.count(),
            mean: self.0.mean() / 1e3,
            p50: self.quantile(0.5),
            p90: self.quantile(0.9),
            p99: self.quantile(0.99),
            p999: self.quantile(0.999),
            max: milliseconds(self.0.max()),
            curve: if self.count() == 0 {
                Vec::new()
            } else {
                CURVE
                    .iter()
                    .filter(|share| **share == 1.0 || (1.0 - **share) * self.count() as f64 >= 1.0)
                    .map(|share| (*share, self.quantile(*share)))
                    .collect()
            },
        }
    }
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1e3
}

/// How long something took, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Latency {
    /// How often it was done.
    pub count: u64,
    /// The mean.
    pub mean: f64,
    /// What half of them stay below.
    pub p50: f64,
    /// What nine of ten stay below.
    pub p90: f64,
    /// What 99 of 100 stay below.
    pub p99: f64,
    /// What 999 of 1000 stay below.
    pub p999: f64,
    /// The longest.
    pub max: f64,
    /// Shares between 0 and 1, and the time that each stays at or below; only shares that at least one lies beyond, and the longest.
    pub curve: Vec<(f64, f64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_told_to_three_digits() {
        let mut times = Times::new().unwrap();
        for millis in 1..=1000 {
            times.push(Duration::from_millis(millis));
        }
        let told = times.latency();
        assert_eq!(told.count, 1000);
        assert!((told.p50 - 500.0).abs() < 1.0, "{told:?}");
        assert!((told.p99 - 990.0).abs() < 2.0, "{told:?}");
        assert!((told.max - 1000.0).abs() < 2.0, "{told:?}");
        let shares: Vec<_> = told.curve.iter().map(|(share, _)| *share).collect();
        assert_eq!(shares[shares.len() - 2..], [0.999, 1.0]);
    }

    #[test]
    fn of_nothing_there_is_no_curve() {
        assert!(Times::new().unwrap().latency().curve.is_empty());
    }
}

//! What was found over several rounds.

use serde::Serialize;

/// A value found over several rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The least of a round.
    pub least: f64,
    /// The greatest of a round.
    pub greatest: f64,
}

impl Spread {
    /// Of these values, one a round.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() {
            0 => f64::NAN,
            odd if odd % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        };
        Self {
            median,
            least: sorted.first().copied().unwrap_or(f64::NAN),
            greatest: sorted.last().copied().unwrap_or(f64::NAN),
        }
    }

    /// The ratio of two medians; its spread is that of the ratios within each round.
    #[must_use]
    pub fn ratio(one: &[f64], other: &[f64]) -> Self {
        let rounds: Vec<f64> = one.iter().zip(other).map(|(a, b)| a / b).collect();
        Self {
            median: Self::of(one).median / Self::of(other).median,
            ..Self::of(&rounds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(Spread::of(&[4.0, 1.0, 3.0, 2.0]).median, 2.5);
    }

    #[test]
    fn a_ratio_is_that_of_the_medians() {
        let ratio = Spread::ratio(&[1.0, 2.0, 9.0], &[4.0, 4.0, 3.0]);
        assert_eq!(
            (ratio.median, ratio.least, ratio.greatest),
            (0.5, 0.25, 3.0)
        );
    }
}

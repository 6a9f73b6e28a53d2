//! Lengths of time, as people write them.

use std::fmt;
use std::str::FromStr;

/// A number of seconds of up to nine digits, `300`, or hours, minutes and seconds of up to six as ISO 8601 has them, `PT1H5M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u32);

/// Why a text is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no number of seconds such as 300, and no duration such as PT5M")]
pub struct NoDuration;

impl FromStr for Seconds {
    type Err = NoDuration;

    fn from_str(text: &str) -> Result<Self, NoDuration> {
        let Some(mut rest) = text.strip_prefix("PT") else {
            return number(text, 9).map(Self);
        };
        let mut sum = None;
        for (unit, length) in [('H', 3600), ('M', 60), ('S', 1)] {
            if let Some((digits, after)) = rest.split_once(unit) {
                // 999,999 hours, minutes and seconds are fewer seconds than 2^32.
                sum = Some(sum.unwrap_or(0) + number(digits, 6)? * length);
                rest = after;
            }
        }
        match sum {
            Some(seconds) if rest.is_empty() => Ok(Self(seconds)),
            _ => Err(NoDuration),
        }
    }
}

fn number(digits: &str, most: usize) -> Result<u32, NoDuration> {
    if digits.len() > most || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoDuration);
    }
    digits.parse().map_err(|_| NoDuration)
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0", 0)]
    #[case("300", 300)]
    #[case("PT5M", 300)]
    #[case("PT1H30M", 5400)]
    #[case("PT999999H999999M999999S", 3_660_996_339)]
    fn a_length_of_time_is_read(#[case] text: &str, #[case] seconds: u32) {
        assert_eq!(text.parse(), Ok(Seconds(seconds)));
    }

    #[rstest]
    #[case("")]
    #[case("-1")]
    #[case("5 m")]
    #[case("-PT5M")]
    #[case("PT")]
    #[case("PT5")]
    #[case("PT5S1M")]
    #[case("P1D")]
    #[case("+5")]
    #[case("PT99999999999999H")]
    fn what_is_none_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Seconds>(), Err(NoDuration));
    }
}

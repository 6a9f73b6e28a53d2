//! Days of the calendar, without a time.

use crate::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const DAY_US: i64 = 86_400_000_000;
/// 1970-01-01, in days since 0000-03-01, where a year of this count begins.
const EPOCH: i64 = 719_468;
/// Days in 400 years.
const ERA: i64 = 146_097;

/// A day of the Gregorian calendar in UTC, from the year 1970 to 9999. Written `2024-05-18`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i32);

/// A text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no day, such as 2024-05-18")]
pub struct DayError;

impl Day {
    /// The last one: 9999-12-31.
    pub const MAX: Self = Self(2_932_896);

    /// From days since 1970-01-01; `None` outside of the years that there are.
    pub const fn from_number(days: i32) -> Option<Self> {
        if days >= 0 && days <= Self::MAX.0 {
            Some(Self(days))
        } else {
            None
        }
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day of an instant.
    pub fn of(instant: Timestamp) -> Self {
        let days = instant.micros().div_euclid(DAY_US);
        Self(i32::try_from(days).unwrap_or(0).clamp(0, Self::MAX.0))
    }

    /// That many days later, at most the last one.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self((self.0 + i32::from(days)).min(Self::MAX.0))
    }

    /// The day with the same number so many months later, or the last of that month where it has none (Regulation (EEC, Euratom) No 1182/71,
    /// article 3(2)(c)).
    #[must_use]
    pub fn plus_months(self, months: u8) -> Self {
        let (year, month, day) = self.civil();
        let month = month - 1 + i64::from(months);
        let (year, month) = (year + month / 12, month % 12 + 1);
        let last = (28..=31)
            .rev()
            .find(|last| Self::new(year, month, *last).is_some());
        Self::new(year, month, day.min(last.unwrap_or(28))).unwrap_or(Self::MAX)
    }

    /// Year, month from 1, day from 1. After Howard Hinnant's `civil_from_days`.
    fn civil(self) -> (i64, i64, i64) {
        let days = i64::from(self.0) + EPOCH;
        let (era, of_era) = (days / ERA, days % ERA);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        (year + era * 400 + i64::from(month <= 2), month, day)
    }

    /// `None` if there is no such day.
    fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day)
        {
            return None;
        }
        let shifted = year - i64::from(month <= 2);
        let (era, of_era) = (shifted / 400, shifted % 400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH;
        let made = Self(i32::try_from(days).ok()?);
        (made.civil() == (year, month, day)).then_some(made)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        let digits = |from: usize, to: usize| {
            let part = bytes.get(from..to)?;
            let digit =
                |value: i64, b: &u8| b.is_ascii_digit().then(|| value * 10 + i64::from(b - b'0'));
            part.iter().try_fold(0, digit)
        };
        let whole = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
        let parts = || Some((digits(0, 4)?, digits(5, 7)?, digits(8, 10)?));
        let (year, month, day) = parts().filter(|_| whole).ok_or(DayError)?;
        Self::new(year, month, day).ok_or(DayError)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("1970-01-01", 0)]
    #[case("2000-02-29", 11_016)]
    #[case("2024-05-18", 19_861)]
    #[case("9999-12-31", 2_932_896)]
    fn a_day_is_read_and_written(#[case] text: &str, #[case] number: i32) {
        assert_eq!(day(text).number(), number);
        assert_eq!(day(text).to_string(), text);
    }

    #[rstest]
    #[case("2023-02-29")]
    #[case("1900-01-01")]
    #[case("2024-13-01")]
    #[case("2024-00-10")]
    #[case("2024-04-31")]
    #[case("2024-4-1")]
    #[case("2024-05-18T10:00:00Z")]
    #[case("20é4-05-1")]
    #[case("")]
    fn what_is_no_day_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Day>(), Err(DayError));
    }

    #[rstest]
    #[case("2024-01-31", 1, "2024-02-29")]
    #[case("2023-01-31", 1, "2023-02-28")]
    #[case("2024-12-15", 1, "2025-01-15")]
    #[case("2024-11-30", 3, "2025-02-28")]
    #[case("2024-02-01", 1, "2024-03-01")]
    fn a_month_later_is_the_same_day_or_the_last(
        #[case] from: &str,
        #[case] months: u8,
        #[case] to: &str,
    ) {
        assert_eq!(day(from).plus_months(months), day(to));
    }

    #[test]
    fn the_day_of_an_instant_ends_at_midnight() {
        let of = |text: &str| Day::of(text.parse().unwrap());
        assert_eq!(of("2024-05-18T23:59:59.999999Z"), day("2024-05-18"));
        assert_eq!(of("2024-05-19T00:00:00Z"), day("2024-05-19"));
    }

    proptest! {
        #[test]
        fn every_day_is_read_as_it_is_written(number in 0..=Day::MAX.number()) {
            let day = Day::from_number(number).unwrap();
            prop_assert_eq!(day.to_string().parse(), Ok(day));
        }
    }
}

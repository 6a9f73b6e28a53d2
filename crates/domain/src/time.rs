//! Instants: read from any ISO 8601 form that games send, kept as microseconds, shown in one form.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use std::fmt;
use std::str::FromStr;

/// An instant: microseconds since 1970-01-01T00:00:00Z, in the years 0000 to 9999.
///
/// Shown as RFC 3339 in UTC with six decimals and `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeError {
    /// Not ISO 8601.
    #[error("it is not an ISO 8601 date and time")]
    Malformed,
    /// It does not say how far it is from UTC.
    #[error("it has no offset from UTC")]
    NoOffset,
    /// A month, day, hour, minute, second or offset that does not exist.
    #[error("there is no such date or time")]
    NoSuchTime,
}

impl Timestamp {
    const SECOND: i64 = 1_000_000;
    const MINUTE: i64 = 60 * Self::SECOND;
    const DAY: i64 = 24 * 60 * Self::MINUTE;
    /// 0000-01-01T00:00:00Z.
    const MIN: i64 = -62_167_219_200 * Self::SECOND;
    /// 9999-12-31T23:59:59.999999Z.
    const MAX: i64 = 253_402_300_800 * Self::SECOND - 1;

    /// `None` outside the years 0000 to 9999, which four digits can't show.
    pub const fn from_micros(micros: i64) -> Option<Self> {
        if micros >= Self::MIN && micros <= Self::MAX {
            Some(Self(micros))
        } else {
            None
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// What the operating system's clock says.
    pub fn now() -> Self {
        let micros = match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(Self::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(Self::MIN, |m| -m),
        };
        Self(micros.clamp(Self::MIN, Self::MAX))
    }

    /// That many days later, or the last instant that can be shown.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_micros(days.saturating_mul(Self::DAY))
    }

    /// That many seconds later, or the last instant that can be shown.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(Self::SECOND))
    }

    const fn plus_micros(self, micros: i64) -> Self {
        let sum = self.0.saturating_add(micros);
        Self(if sum > Self::MAX {
            Self::MAX
        } else if sum < Self::MIN {
            Self::MIN
        } else {
            sum
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format(&mut [0; 27]))
    }
}

impl Timestamp {
    /// The 27 characters of `2024-05-18T10:17:33.109000Z`, written into a buffer that can be used again.
    pub fn format(self, buffer: &mut [u8; 27]) -> &str {
        let micros = self.0.rem_euclid(Self::DAY);
        // The range of this type lies within that of the calendar.
        let date = jiff::Timestamp::from_microsecond(self.0).map_or(Date::ZERO, |instant| {
            Offset::UTC.to_datetime(instant).date()
        });
        let mut put = |at: usize, width: usize, mut value: i64| {
            for place in (at..at + width).rev() {
                buffer[place] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        };
        put(0, 4, date.year().into());
        put(5, 2, date.month().into());
        put(8, 2, date.day().into());
        put(11, 2, micros / (60 * Self::MINUTE));
        put(14, 2, micros / Self::MINUTE % 60);
        put(17, 2, micros / Self::SECOND % 60);
        put(20, 6, micros % Self::SECOND);
        for (at, mark) in [
            (4, b'-'),
            (7, b'-'),
            (10, b'T'),
            (13, b':'),
            (16, b':'),
            (19, b'.'),
            (26, b'Z'),
        ] {
            buffer[at] = mark;
        }
        // Only ASCII digits and marks were written.
        std::str::from_utf8(buffer).unwrap_or_default()
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.format(&mut [0; 27]))
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Reads a calendar date and time of day of ISO 8601, extended or basic, with an offset.
///
/// The last unit given, seconds or minutes, may have a decimal fraction of any length (ISO 8601-1:2019, 5.3.1.4: comma or full stop);
/// what is below a microsecond is cut off. `24:00` is the midnight that ends the day (ISO 8601:2004, 4.2.3), and a leap second is
/// read as the last microsecond of its minute.
impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let mut read = Reader {
            rest: text.as_bytes(),
        };
        let date = read.date()?;
        match read.next() {
            Some(b'T' | b't' | b' ') => {}
            _ => return Err(TimeError::Malformed),
        }
        let micros_of_day = read.time()?;
        let offset_minutes = read.offset()?;
        let midnight = DateTime::from_parts(date, Time::midnight())
            .to_zoned(TimeZone::UTC)
            .map_err(|_| TimeError::NoSuchTime)?
            .timestamp()
            .as_microsecond();
        Self::from_micros(midnight + micros_of_day - offset_minutes * Self::MINUTE)
            .ok_or(TimeError::NoSuchTime)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn take(&mut self, mark: u8) -> bool {
        let found = self.rest.first() == Some(&mark);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn digits(&mut self, count: usize) -> Result<i64, TimeError> {
        let mut value = 0;
        for _ in 0..count {
            match self.next() {
                Some(digit @ b'0'..=b'9') => value = value * 10 + i64::from(digit - b'0'),
                _ => return Err(TimeError::Malformed),
            }
        }
        Ok(value)
    }

    fn date(&mut self) -> Result<Date, TimeError> {
        let year = self.digits(4)?;
        let extended = self.take(b'-');
        let month = self.digits(2)?;
        if extended && !self.take(b'-') {
            return Err(TimeError::Malformed);
        }
        let day = self.digits(2)?;
        // Four and two digits fit.
        Date::new(year as i16, month as i8, day as i8).map_err(|_| TimeError::NoSuchTime)
    }

    /// Microseconds since midnight.
    fn time(&mut self) -> Result<i64, TimeError> {
        let hour = self.digits(2)?;
        let extended = self.take(b':');
        let minute = self.digits(2)?;
        let at_second = if extended {
            self.take(b':')
        } else {
            self.rest.first().is_some_and(u8::is_ascii_digit)
        };
        let (second, unit) = if at_second {
            (self.digits(2)?, Timestamp::SECOND)
        } else {
            (0, Timestamp::MINUTE)
        };
        let fraction = if self.take(b'.') || self.take(b',') {
            self.fraction(unit)?
        } else {
            0
        };
        if hour > 24
            || minute > 59
            || second > 60
            || (hour == 24 && (minute, second, fraction) != (0, 0, 0))
        {
            return Err(TimeError::NoSuchTime);
        }
        let whole = (hour * 60 + minute) * Timestamp::MINUTE;
        Ok(if second == 60 {
            whole + Timestamp::MINUTE - 1
        } else {
            whole + second * Timestamp::SECOND + fraction
        })
    }

    fn fraction(&mut self, unit: i64) -> Result<i64, TimeError> {
        let (mut value, mut scale, mut count) = (0_i64, 1_i64, 0);
        while let Some(digit @ b'0'..=b'9') = self.rest.first().copied() {
            self.rest = &self.rest[1..];
            count += 1;
            // Nine digits are below a microsecond even for minutes.
            if count <= 9 {
                value = value * 10 + i64::from(digit - b'0');
                scale *= 10;
            }
        }
        if count == 0 {
            Err(TimeError::Malformed)
        } else {
            Ok(value * unit / scale)
        }
    }

    /// Minutes east of UTC.
    fn offset(&mut self) -> Result<i64, TimeError> {
        let sign = match self.next() {
            None => return Err(TimeError::NoOffset),
            Some(b'Z' | b'z') => {
                return if self.rest.is_empty() {
                    Ok(0)
                } else {
                    Err(TimeError::Malformed)
                };
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return Err(TimeError::Malformed),
        };
        let hours = self.digits(2)?;
        let minutes = if self.rest.is_empty() {
            0
        } else {
            self.take(b':');
            self.digits(2)?
        };
        if !self.rest.is_empty() {
            return Err(TimeError::Malformed);
        }
        if hours > 23 || minutes > 59 {
            return Err(TimeError::NoSuchTime);
        }
        Ok(sign * (hours * 60 + minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn read(text: &str) -> Result<String, TimeError> {
        text.parse::<Timestamp>().map(|t| t.to_string())
    }

    #[rstest]
    #[case("2024-05-18T10:17:33.109Z", "2024-05-18T10:17:33.109000Z")]
    #[case("2024-05-18T12:17:33.109+02:00", "2024-05-18T10:17:33.109000Z")]
    #[case("2024-05-18T10:17:33-0530", "2024-05-18T15:47:33.000000Z")]
    #[case("2024-05-18T10:17:33+02", "2024-05-18T08:17:33.000000Z")]
    #[case("20240518T101733,5Z", "2024-05-18T10:17:33.500000Z")]
    #[case("2024-05-18T10:17Z", "2024-05-18T10:17:00.000000Z")]
    #[case("2024-05-18t10:17:33.1234567891z", "2024-05-18T10:17:33.123456Z")]
    #[case("2024-02-29T24:00:00Z", "2024-03-01T00:00:00.000000Z")]
    #[case("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z")]
    #[case("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z")]
    #[case("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z")]
    fn an_instant_is_read_in_every_form_that_iso_8601_has(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(read(text).as_deref(), Ok(shown));
    }

    #[test]
    fn a_decimal_fraction_of_minutes_is_read_as_the_predecessor_wrote_it() {
        assert_eq!(
            read("2023-04-18T10:17.109Z").as_deref(),
            Ok("2023-04-18T10:17:06.540000Z")
        );
    }

    #[rstest]
    #[case("2024-05-18T10:17:33", TimeError::NoOffset)]
    #[case("2024-05-18", TimeError::Malformed)]
    #[case("yesterday", TimeError::Malformed)]
    #[case("", TimeError::Malformed)]
    #[case("2024-05-18T10:17:33.Z", TimeError::Malformed)]
    #[case("2024-05-18T10:17:33Z ", TimeError::Malformed)]
    #[case("2023-02-29T10:17:33Z", TimeError::NoSuchTime)]
    #[case("2024-05-18T25:17:33Z", TimeError::NoSuchTime)]
    #[case("2024-05-18T24:00:01Z", TimeError::NoSuchTime)]
    #[case("0000-01-01T00:00:00+01:00", TimeError::NoSuchTime)]
    fn what_is_no_instant_is_refused(#[case] text: &str, #[case] error: TimeError) {
        assert_eq!(read(text), Err(error));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(micros in Timestamp::MIN..=Timestamp::MAX) {
            let instant = Timestamp(micros);
            prop_assert_eq!(instant.to_string().parse::<Timestamp>(), Ok(instant));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC*") {
            let _ = text.parse::<Timestamp>();
        }

        #[test]
        fn almost_a_time_makes_no_panic(text in "[0-9TZ:.,+ -]{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}

//! Instants: read from any ISO 8601 form that games send, kept as microseconds, shown in one form.

use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
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
    const HOUR: i64 = 60 * Self::MINUTE;
    const DAY: i64 = 24 * Self::HOUR;
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

    /// The same day and time that many months of the calendar later, or earlier (UTC); where that month is too short, its last day. The first or the
    /// last instant that can be shown, beyond them.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Self {
        let moved = || {
            let instant = jiff::Timestamp::from_microsecond(self.0).ok()?;
            let span = jiff::Span::new().try_months(months).ok()?;
            let moved = Offset::UTC.to_datetime(instant).checked_add(span).ok()?;
            Self::from_micros(Offset::UTC.to_timestamp(moved).ok()?.as_microsecond())
        };
        moved().unwrap_or(Self(if months < 0 { Self::MIN } else { Self::MAX }))
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
        let date = match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => Offset::UTC.to_datetime(instant).date(),
            // Instants of the library end some hours before the last day, so that every offset can be shown.
            Err(_) if self.0 > Self::MAX - Self::DAY => Date::constant(9999, 12, 31),
            Err(_) => Date::constant(9999, 12, 30),
        };
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

/// Reads a date and time of day of ISO 8601, extended or basic, with an offset.
///
/// The date is one of the calendar, `2024-05-18`, of the year, `2024-139`, or of the week, `2024-W20-6`. The last unit given, seconds, minutes or
/// hours, may have a decimal fraction of any length (ISO 8601-1:2019, 5.3.1.4: comma or full stop); what is below a microsecond is cut off. `24:00` is the midnight that ends the day (ISO 8601:2004, 4.2.3), and a leap second is
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
        // Four digits fit, and two.
        let year = self.digits(4)? as i16;
        let extended = self.take(b'-');
        if self.take(b'W') || self.take(b'w') {
            let week = self.digits(2)?;
            self.hyphen(extended)?;
            let day = self.digits(1)?;
            let weekday = Weekday::from_monday_one_offset(day as i8);
            return weekday
                .and_then(|weekday| ISOWeekDate::new(year, week as i8, weekday))
                .map(Date::from)
                .map_err(|_| TimeError::NoSuchTime);
        }
        if self.leading_digits() == 3 {
            let day = self.digits(3)? as i16;
            return Date::new(year, 1, 1)
                .and_then(|first| first.with().day_of_year(day).build())
                .map_err(|_| TimeError::NoSuchTime);
        }
        let month = self.digits(2)?;
        self.hyphen(extended)?;
        let day = self.digits(2)?;
        Date::new(year, month as i8, day as i8).map_err(|_| TimeError::NoSuchTime)
    }

    /// The hyphen between two units of the extended form.
    fn hyphen(&mut self, extended: bool) -> Result<(), TimeError> {
        if extended && !self.take(b'-') {
            return Err(TimeError::Malformed);
        }
        Ok(())
    }

    fn leading_digits(&self) -> usize {
        self.rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    /// Microseconds since midnight.
    fn time(&mut self) -> Result<i64, TimeError> {
        let hour = self.digits(2)?;
        let extended = self.take(b':');
        let (mut minute, mut second, mut unit) = (0, 0, Timestamp::HOUR);
        if extended || self.leading_digits() > 0 {
            (minute, unit) = (self.digits(2)?, Timestamp::MINUTE);
            let at_second = if extended {
                self.take(b':')
            } else {
                self.leading_digits() > 0
            };
            if at_second {
                (second, unit) = (self.digits(2)?, Timestamp::SECOND);
            }
        }
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
            // Ten digits are below a microsecond even for hours.
            if count <= 10 {
                value = value * 10 + i64::from(digit - b'0');
                scale *= 10;
            }
        }
        if count == 0 {
            Err(TimeError::Malformed)
        } else {
            Ok(match value.checked_mul(unit) {
                Some(product) => product / scale,
                // Ten digits of an hour: the quotient fits, the product does not.
                None => (i128::from(value) * i128::from(unit) / i128::from(scale)) as i64,
            })
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
mod tests;

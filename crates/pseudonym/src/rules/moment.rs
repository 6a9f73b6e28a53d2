//! Dates and instants as files have them: ISO 8601 in the form of RFC 3339, with or without a time and an offset.

use super::decimal::push_number;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A date, and perhaps a time of the day and an offset from UTC, as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment<'t> {
    /// Days since 1970-01-01.
    days: i64,
    /// Microseconds since midnight, and how the hour and the minute are written; none of a date alone.
    time: Option<i64>,
    /// Microseconds east of UTC.
    offset: i64,
    /// What follows the date.
    rest: &'t str,
    /// The offset as it was written.
    zone: &'t str,
}

/// What a moment is cut to, or told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
}

impl Unit {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "year" | "years" => Self::Year,
            "month" | "months" => Self::Month,
            "day" | "days" => Self::Day,
            "hour" | "hours" => Self::Hour,
            "minute" | "minutes" => Self::Minute,
            "second" | "seconds" => Self::Second,
            "millisecond" | "milliseconds" => Self::Millisecond,
            "microsecond" | "microseconds" => Self::Microsecond,
            _ => return None,
        })
    }

    /// How many microseconds it has; none of what has no fixed length.
    pub(super) fn micros(self) -> Option<i64> {
        Some(match self {
            Self::Year | Self::Month => return None,
            Self::Day => DAY,
            Self::Hour => 3_600_000_000,
            Self::Minute => 60_000_000,
            Self::Second => 1_000_000,
            Self::Millisecond => 1_000,
            Self::Microsecond => 1,
        })
    }
}

impl<'t> Moment<'t> {
    /// Reads `2024-05-18`, `2024-05-18T10:17:33.109Z`, `2024-05-18 10:17+02:00` and the like.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let bytes = text.as_bytes();
        if bytes.len() < 10 || !text.is_ascii() || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let (year, month, day) = (
            digits(bytes, 0, 4)?,
            digits(bytes, 5, 2)?,
            digits(bytes, 8, 2)?,
        );
        if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
            return None;
        }
        let mut moment = Self {
            days: days_from(year, month, day),
            time: None,
            offset: 0,
            rest: &text[10..],
            zone: "",
        };
        if !moment.rest.is_empty() {
            let time = moment.rest.strip_prefix(['T', 't', ' '])?;
            let start = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
            moment.time = Some(time_of(&time[..start])?);
            moment.zone = &time[start..];
            moment.offset = offset_of(moment.zone)?;
        }
        Some(moment)
    }

    /// Microseconds since 1970-01-01T00:00Z; without an offset, as if it were one of UTC.
    pub(super) fn instant(self) -> i64 {
        self.days * DAY + self.time.unwrap_or_default() - self.offset
    }

    /// Writes it that many days later; what is not the date stays as it was written. `false` where that is before the year 0
    /// or after 9999.
    pub(super) fn write_shifted(self, days: i64, out: &mut String) -> bool {
        let Some(date) = Date::of(self.days.saturating_add(days)) else {
            return false;
        };
        date.push_to(out);
        out.push_str(self.rest);
        true
    }

    /// Writes as much of it as that unit tells.
    pub(super) fn write_cut(self, unit: Unit, out: &mut String) -> bool {
        let Some(date) = Date::of(self.days) else {
            return false;
        };
        let time = self.time.unwrap_or_default();
        let (hour, minute) = (time / 3_600_000_000, time / 60_000_000 % 60);
        match unit {
            Unit::Year => push_number(date.year.unsigned_abs(), 4, out),
            Unit::Month => date.push_month_to(out),
            _ => date.push_to(out),
        }
        if self.time.is_none() || matches!(unit, Unit::Year | Unit::Month | Unit::Day) {
            return true;
        }
        let second = match unit {
            Unit::Hour | Unit::Minute => None,
            _ => Some(time / 1_000_000 % 60),
        };
        let minute = if unit == Unit::Hour { 0 } else { minute };
        let mut mark = 'T';
        for part in [Some(hour), Some(minute), second].into_iter().flatten() {
            out.push(mark);
            push_number(part.unsigned_abs(), 2, out);
            mark = ':';
        }
        out.push_str(self.zone);
        true
    }
}

fn digits(bytes: &[u8], at: usize, count: usize) -> Option<i64> {
    let digits = bytes.get(at..at + count)?;
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })
}

/// `10:17`, `10:17:33`, `10:17:33.109`; a leap second counts as the one before it.
fn time_of(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (hour, minute) = (digits(bytes, 0, 2)?, digits(bytes, 3, 2)?);
    if hour > 23 || minute > 59 || bytes[2] != b':' {
        return None;
    }
    let mut micros = 0;
    if bytes.len() > 5 {
        let second = digits(bytes, 6, 2).filter(|second| *second <= 60 && bytes[5] == b':')?;
        micros = second.min(59) * 1_000_000;
        if bytes.len() > 8 {
            let fraction = &bytes[9..];
            if !matches!(bytes[8], b'.' | b',')
                || fraction.is_empty()
                || !fraction.iter().all(u8::is_ascii_digit)
            {
                return None;
            }
            let six = fraction.iter().copied().chain([b'0'; 6]).take(6);
            micros += six.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        }
    }
    Some((hour * 60 + minute) * 60_000_000 + micros)
}

/// Nothing, `Z`, `+02`, `+02:00` or `+0200`.
fn offset_of(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let minutes = match bytes.len() {
        0 => 0,
        1 if bytes[0].eq_ignore_ascii_case(&b'z') => 0,
        3 => digits(bytes, 1, 2)? * 60,
        5 => digits(bytes, 1, 2)? * 60 + digits(bytes, 3, 2)?,
        6 if bytes[3] == b':' => digits(bytes, 1, 2)? * 60 + digits(bytes, 4, 2)?,
        _ => return None,
    };
    let signed = if bytes.first() == Some(&b'-') {
        -minutes
    } else {
        minutes
    };
    (minutes <= 24 * 60).then_some(signed * 60_000_000)
}

/// A date of the Gregorian calendar, in the years from 0 to 9999.
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The date that many days after 1970-01-01. Years are counted from the first of March, so that the leap day is the last.
    fn of(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let date = Self {
            year: era * 400 + year + i64::from(month >= 10),
            month: if month < 10 { month + 3 } else { month - 9 },
            day: day - (153 * month + 2) / 5 + 1,
        };
        (0..=9999).contains(&date.year).then_some(date)
    }
}

impl Date {
    /// Writes it as `2024-05-18`.
    fn push_to(&self, text: &mut String) {
        self.push_month_to(text);
        text.push('-');
        push_number(self.day.unsigned_abs(), 2, text);
    }

    /// Writes it as `2024-05`.
    fn push_month_to(&self, text: &mut String) {
        push_number(self.year.unsigned_abs(), 4, text);
        text.push('-');
        push_number(self.month.unsigned_abs(), 2, text);
    }
}

/// The days from 1970-01-01 to a date, the other way round.
fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("1970-01-01", 0)]
    #[case("1970-01-01T00:00:01.5Z", 1_500_000)]
    #[case("2024-02-29T23:59:60+01:00", 1_709_247_599_000_000)]
    #[case("2024-05-18 10:17", 1_716_027_420_000_000)]
    #[case("2024-05-18T10:17:33.1090009+0200", 1_716_020_253_109_000)]
    #[case("1969-12-31T23:00-01", 0)]
    fn a_moment_is_an_instant(#[case] text: &str, #[case] expected: i64) {
        assert_eq!(Moment::parse(text).unwrap().instant(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("2024-5-18")]
    #[case("2023-02-29")]
    #[case("2024-13-01")]
    #[case("2024-05-18T")]
    #[case("2024-05-18T24:00")]
    #[case("2024-05-18T10:17:3")]
    #[case("2024-05-18T10:17:33.")]
    #[case("2024-05-18T10:17:33+1")]
    #[case("2024-05-18T1")]
    #[case("18.05.2024")]
    #[case("2024-05-1é")]
    fn what_is_no_moment_is_none(#[case] text: &str) {
        assert!(Moment::parse(text).is_none());
    }

    proptest! {
        #[test]
        fn a_date_is_counted_there_and_back(days in -719_528_i64..2_932_896) {
            let date = Date::of(days).unwrap();
            prop_assert_eq!(days_from(date.year, date.month, date.day), days);
            let mut text = String::new();
            date.push_to(&mut text);
            prop_assert_eq!(Moment::parse(&text).unwrap().days, days);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9]{0,4}-?[0-9T: .Z+é-]{0,24}") {
            if let Some(moment) = Moment::parse(&text) {
                moment.write_cut(Unit::Second, &mut String::new());
                moment.write_shifted(i64::MAX, &mut String::new());
            }
        }
    }
}

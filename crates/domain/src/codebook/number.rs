//! Decimal numbers as JSON and TOML write them, exact at any size (RFC 8259 section 6 sets no limit).

use std::cmp::Ordering;
use std::fmt;

/// A number of a codebook, in one spelling for each value: `1e2`, `100.0` and `100` are all `100`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

/// Up to how many zeros are written out before an exponent is used.
const ZEROS: i64 = 20;

impl Number {
    /// Reads the spelling of JSON; a plus sign in front, as TOML has it, is taken too. `None` for anything else, and for an
    /// exponent beyond 32 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let well_formed = digits(whole) && digits(fraction) && exponent.parse::<i32>().is_ok();
        well_formed.then(|| Self(Parts::of(text).spelling()))
    }

    /// The text: digits where there are few, else with an exponent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        is_integer(&self.0)
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string().into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of two well-formed numbers by value.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Parts::of(one), Parts::of(other));
    let magnitudes = || one.magnitude.cmp(&other.magnitude);
    match one.sign().cmp(&other.sign()) {
        Ordering::Equal if one.sign() == 0 => Ordering::Equal,
        Ordering::Equal if one.negative => magnitudes()
            .then_with(|| one.compare_digits(&other))
            .reverse(),
        Ordering::Equal => magnitudes().then_with(|| one.compare_digits(&other)),
        unlike => unlike,
    }
}

/// Whether a well-formed number has no fraction, however it is written: `30.0` and `3e1` have none, as JSON Schema has it
/// (2020-12, core 4.2.3).
pub(crate) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    let parts = Parts::of(text);
    let significant = parts
        .digits()
        .enumerate()
        .filter(|(_, digit)| *digit != b'0');
    let last = significant.last().map_or(0, |(at, _)| at as i64 + 1);
    parts.mantissa.is_empty() || last <= parts.magnitude
}

/// A number without an exponent whose whole part fits 63 bits, which most are: compared in a few steps with one that has no
/// fraction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short {
    whole: i64,
    negative: bool,
    fraction: bool,
}

impl Short {
    /// `None` for a number with an exponent, or with more digits before the point.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let negative = text.starts_with('-');
        let (mut whole, mut digits) = (0_i64, 0);
        let mut bytes = text.as_bytes()[usize::from(negative)..].iter();
        let mut fraction = false;
        while let Some(&byte) = bytes.next() {
            match byte {
                b'0'..=b'9' if digits < 18 => {
                    whole = whole * 10 + i64::from(byte - b'0');
                    digits += 1;
                }
                b'.' => {
                    for &byte in bytes.by_ref() {
                        fraction |= byte != b'0';
                        if !byte.is_ascii_digit() {
                            return None;
                        }
                    }
                }
                _ => return None,
            }
        }
        if negative {
            whole = -whole;
        }
        Some(Self {
            whole,
            negative,
            fraction,
        })
    }

    pub(crate) fn is_integer(self) -> bool {
        !self.fraction
    }

    /// The integer that it is.
    pub(crate) fn integer(self) -> Option<i64> {
        (!self.fraction).then_some(self.whole)
    }

    /// The order of the number and an integer.
    pub(crate) fn compare(self, integer: i64) -> Ordering {
        let away = match (self.fraction, self.negative) {
            (false, _) => Ordering::Equal,
            (true, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
        };
        self.whole.cmp(&integer).then(away)
    }
}

/// A number as `0.digits` times ten to the power of `magnitude`.
struct Parts<'a> {
    negative: bool,
    /// From the first digit that is not zero, with the point; empty for zero.
    mantissa: &'a [u8],
    magnitude: i64,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let negative = text.starts_with('-');
        let unsigned = &text.as_bytes()[usize::from(negative)..];
        let (mantissa, exponent) = match unsigned.iter().position(|b| matches!(b, b'e' | b'E')) {
            Some(at) => (&unsigned[..at], exponent(&unsigned[at + 1..])),
            None => (unsigned, 0),
        };
        let point = mantissa.iter().position(|&b| b == b'.');
        let point = point.unwrap_or(mantissa.len()) as i64;
        match mantissa.iter().position(|b| matches!(b, b'1'..=b'9')) {
            Some(first) => {
                let whole = if (first as i64) < point {
                    point - first as i64
                } else {
                    point + 1 - first as i64
                };
                Self {
                    negative,
                    mantissa: &mantissa[first..],
                    magnitude: exponent.saturating_add(whole),
                }
            }
            None => Self {
                negative: false,
                mantissa: &[],
                magnitude: 0,
            },
        }
    }

    fn sign(&self) -> i8 {
        match (self.mantissa.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.mantissa.iter().copied().filter(|&b| b != b'.')
    }

    fn compare_digits(&self, other: &Parts<'_>) -> Ordering {
        let (mut one, mut other) = (self.digits(), other.digits());
        loop {
            let order = match (one.next(), other.next()) {
                (None, None) => return Ordering::Equal,
                (a, b) => a.unwrap_or(b'0').cmp(&b.unwrap_or(b'0')),
            };
            if order.is_ne() {
                return order;
            }
        }
    }

    fn spelling(&self) -> Box<str> {
        let digits: String = self.digits().map(char::from).collect();
        let digits = digits.trim_end_matches('0');
        let (length, magnitude) = (digits.len() as i64, self.magnitude);
        let sign = if self.negative { "-" } else { "" };
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let text = if digits.is_empty() {
            "0".into()
        } else if length <= magnitude && magnitude - length <= ZEROS {
            format!("{sign}{digits}{}", zeros(magnitude - length))
        } else if 0 < magnitude && magnitude < length {
            let (whole, fraction) = digits.split_at(usize::try_from(magnitude).unwrap_or_default());
            format!("{sign}{whole}.{fraction}")
        } else if (-ZEROS..=0).contains(&magnitude) {
            format!("{sign}0.{}{digits}", zeros(-magnitude))
        } else {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{point}{rest}e{}", magnitude - 1)
        };
        text.into()
    }
}

/// An exponent beyond 64 bits is as good as the greatest there is.
fn exponent(digits: &[u8]) -> i64 {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    text.parse().unwrap_or(if text.starts_with('-') {
        i64::MIN / 2
    } else {
        i64::MAX / 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("0", "0")]
    #[case("-0.0", "0")]
    #[case("0e9", "0")]
    #[case("+5", "5")]
    #[case("30.0", "30")]
    #[case("1e2", "100")]
    #[case("1E-3", "0.001")]
    #[case("-12.50", "-12.5")]
    #[case("0.00000000000000000000000000012", "1.2e-28")]
    #[case("1e400", "1e400")]
    #[case("-12.5e400", "-1.25e401")]
    #[case("9007199254740993", "9007199254740993")]
    #[case("123456789012345678901234567890.5", "123456789012345678901234567890.5")]
    fn a_value_has_one_spelling(#[case] text: &str, #[case] spelling: &str) {
        let number = Number::parse(text).unwrap();
        assert_eq!(number.as_str(), spelling);
        assert_eq!(Number::parse(spelling), Some(number));
    }

    #[rstest]
    #[case("")]
    #[case("-")]
    #[case("1.")]
    #[case(".5")]
    #[case("1e")]
    #[case("1e99999999999")]
    #[case("0x10")]
    #[case("inf")]
    #[case("NaN")]
    fn what_is_no_number_is_none(#[case] text: &str) {
        assert_eq!(Number::parse(text), None);
    }

    #[rstest]
    #[case("30.0", true)]
    #[case("3e1", true)]
    #[case("0.3e1", true)]
    #[case("1e400", true)]
    #[case("-0.0", true)]
    #[case("9007199254740993", true)]
    #[case("30.5", false)]
    #[case("29.999999999999993", false)]
    #[case("3e-1", false)]
    #[case("1e-400", false)]
    #[case("10e-1", true)]
    fn an_integer_is_a_number_without_a_fraction(#[case] text: &str, #[case] integer: bool) {
        assert_eq!(is_integer(text), integer);
    }

    #[rstest]
    #[case("9007199254740993", "9007199254740992")]
    #[case("1e400", "9.99e399")]
    #[case("-1", "-2")]
    #[case("0", "-0.1")]
    #[case("0.1", "-5")]
    #[case("30.000000000000001", "30")]
    #[case("1e99999999999999999999", "1e400")]
    fn the_first_is_greater(#[case] greater: &str, #[case] smaller: &str) {
        assert_eq!(compare(greater, smaller), Ordering::Greater);
        assert_eq!(compare(smaller, greater), Ordering::Less);
    }

    #[rstest]
    #[case("123456789012345678")]
    #[case("-0.5")]
    #[case("30.000")]
    #[case("-30.001")]
    #[case("0")]
    fn a_short_number_is_in_the_same_order_as_any(#[case] text: &str) {
        let short = Short::of(text).unwrap();
        assert_eq!(short.is_integer(), is_integer(text));
        for integer in [
            i64::MIN,
            -31,
            -30,
            -1,
            0,
            1,
            30,
            31,
            123456789012345678,
            i64::MAX,
        ] {
            assert_eq!(
                short.compare(integer),
                compare(text, &integer.to_string()),
                "{integer}"
            );
        }
    }

    #[rstest]
    #[case("1e2")]
    #[case("0.5E1")]
    #[case("1234567890123456789")]
    fn other_numbers_are_not_short(#[case] text: &str) {
        assert!(Short::of(text).is_none());
    }

    proptest! {
        #[test]
        fn short_numbers_are_in_the_order_of_their_values(whole in -200i64..200, fraction in 0u32..100, integer in -200i64..200) {
            let text = format!("{whole}.{fraction:02}");
            prop_assert_eq!(Short::of(&text).unwrap().compare(integer), compare(&text, &integer.to_string()));
        }

        #[test]
        fn numbers_are_in_the_order_of_their_values(a in -100_000i64..100_000, b in -100_000i64..100_000, scale in 0u32..4) {
            let written = |n: i64| {
                let divisor = 10i64.pow(scale);
                let sign = if n < 0 { "-" } else { "" };
                format!("{sign}{}.{:05}", n.abs() / divisor, (n.abs() % divisor) * 10i64.pow(5 - scale))
            };
            prop_assert_eq!(compare(&written(a), &written(b)), a.cmp(&b));
            prop_assert_eq!(Number::parse(&written(a)).unwrap().is_integer(), a % 10i64.pow(scale) == 0);
        }
    }
}

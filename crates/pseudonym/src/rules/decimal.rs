//! Decimal numbers, exactly as they are written.

use std::cmp::Ordering;
use std::fmt::{self, Write};

/// The most digits after the decimal point.
const MAX_SCALE: u32 = 18;

/// `units` times ten to the power of `-scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    pub(super) const ZERO: Self = Self { units: 0, scale: 0 };

    /// Reads `-12.50` or `1.5e3`; `None` for what is no number, or has more digits than anything that is counted or measured.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 || whole.len() + fraction.len() > 30 {
            return None;
        }
        let mut units = 0_i128;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            units = units * 10 + i128::from(digit - b'0');
        }
        let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        while scale > 0 && units % 10 == 0 && units != 0 {
            units /= 10;
            scale -= 1;
        }
        while scale < 0 {
            units = units.checked_mul(10)?;
            scale += 1;
            if units == 0 {
                scale = 0;
            }
        }
        let scale = if units == 0 {
            0
        } else {
            u32::try_from(scale).ok()?
        };
        (scale <= MAX_SCALE).then_some(Self {
            units: if negative { -units } else { units },
            scale,
        })
    }

    pub(super) fn from_integer(number: i128) -> Self {
        Self {
            units: number,
            scale: 0,
        }
    }

    pub(super) fn is_positive(self) -> bool {
        self.units > 0
    }

    /// Both as units of the finer scale.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let units = |number: Self| number.units.checked_mul(10_i128.pow(scale - number.scale));
        Some((units(self)?, units(other)?, scale))
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        let (one, other, _) = self.aligned(other)?;
        Some(one.cmp(&other))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let (one, other, scale) = self.aligned(other)?;
        Some(Self {
            units: one.checked_add(other)?,
            scale,
        })
    }

    /// The lower end of the interval of that width that it lies in; the intervals are counted from `origin`.
    pub(super) fn floor_to(self, width: Self, origin: Self) -> Option<Self> {
        let (from_origin, width, scale) = self.plus(origin.negated())?.aligned(width)?;
        let units = from_origin.checked_div_euclid(width)?.checked_mul(width)?;
        Self { units, scale }.plus(origin)
    }

    /// The nearest multiple; a half is rounded away from zero.
    pub(super) fn round_to(self, step: Self) -> Option<Self> {
        let (units, step, scale) = self.aligned(step)?;
        let steps = units
            .checked_abs()?
            .checked_mul(2)?
            .checked_add(step)?
            .checked_div(step.checked_mul(2)?)?;
        let rounded = steps.checked_mul(step)?;
        Some(Self {
            units: if units < 0 { -rounded } else { rounded },
            scale,
        })
    }

    /// The greatest integer that is not above it times that factor.
    pub(super) fn times(self, factor: i64) -> Option<i64> {
        let units = self.units.checked_mul(i128::from(factor))?;
        i64::try_from(units.div_euclid(10_i128.pow(self.scale))).ok()
    }

    /// That many units of which ten to the power of `scale` are one.
    pub(super) fn of_units(units: i64, scale: u32) -> Self {
        Self {
            units: i128::from(units),
            scale,
        }
    }

    fn negated(self) -> Self {
        Self {
            units: -self.units,
            ..self
        }
    }
}

impl Decimal {
    /// Writes it in its shortest form.
    pub(super) fn push_to(self, text: &mut String) {
        let (mut units, mut scale) = (self.units.unsigned_abs(), self.scale);
        while scale > 0 && units.is_multiple_of(10) {
            units /= 10;
            scale -= 1;
        }
        if self.units < 0 {
            text.push('-');
        }
        if let (Ok(units), 0) = (u64::try_from(units), scale) {
            return push_number(units, 1, text);
        }
        let unit = 10_u128.pow(scale);
        // Writing to a String does not fail.
        let _ = match scale as usize {
            0 => write!(text, "{units}"),
            width => write!(text, "{}.{:0width$}", units / unit, units % unit),
        };
    }
}

/// Writes a number with at least so many digits, at most 20.
pub(super) fn push_number(mut number: u64, least: usize, text: &mut String) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while number > 0 || digits.len() - start < least.min(digits.len()) {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    // Digits are always UTF-8.
    text.push_str(std::str::from_utf8(&digits[start..]).unwrap_or_default());
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[rstest]
    #[case("12.50", "12.5")]
    #[case("-0.1", "-0.1")]
    #[case("1.5e3", "1500")]
    #[case("+7", "7")]
    #[case("-0", "0")]
    #[case("100", "100")]
    #[case("1e-2", "0.01")]
    fn a_number_is_written_in_its_shortest_form(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(number(text).to_string(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("-")]
    #[case(".")]
    #[case("1e")]
    #[case("1.2.3")]
    #[case("12a")]
    #[case("NaN")]
    #[case("1e99999")]
    #[case("1e-40")]
    #[case("1234567890123456789012345678901")]
    fn what_is_no_number_is_none(#[case] text: &str) {
        assert!(Decimal::parse(text).is_none());
    }

    #[test]
    fn tenths_are_exact() {
        assert_eq!(
            number("0.35").round_to(number("0.1")).unwrap().to_string(),
            "0.4"
        );
        assert_eq!(
            number("-0.35").round_to(number("0.1")).unwrap().to_string(),
            "-0.4"
        );
        assert_eq!(
            number("1234").round_to(number("100")).unwrap().to_string(),
            "1200"
        );
    }

    #[test]
    fn intervals_go_on_below_zero() {
        let floor = |text| {
            number(text)
                .floor_to(number("5"), Decimal::ZERO)
                .unwrap()
                .to_string()
        };
        assert_eq!(
            (
                floor("-1").as_str(),
                floor("4.9").as_str(),
                floor("5").as_str()
            ),
            ("-5", "0", "5")
        );
    }
}

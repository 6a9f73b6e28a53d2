//! The pseudonym as it is stored, written and read.

use std::fmt;
use std::str::FromStr;

use crate::CodeError;

/// Crockford's base32: no I, L, O (read as 1, 1, 0) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols that carry the number, five bits each.
const DATA: usize = 12;
/// With the check symbol.
const SYMBOLS: usize = DATA + 1;
const BITS: u32 = 60;
/// The polynomial x^5 + x^4 + x^3 + x + 1 that makes the field of 32 elements; x generates all 31 that are not zero.
const POLYNOMIAL: u8 = 0b11_1011;

/// A pseudonym: 60 bits, in text `P-XXXX-XXXX-XXXX-X`.
///
/// The text is the number in Crockford's base32, most significant symbol first, and a thirteenth symbol that checks the
/// others. The check is a weighted sum over the field of 32 elements: with the symbols `s1` to `s13` taken as elements,
/// `s1 x^12 + s2 x^11 + ... + s12 x + s13 = 0`. The weights are all different and none is zero, so every single wrong
/// symbol is detected, and every swap of two symbols, neighbours or not. Crockford's own check, modulo 37, needs five
/// symbols more (`*~$=U`) that people and file names handle badly.
///
/// Reading takes either case, `I` and `L` for 1, `O` for 0, and hyphens anywhere or nowhere after the `P`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u64);

impl Code {
    /// The code with this number.
    ///
    /// # Errors
    ///
    /// [`CodeError::Range`] from 2^60 on.
    pub fn from_u64(number: u64) -> Result<Self, CodeError> {
        if number >> BITS == 0 {
            Ok(Self(number))
        } else {
            Err(CodeError::Range)
        }
    }

    /// The code that a database column holds.
    ///
    /// # Errors
    ///
    /// [`CodeError::Range`] for a negative number and from 2^60 on.
    pub fn from_i64(number: i64) -> Result<Self, CodeError> {
        u64::try_from(number)
            .map_err(|_| CodeError::Range)
            .and_then(Self::from_u64)
    }

    /// The number, below 2^60.
    #[must_use]
    pub fn to_u64(self) -> u64 {
        self.0
    }

    /// The number as a signed database column holds it: never negative, in the same order.
    #[must_use]
    pub fn to_i64(self) -> i64 {
        self.0.cast_signed()
    }

    pub(crate) fn from_first_bits(bits: u64) -> Self {
        Self(bits >> (u64::BITS - BITS))
    }

    /// Writes the text at the end of another.
    pub(crate) fn push_to(self, text: &mut String) {
        let symbols = self.symbols();
        text.push('P');
        for (place, symbol) in symbols.iter().copied().chain([check(&symbols)]).enumerate() {
            if place % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(symbol)]));
        }
    }

    /// The values of the twelve symbols that carry the number.
    fn symbols(self) -> [u8; DATA] {
        let mut rest = self.0;
        let mut symbols = [0; DATA];
        for symbol in symbols.iter_mut().rev() {
            *symbol = (rest & 31) as u8;
            rest >>= 5;
        }
        symbols
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(18);
        self.push_to(&mut text);
        f.pad(&text)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let rest = text.strip_prefix(['P', 'p']).ok_or(CodeError::Prefix)?;
        let mut number = 0_u64;
        let mut weighted = 0;
        let mut found = 0;
        for symbol in rest.chars().filter(|c| *c != '-') {
            found += 1;
            let value = value(symbol).ok_or(CodeError::Symbol {
                symbol,
                position: found,
            })?;
            weighted = times_x(weighted) ^ value;
            if found <= DATA {
                number = number << 5 | u64::from(value);
            }
        }
        if found != SYMBOLS {
            return Err(CodeError::Length { found });
        }
        if weighted == 0 {
            Ok(Self(number))
        } else {
            Err(CodeError::Check)
        }
    }
}

/// The symbol that brings the weighted sum to zero.
fn check(symbols: &[u8; DATA]) -> u8 {
    symbols.iter().fold(0, |sum, symbol| times_x(sum ^ symbol))
}

/// Multiplication by x in the field of 32 elements.
fn times_x(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 32 == 0 {
        shifted
    } else {
        shifted ^ POLYNOMIAL
    }
}

fn value(symbol: char) -> Option<u8> {
    let upper = match symbol.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let place = ALPHABET
        .iter()
        .position(|known| char::from(*known) == upper)?;
    u8::try_from(place).ok()
}

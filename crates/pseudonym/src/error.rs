//! What can go wrong, by what the caller can do about it.

use thiserror::Error;

/// A text or a number is no pseudonym code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The text does not begin with `P`.
    #[error("a pseudonym begins with `P-`, as in `P-7QX4-M2K9-T0BC-5`")]
    Prefix,
    /// Too few or too many symbols follow the `P`.
    #[error("a pseudonym has 13 symbols after the `P`, not {found}")]
    Length {
        /// How many there are, hyphens left out.
        found: usize,
    },
    /// A character stands in none of the alphabet's places.
    #[error(
        "`{symbol}`, symbol {position} of the pseudonym, is not a digit or letter of its alphabet"
    )]
    Symbol {
        /// The character as it was written.
        symbol: char,
        /// Its place after the `P`, counted from 1, hyphens left out.
        position: usize,
    },
    /// Every symbol is possible, but they do not belong together: a slip of the pen.
    #[error(
        "the pseudonym's last symbol does not fit the others: one of them is wrong, or two are swapped"
    )]
    Check,
    /// The number is negative or has more than 60 bits.
    #[error("a pseudonym's number lies between 0 and 2^60 - 1")]
    Range,
}

/// A text is no root key, or none that may be used.
///
/// The messages never repeat what was given, since it may be a key with one wrong character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is nothing there.
    #[error("the root key is empty; make one with `openssl rand -hex 32`")]
    Blank,
    /// It has another length than 64 characters.
    #[error(
        "the root key has {found} characters instead of 64; make one with `openssl rand -hex 32`"
    )]
    Length {
        /// How many there are, white space around them left out.
        found: usize,
    },
    /// A character is not a hexadecimal digit.
    #[error(
        "character {position} of the root key is not a hexadecimal digit; make a key with `openssl rand -hex 32`"
    )]
    Digit {
        /// Its place, counted from 1, white space before the key left out.
        position: usize,
    },
    /// Nobody drew this key at random.
    #[error("the root key {reason}; make one with `openssl rand -hex 32`")]
    Weak {
        /// What shows it, as the rest of a sentence.
        reason: &'static str,
    },
    /// It stands in the documentation, for all to read.
    #[error("the root key is the documentation's example; make one with `openssl rand -hex 32`")]
    Published,
}

/// A sealed text cannot be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// It is shorter than any sealed text.
    #[error("the sealed text is cut short: {found} bytes")]
    Short {
        /// Its length in bytes.
        found: usize,
    },
    /// Its first byte names a way of sealing that this version does not know.
    #[error("the sealed text has version {found}, which this version of Sillage cannot open")]
    Version {
        /// The first byte.
        found: u8,
    },
    /// Another key, another purpose, other associated data, or a changed text.
    #[error("the sealed text was made with another key or for another place, or was changed since")]
    Refused,
    /// The plain text is longer than the cipher takes (256 GiB).
    #[error("the text is too long to be sealed")]
    TooLong,
    /// The system gave no randomness for the nonce.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomError(#[source] getrandom::Error);

impl From<getrandom::Error> for RandomError {
    fn from(source: getrandom::Error) -> Self {
        Self(source)
    }
}

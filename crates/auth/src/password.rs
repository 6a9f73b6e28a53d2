//! Passwords: bcrypt hashes, and passwords for the sheet that an experimenter hands out.

use std::fmt;

use bcrypt::{BcryptError, HashParts};
use sillage_domain::{PasswordHash, PasswordOrigin};
use sillage_pseudonym::{RandomError, random_bytes};
use thiserror::Error;

use crate::{Secret, old_password};

/// The fewest characters of a password.
pub const MIN_CHARS: usize = 8;
/// The most bytes of a password, in UTF-8: what bcrypt reads. A longer one is refused, never cut.
pub const MAX_BYTES: usize = 72;

/// 32 small letters and digits without look-alikes: no `l` nor `1` beside `i`, no `o` nor `0`.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password of 60 random bits that can be read aloud and typed by a pupil: `k7rm-x2pd-9hqe`.
///
/// # Errors
///
/// [`RandomError`] where the operating system has no source of randomness.
pub fn generate() -> Result<Secret, RandomError> {
    Ok(Secret::new(spelled(u64::from_be_bytes(random_bytes()?))))
}

/// The low 60 bits as twelve symbols in groups of four. 32 symbols are five bits, so none is likelier than another.
fn spelled(mut bits: u64) -> String {
    let mut text = String::with_capacity(14);
    for place in 0..12 {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    text
}

/// Why a password cannot be set, or a stored hash not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// There is nothing in it.
    #[error("the password is empty")]
    Empty,
    /// It has fewer than [`MIN_CHARS`] characters.
    #[error("the password has fewer than {MIN_CHARS} characters")]
    TooShort,
    /// It has more than [`MAX_BYTES`] bytes.
    #[error(
        "the password has more than {MAX_BYTES} bytes (a letter outside of ASCII counts as two or more)"
    )]
    TooLong,
    /// It has a zero byte, where bcrypt ends or repeats a password.
    #[error("the password has a NUL character")]
    Nul,
    /// The cost lies outside of [`Cost`]'s range.
    #[error(
        "a password's cost lies between {} and {}, not at {found}",
        Cost::MIN,
        Cost::MAX
    )]
    Cost {
        /// What was asked for.
        found: u32,
    },
    /// The hash function failed: the stored hash is none, or there was no randomness for a salt.
    #[error("the password cannot be hashed or compared")]
    Hash(#[from] BcryptError),
    /// The operating system has no source of randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The cost of a password hash: the hash function runs 2^cost rounds, so one more doubles the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(u32);

impl Cost {
    /// The smallest cost that bcrypt knows: for tests, where time matters and secrecy does not.
    pub const MIN: u32 = 4;
    /// Half a minute a log-in, and a slip of the pen.
    pub const MAX: u32 = 18;

    /// A cost between [`MIN`](Self::MIN) and [`MAX`](Self::MAX).
    ///
    /// # Errors
    ///
    /// [`PasswordError::Cost`] outside of them.
    pub fn new(cost: u32) -> Result<Self, PasswordError> {
        if (Self::MIN..=Self::MAX).contains(&cost) {
            Ok(Self(cost))
        } else {
            Err(PasswordError::Cost { found: cost })
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for Cost {
    /// 12: a quarter of a second.
    fn default() -> Self {
        Self(12)
    }
}

/// Hashes passwords of one origin and compares them, all at one cost. What it does takes long on purpose: never on an async
/// worker.
pub struct Passwords {
    origin: PasswordOrigin,
    cost: Cost,
    decoy: PasswordHash,
}

impl Passwords {
    /// Prepares for passwords that people choose, at that cost; makes one hash.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Random`] where the operating system has no source of randomness.
    pub fn new(cost: Cost) -> Result<Self, PasswordError> {
        Self::of(PasswordOrigin::Chosen, cost)
    }

    /// Prepares for passwords of that origin, at that cost; makes one hash.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Random`] where the operating system has no source of randomness.
    pub fn of(origin: PasswordOrigin, cost: Cost) -> Result<Self, PasswordError> {
        let decoy = bcrypt::non_truncating_hash(generate()?.expose(), cost.0)?;
        Ok(Self {
            origin,
            cost,
            decoy: PasswordHash::of(origin, decoy),
        })
    }

    /// The hash of a password that somebody chose or [`generate`] made.
    ///
    /// # Errors
    ///
    /// The rule that it breaks: [`PasswordError::Empty`], [`TooShort`](PasswordError::TooShort),
    /// [`TooLong`](PasswordError::TooLong), [`Nul`](PasswordError::Nul); [`Hash`](PasswordError::Hash) without a source
    /// of randomness.
    pub fn hash(&self, password: &Secret) -> Result<PasswordHash, PasswordError> {
        Self::check(password)?;
        self.rehash(password)
    }

    /// Another hash of a password that an account has already, however short it is: whoever chose it met other rules.
    ///
    /// # Errors
    ///
    /// As [`hash`](Self::hash), but for [`TooShort`](PasswordError::TooShort).
    pub fn rehash(&self, password: &Secret) -> Result<PasswordHash, PasswordError> {
        match Self::check(password) {
            Ok(()) | Err(PasswordError::TooShort) => {}
            Err(error) => return Err(error),
        }
        let password = password.expose();
        // The non-truncating calls want room for a closing zero byte; the longest password is read whole without it.
        let text = match password.len() {
            MAX_BYTES => bcrypt::hash(password, self.cost.0)?,
            _ => bcrypt::non_truncating_hash(password, self.cost.0)?,
        };
        Ok(PasswordHash::of(self.origin, text))
    }

    /// Whether a password may be chosen, without hashing it: to tell all the faults of a request at once.
    ///
    /// # Errors
    ///
    /// The rule that it breaks, as [`hash`](Self::hash) would.
    pub fn check(password: &Secret) -> Result<(), PasswordError> {
        let text = password.expose();
        if text.is_empty() {
            Err(PasswordError::Empty)
        } else if text.contains('\0') {
            Err(PasswordError::Nul)
        } else if text.len() > MAX_BYTES {
            Err(PasswordError::TooLong)
        } else if text.chars().count() < MIN_CHARS {
            Err(PasswordError::TooShort)
        } else {
            Ok(())
        }
    }

    /// Whether that is the password of the account with this hash. Without an account there is no hash: the answer is no,
    /// after as much work as at this cost.
    ///
    /// A hash of another cost takes another time, so does one of [another program](crate::SHA512_CRYPT), and a text that can be no
    /// password none: whoever must not tell by the clock which usernames exist answers what failed at a time of its own.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Hash`] where the stored hash is none.
    pub fn verify(
        &self,
        password: &Secret,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let text = password.expose();
        // No account has such a password, so no time has to be spent, whoever asks.
        if text.is_empty() || text.len() > MAX_BYTES || text.contains('\0') {
            return Ok(false);
        }
        if let Some(same) = hash.and_then(|hash| old_password::verify(password, hash)) {
            return Ok(same);
        }
        let against = hash.unwrap_or(&self.decoy).expose();
        let same = match text.len() {
            MAX_BYTES => bcrypt::verify(text, against)?,
            _ => bcrypt::non_truncating_verify(text, against)?,
        };
        Ok(same && hash.is_some())
    }

    /// Whether the hash was made at another cost than this one, or by another program, so that the next log-in should replace
    /// it. For a hash of the same origin.
    #[must_use]
    pub fn needs_rehash(&self, hash: &PasswordHash) -> bool {
        hash.expose()
            .parse::<HashParts>()
            .map_or(true, |parts| parts.get_cost() != self.cost.0)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("origin", &self.origin)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bits that a password spells.
    fn read_back(text: &str) -> u64 {
        let symbols = text.bytes().filter(|byte| *byte != b'-').rev();
        symbols.fold(0, |bits, symbol| {
            let five = ALPHABET.iter().position(|known| *known == symbol).unwrap();
            bits << 5 | five as u64
        })
    }

    proptest! {
        #[test]
        fn each_value_of_60_bits_spells_a_password_of_its_own(bits: u64) {
            let text = spelled(bits);
            // What can be read back is spelled by nothing else: passwords are as evenly spread as the bits are.
            prop_assert_eq!(read_back(&text), bits & ((1 << 60) - 1));
            let groups: Vec<_> = text.split('-').collect();
            prop_assert_eq!(groups.len(), 3);
            for group in groups {
                prop_assert_eq!(group.len(), 4);
                prop_assert!(!group.contains(['0', 'o', '1', 'l']), "{}", text);
            }
        }
    }

    #[test]
    fn no_symbol_of_generated_passwords_is_likelier_than_another() {
        let mut counts = [0_u32; 256];
        for _ in 0..8_000 {
            let password = generate().unwrap();
            password
                .expose()
                .bytes()
                .for_each(|byte| counts[usize::from(byte)] += 1);
        }
        for symbol in ALPHABET {
            // 3000 are expected, with a standard deviation of 54: seven of them are met once in 10^10 runs.
            let found = counts[usize::from(*symbol)];
            assert!(
                (2_620..=3_380).contains(&found),
                "{}: {found}",
                char::from(*symbol)
            );
        }
    }

    #[test]
    fn the_decoy_costs_what_a_password_costs() {
        for cost in [4, 5] {
            let passwords = Passwords::new(Cost::new(cost).unwrap()).unwrap();
            assert_eq!(
                passwords
                    .decoy
                    .expose()
                    .parse::<HashParts>()
                    .unwrap()
                    .get_cost(),
                cost
            );
        }
    }
}

//! Password hashes that another program made: SHA-512 crypt, as `crypt(3)` and passlib write it.

use crate::Secret;
use sha_crypt::{PasswordVerifier, ShaCrypt};
use sillage_domain::PasswordHash;
use thiserror::Error;

/// With what such a hash begins.
pub const SHA512_CRYPT: &str = "$6$";

/// The most rounds of a hash that is taken over: passlib's 656,000, and some. One that names hundreds of millions would keep a
/// processor busy for minutes at each log-in.
pub const MAX_ROUNDS: u32 = 1_000_000;
/// What crypt(3) takes where a hash names no number.
const DEFAULT_ROUNDS: u32 = 5000;
/// The fewest that crypt(3) knows.
const MIN_ROUNDS: u32 = 1000;
/// Characters of the hash itself.
const DIGITS: usize = 86;
/// The most characters of the salt.
const MAX_SALT: usize = 16;

/// Why a hash of another program can't be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OldHashError {
    /// It is of another kind.
    #[error("the password hash is not SHA-512 crypt ($6$)")]
    Kind,
    /// It ends before its end, as a column does that is too narrow.
    #[error("the password hash is cut off")]
    CutOff,
    /// It is none, though it begins as one.
    #[error("the password hash is malformed")]
    Malformed,
    /// It names fewer rounds than there may be, or more than [`MAX_ROUNDS`].
    #[error("the password hash names {0} rounds; it may be {MIN_ROUNDS} to {MAX_ROUNDS}")]
    Rounds(u32),
}

/// How many rounds a hash of this kind takes.
///
/// # Errors
///
/// [`OldHashError`] for what is no such hash.
pub fn rounds_of(text: &str) -> Result<u32, OldHashError> {
    let rest = text.strip_prefix(SHA512_CRYPT).ok_or(OldHashError::Kind)?;
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        Some(named) => {
            let (number, rest) = named.split_once('$').ok_or(OldHashError::CutOff)?;
            (number.parse().map_err(|_| OldHashError::Malformed)?, rest)
        }
        None => (DEFAULT_ROUNDS, rest),
    };
    let (salt, digits) = rest.split_once('$').ok_or(OldHashError::CutOff)?;
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'/');
    if digits.len() < DIGITS && digits.bytes().all(plain) {
        return Err(OldHashError::CutOff);
    }
    if digits.len() > DIGITS || !digits.bytes().all(plain) || salt.len() > MAX_SALT {
        return Err(OldHashError::Malformed);
    }
    if (MIN_ROUNDS..=MAX_ROUNDS).contains(&rounds) {
        Ok(rounds)
    } else {
        Err(OldHashError::Rounds(rounds))
    }
}

/// Whether it is the password of a hash that [`rounds_of`] takes; `None` for a hash of another kind.
pub(crate) fn verify(password: &Secret, hash: &PasswordHash) -> Option<bool> {
    rounds_of(hash.expose()).ok()?;
    let same = ShaCrypt::default().verify_password(password.expose().as_bytes(), hash.expose());
    Some(same.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// The test vectors of the specification (U. Drepper, "Unix crypt using SHA-256 and SHA-512"), as crypt(3) has them.
    #[rstest]
    #[case(
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
    )]
    #[case(
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v."
    )]
    fn a_password_is_known_by_its_old_hash(#[case] password: &str, #[case] hash: &str) {
        let hash = PasswordHash::new(hash);
        let right = verify(&Secret::new(password), &hash);
        assert_eq!(right, Some(true));
        let wrong = verify(&Secret::new("Hello world"), &hash);
        assert_eq!(wrong, Some(false));
    }

    #[rstest]
    #[case("$2b$12$abc", OldHashError::Kind)]
    #[case("pbkdf2:sha256:260000$salt$00", OldHashError::Kind)]
    #[case("", OldHashError::Kind)]
    #[case("$6$rounds=656000$Vm2Gx1lrHnJ0kZcO$abcdef", OldHashError::CutOff)]
    #[case("$6$rounds=6560", OldHashError::CutOff)]
    #[case("$6$saltstring", OldHashError::CutOff)]
    #[case("$6$rounds=many$salt$x", OldHashError::Malformed)]
    #[case("$6$salt$not a hash", OldHashError::Malformed)]
    fn what_is_no_such_hash_is_told(#[case] text: &str, #[case] why: OldHashError) {
        assert_eq!(rounds_of(text), Err(why));
    }

    #[rstest]
    #[case("", Ok(5000))]
    #[case("rounds=656000$", Ok(656_000))]
    #[case("rounds=999$", Err(OldHashError::Rounds(999)))]
    #[case("rounds=999999999$", Err(OldHashError::Rounds(999_999_999)))]
    fn the_rounds_are_bounded(#[case] named: &str, #[case] rounds: Result<u32, OldHashError>) {
        let text = format!("$6${named}salt${}", "a".repeat(86));
        assert_eq!(rounds_of(&text), rounds);
    }
}

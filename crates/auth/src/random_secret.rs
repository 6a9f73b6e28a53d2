//! Secrets that the server draws at random: of clients, and others that nobody has to remember.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use sillage_domain::SecretHash;
pub use sillage_pseudonym::RandomError;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Secret;

/// 256 bits of the operating system's randomness, as 43 characters that need no encoding in a form or a URL.
///
/// # Errors
///
/// [`RandomError`] where the system has no source of randomness.
pub fn random_secret() -> Result<Secret, RandomError> {
    let bytes = Zeroizing::new(sillage_pseudonym::random_bytes::<32>()?);
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// What is stored of a secret that [`random_secret`] made: SHA-256.
///
/// A slow, salted hash protects what people choose, which can be guessed. Of 256 random bits there is nothing to guess:
/// whoever reads the hashes can do no better than try all of 2^256, and a client can say who it is thousands of times a
/// second without taking the time of those who log in.
#[must_use]
pub fn hash_secret(secret: &Secret) -> SecretHash {
    SecretHash::new(Sha256::digest(secret.expose().as_bytes()).into())
}

/// Whether it is the secret of that hash, in a time that tells nothing; without a hash false, after the same time.
#[must_use]
pub fn is_secret(given: &Secret, hash: Option<&SecretHash>) -> bool {
    let given = hash_secret(given);
    let none = SecretHash::new([0; 32]);
    let same = given.as_bytes().ct_eq(hash.unwrap_or(&none).as_bytes());
    bool::from(same) & hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_alone() {
        let (one, other) = (random_secret().unwrap(), random_secret().unwrap());
        assert_eq!(one.expose().len(), 43);
        assert!(one != other);
        assert!(is_secret(&one, Some(&hash_secret(&one))));
        assert!(!is_secret(&other, Some(&hash_secret(&one))));
        assert!(!is_secret(&one, None));
        assert_eq!(format!("{:?}", hash_secret(&one)), "***");
    }
}

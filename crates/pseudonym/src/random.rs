//! Randomness, from the operating system alone.

use crate::RandomError;

/// `N` bytes from the operating system's generator: for the salt of a study (32), the subject id of an account (16).
///
/// # Errors
///
/// [`RandomError`] where the system has no source of randomness, as in a badly set up sandbox.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

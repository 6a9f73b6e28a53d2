//! Refresh tokens: opaque, and stored as hashes only.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use sillage_domain::{RefreshHashes, TokenHash};
use sillage_pseudonym::{RandomError, random_bytes};
use zeroize::Zeroizing;

use crate::Secret;

const FAMILY: usize = 16;
const OWN: usize = 32;

/// A refresh token (RFC 6749 section 1.5): 128 random bits that all those of one grant have in common, and 256 random bits of
/// its own, as 64 characters of base64url.
///
/// The common part tells one that was used before from one that was made up, however long ago it was used, so that the
/// server keeps nothing for each of them. Wiped from memory when dropped; `Debug` prints `***`.
pub struct RefreshToken(Zeroizing<[u8; FAMILY + OWN]>);

impl RefreshToken {
    /// The first refresh token of a grant.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where the operating system has no source of randomness.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self(Zeroizing::new(random_bytes()?)))
    }

    /// Another one of the same grant.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where the operating system has no source of randomness.
    pub fn successor(&self) -> Result<Self, RandomError> {
        let own: Zeroizing<[u8; OWN]> = Zeroizing::new(random_bytes()?);
        let mut bytes = self.0.clone();
        bytes[FAMILY..].copy_from_slice(own.as_slice());
        Ok(Self(bytes))
    }

    /// Reads what a client sends; `None` for what cannot be one.
    #[must_use]
    pub fn parse(text: &Secret) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text.expose()).ok()?);
        let bytes: [u8; FAMILY + OWN] = bytes.as_slice().try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    /// The text that the client gets, once.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// What is stored. Nobody guesses 128 random bits, so the hash is a fast one.
    #[must_use]
    pub fn hashes(&self) -> RefreshHashes {
        let (family, own) = self.0.split_at(FAMILY);
        RefreshHashes {
            family: hash(b"sillage refresh family", family),
            token: hash(b"sillage refresh token", own),
        }
    }
}

fn hash(what: &[u8], bytes: &[u8]) -> TokenHash {
    let digest = Sha256::new().chain_update(what).chain_update(bytes);
    TokenHash::new(digest.finalize().into())
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

//! Sealing: what lies in the database and must be read by this server only.

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use crate::{SealError, random_bytes};

/// The way of sealing that is written: XChaCha20-Poly1305 with a random nonce.
const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;

/// A key that seals texts for one purpose, and opens them.
///
/// A sealed text is one version byte (1), a nonce of 24 random bytes, the encrypted text and a tag of 16 bytes: 41 bytes
/// longer than the plain one. Nonces of that length may be drawn for ever without a repetition to fear.
///
/// Wiped from memory when dropped; `Debug` prints `***`.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Seals `plain`. The same `associated` data must be named to open it: what says where it belongs, such as the id
    /// of its row, so that a sealed text moved to another row does not open.
    ///
    /// # Errors
    ///
    /// [`SealError::Random`] without a source of randomness, [`SealError::TooLong`] above 256 GiB.
    pub fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE] = random_bytes()?;
        let body = self
            .cipher()
            .encrypt(
                (&nonce).into(),
                Payload {
                    msg: plain,
                    aad: associated,
                },
            )
            .map_err(|_| SealError::TooLong)?;
        let mut sealed = Vec::with_capacity(1 + NONCE + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what [`seal`](Self::seal) made; the plain text is wiped from memory when dropped.
    ///
    /// # Errors
    ///
    /// [`SealError::Short`] and [`SealError::Version`] for what was never sealed by this version;
    /// [`SealError::Refused`] for another key, purpose or associated data, or any changed bit.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let Some((&version, rest)) = sealed.split_first() else {
            return Err(SealError::Short { found: 0 });
        };
        if version != VERSION {
            return Err(SealError::Version { found: version });
        }
        match rest.split_first_chunk::<NONCE>() {
            Some((nonce, body)) if body.len() >= TAG => self
                .cipher()
                .decrypt(
                    nonce.into(),
                    Payload {
                        msg: body,
                        aad: associated,
                    },
                )
                .map(Zeroizing::new)
                .map_err(|_| SealError::Refused),
            _ => Err(SealError::Short {
                found: sealed.len(),
            }),
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

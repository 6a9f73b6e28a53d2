//! From a subject to a pseudonym.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Code;

/// The block of SHA-256, to which HMAC fills up a shorter key with zeros (RFC 2104).
const BLOCK: usize = 64;

/// The key of one study. It is never rotated: another key would be other pseudonyms.
///
/// Wiped from memory when dropped; `Debug` prints `***`.
#[derive(Clone)]
pub struct StudyKey(Zeroizing<[u8; 32]>);

impl StudyKey {
    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The pseudonym of a subject in this study: the first 60 bits of HMAC-SHA-256(study key, subject id).
    #[must_use]
    pub fn pseudonym(&self, subject: &[u8; 16]) -> Code {
        let digest = self.digest(&[subject]);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Code::from_first_bits(u64::from_be_bytes(first))
    }

    /// The code under which the consents of a subject in this study stand: the first 128 bits of HMAC-SHA-256(study key, `consent` and the
    /// subject id). No message is as long as that of a pseudonym, so that neither tells anything of the other.
    #[must_use]
    pub fn consent_code(&self, subject: &[u8; 16]) -> [u8; 16] {
        let digest = self.digest(&[b"consent", subject]);
        let mut code = [0; 16];
        code.copy_from_slice(&digest[..16]);
        code
    }

    fn digest(&self, message: &[&[u8]]) -> [u8; 32] {
        let mut block = Zeroizing::new([0_u8; BLOCK]);
        block[..32].copy_from_slice(self.0.as_slice());
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        for part in message {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for StudyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

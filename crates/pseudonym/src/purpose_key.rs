//! From a text to a pseudonym or a number, under a key for one purpose.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::canonical::length;
use crate::derive::{PURPOSE, derive};
use crate::{Code, RootKey, canonical};

/// The block of SHA-256, to which HMAC fills up a shorter key with zeros (RFC 2104).
const BLOCK: usize = 64;

/// The key of one purpose, in one study, in one version: nothing that is made under one of them tells anything about another.
///
/// Wiped from memory when dropped; `Debug` prints `***`.
#[derive(Clone)]
pub struct PurposeKey(Hmac<Sha256>);

impl RootKey {
    /// The key for a purpose, such as `pseudonym`, in a study. Another version is another key, for a second set of pseudonyms
    /// that can't be joined with the first.
    #[must_use]
    pub fn purpose_key(&self, purpose: &str, study: &str, version: u32) -> PurposeKey {
        let info = [
            PURPOSE,
            &length(purpose),
            purpose.as_bytes(),
            &length(study),
            study.as_bytes(),
            &version.to_be_bytes(),
        ];
        PurposeKey::new(&derive(self.bytes(), None, &info))
    }
}

impl PurposeKey {
    fn new(key: &[u8; 32]) -> Self {
        let mut block = Zeroizing::new([0_u8; BLOCK]);
        block[..32].copy_from_slice(key);
        Self(<Hmac<Sha256> as KeyInit>::new((&*block).into()))
    }

    /// The pseudonym of a text of that kind, a `username` say; the text is taken in its [canonical](canonical()) form. The same
    /// text of another kind has another pseudonym.
    #[must_use]
    pub fn pseudonym(&self, kind: &str, text: &str) -> Code {
        Code::from_first_bits(self.number([(kind, text)]))
    }

    /// A number from 0 to 2^64 - 1 that depends on the key and on these texts, each with its kind, in this order.
    #[must_use]
    pub fn number<'a>(&self, texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> u64 {
        let mut mac = self.0.clone();
        for (kind, text) in texts {
            let text = canonical(text);
            mac.update(&length(kind));
            mac.update(kind.as_bytes());
            mac.update(&length(&text));
            mac.update(text.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first)
    }

    /// HMAC-SHA-256 of these bytes, as they are, and of their kind.
    #[must_use]
    pub fn digest(&self, kind: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(&length(kind));
        mac.update(kind.as_bytes());
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for PurposeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

//! The keys of the vault: names and addresses of people, sealed, each person's under a key of his own.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::derive::{self, derive};
use crate::root_key::{read, written};
use crate::{
    Fingerprint, KeyError, RandomError, RootKey, SealError, SealingKey, canonical, random_bytes,
};

/// A text is filled up to a multiple of so many bytes before it is sealed, so that its length tells little.
const PADDING: usize = 32;
/// What is sealed under a key of the vault.
const PERSON: &[u8] = b"person";
/// What is sealed under the key of a person.
const FIELD: &[u8] = b"field";

/// What the keys of the vault are derived from, beside their secrets.
///
/// Wiped from memory when dropped; `Debug` prints `***`.
pub struct VaultRoot(Zeroizing<[u8; 32]>);

/// A secret of the vault, in one version: 32 random bytes that lie outside of the database, and outside of the root key too, so
/// that they can be replaced and destroyed while the root key stays. Without them nothing sealed under their version opens.
///
/// Wiped from memory when dropped, compared in constant time; `Debug` prints `***`.
#[derive(Clone)]
pub struct VaultSecret(Zeroizing<[u8; 32]>);

/// The key of one version: seals the keys of persons, and finds e-mail addresses.
///
/// Wiped from memory when dropped; `Debug` prints `***`.
pub struct VaultKey {
    version: u32,
    seal: SealingKey,
    index: Zeroizing<[u8; 32]>,
}

/// The key of one person, drawn at random: seals the fields of that one. Once it is gone, they are.
///
/// Wiped from memory when dropped; `Debug` prints `***`.
pub struct PersonKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// What the keys of the vault are derived from.
    #[must_use]
    pub fn vault_root(&self) -> VaultRoot {
        VaultRoot(derive(self.bytes(), None, &[derive::VAULT]))
    }
}

impl VaultRoot {
    /// The key of that version, whose secret it is: neither the root key nor the secret alone makes it.
    #[must_use]
    pub fn key(&self, secret: &VaultSecret, version: u32) -> VaultKey {
        let of = |label: &[u8]| {
            let salt = Some(secret.0.as_slice());
            derive(&self.0, salt, &[label, &version.to_be_bytes()])
        };
        VaultKey {
            version,
            seal: SealingKey::new(of(derive::VAULT_SEAL)),
            index: of(derive::VAULT_INDEX),
        }
    }
}

impl VaultSecret {
    /// A new secret from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where the system has no source of randomness.
    pub fn generate() -> Result<Self, RandomError> {
        random_bytes().map(Self::from_bytes)
    }

    /// Reads 64 hexadecimal digits, in either case, white space around them allowed.
    ///
    /// # Errors
    ///
    /// A [`KeyError`], as [`RootKey::parse`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        read(text).map(Self)
    }

    /// Takes 32 bytes as they are: for secrets drawn by a machine, and for tests.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret as a file holds it: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        written(&self.0)
    }

    /// What tells two secrets apart and may be published.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0, derive::VAULT_FINGERPRINT)
    }
}

impl VaultKey {
    /// Which one it is.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Seals a person's key. `whose` names the row, and must be named to open it again.
    ///
    /// # Errors
    ///
    /// [`SealError::Random`] without a source of randomness.
    pub fn seal_person(&self, whose: &[u8], key: &PersonKey) -> Result<Vec<u8>, SealError> {
        self.seal
            .seal(&associated(PERSON, whose, ""), key.0.as_slice())
    }

    /// Opens what [`seal_person`](Self::seal_person) made.
    ///
    /// # Errors
    ///
    /// [`SealError::Refused`] for another key or another person's row; as [`SealingKey::open`].
    pub fn open_person(&self, whose: &[u8], sealed: &[u8]) -> Result<PersonKey, SealError> {
        let opened = self.seal.open(&associated(PERSON, whose, ""), sealed)?;
        let bytes: [u8; 32] = opened
            .as_slice()
            .try_into()
            .map_err(|_| SealError::Refused)?;
        Ok(PersonKey(Zeroizing::new(bytes)))
    }

    /// What an e-mail address is found by: the first 128 bits of HMAC-SHA-256 over where it is kept (`place`, such as a study and
    /// a field) and its [canonical](canonical()) form. Nobody without the key can tell whether an address that he guesses is there.
    #[must_use]
    pub fn email_index(&self, place: &[u8], email: &str) -> [u8; 16] {
        let mut block = Zeroizing::new([0_u8; 64]);
        block[..32].copy_from_slice(self.index.as_slice());
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        let email = canonical(email);
        for part in [place, email.as_bytes()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        first
    }
}

impl PersonKey {
    /// A new key from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where the system has no source of randomness.
    pub fn generate() -> Result<Self, RandomError> {
        random_bytes().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Seals the text of a field. Neither row nor field can be another when it is opened. Its length is told in steps of 32 bytes
    /// only; it has no NUL at its end.
    ///
    /// # Errors
    ///
    /// As [`SealingKey::seal`].
    pub fn seal(&self, whose: &[u8], field: &str, text: &str) -> Result<Vec<u8>, SealError> {
        let length = text.len().max(1).next_multiple_of(PADDING);
        let mut padded = Zeroizing::new(Vec::with_capacity(length));
        padded.extend_from_slice(text.as_bytes());
        padded.resize(length, 0);
        self.key().seal(&associated(FIELD, whose, field), &padded)
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    ///
    /// As [`SealingKey::open`].
    pub fn open(
        &self,
        whose: &[u8],
        field: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<String>, SealError> {
        let opened = self.key().open(&associated(FIELD, whose, field), sealed)?;
        let end = opened.iter().rposition(|byte| *byte != 0);
        let text = &opened[..end.map_or(0, |last| last + 1)];
        let text = std::str::from_utf8(text).map_err(|_| SealError::Refused)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    fn key(&self) -> SealingKey {
        SealingKey::new(self.0.clone())
    }
}

/// What is sealed, whose it is, and which field, each with its length before it.
fn associated(what: &[u8], whose: &[u8], field: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    for part in [what, whose, field.as_bytes()] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

impl PartialEq for VaultSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for VaultSecret {}

macro_rules! secret {
    ($($name:ident)+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("***")
            }
        })+
    };
}

secret! { VaultRoot VaultSecret VaultKey PersonKey }

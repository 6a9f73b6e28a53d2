//! The one secret that everything keyed hangs from.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::derive::{self, derive};
use crate::{KeyError, RandomError, SealingKey, StudyKey, random_bytes};

/// Keys that are printed in the documentation, and so protect nothing: the one of the test vectors.
const PUBLISHED: [[u8; 32]; 1] = [[
    0x8b, 0x0f, 0x3d, 0x6a, 0x51, 0xe2, 0x97, 0xc4, 0x1d, 0x78, 0xfa, 0x26, 0xb3, 0x4e, 0x09, 0xd5,
    0x60, 0xac, 0x83, 0x17, 0xee, 0x92, 0x3b, 0x44, 0xdf, 0x05, 0x7c, 0xa1, 0x68, 0xb9, 0x1f, 0xc2,
]];

/// The server's root key: 32 secret bytes, from which every other key is derived.
///
/// It comes from a file or the environment, never from the database nor its backup. Who holds it and the database can
/// link every account to its traces; who has lost it can never compute the same pseudonyms again. It is wiped from
/// memory when dropped, compared in constant time, and `Debug` prints `***`.
pub struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// A new key from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where the system has no source of randomness.
    pub fn generate() -> Result<Self, RandomError> {
        random_bytes().map(Self::from_bytes)
    }

    /// Reads what a key file holds: one line of 64 hexadecimal digits, in either case, white space around it allowed.
    /// No other encoding is read.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what is wrong and how to make a key: for a text of another form, for a key that was
    /// plainly not drawn at random (a drawn one is refused less than once in 10^12), and for one that the documentation
    /// prints.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        read(text).map(Self)
    }

    /// Takes 32 bytes as they are: for keys drawn by a machine, and for tests. What a person wrote goes through
    /// [`parse`](Self::parse), which looks at it.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key as a key file holds it: 64 lower-case hexadecimal digits, without a line end.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        written(&self.0)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What tells two root keys apart and may be published: it stands in the database from the first start, so that a
    /// server with another key refuses to run on it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0, derive::FINGERPRINT)
    }

    /// The key of the study whose row holds this salt (32 random bytes). Without the salt nobody can make it again, so
    /// destroying the salt unlinks the study.
    #[must_use]
    pub fn study_key(&self, salt: &[u8; 32]) -> StudyKey {
        StudyKey::new(derive(&self.0, Some(salt), &[derive::STUDY]))
    }

    /// A key that seals what is kept in the database for one purpose, such as `token-signing`. Another purpose is
    /// another key.
    #[must_use]
    pub fn sealing_key(&self, purpose: &str) -> SealingKey {
        SealingKey::new(derive(&self.0, None, &[derive::SEAL, purpose.as_bytes()]))
    }
}

impl PartialEq for RootKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for RootKey {}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A root key's fingerprint; its text is 16 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of a key, by the label of its kind.
    pub(crate) fn of(key: &[u8; 32], label: &[u8]) -> Self {
        let derived = derive(key, None, &[label]);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&derived[..8]);
        Self(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The 32 bytes that 64 hexadecimal digits stand for, if they can have been drawn at random.
pub(crate) fn read(text: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(KeyError::Blank);
    }
    if let Some(position) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
        return Err(KeyError::Digit {
            position: position + 1,
        });
    }
    if text.len() != 64 {
        return Err(KeyError::Length { found: text.len() });
    }
    let mut bytes = Zeroizing::new([0_u8; 32]);
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = pair
            .iter()
            .fold(0, |byte, &digit| byte << 4 | hex_value(digit));
    }
    refuse_weak(&bytes)?;
    Ok(bytes)
}

/// 32 bytes as 64 lower-case hexadecimal digits.
pub(crate) fn written(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(64));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

fn refuse_weak(bytes: &[u8; 32]) -> Result<(), KeyError> {
    let weak = |reason| Err(KeyError::Weak { reason });
    if PUBLISHED.iter().any(|key| bool::from(key.ct_eq(bytes))) {
        return Err(KeyError::Published);
    }
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return weak("repeats one byte");
    }
    let step = bytes[1].wrapping_sub(bytes[0]);
    if bytes
        .windows(2)
        .all(|pair| pair[1].wrapping_sub(pair[0]) == step)
    {
        return weak("counts up or down");
    }
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    // 32 random bytes have 30 different values on average, and fewer than 17 with a probability of 10^-13.
    if seen.iter().filter(|seen| **seen).count() < 17 {
        return weak("has too few different bytes to be random");
    }
    // All of 32 random bytes are printable with a probability of 10^-14.
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return weak("is a readable text written as hexadecimal digits");
    }
    Ok(())
}

//! Keys as a file that is locked with a passphrase, to be kept elsewhere.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{KeyError, RandomError, RootKey, SealError, SealingKey, VaultSecret, random_bytes};

/// What a file begins with.
const HEAD: &str = "sillage keys 1";
/// What one is locked with: 64 MiB, three passes, one lane (RFC 9106, section 4, the second recommended set, but for the lanes).
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// The most that a file may ask for when it is opened: who wrote it is not known.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 16;
const SALT: usize = 16;
/// The fewest characters of a passphrase.
const SHORTEST: usize = 12;
/// Hexadecimal digits of a line.
const WIDTH: usize = 80;

/// The keys of a server: what its backups are worth nothing without.
pub struct KeyBundle {
    /// The root key.
    pub root: RootKey,
    /// The secrets of the vault, by version.
    pub vault: Vec<(u32, VaultSecret)>,
}

/// Keys can't be locked or unlocked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Somebody would find it by trying.
    #[error(
        "a passphrase of at least {SHORTEST} characters is needed; six words drawn at random are good"
    )]
    ShortPassphrase,
    /// It is none of such files, or damaged.
    #[error("it is no file of keys, or its line {line} is damaged")]
    Form {
        /// From 1.
        line: usize,
    },
    /// It asks for more time or memory than a file of ours.
    #[error("it asks for more memory or time than any file of keys needs")]
    Cost,
    /// The passphrase is another one, or the file was changed.
    #[error("the passphrase is another one, or the file was changed")]
    Refused,
    /// A key within is none that may be used.
    #[error("a key in the file can't be used: {0}")]
    Key(#[from] KeyError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl KeyBundle {
    /// The keys as a text that only the passphrase opens.
    ///
    /// Takes 64 MiB and about a second.
    ///
    /// # Errors
    ///
    /// [`BundleError::ShortPassphrase`], [`BundleError::Random`].
    pub fn lock(&self, passphrase: &str) -> Result<String, BundleError> {
        if passphrase.chars().count() < SHORTEST {
            return Err(BundleError::ShortPassphrase);
        }
        let salt: [u8; SALT] = random_bytes()?;
        let cost = format!("argon2id {MEMORY_KIB} {PASSES} {}", hex(&salt).as_str());
        let key = stretched(passphrase, &salt, MEMORY_KIB, PASSES)?;
        let mut plain = Zeroizing::new(String::with_capacity(512));
        plain.push_str("root ");
        plain.push_str(&self.root.to_text());
        for (version, secret) in &self.vault {
            plain.push_str(&format!("\nvault {version} "));
            plain.push_str(&secret.to_text());
        }
        let associated = format!("{HEAD}\n{cost}");
        let sealed = key.seal(associated.as_bytes(), plain.as_bytes());
        let sealed = sealed.map_err(|error| match error {
            SealError::Random(error) => BundleError::Random(error),
            _ => BundleError::Refused,
        })?;
        let mut text = associated;
        for line in hex(&sealed).as_bytes().chunks(WIDTH) {
            text.push('\n');
            text.extend(line.iter().map(|byte| char::from(*byte)));
        }
        text.push('\n');
        Ok(text)
    }

    /// Opens what [`lock`](Self::lock) made.
    ///
    /// # Errors
    ///
    /// See [`BundleError`].
    pub fn unlock(text: &str, passphrase: &str) -> Result<Self, BundleError> {
        let mut lines = text.lines();
        if lines.next().map(str::trim_end) != Some(HEAD) {
            return Err(BundleError::Form { line: 1 });
        }
        let cost = lines.next().unwrap_or_default().trim_end();
        let (memory, passes, salt) = read_cost(cost).ok_or(BundleError::Form { line: 2 })?;
        if memory > MOST_MEMORY_KIB || passes > MOST_PASSES {
            return Err(BundleError::Cost);
        }
        let mut sealed = Vec::new();
        for (index, line) in lines.enumerate() {
            let line = unhex(line.trim()).ok_or(BundleError::Form { line: index + 3 })?;
            sealed.extend_from_slice(&line);
        }
        let key = stretched(passphrase, &salt, memory, passes)?;
        let associated = format!("{HEAD}\n{cost}");
        let plain = key
            .open(associated.as_bytes(), &sealed)
            .map_err(|_| BundleError::Refused)?;
        let plain = std::str::from_utf8(&plain).map_err(|_| BundleError::Refused)?;
        read_keys(plain)
    }
}

impl fmt::Debug for KeyBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn stretched(
    passphrase: &str,
    salt: &[u8],
    memory: u32,
    passes: u32,
) -> Result<SealingKey, BundleError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    let params = Params::new(memory, passes, 1, Some(32)).map_err(|_| BundleError::Cost)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| BundleError::Cost)?;
    Ok(SealingKey::new(key))
}

fn read_cost(line: &str) -> Option<(u32, u32, [u8; SALT])> {
    let mut words = line.strip_prefix("argon2id ")?.split(' ');
    let memory = words.next()?.parse().ok()?;
    let passes = words.next()?.parse().ok()?;
    let salt = unhex(words.next()?)?.as_slice().try_into().ok()?;
    words.next().is_none().then_some((memory, passes, salt))
}

fn read_keys(plain: &str) -> Result<KeyBundle, BundleError> {
    let mut lines = plain.lines();
    let root = lines.next().and_then(|line| line.strip_prefix("root "));
    let root = RootKey::parse(root.ok_or(BundleError::Refused)?)?;
    let mut vault = Vec::new();
    for line in lines {
        let read = line.strip_prefix("vault ").and_then(|rest| {
            let (version, secret) = rest.split_once(' ')?;
            Some((version.parse().ok()?, secret))
        });
        let (version, secret) = read.ok_or(BundleError::Refused)?;
        vault.push((version, VaultSecret::parse(secret)?));
    }
    Ok(KeyBundle { root, vault })
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    let pairs = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    pairs.map(digit).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    pairs.collect()
}

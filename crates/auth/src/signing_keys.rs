//! The keys that sign access tokens, and how they lie in the database.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode_header};
use sillage_domain::{SealedSigningKey, Timestamp};
use sillage_pseudonym::{RandomError, SealError, SealingKey, random_bytes};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::token::Wire;
use crate::{Claims, ISSUER, InvalidToken, IssueError, Secret, TokenError};

/// The purpose of the sealing key under which signing keys lie in the database.
pub const SIGNING_PURPOSE: &str = "token-signing";

/// How long a new key only verifies before it signs, in seconds: all servers that share the database have looked at it by
/// then.
pub const SETTLING_SECONDS: i64 = 10;

/// One key that signs access tokens with HS256: 32 secret bytes and the name that tokens call it by.
///
/// Wiped from memory when dropped; `Debug` shows the name only.
pub struct SigningKey {
    kid: String,
    secret: Zeroizing<[u8; 32]>,
}

/// Why the server has no key to sign with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// There is none at all.
    #[error("there is no key to sign tokens with")]
    None,
    /// A stored key does not open: it was sealed under another root key, or changed.
    #[error("the signing key `{kid}` cannot be opened")]
    Sealed {
        /// Its name.
        kid: String,
        /// Why.
        source: SealError,
    },
    /// A stored key opens, but is not 32 bytes long.
    #[error("the signing key `{kid}` has {found} bytes instead of 32")]
    Length {
        /// Its name.
        kid: String,
        /// Its length in bytes.
        found: usize,
    },
}

impl SigningKey {
    /// A new key with a random name of 16 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where the operating system has no source of randomness.
    pub fn generate() -> Result<Self, RandomError> {
        Ok(Self::new(
            format!("{:016x}", u64::from_be_bytes(random_bytes()?)),
            random_bytes()?,
        ))
    }

    /// The key of that name.
    #[must_use]
    pub fn new(kid: impl Into<String>, secret: [u8; 32]) -> Self {
        Self {
            kid: kid.into(),
            secret: Zeroizing::new(secret),
        }
    }

    /// Its name, which stands in the header of every token that it signs.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key as the database keeps it, bound to its name. `with` is the sealing key of [`SIGNING_PURPOSE`].
    ///
    /// # Errors
    ///
    /// [`SealError::Random`] where the operating system has no source of randomness.
    pub fn seal(
        &self,
        with: &SealingKey,
        created_at: Timestamp,
    ) -> Result<SealedSigningKey, SealError> {
        let sealed = with.seal(self.kid.as_bytes(), self.secret.as_slice())?;
        Ok(SealedSigningKey {
            kid: self.kid.clone(),
            sealed,
            created_at,
        })
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    ///
    /// [`SigningKeyError::Sealed`] under another root key, name or purpose; [`SigningKeyError::Length`] for what was
    /// never a key.
    pub fn open(stored: &SealedSigningKey, with: &SealingKey) -> Result<Self, SigningKeyError> {
        let kid = stored.kid.clone();
        let opened = match with.open(kid.as_bytes(), &stored.sealed) {
            Ok(opened) => opened,
            Err(source) => return Err(SigningKeyError::Sealed { kid, source }),
        };
        match <[u8; 32]>::try_from(opened.as_slice()) {
            Ok(secret) => Ok(Self::new(kid, secret)),
            Err(_) => Err(SigningKeyError::Length {
                kid,
                found: opened.len(),
            }),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The server's signing keys: the first signs, all of them verify, so that tokens outlive a change of keys.
pub struct SigningKeys {
    signs: (Header, EncodingKey),
    verify: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl SigningKeys {
    /// Takes the keys, the newest first.
    ///
    /// # Errors
    ///
    /// [`SigningKeyError::None`] for an empty list.
    pub fn new(keys: &[SigningKey]) -> Result<Self, SigningKeyError> {
        let newest = keys.first().ok_or(SigningKeyError::None)?;
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(newest.kid.clone());
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // The library reads the system's clock; the time is an argument here.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            signs: (header, EncodingKey::from_secret(newest.secret.as_slice())),
            verify: keys
                .iter()
                .map(|key| {
                    (
                        key.kid.clone(),
                        DecodingKey::from_secret(key.secret.as_slice()),
                    )
                })
                .collect(),
            validation,
        })
    }

    /// Opens stored keys, the newest first, as the store gives them. The newest that is older than [`SETTLING_SECONDS`]
    /// signs: a younger one may not be known to every server yet.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new) and [`SigningKey::open`].
    pub fn open(
        stored: &[SealedSigningKey],
        with: &SealingKey,
        now: Timestamp,
    ) -> Result<Self, SigningKeyError> {
        let keys: Result<Vec<_>, _> = stored
            .iter()
            .map(|key| SigningKey::open(key, with))
            .collect();
        let mut keys = keys?;
        let settled = |key: &SealedSigningKey| key.created_at.plus_seconds(SETTLING_SECONDS) <= now;
        // At the first start none is.
        let signs = stored
            .iter()
            .position(settled)
            .or(stored.len().checked_sub(1));
        if let Some(signs) = signs {
            keys[..=signs].rotate_right(1);
        }
        Self::new(&keys)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.verify.len()
    }

    /// Signs a token with these claims.
    ///
    /// # Errors
    ///
    /// [`IssueError`] if the token library fails.
    pub fn issue(&self, claims: &Claims) -> Result<Secret, IssueError> {
        let (header, key) = &self.signs;
        Ok(Secret::new(jsonwebtoken::encode(
            header,
            &Wire::from(claims),
            key,
        )?))
    }

    /// The claims of a token that one of these keys signed, with HS256 and nothing else, and that is good at `now`.
    ///
    /// # Errors
    ///
    /// [`TokenError::Expired`] only for a token that is good in all but its age; [`TokenError::Invalid`] for every other.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| InvalidToken::Malformed)?;
        if header.alg != Algorithm::HS256 {
            return Err(InvalidToken::Algorithm.into());
        }
        // RFC 7515 section 4.1.11: an extension that one does not know must be refused. We know none.
        if header.crit.is_some() {
            return Err(InvalidToken::Malformed.into());
        }
        let kid = header.kid.ok_or(InvalidToken::Key)?;
        let (_, key) = self
            .verify
            .iter()
            .find(|(known, _)| *known == kid)
            .ok_or(InvalidToken::Key)?;
        let data = jsonwebtoken::decode::<Wire>(token, key, &self.validation)
            .map_err(|error| InvalidToken::of(&error))?;
        let claims = Claims::try_from(data.claims)?;
        claims.check_time(now)?;
        Ok(claims)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.verify.iter().map(|(kid, _)| kid))
            .finish()
    }
}

//! A record, and what it is made of.

use super::canonical::canonical;
use super::words::{AuditAction, AuditOutcome, AuditRole};
use crate::{Slug, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Who somebody is, to those who have the root key and the account: a keyed hash, and no personal data in the database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuditReference(pub(super) [u8; 16]);

impl AuditReference {
    /// From its bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The chain of one server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuditChain([u8; 16]);

impl AuditChain {
    /// From its bytes; of a new chain, random ones.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// SHA-256, or a code of as many bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHash([u8; 32]);

impl AuditHash {
    /// What stands before the first record.
    pub const NONE: Self = Self([0; 32]);

    /// From its bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

macro_rules! hexadecimal {
    ($name:ident, $bytes:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotHexadecimal;

            fn from_str(text: &str) -> Result<Self, NotHexadecimal> {
                let mut bytes = [0; $bytes];
                if text.len() != 2 * $bytes || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(NotHexadecimal);
                }
                for (at, byte) in bytes.iter_mut().enumerate() {
                    let digits = &text[2 * at..2 * at + 2];
                    *byte = u8::from_str_radix(digits, 16).map_err(|_| NotHexadecimal)?;
                }
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A text is not a name in hexadecimal digits of the length that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not in hexadecimal digits, or has not as many as it needs")]
pub struct NotHexadecimal;

hexadecimal!(AuditReference, 16);
hexadecimal!(AuditChain, 16);
hexadecimal!(AuditHash, 32);

/// Something that was done. It has no personal data: those who took part are named by keyed hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// By whom, if it is known.
    pub actor: Option<AuditReference>,
    /// As what.
    pub role: AuditRole,
    /// What.
    pub action: AuditAction,
    /// In which study.
    pub study: Option<Slug>,
    /// About whom, if about one.
    pub subject: Option<AuditReference>,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// The id of the request, by which the server's log tells more.
    pub request: Option<String>,
}

/// An event in its place in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Which chain.
    pub chain: AuditChain,
    /// The place in it, from 1.
    pub sequence: u64,
    /// What was done.
    pub event: AuditEvent,
    /// The hash of the record before; zeros, of the first.
    pub previous: AuditHash,
    /// SHA-256 of [`canonical`](Self::canonical).
    pub hash: AuditHash,
    /// A code of the hash, under a key derived from the root key.
    pub mac: AuditHash,
}

impl AuditRecord {
    /// The text that is hashed: canonical JSON (RFC 8785) of everything but the hash and the code.
    pub fn canonical(&self) -> String {
        text_of(self.chain, self.sequence, &self.event, self.previous)
    }

    /// The hash that the record must have.
    pub fn computed_hash(&self) -> AuditHash {
        AuditHash(Sha256::digest(self.canonical()).into())
    }
}

pub(super) fn text_of(
    chain: AuditChain,
    sequence: u64,
    event: &AuditEvent,
    previous: AuditHash,
) -> String {
    let text = |value: &dyn fmt::Display| Value::String(value.to_string());
    let or_null = |value: Option<&dyn fmt::Display>| value.map_or(Value::Null, text);
    canonical([
        ("action", text(&event.action)),
        ("actor", or_null(event.actor.as_ref().map(|one| one as _))),
        ("at", text(&event.at)),
        ("chain", text(&chain)),
        ("outcome", text(&event.outcome)),
        ("previous", text(&previous)),
        (
            "request",
            or_null(event.request.as_ref().map(|one| one as _)),
        ),
        ("role", text(&event.role)),
        ("sequence", Value::from(sequence)),
        ("study", or_null(event.study.as_ref().map(|one| one as _))),
        (
            "subject",
            or_null(event.subject.as_ref().map(|one| one as _)),
        ),
    ])
}

/// The last record that was taken away at the beginning of a chain, under a code of its own: no checkpoint can be taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCut(pub AuditCheckpoint);

/// What a chain had come to at some time: it tells whether the end of it was cut off since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCheckpoint {
    /// Which chain.
    pub chain: AuditChain,
    /// Its last record.
    pub sequence: u64,
    /// The hash of that.
    pub hash: AuditHash,
    /// When this was written.
    pub at: Timestamp,
    /// A code of all of that, under a key derived from the root key.
    pub mac: AuditHash,
}

impl AuditCheckpoint {
    /// The text that the code is of, as canonical JSON (RFC 8785).
    pub(super) fn canonical(&self) -> String {
        canonical([
            ("at", Value::String(self.at.to_string())),
            ("chain", Value::String(self.chain.to_string())),
            ("hash", Value::String(self.hash.to_string())),
            ("sequence", Value::from(self.sequence)),
        ])
    }
}

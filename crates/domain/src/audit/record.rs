//! A record, and what it is made of.

use super::canonical::canonical;
use crate::account::words;
use crate::{Slug, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

words!(
    /// What was done.
    AuditAction {
        /// Somebody logged in, with a password, or an application with its secret; or failed to.
        LogIn = "log-in",
        /// One's log-ins or tokens were ended.
        EndLogIns = "end-log-ins",
        /// One's own password was changed.
        ChangeOwnPassword = "change-own-password",
        /// What is held of oneself was taken away as a file.
        ExportOwn = "export-own",
        /// One's own entries were looked at; noted once an hour.
        ReadOwn = "read-own",
        /// One's own account was deleted.
        DeleteOwn = "delete-own",
        /// Entries were read, one or a list.
        ReadLogs = "read-logs",
        /// Quarantined texts were read.
        ReadQuarantine = "read-quarantine",
        /// A report was read that is made from entries.
        ReadReport = "read-report",
        /// It was looked who plays.
        ReadLive = "read-live",
        /// A de-identified file of entries was taken.
        Export = "export",
        /// A file of entries with all that they hold was taken.
        ExportFull = "export-full",
        /// A file was taken in which participants' numbers stand beside what they did.
        ExportTsadk = "export-tsadk",
        /// Entries were corrected.
        AmendLogs = "amend-logs",
        /// Entries were deleted.
        DeleteLogs = "delete-logs",
        /// Entries were brought in from another program.
        Import = "import",
        /// Quarantined texts were let out or thrown away.
        ManageQuarantine = "manage-quarantine",
        /// Somebody who runs a study sent entries in the name of a participant; noted once a minute.
        ActForParticipant = "act-for-participant",
        /// Accounts of participants were looked at.
        ReadParticipants = "read-participants",
        /// Accounts of participants were made.
        CreateParticipants = "create-participants",
        /// An account of a participant was changed.
        ChangeParticipant = "change-participant",
        /// Somebody was given another password by somebody else.
        ResetPassword = "reset-password",
        /// A participant was taken out.
        DeleteParticipant = "delete-participant",
        /// It was looked who consented to what.
        ReadConsents = "read-consents",
        /// Consents were written down for others.
        RecordConsents = "record-consents",
        /// A study was made.
        CreateStudy = "create-study",
        /// The settings of a study were changed.
        ChangeStudy = "change-study",
        /// A study was deleted.
        DeleteStudy = "delete-study",
        /// A codebook was put.
        ChangeCodebook = "change-codebook",
        /// An information notice was put.
        ChangeNotice = "change-notice",
        /// It was looked who runs a study.
        ReadMembers = "read-members",
        /// Somebody was let into a study, put out, or made something else in it.
        ChangeMembers = "change-members",
        /// Accounts of people who run studies were looked at.
        ReadUsers = "read-users",
        /// Such an account was made.
        CreateUser = "create-user",
        /// Such an account was changed.
        ChangeUser = "change-user",
        /// Such an account was deleted.
        DeleteUser = "delete-user",
        /// Registered applications were looked at.
        ReadClients = "read-clients",
        /// Applications were registered, changed, deleted, or given another secret.
        ChangeClients = "change-clients",
        /// It was asked what a token is good for.
        IntrospectToken = "introspect-token",
        /// It was asked whose a pseudonym is.
        RequestReidentification = "request-reidentification",
        /// That was allowed or refused by a second person.
        DecideReidentification = "decide-reidentification",
        /// Somebody was told whose a pseudonym is.
        Reidentify = "reidentify",
        /// Requests to be told were looked at.
        ReadReidentifications = "read-reidentifications",
        /// The audit log was read.
        ReadAudit = "read-audit",
        /// Keys were looked at, changed, or taken away.
        ManageKeys = "manage-keys",
        /// The database was copied, or a copy put in its place.
        ManageBackups = "manage-backups",
        /// Something else was done that this table has no word for.
        Other = "other",
        /// Records could not be written, and were given up; something was done meanwhile.
        Lost = "lost",
    }
);

words!(
    /// What the one was who did it, where it was done.
    AuditRole {
        /// Runs the server.
        Admin = "admin",
        /// Runs the study.
        Manager = "manager",
        /// Reads de-identified data of the study.
        Analyst = "analyst",
        /// Builds the study's game.
        Developer = "developer",
        /// Sees who plays in the study.
        Monitor = "monitor",
        /// Runs studies, and nothing in the one in question.
        Researcher = "researcher",
        /// Plays.
        Participant = "participant",
        /// An application that acts for itself.
        Client = "client",
        /// Whoever has the machine, and typed a command there.
        Operator = "operator",
        /// Somebody who did not say who he is, or not truly.
        Nobody = "nobody",
    }
);

words!(
    /// What came of it.
    AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was not allowed.
        Refused = "refused",
        /// It failed.
        Failed = "failed",
    }
);

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

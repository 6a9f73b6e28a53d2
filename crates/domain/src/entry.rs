//! Log entries: one recorded action, before and after it is stored.

use crate::account::words;
use crate::json::canonical;
use crate::{
    ActionName, CodebookVersion, Fault, LogNumber, NameError, Pseudonym, QuarantineId, Sequence,
    SessionName, StudyId, Timestamp,
};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// Names an entry for its participant: a UUID (RFC 9562) of any version, made by the game or, failing that, by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct EntryId(pub Uuid);

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text of a JSON object, kept as the game wrote it, within the limits of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(Box<str>);

impl Payload {
    /// Takes a text that was found to be a JSON object within the limits, by [`parse`](crate::parse) or when it was stored.
    pub fn from_checked(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a game said happened, found to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Made by the game, if it makes ids.
    pub id: Option<EntryId>,
    /// What.
    pub action: ActionName,
    /// In which play session.
    pub session: Option<SessionName>,
    /// Where in the session.
    pub sequence: Option<Sequence>,
    /// When, by the clock of the game.
    pub occurred_at: Timestamp,
    /// When it was sent, by the clock of the game.
    pub sent_at: Option<Timestamp>,
    /// The rest.
    pub payload: Option<Payload>,
}

impl Draft {
    /// The id that the game made, or the one that the server makes.
    ///
    /// With a sequence number the server's id is a UUIDv8 of the instant and a hash of the content, so that the retry of a game
    /// that makes no ids is known too. Without one, two alike entries may be two actions: the id is `random`.
    pub fn id_or(&self, random: impl FnOnce() -> Uuid) -> EntryId {
        self.id.unwrap_or_else(|| {
            EntryId(if self.sequence.is_some() {
                self.content_id()
            } else {
                random()
            })
        })
    }

    fn content_id(&self) -> Uuid {
        let mut hash = Sha256::new();
        let session = self.session.as_ref().map_or("", SessionName::as_str);
        let payload = self
            .payload
            .as_ref()
            .map(|p| canonical(p.as_str()))
            .unwrap_or_default();
        for part in [self.action.as_str(), session, &payload] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update(self.occurred_at.micros().to_be_bytes());
        hash.update(self.sequence.map_or(-1, Sequence::get).to_be_bytes());
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        // The time in front, as in a UUIDv7, keeps neighbours in time together in the index.
        bytes[..6].copy_from_slice(&self.occurred_at.micros().div_euclid(1000).to_be_bytes()[2..]);
        Uuid::new_v8(bytes)
    }
}

/// An entry on its way into the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Where it belongs.
    pub study: StudyId,
    /// Who played.
    pub pseudonym: Pseudonym,
    /// Names it for this participant.
    pub id: EntryId,
    /// What happened; its own id no longer counts.
    pub content: Draft,
    /// The codebook that it was checked against; `None` if the study had none, or the entry was taken over from another archive.
    pub codebook: Option<CodebookVersion>,
}

/// A text that can't be taken as an entry, on its way into quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMisfit {
    /// Where it belongs.
    pub study: StudyId,
    /// Who sent it, if it was somebody who plays.
    pub pseudonym: Option<Pseudonym>,
    /// What it is.
    pub misfit: Misfit,
    /// What happened, as far as that can be read.
    pub action: Option<ActionName>,
    /// The codebook that it was checked against; `None` if it did not come so far, or the study had none.
    pub codebook: Option<CodebookVersion>,
}

/// A text that can't be taken as an entry, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The id that the game made, if it is one.
    pub id: Option<EntryId>,
    /// The text as sent, but for a member that names the participant.
    pub text: Box<str>,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
}

impl Misfit {
    /// The action that the text names, if it is an object that names one.
    pub fn action(&self) -> Option<ActionName> {
        #[derive(serde::Deserialize)]
        struct Named<'a> {
            #[serde(borrow)]
            action: Option<&'a serde_json::value::RawValue>,
        }
        let named: Named<'_> = serde_json::from_str(&self.text).ok()?;
        let name: String = serde_json::from_str(named.action?.get()).ok()?;
        name.parse().ok()
    }

    /// The same for the same text sent again by the same participant, so that it is kept once. `None` where the text has nothing
    /// that tells two alike actions apart: then each is kept.
    pub fn retry_key(&self) -> Option<[u8; 16]> {
        let telling = self.id.is_some() || {
            let members: Option<std::collections::BTreeMap<String, serde::de::IgnoredAny>> =
                serde_json::from_str(&self.text).ok();
            members.is_some_and(|m| m.contains_key("id") || m.contains_key("sequence"))
        };
        telling.then(|| {
            let mut key = [0; 16];
            key.copy_from_slice(&Sha256::digest(self.text.as_bytes())[..16]);
            key
        })
    }
}

words!(
    /// What became of a stored entry.
    EntryStatus {
        /// It is as it was sent.
        Accepted = "accepted",
        /// Its content was deleted, with a reason; only the tombstone is left.
        Deleted = "deleted",
    }
);

/// What stands in the place of the action in a tombstone.
pub const TOMBSTONE_ACTION: &str = "deleted";

/// An entry as the archive holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Given by the archive, increasing.
    pub number: LogNumber,
    /// Where it belongs.
    pub study: StudyId,
    /// Who played.
    pub pseudonym: Pseudonym,
    /// Names it for this participant.
    pub id: EntryId,
    /// What happened.
    pub action: ActionName,
    /// In which play session.
    pub session: Option<SessionName>,
    /// Where in the session.
    pub sequence: Option<Sequence>,
    /// When, by the clock of the game.
    pub occurred_at: Timestamp,
    /// When it was sent, by the clock of the game.
    pub sent_at: Option<Timestamp>,
    /// When it arrived, by the clock of the server.
    pub received_at: Timestamp,
    /// What became of it.
    pub status: EntryStatus,
    /// The rest.
    pub payload: Option<Payload>,
    /// The codebook that it was checked against; `None` if the study had none, or the entry was taken over from another archive.
    pub codebook: Option<CodebookVersion>,
    /// How often it was amended, if the values here are the [amended](crate::Amended) ones; 0 where they are what was sent.
    pub revision: u32,
    /// Whether whose it is disputes it, where that was looked up.
    pub disputed: bool,
}

impl StoredEntry {
    /// The entry as it is stored under that number.
    pub fn new(entry: &NewEntry, number: LogNumber, received_at: Timestamp) -> Self {
        let content = entry.content.clone();
        Self {
            number,
            study: entry.study,
            pseudonym: entry.pseudonym,
            id: entry.id,
            action: content.action,
            session: content.session,
            sequence: content.sequence,
            occurred_at: content.occurred_at,
            sent_at: content.sent_at,
            received_at,
            status: EntryStatus::Accepted,
            payload: content.payload,
            codebook: entry.codebook,
            revision: 0,
            disputed: false,
        }
    }

    /// Whether that is this entry sent again: the same action, instant, session, sequence, and payload as a JSON value.
    ///
    /// A tombstone can't tell any more: whatever comes under its id is taken for it, or the content would come back into
    /// quarantine.
    pub fn has_content(&self, other: &Draft) -> bool {
        self.status == EntryStatus::Deleted
            || (self.action == other.action
                && self.occurred_at == other.occurred_at
                && self.session == other.session
                && self.sequence == other.sequence
                && same_value(self.payload.as_ref(), other.payload.as_ref()))
    }

    /// When, and what; a tombstone does not tell.
    pub fn happened(&self) -> Option<(Timestamp, &ActionName)> {
        (self.status == EntryStatus::Accepted).then_some((self.occurred_at, &self.action))
    }

    /// What is left of the entry without its content: that it was there, whose, and when it arrived.
    ///
    /// The places that can't be empty hold [`TOMBSTONE_ACTION`] and the instant of arrival; neither is shown.
    ///
    /// # Errors
    ///
    /// None but for a [`TOMBSTONE_ACTION`] that is no name.
    pub fn tombstone(self) -> Result<Self, NameError> {
        Ok(Self {
            action: TOMBSTONE_ACTION.parse()?,
            session: None,
            sequence: None,
            occurred_at: self.received_at,
            sent_at: None,
            status: EntryStatus::Deleted,
            payload: None,
            revision: 0,
            disputed: false,
            ..self
        })
    }
}

pub(crate) fn same_value(one: Option<&Payload>, other: Option<&Payload>) -> bool {
    one == other
        || match (one, other) {
            (Some(one), Some(other)) => canonical(one.as_str()) == canonical(other.as_str()),
            _ => false,
        }
}

/// A text in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedEntry {
    /// Names it.
    pub id: QuarantineId,
    /// Where it belongs.
    pub study: StudyId,
    /// Who sent it, if it was somebody who plays.
    pub pseudonym: Option<Pseudonym>,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// What it is.
    pub misfit: Misfit,
    /// What happened, as far as that can be read.
    pub action: Option<ActionName>,
    /// The codebook that it was checked against; `None` if it did not come so far, or the study had none.
    pub codebook: Option<CodebookVersion>,
    /// When it was judged anew and its reasons became others; `None` while they are those of its arrival.
    pub judged_at: Option<Timestamp>,
}

//! Log entries.

use crate::flat::{Flat, FlatEntry};
use crate::openapi::shapes;
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use sillage_auth::Reach;
use sillage_domain::{
    ActionName, CodebookVersion, EntryId, EntryStatus, LogNumber, NewEntry, Payload, Pseudonym,
    Sequence, SessionName, StoredEntry, Timestamp,
};
use utoipa::ToSchema;

/// A log entry as it is shown.
pub(crate) struct LogView<'a> {
    root: &'a str,
    number: LogNumber,
    id: EntryId,
    participant: Option<Pseudonym>,
    pub(super) session: Option<&'a SessionName>,
    pub(super) sequence: Option<Sequence>,
    /// When, and what.
    pub(super) happened: Option<(Timestamp, &'a ActionName)>,
    pub(super) payload: Option<&'a Payload>,
    sent_at: Option<Timestamp>,
    received_at: Timestamp,
    status: EntryStatus,
    codebook: Option<CodebookVersion>,
    /// The members that its game knows, beside these.
    flat: Option<FlatEntry<'a>>,
    /// How often it was amended; 0 where it shows what was sent.
    revision: u32,
    disputed: bool,
}

impl<'a> LogView<'a> {
    /// What its sender sees. `root` is what stands before `/v1` in links.
    pub(crate) fn sent(
        root: &'a str,
        entry: &'a NewEntry,
        number: LogNumber,
        received_at: Timestamp,
    ) -> Self {
        let content = &entry.content;
        Self {
            root,
            number,
            id: entry.id,
            participant: None,
            session: content.session.as_ref(),
            sequence: content.sequence,
            happened: Some((content.occurred_at, &content.action)),
            payload: content.payload.as_ref(),
            sent_at: content.sent_at,
            received_at,
            status: EntryStatus::Accepted,
            flat: None,
            codebook: entry.codebook,
            revision: 0,
            disputed: false,
        }
    }

    /// What its sender sees of what is stored.
    pub(crate) fn own(root: &'a str, entry: &'a StoredEntry) -> Self {
        Self {
            root,
            number: entry.number,
            id: entry.id,
            participant: None,
            session: entry.session.as_ref(),
            sequence: entry.sequence,
            happened: entry.happened(),
            payload: entry.payload.as_ref(),
            sent_at: entry.sent_at,
            received_at: entry.received_at,
            status: entry.status,
            flat: None,
            codebook: entry.codebook,
            revision: entry.revision,
            disputed: entry.disputed,
        }
    }

    /// What somebody sees who reads the study's data. Without a codebook no member of a payload is known to name nobody, so
    /// that de-identified entries show none of it.
    pub(crate) fn read(root: &'a str, entry: &'a StoredEntry, reach: Reach) -> Self {
        let own = Self::own(root, entry);
        let payload = own.payload.filter(|_| reach == Reach::Whole);
        Self {
            participant: Some(entry.pseudonym),
            payload,
            ..own
        }
    }
}

impl<'a> LogView<'a> {
    /// With the members that its game knows, and a number in the place of the pseudonym where that is asked for.
    fn flat(self, flat: Option<FlatEntry<'a>>) -> Self {
        let numbered = flat.is_some_and(|flat| flat.number.is_some());
        Self {
            participant: self.participant.filter(|_| !numbered),
            flat,
            ..self
        }
    }
}

impl Serialize for LogView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("number", &self.number)?;
        map.serialize_entry(
            "uri",
            &format_args!("{}/v1/logs/{}", self.root, self.number),
        )?;
        map.serialize_entry("id", &self.id)?;
        if let Some(participant) = self.participant {
            map.serialize_entry("participant", &format_args!("{participant}"))?;
        }
        if let Some(session) = self.session {
            map.serialize_entry("session", session)?;
        }
        if let Some(sequence) = self.sequence {
            map.serialize_entry("sequence", &sequence)?;
        }
        if let Some((timestamp, action)) = self.happened {
            map.serialize_entry("timestamp", &timestamp)?;
            map.serialize_entry("action", action)?;
        }
        if let Some(payload) = self.payload {
            let raw: &RawValue =
                serde_json::from_str(payload.as_str()).map_err(S::Error::custom)?;
            map.serialize_entry("payload", raw)?;
        }
        if let Some(sent_at) = self.sent_at {
            map.serialize_entry("sent_at", &sent_at)?;
        }
        map.serialize_entry("received_at", &self.received_at)?;
        map.serialize_entry("status", &self.status)?;
        if let Some(flat) = self.flat {
            super::flat::serialize(self, flat, &mut map)?;
        }
        if let Some(codebook) = self.codebook {
            map.serialize_entry("codebook", &codebook)?;
        }
        if self.revision > 0 {
            map.serialize_entry("amended", &true)?;
            map.serialize_entry("revision", &self.revision)?;
        }
        if self.disputed {
            map.serialize_entry("disputed", &true)?;
        }
        map.end()
    }
}

/// A page of log entries, written as it is walked through.
pub(crate) struct LogList<'a, F> {
    pub(crate) root: &'a str,
    pub(crate) entries: &'a [StoredEntry],
    /// How much of an entry may be read.
    pub(crate) reach: F,
    /// How entries of the default study are shown.
    pub(crate) flat: Option<&'a Flat>,
}

impl<F: Fn(&StoredEntry) -> Reach> Serialize for LogList<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let views = self.entries.iter().map(|entry| {
            let reach = (self.reach)(entry);
            let flat = self.flat.filter(|_| reach == Reach::Whole);
            LogView::read(self.root, entry, reach).flat(flat.and_then(|flat| flat.entry(entry)))
        });
        serializer.collect_seq(views)
    }
}

/// A page of what one sent oneself.
pub(crate) struct OwnLogs<'a> {
    pub(crate) root: &'a str,
    pub(crate) entries: &'a [StoredEntry],
}

impl Serialize for OwnLogs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let views = self
            .entries
            .iter()
            .map(|entry| LogView::own(self.root, entry));
        serializer.collect_seq(views)
    }
}

/// One log entry, or several.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what sillage_domain::parse reads")]
pub(crate) enum NewLogEntries {
    One(NewLogEntry),
    Several(Vec<NewLogEntry>),
}

/// A log entry as it is sent. Members that are not named here belong to the payload.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct NewLogEntry {
    /// A UUID made by the game (v7 is best): an entry sent again is known by it.
    #[schema(format = "uuid", example = "0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10")]
    id: Option<String>,
    /// What the game calls the play session.
    #[schema(value_type = Option<shapes::Name>)]
    session: Option<String>,
    /// The place of the entry in its session.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 9)]
    sequence: Option<i64>,
    /// When it happened, by the clock of the game: ISO 8601 with an offset.
    #[schema(value_type = shapes::Instant)]
    timestamp: String,
    /// What happened.
    #[schema(value_type = shapes::Name, example = "regionDeposer")]
    action: String,
    /// Whatever belongs to it.
    #[schema(value_type = Option<Object>)]
    payload: Option<()>,
    /// When it was sent, by the clock of the game.
    #[schema(value_type = Option<shapes::Instant>)]
    sent_at: Option<String>,
    /// Whose it is, by username: for those who may name participants.
    #[schema(value_type = Option<shapes::Username>)]
    participant: Option<String>,
}

/// A log entry as it is stored.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct LogEntry {
    /// The integer that the server gave it.
    #[schema(example = 1234)]
    number: i64,
    /// Its URL.
    uri: String,
    /// Unique for its participant.
    #[schema(example = "0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10")]
    id: String,
    /// The pseudonym, for those who read the study's data.
    #[schema(example = "P-7QX4-M2K9-T0BC-5")]
    participant: Option<String>,
    /// What the game calls the play session.
    session: Option<String>,
    /// The place of the entry in its session.
    sequence: Option<i64>,
    /// When it happened, by the clock of the game; not of what was deleted.
    #[schema(example = "2024-05-18T10:17:33.109000Z")]
    timestamp: Option<String>,
    /// What happened; not of what was deleted.
    #[schema(example = "regionDeposer")]
    action: Option<String>,
    /// Whatever belongs to it.
    #[schema(value_type = Option<Object>)]
    payload: Option<()>,
    /// When it was sent, by the clock of the game.
    sent_at: Option<String>,
    /// When it arrived, by the clock of the server.
    received_at: String,
    /// `accepted`, or `deleted`: only the tombstone is left.
    #[schema(example = "accepted")]
    status: String,
    /// The version of the study's codebook that it was checked against, if there was one.
    #[schema(example = 3)]
    codebook: Option<i32>,
    /// `true` where the values are amended ones: `history` says what was changed, `raw=true` shows what was sent.
    amended: Option<bool>,
    /// How often it was amended.
    revision: Option<u32>,
    /// `true` where whose it is disputes it.
    disputed: Option<bool>,
}

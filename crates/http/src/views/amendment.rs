//! What was done to entries after they were stored.

use crate::openapi::shapes;
use crate::views::error::ErrorEntry;
use serde::Serialize;
use serde_json::value::RawValue;
use sillage_auth::Reach;
use sillage_domain::{
    Amendment, Burial, EntryId, EntryStatus, LogNumber, Pseudonym, Reason, StoredEntry, Timestamp,
    Username,
};
use std::collections::BTreeMap;
use utoipa::ToSchema;

type Changes = BTreeMap<String, Box<RawValue>>;

/// A correction of an entry.
#[derive(Serialize, ToSchema)]
#[schema(as = Amendment)]
pub(crate) struct AmendmentView<'a> {
    /// Of the entry since then.
    #[schema(example = 1)]
    revision: u32,
    /// When.
    #[schema(value_type = shapes::Instant)]
    amended_at: Timestamp,
    /// Who, as long as there is such an account: for those who may see who runs the study.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "mia")]
    amended_by: Option<&'a Username>,
    /// Why.
    #[schema(value_type = String, example = "the clock of the laptop was an hour late")]
    reason: &'a Reason,
    /// The members that were to be changed; of the payload, those that were named (RFC 7396).
    #[schema(value_type = Object, example = json!({"payload": {"score": 12}}))]
    changes: Changes,
}

impl<'a> AmendmentView<'a> {
    /// `by`: its name, for those who may see it. De-identified, no member of the payload is shown, as in the entry.
    pub(crate) fn new(made: &'a Amendment, by: Option<&'a Username>, reach: Reach) -> Self {
        // It was an object when it was stored.
        let mut changes: Changes = serde_json::from_str(&made.changes).unwrap_or_default();
        if reach != Reach::Whole {
            changes.remove("payload");
        }
        Self {
            revision: made.revision,
            amended_at: made.at,
            amended_by: by,
            reason: &made.reason,
            changes,
        }
    }
}

/// What is left of an entry whose content was deleted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tombstone<'a> {
    /// The integer that the server gave it.
    #[schema(value_type = i64)]
    number: LogNumber,
    /// Its URL.
    uri: String,
    /// Unique for its participant.
    #[schema(value_type = String)]
    id: EntryId,
    /// The pseudonym.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "P-7QX4-M2K9-T0BC-5")]
    participant: Pseudonym,
    /// When it arrived, by the clock of the server.
    #[schema(value_type = shapes::Instant)]
    received_at: Timestamp,
    /// `deleted`.
    #[schema(value_type = String, example = "deleted")]
    status: EntryStatus,
    /// When; not of what was erased with its participant, like what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Instant>)]
    deleted_at: Option<Timestamp>,
    /// By whom, for those who may see who runs the study.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "mia")]
    deleted_by: Option<&'a Username>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "a pilot run")]
    reason: Option<&'a Reason>,
}

impl<'a> Tombstone<'a> {
    pub(crate) fn new(
        root: &str,
        entry: &StoredEntry,
        burial: Option<&'a Burial>,
        by: Option<&'a Username>,
    ) -> Self {
        Self {
            number: entry.number,
            uri: format!("{root}/v1/logs/{}", entry.number),
            id: entry.id,
            participant: entry.pseudonym,
            received_at: entry.received_at,
            status: entry.status,
            deleted_at: burial.map(|burial| burial.at),
            deleted_by: by,
            reason: burial.map(|burial| &burial.reason),
        }
    }
}

fn as_text<S: serde::Serializer>(code: &Pseudonym, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(code)
}

/// An error about an entry whose content was deleted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Gone<'a> {
    /// What is wrong.
    errors: Vec<ErrorEntry>,
    /// What is left.
    entry: Tombstone<'a>,
}

/// What was deleted, or would be.
#[derive(Serialize, ToSchema)]
#[schema(as = LogDeletion)]
pub(crate) struct DeletionView {
    /// `deleted`; `deleting`, where the rest goes by itself; `dry_run`, where nothing was deleted.
    #[schema(example = "deleted")]
    pub(crate) status: &'static str,
    /// How many entries: that are deleted so far, or would be.
    #[schema(example = 412)]
    pub(crate) entries: u64,
}

//! Rows as they are written.

use crate::error::Error;
use crate::schema::{log_entries, quarantine, quarantine_reasons};
use diesel::prelude::*;
use sillage_domain::{ActionName, NewEntry, NewMisfit, Payload, Sequence, SessionName, Timestamp};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = log_entries, treat_none_as_default_value = false)]
pub(super) struct EntryRow<'a> {
    study_id: i64,
    pseudonym: i64,
    entry_id: &'a [u8],
    session: Option<&'a str>,
    sequence: Option<i64>,
    occurred_us: i64,
    sent_us: Option<i64>,
    received_us: i64,
    action: &'a str,
    status: i16,
    payload: Option<&'a str>,
    codebook_version: Option<i32>,
}

impl<'a> EntryRow<'a> {
    pub(super) fn new(entry: &'a NewEntry, received_at: Timestamp) -> Self {
        let content = &entry.content;
        Self {
            study_id: entry.study.0,
            pseudonym: entry.pseudonym.to_i64(),
            entry_id: entry.id.0.as_bytes(),
            session: content.session.as_ref().map(SessionName::as_str),
            sequence: content.sequence.map(Sequence::get),
            occurred_us: content.occurred_at.micros(),
            sent_us: content.sent_at.map(Timestamp::micros),
            received_us: received_at.micros(),
            action: content.action.as_str(),
            status: crate::logs::ACCEPTED,
            payload: content.payload.as_ref().map(Payload::as_str),
            codebook_version: entry.codebook.map(|codebook| codebook.0),
        }
    }
}

/// An entry under the number that it will have: SQLite's are given here. It owns its texts, since only statements that borrow nothing are prepared once.
#[cfg(feature = "sqlite")]
#[derive(Insertable)]
#[diesel(table_name = log_entries, treat_none_as_default_value = false)]
pub(super) struct NumberedEntry {
    number: i64,
    study_id: i64,
    pseudonym: i64,
    entry_id: Vec<u8>,
    session: Option<String>,
    sequence: Option<i64>,
    occurred_us: i64,
    sent_us: Option<i64>,
    received_us: i64,
    action: String,
    status: i16,
    payload: Option<String>,
    codebook_version: Option<i32>,
}

#[cfg(feature = "sqlite")]
impl NumberedEntry {
    pub(super) fn new(number: i64, row: &EntryRow<'_>) -> Self {
        Self {
            number,
            study_id: row.study_id,
            pseudonym: row.pseudonym,
            entry_id: row.entry_id.to_vec(),
            session: row.session.map(str::to_owned),
            sequence: row.sequence,
            occurred_us: row.occurred_us,
            sent_us: row.sent_us,
            received_us: row.received_us,
            action: row.action.to_owned(),
            status: row.status,
            payload: row.payload.map(str::to_owned),
            codebook_version: row.codebook_version,
        }
    }
}

#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = quarantine, treat_none_as_default_value = false)]
pub(super) struct MisfitRow<'a> {
    pub(super) study_id: i64,
    pub(super) pseudonym: Option<i64>,
    pub(super) retry_key: &'a [u8],
    entry_id: Option<&'a [u8]>,
    received_us: i64,
    text: &'a str,
    faults: &'a str,
    codebook_version: Option<i32>,
    action: Option<&'a str>,
}

/// A text on its way into quarantine, with what its row borrows.
pub(super) struct Misfit<'a> {
    pub(super) new: &'a NewMisfit,
    received_at: Timestamp,
    pub(super) retry_key: [u8; 16],
    faults: String,
}

impl<'a> Misfit<'a> {
    pub(super) fn new(new: &'a NewMisfit, received_at: Timestamp) -> Result<Self, Error> {
        let faults =
            serde_json::to_string(&new.misfit.faults).map_err(|e| Error::Damaged(e.to_string()))?;
        let retry_key = new
            .misfit
            .retry_key()
            .unwrap_or_else(|| uuid::Uuid::new_v4().into_bytes());
        Ok(Self {
            new,
            received_at,
            retry_key,
            faults,
        })
    }

    /// What makes it the same as one sent before; `None` where the sender is nobody who plays.
    pub(super) fn key(&self) -> Option<(i64, i64, [u8; 16])> {
        self.new
            .pseudonym
            .map(|pseudonym| (self.new.study.0, pseudonym.to_i64(), self.retry_key))
    }

    /// The rows of its reasons, under the id that the text has.
    pub(super) fn reasons(&self, id: i64) -> impl Iterator<Item = ReasonRow> {
        let faults = self.new.misfit.faults.iter();
        let words: BTreeSet<String> = faults.map(|fault| fault.kind.word()).collect();
        let (study_id, received_us) = (self.new.study.0, self.received_at.micros());
        words.into_iter().map(move |reason| ReasonRow {
            study_id,
            reason,
            quarantine_id: id,
            received_us,
        })
    }

    pub(super) fn row(&self) -> MisfitRow<'_> {
        MisfitRow {
            study_id: self.new.study.0,
            pseudonym: self.new.pseudonym.map(|pseudonym| pseudonym.to_i64()),
            retry_key: &self.retry_key,
            entry_id: self
                .new
                .misfit
                .id
                .as_ref()
                .map(|id| id.0.as_bytes().as_slice()),
            received_us: self.received_at.micros(),
            text: &self.new.misfit.text,
            faults: &self.faults,
            codebook_version: self.new.codebook.map(|codebook| codebook.0),
            action: self.new.action.as_ref().map(ActionName::as_str),
        }
    }
}

/// That a text has a reason among its own.
#[derive(Debug, Insertable)]
#[diesel(table_name = quarantine_reasons, treat_none_as_default_value = false)]
pub(super) struct ReasonRow {
    study_id: i64,
    reason: String,
    quarantine_id: i64,
    received_us: i64,
}

/// A text in quarantine under the id that it will have.
#[cfg(feature = "sqlite")]
#[derive(Insertable)]
#[diesel(table_name = quarantine, treat_none_as_default_value = false)]
pub(super) struct NumberedMisfit<'a> {
    pub(super) id: i64,
    #[diesel(embed)]
    pub(super) row: MisfitRow<'a>,
}

//! A row, and the entry that it holds.

use crate::error::Error;
use crate::schema::log_entries;
use diesel::prelude::*;
use sillage_domain::{
    CodebookVersion, EntryId, EntryStatus, LogNumber, Payload, Pseudonym, Sequence, StoredEntry,
    StudyId, Timestamp,
};
use uuid::Uuid;

/// How the status is written in the table: a number, since SQLite keeps 0 and 1 in no byte.
pub(crate) const ACCEPTED: i16 = 0;
pub(crate) const DELETED: i16 = 1;

/// The number for a status.
pub(super) fn status_number(status: EntryStatus) -> i16 {
    match status {
        EntryStatus::Accepted => ACCEPTED,
        EntryStatus::Deleted => DELETED,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = log_entries)]
pub(crate) struct Row {
    pub(super) number: i64,
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

impl TryFrom<Row> for StoredEntry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("log_entries", row.number, column);
        Ok(Self {
            number: LogNumber(row.number),
            study: StudyId(row.study_id),
            pseudonym: Pseudonym::from_i64(row.pseudonym).map_err(|_| broken("pseudonym"))?,
            id: EntryId(Uuid::from_slice(&row.entry_id).map_err(|_| broken("entry_id"))?),
            action: row.action.parse().map_err(|_| broken("action"))?,
            session: row
                .session
                .map(|text| text.parse())
                .transpose()
                .map_err(|_| broken("session"))?,
            sequence: match row.sequence {
                Some(number) => Some(Sequence::new(number).ok_or_else(|| broken("sequence"))?),
                None => None,
            },
            occurred_at: instant(row.occurred_us)?,
            sent_at: row.sent_us.map(instant).transpose()?,
            received_at: instant(row.received_us)?,
            status: match row.status {
                ACCEPTED => EntryStatus::Accepted,
                DELETED => EntryStatus::Deleted,
                _ => return Err(broken("status")),
            },
            payload: row.payload.map(Payload::from_checked),
            codebook: row.codebook_version.map(CodebookVersion),
            revision: 0,
            disputed: false,
        })
    }
}

/// A column that holds an instant.
pub(crate) fn instant(micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_micros(micros).ok_or_else(|| Error::Damaged(format!("no instant: {micros}")))
}

/// A value that no rule of the domain allows.
pub(crate) fn damaged(table: &str, row: i64, column: &str) -> Error {
    Error::Damaged(format!("{table} {row}: {column}"))
}

//! Rows of the audit log, and what they stand for.

use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::schema::{audit_checkpoints, audit_cuts, audit_records};
use diesel::prelude::*;
use sillage_domain::{
    AuditAction, AuditChain, AuditCheckpoint, AuditCut, AuditEvent, AuditHash, AuditOutcome,
    AuditRecord, AuditReference, AuditRole, NumberedRecord,
};

const TABLE: &str = "audit_records";

#[derive(Insertable)]
#[diesel(table_name = audit_records, treat_none_as_default_value = false)]
pub(super) struct NewRow<'a> {
    chain: &'a [u8],
    sequence: i64,
    at_us: i64,
    actor: Option<&'a [u8]>,
    role: &'static str,
    action: &'static str,
    study: Option<&'a str>,
    subject: Option<&'a [u8]>,
    outcome: &'static str,
    request: Option<&'a str>,
    previous: &'a [u8],
    hash: &'a [u8],
    mac: &'a [u8],
}

impl<'a> NewRow<'a> {
    pub(super) fn of(record: &'a AuditRecord) -> Self {
        let event = &record.event;
        let bytes = |one: &'a AuditReference| one.as_bytes().as_slice();
        Self {
            chain: record.chain.as_bytes(),
            sequence: i64::try_from(record.sequence).unwrap_or(i64::MAX),
            at_us: event.at.micros(),
            actor: event.actor.as_ref().map(bytes),
            role: event.role.as_str(),
            action: event.action.as_str(),
            study: event.study.as_ref().map(|study| study.as_str()),
            subject: event.subject.as_ref().map(bytes),
            outcome: event.outcome.as_str(),
            request: event.request.as_deref(),
            previous: record.previous.as_bytes(),
            hash: record.hash.as_bytes(),
            mac: record.mac.as_bytes(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_records)]
pub(super) struct Row {
    number: i64,
    chain: Vec<u8>,
    sequence: i64,
    at_us: i64,
    actor: Option<Vec<u8>>,
    role: String,
    action: String,
    study: Option<String>,
    subject: Option<Vec<u8>>,
    outcome: String,
    request: Option<String>,
    previous: Vec<u8>,
    hash: Vec<u8>,
    mac: Vec<u8>,
}

pub(super) fn chain(bytes: &[u8], row: i64) -> Result<AuditChain, Error> {
    let bytes = bytes.try_into().map_err(|_| damaged(TABLE, row, "chain"))?;
    Ok(AuditChain::new(bytes))
}

impl TryFrom<Row> for AuditRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged(TABLE, row.number, column);
        let reference = |bytes: Option<&Vec<u8>>, column| match bytes {
            Some(bytes) => {
                let bytes = bytes.as_slice().try_into().map_err(|_| broken(column))?;
                Ok::<_, Error>(Some(AuditReference::new(bytes)))
            }
            None => Ok(None),
        };
        let hash = |bytes: &[u8], column| {
            let bytes = bytes.try_into().map_err(|_| broken(column))?;
            Ok::<_, Error>(AuditHash::new(bytes))
        };
        let study = row.study.as_deref().map(str::parse).transpose();
        Ok(Self {
            chain: chain(&row.chain, row.number)?,
            sequence: u64::try_from(row.sequence).map_err(|_| broken("sequence"))?,
            event: AuditEvent {
                at: instant(row.at_us)?,
                actor: reference(row.actor.as_ref(), "actor")?,
                role: AuditRole::from_word(&row.role).ok_or_else(|| broken("role"))?,
                action: AuditAction::from_word(&row.action).ok_or_else(|| broken("action"))?,
                study: study.map_err(|_| broken("study"))?,
                subject: reference(row.subject.as_ref(), "subject")?,
                outcome: AuditOutcome::from_word(&row.outcome).ok_or_else(|| broken("outcome"))?,
                request: row.request.clone(),
            },
            previous: hash(&row.previous, "previous")?,
            hash: hash(&row.hash, "hash")?,
            mac: hash(&row.mac, "mac")?,
        })
    }
}

impl TryFrom<Row> for NumberedRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            number: row.number,
            record: row.try_into()?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = audit_checkpoints)]
pub(super) struct CheckpointRow {
    pub(super) chain: Vec<u8>,
    sequence: i64,
    hash: Vec<u8>,
    at_us: i64,
    mac: Vec<u8>,
}

impl CheckpointRow {
    pub(super) fn of(one: &AuditCheckpoint) -> Self {
        Self {
            chain: one.chain.as_bytes().to_vec(),
            sequence: i64::try_from(one.sequence).unwrap_or(i64::MAX),
            hash: one.hash.as_bytes().to_vec(),
            at_us: one.at.micros(),
            mac: one.mac.as_bytes().to_vec(),
        }
    }

    pub(super) fn checkpoint(&self) -> Result<AuditCheckpoint, Error> {
        let broken = |column| damaged("audit_checkpoints", self.sequence, column);
        let hash = |bytes: &[u8], column| {
            let bytes = bytes.try_into().map_err(|_| broken(column))?;
            Ok::<_, Error>(AuditHash::new(bytes))
        };
        Ok(AuditCheckpoint {
            chain: chain(&self.chain, 0)?,
            sequence: u64::try_from(self.sequence).map_err(|_| broken("sequence"))?,
            hash: hash(&self.hash, "hash")?,
            at: instant(self.at_us)?,
            mac: hash(&self.mac, "mac")?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = audit_cuts)]
pub(super) struct CutRow {
    pub(super) chain: Vec<u8>,
    sequence: i64,
    hash: Vec<u8>,
    at_us: i64,
    mac: Vec<u8>,
}

impl CutRow {
    pub(super) fn of(cut: &AuditCut) -> Self {
        let row = CheckpointRow::of(&cut.0);
        Self {
            chain: row.chain,
            sequence: row.sequence,
            hash: row.hash,
            at_us: row.at_us,
            mac: row.mac,
        }
    }

    pub(super) fn cut(self) -> Result<AuditCut, Error> {
        let row = CheckpointRow {
            chain: self.chain,
            sequence: self.sequence,
            hash: self.hash,
            at_us: self.at_us,
            mac: self.mac,
        };
        Ok(AuditCut(row.checkpoint()?))
    }
}

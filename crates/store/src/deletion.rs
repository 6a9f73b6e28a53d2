//! Studies, deleted in short transactions.

use crate::connection::Conn;
use crate::counters::{Change, count};
use crate::erasure::{forget, of_accounts, write_down};
use crate::error::{Cause, Error};
use crate::logs::DELETED;
use crate::schema::{accounts, log_entries, quarantine, studies, study_counters, study_members};
use crate::server;
use crate::store::Store;
use crate::vault;
use diesel::prelude::*;
use sillage_domain::{
    Deleted, DeletionError, DeletionStore, Erased, ErasureLedger, ErasureRecord, Extent, Holdings,
    StoreError, StudyId, StudySalt, StudyStatus, Timestamp,
};

/// Rows of one transaction: some tens of milliseconds.
const ACCOUNTS: i64 = 500;
const TEXTS: i64 = 500;
const ENTRIES: i64 = 1000;

fn holdings(conn: &mut Conn, study: StudyId) -> Result<Holdings, Error> {
    let counts = crate::logs::counted(conn, study)?;
    let participants: i64 = accounts::table
        .filter(accounts::study_id.eq(study.0))
        .count()
        .get_result(conn)?;
    Ok(Holdings {
        entries: counts.entries + counts.deleted,
        quarantined: counts.quarantined,
        participants: participants.unsigned_abs(),
    })
}

/// One part. Where something was added that the study's row can't be deleted under, it is looked at again.
fn part(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    study: StudyId,
    extent: Extent,
) -> Result<Deleted, Error> {
    match one_part(conn, ledger, study, extent) {
        Err(error) if matches!(error, Error::Sql(_)) && error.cause() == Cause::Missing => {
            Err(Error::Race)
        }
        done => done,
    }
}

fn one_part(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    study: StudyId,
    extent: Extent,
) -> Result<Deleted, Error> {
    let refuse = |refusal| Err(Error::Deletion(Box::new(refusal)));
    // Whoever changes the study at the same time waits, and finds it changed.
    let touched = diesel::update(studies::table.find(study.0))
        .set(studies::revision.eq(studies::revision + 1))
        .execute(conn)?;
    if touched == 0 {
        return Err(Error::NotFound);
    }
    let status: String = studies::table
        .find(study.0)
        .select(studies::status)
        .first(conn)?;
    let status = StudyStatus::from_word(&status)
        .ok_or_else(|| crate::logs::damaged("studies", study.0, "status"))?;
    match (extent, status) {
        (_, StudyStatus::Archived) | (Extent::Empty, StudyStatus::Draft) => {}
        _ => return refuse(DeletionError::Status(status)),
    }
    if extent == Extent::Empty {
        let held = holdings(conn, study)?;
        if !held.is_empty() {
            return refuse(DeletionError::NotEmpty(held));
        }
    }
    if remove_accounts(conn, ledger, study)?
        || remove_texts(conn, study)?
        || remove_entries(conn, study)?
    {
        return Ok(Deleted::Part);
    }
    diesel::delete(study_members::table.filter(study_members::study_id.eq(study.0)))
        .execute(conn)?;
    diesel::delete(study_counters::table.filter(study_counters::study_id.eq(study.0)))
        .execute(conn)?;
    // Its clients, with the log-ins through them, and what is kept of its participants go with it.
    let record = record_of(conn, ledger, study)?;
    diesel::delete(studies::table.find(study.0)).execute(conn)?;
    // Its changes are no longer counted, so that the same count would come again.
    server::renew_epoch(conn)?;
    write_down(conn, ledger, record.as_slice())?;
    Ok(Deleted::All)
}

/// What is written down of the study.
fn record_of(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    study: StudyId,
) -> Result<Option<ErasureRecord>, Error> {
    let Some(ledger) = ledger else {
        return Ok(None);
    };
    let salt: Vec<u8> = studies::table
        .find(study.0)
        .select(studies::salt)
        .first(conn)?;
    let salt: [u8; 32] = salt
        .try_into()
        .map_err(|_| crate::logs::damaged("studies", study.0, "salt"))?;
    let code = ledger.study(&StudySalt::new(salt));
    Ok(Some(ErasureRecord::new(
        code,
        Erased::Study,
        Timestamp::now(),
    )))
}

/// Deletes some of the accounts; `false` if there was none.
fn remove_accounts(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    study: StudyId,
) -> Result<bool, Error> {
    let ids: Vec<i64> = accounts::table
        .filter(accounts::study_id.eq(study.0))
        .order(accounts::number)
        .limit(ACCOUNTS)
        .select(accounts::id)
        .load(conn)?;
    let records = of_accounts(conn, ledger, &ids, Erased::Erase, Timestamp::now())?;
    vault::forget_identities(conn, &ids)?;
    diesel::delete(accounts::table.filter(accounts::id.eq_any(&ids))).execute(conn)?;
    write_down(conn, ledger, &records)?;
    Ok(!ids.is_empty())
}

fn remove_texts(conn: &mut Conn, study: StudyId) -> Result<bool, Error> {
    let ids: Vec<i64> = quarantine::table
        .filter(quarantine::study_id.eq(study.0))
        .order(quarantine::id)
        .limit(TEXTS)
        .select(quarantine::id)
        .load(conn)?;
    diesel::delete(quarantine::table.filter(quarantine::id.eq_any(&ids))).execute(conn)?;
    let gone = ids.len() as i64;
    count(
        conn,
        study,
        Change {
            quarantined: -gone,
            changes: gone,
            ..Change::default()
        },
    )?;
    Ok(!ids.is_empty())
}

fn remove_entries(conn: &mut Conn, study: StudyId) -> Result<bool, Error> {
    let found: Vec<(i64, i16)> = log_entries::table
        .filter(log_entries::study_id.eq(study.0))
        .order(log_entries::number)
        .limit(ENTRIES)
        .select((log_entries::number, log_entries::status))
        .load(conn)?;
    if found.is_empty() {
        return Ok(false);
    }
    let numbers = found.iter().map(|(number, _)| *number);
    diesel::delete(log_entries::table.filter(log_entries::number.eq_any(numbers))).execute(conn)?;
    let tombstones = found.iter().filter(|(_, status)| *status == DELETED);
    let gone = found.len() as i64;
    count(
        conn,
        study,
        Change {
            entries: -gone,
            deleted: -(tombstones.count() as i64),
            changes: gone,
            ..Change::default()
        },
    )?;
    // What a node knows about places in lists is no longer true.
    server::renew_epoch(conn)?;
    Ok(true)
}

impl DeletionStore for Store {
    fn holdings(&self, study: StudyId) -> Result<Holdings, StoreError> {
        Ok(holdings(&mut *self.db.reader()?, study)?)
    }

    fn delete_study(&self, study: StudyId, extent: Extent) -> Result<Deleted, DeletionError> {
        let removed = self
            .db
            .write(|conn| part(conn, self.db.ledger(), study, extent))?;
        if removed == Deleted::All {
            forget(&self.db);
        }
        Ok(removed)
    }
}

//! What is written down of an erasure: in the archive, and in the ledger outside of it.

use crate::connection::Conn;
use crate::error::Error;
use crate::logs::damaged;
use crate::schema::{accounts, erasure_records, server_settings};
use crate::server::{self, LEDGER};
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    Erased, ErasureCode, ErasureLedger, ErasureRecord, ErasureRecordStore, StoreError, SubjectId,
    Timestamp,
};
use std::collections::HashSet;

/// Codes in one statement.
const SLICE: usize = 500;

/// The records of these accounts, which the caller is about to delete; none without a ledger.
pub(crate) fn of_accounts(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    ids: &[i64],
    what: Erased,
    now: Timestamp,
) -> Result<Vec<ErasureRecord>, Error> {
    let Some(ledger) = ledger else {
        return Ok(Vec::new());
    };
    let subjects: Vec<(i64, Vec<u8>)> = accounts::table
        .filter(accounts::id.eq_any(ids.iter().copied()))
        .select((accounts::id, accounts::subject))
        .load(conn)?;
    let record = |(id, subject): (i64, Vec<u8>)| {
        let subject: [u8; 16] = subject
            .try_into()
            .map_err(|_| damaged("accounts", id, "subject"))?;
        let code = ledger.account(&SubjectId::new(subject));
        Ok(ErasureRecord::new(code, what, now))
    };
    subjects.into_iter().map(record).collect()
}

/// Writes them down; to be called last in the transaction that erases. Once they are in the ledger, nothing but the commit may fail: whoever is
/// in the ledger is erased at the next start, if not now.
pub(crate) fn write_down(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    records: &[ErasureRecord],
) -> Result<(), Error> {
    keep(conn, records)?;
    match ledger {
        Some(ledger) if !records.is_empty() => ledger.append(records).map_err(Error::Ledger),
        _ => Ok(()),
    }
}

fn keep(conn: &mut Conn, records: &[ErasureRecord]) -> Result<(), Error> {
    for slice in records.chunks(SLICE) {
        let codes = slice.iter().map(|one| one.code.as_bytes().as_slice());
        let known: Vec<Vec<u8>> = erasure_records::table
            .filter(erasure_records::code.eq_any(codes))
            .select(erasure_records::code)
            .load(conn)?;
        let mut known: HashSet<Vec<u8>> = known.into_iter().collect();
        for one in slice {
            if !known.insert(one.code.as_bytes().to_vec()) {
                continue;
            }
            let row = (
                erasure_records::code.eq(one.code.as_bytes().as_slice()),
                erasure_records::what.eq(one.what.as_str()),
                erasure_records::day.eq(one.day),
            );
            diesel::insert_into(erasure_records::table)
                .values(row)
                .execute(conn)?;
        }
    }
    Ok(())
}

fn all(conn: &mut Conn) -> Result<Vec<ErasureRecord>, Error> {
    let rows: Vec<(Vec<u8>, String, i32)> = erasure_records::table
        .order(erasure_records::code)
        .load(conn)?;
    let broken = |column| damaged("erasure_records", 0, column);
    let record = |(code, what, day): (Vec<u8>, String, i32)| {
        Ok(ErasureRecord {
            code: ErasureCode::new(code.try_into().map_err(|_| broken("code"))?),
            what: Erased::from_word(&what).ok_or_else(|| broken("what"))?,
            day,
        })
    };
    rows.into_iter().map(record).collect()
}

impl ErasureRecordStore for Store {
    fn claim_ledger(&self, id: &str) -> Result<String, StoreError> {
        Ok(self.db.write(|conn| server::claim(conn, LEDGER, id))?)
    }

    fn ledger(&self) -> Result<Option<String>, StoreError> {
        Ok(server::setting(&mut *self.db.reader()?, LEDGER)?)
    }

    fn change_ledger(&self, id: &str) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| {
            server::claim(conn, LEDGER, id)?;
            diesel::update(server_settings::table.find(LEDGER))
                .set(server_settings::value.eq(id))
                .execute(conn)?;
            Ok(())
        })?)
    }

    fn erasure_records(&self) -> Result<Vec<ErasureRecord>, StoreError> {
        Ok(all(&mut *self.db.reader()?)?)
    }

    fn keep_erasure_records(&self, records: &[ErasureRecord]) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| keep(conn, records))?)
    }
}

//! Taking people out: the account at once, what it did in short transactions after that.

mod among;
mod record;
mod sweeper;
mod wipe;

pub(crate) use among::{Person, among};
pub(crate) use record::{of_accounts, write_down};
pub(crate) use sweeper::Sweeper;

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect;
use crate::error::Error;
use crate::schema::{accounts, consents, erasures, grants, study_members};
use crate::store::Store;
use crate::tombstones;
use crate::vault;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Belongings, Erased, Erasure, ErasureLedger, ErasureStore, Pseudonym, StoreError,
    StudyId, Timestamp, Traces,
};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long after the first look the second comes; each takes twice as long to come as the one before.
const FIRST_PAUSE_US: i64 = 10_000_000;
/// How often all is looked through before an erasure is over: for about a day.
const LOOKS: i16 = 14;

/// Deletes the account's row and what refers to it, and writes that down; the caller's transaction commits, and does nothing else after this.
pub(crate) fn unlink(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    account: AccountId,
    what: Erased,
) -> Result<(), Error> {
    let records = of_accounts(conn, ledger, &[account.0], what, Timestamp::now())?;
    vault::forget_identities(conn, &[account.0])?;
    diesel::delete(study_members::table.filter(study_members::account_id.eq(account.0)))
        .execute(conn)?;
    match diesel::delete(accounts::table.find(account.0)).execute(conn)? {
        0 => Err(Error::NotFound),
        _ => write_down(conn, ledger, &records),
    }
}

/// Orders what stands under the pseudonym to be erased; what was consented to, at once.
fn order(conn: &mut Conn, traces: Traces, now: Timestamp) -> Result<(), Error> {
    let key = (traces.study.0, traces.pseudonym.to_i64());
    diesel::delete(consents::table.find(key)).execute(conn)?;
    diesel::delete(erasures::table.find(key)).execute(conn)?;
    let row = (
        erasures::study_id.eq(key.0),
        erasures::pseudonym.eq(key.1),
        erasures::looks.eq(0),
        erasures::next_us.eq(now.micros()),
    );
    diesel::insert_into(erasures::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

/// An erasure that is not over.
struct Begun {
    traces: Traces,
    looks: i16,
}

/// Those that are to be looked at by now.
fn due(conn: &mut Conn, now: Timestamp) -> Result<Vec<Begun>, Error> {
    let rows: Vec<(i64, i64, i16)> = erasures::table
        .filter(erasures::next_us.le(now.micros()))
        .order((erasures::study_id, erasures::pseudonym))
        .select((erasures::study_id, erasures::pseudonym, erasures::looks))
        .load(conn)?;
    let begun = |(study, pseudonym, looks)| {
        Ok(Begun {
            traces: Traces {
                study: StudyId(study),
                pseudonym: Pseudonym::from_i64(pseudonym)
                    .map_err(|_| crate::logs::damaged("erasures", study, "pseudonym"))?,
            },
            looks,
        })
    };
    rows.into_iter().map(begun).collect()
}

/// Looks through all that stands under the pseudonym, while `go_on` says so, and says when that is to be done again.
fn look(
    db: &Database,
    begun: &Begun,
    now: Timestamp,
    go_on: &dyn Fn() -> bool,
) -> Result<Erasure, Error> {
    if !wipe::all(db, begun.traces, go_on)? {
        return Ok(Erasure::Continues);
    }
    let looks = begun.looks + 1;
    let pause = FIRST_PAUSE_US << begun.looks.clamp(0, LOOKS);
    db.write(|conn| {
        // Another server that looked at the same time has said so already.
        let as_seen = erasures::table
            .find((begun.traces.study.0, begun.traces.pseudonym.to_i64()))
            .filter(erasures::looks.eq(begun.looks));
        if looks >= LOOKS {
            diesel::delete(as_seen).execute(conn)?;
        } else {
            let next = now.micros().saturating_add(pause);
            diesel::update(as_seen)
                .set((erasures::looks.eq(looks), erasures::next_us.eq(next)))
                .execute(conn)?;
        }
        Ok(())
    })?;
    Ok(Erasure::Done)
}

fn belongings(
    conn: &mut Conn,
    account: AccountId,
    traces: Option<Traces>,
) -> Result<Belongings, Error> {
    let there: i64 = accounts::table
        .filter(accounts::id.eq(account.0))
        .count()
        .get_result(conn)?;
    if there == 0 {
        return Err(Error::NotFound);
    }
    let log_ins: i64 = grants::table
        .filter(grants::account_id.eq(account.0))
        .count()
        .get_result(conn)?;
    let memberships: i64 = study_members::table
        .filter(study_members::account_id.eq(account.0))
        .count()
        .get_result(conn)?;
    let (entries, quarantined) = match traces {
        Some(traces) => wipe::count(conn, traces)?,
        None => (0, 0),
    };
    Ok(Belongings {
        log_ins: log_ins.unsigned_abs(),
        memberships: memberships.unsigned_abs(),
        entries,
        quarantined,
    })
}

/// Whatever is due, while `go_on` says so.
fn sweep(db: &Database, now: Timestamp, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
    let due = due(&mut *db.reader()?, now)?;
    for begun in due.iter().take_while(|_| go_on()) {
        look(db, begun, now, go_on)?;
    }
    let buried = tombstones::go_on(db, now, go_on)?;
    if !due.is_empty() || buried || db.to_forget.load(Ordering::Relaxed) {
        forget(db);
    }
    Ok(())
}

/// How often emptying the log of writes is tried before the sweeper tries again, and how long between.
const TRIES: u32 = 5;
const BETWEEN: Duration = Duration::from_millis(50);

/// Takes what was deleted out of SQLite's log of writes too; gives whether that was done. It can't be while somebody reads what was before: then
/// the sweeper does it.
pub(crate) fn forget(db: &Database) -> bool {
    for _ in 0..TRIES {
        // Whatever is deleted after this asks for it again.
        db.to_forget.store(false, Ordering::Relaxed);
        let emptied = db
            .connection_to_write()
            .and_then(|mut conn| db.alone(|| Ok(dialect::empty_log(&mut conn)?)));
        match emptied {
            Ok(true) => return true,
            Ok(false) => tracing::debug!("somebody reads what stands in the log of writes"),
            Err(error) => tracing::debug!(%error, "the log of writes was not emptied"),
        }
        db.to_forget.store(true, Ordering::Relaxed);
        std::thread::sleep(BETWEEN);
    }
    false
}

/// How far an erasure has come whose rows are gone.
fn forgotten(db: &Database) -> Erasure {
    match forget(db) {
        true => Erasure::Done,
        false => Erasure::Continues,
    }
}

impl ErasureStore for Store {
    fn unlink(&self, account: AccountId) -> Result<Erasure, StoreError> {
        let ledger = self.db.ledger();
        self.db
            .write(|conn| unlink(conn, ledger, account, Erased::Anonymise))?;
        Ok(forgotten(&self.db))
    }

    fn erase(
        &self,
        account: AccountId,
        traces: &[Traces],
        now: Timestamp,
        within: Duration,
    ) -> Result<Erasure, StoreError> {
        self.db.write(|conn| {
            dialect::wait_for_writers(conn)?;
            for one in traces {
                order(conn, *one, now)?;
            }
            unlink(conn, self.db.ledger(), account, Erased::Erase)
        })?;
        let end = Instant::now() + within;
        let mut erasure = Erasure::Done;
        for &traces in traces {
            let begun = Begun { traces, looks: 0 };
            match look(&self.db, &begun, now, &|| Instant::now() < end) {
                Ok(Erasure::Done) => {}
                Ok(Erasure::Continues) => erasure = Erasure::Continues,
                Err(error) => {
                    // The order stands: whoever sweeps next goes on with it.
                    tracing::warn!(%error, "an erasure was interrupted; it is gone on with");
                    erasure = Erasure::Continues;
                }
            }
        }
        match forgotten(&self.db) {
            Erasure::Continues => Ok(Erasure::Continues),
            Erasure::Done => Ok(erasure),
        }
    }

    fn belongings(
        &self,
        account: AccountId,
        traces: Option<Traces>,
    ) -> Result<Belongings, StoreError> {
        Ok(belongings(&mut *self.db.reader()?, account, traces)?)
    }

    fn bytes_stay(&self) -> Result<Option<String>, StoreError> {
        let why = dialect::why_bytes_stay(&mut *self.db.reader()?);
        Ok(why.map_err(Error::from)?)
    }

    fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        Ok(sweep(&self.db, now, &|| true)?)
    }
}

#[cfg(test)]
mod tests;

//! Taking people out: the account at once, what it did in short transactions after that.

mod sweeper;
mod wipe;

pub(crate) use sweeper::Sweeper;

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect;
use crate::error::Error;
use crate::schema::{accounts, consents, erasures, study_members};
use crate::store::Store;
use crate::tombstones;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Erasure, ErasureStore, Pseudonym, StoreError, StudyId, Timestamp, Traces,
};
use std::time::{Duration, Instant};

/// How long after the first look the second comes; each takes twice as long to come as the one before.
const FIRST_PAUSE_US: i64 = 10_000_000;
/// How often all is looked through before an erasure is over: for about a day.
const LOOKS: i16 = 14;

/// Deletes the account's row and what refers to it; the caller's transaction commits.
fn unlink(conn: &mut Conn, account: AccountId) -> Result<(), Error> {
    diesel::delete(study_members::table.filter(study_members::account_id.eq(account.0)))
        .execute(conn)?;
    match diesel::delete(accounts::table.find(account.0)).execute(conn)? {
        0 => Err(Error::NotFound),
        _ => Ok(()),
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

/// Whatever is due, while `go_on` says so.
fn sweep(db: &Database, now: Timestamp, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
    let due = due(&mut *db.reader()?, now)?;
    for begun in due.iter().take_while(|_| go_on()) {
        look(db, begun, now, go_on)?;
    }
    let buried = tombstones::go_on(db, now, go_on)?;
    if !due.is_empty() || buried {
        forget(db);
    }
    Ok(())
}

/// Takes what was deleted out of SQLite's log of writes too. That waits for readers; where one takes long, the log is overwritten later.
pub(crate) fn forget(db: &Database) {
    let emptied = db
        .connection_to_write()
        .and_then(|mut conn| db.alone(|| Ok(dialect::empty_log(&mut conn)?)));
    if let Err(error) = emptied {
        tracing::debug!(%error, "the log of writes was not emptied");
    }
}

impl ErasureStore for Store {
    fn unlink(&self, account: AccountId) -> Result<(), StoreError> {
        self.db.write(|conn| unlink(conn, account))?;
        forget(&self.db);
        Ok(())
    }

    fn erase(
        &self,
        account: AccountId,
        traces: &[Traces],
        now: Timestamp,
        within: Duration,
    ) -> Result<Erasure, StoreError> {
        self.db.write(|conn| {
            unlink(conn, account)?;
            traces
                .iter()
                .try_for_each(|traces| order(conn, *traces, now))
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
        forget(&self.db);
        Ok(erasure)
    }

    fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        Ok(sweep(&self.db, now, &|| true)?)
    }
}

#[cfg(test)]
mod tests;

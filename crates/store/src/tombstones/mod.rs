//! Deleting entries with a reason: one at once, a session in short transactions.

mod bury;
mod sessions;

pub(crate) use bury::bury;
pub(crate) use sessions::go_on;

use crate::amendments::{hold, revision};
use crate::connection::Conn;
use crate::erasure::forget;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::schema::amendments;
use crate::store::Store;
use bury::Told;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Burial, DeletionOrder, LogFilter, LogNumber, SessionDeletion, SessionName,
    StoreError, StudyId, Timestamp, TombstoneStore,
};
use std::time::Duration;

fn bury_one(
    conn: &mut Conn,
    study: StudyId,
    number: LogNumber,
    seen: Option<u32>,
    told: Told<'_>,
) -> Result<(), Error> {
    if !hold(conn, study, number.0)? {
        return Err(Error::NotFound);
    }
    if let Some(seen) = seen
        && revision(conn, number.0)?.unsigned_abs() != seen
    {
        return Err(Error::Stale);
    }
    bury(conn, study, &[number.0], Some(told)).map(drop)
}

fn burial(conn: &mut Conn, number: LogNumber) -> Result<Option<Burial>, Error> {
    let found: Option<(Option<i64>, i64, String)> = amendments::table
        .filter(amendments::number.eq(number.0))
        .filter(amendments::changes.is_null())
        .select((
            amendments::account_id,
            amendments::made_us,
            amendments::reason,
        ))
        .first(conn)
        .optional()?;
    let Some((account, made, reason)) = found else {
        return Ok(None);
    };
    let reason = reason.parse();
    Ok(Some(Burial {
        reason: reason.map_err(|_| damaged("amendments", number.0, "reason"))?,
        by: account.map(AccountId),
        at: instant(made)?,
    }))
}

impl TombstoneStore for Store {
    fn bury(
        &self,
        study: StudyId,
        number: LogNumber,
        seen: Option<u32>,
        order: &DeletionOrder,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let told = Told {
            by: order.by.map(|account| account.0),
            reason: order.reason.as_str(),
            at_us: now.micros(),
        };
        self.db
            .write(|conn| bury_one(conn, study, number, seen, told))?;
        forget(&self.db);
        Ok(())
    }

    fn bury_session(
        &self,
        study: StudyId,
        session: &SessionName,
        order: &DeletionOrder,
        now: Timestamp,
        within: Duration,
    ) -> Result<SessionDeletion, StoreError> {
        let deleted = sessions::delete(&self.db, study, session, order, now, within)?;
        forget(&self.db);
        Ok(deleted)
    }

    fn count_session(&self, study: StudyId, session: &SessionName) -> Result<u64, StoreError> {
        let filter = LogFilter {
            session: Some(session.clone()),
            ..LogFilter::live()
        };
        let mut conn = self.db.reader()?;
        Ok(crate::logs::how_many(&mut conn, study, &filter)?)
    }

    fn burial(&self, number: LogNumber) -> Result<Option<Burial>, StoreError> {
        Ok(burial(&mut *self.db.reader()?, number)?)
    }
}

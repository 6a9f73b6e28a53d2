//! Taking out of a study what is older than it says, in short transactions; and who of several servers does so.

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::erasure::forget;
use crate::error::Error;
use crate::logs::{how_many, numbers};
use crate::schema::{quarantine, server_settings};
use crate::server;
use crate::store::Store;
use crate::tombstones::bury;
use diesel::prelude::*;
use sillage_domain::{Expired, LogFilter, RetentionStore, StoreError, StudyId, Timestamp};
use std::time::{Duration, Instant};

/// Entries, and quarantined texts, of one transaction.
const ENTRIES: i64 = 500;
const TEXTS: i64 = 100;

fn live_before(before: Timestamp) -> LogFilter {
    LogFilter {
        received_to: Some(before),
        ..LogFilter::live()
    }
}

fn expired(conn: &mut Conn, study: StudyId, before: Timestamp) -> Result<Expired, Error> {
    let texts: i64 = quarantine::table
        .filter(quarantine::study_id.eq(study.0))
        .filter(quarantine::received_us.lt(before.micros()))
        .count()
        .get_result(conn)?;
    Ok(Expired {
        entries: how_many(conn, study, &live_before(before))?,
        quarantined: texts.unsigned_abs(),
    })
}

fn expire(
    db: &Database,
    study: StudyId,
    before: Timestamp,
    within: Duration,
) -> Result<Expired, Error> {
    let end = Instant::now() + within;
    let mut done = Expired::default();
    let (filter, mut from) = (live_before(before), 0);
    while Instant::now() < end {
        let old = numbers(&mut *db.reader()?, study, &filter, (from, None), ENTRIES)?;
        let Some(last) = old.last() else { break };
        done.entries += db.write(|conn| bury(conn, study, &old, None))? as u64;
        from = last + 1;
    }
    while Instant::now() < end {
        let old: Vec<i64> = quarantine::table
            .filter(quarantine::study_id.eq(study.0))
            .filter(quarantine::received_us.lt(before.micros()))
            .order(quarantine::id)
            .limit(TEXTS)
            .select(quarantine::id)
            .load(&mut *db.reader()?)?;
        if old.is_empty() {
            break;
        }
        done.quarantined += db.write(|conn| drop_texts(conn, study, &old))?;
    }
    if !done.is_empty() {
        forget(db);
    }
    Ok(done)
}

fn drop_texts(conn: &mut Conn, study: StudyId, ids: &[i64]) -> Result<u64, Error> {
    let of_these = quarantine::table.filter(quarantine::id.eq_any(ids.iter().copied()));
    let dropped = diesel::delete(of_these).execute(conn)? as i64;
    counters::change(conn, study, dropped, dropped)?;
    Ok(dropped.unsigned_abs())
}

/// The row says until when nobody takes it; of several who find it free, one puts his own in its place.
fn take_round(conn: &mut Conn, name: &str, now: Timestamp, every: Duration) -> Result<bool, Error> {
    let name = format!("round_{name}");
    let seen = server::setting(conn, &name)?;
    let until = |value: &str| {
        value
            .split(' ')
            .next()
            .and_then(|us| us.parse::<i64>().ok())
    };
    if seen
        .as_deref()
        .and_then(until)
        .is_some_and(|until| until > now.micros())
    {
        return Ok(false);
    }
    let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX);
    let next = now.micros().saturating_add(every);
    let mine = format!("{next} {}", uuid::Uuid::new_v4().simple());
    match seen {
        None => Ok(server::claim(conn, &name, &mine)? == mine),
        Some(seen) => {
            let as_seen = server_settings::table
                .find(&name)
                .filter(server_settings::value.eq(seen));
            let taken = diesel::update(as_seen)
                .set(server_settings::value.eq(&mine))
                .execute(conn)?;
            Ok(taken == 1)
        }
    }
}

impl RetentionStore for Store {
    fn expired(&self, study: StudyId, before: Timestamp) -> Result<Expired, StoreError> {
        Ok(expired(&mut *self.db.reader()?, study, before)?)
    }

    fn expire(
        &self,
        study: StudyId,
        before: Timestamp,
        within: Duration,
    ) -> Result<Expired, StoreError> {
        Ok(expire(&self.db, study, before, within)?)
    }

    fn take_round(&self, name: &str, now: Timestamp, every: Duration) -> Result<bool, StoreError> {
        Ok(self.db.write(|conn| take_round(conn, name, now, every))?)
    }
}

//! The content of what stands under a pseudonym, a slice a transaction, so that nobody who writes waits for long.

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::error::Error;
use crate::schema::quarantine;
use crate::tombstones::bury;
use diesel::prelude::*;
use sillage_domain::{LogFilter, Traces};

/// Entries, and quarantined texts, of one transaction.
const ENTRIES: i64 = 500;
const TEXTS: i64 = 100;

/// Erases everything, or until `go_on` says no; gives whether it was everything.
pub(super) fn all(db: &Database, traces: Traces, go_on: &dyn Fn() -> bool) -> Result<bool, Error> {
    let mut from = 0;
    loop {
        let numbers = entries(&mut *db.reader()?, traces, from)?;
        let Some(last) = numbers.last() else { break };
        if !go_on() {
            return Ok(false);
        }
        db.write(|conn| bury(conn, traces.study, &numbers, None))?;
        from = last + 1;
    }
    loop {
        let ids = texts(&mut *db.reader()?, traces)?;
        if ids.is_empty() {
            return Ok(true);
        }
        if !go_on() {
            return Ok(false);
        }
        db.write(|conn| drop_texts(conn, traces, &ids))?;
    }
}

/// How many entries with content there are, and how many texts.
pub(super) fn count(conn: &mut Conn, traces: Traces) -> Result<(u64, u64), Error> {
    let entries = crate::logs::how_many(conn, traces.study, &live(traces))?;
    let texts: i64 = quarantine::table
        .filter(quarantine::study_id.eq(traces.study.0))
        .filter(quarantine::pseudonym.eq(traces.pseudonym.to_i64()))
        .count()
        .get_result(conn)?;
    Ok((entries, texts.unsigned_abs()))
}

fn live(traces: Traces) -> LogFilter {
    LogFilter {
        participant: Some(traces.pseudonym),
        ..LogFilter::live()
    }
}

/// The numbers of the next entries that have content, from that number on.
fn entries(conn: &mut Conn, traces: Traces, from: i64) -> Result<Vec<i64>, Error> {
    crate::logs::numbers(conn, traces.study, &live(traces), (from, None), ENTRIES)
}

fn texts(conn: &mut Conn, traces: Traces) -> Result<Vec<i64>, Error> {
    Ok(quarantine::table
        .filter(quarantine::study_id.eq(traces.study.0))
        .filter(quarantine::pseudonym.eq(traces.pseudonym.to_i64()))
        .limit(TEXTS)
        .select(quarantine::id)
        .load(conn)?)
}

fn drop_texts(conn: &mut Conn, traces: Traces, ids: &[i64]) -> Result<(), Error> {
    let dropped =
        diesel::delete(quarantine::table.filter(quarantine::id.eq_any(ids.iter().copied())))
            .execute(conn)? as i64;
    counters::change(conn, traces.study, dropped, dropped)
}

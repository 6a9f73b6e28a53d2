//! What makes a tombstone of an entry, whoever wants it.

use crate::connection::Conn;
use crate::counters::{Change, count};
use crate::dialect::on_backend;
use crate::error::Error;
use crate::logs::{ACCEPTED, DELETED};
use crate::schema::{amendments, disputes, log_entries};
use diesel::dsl::max;
use diesel::prelude::*;
use sillage_domain::{StudyId, TOMBSTONE_ACTION};
use std::collections::HashMap;

/// Who deleted, why and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) by: Option<i64>,
    pub(crate) reason: &'a str,
    pub(crate) at_us: i64,
}

#[derive(Insertable)]
#[diesel(table_name = amendments, treat_none_as_default_value = false)]
struct NewRow<'a> {
    number: i64,
    revision: i32,
    study_id: i64,
    account_id: Option<i64>,
    made_us: i64,
    reason: &'a str,
    holds: i16,
}

/// Makes tombstones of those of these entries that have content, as [`StoredEntry::tombstone`](sillage_domain::StoredEntry::tombstone) has it, and
/// gives how many. Their amendments and disputes go; what is told of the deletion stands in their place. The caller's transaction commits.
pub(crate) fn bury(
    conn: &mut Conn,
    study: StudyId,
    numbers: &[i64],
    told: Option<Told<'_>>,
) -> Result<usize, Error> {
    let live: Vec<i64> = log_entries::table
        .filter(log_entries::number.eq_any(numbers.iter().copied()))
        .filter(log_entries::status.eq(ACCEPTED))
        .select(log_entries::number)
        .load(conn)?;
    if live.is_empty() {
        return Ok(0);
    }
    let with_content = log_entries::table
        .filter(log_entries::number.eq_any(live.iter().copied()))
        .filter(log_entries::status.eq(ACCEPTED));
    let buried = diesel::update(with_content)
        .set((
            log_entries::action.eq(TOMBSTONE_ACTION),
            log_entries::session.eq(None::<&str>),
            log_entries::sequence.eq(None::<i64>),
            log_entries::occurred_us.eq(log_entries::received_us),
            log_entries::sent_us.eq(None::<i64>),
            log_entries::payload.eq(None::<&str>),
            log_entries::status.eq(DELETED),
        ))
        .execute(conn)?;
    if buried != live.len() {
        // Somebody else buried one meanwhile.
        return Err(Error::Race);
    }
    let of_these = || amendments::table.filter(amendments::number.eq_any(live.iter().copied()));
    let revisions: Vec<(i64, Option<i32>)> = of_these()
        .group_by(amendments::number)
        .select((amendments::number, max(amendments::revision)))
        .load(conn)?;
    if !revisions.is_empty() {
        diesel::delete(of_these()).execute(conn)?;
    }
    let disputed = disputes::table.filter(disputes::number.eq_any(live.iter().copied()));
    diesel::delete(disputed).execute(conn)?;
    if let Some(told) = told {
        tell(conn, study, &live, &revisions.into_iter().collect(), told)?;
    }
    let gone = buried as i64;
    count(
        conn,
        study,
        Change {
            deleted: gone,
            changes: gone,
            ..Change::default()
        },
    )?;
    Ok(buried)
}

fn tell(
    conn: &mut Conn,
    study: StudyId,
    numbers: &[i64],
    revisions: &HashMap<i64, Option<i32>>,
    told: Told<'_>,
) -> Result<(), Error> {
    let last = |number: &i64| revisions.get(number).copied().flatten().unwrap_or(0);
    let row = |number: &i64| NewRow {
        number: *number,
        revision: last(number) + 1,
        study_id: study.0,
        account_id: told.by,
        made_us: told.at_us,
        reason: told.reason,
        holds: 0,
    };
    let rows: Vec<_> = numbers.iter().map(row).collect();
    on_backend!(conn, c => diesel::insert_into(amendments::table).values(&rows).execute(c))?;
    Ok(())
}

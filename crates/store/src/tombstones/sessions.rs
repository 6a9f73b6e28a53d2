//! Sessions, deleted a part a transaction, so that nobody who writes waits for long. The order is kept first: what a crash interrupts is gone on
//! with by the next sweep, on whichever server.

use super::bury::{Told, bury};
use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use crate::logs::{damaged, last_shown, numbers};
use crate::schema::session_deletions;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, DeletionOrder, LogFilter, SessionDeletion, SessionName, StudyId, Timestamp,
};
use std::time::{Duration, Instant};

/// Entries of one transaction.
const PART: i64 = 500;
/// How long an order is left to whoever gave it, in microseconds.
const LEFT_ALONE_US: i64 = 30_000_000;

#[derive(Insertable)]
#[diesel(table_name = session_deletions, treat_none_as_default_value = false)]
struct NewRow<'a> {
    study_id: i64,
    session: &'a str,
    upto: i64,
    account_id: Option<i64>,
    ordered_us: i64,
    reason: &'a str,
}

/// An order as it is kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = session_deletions)]
struct Order {
    id: i64,
    study_id: i64,
    session: String,
    upto: i64,
    account_id: Option<i64>,
    ordered_us: i64,
    reason: String,
}

/// Deletes what there is of the session; for about so long, but a part at least.
pub(super) fn delete(
    db: &Database,
    study: StudyId,
    session: &SessionName,
    order: &DeletionOrder,
    now: Timestamp,
    within: Duration,
) -> Result<SessionDeletion, Error> {
    let end = Instant::now() + within;
    let row = NewRow {
        study_id: study.0,
        session: session.as_str(),
        upto: last_shown(db)?,
        account_id: order.by.map(|AccountId(id)| id),
        ordered_us: now.micros(),
        reason: order.reason.as_str(),
    };
    let order = db.write(|conn| {
        diesel::insert_into(session_deletions::table)
            .values(&row)
            .execute(conn)?;
        // Nobody else's has a greater id, since each is given in its turn; and another one like it would do as well.
        let own = session_deletions::table
            .filter(session_deletions::study_id.eq(row.study_id))
            .filter(session_deletions::session.eq(row.session))
            .order(session_deletions::id.desc());
        Ok(own.select(Order::as_select()).first::<Order>(conn)?)
    })?;
    carry_out(db, &order, &|| Instant::now() < end)
}

/// Goes on with the orders that somebody began and did not end, while `go_on` says so; whether there was any.
pub(crate) fn go_on(
    db: &Database,
    now: Timestamp,
    go_on: &dyn Fn() -> bool,
) -> Result<bool, Error> {
    let orders: Vec<Order> = session_deletions::table
        .filter(session_deletions::ordered_us.le(now.micros().saturating_sub(LEFT_ALONE_US)))
        .order(session_deletions::id)
        .select(Order::as_select())
        .load(&mut *db.reader()?)?;
    for order in orders.iter().take_while(|_| go_on()) {
        carry_out(db, order, go_on)?;
    }
    Ok(!orders.is_empty())
}

fn carry_out(
    db: &Database,
    order: &Order,
    go_on: &dyn Fn() -> bool,
) -> Result<SessionDeletion, Error> {
    let session = order.session.parse();
    let filter = LogFilter {
        session: Some(session.map_err(|_| damaged("session_deletions", order.id, "session"))?),
        ..LogFilter::live()
    };
    let (mut from, mut entries) = (0, 0);
    loop {
        let (buried, last) = db.write(|conn| part(conn, order, &filter, from))?;
        entries += buried as u64;
        let Some(last) = last else {
            return Ok(SessionDeletion {
                entries,
                complete: true,
            });
        };
        if !go_on() {
            return Ok(SessionDeletion {
                entries,
                complete: false,
            });
        }
        from = last + 1;
    }
}

/// Deletes the next entries from that number on, and the order with the last of them. Gives how many, and the number of the last one if there may
/// be more.
fn part(
    conn: &mut Conn,
    order: &Order,
    filter: &LogFilter,
    from: i64,
) -> Result<(usize, Option<i64>), Error> {
    let study = StudyId(order.study_id);
    let next = numbers(conn, study, filter, (from, Some(order.upto)), PART)?;
    let told = Told {
        by: order.account_id,
        reason: &order.reason,
        at_us: order.ordered_us,
    };
    let buried = bury(conn, study, &next, Some(told))?;
    if (next.len() as i64) < PART {
        diesel::delete(session_deletions::table.find(order.id)).execute(conn)?;
        return Ok((buried, None));
    }
    Ok((buried, next.last().copied()))
}

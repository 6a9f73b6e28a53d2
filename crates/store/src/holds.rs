//! What holds the use of entries up: a part of what holds beside the traces, and the histories apart from them.

use crate::connection::Conn;
use crate::consents;
use crate::counters;
use crate::database::Database;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{consents as standing, hold_events, studies};
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    ConsentCode, Hold, HoldChange, HoldEvent, HoldStore, NewHold, PageRequest, Paged, StoreError,
    StudyId, Timestamp,
};

fn record(conn: &mut Conn, study: StudyId, new: &[NewHold], now: Timestamp) -> Result<(), Error> {
    let there: Option<bool> = studies::table
        .find(study.0)
        .select(studies::objected)
        .first(conn)
        .optional()?;
    let objected = there.ok_or(Error::NotFound)?;
    let objects = |one: &NewHold| one.change.hold == Hold::Objection && one.change.is_held;
    // The study's row is written once in its life, and before what it tells of.
    if !objected && new.iter().any(objects) {
        diesel::update(studies::table.find(study.0))
            .set(studies::objected.eq(true))
            .execute(conn)?;
    }
    for one in new {
        if hold(conn, study, one)? {
            remember(conn, study, one, now)?;
            counters::change(conn, study, 1, 0)?;
        }
    }
    Ok(())
}

/// Whether that changes what holds.
fn hold(conn: &mut Conn, study: StudyId, new: &NewHold) -> Result<bool, Error> {
    let key = (study.0, new.pseudonym.to_i64());
    // Whoever decides for the same person at the same time waits.
    let found = diesel::update(standing::table.find(key))
        .set(standing::holds.eq(standing::holds))
        .execute(conn)?;
    let row = standing::table.find(key).select(standing::holds);
    let bits: i16 = match row.first(conn).optional()? {
        Some(bits) => bits,
        None if found == 0 => 0,
        None => return Err(Error::Race),
    };
    let before = consents::holds(study.0, bits)?;
    let mut holds = before;
    holds.set(new.change.hold, new.change.is_held);
    if holds == before {
        return Ok(false);
    }
    let bits = i16::from(holds.bits());
    let updated = diesel::update(standing::table.find(key))
        .set(standing::holds.eq(bits))
        .execute(conn)?;
    if updated == 0 {
        let nothing = 0_i16;
        let row = (
            standing::study_id.eq(key.0),
            standing::pseudonym.eq(key.1),
            standing::collection.eq(nothing),
            standing::research.eq(nothing),
            standing::reuse.eq(nothing),
            standing::publication.eq(nothing),
            standing::holds.eq(bits),
        );
        diesel::insert_into(standing::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(true)
}

fn remember(conn: &mut Conn, study: StudyId, new: &NewHold, now: Timestamp) -> Result<(), Error> {
    let row = (
        hold_events::study_id.eq(study.0),
        hold_events::code.eq(new.code.as_bytes().as_slice()),
        hold_events::hold.eq(new.change.hold.as_str()),
        hold_events::held.eq(new.change.is_held),
        hold_events::on_request.eq(new.change.on_request),
        hold_events::recorded_us.eq(now.micros()),
    );
    diesel::insert_into(hold_events::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = hold_events)]
struct Row {
    id: i64,
    hold: String,
    held: bool,
    on_request: bool,
    recorded_us: i64,
}

impl TryFrom<Row> for HoldEvent {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let hold = Hold::from_word(&row.hold);
        Ok(Self {
            change: HoldChange {
                hold: hold.ok_or_else(|| damaged("hold_events", row.id, "hold"))?,
                is_held: row.held,
                on_request: row.on_request,
            },
            recorded_at: instant(row.recorded_us)?,
        })
    }
}

fn history(
    db: &Database,
    study: StudyId,
    code: &ConsentCode,
    page: &PageRequest,
) -> Result<Paged<HoldEvent>, Error> {
    let of_one = || {
        hold_events::table
            .filter(hold_events::study_id.eq(study.0))
            .filter(hold_events::code.eq(code.as_bytes().as_slice()))
    };
    let mut conn = db.reader()?;
    let total: i64 = of_one().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = of_one()
        .order(hold_events::id.desc())
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, HoldEvent::try_from)
}

impl HoldStore for Store {
    fn record_holds(
        &self,
        study: StudyId,
        new: &[NewHold],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| record(conn, study, new, now))?)
    }

    fn holds(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<HoldEvent>, StoreError> {
        Ok(history(&self.db, study, code, page)?)
    }
}

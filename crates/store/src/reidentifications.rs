//! Requests to tell whose a pseudonym is.

use crate::connection::Conn;
use crate::error::{Cause, Error};
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::reidentifications;
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    ANSWER_HOURS, AccountId, NewReidentification, PageRequest, Paged, Pseudonym, REQUEST_HOURS,
    Reidentification, ReidentificationId, ReidentificationStore, SecondOpinion, StoreError,
    StudyId, Timestamp,
};
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = reidentifications)]
struct Row {
    id: Vec<u8>,
    study_id: i64,
    pseudonym: i64,
    reason: String,
    requested_by: Option<i64>,
    requested_us: i64,
    allowed: Option<bool>,
    decided_by: Option<i64>,
    decided_us: Option<i64>,
    answered_us: Option<i64>,
}

impl TryFrom<Row> for Reidentification {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("reidentifications", row.study_id, column);
        let opinion = match (row.allowed, row.decided_us) {
            (Some(allowed), Some(at)) => Some(SecondOpinion {
                allowed,
                by: row.decided_by.map(AccountId),
                at: instant(at)?,
            }),
            (None, None) => None,
            _ => return Err(broken("allowed")),
        };
        Ok(Self {
            id: ReidentificationId(Uuid::from_slice(&row.id).map_err(|_| broken("id"))?),
            study: StudyId(row.study_id),
            pseudonym: Pseudonym::from_i64(row.pseudonym).map_err(|_| broken("pseudonym"))?,
            reason: row.reason.parse().map_err(|_| broken("reason"))?,
            by: row.requested_by.map(AccountId),
            requested_at: instant(row.requested_us)?,
            opinion,
            answered_at: row.answered_us.map(instant).transpose()?,
        })
    }
}

fn request(conn: &mut Conn, new: &NewReidentification, now: Timestamp) -> Result<(), Error> {
    let row = (
        reidentifications::id.eq(new.id.0.as_bytes().as_slice()),
        reidentifications::study_id.eq(new.study.0),
        reidentifications::pseudonym.eq(new.pseudonym.to_i64()),
        reidentifications::reason.eq(new.reason.as_str()),
        reidentifications::requested_by.eq(Some(new.by.0)),
        reidentifications::requested_us.eq(now.micros()),
    );
    let inserted = diesel::insert_into(reidentifications::table)
        .values(row)
        .execute(conn)
        .map_err(Error::from);
    match inserted {
        Err(error) if error.cause() == Cause::Missing => Err(Error::NotFound),
        done => done.map(drop),
    }
}

/// The conditions are in the statement that changes the row, so that of several who come at once one finds it as it must be.
fn decide(
    conn: &mut Conn,
    id: ReidentificationId,
    allowed: bool,
    by: AccountId,
    now: Timestamp,
) -> Result<(), Error> {
    let earliest = now.plus_seconds(-REQUEST_HOURS * 3600);
    let waits = reidentifications::table
        .find(id.0.as_bytes().as_slice())
        .filter(reidentifications::decided_us.is_null())
        .filter(reidentifications::requested_us.gt(earliest.micros()))
        .filter(reidentifications::requested_by.ne(by.0));
    let found = diesel::update(waits)
        .set((
            reidentifications::allowed.eq(Some(allowed)),
            reidentifications::decided_by.eq(Some(by.0)),
            reidentifications::decided_us.eq(Some(now.micros())),
        ))
        .execute(conn)?;
    changed(found)
}

fn answer(conn: &mut Conn, id: ReidentificationId, now: Timestamp) -> Result<(), Error> {
    let earliest = now.plus_seconds(-ANSWER_HOURS * 3600);
    let waits = reidentifications::table
        .find(id.0.as_bytes().as_slice())
        .filter(reidentifications::allowed.eq(true))
        .filter(reidentifications::decided_us.gt(earliest.micros()))
        .filter(reidentifications::answered_us.is_null());
    let found = diesel::update(waits)
        .set(reidentifications::answered_us.eq(Some(now.micros())))
        .execute(conn)?;
    changed(found)
}

fn changed(found: usize) -> Result<(), Error> {
    if found == 1 {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

fn one(
    conn: &mut Conn,
    study: StudyId,
    id: ReidentificationId,
) -> Result<Option<Reidentification>, Error> {
    let row: Option<Row> = reidentifications::table
        .find(id.0.as_bytes().as_slice())
        .filter(reidentifications::study_id.eq(study.0))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Reidentification::try_from).transpose()
}

fn list(
    conn: &mut Conn,
    study: StudyId,
    page: &PageRequest,
) -> Result<Paged<Reidentification>, Error> {
    let of_study = || reidentifications::table.filter(reidentifications::study_id.eq(study.0));
    let total: i64 = of_study().count().get_result(conn)?;
    let rows: Vec<Row> = of_study()
        .order((
            reidentifications::requested_us.desc(),
            reidentifications::id.desc(),
        ))
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(conn)?;
    paging::paged(total, rows, Reidentification::try_from)
}

impl ReidentificationStore for Store {
    fn request_reidentification(
        &self,
        new: &NewReidentification,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| request(conn, new, now))?)
    }

    fn reidentification(
        &self,
        study: StudyId,
        id: ReidentificationId,
    ) -> Result<Option<Reidentification>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, id)?)
    }

    fn reidentifications(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<Reidentification>, StoreError> {
        Ok(list(&mut *self.db.reader()?, study, page)?)
    }

    fn decide_reidentification(
        &self,
        id: ReidentificationId,
        allowed: bool,
        by: AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| decide(conn, id, allowed, by, now))?)
    }

    fn answer_reidentification(
        &self,
        id: ReidentificationId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| answer(conn, id, now))?)
    }
}

//! Corrections of entries, beside what was sent.

use crate::connection::Conn;
use crate::counters::{Change, count};
use crate::error::Error;
use crate::logs::{ACCEPTED, damaged, instant};
use crate::paging;
use crate::schema::{amendments, log_entries};
use crate::store::Store;
use diesel::dsl::max;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Amended, Amendment, AmendmentStore, LogNumber, NewAmendment, PageRequest, Paged,
    Payload, Sequence, SessionName, StoreError, StudyId, Timestamp,
};

/// Entries that are asked for in one statement.
const SLICE: usize = 500;

/// How often an entry was amended.
pub(crate) fn revision(conn: &mut Conn, number: i64) -> Result<i32, Error> {
    let last: Option<i32> = amendments::table
        .filter(amendments::number.eq(number))
        .select(max(amendments::revision))
        .first(conn)?;
    Ok(last.unwrap_or(0))
}

/// Has whoever changes the same entry at the same time wait; whether there is such an entry with content.
pub(crate) fn hold(conn: &mut Conn, study: StudyId, number: i64) -> Result<bool, Error> {
    let live = log_entries::table
        .filter(log_entries::number.eq(number))
        .filter(log_entries::study_id.eq(study.0))
        .filter(log_entries::status.eq(ACCEPTED));
    let held = diesel::update(live)
        .set(log_entries::status.eq(ACCEPTED))
        .execute(conn)?;
    Ok(held > 0)
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
    changes: Option<&'a str>,
    holds: i16,
    session: Option<&'a str>,
    sequence: Option<i64>,
    occurred_us: Option<i64>,
    action: Option<&'a str>,
    payload: Option<&'a str>,
}

fn amend(conn: &mut Conn, new: &NewAmendment, now: Timestamp) -> Result<(), Error> {
    let entry = &new.entry;
    if !hold(conn, entry.study, entry.number.0)? {
        return Err(Error::NotFound);
    }
    let revision = i32::try_from(entry.revision).map_err(|_| Error::Stale)?;
    if self::revision(conn, entry.number.0)? + 1 != revision {
        return Err(Error::Stale);
    }
    let before = amendments::table
        .filter(amendments::number.eq(entry.number.0))
        .filter(amendments::holds.ne(0));
    diesel::update(before)
        .set(amendments::holds.eq(0))
        .execute(conn)?;
    let row = NewRow {
        number: entry.number.0,
        revision,
        study_id: entry.study.0,
        account_id: new.by.map(|account| account.0),
        made_us: now.micros(),
        reason: new.reason.as_str(),
        changes: Some(&new.changes),
        holds: 1,
        session: entry.session.as_ref().map(SessionName::as_str),
        sequence: entry.sequence.map(Sequence::get),
        occurred_us: Some(entry.occurred_at.micros()),
        action: Some(entry.action.as_str()),
        payload: entry.payload.as_ref().map(Payload::as_str),
    };
    diesel::insert_into(amendments::table)
        .values(row)
        .execute(conn)?;
    let changes = 1;
    count(
        conn,
        entry.study,
        Change {
            changes,
            ..Change::default()
        },
    )
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = amendments)]
struct AmendedRow {
    number: i64,
    revision: i32,
    session: Option<String>,
    sequence: Option<i64>,
    occurred_us: Option<i64>,
    action: Option<String>,
    payload: Option<String>,
}

impl TryFrom<AmendedRow> for Amended {
    type Error = Error;

    fn try_from(row: AmendedRow) -> Result<Self, Error> {
        let broken = |column| damaged("amendments", row.number, column);
        let parsed = row.session.map(|text| text.parse()).transpose();
        let sequence = match row.sequence {
            Some(number) => Some(Sequence::new(number).ok_or_else(|| broken("sequence"))?),
            None => None,
        };
        let action = row.action.and_then(|text| text.parse().ok());
        Ok(Self {
            number: LogNumber(row.number),
            revision: row.revision.unsigned_abs(),
            action: action.ok_or_else(|| broken("action"))?,
            occurred_at: instant(row.occurred_us.ok_or_else(|| broken("occurred_us"))?)?,
            session: parsed.map_err(|_| broken("session"))?,
            sequence,
            payload: row.payload.map(Payload::from_checked),
        })
    }
}

fn amended(conn: &mut Conn, numbers: &[LogNumber]) -> Result<Vec<Amended>, Error> {
    let mut found = Vec::new();
    for slice in numbers.chunks(SLICE) {
        let rows: Vec<AmendedRow> = amendments::table
            .filter(amendments::number.eq_any(slice.iter().map(|number| number.0)))
            .filter(amendments::holds.eq(1))
            .select(AmendedRow::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

fn amended_from(
    conn: &mut Conn,
    study: StudyId,
    from: LogNumber,
    at_most: u32,
) -> Result<Vec<Amended>, Error> {
    let rows: Vec<AmendedRow> = amendments::table
        .filter(amendments::study_id.eq(study.0))
        .filter(amendments::holds.eq(1))
        .filter(amendments::number.ge(from.0))
        .order(amendments::number)
        .limit(at_most.into())
        .select(AmendedRow::as_select())
        .load(conn)?;
    rows.into_iter().map(Amended::try_from).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = amendments)]
struct MadeRow {
    number: i64,
    revision: i32,
    account_id: Option<i64>,
    made_us: i64,
    reason: String,
    changes: Option<String>,
}

impl TryFrom<MadeRow> for Amendment {
    type Error = Error;

    fn try_from(row: MadeRow) -> Result<Self, Error> {
        let broken = |column| damaged("amendments", row.number, column);
        Ok(Self {
            revision: row.revision.unsigned_abs(),
            changes: row.changes.ok_or_else(|| broken("changes"))?.into(),
            reason: row.reason.parse().map_err(|_| broken("reason"))?,
            by: row.account_id.map(AccountId),
            at: instant(row.made_us)?,
        })
    }
}

fn history(
    conn: &mut Conn,
    number: LogNumber,
    page: &PageRequest,
) -> Result<Paged<Amendment>, Error> {
    let made = amendments::table
        .filter(amendments::number.eq(number.0))
        .filter(amendments::changes.is_not_null());
    let total: i64 = made.count().get_result(conn)?;
    let rows: Vec<MadeRow> = made
        .order(amendments::revision)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(MadeRow::as_select())
        .load(conn)?;
    paging::paged(total, rows, Amendment::try_from)
}

impl AmendmentStore for Store {
    fn amend(&self, new: &NewAmendment, now: Timestamp) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| amend(conn, new, now))?)
    }

    fn amended(&self, numbers: &[LogNumber]) -> Result<Vec<Amended>, StoreError> {
        Ok(amended(&mut *self.db.reader()?, numbers)?)
    }

    fn amended_from(
        &self,
        study: StudyId,
        from: LogNumber,
        at_most: u32,
    ) -> Result<Vec<Amended>, StoreError> {
        Ok(amended_from(&mut *self.db.reader()?, study, from, at_most)?)
    }

    fn history(
        &self,
        number: LogNumber,
        page: &PageRequest,
    ) -> Result<Paged<Amendment>, StoreError> {
        Ok(history(&mut *self.db.reader()?, number, page)?)
    }
}

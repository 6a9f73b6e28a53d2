//! Requests that came by letter, and the days by which they must be answered.

use crate::connection::Conn;
use crate::dialect;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{accounts, rights_requests as requests, studies};
use crate::store::Store;
use diesel::dsl::count_star;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Day, NewRightsRequest, PageRequest, Paged, REQUESTS_OF_ONE, RequestId, RequestKind,
    RequestOutcome, RequestStep, RequestStore, RightsRequest, StoreError, StudyId, Timestamp,
    WaitingRequests, answer_by,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = requests)]
struct Row {
    id: i64,
    kind: String,
    account_id: Option<i64>,
    reference: Option<String>,
    received_day: i32,
    due_day: i32,
    prolonged_reason: Option<String>,
    answered_day: Option<i32>,
    outcome: Option<String>,
    recorded_us: i64,
    recorded_by: Option<i64>,
    revision: i64,
}

impl TryFrom<Row> for RightsRequest {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| move || damaged("rights_requests", row.id, column);
        let day = |number, column| Day::from_number(number).ok_or_else(broken(column));
        let answered = match (row.answered_day, row.outcome.as_deref()) {
            (Some(on), Some(word)) => {
                let outcome = RequestOutcome::from_word(word);
                let on = day(on, "answered_day")?;
                Some((on, outcome.ok_or_else(broken("outcome"))?))
            }
            _ => None,
        };
        let reference = row.reference.map(|text| text.parse()).transpose();
        let reason = row.prolonged_reason.map(|text| text.parse()).transpose();
        Ok(Self {
            id: RequestId(row.id),
            kind: RequestKind::from_word(&row.kind).ok_or_else(broken("kind"))?,
            participant: row.account_id.map(AccountId),
            reference: reference.map_err(|_| broken("reference")())?,
            received: day(row.received_day, "received_day")?,
            due: day(row.due_day, "due_day")?,
            prolonged: reason.map_err(|_| broken("prolonged_reason")())?,
            answered,
            recorded_at: instant(row.recorded_us)?,
            recorded_by: row.recorded_by.map(AccountId),
            revision: row.revision,
        })
    }
}

fn is_there(conn: &mut Conn, study: StudyId, account: Option<AccountId>) -> Result<bool, Error> {
    let found: Option<i64> = studies::table
        .find(study.0)
        .select(studies::id)
        .first(conn)
        .optional()?;
    let Some(account) = account else {
        return Ok(found.is_some());
    };
    let known: Option<i64> = accounts::table
        .find(account.0)
        .select(accounts::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some() && known.is_some())
}

fn record(
    conn: &mut Conn,
    study: StudyId,
    new: &NewRightsRequest,
    now: Timestamp,
) -> Result<RightsRequest, Error> {
    if !is_there(conn, study, new.participant)? {
        return Err(Error::NotFound);
    }
    let row = (
        requests::study_id.eq(study.0),
        requests::kind.eq(new.kind.as_str()),
        requests::account_id.eq(new.participant.map(|account| account.0)),
        requests::reference.eq(new.reference.as_ref().map(|text| text.as_str())),
        requests::received_day.eq(new.received.number()),
        requests::due_day.eq(answer_by(new.received).number()),
        requests::recorded_us.eq(now.micros()),
        requests::recorded_by.eq(new.recorded_by.map(|account| account.0)),
        requests::revision.eq(1),
    );
    diesel::insert_into(requests::table)
        .values(row)
        .execute(conn)?;
    let id = RequestId(dialect::last_id(conn)?);
    one(conn, study, id)?.ok_or(Error::Race)
}

fn one(conn: &mut Conn, study: StudyId, id: RequestId) -> Result<Option<RightsRequest>, Error> {
    let row: Option<Row> = requests::table
        .find(id.0)
        .filter(requests::study_id.eq(study.0))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(RightsRequest::try_from).transpose()
}

fn count(conn: &mut Conn, study: StudyId, open: bool) -> Result<i64, Error> {
    let of_study = requests::table.filter(requests::study_id.eq(study.0));
    Ok(match open {
        true => of_study
            .filter(requests::answered_day.is_null())
            .count()
            .get_result(conn)?,
        false => of_study
            .filter(requests::answered_day.is_not_null())
            .count()
            .get_result(conn)?,
    })
}

/// The open ones from an offset on, by their day; or the others, the last received first.
fn slice(
    conn: &mut Conn,
    study: StudyId,
    open: bool,
    offset: i64,
    limit: i64,
) -> Result<Vec<Row>, Error> {
    let of_study = requests::table
        .filter(requests::study_id.eq(study.0))
        .offset(offset)
        .limit(limit)
        .select(Row::as_select());
    Ok(match open {
        true => of_study
            .filter(requests::answered_day.is_null())
            .order((requests::due_day, requests::id))
            .load(conn)?,
        false => of_study
            .filter(requests::answered_day.is_not_null())
            .order((requests::received_day.desc(), requests::id.desc()))
            .load(conn)?,
    })
}

fn list(
    conn: &mut Conn,
    study: StudyId,
    open: Option<bool>,
    page: &PageRequest,
) -> Result<Paged<RightsRequest>, Error> {
    let (mut total, mut rows) = (0, Vec::new());
    let (offset, size) = (paging::offset(page), i64::from(page.size.get()));
    for part in [true, false] {
        if open.is_some_and(|open| open != part) {
            continue;
        }
        let here = count(conn, study, part)?;
        let (skipped, left) = ((offset - total).max(0), size - rows.len() as i64);
        if skipped < here && left > 0 {
            rows.extend(slice(conn, study, part, skipped, left)?);
        }
        total += here;
    }
    paging::paged(total, rows, RightsRequest::try_from)
}

fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<RightsRequest>, Error> {
    let rows: Vec<Row> = requests::table
        .filter(requests::account_id.eq(account.0))
        .order((requests::received_day.desc(), requests::id.desc()))
        .limit(REQUESTS_OF_ONE.into())
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(RightsRequest::try_from).collect()
}

fn step(
    conn: &mut Conn,
    study: StudyId,
    seen: &RightsRequest,
    step: &RequestStep,
) -> Result<RightsRequest, Error> {
    let mut request = one(conn, study, seen.id)?.ok_or(Error::NotFound)?;
    if request.revision != seen.revision {
        return Err(Error::Stale);
    }
    request.step(step);
    let as_seen = requests::table
        .filter(requests::id.eq(seen.id.0))
        .filter(requests::revision.eq(seen.revision));
    let changed = diesel::update(as_seen)
        .set((
            requests::due_day.eq(request.due.number()),
            requests::prolonged_reason.eq(request.prolonged.as_ref().map(|text| text.as_str())),
            requests::answered_day.eq(request.answered.map(|(on, _)| on.number())),
            requests::outcome.eq(request.answered.map(|(_, outcome)| outcome.as_str())),
            requests::revision.eq(request.revision),
        ))
        .execute(conn)?;
    match changed {
        0 => Err(Error::Stale),
        _ => Ok(request),
    }
}

fn waiting(conn: &mut Conn, study: StudyId, today: Day) -> Result<WaitingRequests, Error> {
    let open = requests::table
        .filter(requests::study_id.eq(study.0))
        .filter(requests::answered_day.is_null());
    let all: i64 = open.count().get_result(conn)?;
    let late: i64 = open
        .filter(requests::due_day.lt(today.number()))
        .count()
        .get_result(conn)?;
    Ok(WaitingRequests {
        open: all.unsigned_abs(),
        overdue: late.unsigned_abs(),
    })
}

fn overdue(conn: &mut Conn, today: Day) -> Result<Vec<(StudyId, u64)>, Error> {
    let rows: Vec<(i64, i64)> = requests::table
        .filter(requests::answered_day.is_null())
        .filter(requests::due_day.lt(today.number()))
        .group_by(requests::study_id)
        .order(requests::study_id)
        .select((requests::study_id, count_star()))
        .load(conn)?;
    let of = |(study, count): (i64, i64)| (StudyId(study), count.unsigned_abs());
    Ok(rows.into_iter().map(of).collect())
}

impl RequestStore for Store {
    fn record_request(
        &self,
        study: StudyId,
        new: &NewRightsRequest,
        now: Timestamp,
    ) -> Result<RightsRequest, StoreError> {
        Ok(self.db.write(|conn| record(conn, study, new, now))?)
    }

    fn request(&self, study: StudyId, id: RequestId) -> Result<Option<RightsRequest>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, id)?)
    }

    fn requests(
        &self,
        study: StudyId,
        open: Option<bool>,
        page: &PageRequest,
    ) -> Result<Paged<RightsRequest>, StoreError> {
        Ok(list(&mut *self.db.reader()?, study, open, page)?)
    }

    fn requests_of(&self, account: AccountId) -> Result<Vec<RightsRequest>, StoreError> {
        Ok(of_account(&mut *self.db.reader()?, account)?)
    }

    fn step_request(
        &self,
        study: StudyId,
        seen: &RightsRequest,
        taken: &RequestStep,
    ) -> Result<RightsRequest, StoreError> {
        Ok(self.db.write(|conn| step(conn, study, seen, taken))?)
    }

    fn waiting_requests(&self, study: StudyId, today: Day) -> Result<WaitingRequests, StoreError> {
        Ok(waiting(&mut *self.db.reader()?, study, today)?)
    }

    fn overdue_requests(&self, today: Day) -> Result<Vec<(StudyId, u64)>, StoreError> {
        Ok(overdue(&mut *self.db.reader()?, today)?)
    }
}

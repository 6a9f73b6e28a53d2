//! Disputes of entries, beside what was sent.

use crate::amendments::hold;
use crate::connection::Conn;
use crate::counters;
use crate::error::Error;
use crate::logs::damaged;
use crate::paging;
use crate::schema::{disputes, log_entries};
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    Day, Dispute, DisputeStore, LogNumber, NewDispute, Objections, PageRequest, Paged, Pseudonym,
    Remark, StoreError, StudyId,
};

/// Entries that are asked for in one statement.
const SLICE: usize = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = disputes)]
struct Row {
    number: i64,
    since_day: i32,
    text: Option<String>,
    correction: Option<String>,
    answer: Option<String>,
}

impl TryFrom<Row> for Dispute {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| move || damaged("disputes", row.number, column);
        let remark = |text: Option<String>, column| {
            let parsed = text.map(|text| text.parse::<Remark>()).transpose();
            parsed.map_err(|_| broken(column)())
        };
        Ok(Self {
            number: LogNumber(row.number),
            since: Day::from_number(row.since_day).ok_or_else(broken("since_day"))?,
            said: Objections {
                text: remark(row.text, "text")?,
                correction: row.correction.map(String::into_boxed_str),
            },
            answer: remark(row.answer, "answer")?,
        })
    }
}

fn one(conn: &mut Conn, study: StudyId, number: LogNumber) -> Result<Option<Dispute>, Error> {
    let row: Option<Row> = disputes::table
        .find(number.0)
        .filter(disputes::study_id.eq(study.0))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Dispute::try_from).transpose()
}

fn is_theirs(conn: &mut Conn, number: LogNumber, pseudonym: Pseudonym) -> Result<bool, Error> {
    let whose: Option<i64> = log_entries::table
        .filter(log_entries::number.eq(number.0))
        .select(log_entries::pseudonym)
        .first(conn)
        .optional()?;
    Ok(whose == Some(pseudonym.to_i64()))
}

fn dispute(conn: &mut Conn, new: &NewDispute, today: Day) -> Result<(), Error> {
    if !is_theirs(conn, new.number, new.pseudonym)? || !hold(conn, new.study, new.number.0)? {
        return Err(Error::NotFound);
    }
    let before = one(conn, new.study, new.number)?;
    if before
        .as_ref()
        .is_some_and(|before| before.said == new.said)
    {
        return Ok(());
    }
    let (text, correction) = (
        new.said.text.as_ref().map(Remark::as_str),
        new.said.correction.as_deref(),
    );
    if before.is_some() {
        let set = (
            disputes::text.eq(text),
            disputes::correction.eq(correction),
            disputes::answer.eq(None::<&str>),
        );
        diesel::update(disputes::table.find(new.number.0))
            .set(set)
            .execute(conn)?;
    } else {
        let row = (
            disputes::number.eq(new.number.0),
            disputes::study_id.eq(new.study.0),
            disputes::pseudonym.eq(new.pseudonym.to_i64()),
            disputes::since_day.eq(today.number()),
            disputes::text.eq(text),
            disputes::correction.eq(correction),
        );
        diesel::insert_into(disputes::table)
            .values(row)
            .execute(conn)?;
    }
    counters::change(conn, new.study, 1, 0)
}

fn settle(
    conn: &mut Conn,
    study: StudyId,
    pseudonym: Pseudonym,
    number: LogNumber,
) -> Result<bool, Error> {
    let theirs = disputes::table
        .filter(disputes::number.eq(number.0))
        .filter(disputes::study_id.eq(study.0))
        .filter(disputes::pseudonym.eq(pseudonym.to_i64()));
    let settled = diesel::delete(theirs).execute(conn)? > 0;
    counters::change(conn, study, i64::from(settled), 0)?;
    Ok(settled)
}

fn answer(
    conn: &mut Conn,
    study: StudyId,
    number: LogNumber,
    answer: Option<&Remark>,
) -> Result<(), Error> {
    let of_study = disputes::table
        .filter(disputes::number.eq(number.0))
        .filter(disputes::study_id.eq(study.0));
    let answered = diesel::update(of_study)
        .set(disputes::answer.eq(answer.map(Remark::as_str)))
        .execute(conn)?;
    if answered == 0 {
        return Err(Error::NotFound);
    }
    counters::change(conn, study, 1, 0)
}

fn list(
    conn: &mut Conn,
    study: StudyId,
    pseudonym: Option<Pseudonym>,
    page: &PageRequest,
) -> Result<Paged<Dispute>, Error> {
    let of_study = || {
        let mut query = disputes::table
            .filter(disputes::study_id.eq(study.0))
            .into_boxed();
        if let Some(one) = pseudonym {
            query = query.filter(disputes::pseudonym.eq(one.to_i64()));
        }
        query
    };
    let total: i64 = of_study().count().get_result(conn)?;
    let rows: Vec<Row> = of_study()
        .order(disputes::number)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(conn)?;
    paging::paged(total, rows, Dispute::try_from)
}

fn disputed(conn: &mut Conn, numbers: &[LogNumber]) -> Result<Vec<LogNumber>, Error> {
    let mut found = Vec::new();
    for slice in numbers.chunks(SLICE) {
        let rows: Vec<i64> = disputes::table
            .filter(disputes::number.eq_any(slice.iter().map(|number| number.0)))
            .select(disputes::number)
            .load(conn)?;
        found.extend(rows.into_iter().map(LogNumber));
    }
    Ok(found)
}

fn disputed_from(
    conn: &mut Conn,
    study: StudyId,
    from: LogNumber,
    at_most: u32,
) -> Result<Vec<LogNumber>, Error> {
    let rows: Vec<i64> = disputes::table
        .filter(disputes::study_id.eq(study.0))
        .filter(disputes::number.ge(from.0))
        .order(disputes::number)
        .limit(at_most.into())
        .select(disputes::number)
        .load(conn)?;
    Ok(rows.into_iter().map(LogNumber).collect())
}

fn silence(conn: &mut Conn, study: StudyId, pseudonym: Pseudonym) -> Result<(), Error> {
    let theirs = disputes::table
        .filter(disputes::study_id.eq(study.0))
        .filter(disputes::pseudonym.eq(pseudonym.to_i64()));
    diesel::update(theirs)
        .set((
            disputes::text.eq(None::<&str>),
            disputes::correction.eq(None::<&str>),
            disputes::answer.eq(None::<&str>),
        ))
        .execute(conn)?;
    Ok(())
}

impl DisputeStore for Store {
    fn dispute(&self, new: &NewDispute, today: Day) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| dispute(conn, new, today))?)
    }

    fn settle(
        &self,
        study: StudyId,
        pseudonym: Pseudonym,
        number: LogNumber,
    ) -> Result<bool, StoreError> {
        let settled = self.db.write(|conn| settle(conn, study, pseudonym, number));
        Ok(settled?)
    }

    fn answer_dispute(
        &self,
        study: StudyId,
        number: LogNumber,
        said: Option<&Remark>,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| answer(conn, study, number, said))?)
    }

    fn dispute_of(&self, study: StudyId, number: LogNumber) -> Result<Option<Dispute>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, number)?)
    }

    fn disputes(
        &self,
        study: StudyId,
        pseudonym: Option<Pseudonym>,
        page: &PageRequest,
    ) -> Result<Paged<Dispute>, StoreError> {
        Ok(list(&mut *self.db.reader()?, study, pseudonym, page)?)
    }

    fn disputed(&self, numbers: &[LogNumber]) -> Result<Vec<LogNumber>, StoreError> {
        Ok(disputed(&mut *self.db.reader()?, numbers)?)
    }

    fn disputed_from(
        &self,
        study: StudyId,
        from: LogNumber,
        at_most: u32,
    ) -> Result<Vec<LogNumber>, StoreError> {
        Ok(disputed_from(
            &mut *self.db.reader()?,
            study,
            from,
            at_most,
        )?)
    }

    fn silence(&self, study: StudyId, pseudonym: Pseudonym) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| silence(conn, study, pseudonym))?)
    }
}

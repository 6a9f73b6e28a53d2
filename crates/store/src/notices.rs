//! The information notices of studies.

use crate::connection::Conn;
use crate::database::Database;
use crate::error::{Cause, Error};
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{notices, studies};
use crate::store::Store;
use diesel::dsl::max;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, NewNotice, NoticePut, NoticeStore, NoticeSummary, NoticeVersion, PageRequest, Paged,
    StoreError, StoredNotice, StudyId, Timestamp, in_force,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = notices)]
struct Row {
    study_id: i64,
    version: i32,
    language: String,
    hash: Vec<u8>,
    created_us: i64,
    created_by: Option<i64>,
}

impl TryFrom<Row> for NoticeSummary {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("notices", row.study_id, column);
        Ok(Self {
            version: NoticeVersion(row.version),
            language: row.language,
            hash: row.hash.try_into().map_err(|_| broken("hash"))?,
            created_at: instant(row.created_us)?,
            created_by: row.created_by.map(AccountId),
        })
    }
}

/// Of two who put one at the same time, the key lets one through; the other starts over.
fn put(
    conn: &mut Conn,
    study: StudyId,
    new: &NewNotice,
    seen: Option<Option<NoticeVersion>>,
    now: Timestamp,
) -> Result<NoticePut, Error> {
    let there: Option<i64> = studies::table
        .find(study.0)
        .select(studies::id)
        .first(conn)
        .optional()?;
    there.ok_or(Error::NotFound)?;
    let holds: Option<Row> = notices::table
        .filter(notices::study_id.eq(study.0))
        .filter(notices::language.eq(&new.language))
        .order(notices::version.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let version = holds.as_ref().map(|row| NoticeVersion(row.version));
    if seen.is_some_and(|seen| seen != version) {
        return Err(Error::Stale);
    }
    if let Some(same) = holds.filter(|row| row.hash == new.hash()) {
        return Ok(NoticePut::Same(NoticeVersion(same.version)));
    }
    let last: Option<i32> = notices::table
        .filter(notices::study_id.eq(study.0))
        .select(max(notices::version))
        .first(conn)?;
    let version = last.map_or(1, |last| last + 1);
    keep(conn, study, version, new, now)?;
    Ok(NoticePut::Made(NoticeVersion(version)))
}

fn keep(
    conn: &mut Conn,
    study: StudyId,
    version: i32,
    new: &NewNotice,
    now: Timestamp,
) -> Result<(), Error> {
    let hash = new.hash();
    let insert = |conn: &mut Conn, by: Option<AccountId>| {
        let row = (
            notices::study_id.eq(study.0),
            notices::version.eq(version),
            notices::language.eq(&new.language),
            notices::hash.eq(hash.as_slice()),
            notices::created_us.eq(now.micros()),
            notices::created_by.eq(by.map(|account| account.0)),
            notices::text.eq(&new.text),
        );
        diesel::insert_into(notices::table)
            .values(row)
            .execute(conn)
            .map_err(Error::from)
    };
    match insert(conn, new.by) {
        // Whose it was has been deleted meanwhile.
        Err(error) if error.cause() == Cause::Missing && new.by.is_some() => insert(conn, None),
        done => done,
    }
    .map(drop)
}

fn one(
    conn: &mut Conn,
    study: StudyId,
    version: NoticeVersion,
) -> Result<Option<StoredNotice>, Error> {
    let found = notices::table.find((study.0, version.0));
    let row: Option<(Row, String)> = found
        .select((Row::as_select(), notices::text))
        .first(conn)
        .optional()?;
    row.map(|(row, text)| {
        Ok(StoredNotice {
            summary: row.try_into()?,
            text,
        })
    })
    .transpose()
}

fn all(conn: &mut Conn, study: StudyId) -> Result<Vec<NoticeSummary>, Error> {
    let rows: Vec<Row> = notices::table
        .filter(notices::study_id.eq(study.0))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(NoticeSummary::try_from).collect()
}

fn list(db: &Database, study: StudyId, page: &PageRequest) -> Result<Paged<NoticeSummary>, Error> {
    let of_study = || notices::table.filter(notices::study_id.eq(study.0));
    let mut conn = db.reader()?;
    let total: i64 = of_study().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = of_study()
        .order(notices::version.desc())
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, NoticeSummary::try_from)
}

impl NoticeStore for Store {
    fn put_notice(
        &self,
        study: StudyId,
        new: &NewNotice,
        seen: Option<Option<NoticeVersion>>,
        now: Timestamp,
    ) -> Result<NoticePut, StoreError> {
        Ok(self.db.write(|conn| put(conn, study, new, seen, now))?)
    }

    fn notice(
        &self,
        study: StudyId,
        version: NoticeVersion,
    ) -> Result<Option<StoredNotice>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, version)?)
    }

    fn notices_in_force(&self, study: StudyId) -> Result<Vec<NoticeSummary>, StoreError> {
        Ok(in_force(all(&mut *self.db.reader()?, study)?))
    }

    fn notices(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<NoticeSummary>, StoreError> {
        Ok(list(&self.db, study, page)?)
    }
}

//! The codebooks of studies.

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::error::{Cause, Error};
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{codebooks, studies};
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, CodebookFormat, CodebookPut, CodebookStore, CodebookSummary, CodebookVersion,
    NewCodebook, PageRequest, Paged, StoreError, StoredCodebook, StudyId, Timestamp,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = codebooks)]
struct Row {
    study_id: i64,
    version: i32,
    format: String,
    hash: Vec<u8>,
    created_us: i64,
    created_by: Option<i64>,
}

impl TryFrom<Row> for CodebookSummary {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("codebooks", row.study_id, column);
        Ok(Self {
            version: CodebookVersion(row.version),
            format: CodebookFormat::from_word(&row.format).ok_or_else(|| broken("format"))?,
            hash: row.hash.try_into().map_err(|_| broken("hash"))?,
            created_at: instant(row.created_us)?,
            created_by: row.created_by.map(AccountId),
        })
    }
}

/// Whoever puts one takes the row of the study first, so that they come one after the other.
fn put(
    conn: &mut Conn,
    study: StudyId,
    new: &NewCodebook,
    seen: Option<Option<CodebookVersion>>,
    now: Timestamp,
) -> Result<CodebookPut, Error> {
    let row: Option<(Option<i32>, i64)> = studies::table
        .find(study.0)
        .select((studies::codebook_version, studies::revision))
        .first(conn)
        .optional()?;
    let (last, revision) = row.ok_or(Error::NotFound)?;
    let last = last.map(CodebookVersion);
    if seen.is_some_and(|seen| seen != last) {
        return Err(Error::Stale);
    }
    if let Some(version) = last {
        let hash: Vec<u8> = codebooks::table
            .find((study.0, version.0))
            .select(codebooks::hash)
            .first(conn)?;
        if hash == new.hash {
            return Ok(CodebookPut::Same(version));
        }
    }
    let version = CodebookVersion(last.map_or(1, |last| last.0 + 1));
    let as_seen = studies::table
        .filter(studies::id.eq(study.0))
        .filter(studies::revision.eq(revision));
    let taken = diesel::update(as_seen)
        .set((
            studies::codebook_version.eq(Some(version.0)),
            studies::revision.eq(revision + 1),
        ))
        .execute(conn)?;
    if taken == 0 {
        return Err(Error::Race);
    }
    keep(conn, study, version, new, now)?;
    counters::change(conn, study, 1, 0)?;
    Ok(CodebookPut::Made(version))
}

fn keep(
    conn: &mut Conn,
    study: StudyId,
    version: CodebookVersion,
    new: &NewCodebook,
    now: Timestamp,
) -> Result<(), Error> {
    let row = |by: Option<AccountId>| {
        (
            codebooks::study_id.eq(study.0),
            codebooks::version.eq(version.0),
            codebooks::format.eq(new.format.as_str()),
            codebooks::hash.eq(new.hash.as_slice()),
            codebooks::created_us.eq(now.micros()),
            codebooks::created_by.eq(by.map(|account| account.0)),
            codebooks::text.eq(&new.text),
        )
    };
    let insert = |conn: &mut Conn, by| {
        diesel::insert_into(codebooks::table)
            .values(row(by))
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
    version: CodebookVersion,
) -> Result<Option<StoredCodebook>, Error> {
    let found = codebooks::table.find((study.0, version.0));
    let row: Option<(Row, String)> = found
        .select((Row::as_select(), codebooks::text))
        .first(conn)
        .optional()?;
    row.map(|(row, text)| {
        Ok(StoredCodebook {
            summary: row.try_into()?,
            text,
        })
    })
    .transpose()
}

fn list(
    db: &Database,
    study: StudyId,
    page: &PageRequest,
) -> Result<Paged<CodebookSummary>, Error> {
    let of_study = || codebooks::table.filter(codebooks::study_id.eq(study.0));
    let mut conn = db.reader()?;
    let total: i64 = of_study().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = of_study()
        .order(codebooks::version.desc())
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, CodebookSummary::try_from)
}

impl CodebookStore for Store {
    fn put_codebook(
        &self,
        study: StudyId,
        new: &NewCodebook,
        seen: Option<Option<CodebookVersion>>,
        now: Timestamp,
    ) -> Result<CodebookPut, StoreError> {
        Ok(self.db.write(|conn| put(conn, study, new, seen, now))?)
    }

    fn codebook(
        &self,
        study: StudyId,
        version: CodebookVersion,
    ) -> Result<Option<StoredCodebook>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, version)?)
    }

    fn codebooks(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<CodebookSummary>, StoreError> {
        Ok(list(&self.db, study, page)?)
    }
}

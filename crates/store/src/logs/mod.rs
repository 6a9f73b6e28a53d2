//! Reading log entries.

#[cfg(feature = "sqlite")]
mod filed;
mod keys;
mod marks;
mod page;
mod persons;
mod row;
mod scan;

pub(crate) use marks::Marks;
pub(crate) use persons::purposes;
pub(crate) use row::{ACCEPTED, DELETED, Row, damaged, instant};

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::sum_of;
use crate::error::Error;
use crate::schema::{log_entries, study_counters};
use crate::store::Store;
use crate::{server, visible};
use diesel::dsl::max;
use diesel::prelude::*;
use keys::{Keys, Studies};
use sillage_domain::{
    EntryId, LogFilter, LogNumber, LogOrder, LogPage, LogQuery, LogRevision, LogStore, Pseudonym,
    StoreError, StoredEntry, StudyCounts, StudyId, StudyScope,
};
use std::collections::HashMap;
use std::ops::ControlFlow;

fn entry(
    db: &Database,
    number: LogNumber,
    scope: &StudyScope,
) -> Result<Option<StoredEntry>, Error> {
    let found = log_entries::table.find(number.0);
    let row: Option<Row> = found
        .select(Row::as_select())
        .first(&mut *db.reader()?)
        .optional()?;
    let entry = row.map(StoredEntry::try_from).transpose()?;
    Ok(entry.filter(|entry| scope.covers(entry.study)))
}

fn entry_by_id(
    db: &Database,
    pseudonym: Pseudonym,
    id: EntryId,
) -> Result<Option<StoredEntry>, Error> {
    let found = log_entries::table
        .filter(log_entries::pseudonym.eq(pseudonym.to_i64()))
        .filter(log_entries::entry_id.eq(id.0.as_bytes().as_slice()));
    let row: Option<Row> = found
        .select(Row::as_select())
        .first(&mut *db.reader()?)
        .optional()?;
    row.map(StoredEntry::try_from).transpose()
}

/// The numbers of entries of a study, from one on, up to another if one is given, and in their order, so many at most. Those that are not shown
/// yet are among them.
pub(crate) fn numbers(
    conn: &mut Conn,
    study: StudyId,
    filter: &LogFilter,
    (from, to): (i64, Option<i64>),
    limit: i64,
) -> Result<Vec<i64>, Error> {
    let keys = Keys {
        study: Studies::One(study.0),
        filter,
        persons: None,
        order: LogOrder::Received,
        from: Some(from),
        to,
        by_number: true,
        offset: 0,
        limit,
    };
    let found = keys.load(conn)?;
    Ok(found.into_iter().map(|(_, number)| number).collect())
}

/// So many entries of a study at most, from a number on, up to another if one is given: number, pseudonym, and when it was received.
pub(crate) fn arrivals(
    conn: &mut Conn,
    study: StudyId,
    (from, to): (i64, Option<i64>),
    limit: i64,
) -> Result<Vec<(i64, i64, i64)>, Error> {
    let keys = Keys {
        study: Studies::One(study.0),
        filter: &LogFilter::default(),
        persons: None,
        order: LogOrder::Received,
        from: Some(from),
        to,
        by_number: true,
        offset: 0,
        limit,
    };
    keys.arrivals(conn)
}

/// How many entries of a study the filter chooses.
pub(crate) fn how_many(conn: &mut Conn, study: StudyId, filter: &LogFilter) -> Result<u64, Error> {
    let keys = Keys {
        study: Studies::One(study.0),
        filter,
        persons: None,
        order: LogOrder::Received,
        from: None,
        to: None,
        by_number: true,
        offset: 0,
        limit: 0,
    };
    Ok(keys.count(conn, i64::MAX)?.unsigned_abs())
}

/// The greatest number that is shown; 0 without entries. To be asked outside of a transaction.
pub(crate) fn last_shown(db: &Database) -> Result<i64, Error> {
    let mut conn = db.reader()?;
    if let Some(bound) = visible::bound(&mut conn, db.engine)? {
        return Ok(bound);
    }
    let last: Option<i64> = log_entries::table
        .select(max(log_entries::number))
        .first(&mut *conn)?;
    Ok(last.unwrap_or(0))
}

/// Changes are counted as they are committed, and entries are shown later: those that are not shown yet are not counted yet, or the state would
/// change under one revision.
fn revision(db: &Database, scope: &StudyScope) -> Result<LogRevision, Error> {
    let mut conn = db.reader()?;
    let bound = visible::bound(&mut conn, db.engine)?;
    Database::snapshot(&mut conn, |conn| {
        let counters = study_counters::table
            .select(sum_of!("changes"))
            .into_boxed();
        let changes: i64 = match studies_of(scope) {
            None => counters.first(conn)?,
            Some(studies) => counters
                .filter(study_counters::study_id.eq_any(studies))
                .first(conn)?,
        };
        let changes = changes - hidden(conn, scope, bound)?;
        Ok(LogRevision {
            epoch: server::epoch(conn)?,
            changes,
        })
    })
}

/// How much a study holds, by its counters.
pub(crate) fn counted(conn: &mut Conn, study: StudyId) -> Result<StudyCounts, Error> {
    let (entries, deleted, quarantined): (i64, i64, i64) = study_counters::table
        .filter(study_counters::study_id.eq(study.0))
        .select((
            sum_of!("entries"),
            sum_of!("deleted"),
            sum_of!("quarantined"),
        ))
        .first(conn)?;
    Ok(StudyCounts {
        entries: (entries - deleted).unsigned_abs(),
        deleted: deleted.unsigned_abs(),
        quarantined: quarantined.unsigned_abs(),
    })
}

/// How many entries of these studies are shown, by the counters. Within a snapshot.
fn shown(conn: &mut Conn, scope: &StudyScope, bound: Option<i64>) -> Result<i64, Error> {
    let counters = study_counters::table
        .select(sum_of!("entries"))
        .into_boxed();
    let entries: i64 = match studies_of(scope) {
        None => counters.first(conn)?,
        Some(studies) => counters
            .filter(study_counters::study_id.eq_any(studies))
            .first(conn)?,
    };
    Ok(entries - hidden(conn, scope, bound)?)
}

/// How many tombstones each of these studies has; those that have none are not named.
fn tombstones(conn: &mut Conn, scope: &StudyScope) -> Result<HashMap<i64, i64>, Error> {
    let counters = study_counters::table
        .filter(study_counters::deleted.ne(0))
        .select((study_counters::study_id, study_counters::deleted))
        .into_boxed();
    let rows: Vec<(i64, i64)> = match studies_of(scope) {
        None => counters.load(conn)?,
        Some(studies) => counters
            .filter(study_counters::study_id.eq_any(studies))
            .load(conn)?,
    };
    let mut found = HashMap::new();
    for (study, deleted) in rows {
        *found.entry(study).or_default() += deleted;
    }
    Ok(found)
}

/// How many tombstones of these studies are above the bound.
fn hidden_tombstones(
    conn: &mut Conn,
    scope: &StudyScope,
    bound: Option<i64>,
) -> Result<i64, Error> {
    let Some(bound) = bound else { return Ok(0) };
    let above = log_entries::table
        .filter(log_entries::number.gt(bound))
        .filter(log_entries::status.eq(DELETED))
        .into_boxed();
    Ok(match studies_of(scope) {
        None => above.count().get_result(conn)?,
        Some(studies) => above
            .filter(log_entries::study_id.eq_any(studies))
            .count()
            .get_result(conn)?,
    })
}

/// How many committed entries of these studies are above the bound: at most what other writers write in a moment.
fn hidden(conn: &mut Conn, scope: &StudyScope, bound: Option<i64>) -> Result<i64, Error> {
    let Some(bound) = bound else { return Ok(0) };
    let above = log_entries::table
        .filter(log_entries::number.gt(bound))
        .into_boxed();
    Ok(match studies_of(scope) {
        None => above.count().get_result(conn)?,
        Some(studies) => above
            .filter(log_entries::study_id.eq_any(studies))
            .count()
            .get_result(conn)?,
    })
}

fn studies_of(scope: &StudyScope) -> Option<Vec<i64>> {
    match scope {
        StudyScope::All => None,
        StudyScope::Only(studies) => Some(studies.iter().map(|study| study.0).collect()),
    }
}

impl LogStore for Store {
    fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        Ok(page::page(&self.db, &self.marks, query)?)
    }

    fn entry(
        &self,
        number: LogNumber,
        scope: &StudyScope,
    ) -> Result<Option<StoredEntry>, StoreError> {
        Ok(entry(&self.db, number, scope)?)
    }

    fn entry_by_id(
        &self,
        pseudonym: Pseudonym,
        id: EntryId,
    ) -> Result<Option<StoredEntry>, StoreError> {
        Ok(entry_by_id(&self.db, pseudonym, id)?)
    }

    fn revision(&self, scope: &StudyScope) -> Result<LogRevision, StoreError> {
        Ok(revision(&self.db, scope)?)
    }

    fn scan(
        &self,
        study: StudyId,
        filter: &LogFilter,
        each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        Ok(scan::scan(&self.db, study, filter, each)?)
    }

    fn counts(&self, study: StudyId) -> Result<StudyCounts, StoreError> {
        Ok(counted(&mut *self.db.reader()?, study)?)
    }

    fn ping(&self) -> Result<(), StoreError> {
        let mut conn = self.db.reader()?;
        Ok(server::epoch(&mut conn).map(drop)?)
    }
}

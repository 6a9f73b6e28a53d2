//! The audit log: chains of records that are added and never changed.

mod row;

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::on_backend;
use crate::error::{Cause, Error};
use crate::paging;
use crate::schema::{audit_checkpoints, audit_cuts, audit_records};
use crate::store::Store;
use diesel::prelude::*;
use row::{CheckpointRow, CutRow, NewRow, Row};
use sillage_domain::{
    AuditChain, AuditCheckpoint, AuditCut, AuditFilter, AuditRecord, AuditStore, NumberedRecord,
    PageRequest, Paged, StoreError,
};

/// Records in one statement.
const SLICE: usize = 100;

/// Records that are taken away in one transaction.
const CUT: i64 = 500;

/// A place that is taken is told, and not tried again: what is to stand there has the hash of what stood before it.
fn append(db: &Database, records: &[AuditRecord]) -> Result<(), Error> {
    let rows: Vec<NewRow<'_>> = records.iter().map(NewRow::of).collect();
    let insert = |conn: &mut Conn| {
        for slice in rows.chunks(SLICE) {
            let inserted = on_backend!(conn, c => diesel::insert_into(audit_records::table)
                .values(slice)
                .execute(c));
            match inserted.map_err(Error::from) {
                Err(error) if error.cause() == Cause::Unique => return Err(Error::Stale),
                done => done?,
            };
        }
        Ok(())
    };
    db.write(insert)
}

fn head(conn: &mut Conn, chain: AuditChain) -> Result<Option<AuditRecord>, Error> {
    let row: Option<Row> = audit_records::table
        .filter(audit_records::chain.eq(chain.as_bytes().as_slice()))
        .order(audit_records::sequence.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(AuditRecord::try_from).transpose()
}

/// One look for each chain, however many records they have.
fn chains(conn: &mut Conn) -> Result<Vec<AuditChain>, Error> {
    let mut found = Vec::new();
    let mut after = Vec::new();
    loop {
        let next: Option<Vec<u8>> = audit_records::table
            .filter(audit_records::chain.gt(&after))
            .order(audit_records::chain)
            .select(audit_records::chain)
            .first(conn)
            .optional()?;
        let Some(next) = next else {
            return Ok(found);
        };
        found.push(row::chain(&next, 0)?);
        after = next;
    }
}

fn follow(
    conn: &mut Conn,
    chain: AuditChain,
    after: u64,
    limit: u32,
) -> Result<Vec<AuditRecord>, Error> {
    let rows: Vec<Row> = audit_records::table
        .filter(audit_records::chain.eq(chain.as_bytes().as_slice()))
        .filter(audit_records::sequence.gt(i64::try_from(after).unwrap_or(i64::MAX)))
        .order(audit_records::sequence)
        .limit(limit.into())
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(AuditRecord::try_from).collect()
}

/// The records that the filter chooses, as a query that goes on.
macro_rules! chosen {
    ($filter:expr) => {{
        let filter: &AuditFilter = $filter;
        let mut query = audit_records::table.into_boxed();
        if let Some(study) = &filter.study {
            query = query.filter(audit_records::study.eq(study.as_str()));
        }
        if !filter.actions.is_empty() {
            let words = filter.actions.iter().map(|action| action.as_str());
            query = query.filter(audit_records::action.eq_any(words));
        }
        if let Some(actor) = &filter.actor {
            query = query.filter(audit_records::actor.eq(actor.as_bytes().as_slice()));
        }
        if let Some(subject) = &filter.subject {
            query = query.filter(audit_records::subject.eq(subject.as_bytes().as_slice()));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit_records::at_us.ge(from.micros()));
        }
        if let Some(to) = filter.to {
            query = query.filter(audit_records::at_us.lt(to.micros()));
        }
        query
    }};
}

fn page(
    conn: &mut Conn,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Paged<NumberedRecord>, Error> {
    let total: i64 = chosen!(filter).count().get_result(conn)?;
    let rows: Vec<Row> = chosen!(filter)
        .order(audit_records::number.desc())
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(conn)?;
    paging::paged(total, rows, NumberedRecord::try_from)
}

fn after(
    conn: &mut Conn,
    filter: &AuditFilter,
    number: i64,
    limit: u32,
) -> Result<Vec<NumberedRecord>, Error> {
    let rows: Vec<Row> = chosen!(filter)
        .filter(audit_records::number.gt(number))
        .order(audit_records::number)
        .limit(limit.into())
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(NumberedRecord::try_from).collect()
}

fn keep(conn: &mut Conn, checkpoints: &[AuditCheckpoint]) -> Result<(), Error> {
    for one in checkpoints {
        let row = CheckpointRow::of(one);
        let known = diesel::update(audit_checkpoints::table.find(&row.chain))
            .set(&row)
            .execute(conn)?;
        // On MySQL a row that is found counts, changed or not.
        if known == 0 {
            diesel::insert_into(audit_checkpoints::table)
                .values(&row)
                .execute(conn)?;
        }
    }
    Ok(())
}

fn keep_cut(conn: &mut Conn, cut: &AuditCut) -> Result<(), Error> {
    let row = CutRow::of(cut);
    let known = diesel::update(audit_cuts::table.find(&row.chain))
        .set(&row)
        .execute(conn)?;
    if known == 0 {
        diesel::insert_into(audit_cuts::table)
            .values(&row)
            .execute(conn)?;
    }
    Ok(())
}

/// Takes some of the records away that go; gives how many these were.
fn cut_slice(conn: &mut Conn, cut: &AuditCut) -> Result<usize, Error> {
    let chain = cut.0.chain.as_bytes().as_slice();
    let last = i64::try_from(cut.0.sequence).unwrap_or(i64::MAX);
    let first: Option<i64> = audit_records::table
        .filter(audit_records::chain.eq(chain))
        .order(audit_records::sequence)
        .select(audit_records::sequence)
        .first(conn)
        .optional()?;
    let Some(first) = first.filter(|first| *first <= last) else {
        return Ok(0);
    };
    let some = audit_records::table
        .filter(audit_records::chain.eq(chain))
        .filter(audit_records::sequence.le(last.min(first.saturating_add(CUT - 1))));
    Ok(diesel::delete(some).execute(conn)?)
}

impl AuditStore for Store {
    fn append_audit(&self, records: &[AuditRecord]) -> Result<(), StoreError> {
        Ok(append(&self.db, records)?)
    }

    fn audit_head(&self, chain: AuditChain) -> Result<Option<AuditRecord>, StoreError> {
        Ok(head(&mut *self.db.reader()?, chain)?)
    }

    fn audit_chains(&self) -> Result<Vec<AuditChain>, StoreError> {
        Ok(chains(&mut *self.db.reader()?)?)
    }

    fn audit_chain(
        &self,
        chain: AuditChain,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        Ok(follow(&mut *self.db.reader()?, chain, after, limit)?)
    }

    fn audit_page(
        &self,
        filter: &AuditFilter,
        part: &PageRequest,
    ) -> Result<Paged<NumberedRecord>, StoreError> {
        Ok(page(&mut *self.db.reader()?, filter, part)?)
    }

    fn audit_after(
        &self,
        filter: &AuditFilter,
        number: i64,
        limit: u32,
    ) -> Result<Vec<NumberedRecord>, StoreError> {
        Ok(after(&mut *self.db.reader()?, filter, number, limit)?)
    }

    fn keep_audit_checkpoints(&self, checkpoints: &[AuditCheckpoint]) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| keep(conn, checkpoints))?)
    }

    fn audit_checkpoints(&self) -> Result<Vec<AuditCheckpoint>, StoreError> {
        let rows: Vec<CheckpointRow> = audit_checkpoints::table
            .order(audit_checkpoints::chain)
            .select(CheckpointRow::as_select())
            .load(&mut *self.db.reader().map_err(StoreError::from)?)
            .map_err(Error::from)?;
        let checkpoints = rows.iter().map(CheckpointRow::checkpoint);
        Ok(checkpoints.collect::<Result<_, _>>()?)
    }

    fn cut_audit(&self, cut: &AuditCut) -> Result<u64, StoreError> {
        let mut removed = self.db.write(|conn| {
            keep_cut(conn, cut)?;
            cut_slice(conn, cut)
        })?;
        let mut all = removed as u64;
        while removed > 0 {
            removed = self.db.write(|conn| cut_slice(conn, cut))?;
            all += removed as u64;
        }
        Ok(all)
    }

    fn audit_cuts(&self) -> Result<Vec<AuditCut>, StoreError> {
        let rows: Vec<CutRow> = audit_cuts::table
            .order(audit_cuts::chain)
            .select(CutRow::as_select())
            .load(&mut *self.db.reader().map_err(StoreError::from)?)
            .map_err(Error::from)?;
        Ok(rows
            .into_iter()
            .map(CutRow::cut)
            .collect::<Result<_, _>>()?)
    }
}

//! The quarantine: read, counted, thrown away.

mod discards;
mod reasons;

use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{quarantine, quarantine_reasons};
use crate::store::Store;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use sillage_domain::{
    AccountId, CodebookVersion, Discarded, EntryId, Misfit, PageRequest, Paged, Pseudonym,
    QuarantineFilter, QuarantineId, QuarantineStore, QuarantinedEntry, Reason, ReasonCount,
    ReasonPeriod, Rejudged, StoreError, StudyId, Timestamp,
};

/// How many texts are judged anew in one transaction.
const REJUDGED_AT_ONCE: usize = 100;

#[derive(Queryable, Selectable)]
#[diesel(table_name = quarantine)]
struct Row {
    id: i64,
    study_id: i64,
    pseudonym: Option<i64>,
    entry_id: Option<Vec<u8>>,
    received_us: i64,
    text: String,
    faults: String,
    codebook_version: Option<i32>,
    action: Option<String>,
    judged_us: Option<i64>,
}

impl TryFrom<Row> for QuarantinedEntry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("quarantine", row.id, column);
        let id = row
            .entry_id
            .map(|bytes| uuid::Uuid::from_slice(&bytes))
            .transpose();
        Ok(Self {
            id: QuarantineId(row.id),
            study: StudyId(row.study_id),
            pseudonym: row
                .pseudonym
                .map(Pseudonym::from_i64)
                .transpose()
                .map_err(|_| broken("pseudonym"))?,
            received_at: instant(row.received_us)?,
            misfit: Misfit {
                id: id.map_err(|_| broken("entry_id"))?.map(EntryId),
                text: row.text.into(),
                faults: serde_json::from_str(&row.faults).map_err(|_| broken("faults"))?,
            },
            action: row
                .action
                .map(|name| name.parse())
                .transpose()
                .map_err(|_| broken("action"))?,
            codebook: row.codebook_version.map(CodebookVersion),
            judged_at: row.judged_us.map(instant).transpose()?,
        })
    }
}

fn one(
    conn: &mut Conn,
    study: StudyId,
    id: QuarantineId,
) -> Result<Option<QuarantinedEntry>, Error> {
    let found = quarantine::table
        .find(id.0)
        .filter(quarantine::study_id.eq(study.0));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(QuarantinedEntry::try_from).transpose()
}

/// The ids of those that are asked for.
macro_rules! chosen {
    ($study:expr, $filter:expr) => {{
        let filter: &QuarantineFilter = $filter;
        let mut query = quarantine::table
            .filter(quarantine::study_id.eq($study.0))
            .into_boxed();
        if let Some(sender) = filter.participant {
            query = query.filter(quarantine::pseudonym.eq(sender.to_i64()));
        }
        if let Some(reason) = &filter.reason {
            let with_it = quarantine_reasons::table
                .filter(quarantine_reasons::study_id.eq($study.0))
                .filter(quarantine_reasons::reason.eq(reason))
                .select(quarantine_reasons::quarantine_id);
            query = query.filter(quarantine::id.eq_any(with_it));
        }
        if let Some(action) = &filter.action {
            query = query.filter(quarantine::action.eq(action.as_str()));
        }
        if let Some(from) = filter.from {
            query = query.filter(quarantine::received_us.ge(from.micros()));
        }
        if let Some(to) = filter.to {
            query = query.filter(quarantine::received_us.lt(to.micros()));
        }
        if let Some(ids) = &filter.ids {
            query = query.filter(quarantine::id.eq_any(ids.iter().map(|id| id.0)));
        }
        query
    }};
}

fn list(
    db: &Database,
    study: StudyId,
    filter: &QuarantineFilter,
    page: &PageRequest,
) -> Result<Paged<QuarantinedEntry>, Error> {
    let mut conn = db.reader()?;
    let total: i64 = chosen!(study, filter).count().get_result(&mut *conn)?;
    let rows: Vec<Row> = chosen!(study, filter)
        .order(quarantine::id)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, QuarantinedEntry::try_from)
}

/// The lengths first, so that no more is read than fits.
fn next(
    db: &Database,
    study: StudyId,
    filter: &QuarantineFilter,
    after: QuarantineId,
    texts: u32,
    bytes: usize,
) -> Result<Vec<QuarantinedEntry>, Error> {
    let mut conn = db.reader()?;
    let sizes: Vec<(i64, i64)> = chosen!(study, filter)
        .filter(quarantine::id.gt(after.0))
        .order(quarantine::id)
        .limit(texts.into())
        .select((
            quarantine::id,
            sql::<BigInt>("CAST(LENGTH(text) AS SIGNED)"),
        ))
        .load(&mut *conn)?;
    let mut left = i64::try_from(bytes).unwrap_or(i64::MAX);
    let fitting = sizes.iter().enumerate().take_while(|(n, (_, size))| {
        left -= size;
        *n == 0 || left >= 0
    });
    let ids: Vec<i64> = fitting.map(|(_, (id, _))| *id).collect();
    let rows: Vec<Row> = quarantine::table
        .filter(quarantine::id.eq_any(ids))
        .order(quarantine::id)
        .select(Row::as_select())
        .load(&mut *conn)?;
    rows.into_iter().map(QuarantinedEntry::try_from).collect()
}

impl QuarantineStore for Store {
    fn quarantine(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        page: &PageRequest,
    ) -> Result<Paged<QuarantinedEntry>, StoreError> {
        Ok(list(&self.db, study, filter, page)?)
    }

    fn next_quarantined(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        after: QuarantineId,
        texts: u32,
        bytes: usize,
    ) -> Result<Vec<QuarantinedEntry>, StoreError> {
        Ok(next(&self.db, study, filter, after, texts, bytes)?)
    }

    fn quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
    ) -> Result<Option<QuarantinedEntry>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, id)?)
    }

    fn quarantine_reasons(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        period: ReasonPeriod,
    ) -> Result<Vec<ReasonCount>, StoreError> {
        Ok(reasons::count(&self.db, study, filter, period)?)
    }

    fn rejudge(
        &self,
        study: StudyId,
        texts: &[Rejudged],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for some in texts.chunks(REJUDGED_AT_ONCE) {
            self.db
                .write(|conn| reasons::rejudge(conn, study, some, now))?;
        }
        Ok(())
    }

    fn discard_quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
        reason: &Reason,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Discarded, StoreError> {
        let discard = |conn: &mut Conn| discards::discard(conn, study, id, reason, by, now);
        Ok(self.db.write(discard)?)
    }

    fn discarded(&self, study: StudyId, id: QuarantineId) -> Result<Option<Discarded>, StoreError> {
        Ok(discards::discarded(&mut *self.db.reader()?, study, id)?)
    }
}

//! The quarantine: read, counted, thrown away.

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::dialect::{self, on_backend};
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{quarantine, quarantine_discards, quarantine_reasons};
use crate::store::Store;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use sillage_domain::{
    AccountId, CodebookVersion, Discarded, EntryId, Misfit, PageRequest, Paged, Pseudonym,
    QuarantineFilter, QuarantineId, QuarantineStore, QuarantinedEntry, Reason, ReasonCount,
    ReasonPeriod, Rejudged, StoreError, StudyId, Timestamp,
};
use std::collections::{BTreeSet, HashMap};

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

/// By a walk through the reasons alone; the texts are not touched.
fn reasons(
    db: &Database,
    study: StudyId,
    filter: &QuarantineFilter,
    period: ReasonPeriod,
) -> Result<Vec<ReasonCount>, Error> {
    let mut conn = db.reader()?;
    // Counts in whole periods since 1970. The length is a number of ours.
    let periods = format!(
        "CAST({} AS SIGNED)",
        dialect::quotient(&conn, "received_us", period.micros())
    );
    let grouping = format!("{periods}, reason");
    let counts: Vec<(i64, String, i64)> = quarantine_reasons::table
        .filter(quarantine_reasons::study_id.eq(study.0))
        .filter(quarantine_reasons::received_us.ge(filter.from.map_or(i64::MIN, Timestamp::micros)))
        .filter(quarantine_reasons::received_us.lt(filter.to.map_or(i64::MAX, Timestamp::micros)))
        .group_by(sql::<Text>(&grouping))
        .order(sql::<Text>(&grouping))
        .select((sql::<BigInt>(&periods), sql::<Text>("reason"), count_star()))
        .load(&mut *conn)?;
    counts
        .into_iter()
        .filter(|(_, reason, _)| filter.reason.as_ref().is_none_or(|wanted| wanted == reason))
        .map(|(periods, reason, texts)| {
            Ok(ReasonCount {
                from: instant(periods * period.micros())?,
                reason,
                texts: texts.unsigned_abs(),
            })
        })
        .collect()
}

fn rejudge(
    conn: &mut Conn,
    study: StudyId,
    texts: &[Rejudged],
    now: Timestamp,
) -> Result<(), Error> {
    let ids: Vec<i64> = texts.iter().map(|text| text.id.0).collect();
    let known: HashMap<i64, i64> = quarantine::table
        .filter(quarantine::id.eq_any(&ids))
        .filter(quarantine::study_id.eq(study.0))
        .select((quarantine::id, quarantine::received_us))
        .load(conn)?
        .into_iter()
        .collect();
    let mut reasons = Vec::new();
    let mut changed = Vec::new();
    for text in texts {
        let Some(&received_us) = known.get(&text.id.0) else {
            continue;
        };
        let faults = serde_json::to_string(&text.faults).map_err(|error| {
            Error::Damaged(format!(
                "the faults of {} have no JSON form: {error}",
                text.id
            ))
        })?;
        let there = diesel::update(quarantine::table.find(text.id.0))
            .set((
                quarantine::faults.eq(faults),
                quarantine::codebook_version.eq(text.codebook.map(|version| version.0)),
                quarantine::judged_us.eq(now.micros()),
            ))
            .execute(conn)?;
        if there == 0 {
            // It was let out meanwhile, or thrown away.
            continue;
        }
        changed.push(text.id.0);
        let words: BTreeSet<String> = text.faults.iter().map(|fault| fault.kind.word()).collect();
        reasons.extend(words.into_iter().map(|word| {
            (
                quarantine_reasons::study_id.eq(study.0),
                quarantine_reasons::reason.eq(word),
                quarantine_reasons::quarantine_id.eq(text.id.0),
                quarantine_reasons::received_us.eq(received_us),
            )
        }));
    }
    if changed.is_empty() {
        return Ok(());
    }
    let old = quarantine_reasons::table.filter(quarantine_reasons::quarantine_id.eq_any(changed));
    diesel::delete(old).execute(conn)?;
    for some in reasons.chunks(REJUDGED_AT_ONCE) {
        on_backend!(conn, c => diesel::insert_into(quarantine_reasons::table).values(some.to_vec()).execute(c))?;
    }
    counters::change(conn, study, 1, 0)
}

fn discard(
    conn: &mut Conn,
    study: StudyId,
    id: QuarantineId,
    reason: &Reason,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<Discarded, Error> {
    let found = quarantine::table
        .find(id.0)
        .filter(quarantine::study_id.eq(study.0));
    let received: Option<i64> = found
        .select(quarantine::received_us)
        .first(conn)
        .optional()?;
    let received = received.ok_or(Error::NotFound)?;
    if diesel::delete(quarantine::table.find(id.0)).execute(conn)? == 0 {
        return Err(Error::NotFound);
    }
    let row = (
        quarantine_discards::quarantine_id.eq(id.0),
        quarantine_discards::study_id.eq(study.0),
        quarantine_discards::received_us.eq(received),
        quarantine_discards::discarded_us.eq(now.micros()),
        quarantine_discards::reason.eq(reason.as_str()),
        quarantine_discards::discarded_by.eq(by.map(|account| account.0)),
    );
    diesel::insert_into(quarantine_discards::table)
        .values(row)
        .execute(conn)?;
    counters::change(conn, study, 1, 1)?;
    Ok(Discarded {
        id,
        received_at: instant(received)?,
        discarded_at: now,
        reason: reason.clone(),
        by,
    })
}

fn discarded(
    conn: &mut Conn,
    study: StudyId,
    id: QuarantineId,
) -> Result<Option<Discarded>, Error> {
    let row: Option<(i64, i64, String, Option<i64>)> = quarantine_discards::table
        .find(id.0)
        .filter(quarantine_discards::study_id.eq(study.0))
        .select((
            quarantine_discards::received_us,
            quarantine_discards::discarded_us,
            quarantine_discards::reason,
            quarantine_discards::discarded_by,
        ))
        .first(conn)
        .optional()?;
    row.map(|(received, discarded, reason, by)| {
        Ok(Discarded {
            id,
            received_at: instant(received)?,
            discarded_at: instant(discarded)?,
            reason: reason
                .parse()
                .map_err(|_| damaged("quarantine_discards", id.0, "reason"))?,
            by: by.map(AccountId),
        })
    })
    .transpose()
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
        Ok(reasons(&self.db, study, filter, period)?)
    }

    fn rejudge(
        &self,
        study: StudyId,
        texts: &[Rejudged],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for some in texts.chunks(REJUDGED_AT_ONCE) {
            self.db.write(|conn| rejudge(conn, study, some, now))?;
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
        let discard = |conn: &mut Conn| discard(conn, study, id, reason, by, now);
        Ok(self.db.write(discard)?)
    }

    fn discarded(&self, study: StudyId, id: QuarantineId) -> Result<Option<Discarded>, StoreError> {
        Ok(discarded(&mut *self.db.reader()?, study, id)?)
    }
}

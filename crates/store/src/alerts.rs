//! What the servers tell of their own accord: kept once, whichever of them finds it out.

use crate::connection::Conn;
use crate::error::{Cause, Error};
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{alerts, studies};
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    Alert, AlertFilter, AlertId, AlertKind, AlertState, AlertStore, NewAlert, PageRequest, Paged,
    Slug, StoreError, StudyId, Timestamp,
};
use std::collections::HashMap;

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
struct Row {
    id: i64,
    kind: String,
    study_id: Option<i64>,
    server: Option<String>,
    value: f64,
    threshold: f64,
    raised_us: i64,
    seen_us: i64,
    resolved_us: Option<i64>,
    tries: i32,
}

impl Row {
    fn alert(self, slugs: &HashMap<i64, Slug>) -> Result<Alert, Error> {
        let broken = |column| damaged("alerts", self.id, column);
        Ok(Alert {
            id: AlertId(self.id),
            about: NewAlert {
                kind: AlertKind::from_word(&self.kind).ok_or_else(|| broken("kind"))?,
                study: self.study_id.map(StudyId),
                server: self.server,
                value: self.value,
                threshold: self.threshold,
            },
            slug: self.study_id.and_then(|id| slugs.get(&id).cloned()),
            raised_at: instant(self.raised_us)?,
            seen_at: instant(self.seen_us)?,
            resolved_at: self.resolved_us.map(instant).transpose()?,
            tries: u32::try_from(self.tries).map_err(|_| broken("tries"))?,
        })
    }
}

/// The slugs of the studies that the rows are about.
fn slugs(conn: &mut Conn, rows: &[Row]) -> Result<HashMap<i64, Slug>, Error> {
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.study_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(i64, String)> = studies::table
        .filter(studies::id.eq_any(ids))
        .select((studies::id, studies::slug))
        .load(conn)?;
    let slug = |(id, slug): (i64, String)| {
        let read = slug.parse().map_err(|_| damaged("studies", id, "slug"));
        read.map(|slug| (id, slug))
    };
    found.into_iter().map(slug).collect()
}

fn list(conn: &mut Conn, filter: &AlertFilter, page: &PageRequest) -> Result<Paged<Alert>, Error> {
    let chosen = || {
        let mut chosen = alerts::table.into_boxed();
        if let Some(study) = filter.study {
            chosen = chosen.filter(alerts::study_id.eq(study.0));
        }
        match filter.state {
            Some(AlertState::Raised) => chosen.filter(alerts::resolved_us.is_null()),
            Some(AlertState::Resolved) => chosen.filter(alerts::resolved_us.is_not_null()),
            None => chosen,
        }
    };
    let total: i64 = chosen().count().get_result(conn)?;
    let rows: Vec<Row> = chosen()
        .order(alerts::id.desc())
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(conn)?;
    let slugs = slugs(conn, &rows)?;
    paging::paged(total, rows, |row| row.alert(&slugs))
}

fn raise(conn: &mut Conn, new: &NewAlert, now: Timestamp) -> Result<bool, Error> {
    let key = new.key();
    let known = alerts::table.filter(alerts::raised_key.eq(&key));
    let found = diesel::update(known)
        .set((
            alerts::value.eq(new.value),
            alerts::threshold.eq(new.threshold),
            alerts::seen_us.eq(now.micros()),
        ))
        .execute(conn)?;
    if found > 0 {
        return Ok(false);
    }
    if let Some(study) = new.study {
        let there: Option<i64> = studies::table
            .find(study.0)
            .select(studies::id)
            .first(conn)
            .optional()?;
        there.ok_or(Error::NotFound)?;
    }
    let row = (
        alerts::kind.eq(new.kind.as_str()),
        alerts::study_id.eq(new.study.map(|study| study.0)),
        alerts::server.eq(&new.server),
        alerts::raised_key.eq(&key),
        alerts::value.eq(new.value),
        alerts::threshold.eq(new.threshold),
        alerts::raised_us.eq(now.micros()),
        alerts::seen_us.eq(now.micros()),
        alerts::tries.eq(0),
        alerts::next_try_us.eq(now.micros()),
    );
    let inserted = diesel::insert_into(alerts::table).values(row).execute(conn);
    match inserted.map_err(Error::from) {
        // Another server was faster.
        Err(error) if error.cause() == Cause::Unique => Ok(false),
        Err(error) => Err(error),
        Ok(_) => Ok(true),
    }
}

fn resolve(conn: &mut Conn, id: AlertId, now: Timestamp) -> Result<bool, Error> {
    let raised = alerts::table
        .find(id.0)
        .filter(alerts::resolved_us.is_null());
    let resolved = diesel::update(raised)
        .set((
            alerts::raised_key.eq(None::<String>),
            alerts::resolved_us.eq(now.micros()),
            alerts::tries.eq(0),
            alerts::next_try_us.eq(now.micros()),
        ))
        .execute(conn)?;
    Ok(resolved == 1)
}

fn to_tell(conn: &mut Conn, now: Timestamp, at_most: u32) -> Result<Vec<Alert>, Error> {
    let rows: Vec<Row> = alerts::table
        .filter(alerts::next_try_us.le(now.micros()))
        .order((alerts::next_try_us, alerts::id))
        .limit(at_most.into())
        .select(Row::as_select())
        .load(conn)?;
    let slugs = slugs(conn, &rows)?;
    rows.into_iter().map(|row| row.alert(&slugs)).collect()
}

fn begin_to_tell(conn: &mut Conn, seen: &Alert, next: Option<Timestamp>) -> Result<bool, Error> {
    let tries = i32::try_from(seen.tries).unwrap_or(i32::MAX);
    let resolved = seen.resolved_at.map(Timestamp::micros);
    let as_seen = alerts::table
        .find(seen.id.0)
        .filter(alerts::tries.eq(tries))
        .filter(alerts::next_try_us.is_not_null());
    let change = (
        alerts::tries.eq(tries.saturating_add(1)),
        alerts::next_try_us.eq(next.map(Timestamp::micros)),
    );
    let begun = match resolved {
        None => diesel::update(as_seen.filter(alerts::resolved_us.is_null()))
            .set(change)
            .execute(conn)?,
        Some(resolved) => diesel::update(as_seen.filter(alerts::resolved_us.eq(resolved)))
            .set(change)
            .execute(conn)?,
    };
    Ok(begun == 1)
}

fn told(conn: &mut Conn, seen: &Alert) -> Result<(), Error> {
    let one = alerts::table.find(seen.id.0);
    let told = alerts::next_try_us.eq(None::<i64>);
    match seen.state() {
        AlertState::Raised => diesel::update(one.filter(alerts::resolved_us.is_null()))
            .set(told)
            .execute(conn)?,
        AlertState::Resolved => diesel::update(one).set(told).execute(conn)?,
    };
    Ok(())
}

fn forget(conn: &mut Conn, before: Timestamp) -> Result<u64, Error> {
    let old = alerts::table.filter(alerts::resolved_us.lt(before.micros()));
    Ok(diesel::delete(old).execute(conn)? as u64)
}

impl AlertStore for Store {
    fn alerts(&self, filter: &AlertFilter, page: &PageRequest) -> Result<Paged<Alert>, StoreError> {
        Ok(list(&mut *self.db.reader()?, filter, page)?)
    }

    fn raise_alert(&self, new: &NewAlert, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.db.write(|conn| raise(conn, new, now))?)
    }

    fn resolve_alert(&self, id: AlertId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.db.write(|conn| resolve(conn, id, now))?)
    }

    fn alerts_to_tell(&self, now: Timestamp, at_most: u32) -> Result<Vec<Alert>, StoreError> {
        Ok(to_tell(&mut *self.db.reader()?, now, at_most)?)
    }

    fn begin_to_tell(&self, seen: &Alert, next: Option<Timestamp>) -> Result<bool, StoreError> {
        Ok(self.db.write(|conn| begin_to_tell(conn, seen, next))?)
    }

    fn alert_told(&self, seen: &Alert) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| told(conn, seen))?)
    }

    fn forget_alerts(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(self.db.write(|conn| forget(conn, before))?)
    }
}

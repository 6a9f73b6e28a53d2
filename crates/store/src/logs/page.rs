//! One page of a list.

use super::keys::{Key, Keys};
use super::marks::{Marks, STRIDE};
use super::row::Row;
use super::shown;
use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use crate::schema::{log_entries, studies};
use crate::visible;
use diesel::prelude::*;
use sillage_domain::{LogOrder, LogPage, LogQuery, StoredEntry, StudyScope, Window};

/// Rows in one statement.
const SLICE: usize = 500;

/// A question on one state of the database.
struct View<'a> {
    query: &'a LogQuery,
    /// The greatest number that is shown.
    bound: Option<i64>,
    /// Each study apart, or `None` for all at once.
    parts: Vec<Option<i64>>,
}

pub(super) fn page(db: &Database, marks: &Marks, query: &LogQuery) -> Result<LogPage, Error> {
    let mut conn = db.reader()?;
    let bound = visible::bound(&mut conn, db.engine)?;
    Database::snapshot(&mut conn, |conn| {
        let view = View {
            query,
            bound,
            parts: parts(conn, query)?,
        };
        let size = i64::from(query.size.get());
        let (total, mut keys) = match query.window {
            Window::After(number) => (
                None,
                view.keys(conn, Some(number.0.saturating_add(1)), 0, size + 1)?,
            ),
            Window::Page(number) => {
                let offset = i64::try_from(number.get() - 1)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(size);
                let total = view.total(conn)?;
                let keys = match total {
                    Some(total) if offset >= total => Vec::new(),
                    Some(total) if query.filter.is_empty() => {
                        view.unfiltered(conn, marks, offset, size + 1, total)?
                    }
                    _ => view.keys(conn, None, offset, size + 1)?,
                };
                (total, keys)
            }
        };
        let more = keys.len() as i64 > size;
        keys.truncate(query.size.get() as usize);
        Ok(LogPage {
            entries: entries(conn, &keys)?,
            total: total.map(i64::unsigned_abs),
            more,
        })
    })
}

/// An index serves one study at a time, or all in the order of their numbers.
fn parts(conn: &mut Conn, query: &LogQuery) -> Result<Vec<Option<i64>>, Error> {
    let by_time = matches!(
        query.order,
        LogOrder::Timestamp | LogOrder::TimestampDescending
    ) && matches!(query.window, Window::Page(_));
    let one_person = query.filter.participant.is_some() || query.filter.session.is_some();
    Ok(match &query.scope {
        StudyScope::All if by_time && !one_person => studies::table
            .select(studies::id)
            .load(conn)?
            .into_iter()
            .map(Some)
            .collect(),
        StudyScope::All => vec![None],
        StudyScope::Only(studies) => {
            let mut ids: Vec<_> = studies.iter().map(|study| Some(study.0)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        }
    })
}

impl View<'_> {
    fn order(&self) -> LogOrder {
        match self.query.window {
            Window::After(_) => LogOrder::Received,
            Window::Page(_) => self.query.order,
        }
    }

    fn part(&self, study: Option<i64>, from: Option<i64>, offset: i64, limit: i64) -> Keys<'_> {
        let by_number = matches!(self.query.window, Window::After(_));
        let filter = &self.query.filter;
        Keys {
            study,
            filter,
            order: self.order(),
            from,
            to: self.bound,
            by_number,
            offset,
            limit,
        }
    }

    /// The keys of all studies together, in order: each study gives its first, and the first of those are taken.
    fn keys(
        &self,
        conn: &mut Conn,
        from: Option<i64>,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<Key>, Error> {
        if let [study] = self.parts[..] {
            return self.part(study, from, offset, limit).load(conn);
        }
        let mut keys = Vec::new();
        for &study in &self.parts {
            keys.extend(
                self.part(study, from, 0, offset.saturating_add(limit))
                    .load(conn)?,
            );
        }
        match self.order() {
            LogOrder::Received | LogOrder::Timestamp => keys.sort_unstable(),
            LogOrder::ReceivedDescending | LogOrder::TimestampDescending => {
                keys.sort_unstable_by(|a, b| b.cmp(a))
            }
        }
        Ok(keys
            .into_iter()
            .skip(offset as usize)
            .take(limit as usize)
            .collect())
    }

    fn total(&self, conn: &mut Conn) -> Result<Option<i64>, Error> {
        if self.query.filter.is_empty() {
            return shown(conn, &self.query.scope, self.bound).map(Some);
        }
        let most = LogPage::COUNTED as i64;
        let mut total = 0;
        for &study in &self.parts {
            total += self.part(study, None, 0, 0).count(conn, most - total + 1)?;
            if total > most {
                return Ok(None);
            }
        }
        Ok(Some(total))
    }

    /// A page of a list that nothing narrows: from the nearer end if that is near, in the order of numbers from a milestone.
    fn unfiltered(
        &self,
        conn: &mut Conn,
        marks: &Marks,
        offset: i64,
        limit: i64,
        total: i64,
    ) -> Result<Vec<Key>, Error> {
        let by_number = matches!(
            self.query.order,
            LogOrder::Received | LogOrder::ReceivedDescending
        );
        let descending = matches!(self.query.order, LogOrder::ReceivedDescending);
        let [study] = self.parts[..] else {
            return self.keys(conn, None, offset, limit);
        };
        if offset <= STRIDE || !by_number {
            return self.keys(conn, None, offset, limit);
        }
        // The page as places in the ascending order.
        let end = if descending {
            total - offset
        } else {
            (offset + limit).min(total)
        };
        let start = if descending {
            (end - limit).max(0)
        } else {
            offset
        };
        let Some((number, place)) = marks.before(conn, study, start, self.bound)? else {
            return Ok(Vec::new());
        };
        let mut page = self.part(study, Some(number), start - place, end - start);
        page.order = LogOrder::Received;
        let mut keys = page.load(conn)?;
        if descending {
            keys.reverse();
        }
        Ok(keys)
    }
}

/// The entries of these keys, in their order.
fn entries(conn: &mut Conn, keys: &[Key]) -> Result<Vec<StoredEntry>, Error> {
    let mut found: Vec<StoredEntry> = Vec::with_capacity(keys.len());
    for slice in keys.chunks(SLICE) {
        let numbers = slice.iter().map(|(_, number)| *number);
        let rows: Vec<Row> = log_entries::table
            .filter(log_entries::number.eq_any(numbers))
            .select(Row::as_select())
            .load(conn)?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    let places: std::collections::HashMap<i64, usize> = keys
        .iter()
        .enumerate()
        .map(|(place, (_, number))| (*number, place))
        .collect();
    found.sort_by_key(|entry| places.get(&entry.number.0).copied());
    Ok(found)
}

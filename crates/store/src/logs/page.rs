//! One page of a list.

use super::keys::{Key, Keys, Studies};
use super::marks::{Marks, Of, STRIDE};
use super::persons::Persons;
use super::row::Row;
use super::{hidden_tombstones, shown, tombstones};
use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use crate::schema::{log_entries, studies};
use crate::{server, visible};
use diesel::dsl::max;
use diesel::prelude::*;
use sillage_domain::{
    EntryStatus, LogFilter, LogOrder, LogPage, LogQuery, StoredEntry, StudyScope, Window,
};
use std::borrow::Cow;
use std::collections::HashMap;

/// Rows in one statement.
const SLICE: usize = 500;

/// How many keys each of several studies gives at most; where more would be needed, the database sorts them all.
const MERGED: i64 = 16_384;

/// A question on one state of the database.
struct View<'a> {
    query: &'a LogQuery,
    /// The greatest number that is shown.
    bound: Option<i64>,
    /// Each study apart, or `None` for all at once: an index serves one study, or all in the order of their numbers.
    parts: Option<Vec<i64>>,
    /// The tombstones of each study that are left out, where nothing else is.
    left_out: Option<Tombstones>,
    /// Whose entries, where somebody's are left out.
    persons: Option<Persons>,
}

/// How many each study has.
type Tombstones = HashMap<i64, i64>;

pub(super) fn page(db: &Database, marks: &Marks, query: &LogQuery) -> Result<LogPage, Error> {
    let mut conn = db.reader()?;
    let bound = visible::bound(&mut conn, db.engine)?;
    Database::snapshot(&mut conn, |conn| {
        let persons = Persons::of(conn, query)?;
        let query = &match persons {
            Some(_) => Cow::Borrowed(query),
            None => for_all_purposes(query),
        };
        let (query, left_out) = without_tombstones(conn, query)?;
        let query = &*query;
        let parts = parts(conn, query)?;
        let view = View {
            query,
            bound,
            parts,
            left_out,
            persons,
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
                    Some(total) if view.is_whole() && offset > STRIDE => {
                        view.deep(conn, marks, offset, size + 1, total)?
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

/// The same question, of everybody.
fn for_all_purposes(query: &LogQuery) -> Cow<'_, LogQuery> {
    if query.filter.purpose.is_none() {
        return Cow::Borrowed(query);
    }
    let mut query = query.clone();
    query.filter.purpose = None;
    Cow::Owned(query)
}

/// The same question, without the filter where there is no tombstone to leave out; and how many there are of each study, where nothing else
/// is to be left out.
fn without_tombstones<'a>(
    conn: &mut Conn,
    query: &'a LogQuery,
) -> Result<(Cow<'a, LogQuery>, Option<Tombstones>), Error> {
    if query.filter.status != Some(EntryStatus::Accepted) {
        return Ok((Cow::Borrowed(query), None));
    }
    let there_are = tombstones(conn, &query.scope)?;
    if there_are.is_empty() {
        let mut query = query.clone();
        query.filter.status = None;
        return Ok((Cow::Owned(query), None));
    }
    let nothing_else = query.filter == LogFilter::live();
    Ok((Cow::Borrowed(query), nothing_else.then_some(there_are)))
}

fn parts(conn: &mut Conn, query: &LogQuery) -> Result<Option<Vec<i64>>, Error> {
    let by_time = matches!(
        query.order,
        LogOrder::Timestamp | LogOrder::TimestampDescending
    ) && matches!(query.window, Window::Page(_));
    let one_person = query.filter.participant.is_some() || query.filter.session.is_some();
    let study_by_study = (by_time || query.filter.action.is_some()) && !one_person;
    Ok(match &query.scope {
        StudyScope::All if study_by_study => Some(studies::table.select(studies::id).load(conn)?),
        StudyScope::All => None,
        StudyScope::Only(studies) => {
            let mut ids: Vec<_> = studies.iter().map(|study| study.0).collect();
            ids.sort_unstable();
            ids.dedup();
            Some(ids)
        }
    })
}

impl View<'_> {
    /// Whether the list has every entry, or every one but tombstones: counters tell how long it is, and milestones lead into it.
    fn is_whole(&self) -> bool {
        self.query.filter.is_empty() || self.left_out.is_some()
    }

    /// The list of one study, or of all, that has milestones.
    fn of(&self, study: Option<i64>) -> Of {
        let left_out = self.left_out.as_ref();
        let count = |counts: &Tombstones| match study {
            Some(study) => counts.get(&study).copied(),
            None => Some(counts.values().sum()),
        };
        Of {
            study,
            without: left_out.and_then(count),
        }
    }

    fn order(&self) -> LogOrder {
        match self.query.window {
            Window::After(_) => LogOrder::Received,
            Window::Page(_) => self.query.order,
        }
    }

    fn part<'a>(
        &'a self,
        study: Studies<'a>,
        from: Option<i64>,
        offset: i64,
        limit: i64,
    ) -> Keys<'a> {
        let by_number = matches!(self.query.window, Window::After(_));
        let (filter, order) = (&self.query.filter, self.order());
        Keys {
            study,
            filter,
            persons: self.persons.as_ref(),
            order,
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
        let needed = offset.saturating_add(limit);
        let parts = match self.parts.as_deref() {
            None => return self.part(Studies::All, from, offset, limit).load(conn),
            Some(&[study]) => {
                return self
                    .part(Studies::One(study), from, offset, limit)
                    .load(conn);
            }
            Some(parts) if needed > MERGED => {
                return self
                    .part(Studies::Many(parts), from, offset, limit)
                    .load(conn);
            }
            Some(parts) => parts,
        };
        let mut keys = Vec::new();
        for &study in parts {
            keys.extend(self.part(Studies::One(study), from, 0, needed).load(conn)?);
        }
        match self.order() {
            LogOrder::Received | LogOrder::Timestamp => keys.sort_unstable(),
            LogOrder::ReceivedDescending | LogOrder::TimestampDescending => {
                keys.sort_unstable_by(|a, b| b.cmp(a));
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
        if let Some(left_out) = &self.left_out {
            let rows = shown(conn, &self.query.scope, self.bound)?;
            let hidden = hidden_tombstones(conn, &self.query.scope, self.bound)?;
            return Ok(Some(rows + hidden - left_out.values().sum::<i64>()));
        }
        let most = LogPage::COUNTED as i64;
        let Some(parts) = &self.parts else {
            let total = self.part(Studies::All, None, 0, 0).count(conn, most + 1)?;
            return Ok((total <= most).then_some(total));
        };
        let mut total = 0;
        for &study in parts {
            total += self
                .part(Studies::One(study), None, 0, 0)
                .count(conn, most - total + 1)?;
            if total > most {
                return Ok(None);
            }
        }
        Ok(Some(total))
    }

    /// A page far into a list that nothing narrows. In the order of numbers it begins at a number that the milestones tell; in the order of time
    /// the index is walked, from the nearer end.
    fn deep(
        &self,
        conn: &mut Conn,
        marks: &Marks,
        offset: i64,
        limit: i64,
        total: i64,
    ) -> Result<Vec<Key>, Error> {
        // The page as places in the list, and as places in the list turned round.
        let end = offset.saturating_add(limit).min(total);
        let turned = total - end;
        let (order, place) = match self.query.order {
            LogOrder::Received => (LogOrder::Received, offset),
            LogOrder::ReceivedDescending => (LogOrder::Received, turned),
            LogOrder::Timestamp if turned < offset => (LogOrder::TimestampDescending, turned),
            LogOrder::TimestampDescending if turned < offset => (LogOrder::Timestamp, turned),
            order => (order, offset),
        };
        let query = LogQuery {
            order,
            ..self.query.clone()
        };
        let view = View {
            query: &query,
            bound: self.bound,
            parts: self.parts.clone(),
            left_out: self.left_out.clone(),
            persons: self.persons.clone(),
        };
        let mut keys = if order == LogOrder::Received {
            let epoch = &server::epoch(conn)?;
            let first = match self.parts.as_deref() {
                None => marks.number_at(conn, epoch, self.of(None), place, self.bound)?,
                Some(&[study]) => {
                    marks.number_at(conn, epoch, self.of(Some(study)), place, self.bound)?
                }
                Some(parts) => {
                    let greatest = self.greatest(conn)?;
                    let lists: Vec<_> = parts.iter().map(|study| self.of(Some(*study))).collect();
                    Some(marks.number_among(conn, epoch, &lists, place, greatest)?)
                }
            };
            match first {
                Some(first) => view.keys(conn, Some(first), 0, end - offset)?,
                None => Vec::new(),
            }
        } else {
            view.keys(conn, None, place, end - offset)?
        };
        if order != self.query.order {
            keys.reverse();
        }
        Ok(keys)
    }

    fn greatest(&self, conn: &mut Conn) -> Result<i64, Error> {
        match self.bound {
            Some(bound) => Ok(bound),
            None => {
                let greatest: Option<i64> = log_entries::table
                    .select(max(log_entries::number))
                    .first(conn)?;
                Ok(greatest.unwrap_or(0))
            }
        }
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
    let places: HashMap<i64, usize> = keys
        .iter()
        .enumerate()
        .map(|(place, (_, number))| (*number, place))
        .collect();
    found.sort_by_key(|entry| places.get(&entry.number.0).copied());
    Ok(found)
}

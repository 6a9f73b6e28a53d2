//! Finding the numbers of the entries that a list shows, by an index.
//!
//! On SQLite, the entries of one participant and those of one session stand in files of their own, see [`filed`]. Where they are so many that a walk of
//! the study meets one soon, that walk finds them.
//!
//! The numbers come first, from an index alone, and then the rows by their numbers. Which index serves a question is decided here and not left to the
//! planners: SQLite's has no statistics, and MariaDB's takes the wrong one for small limits. A column `+ 0` is not looked for in an index.
//!
//! Where an index has more columns than are compared for equality, MariaDB may look up those alone, and read everything before the place in a list
//! that a later column names: each step of a walk then costs more than the one before. A range of one value, `a >= 1 AND a <= 1`, and the whole index
//! as the order leave it no choice.

#[cfg(feature = "sqlite")]
use super::filed;
use super::persons::Persons;
use super::row::{Row, status_number};
use crate::connection::{Conn, MultiBackend};
use crate::error::Error;
use crate::schema::log_entries::{self, dsl};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use sillage_domain::{ActionName, LogFilter, LogOrder, SessionName, StoredEntry};
use std::ops::ControlFlow;

/// The place of an entry in a list: the instant of the action, in lists by time, else 0; and its number.
pub(super) type Key = (i64, i64);

/// A question for keys, of one study or of several.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) study: Studies<'a>,
    pub(super) filter: &'a LogFilter,
    /// Whose entries, where the filter is by purpose and leaves somebody out.
    pub(super) persons: Option<&'a Persons>,
    pub(super) order: LogOrder,
    /// Only numbers from here on.
    pub(super) from: Option<i64>,
    /// Only numbers up to here.
    pub(super) to: Option<i64>,
    /// Only keys that a cursor has not met, which are few: so the order of numbers is kept to whatever the filter.
    pub(super) by_number: bool,
    pub(super) offset: i64,
    pub(super) limit: i64,
}

/// Of which studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Studies<'a> {
    All,
    One(i64),
    /// These together, which no index serves: the database sorts them.
    Many(&'a [i64]),
}

/// The index that is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    /// The rows of one participant.
    Participant,
    /// The rows of one session, which come in the order of their numbers.
    Session,
    /// The rows of a study in a window of time, in the order of time.
    Occurred,
    /// The rows of a study with one action, which come in the order of their numbers.
    Action,
    /// The rows of a study, or all, in the order of their numbers.
    Number,
}

type Boxed<'a> = log_entries::BoxedQuery<'a, MultiBackend>;

impl<'a> Keys<'a> {
    fn path(&self, conn: &mut Conn) -> Result<Path, Error> {
        let (participant, session) = (self.filter.participant, self.filter.session.as_ref());
        let (participant, session) = match conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(c) => filed::few(c, participant, session)?,
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => (participant.is_some(), session.is_some()),
        };
        Ok(match (participant, session) {
            (true, _) => Path::Participant,
            (false, true) => Path::Session,
            (false, false) => self.path_of_many(),
        })
    }

    /// The index for what is neither one participant's nor of one session, or so much that it makes no difference.
    fn path_of_many(&self) -> Path {
        let window = self.filter.from.is_some() || self.filter.to.is_some();
        if !matches!(self.study, Studies::One(_)) {
            Path::Number
        } else if window && !self.by_number {
            Path::Occurred
        } else if self.filter.action.is_some() {
            Path::Action
        } else if self.by_time() {
            Path::Occurred
        } else {
            Path::Number
        }
    }

    /// The keys, in order.
    pub(super) fn load(&self, conn: &mut Conn) -> Result<Vec<Key>, Error> {
        let query = self.ordered(conn)?.offset(self.offset).limit(self.limit);
        if self.by_time() {
            return Ok(query.select((dsl::occurred_us, dsl::number)).load(conn)?);
        }
        let numbers: Vec<i64> = query.select(dsl::number).load(conn)?;
        Ok(numbers.into_iter().map(|number| (0, number)).collect())
    }

    /// Gives the entries themselves away, in order, until told to stop.
    pub(super) fn entries(
        &self,
        conn: &mut Conn,
        mut each: impl FnMut(StoredEntry) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let query = self
            .ordered(conn)?
            .offset(self.offset)
            .limit(self.limit)
            .select(Row::as_select());
        for row in query.load_iter::<Row, _>(conn)? {
            if each(row?.try_into()?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Of each, its number, under which pseudonym it arrived, and when; in order.
    pub(super) fn arrivals(&self, conn: &mut Conn) -> Result<Vec<(i64, i64, i64)>, Error> {
        let query = self.ordered(conn)?.limit(self.limit);
        Ok(query
            .select((dsl::number, dsl::pseudonym, dsl::received_us))
            .load(conn)?)
    }

    fn ordered(&self, conn: &mut Conn) -> Result<Boxed<'a>, Error> {
        let path = self.path(conn)?;
        let query = self.filtered(conn, path);
        let descending = matches!(
            self.order,
            LogOrder::ReceivedDescending | LogOrder::TimestampDescending
        );
        macro_rules! by {
            ($first:expr $(, $next:expr)*) => {
                if descending {
                    query.order($first.desc())$(.then_order_by($next.desc()))*
                } else {
                    query.order($first.asc())$(.then_order_by($next.asc()))*
                }
            };
        }
        let of_one = matches!(self.study, Studies::One(_)) && in_ranges(conn);
        Ok(match (path, self.by_time()) {
            (Path::Occurred, true) if of_one => by!(dsl::study_id, dsl::occurred_us, dsl::number),
            (_, true) => by!(dsl::occurred_us, dsl::number),
            // These are not in the order of numbers, and sorted: without `+ 0` MariaDB walks the whole table in that order instead.
            (Path::Participant | Path::Occurred, false) => by!(dsl::number + 0),
            (Path::Number, false) if of_one => by!(dsl::study_id, dsl::number),
            (Path::Action, false) if of_one => by!(dsl::study_id, dsl::action, dsl::number),
            (Path::Session, false) if in_ranges(conn) => by!(dsl::session, dsl::number),
            (Path::Number | Path::Action | Path::Session, false) => by!(dsl::number),
        })
    }

    fn by_time(&self) -> bool {
        matches!(
            self.order,
            LogOrder::Timestamp | LogOrder::TimestampDescending
        )
    }

    /// How many there are, counted up to that many.
    pub(super) fn count(&self, conn: &mut Conn, up_to: i64) -> Result<i64, Error> {
        let path = self.path(conn)?;
        let counted = Counted(self.filtered(conn, path).limit(up_to).select(dsl::number));
        Ok(counted.get_result(conn)?)
    }

    /// The entries that are asked for.
    fn filtered(&self, conn: &Conn, path: Path) -> Boxed<'a> {
        let in_ranges = in_ranges(conn);
        let mut query = log_entries::table.into_boxed();
        match (self.study, path) {
            (Studies::All, _) => {}
            (Studies::One(study), Path::Participant | Path::Session) => {
                query = query.filter((dsl::study_id + 0).eq(study));
            }
            (Studies::One(study), _) if in_ranges => {
                query = query.filter(dsl::study_id.ge(study).and(dsl::study_id.le(study)));
            }
            (Studies::One(study), _) => query = query.filter(dsl::study_id.eq(study)),
            (Studies::Many(studies), _) => {
                query = query.filter((dsl::study_id + 0).eq_any(studies.iter().copied()));
            }
        }
        match (self.from, path) {
            (None, _) => {}
            (Some(from), Path::Participant | Path::Occurred) => {
                query = query.filter((dsl::number + 0).ge(from))
            }
            (Some(from), _) => query = query.filter(dsl::number.ge(from)),
        }
        match (self.to, path) {
            (None, _) => {}
            (Some(to), Path::Participant | Path::Occurred) => {
                query = query.filter((dsl::number + 0).le(to))
            }
            (Some(to), _) => query = query.filter(dsl::number.le(to)),
        }
        let filter = self.filter;
        #[cfg(feature = "sqlite")]
        if matches!(conn, Conn::Sqlite(_)) {
            match (path, filter.participant, &filter.session) {
                (Path::Participant, Some(participant), _) => {
                    query = query.filter(filed::of_participant(participant, self.from, self.to));
                }
                (Path::Session, _, Some(session)) => {
                    query = query.filter(filed::of_session(session.as_str(), self.from, self.to));
                }
                _ => {}
            }
        }
        if let Some(pseudonym) = filter.participant {
            query = query.filter(dsl::pseudonym.eq(pseudonym.to_i64()));
        }
        if let Some(session) = filter.session.as_ref().map(SessionName::as_str) {
            query = if in_ranges && path == Path::Session {
                query.filter(dsl::session.ge(session).and(dsl::session.le(session)))
            } else {
                query.filter(dsl::session.eq(session))
            };
        }
        if let Some(action) = filter.action.as_ref().map(ActionName::as_str) {
            query = if in_ranges && path == Path::Action {
                query.filter(dsl::action.ge(action).and(dsl::action.le(action)))
            } else {
                query.filter(dsl::action.eq(action))
            };
        }
        if let Some(status) = filter.status {
            query = query.filter(dsl::status.eq(status_number(status)));
        }
        if let Some(from) = filter.from {
            query = query.filter(dsl::occurred_us.ge(from.micros()));
        }
        if let Some(to) = filter.to {
            query = query.filter(dsl::occurred_us.lt(to.micros()));
        }
        if let Some(from) = filter.received_from {
            query = query.filter(dsl::received_us.ge(from.micros()));
        }
        if let Some(to) = filter.received_to {
            query = query.filter(dsl::received_us.lt(to.micros()));
        }
        if let Some(persons) = self.persons {
            query = query.filter(persons.condition());
        }
        query
    }
}

/// Whether equality is written as a range of one value.
fn in_ranges(conn: &Conn) -> bool {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => false,
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => true,
    }
}

/// `SELECT COUNT(*) FROM (...)`: how many rows a query with a limit gives.
#[derive(QueryId)]
struct Counted<Q>(Q);

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q> diesel::RunQueryDsl<Conn> for Counted<Q> {}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted");
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! Filing on SQLite: entries are entered into the files of their participants and sessions many at a time, in the order of the files, so that a page
//! of a file is written once for all of them. They are put in that order once, and then filed by and by, a part with each commit, so that nobody
//! waits for all of them. `docs/decisions/0010-filed-entries.md` says what that is worth.

use crate::error::Error;
use crate::schema::{log_entries, log_entries_filed};
use diesel::connection::SimpleConnection;
use diesel::dsl::{insert_into, max};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

diesel::table! {
    /// What is to be filed under participants, in that order; a temporary table, in the memory of one connection.
    to_file_of_participant (place) {
        place -> BigInt,
        pseudonym -> BigInt,
        number -> BigInt,
    }
}

diesel::table! {
    /// What is to be filed under sessions, in that order; a temporary table, in the memory of one connection.
    to_file_of_session (place) {
        place -> BigInt,
        session -> Text,
        number -> BigInt,
    }
}

const EMPTY_TABLES: &str = "CREATE TEMP TABLE IF NOT EXISTS to_file_of_participant (place INTEGER PRIMARY KEY, pseudonym INTEGER, number INTEGER); \
     CREATE TEMP TABLE IF NOT EXISTS to_file_of_session (place INTEGER PRIMARY KEY, session TEXT, number INTEGER); \
     DELETE FROM to_file_of_participant; DELETE FROM to_file_of_session;";

/// Files the places of one part. What is filed already is passed over, rather than an error: the statement need not be undone alone then, and SQLite
/// keeps no copy of each page that it changes.
const AS_ORDERED: [&str; 2] = [
    "INSERT OR IGNORE INTO log_entries_of_participant (pseudonym, number) \
     SELECT pseudonym, number FROM to_file_of_participant WHERE place > ? AND place <= ?",
    "INSERT OR IGNORE INTO log_entries_of_session (session, number) \
     SELECT session, number FROM to_file_of_session WHERE place > ? AND place <= ?",
];
/// The same, but for what was deleted or changed since it was put in order.
const WHAT_IS_STILL_THERE: [&str; 2] = [
    "INSERT OR IGNORE INTO log_entries_of_participant (pseudonym, number) SELECT o.pseudonym, o.number FROM to_file_of_participant o \
     CROSS JOIN log_entries e ON e.number = o.number AND e.pseudonym = o.pseudonym WHERE o.place > ? AND o.place <= ?",
    "INSERT OR IGNORE INTO log_entries_of_session (session, number) SELECT o.session, o.number FROM to_file_of_session o \
     CROSS JOIN log_entries e ON e.number = o.number AND e.session = o.session WHERE o.place > ? AND o.place <= ?",
];

/// A number that changes when anybody else commits.
#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

fn version(conn: &mut SqliteConnection) -> QueryResult<i64> {
    let version: Version = sql_query("PRAGMA data_version").get_result(conn)?;
    Ok(version.data_version)
}

/// Entries that are put in order on one connection, and how many places of that order are filed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filing {
    /// The number up to which all is filed at the end.
    upto: i64,
    /// Places of the longer of the two orders.
    places: i64,
    filed: i64,
    /// That of the database before they were read.
    version: i64,
}

/// Puts in order what comes first of what is not filed, up to so many numbers, and tells about how many there are beyond; `None` if all is filed.
pub(super) fn begin(
    conn: &mut SqliteConnection,
    at_once: i64,
) -> Result<Option<(Filing, usize)>, Error> {
    let filed: i64 = log_entries_filed::table
        .select(log_entries_filed::number)
        .first(conn)?;
    let last: Option<i64> = log_entries::table
        .select(max(log_entries::number))
        .first(conn)?;
    let last = last.unwrap_or(0);
    let upto = last.min(filed.saturating_add(at_once));
    if upto <= filed {
        return Ok(None);
    }
    conn.batch_execute(EMPTY_TABLES)?;
    let version = version(conn)?;
    let some = log_entries::table
        .filter(log_entries::number.gt(filed))
        .filter(log_entries::number.le(upto));
    let participants = insert_into(to_file_of_participant::table)
        .values(
            some.select((log_entries::pseudonym, log_entries::number))
                .order((log_entries::pseudonym, log_entries::number)),
        )
        .into_columns((
            to_file_of_participant::pseudonym,
            to_file_of_participant::number,
        ))
        .execute(conn)?;
    let sessions = insert_into(to_file_of_session::table)
        .values(
            some.filter(log_entries::session.is_not_null())
                .select((log_entries::session.assume_not_null(), log_entries::number))
                .order((log_entries::session, log_entries::number)),
        )
        .into_columns((to_file_of_session::session, to_file_of_session::number))
        .execute(conn)?;
    let filing = Filing {
        upto,
        places: participants.max(sessions) as i64,
        filed: 0,
        version,
    };
    Ok(Some((
        filing,
        usize::try_from(last - upto).unwrap_or(usize::MAX),
    )))
}

impl Filing {
    /// Files so many more places, and moves the mark with the last; what is left then. The caller's transaction commits.
    pub(super) fn go_on(
        self,
        conn: &mut SqliteConnection,
        places: usize,
    ) -> Result<Option<Self>, Error> {
        let (after, filed) = (
            self.filed,
            self.filed.saturating_add(places as i64).min(self.places),
        );
        // Only others delete and change entries, never the writer's connection.
        let statements = if version(conn)? == self.version {
            AS_ORDERED
        } else {
            WHAT_IS_STILL_THERE
        };
        for statement in statements {
            sql_query(statement)
                .bind::<BigInt, _>(after)
                .bind::<BigInt, _>(filed)
                .execute(conn)?;
        }
        if filed < self.places {
            return Ok(Some(Self { filed, ..self }));
        }
        // Another process that writes to the same file may be further.
        diesel::update(log_entries_filed::table.filter(log_entries_filed::number.lt(self.upto)))
            .set(log_entries_filed::number.eq(self.upto))
            .execute(conn)?;
        Ok(None)
    }
}

#[cfg(test)]
pub(super) mod tests;

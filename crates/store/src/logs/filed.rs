//! The files in which SQLite finds the entries of one participant and of one session. `docs/decisions/0010-filed-entries.md` says why there are files.
//!
//! Up to a mark everything is filed; what is after it stands in `log_entries` alone, and is few. Who writes files now and then, see
//! `ingest::filing`; a statement sees both sides of one mark.

use crate::connection::MultiBackend;
use crate::schema::{log_entries, log_entries_of_participant, log_entries_of_session};
use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use sillage_domain::{Pseudonym, SessionName};

/// Up to how many entries are looked up one by one. Among more, one in so many of an archive of a hundred million, a walk meets the next one soon.
const FEW: i64 = 20_000;

/// Whether the participant, and the session, are given and have few entries.
pub(super) fn few(
    conn: &mut SqliteConnection,
    participant: Option<Pseudonym>,
    session: Option<&SessionName>,
) -> QueryResult<(bool, bool)> {
    use log_entries_of_participant as of_participant;
    use log_entries_of_session as of_session;
    if let Some(participant) = participant {
        let beyond: Option<i64> = of_participant::table
            .filter(of_participant::pseudonym.eq(participant.to_i64()))
            .select(of_participant::number)
            .order(of_participant::number)
            .offset(FEW)
            .first(conn)
            .optional()?;
        if beyond.is_none() {
            return Ok((true, false));
        }
    }
    let Some(session) = session else {
        return Ok((false, false));
    };
    let beyond: Option<i64> = of_session::table
        .filter(of_session::session.eq(session.as_str()))
        .select(of_session::number)
        .order(of_session::number)
        .offset(FEW)
        .first(conn)
        .optional()?;
    Ok((false, beyond.is_none()))
}

/// Whether an entry is one of the participant's, of those numbers.
pub(super) fn of_participant<'a>(
    participant: Pseudonym,
    from: Option<i64>,
    to: Option<i64>,
) -> Box<dyn BoxableExpression<log_entries::table, MultiBackend, SqlType = Bool> + 'a> {
    let (from, to) = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
    Box::new(
        sql::<Bool>("(log_entries.number IN (SELECT number FROM log_entries_of_participant WHERE pseudonym = ")
            .bind::<BigInt, _>(participant.to_i64())
            .sql(" AND number >= ")
            .bind::<BigInt, _>(from)
            .sql(" AND number <= ")
            .bind::<BigInt, _>(to)
            .sql(" UNION ALL SELECT number FROM log_entries WHERE number > (SELECT number FROM log_entries_filed) AND +pseudonym = ")
            .bind::<BigInt, _>(participant.to_i64())
            .sql("))"),
    )
}

/// Whether an entry is one of the session's, of those numbers.
pub(super) fn of_session<'a>(
    session: &'a str,
    from: Option<i64>,
    to: Option<i64>,
) -> Box<dyn BoxableExpression<log_entries::table, MultiBackend, SqlType = Bool> + 'a> {
    let (from, to) = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
    Box::new(
        sql::<Bool>("(log_entries.number IN (SELECT number FROM log_entries_of_session WHERE session = ")
            .bind::<Text, _>(session)
            .sql(" AND number >= ")
            .bind::<BigInt, _>(from)
            .sql(" AND number <= ")
            .bind::<BigInt, _>(to)
            .sql(" UNION ALL SELECT number FROM log_entries WHERE number > (SELECT number FROM log_entries_filed) AND +session = ")
            .bind::<Text, _>(session)
            .sql("))"),
    )
}

#[cfg(test)]
mod tests;

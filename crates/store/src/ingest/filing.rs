//! Filing on SQLite: entries are entered into the files of their participants and sessions many at a time, in the order of the files, so that a page
//! of a file is written once for all of them. `docs/decisions/0010-filed-entries.md` says what that is worth.

use crate::error::Error;
use crate::schema::{
    log_entries, log_entries_filed, log_entries_of_participant, log_entries_of_session,
};
use diesel::dsl::max;
use diesel::insert_or_ignore_into;
use diesel::prelude::*;

/// Files what comes first of what is not filed, up to so many numbers; whether there is more. The caller's transaction commits.
pub(super) fn file(conn: &mut SqliteConnection, at_once: i64) -> Result<bool, Error> {
    let filed: i64 = log_entries_filed::table
        .select(log_entries_filed::number)
        .first(conn)?;
    let last: Option<i64> = log_entries::table
        .select(max(log_entries::number))
        .first(conn)?;
    let last = last.unwrap_or(0);
    let upto = last.min(filed.saturating_add(at_once));
    if upto <= filed {
        return Ok(false);
    }
    let some = log_entries::table
        .filter(log_entries::number.gt(filed))
        .filter(log_entries::number.le(upto));
    // What is there already is passed over, rather than an error: the statement need not be undone alone then, and SQLite keeps no copy of each page
    // that it changes.
    insert_or_ignore_into(log_entries_of_participant::table)
        .values(
            some.select((log_entries::pseudonym, log_entries::number))
                .order((log_entries::pseudonym, log_entries::number)),
        )
        .into_columns((
            log_entries_of_participant::pseudonym,
            log_entries_of_participant::number,
        ))
        .execute(conn)?;
    insert_or_ignore_into(log_entries_of_session::table)
        .values(
            some.filter(log_entries::session.is_not_null())
                .select((log_entries::session.assume_not_null(), log_entries::number))
                .order((log_entries::session, log_entries::number)),
        )
        .into_columns((
            log_entries_of_session::session,
            log_entries_of_session::number,
        ))
        .execute(conn)?;
    diesel::update(log_entries_filed::table)
        .set(log_entries_filed::number.eq(upto))
        .execute(conn)?;
    Ok(upto < last)
}

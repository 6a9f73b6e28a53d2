//! Looking at a database as a whole: whether what is kept beside the rows is what they come to.

use crate::connection::{Conn, Manager, Purpose};
use crate::database::Database;
use crate::dialect;
use crate::error::{Error, OpenError};
use crate::migrations;
use crate::options::StoreOptions;
use crate::raw;
use crate::schema::{
    accounts, erasures, last_numbers, log_entries, quarantine, studies, study_counters,
};
use crate::whole::orphans;
use diesel::prelude::*;
use sillage_domain::{Dangling, Inspection, Miscount, OpenStudy, StudyStatus};

/// What is to be said of the database, which is up to date. Reads every index of the entries once; nothing is changed.
///
/// # Errors
///
/// [`OpenError::Scheme`], [`OpenError::Connect`], [`OpenError::Unfinished`], [`OpenError::Pending`], [`OpenError::Newer`], [`OpenError::Driver`].
pub fn inspect(options: &StoreOptions) -> Result<Inspection, OpenError> {
    dialect::Engine::of(&options.url)?;
    let refused = |error: Error| OpenError::Connect(Box::new(error));
    if let Some(path) = dialect::sqlite_path(&options.url) {
        std::fs::metadata(path).map_err(OpenError::File)?;
    }
    let manager = Manager {
        url: options.url.clone(),
        purpose: Purpose::Read,
    };
    let mut conn = manager.open().map_err(refused)?;
    if !dialect::reads_faithfully(&mut conn).map_err(|error| refused(error.into()))? {
        return Err(OpenError::Driver);
    }
    migrations::refuse_unfinished(&mut conn)?;
    let pending = migrations::list(&mut migrations::connect(&options.url)?)?;
    let pending = pending.iter().filter(|one| !one.applied).count();
    if pending > 0 {
        return Err(OpenError::Pending(pending));
    }
    look(&mut conn).map_err(refused)
}

fn look(conn: &mut Conn) -> Result<Inspection, Error> {
    let mut found = Inspection {
        durability: dialect::durability_fault(conn)?,
        bytes_stay: dialect::why_bytes_stay(conn)?,
        clock_ahead_s: clock_ahead(conn)?,
        damage: dialect::damage(conn)?,
        ..Inspection::default()
    };
    Database::snapshot(conn, |conn| {
        let all: Vec<(i64, String, String)> = studies::table
            .select((studies::id, studies::slug, studies::status))
            .order(studies::slug)
            .load(conn)?;
        for (id, slug, status) in all {
            count_study(conn, id, &slug, &mut found.miscounts)?;
            if status == StudyStatus::Open.as_str() {
                let entries = log_entries::table.filter(log_entries::study_id.eq(id));
                let players = accounts::table.filter(accounts::study_id.eq(id));
                found.open_studies.push(OpenStudy {
                    slug,
                    entries: entries.count().get_result(conn)?,
                    participants: players.count().get_result(conn)?,
                });
            }
        }
        found.newest_us = log_entries::table
            .select(log_entries::received_us)
            .order(log_entries::number.desc())
            .first(conn)
            .optional()?;
        numbers(conn, &mut found.miscounts)?;
        files(conn, &mut found.miscounts)?;
        found.erasures_under_way = erasures::table.count().get_result(conn)?;
        let lost = orphans(conn)?.into_iter();
        found.dangling = lost
            .map(|one| Dangling {
                table: one.table,
                parent: one.parent,
                rows: one.rows,
            })
            .collect();
        Ok(())
    })?;
    Ok(found)
}

fn compare(into: &mut Vec<Miscount>, what: &str, of: &str, kept: i64, found: i64) {
    if kept != found {
        into.push(Miscount {
            what: what.to_owned(),
            of: of.to_owned(),
            kept,
            found,
        });
    }
}

fn count_study(
    conn: &mut Conn,
    id: i64,
    slug: &str,
    into: &mut Vec<Miscount>,
) -> Result<(), Error> {
    let sums = (
        dialect::sum_of!("entries"),
        dialect::sum_of!("deleted"),
        dialect::sum_of!("quarantined"),
    );
    let kept: (i64, i64, i64) = study_counters::table
        .filter(study_counters::study_id.eq(id))
        .select(sums)
        .first(conn)?;
    let entries: i64 = log_entries::table
        .filter(log_entries::study_id.eq(id))
        .count()
        .get_result(conn)?;
    let deleted: i64 = log_entries::table
        .filter(log_entries::study_id.eq(id))
        .filter(log_entries::status.eq(1))
        .count()
        .get_result(conn)?;
    let texts: i64 = quarantine::table
        .filter(quarantine::study_id.eq(id))
        .count()
        .get_result(conn)?;
    compare(into, "entries", slug, kept.0, entries);
    compare(into, "deleted", slug, kept.1, deleted);
    compare(into, "quarantined", slug, kept.2, texts);
    let given: Option<i64> = last_numbers::table
        .find(id)
        .select(last_numbers::number)
        .first(conn)
        .optional()?;
    let greatest: Option<i64> = accounts::table
        .filter(accounts::study_id.eq(id))
        .select(diesel::dsl::max(accounts::number))
        .first(conn)?;
    if let (Some(given), Some(greatest)) = (given, greatest)
        && given < greatest
    {
        compare(into, "participants' last number", slug, given, greatest);
    }
    Ok(())
}

/// Whether a number could be given twice.
fn numbers(conn: &mut Conn, into: &mut Vec<Miscount>) -> Result<(), Error> {
    let greatest: Option<i64> = log_entries::table
        .select(diesel::dsl::max(log_entries::number))
        .first(conn)?;
    let greatest = greatest.unwrap_or(0);
    let given = dialect::last_number(conn, "log_entries")?.unwrap_or(0);
    if given < greatest {
        compare(into, "last number", "log_entries", given, greatest);
    }
    Ok(())
}

/// Whether SQLite's files have every entry up to their mark.
fn files(conn: &mut Conn, into: &mut Vec<Miscount>) -> Result<(), Error> {
    if !raw::is_sqlite(conn) {
        return Ok(());
    }
    let number = |conn: &mut Conn, sql: &str| -> Result<i64, Error> {
        Ok(i64::try_from(raw::number(conn, sql)?).unwrap_or(i64::MAX))
    };
    let upto = "number <= (SELECT number FROM log_entries_filed)";
    for (file, entries) in [
        ("log_entries_of_participant", upto.to_owned()),
        (
            "log_entries_of_session",
            format!("session IS NOT NULL AND {upto}"),
        ),
    ] {
        let found = number(
            conn,
            &format!("SELECT CAST(COUNT(*) AS BLOB) AS c0 FROM log_entries WHERE {entries}"),
        )?;
        let kept = number(
            conn,
            &format!("SELECT CAST(COUNT(*) AS BLOB) AS c0 FROM {file} WHERE {upto}"),
        )?;
        compare(into, "files", file, kept, found);
    }
    Ok(())
}

/// By how many seconds the clock of the database server is ahead.
fn clock_ahead(conn: &mut Conn) -> Result<i64, Error> {
    if raw::is_sqlite(conn) {
        return Ok(0);
    }
    let server: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        dialect::SERVER_NOW,
    ))
    .get_result(conn)?;
    let here = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let here = here.map_or(0, |since| since.as_micros() as i64);
    Ok((server - here) / 1_000_000)
}

//! The bare loader: rows from memory into the tables, with nothing around it, as fast as the database takes them durably.

use crate::Result;
use crate::fill::{Ids, Players};
use crate::load::Tally;
use crate::place::Place;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use mysql_async::TxOpts;
use mysql_async::prelude::Queryable;
use sillage_domain::{EntryId, NewEntry, Pseudonym, Sequence, Study, Timestamp};
use std::time::{Duration, Instant};

/// Rows a statement.
const SLICE: usize = 100;
/// Rows a transaction, about.
const GROUP: usize = 4096;

diesel::table! {
    log_entries (number) {
        number -> BigInt,
        study_id -> BigInt,
        pseudonym -> BigInt,
        entry_id -> Binary,
        session -> Nullable<Text>,
        sequence -> Nullable<BigInt>,
        occurred_us -> BigInt,
        received_us -> BigInt,
        action -> Text,
        status -> SmallInt,
        payload -> Nullable<Text>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = log_entries, treat_none_as_default_value = false)]
struct Row<'a> {
    study_id: i64,
    pseudonym: i64,
    entry_id: &'a [u8],
    session: Option<&'a str>,
    sequence: Option<i64>,
    occurred_us: i64,
    received_us: i64,
    action: &'a str,
    status: i16,
    payload: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(entry: &'a NewEntry, received_at: Timestamp) -> Self {
        let NewEntry {
            id: EntryId(id),
            content,
            ..
        } = entry;
        Self {
            study_id: entry.study.0,
            pseudonym: Pseudonym::to_i64(entry.pseudonym),
            entry_id: id.as_bytes(),
            session: content.session.as_ref().map(|session| session.as_str()),
            sequence: content.sequence.map(Sequence::get),
            occurred_us: content.occurred_at.micros(),
            received_us: received_at.micros(),
            action: content.action.as_str(),
            status: 0,
            payload: content.payload.as_ref().map(|payload| payload.as_str()),
        }
    }
}

/// Loads the rows of those players into a study for that long.
pub(crate) fn load(
    place: &Place,
    study: &Study,
    players: Players,
    time: Duration,
) -> Result<Tally> {
    let group = |first: u64| -> Result<Vec<NewEntry>> {
        let numbers = first..first + GROUP as u64;
        numbers.map(|n| players.entry(study, n, Ids::V7)).collect()
    };
    match place.file() {
        Some(file) => sqlite(&file.display().to_string(), group, time),
        None => mysql(&place.url, group, time),
    }
}

/// As many as the server's writer files at once.
const FILED_AT_ONCE: usize = 8192;
/// What makes the files of participants and sessions complete: the same archive is to come of it.
const FILE: &str = "INSERT INTO log_entries_of_participant SELECT pseudonym, number FROM log_entries \
     WHERE number > (SELECT number FROM log_entries_filed) ORDER BY pseudonym, number; \
     INSERT INTO log_entries_of_session SELECT session, number FROM log_entries \
     WHERE number > (SELECT number FROM log_entries_filed) AND session IS NOT NULL ORDER BY session, number; \
     UPDATE log_entries_filed SET number = (SELECT max(number) FROM log_entries);";

fn sqlite(
    file: &str,
    group: impl Fn(u64) -> Result<Vec<NewEntry>>,
    time: Duration,
) -> Result<Tally> {
    let mut connection = SqliteConnection::establish(file)?;
    // Those of the server's writer.
    connection.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000; \
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; \
         PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;",
    )?;
    let start = Instant::now();
    let mut entries = 0;
    let mut unfiled = 0;
    while start.elapsed() < time {
        let group = group(entries)?;
        let received_at = Timestamp::now();
        unfiled += group.len();
        connection.immediate_transaction(|connection| {
            for slice in group.chunks(SLICE) {
                let rows: Vec<_> = slice
                    .iter()
                    .map(|entry| Row::of(entry, received_at))
                    .collect();
                diesel::insert_into(log_entries::table)
                    .values(&rows)
                    .execute(connection)?;
            }
            if unfiled >= FILED_AT_ONCE {
                connection.batch_execute(FILE)?;
                unfiled = 0;
            }
            Ok::<_, diesel::result::Error>(())
        })?;
        entries += group.len() as u64;
    }
    Ok(Tally {
        entries,
        elapsed: start.elapsed(),
    })
}

fn mysql(url: &str, group: impl Fn(u64) -> Result<Vec<NewEntry>>, time: Duration) -> Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connection = mysql_async::Conn::from_url(url).await?;
        let start = Instant::now();
        let mut entries = 0;
        while start.elapsed() < time {
            let group = group(entries)?;
            let received_at = Timestamp::now();
            let mut transaction = connection.start_transaction(TxOpts::default()).await?;
            for slice in group.chunks(SLICE) {
                let places = vec!["(?,?,?,?,?,?,?,?,?,?)"; slice.len()].join(",");
                let statement = format!(
                    "INSERT INTO log_entries (study_id, pseudonym, entry_id, session, sequence, occurred_us, received_us, \
                     action, status, payload) VALUES {places}"
                );
                let mut values: Vec<mysql_async::Value> = Vec::with_capacity(10 * slice.len());
                for entry in slice {
                    let row = Row::of(entry, received_at);
                    values.extend([
                        row.study_id.into(),
                        row.pseudonym.into(),
                        row.entry_id.into(),
                        row.session.into(),
                        row.sequence.into(),
                        row.occurred_us.into(),
                        row.received_us.into(),
                        row.action.into(),
                        row.status.into(),
                        row.payload.into(),
                    ]);
                }
                transaction.exec_drop(statement, values).await?;
            }
            transaction.commit().await?;
            entries += group.len() as u64;
        }
        let elapsed = start.elapsed();
        connection.disconnect().await?;
        Ok(Tally { entries, elapsed })
    })
}

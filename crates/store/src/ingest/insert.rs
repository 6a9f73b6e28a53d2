//! Batch inserts, the numbers that they gave, and what was there before.

use super::rows::{EntryRow, MisfitRow, ReasonRow};
#[cfg(feature = "sqlite")]
use super::rows::{NumberedEntry, NumberedMisfit};
use crate::connection::Conn;
use crate::dialect::on_backend;
use crate::error::Error;
use crate::logs::Row;
use crate::schema::{log_entries, quarantine, quarantine_reasons};
use diesel::prelude::*;
use sillage_domain::{EntryId, NewEntry, Pseudonym, StoredEntry};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// What names an entry.
pub(super) type Key = (Pseudonym, EntryId);

/// The numbers of the rows of one statement, in order.
pub(super) struct Numbers {
    first: i64,
    step: i64,
}

impl Numbers {
    pub(super) fn nth(&self, n: usize) -> i64 {
        self.first + self.step * n as i64
    }
}

/// The number that the next entry of a transaction gets, once it is known. On MySQL and MariaDB the database knows.
#[derive(Default)]
pub(super) struct Next(#[cfg(feature = "sqlite")] Option<i64>);

/// Inserts in one statement. Where one row can't be inserted, none is: both databases undo a statement that fails, and go on.
pub(super) fn entries(
    conn: &mut Conn,
    rows: &[EntryRow<'_>],
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(unused_variables, reason = "the database knows")
    )]
    next: &mut Next,
) -> Result<Numbers, Error> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            let numbers = match next.0 {
                Some(first) => Numbers { first, step: 1 },
                None => next_of(c, "log_entries")?,
            };
            let numbered = |(n, row): (usize, &_)| NumberedEntry::new(numbers.nth(n), row);
            execute_prepared(c, rows.iter().enumerate().map(numbered).collect())?;
            next.0 = Some(numbers.nth(rows.len()));
            Ok(numbers)
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            diesel::insert_into(log_entries::table)
                .values(rows)
                .execute(c)?;
            given(c)
        }
    }
}

/// Cuts a slice into statements of the sizes that are prepared once and kept. On MySQL the slice stays whole: there, one more round trip costs more
/// than a preparation.
pub(super) fn statements(conn: &Conn, slice: Range<usize>) -> Vec<Range<usize>> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => prepared_sizes(slice),
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => vec![slice],
    }
}

/// The most rows of a statement that is prepared once. One of any other size is prepared for each use.
#[cfg(feature = "sqlite")]
const LARGEST_PREPARED: usize = 256;

#[cfg(feature = "sqlite")]
fn prepared_sizes(slice: Range<usize>) -> Vec<Range<usize>> {
    let mut sizes = Vec::new();
    let mut start = slice.start;
    while start < slice.end {
        let left = (slice.end - start).min(LARGEST_PREPARED);
        let size = 1 << left.ilog2();
        sizes.push(start..start + size);
        start += size;
    }
    sizes
}

/// Inserts rows in one statement, a prepared one if there is one of that size.
#[cfg(feature = "sqlite")]
fn execute_prepared(
    conn: &mut diesel::SqliteConnection,
    rows: Vec<NumberedEntry>,
) -> QueryResult<usize> {
    let into = diesel::insert_into(log_entries::table);
    macro_rules! by_size {
        ($($size:literal)+) => {
            match rows.len() {
                $($size => match <Box<[_; $size]>>::try_from(rows) {
                    Ok(rows) => into.values(&*rows).execute(conn),
                    Err(rows) => into.values(rows).execute(conn),
                },)+
                _ => into.values(rows).execute(conn),
            }
        };
    }
    by_size!(1 2 4 8 16 32 64 128 256)
}

/// See [`entries`].
pub(super) fn misfits(conn: &mut Conn, rows: &[MisfitRow<'_>]) -> Result<Numbers, Error> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            let numbers = next_of(c, "quarantine")?;
            let numbered = |(n, row): (usize, &_)| NumberedMisfit {
                id: numbers.nth(n),
                row: *row,
            };
            let rows: Vec<_> = rows.iter().enumerate().map(numbered).collect();
            diesel::insert_into(quarantine::table)
                .values(rows)
                .execute(c)?;
            Ok(numbers)
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            diesel::insert_into(quarantine::table)
                .values(rows)
                .execute(c)?;
            given(c)
        }
    }
}

/// The reasons of texts that were inserted before.
pub(super) fn reasons(conn: &mut Conn, rows: &[ReasonRow]) -> Result<(), Error> {
    on_backend!(conn, c => diesel::insert_into(quarantine_reasons::table).values(rows).execute(c))?;
    Ok(())
}

/// The numbers that come next. Whoever asks holds the write lock, so nobody else is given them.
#[cfg(feature = "sqlite")]
fn next_of(conn: &mut diesel::SqliteConnection, table: &str) -> Result<Numbers, Error> {
    use crate::schema::sqlite_sequence::dsl::{name, seq, sqlite_sequence};
    let last: Option<i64> = sqlite_sequence
        .filter(name.eq(table))
        .select(seq)
        // Not `first`, whose bound LIMIT has SQLite plan the statement anew each time.
        .get_result(conn)
        .optional()?;
    Ok(Numbers {
        first: last.unwrap_or(0) + 1,
        step: 1,
    })
}

/// The numbers that the last statement was given: an insert of rows whose count is known gets them in one piece, so the first tells the others.
/// The step is more than one on a cluster, where each node gives its own.
#[cfg(feature = "mysql")]
fn given(conn: &mut crate::mysql::MysqlConnection) -> Result<Numbers, Error> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let (first, step) = diesel::select((
        sql::<BigInt>("CAST(LAST_INSERT_ID() AS SIGNED)"),
        sql::<BigInt>("CAST(@@SESSION.auto_increment_increment AS SIGNED)"),
    ))
    .get_result(conn)?;
    Ok(Numbers { first, step })
}

/// Those of the entries that are stored. One question a participant: each finds its rows by the unique index.
pub(super) fn known_entries<'a>(
    conn: &mut Conn,
    entries: impl Iterator<Item = &'a NewEntry>,
) -> Result<HashMap<Key, StoredEntry>, Error> {
    let mut wanted: BTreeMap<i64, Vec<&[u8]>> = BTreeMap::new();
    for entry in entries {
        wanted
            .entry(entry.pseudonym.to_i64())
            .or_default()
            .push(entry.id.0.as_bytes());
    }
    let mut known = HashMap::new();
    for (pseudonym, ids) in wanted {
        for ids in ids.chunks(500) {
            let rows: Vec<Row> = log_entries::table
                .filter(log_entries::pseudonym.eq(pseudonym))
                .filter(log_entries::entry_id.eq_any(ids.iter().copied()))
                .select(Row::as_select())
                .load(conn)?;
            for row in rows {
                let entry = StoredEntry::try_from(row)?;
                known.insert((entry.pseudonym, entry.id), entry);
            }
        }
    }
    Ok(known)
}

/// The id of the text that is in quarantine under that key.
pub(super) fn known_misfit(
    conn: &mut Conn,
    key: (i64, i64, [u8; 16]),
) -> Result<Option<i64>, Error> {
    let (study, pseudonym, retry_key) = key;
    let found = quarantine::table
        .filter(quarantine::study_id.eq(study))
        .filter(quarantine::pseudonym.eq(pseudonym))
        .filter(quarantine::retry_key.eq(retry_key.as_slice()));
    Ok(found.select(quarantine::id).first(conn).optional()?)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_cut_into_sizes_that_are_prepared_and_nothing_is_left_out() {
        assert_eq!(prepared_sizes(3..10), [3..7, 7..9, 9..10]);
        assert_eq!(
            prepared_sizes(0..600),
            [0..256, 256..512, 512..576, 576..592, 592..600]
        );
        assert!(prepared_sizes(5..5).is_empty());
    }
}

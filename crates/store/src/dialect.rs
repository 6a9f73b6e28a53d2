//! Everything that the two databases do not say in the same words.

use crate::connection::{Conn, Purpose};
use crate::error::OpenError;
use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionResult, QueryResult};

/// How the URLs begin that this build knows.
pub(crate) const SCHEMES: &[&str] = &[
    #[cfg(feature = "sqlite")]
    "sqlite://",
    #[cfg(feature = "mysql")]
    "mysql://",
    #[cfg(feature = "mysql")]
    "mariadb://",
];

/// Which of the two a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// One file, one writer at a time: numbers are given in the order of commits.
    Sqlite,
    /// A server or several, with many writers.
    Mysql,
}

impl Engine {
    pub(crate) fn of(url: &str) -> Result<Self, OpenError> {
        match SCHEMES.iter().find(|scheme| url.starts_with(**scheme)) {
            Some(&"sqlite://") => Ok(Self::Sqlite),
            Some(_) => Ok(Self::Mysql),
            None => Err(OpenError::Scheme),
        }
    }
}

/// The path of a SQLite database; `None` for another scheme.
pub(crate) fn sqlite_path(url: &str) -> Option<&std::path::Path> {
    url.strip_prefix("sqlite://").map(std::path::Path::new)
}

pub(crate) fn connect(url: &str) -> ConnectionResult<Conn> {
    #[cfg(feature = "sqlite")]
    if let Some(path) = url.strip_prefix("sqlite://") {
        return diesel::SqliteConnection::establish(path).map(Conn::Sqlite);
    }
    #[cfg(feature = "mysql")]
    if url.starts_with("mysql://") {
        return crate::mysql::MysqlConnection::establish(url).map(Conn::Mysql);
    }
    #[cfg(feature = "mysql")]
    if let Some(rest) = url.strip_prefix("mariadb://") {
        return crate::mysql::MysqlConnection::establish(&format!("mysql://{rest}"))
            .map(Conn::Mysql);
    }
    Err(diesel::ConnectionError::InvalidConnectionUrl(
        "unknown scheme".into(),
    ))
}

/// Runs one body against the concrete connection, for what `MultiConnection` can't express: batch inserts, above all. The body is type-checked
/// once for each database.
macro_rules! on_backend {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            #[cfg(feature = "sqlite")]
            $crate::connection::Conn::Sqlite($c) => $body,
            #[cfg(feature = "mysql")]
            $crate::connection::Conn::Mysql($c) => $body,
        }
    };
}
pub(crate) use on_backend;

/// The number that the last row was given which this connection inserted.
pub(crate) fn last_id(conn: &mut Conn) -> QueryResult<i64> {
    use diesel::RunQueryDsl;
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => diesel::select(sql::<BigInt>("last_insert_rowid()")).get_result(c),
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            diesel::select(sql::<BigInt>("CAST(LAST_INSERT_ID() AS SIGNED)")).get_result(c)
        }
    }
}

/// The bytes that the database takes. A server of MySQL or MariaDB tells what it knows of it, which may be some time old.
pub(crate) fn database_bytes(conn: &mut Conn, url: &str) -> QueryResult<u64> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => {
            let path = sqlite_path(url).unwrap_or_else(|| std::path::Path::new(url));
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            // There is no log before the first write.
            let of = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
            Ok(of(path) + of(log.as_ref()))
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            use diesel::RunQueryDsl;
            let sum = "(SELECT CAST(COALESCE(SUM(data_length + index_length), 0) AS SIGNED) FROM information_schema.tables \
                       WHERE table_schema = DATABASE())";
            let bytes: i64 =
                diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(sum)).get_result(c)?;
            Ok(bytes.unsigned_abs())
        }
    }
}

/// How long SQLite waits for another process to finish writing. Threads of this one wait for each other elsewhere.
#[cfg(feature = "sqlite")]
const SQLITE_EVERY: &str = "PRAGMA busy_timeout = 2500; PRAGMA foreign_keys = ON;";

/// Durable: a commit is flushed. What is deleted is overwritten. The log of writes is folded in by a thread of its own, and by a commit only if that does not
/// keep up; it does not stay larger than 64 MB. What a statement needs to undo itself is kept in memory: SQLite would write every page that an
/// insert of many rows touches to a temporary file first.
#[cfg(feature = "sqlite")]
const SQLITE_WRITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
     PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768; \
     PRAGMA temp_store = MEMORY;";

#[cfg(feature = "sqlite")]
const SQLITE_READ: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -8192;";

/// What would be cut or guessed is an error. A lock that is not given soon is.
#[cfg(feature = "mysql")]
const MYSQL_EVERY: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
     NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 2";

pub(crate) fn prepare_session(conn: &mut Conn, purpose: Purpose) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            c.batch_execute(SQLITE_EVERY)?;
            c.batch_execute(if purpose == Purpose::Write {
                SQLITE_WRITE
            } else {
                SQLITE_READ
            })
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            c.batch_execute(MYSQL_EVERY)?;
            // A writer sees what others committed a moment ago. A reader's transaction is one view; a statement alone is always the newest.
            let level = if purpose == Purpose::Write {
                "READ COMMITTED"
            } else {
                "REPEATABLE READ"
            };
            c.batch_execute(&format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}"))?;
            // Only Galera has it, where a reader waits for what other nodes committed before it asked. Elsewhere there is no such variable.
            let _ = c.batch_execute("SET SESSION wsrep_sync_wait = 1");
            Ok(())
        }
    }
}

/// Folds SQLite's log of writes into the database and empties it, so that what was deleted is in neither. Waits a moment for those who read;
/// gives whether it could be done, which it can't be while somebody reads what was before, or folds it himself. The log of a MySQL or MariaDB
/// server is the server's.
pub(crate) fn empty_log(conn: &mut Conn) -> QueryResult<bool> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            use diesel::RunQueryDsl;
            c.batch_execute("PRAGMA busy_timeout = 250")?;
            let busy = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Busy>(c);
            c.batch_execute(SQLITE_EVERY)?;
            Ok(busy?.busy == 0)
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => Ok(true),
    }
}

/// Whether a checkpoint met somebody.
#[cfg(feature = "sqlite")]
#[derive(diesel::QueryableByName)]
struct Busy {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// More orders of erasures than this are not read at once.
const FEW: usize = 64;

/// All erasures that were ordered and are not over, as study and pseudonym; `None` where they are many.
///
/// On MySQL and MariaDB whoever [orders one](wait_for_writers) waits from here on for the end of this transaction.
pub(crate) fn few_erasures(conn: &mut Conn) -> QueryResult<Option<Vec<(i64, i64)>>> {
    use diesel::prelude::*;
    let found: Vec<(i64, i64)> = match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            use crate::schema::erasures::dsl::{erasures, pseudonym, study_id};
            // Not by LIMIT, which would have SQLite plan the statement anew each time.
            erasures
                .select((study_id, pseudonym))
                .load_iter::<(i64, i64), _>(c)?
                .take(FEW + 1)
                .collect::<QueryResult<_>>()?
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            let rows: Vec<Ordered> = diesel::sql_query(format!(
                "SELECT e.study_id AS study_id, e.pseudonym AS pseudonym FROM server_settings s \
                 LEFT JOIN erasures e ON TRUE WHERE s.name = 'erasing' LIMIT {} LOCK IN SHARE MODE",
                FEW + 1
            ))
            .load(c)?;
            let rows = rows.into_iter();
            rows.filter_map(|row| Some((row.study_id?, row.pseudonym?)))
                .collect()
        }
    };
    Ok((found.len() <= FEW).then_some(found))
}

/// An erasure that was ordered; nothing where there is none.
#[cfg(feature = "mysql")]
#[derive(diesel::QueryableByName)]
struct Ordered {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    study_id: Option<i64>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    pseudonym: Option<i64>,
}

/// At the beginning of a transaction that orders erasures: waits until all have ended that looked for orders, and has others wait until this one
/// has. On SQLite whoever writes is alone. Nodes of a Galera cluster don't wait for each other.
pub(crate) fn wait_for_writers(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => Ok(()),
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            use crate::schema::server_settings::dsl::{name, server_settings, value};
            use diesel::prelude::*;
            let turn = server_settings.filter(name.eq("erasing")).select(value);
            turn.for_update().load::<String>(c).map(drop)
        }
    }
}

/// Those of the texts of a study that lie in quarantine, and nobody else changes them until this transaction ends. On SQLite whoever writes is
/// alone.
pub(crate) fn lock_quarantined(conn: &mut Conn, study: i64, ids: &[i64]) -> QueryResult<Vec<i64>> {
    use crate::schema::quarantine::dsl::{id, quarantine, study_id};
    use diesel::prelude::*;
    let found = quarantine
        .filter(study_id.eq(study))
        .filter(id.eq_any(ids))
        .order(id)
        .select(id);
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => found.load(c),
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => found.for_update().load(c),
    }
}

/// Begins a transaction that writes.
///
/// SQLite's default takes the lock at the first write and then fails, without waiting, if another writer came between.
pub(crate) fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => "BEGIN IMMEDIATE",
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => "START TRANSACTION",
    })
}

/// Begins a transaction whose statements all see the same state.
pub(crate) fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => "BEGIN",
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => "START TRANSACTION WITH CONSISTENT SNAPSHOT",
    })
}

/// A sum of a column of type BIGINT as such; Diesel makes a decimal of it. SQLite takes `SIGNED` for a number.
macro_rules! sum_of {
    ($column:literal) => {
        diesel::dsl::sql::<diesel::sql_types::BigInt>(concat!(
            "CAST(COALESCE(SUM(",
            $column,
            "), 0) AS SIGNED)"
        ))
    };
}
pub(crate) use sum_of;

/// How often a positive number goes into a column, as a text of SQL. SQLite divides integers as such.
pub(crate) fn quotient(conn: &Conn, column: &str, by: i64) -> String {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => format!("({column} / {by})"),
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => format!("({column} DIV {by})"),
    }
}

/// Microseconds by the clock of a MySQL or MariaDB server.
pub(crate) const SERVER_NOW: &str = "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)";

diesel::define_sql_function! {
    /// Where a text begins in another, from 1; 0 where it does not.
    fn instr(text: diesel::sql_types::Text, part: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

/// The greatest number that the database ever gave a row of that table; `None` where it gives none or does not remember. MySQL and MariaDB tell it as
/// it is now, whatever the transaction sees: it is never too small.
pub(crate) fn last_number(conn: &mut Conn, table: &str) -> QueryResult<Option<i64>> {
    use diesel::prelude::*;
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            use crate::schema::sqlite_sequence::dsl::{name, seq, sqlite_sequence};
            let row = sqlite_sequence.filter(name.eq(table)).select(seq);
            row.first(c).optional()
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            use diesel::sql_types::{BigInt, Nullable, Text};
            // MySQL 8 would tell what it was a day ago; MariaDB has no such option.
            let _ = c.batch_execute("SET SESSION information_schema_stats_expiry = 0");
            let next = diesel::dsl::sql::<Nullable<BigInt>>(
                "(SELECT CAST(auto_increment AS SIGNED) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ",
            )
            .bind::<Text, _>(table)
            .sql(")");
            let next: Option<i64> = diesel::select(next).get_result(c)?;
            Ok(next.map(|next| next - 1))
        }
    }
}

/// Has the database give only greater numbers to rows of that table, where it gives any.
pub(crate) fn set_last_number(conn: &mut Conn, table: &str, number: i64) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            use crate::schema::sqlite_sequence::dsl::{name, seq, sqlite_sequence};
            use diesel::prelude::*;
            let counts: i64 = diesel::select(
                diesel::dsl::sql::<diesel::sql_types::BigInt>(
                    "(SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' AND name = ",
                )
                .bind::<diesel::sql_types::Text, _>(table)
                .sql(")"),
            )
            .get_result(c)?;
            if counts == 0 {
                return Ok(());
            }
            let changed = diesel::update(sqlite_sequence.filter(name.eq(table)))
                .set(seq.eq(number))
                .execute(c)?;
            if changed == 0 {
                diesel::sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
                    .bind::<diesel::sql_types::Text, _>(table)
                    .bind::<diesel::sql_types::BigInt, _>(number)
                    .execute(c)?;
            }
            Ok(())
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            let table = table.replace('`', "``");
            let next = number.saturating_add(1);
            c.batch_execute(&format!("ALTER TABLE `{table}` AUTO_INCREMENT = {next}"))
        }
    }
}

/// Whether rows have to refer to others that are there.
pub(crate) fn check_references(conn: &mut Conn, check: bool) -> QueryResult<()> {
    conn.batch_execute(match (&*conn, check) {
        #[cfg(feature = "sqlite")]
        (Conn::Sqlite(_), true) => "PRAGMA foreign_keys = ON",
        #[cfg(feature = "sqlite")]
        (Conn::Sqlite(_), false) => "PRAGMA foreign_keys = OFF",
        #[cfg(feature = "mysql")]
        (Conn::Mysql(_), true) => "SET SESSION foreign_key_checks = 1, unique_checks = 1",
        #[cfg(feature = "mysql")]
        (Conn::Mysql(_), false) => "SET SESSION foreign_key_checks = 0, unique_checks = 1",
    })
}

/// What SQLite alone keeps of entries: which are whose, and of which session; all of them at once.
pub(crate) fn file_all(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => c.batch_execute(
            "DELETE FROM log_entries_of_participant; DELETE FROM log_entries_of_session; \
             INSERT INTO log_entries_of_participant (pseudonym, number) SELECT pseudonym, number FROM log_entries ORDER BY pseudonym, number; \
             INSERT INTO log_entries_of_session (session, number) SELECT session, number FROM log_entries WHERE session IS NOT NULL \
             ORDER BY session, number; \
             UPDATE log_entries_filed SET number = (SELECT COALESCE(MAX(number), 0) FROM log_entries)",
        ),
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => Ok(()),
    }
}

/// Whether there is a table of that name.
pub(crate) fn has_table(conn: &mut Conn, name: &str) -> QueryResult<bool> {
    use diesel::RunQueryDsl;
    use diesel::sql_types::{BigInt, Text};
    let count = match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => "(SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ",
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => {
            "(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
        }
    };
    let count = diesel::dsl::sql::<BigInt>(count)
        .bind::<Text, _>(name)
        .sql(")");
    let found: i64 = diesel::select(count).get_result(conn)?;
    Ok(found > 0)
}

/// Whether what the driver reads is what the server sent: some releases of a C library made Diesel read texts as empty, without an error.
pub(crate) fn reads_faithfully(conn: &mut Conn) -> QueryResult<bool> {
    use diesel::RunQueryDsl;
    use diesel::dsl::sql;
    use diesel::sql_types::Text;
    let sent = match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => "printf('%.*c', 300, 'x')",
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => "REPEAT('x', 300)",
    };
    let read: String = diesel::select(sql::<Text>(sent)).get_result(conn)?;
    Ok(read.len() == 300 && read.bytes().all(|b| b == b'x'))
}

/// Why the files of the database keep the bytes of what is deleted for some time; `None` if they are overwritten.
///
/// SQLite overwrites them, since every connection that writes asks for it. MariaDB does so where an option says so, which can be changed while it runs;
/// MySQL has no such option.
pub(crate) fn why_bytes_stay(conn: &mut Conn) -> QueryResult<Option<String>> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => Ok(None),
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            use diesel::RunQueryDsl;
            let found: Vec<Variable> = diesel::sql_query(format!(
                "SELECT VARIABLE_VALUE AS value FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME = '{SCRUBS}'"
            ))
            .load(c)
            // MySQL has the table elsewhere, and the option nowhere.
            .unwrap_or_default();
            Ok(match found.first().map(|one| one.value.as_str()) {
                Some("ON" | "1") => None,
                Some(_) => Some(format!("{SCRUBS} is OFF, and must be ON")),
                None => Some(format!("it has no {SCRUBS}, which MariaDB has since 10.5")),
            })
        }
    }
}

/// The option under which MariaDB overwrites what it deletes.
#[cfg(feature = "mysql")]
const SCRUBS: &str = "innodb_immediate_scrub_data_uncompressed";

/// The value of a server's variable.
#[cfg(feature = "mysql")]
#[derive(diesel::QueryableByName)]
struct Variable {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// What SQLite finds wrong with its own file; `None` where it finds nothing. A MySQL or MariaDB server looks after its files itself.
pub(crate) fn damage(conn: &mut Conn) -> QueryResult<Option<String>> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            use diesel::RunQueryDsl;
            let told: String = diesel::dsl::sql::<diesel::sql_types::Text>("PRAGMA quick_check(1)")
                .get_result(c)?;
            Ok((told != "ok").then_some(told))
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => Ok(None),
    }
}

/// Why the database may lose what it acknowledged; `None` if it keeps it.
pub(crate) fn durability_fault(conn: &mut Conn) -> QueryResult<Option<String>> {
    use diesel::RunQueryDsl;
    use diesel::dsl::sql;
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => {
            use diesel::sql_types::Text;
            let mode: String = sql::<Text>("PRAGMA journal_mode").get_result(c)?;
            Ok((mode != "wal").then(|| {
                format!("SQLite can't keep a write-ahead log there: journal_mode is {mode}")
            }))
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => {
            use diesel::sql_types::BigInt;
            let mut setting = |name: &str| -> QueryResult<i64> {
                diesel::select(sql::<BigInt>(&format!("CAST(@@GLOBAL.{name} AS SIGNED)")))
                    .get_result(c)
            };
            Ok(flush_fault(
                setting("innodb_flush_log_at_trx_commit")?,
                setting("log_bin")? != 0,
                setting("sync_binlog")?,
            ))
        }
    }
}

/// Whether a commit is flushed, by the settings of a MySQL or MariaDB server.
#[cfg(feature = "mysql")]
fn flush_fault(flush_log: i64, binary_log: bool, sync_binlog: i64) -> Option<String> {
    if flush_log != 1 {
        Some(format!(
            "innodb_flush_log_at_trx_commit is {flush_log}, and must be 1"
        ))
    } else if binary_log && sync_binlog != 1 {
        Some(format!(
            "log_bin is on and sync_binlog is {sync_binlog}, and must be 1"
        ))
    } else {
        None
    }
}

#[cfg(test)]
#[cfg(feature = "mysql")]
mod tests {
    use super::flush_fault;

    #[test]
    fn a_server_must_flush_each_commit_and_its_binary_log_if_it_keeps_one() {
        assert_eq!(flush_fault(1, false, 0), None);
        assert_eq!(flush_fault(1, true, 1), None);
        assert!(flush_fault(2, false, 1).is_some());
        assert!(flush_fault(0, true, 1).is_some());
        assert!(flush_fault(1, true, 0).is_some());
    }
}

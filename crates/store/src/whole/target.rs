//! Filling an empty database.

mod place;

use super::{NOT_COPIED, UNFINISHED, engine_of, failed, kind, orphans};
use crate::connection::Conn;
use crate::dialect::{self, Engine};
use crate::error::OpenError;
use crate::migrations;
use crate::options::StoreOptions;
use crate::raw;
use crate::schema::grants;
use crate::server;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl, sql_query};
use place::Place;
use sillage_domain::{Cell, WholeError, WholeSink, WholeState, WholeTable, WholeTarget};

/// A statement inserts so many rows, so many bytes and so many values at most, unless a single row is more.
const ROWS: usize = 200;
const BYTES: usize = 1 << 20;
const VALUES: usize = 30_000;
/// A transaction that many rows.
const COMMIT: usize = 20_000;

pub(super) struct Target {
    place: Place,
    conn: Option<Conn>,
    engine: Engine,
    state: Option<WholeState>,
    table: Option<WholeTable>,
    waiting: Vec<Vec<Cell>>,
    bytes: usize,
    uncommitted: usize,
}

impl Target {
    pub(super) fn open(options: &StoreOptions) -> Result<Self, WholeError> {
        let engine = Engine::of(&options.url).map_err(failed)?;
        let (place, conn) = Place::open(options)?;
        Ok(Self {
            place,
            conn: Some(conn),
            engine,
            state: None,
            table: None,
            waiting: Vec::new(),
            bytes: 0,
            uncommitted: 0,
        })
    }

    fn conn(&mut self) -> Result<&mut Conn, WholeError> {
        let gone = || WholeError::Damaged("the database is closed already".into());
        self.conn.as_mut().ok_or_else(gone)
    }

    fn execute(&mut self, sql: &str) -> Result<(), WholeError> {
        self.conn()?.batch_execute(sql).map_err(failed)
    }

    /// The migrations that make the tables as they were, or as they are now where that is the same.
    fn versions(&self, state: &WholeState) -> Result<Vec<String>, WholeError> {
        let theirs = engine_of(&state.engine)
            .and_then(migrations::versions)
            .ok_or_else(|| WholeError::UnknownEngine(state.engine.clone()))?;
        if let Some(newer) = state.migrations.iter().find(|one| !theirs.contains(one)) {
            return Err(WholeError::Newer(newer.clone()));
        }
        if engine_of(&state.engine) == Some(self.engine) {
            return Ok(state.migrations.clone());
        }
        match theirs.len() - state.migrations.len() {
            0 => migrations::versions(self.engine)
                .ok_or_else(|| WholeError::UnknownEngine(state.engine.clone())),
            pending => Err(WholeError::OlderElsewhere {
                engine: state.engine.clone(),
                pending,
            }),
        }
    }

    /// Inserts what waits, and commits now and then.
    fn flush(&mut self, commit: bool) -> Result<(), WholeError> {
        let rows = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if let Some(table) = self.table.clone().filter(|_| !rows.is_empty()) {
            if self.uncommitted == 0 {
                dialect::begin_write(self.conn()?).map_err(failed)?;
            }
            self.uncommitted += rows.len();
            let conn = self.conn()?;
            let sql = statement(conn, &table, rows.len());
            insert(conn, &sql, rows).map_err(failed)?;
        }
        if self.uncommitted > 0 && (commit || self.uncommitted >= COMMIT) {
            self.uncommitted = 0;
            self.execute("COMMIT")?;
        }
        Ok(())
    }

    /// Whether all is there.
    fn complete(&mut self, state: &WholeState) -> Result<(), WholeError> {
        let conn = self.conn()?;
        for table in &state.tables {
            let rows = raw::count(conn, &table.name).map_err(failed)?;
            if rows != table.rows {
                return Err(WholeError::Damaged(format!(
                    "{rows} rows are in `{}`, and there should be {}",
                    table.name, table.rows
                )));
            }
        }
        let lost = orphans(conn).map_err(failed)?;
        match lost.first() {
            None => Ok(()),
            Some(one) => Err(WholeError::Damaged(format!(
                "{} row(s) of `{}` refer to rows of `{}` that are not there",
                one.rows, one.table, one.parent
            ))),
        }
    }

    /// What holds of this archive, and of the one that was copied no more.
    fn settle(&mut self, keep_log_ins: bool) -> Result<(), WholeError> {
        let engine = self.engine;
        let conn = self.conn()?;
        migrations::run(conn).map_err(failed)?;
        dialect::begin_write(conn).map_err(failed)?;
        server::found(conn).map_err(failed)?;
        server::renew_epoch(conn).map_err(failed)?;
        if engine == Engine::Mysql {
            server::claim(conn, server::ERASING, "").map_err(failed)?;
        }
        if !keep_log_ins {
            diesel::delete(grants::table)
                .execute(conn)
                .map_err(failed)?;
        }
        dialect::file_all(conn).map_err(failed)?;
        conn.batch_execute("COMMIT").map_err(failed)
    }
}

impl WholeSink for Target {
    fn begin(&mut self, state: &WholeState) -> Result<(), WholeError> {
        let versions = self.versions(state)?;
        let conn = self.conn()?;
        conn.batch_execute(&format!("CREATE TABLE {UNFINISHED} (begun_us BIGINT)"))
            .map_err(failed)?;
        migrations::run_these(conn, &versions).map_err(failed)?;
        dialect::check_references(conn, false).map_err(failed)?;
        // What migrations put there is in the copy, as it was changed since.
        for name in raw::tables(conn).map_err(failed)? {
            if !NOT_COPIED.contains(&name.as_str()) {
                let sql = format!("DELETE FROM {}", raw::quoted(conn, &name));
                conn.batch_execute(&sql).map_err(failed)?;
            }
        }
        self.state = Some(state.clone());
        Ok(())
    }

    fn table(&mut self, table: &WholeTable) -> Result<(), WholeError> {
        self.flush(true)?;
        let conn = self.conn()?;
        let here = raw::columns(conn, &table.name).map_err(failed)?;
        let is_copied = !NOT_COPIED.contains(&table.name.as_str());
        let fits = table.columns.iter().all(|column| {
            here.iter().any(|known| {
                known.name == column.name && kind(&known.declared) == Some(column.kind)
            })
        });
        if !is_copied || here.is_empty() || !fits {
            return Err(WholeError::Damaged(format!(
                "the table `{}` is not as this program knows it",
                table.name
            )));
        }
        self.table = Some(table.clone());
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<(), WholeError> {
        let columns = self.table.as_ref().map_or(0, |table| table.columns.len());
        if columns == 0 || columns != cells.len() {
            return Err(WholeError::Damaged(
                "a row has not a value for each column".into(),
            ));
        }
        self.bytes += cells.iter().map(size).sum::<usize>();
        self.waiting.push(cells);
        let rows = self.waiting.len();
        if rows >= ROWS || self.bytes >= BYTES || (rows + 1) * columns > VALUES {
            self.flush(false)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), WholeError> {
        self.flush(true)
    }
}

impl WholeTarget for Target {
    fn finish(&mut self, keep_log_ins: bool) -> Result<(), WholeError> {
        self.flush(true)?;
        let state = self.state.take();
        let state = state.ok_or_else(|| WholeError::Damaged("nothing was copied".into()))?;
        self.complete(&state)?;
        let conn = self.conn()?;
        for table in &state.tables {
            if let Some(number) = table.last_number {
                dialect::set_last_number(conn, &table.name, number).map_err(failed)?;
            }
        }
        dialect::check_references(conn, true).map_err(failed)?;
        self.settle(keep_log_ins)?;
        self.execute(&format!("DROP TABLE {UNFINISHED}"))?;
        // SQLite's file is whole once it is closed.
        drop(self.conn.take());
        self.place.finish()
    }
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) | Cell::Json(text) => text.len(),
        Cell::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}

fn statement(conn: &Conn, table: &WholeTable, rows: usize) -> String {
    let names = table.columns.iter();
    let names: Vec<_> = names
        .map(|column| raw::quoted(conn, &column.name))
        .collect();
    let values = format!("({})", vec!["?"; names.len()].join(", "));
    format!(
        "INSERT INTO {} ({}) VALUES {}",
        raw::quoted(conn, &table.name),
        names.join(", "),
        vec![values; rows].join(", ")
    )
}

/// One body for both, which Diesel can't say in one type.
macro_rules! bound {
    ($backend:ty, $sql:expr, $rows:expr) => {{
        let mut query = sql_query($sql).into_boxed::<$backend>();
        for cell in $rows.into_iter().flatten() {
            query = match cell {
                Cell::Integer(number) => query.bind::<BigInt, _>(number),
                Cell::Real(number) => query.bind::<Double, _>(number),
                Cell::Text(text) | Cell::Json(text) => query.bind::<Text, _>(text),
                Cell::Bytes(bytes) => query.bind::<Binary, _>(bytes),
                _ => query.bind::<Nullable<BigInt>, _>(None::<i64>),
            };
        }
        query
    }};
}

fn insert(conn: &mut Conn, sql: &str, rows: Vec<Vec<Cell>>) -> QueryResult<()> {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => bound!(diesel::sqlite::Sqlite, sql, rows).execute(c),
        #[cfg(feature = "mysql")]
        Conn::Mysql(c) => bound!(diesel::mysql::Mysql, sql, rows).execute(c),
    }
    .map(drop)
}

/// The source of an error of this crate, as it is told to who restores.
fn opened(error: OpenError) -> WholeError {
    WholeError::Database(Box::new(error))
}

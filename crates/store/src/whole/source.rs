//! Reading all that there is at one moment.

use super::{NOT_COPIED, failed, kind, word};
use crate::connection::Conn;
use crate::dialect::{self, Engine};
use crate::raw::{self, Bytes};
use crate::server;
use diesel::connection::SimpleConnection;
use sillage_domain::{
    Cell, ColumnKind, WholeColumn, WholeError, WholeSink, WholeSource, WholeState, WholeTable,
};
use std::ops::ControlFlow;

pub(super) struct Source {
    conn: Conn,
    engine: Engine,
}

impl Source {
    pub(super) fn new(conn: Conn, engine: Engine) -> Self {
        Self { conn, engine }
    }

    fn state(&mut self) -> Result<WholeState, WholeError> {
        let conn = &mut self.conn;
        let names = raw::tables(conn).map_err(failed)?;
        if !names.iter().any(|name| name == "server_settings") {
            return Err(WholeError::Damaged(
                "there is no archive in this database".into(),
            ));
        }
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            if !NOT_COPIED.contains(&name.as_str()) {
                tables.push(table(conn, name)?);
            }
        }
        // Not by way of Diesel, which would make the table where it is missing, and end MySQL's transaction with that.
        let version = raw::as_bytes(conn, "version");
        let applied =
            format!("SELECT {version} AS c0 FROM __diesel_schema_migrations ORDER BY version");
        let migrations = raw::lines(conn, &applied).map_err(failed)?;
        let mut setting = |name| server::setting(conn, name).map_err(failed);
        Ok(WholeState {
            engine: word(self.engine).to_owned(),
            migrations: migrations.into_iter().flatten().collect(),
            fingerprint: setting(server::FINGERPRINT)?,
            ledger: setting(server::LEDGER)?,
            epoch: setting(server::EPOCH)?,
            tables,
        })
    }

    fn copy(&mut self, to: &mut dyn WholeSink) -> Result<(), WholeError> {
        let state = self.state()?;
        to.begin(&state)?;
        for table in &state.tables {
            to.table(table)?;
            self.rows(table, to)?;
        }
        to.end()
    }

    fn rows(&mut self, table: &WholeTable, to: &mut dyn WholeSink) -> Result<(), WholeError> {
        let conn = &mut self.conn;
        let columns = raw::columns(conn, &table.name).map_err(failed)?;
        let mut key: Vec<_> = columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let key: Vec<_> = key
            .iter()
            .map(|column| raw::quoted(conn, &column.name))
            .collect();
        let cast = |(n, column): (usize, &WholeColumn)| {
            let name = raw::quoted(conn, &column.name);
            let bytes = match column.kind {
                ColumnKind::Real => raw::real_as_bytes(conn, &name),
                _ => raw::as_bytes(conn, &name),
            };
            format!("{bytes} AS c{n}")
        };
        let casts: Vec<_> = table.columns.iter().enumerate().map(cast).collect();
        let order = match key.is_empty() {
            true => String::new(),
            false => format!(" ORDER BY {}", key.join(", ")),
        };
        let sql = format!(
            "SELECT {} FROM {}{order}",
            casts.join(", "),
            raw::quoted(conn, &table.name)
        );
        let mut stopped = Ok(());
        let read = raw::query(conn, &sql, |row| {
            match cells(row, table).and_then(|cells| to.row(cells)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    stopped = Err(error);
                    ControlFlow::Break(())
                }
            }
        });
        stopped.and(read.map_err(failed))
    }
}

impl WholeSource for Source {
    fn read(&mut self, to: &mut dyn WholeSink) -> Result<(), WholeError> {
        dialect::begin_read(&mut self.conn).map_err(failed)?;
        let done = self.copy(to);
        let ended = self.conn.batch_execute("COMMIT").map_err(failed);
        done.and(ended)
    }
}

fn table(conn: &mut Conn, name: String) -> Result<WholeTable, WholeError> {
    let mut columns = Vec::new();
    for column in raw::columns(conn, &name).map_err(failed)? {
        let kind = kind(&column.declared).ok_or_else(|| {
            WholeError::Damaged(format!(
                "the column `{}` of `{name}` is declared `{}`, of which nothing is known",
                column.name, column.declared
            ))
        })?;
        columns.push(WholeColumn {
            name: column.name,
            kind,
        });
    }
    Ok(WholeTable {
        columns,
        rows: raw::count(conn, &name).map_err(failed)?,
        last_number: dialect::last_number(conn, &name).map_err(failed)?,
        name,
    })
}

/// The values of a row by what stands in its columns.
fn cells(row: Bytes, table: &WholeTable) -> Result<Vec<Cell>, WholeError> {
    let values = row.0.into_iter().zip(&table.columns);
    let cell = |(value, column): (Option<Vec<u8>>, &WholeColumn)| {
        let Some(bytes) = value else {
            return Some(Cell::Null);
        };
        match column.kind {
            ColumnKind::Text => String::from_utf8(bytes).ok().map(Cell::Text),
            ColumnKind::Integer => std::str::from_utf8(&bytes)
                .ok()?
                .parse()
                .ok()
                .map(Cell::Integer),
            ColumnKind::Real => std::str::from_utf8(&bytes)
                .ok()?
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Cell::Real),
            _ => Some(Cell::Bytes(bytes)),
        }
    };
    let read: Option<Vec<Cell>> = values.map(cell).collect();
    read.ok_or_else(|| {
        WholeError::Damaged(format!(
            "a row of `{}` has a value that its column can't have",
            table.name
        ))
    })
}

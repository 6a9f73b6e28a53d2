//! Tables as they stand in a database, whatever they are: their names, their columns, their rows as bytes.

use crate::connection::Conn;
use crate::dialect;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_query;
use diesel::sql_types::{Binary, Nullable};
use std::ops::ControlFlow;

/// The values of a row, as bytes.
pub(crate) struct Bytes(pub(crate) Vec<Option<Vec<u8>>>);

impl<DB: Backend> QueryableByName<DB> for Bytes
where
    Option<Vec<u8>>: FromSql<Nullable<Binary>, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let columns = 0..row.field_count();
        let value = |n| NamedRow::get::<Nullable<Binary>, _>(row, &format!("c{n}"));
        columns.map(value).collect::<Result<_, _>>().map(Self)
    }
}

impl Bytes {
    fn text(&mut self, n: usize) -> Option<String> {
        let bytes = self.0.get_mut(n)?.take()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Calls `each` with every row of what is asked, whose columns are called `c0`, `c1` and so on. Rows are not gathered.
pub(crate) fn query(
    conn: &mut Conn,
    sql: &str,
    mut each: impl FnMut(Bytes) -> ControlFlow<()>,
) -> QueryResult<()> {
    let mut feed = |row: QueryResult<Bytes>| row.map(&mut each);
    dialect::on_backend!(conn, c => feed_all(sql_query(sql).load_iter(c), &mut feed))
}

fn feed_all(
    rows: QueryResult<impl Iterator<Item = QueryResult<Bytes>>>,
    feed: &mut dyn FnMut(QueryResult<Bytes>) -> QueryResult<ControlFlow<()>>,
) -> QueryResult<()> {
    for row in rows? {
        if feed(row)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Rows that are texts, and few.
pub(crate) fn lines(conn: &mut Conn, sql: &str) -> QueryResult<Vec<Vec<String>>> {
    let mut lines = Vec::new();
    query(conn, sql, |mut row| {
        let count = row.0.len();
        lines.push(
            (0..count)
                .map(|n| row.text(n).unwrap_or_default())
                .collect(),
        );
        ControlFlow::Continue(())
    })?;
    Ok(lines)
}

/// Whether it is SQLite.
pub(crate) fn is_sqlite(conn: &Conn) -> bool {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => true,
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => false,
    }
}

/// An expression as bytes, whatever it is.
pub(crate) fn as_bytes(conn: &Conn, expression: &str) -> String {
    match is_sqlite(conn) {
        true => format!("CAST({expression} AS BLOB)"),
        false => format!("CAST({expression} AS BINARY)"),
    }
}

/// A number with a point as bytes, with as many digits as tell it from every other.
pub(crate) fn real_as_bytes(conn: &Conn, expression: &str) -> String {
    match is_sqlite(conn) {
        true => format!(
            "CASE WHEN {expression} IS NULL THEN NULL ELSE CAST(format('%!.17g', {expression}) AS BLOB) END"
        ),
        false => as_bytes(conn, expression),
    }
}

/// A name as the engine quotes it.
pub(crate) fn quoted(conn: &Conn, name: &str) -> String {
    match is_sqlite(conn) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => format!("`{}`", name.replace('`', "``")),
    }
}

/// A text as a value in a statement.
pub(crate) fn literal(conn: &Conn, text: &str) -> String {
    let text = text.replace('\'', "''");
    match is_sqlite(conn) {
        true => format!("'{text}'"),
        false => format!("'{}'", text.replace('\\', "\\\\")),
    }
}

/// The names of all tables, in order.
pub(crate) fn tables(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let names = match is_sqlite(conn) {
        true => {
            "SELECT CAST(name AS BLOB) AS c0 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
        }
        false => {
            "SELECT CAST(table_name AS BINARY) AS c0 FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
        }
    };
    Ok(lines(conn, names)?.into_iter().flatten().collect())
}

/// A column of a table.
pub(crate) struct Column {
    pub(crate) name: String,
    /// What it is declared as, in small letters.
    pub(crate) declared: String,
    /// Its place in the primary key, from 1; 0 where it is not in it.
    pub(crate) key: usize,
}

/// The columns of a table, in order.
pub(crate) fn columns(conn: &mut Conn, table: &str) -> QueryResult<Vec<Column>> {
    let table = literal(conn, table);
    let sql = match is_sqlite(conn) {
        true => format!(
            "SELECT CAST(name AS BLOB) AS c0, CAST(lower(type) AS BLOB) AS c1, CAST(pk AS BLOB) AS c2 FROM pragma_table_info({table}) \
             ORDER BY cid"
        ),
        false => format!(
            "SELECT CAST(c.column_name AS BINARY) AS c0, CAST(LOWER(c.column_type) AS BINARY) AS c1, \
             CAST(COALESCE(s.seq_in_index, 0) AS BINARY) AS c2 FROM information_schema.columns c \
             LEFT JOIN information_schema.statistics s ON s.table_schema = c.table_schema AND s.table_name = c.table_name \
             AND s.column_name = c.column_name AND s.index_name = 'PRIMARY' \
             WHERE c.table_schema = DATABASE() AND c.table_name = {table} ORDER BY c.ordinal_position"
        ),
    };
    let column = |mut line: Vec<String>| {
        let key = line.pop().and_then(|key| key.parse().ok()).unwrap_or(0);
        let declared = line.pop().unwrap_or_default();
        let name = line.pop().unwrap_or_default();
        Column {
            name,
            declared,
            key,
        }
    };
    Ok(lines(conn, &sql)?.into_iter().map(column).collect())
}

/// How many rows a table has.
pub(crate) fn count(conn: &mut Conn, table: &str) -> QueryResult<u64> {
    let (count, table) = (as_bytes(conn, "COUNT(*)"), quoted(conn, table));
    number(conn, &format!("SELECT {count} AS c0 FROM {table}"))
}

/// The one number that is asked for; 0 where there is no row.
pub(crate) fn number(conn: &mut Conn, sql: &str) -> QueryResult<u64> {
    let rows = lines(conn, sql)?.into_iter().flatten().next();
    Ok(rows.and_then(|rows| rows.parse().ok()).unwrap_or(0))
}

//! Databases of other programs, read as they stand and never written.

use crate::connection::Conn;
use crate::dialect;
use crate::error::Error;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_query;
use diesel::sql_types::{Binary, Nullable};
use sillage_domain::{Cell, ForeignDatabase, ForeignError, ForeignTable};
use std::ops::ControlFlow;
use std::path::Path;

/// How a SQLite database begins, on disk.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Another program's database: a SQLite file by its path, or MySQL or MariaDB by URL (`mysql://user:password@host:3306/database`).
///
/// It is opened to be read only; a file that is not there is not made.
///
/// # Errors
///
/// [`ForeignError`].
pub fn open_foreign(source: &str) -> Result<Box<dyn ForeignDatabase>, ForeignError> {
    let is_server = ["mysql://", "mariadb://"]
        .iter()
        .any(|scheme| source.starts_with(scheme));
    let url = if is_server {
        source.to_owned()
    } else {
        file_url(Path::new(
            source.strip_prefix("sqlite://").unwrap_or(source),
        ))?
    };
    let known = dialect::SCHEMES
        .iter()
        .any(|scheme| url.starts_with(scheme));
    if !known {
        return Err(ForeignError::Unknown);
    }
    let conn = dialect::connect(&url).map_err(|e| unreadable(Error::Connect(e.into())))?;
    Ok(Box::new(Foreign { conn }))
}

/// A URL that opens a file to be read only, if it is there and a database.
fn file_url(path: &Path) -> Result<String, ForeignError> {
    let mut head = [0; 16];
    let read = std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
    match read {
        Ok(()) if head == MAGIC => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ForeignError::NoSuchFile);
        }
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            return Err(unreadable(error));
        }
        _ => return Err(ForeignError::NoDatabase),
    }
    let mut url = String::from("sqlite://file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                url.push(char::from(*byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url.push_str("?mode=ro");
    Ok(url)
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> ForeignError {
    ForeignError::Unreadable(Box::new(error))
}

struct Foreign {
    conn: Conn,
}

/// The values of a row, as bytes.
struct Bytes(Vec<Option<Vec<u8>>>);

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

impl Foreign {
    /// Calls `each` with every row of what is asked, whose columns are called `c0`, `c1` and so on.
    fn query(
        &mut self,
        sql: &str,
        mut each: impl FnMut(Bytes) -> ControlFlow<()>,
    ) -> Result<(), ForeignError> {
        let mut feed = |row: QueryResult<Bytes>| row.map(&mut each);
        let fed = match &mut self.conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(c) => feed_all(sql_query(sql).load_iter(c), &mut feed),
            #[cfg(feature = "mysql")]
            Conn::Mysql(c) => feed_all(sql_query(sql).load_iter(c), &mut feed),
        };
        fed.map_err(|error| match error {
            diesel::result::Error::DatabaseError(_, told)
                if told.message().contains("not a database") =>
            {
                ForeignError::NoDatabase
            }
            other => unreadable(other),
        })
    }

    /// A name as the engine quotes it.
    fn quoted(&self, name: &str) -> String {
        match self.conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => format!("\"{}\"", name.replace('"', "\"\"")),
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// A text as a value in a statement.
    fn literal(&self, text: &str) -> String {
        let text = text.replace('\'', "''");
        match self.conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => format!("'{text}'"),
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => format!("'{}'", text.replace('\\', "\\\\")),
        }
    }

    fn lines(&mut self, sql: &str) -> Result<Vec<Vec<String>>, ForeignError> {
        let mut lines = Vec::new();
        self.query(sql, |mut row| {
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

    /// The columns of a table with what they are declared as, in small letters.
    fn columns(&mut self, table: &str) -> Result<Vec<(String, String)>, ForeignError> {
        let table = self.literal(table);
        let sql = match self.conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => format!(
                "SELECT CAST(name AS BLOB) AS c0, CAST(lower(type) AS BLOB) AS c1 FROM pragma_table_info({table}) ORDER BY cid"
            ),
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => format!(
                "SELECT CAST(column_name AS BINARY) AS c0, CAST(LOWER(column_type) AS BINARY) AS c1 FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = {table} ORDER BY ordinal_position"
            ),
        };
        let pair = |mut line: Vec<String>| {
            let declared = line.pop().unwrap_or_default();
            (line.pop().unwrap_or_default(), declared)
        };
        Ok(self.lines(&sql)?.into_iter().map(pair).collect())
    }
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

impl ForeignDatabase for Foreign {
    fn tables(&mut self) -> Result<Vec<ForeignTable>, ForeignError> {
        let names = match self.conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => {
                "SELECT CAST(name AS BLOB) AS c0 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
            }
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => {
                "SELECT CAST(table_name AS BINARY) AS c0 FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
            }
        };
        let names: Vec<String> = self.lines(names)?.into_iter().flatten().collect();
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            let count = match self.conn {
                #[cfg(feature = "sqlite")]
                Conn::Sqlite(_) => "CAST(COUNT(*) AS BLOB)",
                #[cfg(feature = "mysql")]
                Conn::Mysql(_) => "CAST(COUNT(*) AS BINARY)",
            };
            let rows = self.lines(&format!("SELECT {count} AS c0 FROM {}", self.quoted(&name)))?;
            let rows = rows.into_iter().flatten().next();
            let columns = self.columns(&name)?;
            tables.push(ForeignTable {
                columns: columns.into_iter().map(|(column, _)| column).collect(),
                rows: rows.and_then(|rows| rows.parse().ok()).unwrap_or(0),
                name,
            });
        }
        Ok(tables)
    }

    fn rows(
        &mut self,
        table: &str,
        columns: &[&str],
        by: Option<&str>,
        each: &mut dyn FnMut(Vec<Cell>) -> ControlFlow<()>,
    ) -> Result<(), ForeignError> {
        let declared = self.columns(table)?;
        let type_of = |column: &str| {
            let found = declared.iter().find(|(name, _)| name == column);
            found.map_or("", |(_, declared)| declared.as_str())
        };
        let types: Vec<&str> = columns.iter().map(|column| type_of(column)).collect();
        let mut parts = Vec::with_capacity(2 * columns.len());
        let is_sqlite = match self.conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => true,
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => false,
        };
        for (n, column) in columns.iter().map(|column| self.quoted(column)).enumerate() {
            if is_sqlite {
                // A value of SQLite has a type of its own, whatever its column is declared as.
                parts.push(format!("CAST({column} AS BLOB) AS c{}", 2 * n));
                parts.push(format!("CAST(typeof({column}) AS BLOB) AS c{}", 2 * n + 1));
            } else {
                parts.push(format!("CAST({column} AS BINARY) AS c{n}"));
            }
        }
        let order = by.map_or_else(String::new, |by| format!(" ORDER BY {}", self.quoted(by)));
        let sql = format!(
            "SELECT {} FROM {}{order}",
            parts.join(", "),
            self.quoted(table)
        );
        self.query(&sql, |row| {
            let cells = if is_sqlite {
                sqlite_cells(row, &types)
            } else {
                let cell =
                    |(value, declared): (Option<Vec<u8>>, &&str)| mysql_cell(value, declared);
                row.0.into_iter().zip(&types).map(cell).collect()
            };
            each(cells)
        })
    }
}

fn sqlite_cells(row: Bytes, types: &[&str]) -> Vec<Cell> {
    let mut values = row.0.into_iter();
    let mut cells = Vec::with_capacity(types.len());
    for declared in types {
        let value = values.next().flatten().unwrap_or_default();
        let kind = values.next().flatten().unwrap_or_default();
        cells.push(match kind.as_slice() {
            b"null" | b"" => Cell::Null,
            b"integer" => number(value),
            b"real" => number(value),
            b"text" => text(value, declared),
            _ => Cell::Bytes(value),
        });
    }
    cells
}

fn mysql_cell(value: Option<Vec<u8>>, declared: &str) -> Cell {
    let Some(value) = value else {
        return Cell::Null;
    };
    let is = |words: &[&str]| words.iter().any(|word| declared.starts_with(word));
    if is(&[
        "tinyint",
        "smallint",
        "mediumint",
        "int",
        "bigint",
        "decimal",
        "double",
        "float",
    ]) {
        number(value)
    } else if is(&[
        "binary",
        "varbinary",
        "blob",
        "tinyblob",
        "mediumblob",
        "longblob",
        "bit",
    ]) {
        Cell::Bytes(value)
    } else {
        text(value, declared)
    }
}

/// A number by its digits; a text where it is none that a machine keeps exactly or nearly.
fn number(digits: Vec<u8>) -> Cell {
    let digits = String::from_utf8_lossy(&digits).into_owned();
    if let Ok(integer) = digits.parse() {
        return Cell::Integer(integer);
    }
    match digits.parse::<f64>() {
        Ok(real) if real.is_finite() => Cell::Real(real),
        _ => Cell::Text(digits),
    }
}

fn text(value: Vec<u8>, declared: &str) -> Cell {
    match String::from_utf8(value) {
        Ok(text) if declared == "json" => Cell::Json(text),
        Ok(text) => Cell::Text(text),
        Err(error) => Cell::Bytes(error.into_bytes()),
    }
}

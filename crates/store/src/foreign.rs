//! Databases of other programs, read as they stand and never written.

use crate::connection::Conn;
use crate::dialect;
use crate::error::Error;
use crate::raw::{self, Bytes};
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

/// What reading failed with.
fn failed(error: diesel::result::Error) -> ForeignError {
    match error {
        diesel::result::Error::DatabaseError(_, told)
            if told.message().contains("not a database") =>
        {
            ForeignError::NoDatabase
        }
        other => unreadable(other),
    }
}

impl ForeignDatabase for Foreign {
    fn tables(&mut self) -> Result<Vec<ForeignTable>, ForeignError> {
        let conn = &mut self.conn;
        let names = raw::tables(conn).map_err(failed)?;
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            let rows = raw::count(conn, &name).map_err(failed)?;
            let columns = raw::columns(conn, &name).map_err(failed)?;
            tables.push(ForeignTable {
                columns: columns.into_iter().map(|column| column.name).collect(),
                rows,
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
        let conn = &mut self.conn;
        let declared = raw::columns(conn, table).map_err(failed)?;
        let type_of = |column: &str| {
            let found = declared.iter().find(|known| known.name == column);
            found.map_or("", |known| known.declared.as_str())
        };
        let types: Vec<&str> = columns.iter().map(|column| type_of(column)).collect();
        let mut parts = Vec::with_capacity(2 * columns.len());
        let is_sqlite = raw::is_sqlite(conn);
        for (n, column) in columns
            .iter()
            .map(|column| raw::quoted(conn, column))
            .enumerate()
        {
            if is_sqlite {
                // A value of SQLite has a type of its own, whatever its column is declared as.
                parts.push(format!("CAST({column} AS BLOB) AS c{}", 2 * n));
                parts.push(format!("CAST(typeof({column}) AS BLOB) AS c{}", 2 * n + 1));
            } else {
                parts.push(format!("CAST({column} AS BINARY) AS c{n}"));
            }
        }
        let order = by.map_or_else(String::new, |by| {
            format!(" ORDER BY {}", raw::quoted(conn, by))
        });
        let sql = format!(
            "SELECT {} FROM {}{order}",
            parts.join(", "),
            raw::quoted(conn, table)
        );
        let fed = raw::query(conn, &sql, |row| {
            let cells = if is_sqlite {
                sqlite_cells(row, &types)
            } else {
                let cell =
                    |(value, declared): (Option<Vec<u8>>, &&str)| mysql_cell(value, declared);
                row.0.into_iter().zip(&types).map(cell).collect()
            };
            each(cells)
        });
        fed.map_err(failed)
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

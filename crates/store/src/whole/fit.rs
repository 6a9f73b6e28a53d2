//! Whether rows fit together.

use crate::connection::Conn;
use crate::raw::{self, lines, number, quoted};
use diesel::QueryResult;

/// Rows that refer to one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Orphans {
    pub(crate) table: String,
    pub(crate) parent: String,
    pub(crate) rows: u64,
}

/// All rows that refer to one that is not there, counted by what refers to what.
pub(crate) fn orphans(conn: &mut Conn) -> QueryResult<Vec<Orphans>> {
    match raw::is_sqlite(conn) {
        true => of_sqlite(conn),
        false => of_mysql(conn),
    }
}

fn of_sqlite(conn: &mut Conn) -> QueryResult<Vec<Orphans>> {
    let sql = "SELECT CAST(\"table\" AS BLOB) AS c0, CAST(parent AS BLOB) AS c1, CAST(COUNT(*) AS BLOB) AS c2 \
               FROM pragma_foreign_key_check GROUP BY \"table\", parent";
    let found = lines(conn, sql)?.into_iter().map(|line| {
        let mut words = line.into_iter();
        Orphans {
            table: words.next().unwrap_or_default(),
            parent: words.next().unwrap_or_default(),
            rows: words.next().and_then(|rows| rows.parse().ok()).unwrap_or(0),
        }
    });
    Ok(found.collect())
}

fn of_mysql(conn: &mut Conn) -> QueryResult<Vec<Orphans>> {
    let keys = lines(
        conn,
        "SELECT CAST(table_name AS BINARY) AS c0, CAST(column_name AS BINARY) AS c1, CAST(referenced_table_name AS BINARY) AS c2, \
         CAST(referenced_column_name AS BINARY) AS c3 FROM information_schema.key_column_usage \
         WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL ORDER BY table_name, constraint_name",
    )?;
    let mut found = Vec::new();
    for key in keys {
        let [table, column, parent, referred] = key.as_slice() else {
            continue;
        };
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BINARY) AS c0 FROM {table} c LEFT JOIN {parent} p ON p.{referred} = c.{column} \
             WHERE c.{column} IS NOT NULL AND p.{referred} IS NULL",
            table = quoted(conn, table),
            column = quoted(conn, column),
            parent = quoted(conn, parent),
            referred = quoted(conn, referred),
        );
        let rows = number(conn, &sql)?;
        if rows > 0 {
            found.push(Orphans {
                table: table.clone(),
                parent: parent.clone(),
                rows,
            });
        }
    }
    Ok(found)
}

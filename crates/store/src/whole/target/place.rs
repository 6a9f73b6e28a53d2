//! Where an archive is put together: beside the name that a SQLite file will have, or in the MySQL or MariaDB database itself.

use super::{UNFINISHED, failed, opened};
use crate::connection::Conn;
use crate::dialect;
use crate::migrations;
use crate::options::StoreOptions;
use crate::raw;
use diesel::connection::SimpleConnection;
use sillage_domain::WholeError;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// SQLite's file takes its name when all is in it, so nothing has to be flushed before.
const FILLING: &str = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536;";

pub(super) enum Place {
    /// Where the file will be, and where it is meanwhile.
    File {
        last: PathBuf,
        first: PathBuf,
    },
    Server,
}

impl Place {
    pub(super) fn open(options: &StoreOptions) -> Result<(Self, Conn), WholeError> {
        let Some(last) = dialect::sqlite_path(&options.url) else {
            let mut conn = migrations::connect(&options.url).map_err(opened)?;
            empty(&mut conn)?;
            return Ok((Self::Server, conn));
        };
        free(last, &options.url)?;
        let first = beside(last, ".restoring");
        for old in [first.clone(), beside(&first, "-journal")] {
            gone(&old)?;
        }
        let url = format!("sqlite://{}", first.display());
        migrations::make_file(&url).map_err(opened)?;
        let mut conn = dialect::connect(&url).map_err(failed)?;
        conn.batch_execute(FILLING).map_err(failed)?;
        let last = last.to_owned();
        Ok((Self::File { last, first }, conn))
    }

    /// Gives the file its name.
    pub(super) fn finish(&self) -> Result<(), WholeError> {
        let Self::File { last, first } = self else {
            return Ok(());
        };
        File::open(first)?.sync_all()?;
        fs::rename(first, last)?;
        let above = last.parent().filter(|above| !above.as_os_str().is_empty());
        if cfg!(unix) {
            File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn gone(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Refuses a name that a database has, or the log of writes of one: SQLite would fold that into the file that takes the name.
fn free(path: &Path, url: &str) -> Result<(), WholeError> {
    if path.exists() {
        let mut conn = migrations::connect(url).map_err(opened)?;
        refuse_tables(&mut conn)?;
        drop(conn);
        gone(path)?;
    }
    for end in ["-wal", "-shm"] {
        let left = beside(path, end);
        if left.exists() {
            return Err(WholeError::Damaged(format!(
                "{} is there, which belongs to another database of that name: put it away first",
                left.display()
            )));
        }
    }
    Ok(())
}

fn refuse_tables(conn: &mut Conn) -> Result<(), WholeError> {
    match raw::tables(conn).map_err(failed)?.into_iter().next() {
        Some(table) => Err(WholeError::NotEmpty(table)),
        None => Ok(()),
    }
}

/// Takes away what a restore left that was broken off; refuses anything else.
fn empty(conn: &mut Conn) -> Result<(), WholeError> {
    let tables = raw::tables(conn).map_err(failed)?;
    if tables.iter().any(|table| table == UNFINISHED) {
        dialect::check_references(conn, false).map_err(failed)?;
        // That one last: until then it says what this is.
        let (last, others): (Vec<_>, Vec<_>) =
            tables.into_iter().partition(|table| table == UNFINISHED);
        for table in others.iter().chain(&last) {
            let sql = format!("DROP TABLE {}", raw::quoted(conn, table));
            conn.batch_execute(&sql).map_err(failed)?;
        }
        dialect::check_references(conn, true).map_err(failed)?;
    }
    refuse_tables(conn)
}

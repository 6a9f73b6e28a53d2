//! An archive as a whole: read in one state, while others write to it, and put into an empty database, of the same kind or the other.
//! `docs/decisions/0031-one-backup-for-both-databases.md` says why it goes by rows.

mod fit;
mod source;
mod target;

pub(crate) use fit::orphans;

use crate::connection::{Manager, Purpose};
use crate::dialect::{self, Engine};
use crate::error::{Error, OpenError};
use crate::options::StoreOptions;
use crate::server;
use sillage_domain::{ColumnKind, WholeError, WholeSource, WholeTarget};

/// Tables that belong to the database and not to the archive: they are made anew.
const NOT_COPIED: [&str; 6] = [
    "__diesel_schema_migrations",
    // SQLite's: which entries are whose, found out again.
    "log_entries_filed",
    "log_entries_of_participant",
    "log_entries_of_session",
    // MySQL's: the writers that there are now.
    "writers",
    UNFINISHED,
];

/// A table that is there while a restore goes on.
pub(crate) const UNFINISHED: &str = "restore_unfinished";

/// The archive of that URL, to be read as a whole. Nothing in it is changed: one that waits for migrations goes on waiting.
///
/// # Errors
///
/// [`OpenError::Scheme`], [`OpenError::Connect`]; [`OpenError::File`] where there is no such SQLite file; [`OpenError::Driver`];
/// [`OpenError::OtherKey`].
pub fn open_source(options: &StoreOptions) -> Result<Box<dyn WholeSource>, OpenError> {
    let engine = Engine::of(&options.url)?;
    if let Some(path) = dialect::sqlite_path(&options.url) {
        std::fs::metadata(path).map_err(OpenError::File)?;
    }
    let manager = Manager {
        url: options.url.clone(),
        purpose: Purpose::Read,
    };
    let refused = |error: Error| OpenError::Connect(Box::new(error));
    let mut conn = manager.open().map_err(refused)?;
    if !dialect::reads_faithfully(&mut conn).map_err(|error| refused(error.into()))? {
        return Err(OpenError::Driver);
    }
    server::check_fingerprint(&mut conn, options)?;
    Ok(Box::new(source::Source::new(conn, engine)))
}

/// An empty database of that URL, for a whole archive. What a restore left there that was broken off is taken away.
///
/// A SQLite file takes its name once all is in it.
///
/// # Errors
///
/// [`WholeError::NotEmpty`]; [`WholeError::Database`] where it can't be reached or made.
pub fn open_target(options: &StoreOptions) -> Result<Box<dyn WholeTarget>, WholeError> {
    Ok(Box::new(target::Target::open(options)?))
}

/// The word for an engine in a backup.
fn word(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Mysql => "mysql",
    }
}

fn engine_of(word: &str) -> Option<Engine> {
    [Engine::Sqlite, Engine::Mysql]
        .into_iter()
        .find(|engine| self::word(*engine) == word)
}

/// What stands in a column that is declared so.
fn kind(declared: &str) -> Option<ColumnKind> {
    let has = |word| declared.contains(word);
    if has("int") {
        Some(ColumnKind::Integer)
    } else if has("real") || has("double") {
        Some(ColumnKind::Real)
    } else if has("text") || has("char") {
        Some(ColumnKind::Text)
    } else if has("blob") || has("binary") {
        Some(ColumnKind::Bytes)
    } else {
        None
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> WholeError {
    WholeError::Database(Box::new(error))
}

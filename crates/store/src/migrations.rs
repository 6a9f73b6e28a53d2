//! The migrations, embedded, and how they are shown and run.

use crate::connection::{Conn, Manager, Purpose};
use crate::dialect::{self, Engine};
use crate::error::{Error, OpenError};
use crate::options::StoreOptions;
use crate::server;
use crate::whole::UNFINISHED;
use diesel::migration::{Migration as _, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::time::Duration;

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "mysql")]
const MYSQL: EmbeddedMigrations = embed_migrations!("migrations/mysql");

/// How often running them is tried while another node runs them too.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// One step in the making of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its name, which begins with its place in the order.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// All migrations of the database in order, without running any. A SQLite file that is not there is not made.
///
/// # Errors
///
/// [`OpenError::Scheme`], [`OpenError::Connect`], [`OpenError::Newer`].
pub fn migrations(options: &StoreOptions) -> Result<Vec<Migration>, OpenError> {
    let engine = Engine::of(&options.url)?;
    if dialect::sqlite_path(&options.url).is_some_and(|path| !path.exists()) {
        let all = names(source(engine)?)?;
        return Ok(all
            .into_iter()
            .map(|name| Migration {
                name,
                applied: false,
            })
            .collect());
    }
    list(&mut connect(&options.url)?)
}

/// Runs the migrations that are pending, and gives those that it ran.
///
/// Several nodes may do so at the same time.
///
/// # Errors
///
/// As [`Store::open`](crate::Store::open), but for those about durability. [`OpenError::OtherKey`] where
/// [`StoreOptions::fingerprint`] is given and is not the database's.
pub fn migrate(options: &StoreOptions) -> Result<Vec<Migration>, OpenError> {
    Engine::of(&options.url)?;
    make_file(&options.url)?;
    let mut conn = connect(&options.url)?;
    refuse_unfinished(&mut conn)?;
    server::check_fingerprint(&mut conn, options)?;
    run(&mut conn)
}

/// The state of each migration.
pub(crate) fn list(conn: &mut Conn) -> Result<Vec<Migration>, OpenError> {
    let all = names(source_of(conn))?;
    let applied = conn.applied_migrations().map_err(OpenError::Migrate)?;
    if let Some(newer) = applied
        .iter()
        .map(ToString::to_string)
        .find(|v| !all.iter().any(|name| version_of(name) == *v))
    {
        return Err(OpenError::Newer(newer));
    }
    let is_applied = |name: &String| applied.iter().any(|v| v.to_string() == version_of(name));
    Ok(all
        .into_iter()
        .map(|name| Migration {
            applied: is_applied(&name),
            name,
        })
        .collect())
}

/// Runs what is pending. Where another node was faster, its table is there already: then the list is looked at again.
pub(crate) fn run(conn: &mut Conn) -> Result<Vec<Migration>, OpenError> {
    let before = list(conn)?;
    let mut attempt = 1;
    while let Err(error) = conn.run_pending_migrations(source_of(conn)).map(drop) {
        if attempt == ATTEMPTS {
            return Err(OpenError::Migrate(error));
        }
        attempt += 1;
        std::thread::sleep(PAUSE);
    }
    Ok(before
        .into_iter()
        .filter(|m| !m.applied)
        .map(|m| Migration { applied: true, ..m })
        .collect())
}

/// Refuses a database that a restore did not fill.
pub(crate) fn refuse_unfinished(conn: &mut Conn) -> Result<(), OpenError> {
    let failed = |error| OpenError::Connect(Box::new(Error::Sql(error)));
    match dialect::has_table(conn, UNFINISHED).map_err(failed)? {
        true => Err(OpenError::Unfinished),
        false => Ok(()),
    }
}

/// The versions that this program knows for an engine, in order; `None` where it was built without it.
pub(crate) fn versions(engine: Engine) -> Option<Vec<String>> {
    let names = names(source(engine).ok()?).ok()?;
    Some(names.iter().map(|name| version_of(name)).collect())
}

fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().to_owned()
}

/// Runs those of these versions, in a database that has no table yet.
pub(crate) fn run_these(conn: &mut Conn, versions: &[String]) -> Result<(), OpenError> {
    // It makes the table in which the others are noted.
    conn.applied_migrations().map_err(OpenError::Migrate)?;
    let all = MigrationSource::<crate::connection::MultiBackend>::migrations(&source_of(conn));
    let mut all = all.map_err(OpenError::Migrate)?;
    all.sort_by_key(|migration| migration.name().to_string());
    for migration in all {
        if versions.contains(&version_of(&migration.name().to_string())) {
            conn.run_migration(&*migration)
                .map_err(OpenError::Migrate)?;
        }
    }
    Ok(())
}

/// Makes the file of a SQLite database that is not there, for its owner only: SQLite would make it for everybody.
pub(crate) fn make_file(url: &str) -> Result<(), OpenError> {
    let Some(path) = dialect::sqlite_path(url) else {
        return Ok(());
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(OpenError::File(e)),
    }
}

pub(crate) fn connect(url: &str) -> Result<Conn, OpenError> {
    let manager = Manager {
        url: url.to_owned(),
        purpose: Purpose::Write,
    };
    manager.open().map_err(|e| match e {
        Error::Connect(source) => OpenError::Connect(source),
        other => OpenError::Connect(Box::new(other)),
    })
}

fn source(engine: Engine) -> Result<EmbeddedMigrations, OpenError> {
    match engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => Ok(SQLITE),
        #[cfg(feature = "mysql")]
        Engine::Mysql => Ok(MYSQL),
        #[cfg(not(all(feature = "sqlite", feature = "mysql")))]
        _ => Err(OpenError::Scheme),
    }
}

fn source_of(conn: &Conn) -> EmbeddedMigrations {
    match conn {
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => SQLITE,
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => MYSQL,
    }
}

fn names(source: EmbeddedMigrations) -> Result<Vec<String>, OpenError> {
    let all = MigrationSource::<crate::connection::MultiBackend>::migrations(&source)
        .map_err(OpenError::Migrate)?;
    let mut names: Vec<String> = all.iter().map(|m| m.name().to_string()).collect();
    names.sort();
    Ok(names)
}

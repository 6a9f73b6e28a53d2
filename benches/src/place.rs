//! Where a server keeps what it is sent: a folder of its own, and on MariaDB a schema of its own.

use crate::Result;
use mysql_async::prelude::Queryable;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// A database that measurements run on.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    /// In a file of the folder.
    Sqlite,
    /// MySQL or MariaDB, at this address (without a schema).
    Mysql(String),
}

impl Engine {
    /// Its name in the table.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Mysql(_) => "MariaDB",
        }
    }

    /// Whether the targets that were set for SQLite hold.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite)
    }
}

/// A folder and a database, both empty at first and gone with the value.
pub(crate) struct Place {
    /// The database's address, as the configuration takes it.
    pub(crate) url: String,
    folder: TempDir,
    _schema: Option<Schema>,
}

impl Place {
    /// Makes one, in that folder.
    pub(crate) fn new(engine: &Engine, parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("sillage-benches-")
            .tempdir_in(parent)?;
        let (url, schema) = match engine {
            Engine::Sqlite => (
                format!("sqlite://{}", folder.path().join("sillage.db").display()),
                None,
            ),
            Engine::Mysql(base) => {
                let schema = Schema::create(base)?;
                (format!("{base}/{}", schema.name), Some(schema))
            }
        };
        Ok(Self {
            url,
            folder,
            _schema: schema,
        })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database's file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.url.strip_prefix("sqlite://").map(Path::new)
    }
}

struct Schema {
    base: String,
    name: String,
}

impl Schema {
    fn create(base: &str) -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("sillage_benches_{}_{number}", std::process::id());
        execute(
            base,
            &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"),
        )?;
        Ok(Self {
            base: base.to_owned(),
            name,
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Err(error) = execute(&self.base, &format!("DROP DATABASE {}", self.name)) {
            eprintln!("the schema {} is left behind: {error}", self.name);
        }
    }
}

fn execute(url: &str, statement: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connection = mysql_async::Conn::from_url(url).await?;
        connection.query_drop(statement).await?;
        connection.disconnect().await?;
        Ok(())
    })
}

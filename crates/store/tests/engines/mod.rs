//! The databases that a test runs on: a SQLite file, and a schema of its own on the server that `TEST_MYSQL_URL` names.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, reason = "each test file uses a part of this")]

#[cfg(feature = "mysql")]
mod server;

#[cfg(feature = "mysql")]
pub(crate) use server::Schema;

use sillage_domain::Ports;
use sillage_store::{Store, StoreOptions};
use std::sync::Arc;
use tempfile::TempDir;

/// A database that can be opened again and again.
pub(crate) enum Database {
    #[cfg(feature = "sqlite")]
    File(TempDir),
    #[cfg(feature = "mysql")]
    Schema(Schema),
}

impl Database {
    /// An empty one of each engine that is there.
    pub(crate) fn each(test: &str) -> Vec<Self> {
        println!("{test}");
        vec![
            #[cfg(feature = "sqlite")]
            Some(Self::File(tempfile::tempdir().unwrap())),
            #[cfg(feature = "mysql")]
            Schema::create(test).map(Self::Schema),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    pub(crate) fn options(&self) -> StoreOptions {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(dir) => {
                StoreOptions::new(format!("sqlite://{}", dir.path().join("test.db").display()))
            }
            #[cfg(feature = "mysql")]
            Self::Schema(schema) => schema.options(),
        }
    }

    /// Runs a statement beside the store.
    pub(crate) fn sql(&self, statement: &str) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(dir) => {
                use diesel::connection::SimpleConnection;
                use diesel::{Connection, SqliteConnection};
                let path = dir.path().join("test.db");
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                // The store may be writing.
                conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                conn.batch_execute(statement).unwrap();
            }
            #[cfg(feature = "mysql")]
            Self::Schema(schema) => schema.sql(statement),
        }
    }

    pub(crate) fn is_a_file(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(_) => true,
            #[cfg(feature = "mysql")]
            Self::Schema(_) => false,
        }
    }

    /// How many rows of a table were read, by the account that a MariaDB server keeps; `None` elsewhere.
    pub(crate) fn rows_read(&self, table: &str) -> Option<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(_) => {
                let _ = table;
                None
            }
            #[cfg(feature = "mysql")]
            Self::Schema(schema) => schema.rows_read(table),
        }
    }

    pub(crate) fn open(&self) -> Arc<Store> {
        Arc::new(Store::open(&self.options()).unwrap())
    }
}

/// Runs a test on an empty store of each engine.
pub(crate) fn each_engine(test: &str, body: impl Fn(&Ports)) {
    for database in Database::each(test) {
        let store = database.open();
        println!("{store:?}");
        body(&Ports::of(store));
    }
}

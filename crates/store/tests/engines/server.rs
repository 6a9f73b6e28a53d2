//! A schema of its own for each test on the server that `TEST_MYSQL_URL` names.

use mysql_async::prelude::Queryable;
use sillage_store::{Store, StoreOptions};

/// A schema, dropped with this.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// Makes a schema; `None`, with a word about it, where there is no server.
    pub(crate) fn create(test: &str) -> Option<Self> {
        let Ok(server) = std::env::var("TEST_MYSQL_URL") else {
            assert!(
                std::env::var("SILLAGE_TEST_ENGINES").as_deref() != Ok("all"),
                "TEST_MYSQL_URL names no server, and every engine was to be tested"
            );
            println!("skipped: TEST_MYSQL_URL names no server");
            return None;
        };
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let test: String = test.chars().take(24).collect();
        let schema = Self {
            server: server.trim_end_matches('/').to_owned(),
            name: format!("t_{test}_{unique}"),
        };
        schema.sql(&format!("CREATE DATABASE `{}`", schema.name));
        Some(schema)
    }

    /// The options for a store in it.
    pub(crate) fn options(&self) -> StoreOptions {
        let mut options = StoreOptions::new(format!("{}/{}", self.server, self.name));
        // A test sweeps by itself.
        options.sweep = std::time::Duration::from_secs(3600);
        options
    }

    /// A store in it.
    pub(crate) fn open(&self) -> Store {
        Store::open(&self.options()).unwrap()
    }

    /// Runs a statement beside the store.
    pub(crate) fn sql(&self, statement: &str) {
        self.rows(statement);
    }

    /// How many rows of a table were read. Only MariaDB keeps such an account, once it is told to.
    pub(crate) fn rows_read(&self, table: &str) -> Option<u64> {
        let version = self.rows("SELECT VERSION()")[0][0].clone().unwrap();
        if !version.contains("MariaDB") {
            return None;
        }
        self.sql("SET GLOBAL userstat = 1");
        let read = self.rows(&format!(
            "SELECT CAST(COALESCE(SUM(rows_read), 0) AS CHAR) FROM information_schema.table_statistics \
             WHERE table_schema = '{}' AND table_name = '{table}'",
            self.name
        ));
        Some(read[0][0].as_ref().unwrap().parse().unwrap())
    }

    /// The rows of a statement, each value as text.
    pub(crate) fn rows(&self, statement: &str) -> Vec<Vec<Option<String>>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let url = format!("{}/?prefer_socket=false", self.server);
            let mut conn = mysql_async::Conn::from_url(url).await.unwrap();
            let schemas: Vec<String> = conn
                .query(format!(
                    "SELECT schema_name FROM information_schema.schemata WHERE schema_name = '{}'",
                    self.name
                ))
                .await
                .unwrap();
            if !schemas.is_empty() {
                conn.query_drop(format!("USE `{}`", self.name))
                    .await
                    .unwrap();
            }
            let rows: Vec<mysql_async::Row> = conn.query(statement).await.unwrap();
            conn.disconnect().await.unwrap();
            rows.into_iter()
                .map(|row| (0..row.len()).map(|n| row.get(n).unwrap()).collect())
                .collect()
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.sql(&format!("DROP DATABASE `{}`", self.name));
    }
}

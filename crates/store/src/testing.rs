//! Empty databases for the tests of single modules.

use crate::connection::Conn;
use crate::migrations;
use crate::options::StoreOptions;

/// A SQLite file or a schema of its own, gone with this.
pub(crate) struct Scratch {
    url: String,
    /// The folder of the file, deleted when dropped.
    _dir: Option<tempfile::TempDir>,
    /// The server without a schema, and the schema's name.
    schema: Option<(String, String)>,
}

impl Scratch {
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("test.db").display());
        Self {
            url,
            _dir: Some(dir),
            schema: None,
        }
    }

    /// `None`, with a word about it, where `TEST_MYSQL_URL` names no server.
    #[cfg(feature = "mysql")]
    pub(crate) fn mysql() -> Option<Self> {
        let Ok(server) = std::env::var("TEST_MYSQL_URL") else {
            assert!(
                std::env::var("SILLAGE_TEST_ENGINES").as_deref() != Ok("all"),
                "TEST_MYSQL_URL names no server, and every engine was to be tested"
            );
            println!("skipped: TEST_MYSQL_URL names no server");
            return None;
        };
        let server = server.trim_end_matches('/').to_owned();
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        sql(&server, &format!("CREATE DATABASE {name}"));
        Some(Self {
            url: format!("{server}/{name}"),
            _dir: None,
            schema: Some((server, name)),
        })
    }

    pub(crate) fn options(&self) -> StoreOptions {
        StoreOptions::new(&self.url)
    }

    /// A connection beside the store's.
    pub(crate) fn connect(&self) -> Conn {
        migrations::connect(&self.url).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.schema {
            sql(server, &format!("DROP DATABASE {name}"));
        }
    }
}

fn sql(server: &str, statement: &str) {
    use diesel::connection::SimpleConnection;
    migrations::connect(server)
        .unwrap()
        .batch_execute(statement)
        .unwrap();
}

//! The database of a collector that was there before, on either engine.

use super::database::{Engine, Schema};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::path::Path;

/// A database as the old collector left it; it goes away with this value.
pub(crate) struct OldCollector {
    source: String,
    schema: Option<Schema>,
}

/// The tables, in words that both engines know.
const TABLES: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(64), password_hash VARCHAR(255), role VARCHAR(16));
CREATE TABLE logs (id INTEGER PRIMARY KEY, userID INTEGER, timestamp VARCHAR(64), sequence INTEGER, roomName VARCHAR(64),
    actionNature VARCHAR(64), actionType VARCHAR(64), userError VARCHAR(32), userAnswer VARCHAR(2048));
";

impl OldCollector {
    /// With these statements run on its tables. On SQLite it is a file in that folder.
    pub(crate) fn new(engine: Engine, folder: &Path, statements: &str) -> Self {
        let schema = engine.schema();
        let source = match &schema {
            Some(schema) => schema.url().to_owned(),
            None => folder.join("app.db").display().to_string(),
        };
        let old = Self { source, schema };
        old.execute(TABLES);
        old.execute(statements);
        old
    }

    /// What the import is given.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn execute(&self, statements: &str) {
        match &self.schema {
            Some(schema) => drop(schema.execute(statements)),
            None => SqliteConnection::establish(&self.source)
                .unwrap()
                .batch_execute(statements)
                .unwrap(),
        }
    }
}

//! Where a server lives: its folder, its settings, its database.

use super::class::ADMIN_PASSWORD;
use super::database::{Engine, Schema};
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder, settings and a database of a test's own; all of them go away with this value.
pub(crate) struct Home {
    folder: TempDir,
    data: PathBuf,
    schema: Option<Schema>,
    settings: BTreeMap<String, String>,
}

/// A command that came to its end.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    /// With the first administrator's password set to [`ADMIN_PASSWORD`].
    pub(crate) fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut home = Self {
            folder,
            data,
            schema: engine.schema(),
            settings: BTreeMap::new(),
        };
        home.set("SILLAGE__SERVER__BIND", "127.0.0.1:0");
        home.set("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD);
        // The cheapest that there are: hashing is tested elsewhere.
        home.set("SILLAGE__AUTH__BCRYPT_COST", "4");
        home.set("SILLAGE__AUTH__GENERATED_BCRYPT_COST", "5");
        // Many servers run at the same time.
        home.set("SILLAGE__METRICS__ENABLED", "false");
        // The disk of the machine is its own business.
        home.set("SILLAGE__ALERTS__ENABLED", "false");
        if let Some(url) = home.schema.as_ref().map(|schema| schema.url().to_owned()) {
            home.set("SILLAGE__DATABASE__URL", &url);
        }
        home.move_data(&home.data.clone());
        home
    }

    /// Sets a setting for whatever is run from now on.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.settings.insert(key.to_owned(), value.to_owned());
    }

    /// Sets several.
    pub(crate) fn set_all(&mut self, settings: &[(&str, &str)]) {
        settings
            .iter()
            .for_each(|(key, value)| self.set(key, value));
    }

    pub(crate) fn unset(&mut self, key: &str) {
        self.settings.remove(key);
    }

    /// Has its data directory there from now on.
    pub(crate) fn move_data(&mut self, data: &Path) {
        self.data = data.to_owned();
        self.set("SILLAGE__SERVER__DATA_DIR", data.to_str().unwrap());
    }

    /// The folder that everything runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory; the first start makes it.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The database, once it has been made.
    pub(crate) fn database_url(&self) -> String {
        match &self.schema {
            Some(schema) => schema.url().to_owned(),
            None => format!("sqlite://{}", self.data.join("sillage.db").display()),
        }
    }

    /// Runs these statements in the database.
    pub(crate) fn execute(&self, statements: &str) {
        match &self.schema {
            Some(schema) => drop(schema.execute(statements)),
            None => {
                let path = self.data.join("sillage.db");
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                conn.batch_execute(statements).unwrap();
            }
        }
    }

    /// The password hash that the database has for that username.
    pub(crate) fn password_hash(&self, username: &str) -> String {
        let sql = format!("SELECT password_hash FROM accounts WHERE username = '{username}'");
        match &self.schema {
            Some(schema) => {
                let told = schema.execute(&sql);
                told.lines().nth(1).unwrap().to_owned()
            }
            None => {
                let path = self.data.join("sillage.db");
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                diesel::dsl::sql::<diesel::sql_types::Text>(&sql)
                    .get_result(&mut conn)
                    .unwrap()
            }
        }
    }

    /// Does that in the database.
    pub(crate) fn sql(&self, sql: &str) {
        match &self.schema {
            Some(schema) => drop(schema.execute(sql)),
            None => self.connection().batch_execute(sql).unwrap(),
        }
    }

    /// The number that the database answers.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        match &self.schema {
            Some(schema) => schema.execute(sql).lines().nth(1).unwrap().parse().unwrap(),
            None => {
                let wrapped = format!("({sql})");
                diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&wrapped))
                    .get_result(&mut self.connection())
                    .unwrap()
            }
        }
    }

    /// The bytes that the database answers in hexadecimal digits.
    pub(crate) fn bytes(&self, sql: &str) -> Vec<u8> {
        let text = match &self.schema {
            Some(schema) => schema.execute(sql).lines().nth(1).unwrap().to_owned(),
            None => {
                let wrapped = format!("({sql})");
                diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(&wrapped))
                    .get_result(&mut self.connection())
                    .unwrap()
            }
        };
        let digits = text.trim().as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits.map(|pair| byte(pair).unwrap()).collect()
    }

    fn connection(&self) -> SqliteConnection {
        let path = self.data.join("sillage.db");
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        conn
    }

    /// A copy of the database, of a server that does not run.
    pub(crate) fn copy_of_database(&self) -> Vec<u8> {
        match &self.schema {
            Some(schema) => schema.dump(),
            None => std::fs::read(self.data.join("sillage.db")).unwrap(),
        }
    }

    /// Puts a copy in the place of the database.
    pub(crate) fn bring_back(&self, copy: &[u8]) {
        match &self.schema {
            Some(schema) => drop(schema.execute(std::str::from_utf8(copy).unwrap())),
            None => {
                for name in ["sillage.db-wal", "sillage.db-shm"] {
                    // They are there or not, as the server ended.
                    let _ = std::fs::remove_file(self.data.join(name));
                }
                std::fs::write(self.data.join("sillage.db"), copy).unwrap();
            }
        }
    }

    /// Takes every table out of the schema.
    pub(crate) fn empty(&self) {
        let Some(schema) = &self.schema else {
            return;
        };
        let tables = schema.execute(
            "SELECT CONCAT('DROP TABLE `', table_name, '`;') FROM information_schema.tables WHERE table_schema = DATABASE()",
        );
        let drops: String = tables.lines().skip(1).collect();
        schema.execute(&format!("SET foreign_key_checks = 0; {drops}"));
    }

    /// The binary with these words, not yet started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_sillage"));
        command.args(words);
        command
    }

    /// Runs these lines in a shell, with the settings and in the folder of all else, until one fails.
    pub(crate) fn shell(&self, lines: &str) -> Finished {
        let mut shell = self.program("bash");
        shell.args(["-euo", "pipefail", "-c", lines]);
        shell.output().unwrap().into()
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        for (key, _) in std::env::vars_os() {
            if key.to_string_lossy().starts_with("SILLAGE__") {
                command.env_remove(key);
            }
        }
        command
            .envs(&self.settings)
            .current_dir(self.folder())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Finished {
        self.command(words).output().unwrap().into()
    }

    /// Runs a command that must succeed; gives what it printed.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let finished = self.run(words);
        assert_eq!(finished.code, Some(0), "{words:?}: {finished:?}");
        finished.stdout
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

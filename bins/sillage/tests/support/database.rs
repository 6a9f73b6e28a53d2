//! A database of a test's own, on either engine.

use std::io::Write;
use std::process::{Command, Stdio};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file in the test's folder.
    Sqlite,
    /// A schema on the MySQL or MariaDB server that `TEST_MYSQL_URL` names.
    Mariadb,
}

/// A schema on a MySQL or MariaDB server, dropped with this value.
pub(crate) struct Schema {
    server: ServerUrl,
    name: String,
    url: String,
}

/// `mysql://user:password@host:port`
#[derive(Clone)]
struct ServerUrl {
    user: String,
    password: String,
    host: String,
    port: String,
}

impl Engine {
    /// Whether a test can run on it; says so if not.
    pub(crate) fn is_there(self) -> bool {
        let there = self == Self::Sqlite || server_url().is_some();
        if !there {
            eprintln!("skipped: TEST_MYSQL_URL names no database server");
        }
        there
    }

    /// A schema of the caller's own; `None` on SQLite, and where there is no server.
    pub(crate) fn schema(self) -> Option<Schema> {
        if self == Self::Sqlite {
            return None;
        }
        let server = ServerUrl::parse(&server_url()?);
        let name = format!("sillage_bin_{}", uuid::Uuid::new_v4().simple());
        server.execute(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        let ServerUrl {
            user,
            password,
            host,
            port,
        } = &server;
        let url = format!("mysql://{user}:{password}@{host}:{port}/{name}");
        Some(Schema { server, name, url })
    }
}

fn server_url() -> Option<String> {
    std::env::var("TEST_MYSQL_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

impl Schema {
    /// What a client connects to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// All of it, as statements that make it again.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let ServerUrl {
            user,
            password,
            host,
            port,
        } = &self.server;
        let done = Command::new("mariadb-dump")
            .args(["--no-defaults", "--protocol=tcp", "--hex-blob"])
            .args([
                format!("--host={host}"),
                format!("--port={port}"),
                format!("--user={user}"),
                self.name.clone(),
            ])
            .env("MYSQL_PWD", password)
            .output()
            .unwrap_or_else(|error| panic!("the program `mariadb-dump`: {error}"));
        assert!(done.status.success(), "{done:?}");
        done.stdout
    }

    /// Runs these statements in it; gives what they select.
    pub(crate) fn execute(&self, statements: &str) -> String {
        self.server
            .execute(&format!("USE {};\n{statements}", self.name))
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.server.execute(&format!("DROP DATABASE {}", self.name));
    }
}

impl ServerUrl {
    fn parse(url: &str) -> Self {
        let (_, rest) = url.split_once("://").unwrap();
        let (who, place) = rest.rsplit_once('@').unwrap();
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let place = place.split(['/', '?']).next().unwrap_or_default();
        let (host, port) = place.split_once(':').unwrap_or((place, "3306"));
        let [user, password, host, port] = [user, password, host, port].map(str::to_owned);
        Self {
            user,
            password,
            host,
            port,
        }
    }

    fn execute(&self, sql: &str) -> String {
        let mut client = Command::new("mariadb")
            .args([
                "--no-defaults",
                "--protocol=tcp",
                "--default-character-set=utf8mb4",
            ])
            .args([
                format!("--host={}", self.host),
                format!("--port={}", self.port),
                format!("--user={}", self.user),
            ])
            .env("MYSQL_PWD", &self.password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("the client `mariadb`: {error}"));
        client
            .stdin
            .take()
            .unwrap()
            .write_all(sql.as_bytes())
            .unwrap();
        let done = client.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        // A test that fails for another reason should tell that one.
        assert!(
            done.status.success() || std::thread::panicking(),
            "{sql}: {said}"
        );
        String::from_utf8_lossy(&done.stdout).into_owned()
    }
}

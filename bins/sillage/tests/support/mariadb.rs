//! A MariaDB server of the test's own, to be stopped and started again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Of the user that the server knows.
pub(crate) const PASSWORD: &str = "for-this-server-alone";

/// A private server on a free loopback port, ended with this value.
pub(crate) struct Mariadb {
    dir: TempDir,
    port: u16,
    scrubs: bool,
    child: Option<Child>,
}

impl Mariadb {
    /// Makes a data directory and starts the server; `None` where `TEST_MARIADBD` names no server program.
    pub(crate) fn start() -> Option<Self> {
        Self::start_scrubbing(true)
    }

    /// The same; says whether the server overwrites what it deletes.
    pub(crate) fn start_scrubbing(scrubs: bool) -> Option<Self> {
        Self::start_in(&std::env::temp_dir(), scrubs)
    }

    /// The same, with all that it keeps below that folder.
    pub(crate) fn start_in(folder: &Path, scrubs: bool) -> Option<Self> {
        let install = std::env::var_os("TEST_MARIADB_INSTALL_DB")?;
        std::env::var_os("TEST_MARIADBD")?;
        let dir = tempfile::tempdir_in(folder).unwrap();
        let status = Command::new(install)
            .args([
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ])
            .arg(format!("--user={}", user()))
            .arg(format!("--datadir={}", dir.path().join("data").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "mariadb-install-db: {status}");
        let init = format!(
            "CREATE DATABASE IF NOT EXISTS sillage;\nCREATE USER IF NOT EXISTS 'sillage'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO 'sillage'@'127.0.0.1';\n"
        );
        std::fs::write(dir.path().join("init.sql"), init).unwrap();
        // Freed at once; a port that is taken in between makes the start fail, not the test lie.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut server = Self {
            dir,
            port,
            scrubs,
            child: None,
        };
        server.resume();
        Some(server)
    }

    /// What a client connects to.
    pub(crate) fn url(&self) -> String {
        let port = self.port;
        format!("mysql://sillage:{PASSWORD}@127.0.0.1:{port}/sillage")
    }

    /// Runs statements in the schema.
    pub(crate) fn execute(&self, sql: &str) {
        let status = Command::new("mariadb")
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1"])
            .args(["--user=sillage", "--database=sillage"])
            .arg(format!("--port={}", self.port))
            .arg(format!("--execute={sql}"))
            .env("MYSQL_PWD", PASSWORD)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{sql}");
    }

    /// Where it keeps what it was given.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Stops the server in the middle of whatever it does. Its connections stay open, and nothing is said on them any more.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let status = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Asks the server to stop, and waits until it has written everything.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        if let Some(mut child) = self.child.take() {
            child.wait().unwrap();
        }
    }

    /// Ends the server without warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts the server on its data, and waits until it listens.
    pub(crate) fn resume(&mut self) {
        let path = |name: &str| -> PathBuf { self.dir.path().join(name) };
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(path("log"))
            .unwrap();
        let child = Command::new(std::env::var_os("TEST_MARIADBD").unwrap())
            .args([
                "--no-defaults",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
            ])
            .args([
                "--innodb-flush-log-at-trx-commit=1",
                "--innodb-buffer-pool-size=64M",
                "--innodb-log-file-size=32M",
            ])
            .args(["--character-set-server=utf8mb4", "--performance-schema=OFF"])
            // All is purged at the end, and written.
            .arg("--innodb-fast-shutdown=0")
            .arg(format!(
                "--innodb-immediate-scrub-data-uncompressed={}",
                if self.scrubs { "ON" } else { "OFF" }
            ))
            .arg(format!("--user={}", user()))
            .arg(format!("--port={}", self.port))
            .arg(format!("--datadir={}", path("data").display()))
            .arg(format!("--socket={}", path("socket").display()))
            .arg(format!("--pid-file={}", path("pid").display()))
            .arg(format!("--init-file={}", path("init.sql").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || std::fs::read_to_string(path("log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "MariaDB does not listen: {}",
                log()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Mariadb {
    fn drop(&mut self) {
        self.kill();
    }
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

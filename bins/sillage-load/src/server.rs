//! The server under test: the program `sillage` as a child process on loopback, with the settings that it has by default, but
//! for the limit of requests of one account.

use crate::Result;
use crate::api::Api;
use crate::child::{Memory, Process};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take, migrations included.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of the first administrator, `admin`.
pub const PASSWORD: &str = "correct horse battery";

/// A program that serves, and how.
pub struct Program {
    /// The program `sillage`.
    pub path: PathBuf,
    /// Threads that take requests.
    pub workers: usize,
}

/// A server that runs.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    process: Process,
}

impl Server {
    /// Starts it in a folder and on a database, and waits until it is ready. `settings` go before the defaults:
    /// `("SILLAGE__LOG__LEVEL", "warn")`.
    ///
    /// # Errors
    ///
    /// It does not start, or is not ready within a minute: with the end of what it said.
    pub fn start(
        program: &Program,
        folder: &Path,
        database: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        // Free a moment ago: somebody else may take it meanwhile.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = folder.join("server.log");
        let mut command = Command::new(&program.path);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"SILLAGE__") {
                command.env_remove(name);
            }
        }
        let child = command
            .arg("serve")
            .current_dir(folder)
            .env("SILLAGE__SERVER__BIND", address.to_string())
            .env("SILLAGE__SERVER__WORKERS", program.workers.to_string())
            .env("SILLAGE__SERVER__DATA_DIR", folder.join("data"))
            .env("SILLAGE__DATABASE__URL", database)
            .env("SILLAGE__AUTH__ADMIN_PASSWORD", PASSWORD)
            // A handful of accounts sends what a thousand classes would.
            .env("SILLAGE__RATES__ACCOUNT", "0")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut process = Process::new(child);
        let limit = Instant::now() + PATIENCE;
        while !is_ready(address) {
            if !process.runs()? {
                return Err(format!("the server did not start:\n{}", tail(&log)).into());
            }
            if Instant::now() > limit {
                return Err(format!("the server is not ready after 60 s:\n{}", tail(&log)).into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Self { address, process })
    }

    /// What stands before `/v1` in its addresses.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Logs in as the administrator.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not with a token.
    pub fn api(&self) -> Result<Api> {
        Api::log_in(&self.base(), "admin", PASSWORD)
    }

    /// What the process holds in memory.
    ///
    /// # Errors
    ///
    /// The system does not tell; only Linux does.
    pub fn memory(&self) -> Result<Memory> {
        self.process.memory()
    }

    /// Ends it, as an operator would.
    ///
    /// # Errors
    ///
    /// It ends with an error, or not within half a minute.
    pub fn stop(self) -> Result<()> {
        self.process.end()
    }
}

fn is_ready(address: SocketAddr) -> bool {
    ureq::get(format!("http://{address}/health/ready"))
        .config()
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .call()
        .is_ok()
}

/// The end of what the server said.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

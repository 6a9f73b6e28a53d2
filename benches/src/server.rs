//! The server under test: the program `sillage` as a child process on loopback, with the settings that it has by default, but
//! for the limit of requests of one account.

use crate::Result;
use crate::api::Api;
use crate::child::{Memory, Process};
use crate::place::Place;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take, migrations included.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of the first administrator.
const PASSWORD: &str = "correct horse battery";

/// A program that serves, and how.
pub(crate) struct Program {
    /// The program `sillage`.
    pub(crate) path: PathBuf,
    /// Threads that take requests.
    pub(crate) workers: usize,
}

/// A server that runs.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    process: Process,
}

impl Server {
    /// Starts it on a place, and waits until it is ready. `settings` go before the defaults: `("SILLAGE__LOG__LEVEL", "warn")`.
    pub(crate) fn start(
        program: &Program,
        place: &Place,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        // Free a moment ago: somebody else may take it meanwhile.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = place.folder().join("server.log");
        let mut command = Command::new(&program.path);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"SILLAGE__") {
                command.env_remove(name);
            }
        }
        let child = command
            .arg("serve")
            .current_dir(place.folder())
            .env("SILLAGE__SERVER__BIND", address.to_string())
            .env("SILLAGE__SERVER__WORKERS", program.workers.to_string())
            .env("SILLAGE__SERVER__DATA_DIR", place.folder().join("data"))
            .env("SILLAGE__DATABASE__URL", &place.url)
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

    /// Logs in as the administrator.
    pub(crate) fn api(&self) -> Result<Api> {
        Api::log_in(self.address, "admin", PASSWORD)
    }

    /// What the process holds in memory.
    pub(crate) fn memory(&self) -> Result<Memory> {
        self.process.memory()
    }

    /// Ends it, as an operator would.
    pub(crate) fn stop(self) -> Result<()> {
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

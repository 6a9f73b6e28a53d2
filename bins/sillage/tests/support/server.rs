//! A running server.

use super::database::Engine;
use super::home::Home;
use super::raw::{Answer, Request};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

/// How long a server may take to start or to stop, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);
/// What stands before the address in the line that says that it listens.
const LISTENING: &str = "listening on http://";

/// A server in its home; killed, if it still runs, when this value goes away.
pub(crate) struct Server {
    running: Running,
    home: Home,
}

struct Running {
    child: Child,
    address: SocketAddr,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a server in that home, and waits until it listens.
    pub(crate) fn start(home: Home) -> Self {
        Self {
            running: Running::start(home.command(&["serve"])),
            home,
        }
    }

    /// On a new database, with that password for its first administrator.
    pub(crate) fn with_admin_password(engine: Engine, password: &str) -> Self {
        Self::with_settings(engine, &[("SILLAGE__AUTH__ADMIN_PASSWORD", password)])
    }

    /// On a new database.
    pub(crate) fn with_settings(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let mut home = Home::new(engine);
        home.set_all(settings);
        Self::start(home)
    }

    /// On a new database, with that data directory.
    pub(crate) fn in_directory(data: &Path, engine: Engine, settings: &[(&str, &str)]) -> Self {
        let mut home = Home::new(engine);
        home.move_data(data);
        home.set_all(settings);
        Self::start(home)
    }

    /// On a database that the caller keeps.
    pub(crate) fn on_database(url: &str, settings: &[(&str, &str)]) -> Self {
        let mut home = Home::new(Engine::Sqlite);
        home.set("SILLAGE__DATABASE__URL", url);
        home.set_all(settings);
        Self::start(home)
    }

    /// Where it lives.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Its home, once it has been ended.
    pub(crate) fn leave(mut self) -> Home {
        self.kill();
        let Self { running, home } = self;
        drop(running);
        home
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.running.child.id()
    }

    /// What stands before `/v1`.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Everything that it printed since its last start, on both streams.
    pub(crate) fn said(&self) -> String {
        self.running.said.lock().unwrap().clone()
    }

    /// Sends it, and checks the status of the answer.
    pub(crate) fn expect(&self, status: u16, request: &Request) -> Answer {
        let answer = request.send(self.address());
        assert_eq!(answer.status, status, "{}\n{}", answer.text(), self.said());
        answer
    }

    /// Sends a signal: `TERM`, `INT`, `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.running.child.try_wait().unwrap() {
                return status;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("the server does not stop:\n{}", self.said());
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.running.end();
    }

    /// Starts it again on the same data, ending it first if it still runs. Its port is another.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.running = Running::start(self.home.command(&["serve"]));
    }
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (found, address) = mpsc::channel();
        let look = move |line: &str| {
            if let Some(address) = line.trim().strip_prefix(LISTENING) {
                // Nobody waits for a second such line.
                let _ = found.send(address.parse::<SocketAddr>().unwrap());
            }
        };
        record(child.stdout.take().unwrap(), &said, look);
        record(child.stderr.take().unwrap(), &said, |_| {});
        let begin = Instant::now();
        loop {
            match address.recv_timeout(Duration::from_millis(50)) {
                Ok(address) => {
                    return Self {
                        child,
                        address,
                        said,
                    };
                }
                Err(RecvTimeoutError::Timeout)
                    if begin.elapsed() < PATIENCE && child.try_wait().unwrap().is_none() => {}
                Err(_) => {
                    // It may have ended by itself.
                    let _ = child.kill();
                    let status = child.wait().unwrap();
                    panic!(
                        "the server did not start ({status}):\n{}",
                        said.lock().unwrap()
                    );
                }
            }
        }
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Keeps what a stream says, line by line, and shows each line to `look`.
fn record(
    stream: impl Read + Send + 'static,
    said: &Arc<Mutex<String>>,
    look: impl Fn(&str) + Send + 'static,
) {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            said.lock().unwrap().push_str(&format!("{line}\n"));
            look(&line);
        }
    });
}

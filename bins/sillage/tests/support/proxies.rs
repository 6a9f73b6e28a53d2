//! haproxy and Caddy in front of a server, with the configurations that the project shows. [`super::nginx`] is the third.

use super::certificate::{self, HOST};
use super::nginx::{Nginx, free_port};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The proxies that there is an example for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Haproxy,
    Caddy,
}

/// One of them, on a free loopback port, ended with this value.
pub(crate) enum Proxy {
    Nginx(Nginx),
    Other(Other),
}

/// A haproxy or a Caddy. Its folder holds all that it reads and writes.
pub(crate) struct Other {
    child: Child,
    folder: TempDir,
    port: u16,
}

/// Where a program is; says so if it is nowhere. Debian keeps some in /usr/sbin, which is not on everybody's PATH.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    let found = path
        .split(':')
        .map(|folder| Path::new(folder).join(name))
        .find(|program| program.exists());
    if found.is_none() {
        eprintln!("skipped: there is no {name}");
    }
    found
}

impl Proxy {
    /// Starts it in front of that server; `None` where it is not installed.
    pub(crate) fn start(kind: Kind, server: SocketAddr) -> Option<Self> {
        let port = free_port();
        Some(match kind {
            Kind::Nginx => Self::Nginx(Nginx::start(&program("nginx")?, port, server)),
            Kind::Haproxy => Self::Other(Other::haproxy(&program("haproxy")?, port, server)),
            Kind::Caddy => Self::Other(Other::caddy(&program("caddy")?, port, server)),
        })
    }

    /// Sends a request with these words for curl to a path; gives back the status and the body.
    pub(crate) fn send(&self, words: &[&str], path: &str) -> (u16, String) {
        match self {
            Self::Nginx(nginx) => {
                let answer = nginx.send(words, path);
                (answer.status, answer.text().to_owned())
            }
            Self::Other(other) => other.send(words, path),
        }
    }

    /// Everything that it wrote, about requests and about itself.
    pub(crate) fn said(&self) -> String {
        match self {
            Self::Nginx(nginx) => nginx.log() + &nginx.errors(),
            Self::Other(other) => {
                let read = |name| fs::read_to_string(other.folder.path().join(name));
                read("said").unwrap() + &read("access.log").unwrap_or_default()
            }
        }
    }
}

impl Other {
    fn haproxy(program: &Path, port: u16, server: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificate::make(folder.path());
        let both = folder.path().join("both.pem").display().to_string();
        let configuration = include_str!("../../../../examples/proxies/haproxy.cfg")
            .replace("log /dev/log", "log stdout format raw")
            .replace("bind :443", &format!("bind 127.0.0.1:{port}"))
            .replace("/etc/haproxy/api.example.org.pem", &both)
            .replace("10.0.0.11:8080 check", &format!("{server} check"))
            .replace("    server two 10.0.0.12:8080 check\n", "");
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration).unwrap();
        let mut command = Command::new(program);
        // In the foreground.
        command.arg("-db").arg("-f").arg(&file);
        Self::start(command, folder, port)
    }

    fn caddy(program: &Path, port: u16, server: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificate::make(folder.path());
        let path = |name: &str| folder.path().join(name).display().to_string();
        let tls = format!("\ttls {} {}\n", path("certificate.pem"), path("key.pem"));
        let site = format!("https://{HOST}:{port} {{\n\tbind 127.0.0.1\n{tls}");
        let configuration = include_str!("../../../../examples/proxies/Caddyfile")
            // Neither its interface for changes nor its redirects, which listen on ports of their own.
            .replacen("{\n", "{\n\tadmin off\n\tauto_https disable_redirects\n", 1)
            .replace("api.example.org {\n", &site)
            .replace("/var/log/caddy/sillage.log", &path("access.log"))
            .replace("127.0.0.1:8080 {", &format!("{server} {{"));
        fs::write(folder.path().join("Caddyfile"), configuration).unwrap();
        let mut command = Command::new(program);
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(path("Caddyfile"))
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .env("HOME", folder.path());
        Self::start(command, folder, port)
    }

    fn start(mut command: Command, folder: TempDir, port: u16) -> Self {
        let said = File::create(folder.path().join("said")).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut other = Self {
            child,
            folder,
            port,
        };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let said = fs::read_to_string(other.folder.path().join("said")).unwrap();
            assert!(other.child.try_wait().unwrap().is_none(), "{said}");
            assert!(begin.elapsed() < Duration::from_secs(30), "{said}");
            std::thread::sleep(Duration::from_millis(20));
        }
        other
    }

    fn send(&self, words: &[&str], path: &str) -> (u16, String) {
        // While the server behind it ends, a proxy may break a stream off; what it writes about that counts as well.
        let mut tries = (0..3).map(|_| self.tries(words, path));
        let mut done = tries.next().unwrap();
        while !done.status.success() {
            done = tries.next().unwrap_or_else(|| panic!("{path}: {done:?}"));
        }
        let told = String::from_utf8(done.stdout).unwrap();
        let (body, status) = told.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), body.to_owned())
    }

    fn tries(&self, words: &[&str], path: &str) -> Output {
        Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "60"])
            .args(["--noproxy", "*", "--write-out", "\n%{http_code}"])
            .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", self.port)])
            .arg("--cacert")
            .arg(self.folder.path().join("certificate.pem"))
            .args(words)
            .arg(format!("https://{HOST}:{}{path}", self.port))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

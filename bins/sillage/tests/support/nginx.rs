//! A private nginx that ends TLS in front of a server, with the configuration that the project shows.

use super::certificate::{self, HOST};
use super::proxies;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const CONFIGURATION: &str = include_str!("../../../../examples/proxies/nginx.conf");

/// An nginx on a free loopback port, ended with this value. Its folder holds all that it reads and writes.
pub(crate) struct Nginx {
    child: Child,
    folder: TempDir,
    port: u16,
}

/// What came back through it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// 2 or 1.1.
    pub(crate) version: String,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Where the program is; says so if it is nowhere.
pub(crate) fn program() -> Option<PathBuf> {
    proxies::program("nginx")
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Nginx {
    /// Starts it on that port in front of that server.
    pub(crate) fn start(program: &Path, port: u16, server: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        certificate::make(folder.path());
        let site = CONFIGURATION
            .replace("127.0.0.1:8080", &server.to_string())
            .replace("listen 443", &format!("listen 127.0.0.1:{port}"))
            .replace(
                "/etc/ssl/certs/api.example.org.pem",
                &path("certificate.pem"),
            )
            .replace("/etc/ssl/private/api.example.org.key", &path("key.pem"))
            .replace("/var/log/nginx/sillage.log", &path("access.log"))
            .replace("/var/log/nginx/sillage-error.log", &path("error.log"));
        fs::write(path("site.conf"), site).unwrap();
        // One process, so that nobody is left behind; and no path of the system's own nginx.
        let main = format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log {} warn;\nevents {{}}\nhttp {{\n\
             client_body_temp_path {};\nproxy_temp_path {};\nfastcgi_temp_path {};\nuwsgi_temp_path {};\nscgi_temp_path {};\n\
             include {};\n}}\n",
            path("pid"),
            path("error.log"),
            path("body"),
            path("proxy"),
            path("fastcgi"),
            path("uwsgi"),
            path("scgi"),
            path("site.conf"),
        );
        fs::write(path("nginx.conf"), main).unwrap();
        let child = Command::new(program)
            .args([
                "-p",
                &path(""),
                "-c",
                &path("nginx.conf"),
                "-e",
                &path("error.log"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self {
            child,
            folder,
            port,
        };
        nginx.wait();
        nginx
    }

    fn wait(&self) {
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "{}",
                self.errors()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it wrote about what went wrong.
    pub(crate) fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }

    /// What it wrote about the requests.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("access.log")).unwrap()
    }

    /// Its origin, as clients see it.
    pub(crate) fn origin(port: u16) -> String {
        format!("https://{HOST}:{port}")
    }

    /// `curl` as somebody far away would call it: by name, with the certificate checked.
    pub(crate) fn curl(&self) -> Command {
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--noproxy",
            "*",
        ])
        .arg("--resolve")
        .arg(format!("{HOST}:{}:127.0.0.1", self.port))
        .arg("--cacert")
        .arg(self.folder.path().join("certificate.pem"))
        .stdin(Stdio::null());
        curl
    }

    /// Sends a request with these words for curl, to a path or to a whole URL.
    pub(crate) fn send(&self, words: &[&str], to: &str) -> Answer {
        let url = match to.starts_with("https://") {
            true => to.to_owned(),
            false => format!("{}{to}", Self::origin(self.port)),
        };
        let (head, body) = (
            self.folder.path().join("head"),
            self.folder.path().join("answer"),
        );
        let _ = fs::remove_file(&body);
        let done = self
            .curl()
            .args(words)
            .arg("--dump-header")
            .arg(&head)
            .arg("--output")
            .arg(&body)
            .args(["--write-out", "%{http_code} %{http_version}", &url])
            .output()
            .unwrap();
        let told = String::from_utf8(done.stdout).unwrap();
        let (status, version) = told.split_once(' ').unwrap();
        assert!(
            done.status.success(),
            "{words:?} {url}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Answer {
            status: status.parse().unwrap(),
            version: version.to_owned(),
            head: fs::read_to_string(&head).unwrap(),
            // Without a body there is no file.
            body: fs::read(&body).unwrap_or_default(),
        }
    }

    /// The folder, for the bodies of requests.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

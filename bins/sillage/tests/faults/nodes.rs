//! Two servers on one MariaDB behind haproxy, of which one is killed under load.

use crate::load::Load;
use crate::stage::{Ended, Stage};
use crate::support::class::Class;
use crate::support::nginx::free_port;
use crate::support::nodes::another_home;
use crate::support::{Engine, Home, Server};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The configuration that the project shows.
const CONFIGURATION: &str = include_str!("../../../../examples/proxies/haproxy.cfg");

pub(crate) fn play(stage: &Stage) -> Ended {
    if stage.engine == Engine::Sqlite {
        return Ended::Elsewhere;
    }
    let Some(program) = program() else {
        return Ended::Skipped("haproxy is not installed");
    };
    let places = [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let settings = places.map(|place| place.to_string());
    let settings = settings
        .each_ref()
        .map(|place| ("SILLAGE__SERVER__BIND", place.as_str()));
    let mut home = Home::new(stage.engine);
    home.set_all(&settings[..1]);
    let first = Server::start(home);
    let second = Server::start(another_home(&first, &settings[1..]));
    let proxy = Haproxy::start(&program, places);
    let class = Class::new(proxy.address, "nodes", 8);
    let load = Load::start(&class);
    let mut servers = [first, second];
    let rounds = stage.times(10, 2);
    for round in 0..rounds {
        load.wait_for_more(40);
        let server = &mut servers[round % 2];
        server.kill();
        // The other one carries on alone.
        load.wait_for_more(40);
        server.restart();
    }
    load.wait_for_more(40);
    load.finish(&class, |seen| {
        let count = |status| seen.answers.get(&status).copied().unwrap_or_default();
        format!(
            "{rounds} kills, {} answers 502 and 503 of the proxy, {} none",
            count(502) + count(503),
            seen.unanswered
        )
    })
}

fn program() -> Option<PathBuf> {
    // Debian keeps it in /usr/sbin, which is not on everybody's PATH.
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    path.split(':')
        .map(|folder| Path::new(folder).join("haproxy"))
        .find(|program| program.exists())
}

/// A haproxy on a free loopback port, ended with this value.
struct Haproxy {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Haproxy {
    fn start(program: &Path, servers: [SocketAddr; 2]) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("haproxy.cfg");
        // Without TLS, and quicker to see that a server is gone.
        let configuration = CONFIGURATION
            .replace(
                "bind :443 ssl crt /etc/haproxy/api.example.org.pem alpn h2,http/1.1",
                &format!("bind {address}"),
            )
            .replace("-i api.example.org", "-i 127.0.0.1")
            .replace("    log /dev/log local0\n", "")
            .replace(
                "10.0.0.11:8080 check",
                &format!("{} check inter 200ms", servers[0]),
            )
            .replace(
                "10.0.0.12:8080 check",
                &format!("{} check inter 200ms", servers[1]),
            );
        assert!(
            !["bind :443", ":8080 check", "-i api."]
                .iter()
                .any(|left| configuration.contains(left)),
            "the example was changed"
        );
        std::fs::write(&path, configuration).unwrap();
        let child = Command::new(program)
            .arg("-db")
            .arg("-f")
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let proxy = Self {
            child,
            address,
            _folder: folder,
        };
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "haproxy does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        proxy
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

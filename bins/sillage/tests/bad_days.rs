//! What happens to a server on a bad day, while players post without pause: nothing acknowledged is lost, nothing is stored twice.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::mariadb::Mariadb;
use crate::support::posting::{Posting, wait_until};
use crate::support::raw::Request;
use crate::support::{Engine, Server, engines};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

const ROOT_KEY: &str = "8f3d61b05ac2974e1d0b7f6629a4c8e35b90d7120fe4836ac1579b2d08e6f34a";

fn ready(server: &Server) -> u16 {
    Request::new("GET", "/health/ready")
        .try_send(server.address())
        .map_or(0, |answer| answer.status)
}

fn killed_ten_times_in_a_row_while_posting_every_acknowledged_entry_is_there_once(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "killed", 4);
    let posting = Posting::start(&class, server.address());
    for _ in 0..10 {
        posting.wait_for_more(20);
        server.kill();
        server.restart();
        posting.move_to(server.address());
    }
    posting.wait_for_more(20);
    let seen = posting.stop();
    let class = Class {
        server: server.address(),
        ..class
    };
    seen.assert_stored_once(&class);
}

fn told_to_stop_while_posting_it_answers_what_it_has_taken_and_ends_well(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "drained", 6);
    let posting = Posting::start(&class, server.address());
    posting.wait_for_more(100);
    assert!(
        server.terminate().success(),
        "a server that is told to stop ends well"
    );
    server.restart();
    posting.move_to(server.address());
    posting.wait_for_more(20);
    let seen = posting.stop();
    seen.assert_stored_once(&Class {
        server: server.address(),
        ..class
    });
}

engines! {
    killed_ten_times_in_a_row_while_posting_every_acknowledged_entry_is_there_once
    told_to_stop_while_posting_it_answers_what_it_has_taken_and_ends_well
}

/// A small file system in memory.
pub(crate) struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    pub(crate) fn mount(mebibytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(dir))
    }
}

impl SmallDisk {
    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status();
    }
}

#[test]
fn on_a_full_disk_it_says_so_and_goes_on_by_itself_when_there_is_space() {
    let Some(disk) = SmallDisk::mount(24) else {
        eprintln!("skipped: this user may not mount a file system");
        return;
    };
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![0; 8 << 20]).unwrap();
    let server = Server::in_directory(
        &disk.0.path().join("data"),
        Engine::Sqlite,
        &[("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)],
    );
    let class = Class::new(server.address(), "full", 1);
    let token = class.token(0);
    let mut acknowledged = BTreeSet::new();
    let post = |size: usize| {
        let id = uuid::Uuid::now_v7().to_string();
        let filler = "x".repeat(size);
        let body = format!(
            r#"{{"id":"{id}","timestamp":"2024-05-18T10:17:33Z","action":"a","payload":{{"x":"{filler}"}}}}"#
        );
        (id, class.post(&token, body))
    };
    let refused = loop {
        let (id, answer) = post(60_000);
        match answer.status {
            201 => acknowledged.insert(id),
            _ => break answer,
        };
        assert!(acknowledged.len() < 1000, "the disk never fills");
    };
    assert_eq!(
        (refused.status, refused.errors()[0].0),
        (503, 5032),
        "{}",
        refused.text()
    );
    assert!(refused.header("Retry-After").is_some());
    std::fs::remove_file(&ballast).unwrap();
    wait_until("it takes entries again", || post(10).1.status == 201);
    let stored: BTreeSet<String> = class.harvest().into_iter().map(|(_, id)| id).collect();
    assert!(acknowledged.is_subset(&stored));
}

#[test]
fn when_the_database_is_gone_it_says_so_within_three_seconds_and_goes_on_by_itself() {
    let Some(mut database) = Mariadb::start() else {
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return;
    };
    let server = Server::on_database(
        &database.url(),
        &[("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)],
    );
    let class = Class::new(server.address(), "gone", 4);
    let posting = Posting::start(&class, server.address());
    for _ in 0..2 {
        posting.wait_for_more(50);
        let before = posting.answered(503);
        database.kill();
        wait_until("it says that the database is away", || {
            posting.answered(503) >= before + 8
        });
        wait_until("it is not ready", || ready(&server) == 503);
        assert_eq!(
            Request::new("GET", "/health/live")
                .send(server.address())
                .status,
            200
        );
        database.resume();
        wait_until("it is ready again", || ready(&server) == 200);
    }
    posting.wait_for_more(50);
    let seen = posting.stop();
    // What is promised is three seconds; the rest is for a busy machine.
    assert!(
        seen.longest_503 < Duration::from_secs(8),
        "{:?}",
        seen.longest_503
    );
    assert_eq!(seen.unadvised, 0, "a 503 without Retry-After");
    assert_eq!(seen.others.keys().copied().collect::<Vec<_>>(), [503]);
    seen.assert_stored_once(&class);
}

#[test]
fn when_the_database_is_frozen_it_says_so_and_goes_on_when_the_database_does() {
    let Some(database) = Mariadb::start() else {
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return;
    };
    let server = Server::on_database(
        &database.url(),
        &[("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)],
    );
    let class = Class::new(server.address(), "frozen", 2);
    let player = class.token(0);
    let body = || {
        let id = uuid::Uuid::now_v7();
        format!(r#"{{"id":"{id}","timestamp":"2024-05-18T10:17:33Z","action":"a"}}"#)
    };
    assert_eq!(class.post(&player, body()).status, 201);
    let lists = ["/v1/logs", "/v1/studies", "/v1/studies/frozen/export"];
    for path in lists {
        assert_eq!(class.admin("GET", path).send(class.server).status, 200);
    }
    for _ in 0..2 {
        database.freeze();
        for path in lists {
            // A request gives up on an answer after half a minute.
            let answer = class.admin("GET", path).send(class.server);
            assert_eq!(
                (answer.status, answer.errors()[0].0),
                (503, 5032),
                "{path}: {}",
                answer.text()
            );
            assert!(answer.header("Retry-After").is_some());
        }
        let answer = class.post(&player, body());
        assert_eq!((answer.status, answer.errors()[0].0), (503, 5032));
        assert_eq!(ready(&server), 503);
        database.thaw();
        wait_until("it is ready again", || ready(&server) == 200);
        for path in lists {
            assert_eq!(class.admin("GET", path).send(class.server).status, 200);
        }
        wait_until("it takes entries again", || {
            class.post(&player, body()).status == 201
        });
    }
}

#[test]
fn two_servers_on_one_database_hide_nothing_from_a_reader_by_cursor() {
    let Some(schema) = Engine::Mariadb.schema() else {
        eprintln!("skipped: TEST_MYSQL_URL names no database");
        return;
    };
    let settings = [
        ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
        ("SILLAGE__KEYS__ROOT_KEY", ROOT_KEY),
    ];
    let one = Server::on_database(schema.url(), &settings);
    let ledger = one.home().data().join("erasures.ledger");
    let ledger = ("SILLAGE__PRIVACY__ERASURE_LEDGER", ledger.to_str().unwrap());
    let two = Server::on_database(schema.url(), &[&settings[..], &[ledger]].concat());
    let class = Class::new(one.address(), "shared", 4);
    let there = Class {
        server: two.address(),
        ..class.clone()
    };
    let writing = [
        Posting::start(&class, one.address()),
        Posting::start(&there, two.address()),
    ];
    let (mut seen, mut after) = (Vec::new(), 0);
    let mut follow = |class: &Class| {
        let path = format!("/v1/logs?study=shared&page_size=100&after={after}");
        let page = class.admin("GET", &path).send(class.server).json();
        let page: Vec<_> = page
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["number"].as_i64().unwrap())
            .collect();
        after = page.last().copied().unwrap_or(after);
        seen.extend(page.iter().copied());
        page.len()
    };
    while writing.iter().any(|posting| posting.acknowledged() < 600) {
        follow(&class);
        follow(&there);
    }
    let [first, second] = writing.map(Posting::stop);
    wait_until("everything acknowledged is shown", || {
        class.stored() as usize >= first.acknowledged.len() + second.acknowledged.len()
    });
    while follow(&class) > 0 {}
    let everything: Vec<_> = class
        .harvest()
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(
        seen, everything,
        "the reader met every number once, in order"
    );
    first.assert_stored_once(&class);
    second.assert_stored_once(&there);
}

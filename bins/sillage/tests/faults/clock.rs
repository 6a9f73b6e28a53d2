//! The clock of the server is set, by hours and by days, while it runs.

use crate::load::{Load, wait_until};
use crate::stage::{Ended, Stage};
use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::raw::Request;
use crate::support::{Home, Server};
use sillage_domain::Timestamp;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the clock stands, in seconds beside the true one, each for a while. Tokens last a day.
const OFFSETS: [i64; 5] = [-3600, 7200, 3 * 86_400, -86_400, 0];
/// How far what the server says may be from where its clock was set, in seconds.
const SLACK: i64 = 120;

/// The library that stands before the system's, compiled; `None` where that can't be.
fn library(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, include_str!("clock.c")).unwrap();
    let compiled = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    compiled
        .is_ok_and(|status| status.success())
        .then_some(library)
}

pub(crate) fn play(stage: &Stage) -> Ended {
    let mut home = Home::new(stage.engine);
    let Some(library) = library(home.folder()) else {
        return Ended::Skipped("there is no C compiler");
    };
    let clock = home.folder().join("clock");
    set(&clock, 0);
    home.set_all(&[
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("SILLAGE_FAULTS_CLOCK", clock.to_str().unwrap()),
    ]);
    let server = Server::start(home);
    let class = Class::new(server.address(), "clock", 6);
    let mut load = Load::start(&class);
    load.wait_for_more(40);
    let mut class = class;
    let rounds = stage.times(5, 1);
    for _ in 0..rounds {
        for offset in OFFSETS {
            set(&clock, offset);
            // What an old token is worth depends on the clock; a new log-in always goes.
            wait_until("the server lives by the new time", || {
                is_received_at(&server, &class, offset)
            });
            load.wait_for_more(40);
        }
    }
    // A command waits for the file of SQLite for some seconds only, and the players leave it no pause.
    load.stop_playing();
    class.admin = token(server.address(), "admin", ADMIN_PASSWORD);
    let verified = server.home().run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let seen = load.seen();
    assert_eq!(seen.unanswered, 0, "a request got no answer");
    assert_eq!(seen.answers.get(&503), None, "the server was away");
    load.finish(&class, |seen| {
        let refused = seen.answers.get(&401).copied().unwrap_or_default();
        format!(
            "set {} times, {refused} tokens out of their time refused",
            rounds * OFFSETS.len()
        )
    })
}

fn set(clock: &Path, seconds: i64) {
    // At once, so that nobody reads half of it.
    let beside = clock.with_extension("new");
    std::fs::write(&beside, format!("{seconds:+}\n")).unwrap();
    std::fs::rename(&beside, clock).unwrap();
}

/// Whether an entry that is sent now is said to have been received at the time that the clock was set to.
fn is_received_at(server: &Server, class: &Class, offset: i64) -> bool {
    let (username, password) = &class.players[5];
    let token = token(server.address(), username, password);
    let entry = r#"{"timestamp":"2024-05-18T10:17:33Z","action":"a","session":"clock","sequence":"#;
    let now = Timestamp::now().micros() / 1_000_000;
    let answer = Request::new("POST", "/v1/logs")
        .bearer(&token)
        .json(format!(
            "{entry}{}}}",
            uuid::Uuid::new_v4().as_u128() as u32 >> 1
        ))
        .send(server.address());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let told = answer.json()["received_at"].as_str().unwrap().to_owned();
    let told: Timestamp = told.parse().unwrap();
    (told.micros() / 1_000_000 - now - offset).abs() < SLACK
}

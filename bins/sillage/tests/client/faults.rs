//! Crashes, networks and servers that go away, and several games on one disk.

use super::{LONG, assert_stored_once, class, record, saw, settings, start};
use crate::support::class::Class;
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::relay::Relay;
use crate::support::{Engine, engines};
use serde_json::json;
use sillage_client::{Account, Client, Connection, Event, Settings};
use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names the folder of the child that records until it is killed.
const CHILD: &str = "SILLAGE_TEST_CLIENT_CHILD";

fn a_game_that_is_killed_loses_nothing_that_was_written(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::new(server.address());
    let mut written = BTreeSet::new();
    for round in 0..3 {
        // Once while everything is sent, once while nothing is, once while answers are lost.
        match round {
            1 => relay.cut(),
            2 => {
                relay.mend();
                relay.lose_answers(4);
            }
            _ => {}
        }
        let (username, password) = &class.players[0];
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "client::faults::a_child_that_records",
                "--exact",
                "--nocapture",
                "--ignored",
            ])
            .env(
                CHILD,
                format!(
                    "{}\n{username}\n{password}\n{}",
                    relay.base(),
                    folder.path().display()
                ),
            )
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ids = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("written ").map(str::to_owned));
        written.extend(ids.take(300));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (client, told) = start(&relay.base(), &class, folder.path());
    assert!(
        saw(&told, |event| matches!(event, Event::Found { .. })),
        "{told:?}"
    );
    assert_eq!(client.quit(LONG), 0);
    let harvest = class.harvest();
    let stored: BTreeSet<_> = harvest.iter().map(|(_, id)| id.clone()).collect();
    assert_eq!(stored.len(), harvest.len(), "something is stored twice");
    let lost: Vec<_> = written.difference(&stored).collect();
    assert!(
        lost.is_empty(),
        "{} of {} were lost",
        lost.len(),
        written.len()
    );
}

/// Not a test of its own: `a_game_that_is_killed_loses_nothing_that_was_written` runs it.
#[test]
#[ignore = "it records until it is killed"]
fn a_child_that_records() {
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let told: Vec<_> = told.lines().collect();
    let settings = Settings::new(told[0], Account::player(told[1], told[2]))
        .folder(told[3])
        .write_every(Duration::from_millis(2))
        .send_every(Duration::from_millis(5))
        .retry(Duration::from_millis(5), Duration::from_millis(50))
        .on_event(|_| {});
    let client = Client::start(settings).unwrap();
    let mut waiting = VecDeque::new();
    let mut shown = 0;
    loop {
        waiting.push_back(client.record("jump", json!({"a": "b"})).unwrap());
        let written = client.counts().written;
        while shown < written {
            println!("written {}", waiting.pop_front().unwrap());
            shown += 1;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn a_network_that_is_cut_and_answers_that_are_lost_double_nothing(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::new(server.address());
    let (client, told) = start(&relay.base(), &class, folder.path());
    let mut ids = record(&client, 250);
    assert_eq!(client.flush(LONG), 0);
    relay.cut();
    ids.extend(record(&client, 250));
    wait_until("the client is offline", || {
        client.connection() == Connection::Offline
    });
    assert_eq!(client.counts().waiting, 250);
    relay.mend();
    assert_eq!(client.flush(LONG), 0);
    relay.lose_answers(3);
    ids.extend(record(&client, 250));
    assert_eq!(client.flush(LONG), 0);
    assert_eq!(relay.to_lose(), 0);
    let counts = client.counts();
    assert!(counts.duplicates > 0 && counts.retries >= 3, "{counts:?}");
    assert_eq!(counts.accepted + counts.duplicates, 750);
    assert!(saw(&told, |event| *event == Event::Online), "{told:?}");
    assert_eq!(counts.dropped + counts.refused, 0);
    assert_stored_once(&class, &ids);
}

fn a_server_that_is_away_gets_everything_when_it_comes(engine: Engine) {
    let (mut server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::new(server.address());
    server.kill();
    let (client, _) = start(&relay.base(), &class, folder.path());
    let mut ids = record(&client, 120);
    assert!(client.quit(Duration::from_millis(300)) == 120);
    let (client, told) = start(&relay.base(), &class, folder.path());
    assert_eq!(
        told.lock().unwrap().first(),
        Some(&Event::Found { entries: 120 })
    );
    ids.extend(record(&client, 10));
    server.restart();
    relay.move_to(server.address());
    assert_eq!(client.quit(LONG), 0);
    let class = Class {
        server: server.address(),
        ..class
    };
    assert_stored_once(&class, &ids);
}

fn two_games_on_one_disk_and_two_pupils_after_each_other_mix_nothing_up(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::new(server.address());
    relay.cut();
    let (first, _) = start(&relay.base(), &class, folder.path());
    let (second, _) = start(&relay.base(), &class, folder.path());
    let mut ids = record(&first, 100);
    ids.extend(record(&second, 100));
    assert_eq!(second.quit(Duration::ZERO), 100);
    relay.mend();
    // Another pupil on the same machine: what the first one left is not his to send.
    let (settings, told) = settings(&relay.base(), &class, 1, folder.path());
    let other = Client::start(settings).unwrap();
    let others = record(&other, 7);
    assert_eq!(other.quit(LONG), 0);
    assert!(
        !saw(&told, |event| matches!(event, Event::Found { .. })),
        "{told:?}"
    );
    let mine = Request::new("GET", "/v1/me/logs?page_size=1000")
        .bearer(&class.token(1))
        .send(class.server);
    let mine: BTreeSet<_> = mine
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(mine, others);
    assert_eq!(first.quit(LONG), 0);
    let (third, _) = start(&relay.base(), &class, folder.path());
    assert_eq!(third.quit(LONG), 0);
    ids.extend(others);
    assert_stored_once(&class, &ids);
}

engines! {
    a_game_that_is_killed_loses_nothing_that_was_written
    a_network_that_is_cut_and_answers_that_are_lost_double_nothing
    a_server_that_is_away_gets_everything_when_it_comes
    two_games_on_one_disk_and_two_pupils_after_each_other_mix_nothing_up
}

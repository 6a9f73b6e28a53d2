//! What lies in quarantine goes into the archive once the codebook is mended, each text once, whatever happens to the server meanwhile.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::thread;

/// A few dozen transactions of a replay.
const TEXTS: usize = 12_000;

/// Puts a codebook that asks for that field.
fn put_codebook(class: &Class, field: &str) {
    let path = format!("/v1/studies/{}/codebook", class.study);
    let codebook = json!({"format": 1, "actions": {"jump": {"fields": {
        field: {"type": "integer", "required": true, "privacy": "other"}}}}});
    let answer = class
        .admin("PUT", &path)
        .json(codebook.to_string())
        .send(class.server);
    assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
}

fn jump(n: usize) -> Value {
    json!({"id": uuid::Uuid::from_u128(0x0190_c1d2_7e1c_7000_8000_0000_0000_0000 + n as u128).to_string(),
        "session": "s", "sequence": n, "timestamp": "2024-05-18T10:17:33Z", "action": "jump", "payload": {"height": n}})
}

fn replay(class: &Class) -> Request {
    class.admin(
        "POST",
        &format!("/v1/studies/{}/quarantine/replay", class.study),
    )
}

/// Entries and texts in quarantine.
fn counts(class: &Class) -> (u64, u64) {
    let path = format!("/v1/studies/{}/stats", class.study);
    let stats = class.admin("GET", &path).send(class.server).json();
    let number = |name: &str| stats[name].as_u64().unwrap();
    (number("entries"), number("quarantined"))
}

/// With that many texts in quarantine that fit a codebook that asks for `height`.
fn filled(server: &Server, study: &str, texts: usize) -> Class {
    let class = Class::new(server.address(), study, 1);
    put_codebook(&class, "forgotten");
    let player = class.token(0);
    let all: Vec<_> = (0..texts).map(jump).collect();
    for some in all.chunks(1000) {
        let answer = class.post(&player, Value::from(some.to_vec()).to_string());
        assert_eq!(
            answer.json()["quarantined"],
            some.len(),
            "{}",
            answer.text()
        );
    }
    assert_eq!(counts(&class), (0, texts as u64));
    put_codebook(&class, "height");
    class
}

fn killed_in_the_middle_of_a_replay_it_goes_on_where_it_was_and_doubles_nothing(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = filled(&server, "replayed", TEXTS);
    let begun = thread::spawn({
        let class = class.clone();
        move || replay(&class).try_send(class.server).is_ok()
    });
    wait_until("a part has moved", || counts(&class).0 >= 1000);
    server.kill();
    let answered = begun.join().unwrap();
    server.restart();
    let class = Class {
        server: server.address(),
        ..class
    };
    let (entries, quarantined) = counts(&class);
    assert_eq!(
        entries + quarantined,
        TEXTS as u64,
        "nothing is lost, nothing is doubled"
    );
    assert!(
        entries >= 1000 && (answered || entries < TEXTS as u64),
        "{entries}"
    );
    let done = replay(&class).send(class.server);
    assert_eq!(done.status, 200, "{}", done.text());
    let done = done.json();
    assert_eq!(
        (&done["moved"], &done["duplicates"], &done["remained"]),
        (&json!(quarantined), &json!(0), &json!(0))
    );
    let harvest = class.harvest();
    let ids: BTreeSet<_> = harvest.iter().map(|(_, id)| id.clone()).collect();
    let expected: BTreeSet<_> = (0..TEXTS)
        .map(|n| jump(n)["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((harvest.len(), ids), (TEXTS, expected));
    assert_eq!(counts(&class), (TEXTS as u64, 0));
    let none = replay(&class).send(class.server).json();
    assert_eq!(none["moved"], 0);
}

fn replayed_by_several_at_the_same_time_each_text_moves_once(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = filled(&server, "crowded", 3000);
    let first: Value = class.quarantine()[0].clone();
    let replays: Vec<_> = (0..3)
        .map(|_| {
            let class = class.clone();
            thread::spawn(move || {
                replay(&class).send(class.server).json()["moved"]
                    .as_u64()
                    .unwrap()
            })
        })
        .collect();
    let moved: u64 = replays.into_iter().map(|one| one.join().unwrap()).sum();
    assert_eq!((moved, counts(&class)), (3000, (3000, 0)));
    let path = format!("/v1/logs?study={}&page_size=1", class.study);
    let entry = &class.admin("GET", &path).send(class.server).json()[0];
    assert_eq!(
        entry["received_at"], first["received_at"],
        "its first arrival"
    );
    assert_eq!(entry["codebook"], 2);
}

engines! {
    killed_in_the_middle_of_a_replay_it_goes_on_where_it_was_and_doubles_nothing
    replayed_by_several_at_the_same_time_each_text_moves_once
}

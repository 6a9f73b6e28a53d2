//! What is said of the recorded class: no gap, no duplicate, 243 steps backwards in time.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;

/// Sessions, entries, and steps backwards of the recording, as its notice says.
const SESSIONS: usize = 49;
const ENTRIES: u64 = 10_000;
const BACKWARDS: u64 = 243;

fn recording() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/waves/waves.ndjson.gz")
}

fn lines() -> Vec<String> {
    let mut text = String::new();
    let file = std::fs::File::open(recording()).unwrap();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn is_what_the_notice_says(told: &Value) {
    assert_eq!(told["entries"], ENTRIES);
    assert_eq!(told["session_count"], SESSIONS);
    for nothing in [
        "gaps",
        "missing",
        "repeated",
        "duplicates",
        "conflicts",
        "too_early",
        "in_the_future",
    ] {
        assert_eq!(told[nothing], 0, "{nothing}");
    }
    assert_eq!(told["backwards"], BACKWARDS);
    assert_eq!(told["is_exact"], true);
    let sessions = told["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), SESSIONS);
    let sum: u64 = sessions
        .iter()
        .map(|s| s["backwards"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, BACKWARDS);
}

/// Every session by a player of its own, all of them mixed: the first entries of every session, then the next ones.
fn send_mixed(server: &Server, class: &Class) {
    let lines = lines();
    let mut sessions: Vec<(String, Vec<&str>)> = Vec::new();
    for line in &lines {
        let entry: Value = serde_json::from_str(line).unwrap();
        let name = entry["session"].as_str().unwrap().to_owned();
        match sessions.last_mut() {
            Some((known, entries)) if *known == name => entries.push(line),
            _ => sessions.push((name, vec![line])),
        }
    }
    let tokens: Vec<_> = (0..SESSIONS).map(|n| class.token(n)).collect();
    for part in 0.. {
        let mut sent = 0;
        for ((_, entries), token) in sessions.iter().zip(&tokens) {
            let Some(batch) = entries.chunks(100).nth(part) else {
                continue;
            };
            sent += batch.len();
            let body = format!("[{}]", batch.join(","));
            let request = Request::new("POST", "/v1/logs").bearer(token).json(body);
            let answer = server.expect(200, &request).json();
            assert_eq!(answer["accepted"], batch.len());
        }
        if sent == 0 {
            return;
        }
    }
}

fn the_recorded_class_has_no_gap_no_duplicate_and_243_steps_backwards(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "waves", SESSIONS);
    send_mixed(&server, &class);
    wait_until("every entry shows", || {
        let list = class.admin("GET", "/v1/logs?study=waves&page_size=1");
        server.expect(200, &list).header("X-Total-Count").unwrap() == "10000"
    });
    let told = server
        .expect(200, &class.admin("GET", "/v1/studies/waves/quality"))
        .json();
    is_what_the_notice_says(&told);
    assert_eq!(told["participants"], SESSIONS);
    assert_eq!(told["several_participants"], 0);

    let home = server.home();
    let printed: Value =
        serde_json::from_str(&home.done(&["--json", "quality", "--study", "waves"])).unwrap();
    assert_eq!(printed, told);
    let text = home.done(&["quality", "waves"]);
    assert!(
        text.contains("steps backwards                243"),
        "{text}"
    );
    assert!(server.terminate().success());
}

engines! {
    the_recorded_class_has_no_gap_no_duplicate_and_243_steps_backwards
}

#[test]
fn the_recording_itself_is_judged_alike() {
    let home = Home::new(Engine::Sqlite);
    let file = recording();
    let printed = home.done(&["--json", "quality", file.to_str().unwrap()]);
    let told: Value = serde_json::from_str(&printed).unwrap();
    is_what_the_notice_says(&told);
    // Nothing says when it arrived.
    assert_eq!(told["late"], json!(0));
    // A file needs no server and no database.
    assert!(!home.data().exists());
}

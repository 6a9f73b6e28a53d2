//! A server that stands still for a moment makes all wait that was due meanwhile, and each of them is counted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sillage_load::address::Target;
use sillage_load::api::Account;
use sillage_load::play::{Pace, Plan, Through, play};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// How long the server stands still.
const STILL: Duration = Duration::from_secs(1);

/// A server that takes everything, and stands still once, before its twentieth entry.
fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    let mut entries = 0;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let (_, length) = head.split_once("Content-Length: ").unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if body.len() < length {
            continue;
        }
        bytes.clear();
        let (status, answer) = if head.starts_with("POST /oauth2/") {
            (200, r#"{"access_token":"token"}"#)
        } else {
            entries += 1;
            if entries == 20 {
                std::thread::sleep(STILL);
            }
            (201, "{}")
        };
        let answer = format!(
            "HTTP/1.1 {status} Fine\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

fn play_at(pace: Pace) -> sillage_load::play::Played {
    let target = Target::new(&format!("http://{}", start()), false).unwrap();
    let account = Account {
        username: "p-1".to_owned(),
        password: "secret".to_owned(),
    };
    let plan = Plan {
        pace,
        through: Through::Connections,
        time: Duration::from_secs(3),
        speed: 1.0,
        log_ins_within: Duration::ZERO,
        outage: None,
        patience: Duration::from_secs(10),
    };
    let folder = tempfile::tempdir().unwrap();
    play(
        &target,
        &[account],
        &plan,
        &folder.path().join("ids"),
        |_| {},
    )
    .unwrap()
}

#[test]
fn what_was_due_while_the_server_stood_still_counts_from_then() {
    let began = Instant::now();
    let played = play_at(Pace::Rate(100.0));
    assert!(began.elapsed() < Duration::from_secs(15));
    assert_eq!(played.counts.sent, 300);
    assert_eq!(played.counts.acknowledged, 300);
    assert_eq!(played.posts.count, 300);
    // A hundred were due during the second; half of them waited for more than half of it.
    assert!(played.posts.max >= 1000.0, "{:?}", played.posts);
    assert!(played.posts.p90 >= 600.0, "{:?}", played.posts);
}

#[test]
fn in_the_closed_loop_only_one_entry_meets_the_standstill() {
    let played = play_at(Pace::Closed);
    assert!(played.posts.max >= 1000.0, "{:?}", played.posts);
    assert!(played.posts.p90 < 500.0, "{:?}", played.posts);
}

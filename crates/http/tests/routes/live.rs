//! `/v1/studies/{study}/live`.

use crate::serve::Running;
use crate::support::{Answer, World, entry, get, new_account, now};
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{AccountChange, StudyRole};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PATH: &str = "/v1/studies/tsadk/live";
const EVENTS: &str = "text/event-stream";

/// Entries of `ada`, with ids from the first number on.
async fn send(world: &World, numbers: std::ops::RangeInclusive<u32>) {
    let entries: Vec<Value> = numbers.map(entry).collect();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("ada"), json!(entries))
        .await
        .ok(200);
}

async fn seen(world: &World, who: &str) -> Answer {
    world
        .client()
        .await
        .get(PATH, &world.token(who))
        .await
        .ok(200)
}

#[actix_web::test]
async fn a_class_is_seen_at_one_glance() {
    let world = World::new();
    let pupils: Vec<_> = (1..=28)
        .map(|n| new_account(&format!("pupil-{n}")))
        .collect();
    world
        .ports
        .accounts
        .enrol(world.study.id, &pupils, now())
        .unwrap();
    send(&world, 1..=17).await;
    let answer = seen(&world, "mon").await;
    assert_eq!(answer.header("x-total-count"), Some("30"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let list = answer.json();
    assert_eq!(list.as_array().unwrap().len(), 30);
    assert_eq!(
        list[0],
        json!({
            "username": "ada", "number": 1, "connected": true,
            "last_entry_at": "2024-06-01T12:00:00.000000Z", "count": 17,
        })
    );
    assert_eq!(
        list[1],
        json!({"username": "bob", "number": 2, "connected": false, "last_entry_at": null, "count": 0})
    );
    let pseudonym = world.pseudonym("ada").to_string();
    assert!(!answer.text().contains(&pseudonym));
}

#[actix_web::test]
async fn what_arrives_shows_in_the_next_answer() {
    let world = World::new();
    for count in [0, 1, 2] {
        if count > 0 {
            send(&world, count..=count).await;
        }
        assert_eq!(seen(&world, "mon").await.json()[0]["count"], count);
    }
}

#[rstest]
#[case("mon", 10, 10)]
#[case("mon", 58, 58)]
#[case("mia", 3, 3)]
#[case("mia", 10, 10)]
#[case("mia", 19, 10)]
#[case("mia", 58, 50)]
#[case("admin", 58, 50)]
#[actix_web::test]
async fn who_may_read_the_entries_is_told_counts_in_steps(
    #[case] who: &str,
    #[case] sent: u32,
    #[case] told: u32,
) {
    let world = World::new();
    send(&world, 1..=sent).await;
    assert_eq!(seen(&world, who).await.json()[0]["count"], told);
}

#[rstest]
#[case("ann", 403)]
#[case("dev", 403)]
#[case("ada", 403)]
#[case("out", 404)]
#[actix_web::test]
async fn nobody_else_sees_who_plays(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    let client = world.client().await;
    for accept in ["*/*", EVENTS] {
        let request = get(PATH).token(&world.token(who)).header("Accept", accept);
        assert_eq!(client.send(request).await.status, status, "{accept}");
    }
    let request = get(PATH).header("Accept", EVENTS);
    assert_eq!(client.send(request).await.status, 401);
}

#[actix_web::test]
async fn who_logged_in_is_connected_until_shut_out() {
    let world = World::new();
    world.token("bob");
    let bob = |list: Value| list[1]["connected"].clone();
    assert_eq!(bob(seen(&world, "mon").await.json()), true);
    let shut = AccountChange {
        active: Some(false),
        ..AccountChange::default()
    };
    let id = world.account("bob").id;
    world
        .ports
        .accounts
        .change_account(id, &shut, None)
        .unwrap();
    assert_eq!(bob(seen(&world, "mon").await.json()), false);
}

#[actix_web::test]
async fn a_part_of_the_list_may_be_asked_for() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mon");
    let answer = client
        .get(&format!("{PATH}?page=2&page_size=1"), &token)
        .await
        .ok(200);
    assert_eq!(answer.json()[0]["username"], "bob");
    assert!(answer.header("link").unwrap().contains("rel=\"prev\""));
    for (query, code) in [
        ("page=3&page_size=1", 4002),
        ("page_size=0", 4007),
        ("sort=x", 4003),
    ] {
        for accept in ["*/*", EVENTS] {
            let request = get(&format!("{PATH}?{query}"))
                .token(&token)
                .header("Accept", accept);
            assert_eq!(client.send(request).await.codes(), [code], "{query}");
        }
    }
}

#[actix_web::test]
async fn the_head_of_the_events_has_no_events_after_it() {
    let world = World::new();
    let request = crate::support::Request::new(Method::HEAD, PATH)
        .token(&world.token("mon"))
        .header("Accept", EVENTS);
    let response = world.client().await.begin(request).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers().get("content-type").unwrap(), EVENTS);
    assert_eq!(response.response().body().size(), BodySize::Sized(0));
}

#[actix_web::test]
async fn one_account_listens_in_so_many_places_and_no_more() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mon");
    let listen = || get(PATH).token(&token).header("Accept", EVENTS);
    let mut listening = Vec::new();
    for _ in 0..16 {
        let response = client.begin(listen()).await;
        assert_eq!(response.status(), 200);
        listening.push(response);
    }
    let refused = client.send(listen()).await;
    assert_eq!(refused.told(), (503, 5031));
    assert!(refused.header("retry-after").is_some());
    client.get(PATH, &token).await.ok(200);
    listening.pop();
    assert_eq!(client.begin(listen()).await.status(), 200);
}

/// The events that one listener hears, over a connection of its own.
struct Events(BufReader<TcpStream>);

impl Events {
    fn of(server: &Running, token: &str) -> Self {
        let mut stream = server.connect();
        let head = format!(
            "GET {PATH} HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nAccept: {EVENTS}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut events = Self(BufReader::new(stream));
        assert_eq!(events.line(), "HTTP/1.1 200 OK");
        while !events.line().is_empty() {}
        events
    }

    /// The next line.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next event: its name and its data. Lines of chunks and comments are passed over.
    fn next(&mut self) -> (String, Value) {
        loop {
            let line = self.line();
            if let Some(name) = line.strip_prefix("event: ") {
                let data = self.line();
                let data = data.strip_prefix("data: ").unwrap();
                return (name.to_owned(), serde_json::from_str(data).unwrap());
            }
        }
    }

    /// Whether the server has ended them, well: with the last chunk.
    fn end(mut self) -> bool {
        let mut rest = String::new();
        self.0
            .get_ref()
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line) {
                Ok(0) | Err(_) => return rest.ends_with("0\r\n\r\n"),
                Ok(_) => rest.push_str(&line),
            }
            if rest.ends_with("\n0\r\n\r\n") || rest == "0\r\n\r\n" {
                return true;
            }
        }
    }
}

/// Sends the n-th entry of `ada`.
fn post(server: &Running, token: &str, n: u32) {
    let body = entry(n).to_string();
    let mut stream = server.connect();
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}

#[test]
fn listeners_hear_what_is_and_then_what_changes() {
    let world = World::new();
    let server = Running::start(&world);
    let (mon, mia) = (world.token("mon"), world.token("mia"));
    let ada = world.token("ada");
    let mut hears = [Events::of(&server, &mon), Events::of(&server, &mia)];
    for events in &mut hears {
        let (name, list) = events.next();
        assert_eq!(
            (name.as_str(), list.as_array().unwrap().len()),
            ("state", 2)
        );
    }
    post(&server, &ada, 1);
    for events in &mut hears {
        let (name, list) = events.next();
        assert_eq!(
            (name.as_str(), list.as_array().unwrap().len()),
            ("change", 1)
        );
        assert_eq!(
            (&list[0]["username"], &list[0]["count"]),
            (&json!("ada"), &json!(1))
        );
    }
    // Who comes is a new state.
    let zoe = [new_account("zoe")];
    world
        .ports
        .accounts
        .enrol(world.study.id, &zoe, now())
        .unwrap();
    let (name, list) = hears[0].next();
    assert_eq!(
        (name.as_str(), list.as_array().unwrap().len()),
        ("state", 3)
    );
    drop(hears);
    server.stop();
}

#[test]
fn the_events_end_with_the_right_to_hear_them_and_with_the_server() {
    let world = World::new();
    let server = Running::start(&world);
    let listen = |who: &str| {
        let mut events = Events::of(&server, &world.token(who));
        assert_eq!(events.next().0, "state");
        events
    };
    let (revoked, moved, stays) = (listen("mon"), listen("mia"), listen("admin"));
    let id = world.account("mon").id;
    world.ports.grants.end_grants_of(id).unwrap();
    assert!(revoked.end());
    let id = world.account("mia").id;
    world
        .ports
        .accounts
        .put_member(world.study.id, id, StudyRole::Analyst)
        .unwrap();
    assert!(moved.end());
    server.stop();
    assert!(stays.end());
}

//! Who plays, as a teacher sees it while a class does.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::nodes::Nodes;
use crate::support::raw::Request;
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const STUDY: &str = "castle";
const PASSWORD: &str = "a teacher's password";

/// Makes the account `teacher`, a monitor of the study.
fn engage_teacher(class: &Class) {
    let made = class
        .admin("POST", "/v1/users")
        .json(
            json!({"username": "teacher", "password": PASSWORD, "role": "researcher"}).to_string(),
        )
        .send(class.server);
    assert_eq!(made.status, 201, "{}", made.text());
    let member = class
        .admin("POST", &format!("/v1/studies/{STUDY}/members"))
        .json(r#"{"username":"teacher","role":"monitor"}"#)
        .send(class.server);
    assert_eq!(member.status, 201, "{}", member.text());
}

/// What the teacher sees by asking.
fn seen(server: SocketAddr, teacher: &str) -> Value {
    let answer = Request::new("GET", &format!("/v1/studies/{STUDY}/live"))
        .bearer(teacher)
        .send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// What a listener hears: lines of `text/event-stream`, whatever the chunks are that they come in.
struct Events(BufReader<TcpStream>);

impl Events {
    fn of(server: SocketAddr, teacher: &str) -> Self {
        let mut stream = TcpStream::connect(server).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        write!(
            stream,
            "GET /v1/studies/{STUDY}/live HTTP/1.1\r\nHost: {server}\r\nUser-Agent: test/1\r\n\
             Accept: text/event-stream\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer {teacher}\r\n\r\n"
        )
        .unwrap();
        let mut events = Self(BufReader::new(stream));
        assert_eq!(events.line().as_deref(), Some("HTTP/1.1 200 OK\r\n"));
        while events.line().unwrap() != "\r\n" {}
        events
    }

    /// The next line; `None` at the end of the connection.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        (read > 0).then_some(line)
    }

    /// The accounts of the next event of that name.
    fn next(&mut self, name: &str) -> Vec<Value> {
        while self.line().unwrap().trim_end() != format!("event: {name}") {}
        let data = self.line().unwrap();
        serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap()
    }

    /// Waits until that account is told to be so.
    fn until(&mut self, username: &str, so: impl Fn(&Value) -> bool) {
        while !self
            .next("change")
            .iter()
            .any(|one| one["username"] == username && so(one))
        {}
    }

    /// Waits for the last chunk, which is empty: the server has ended the answer, and nothing broke off.
    fn end(mut self) {
        let mut last = String::new();
        while let Some(line) = self.line() {
            if last == "0\r\n" && line == "\r\n" {
                return;
            }
            last = line;
        }
        panic!("the events broke off");
    }
}

fn a_teacher_sees_and_hears_who_plays(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let address = server.address();
    let class = Class::new(address, STUDY, 12);
    engage_teacher(&class);
    let teacher = token(address, "teacher", PASSWORD);
    let list = seen(address, &teacher);
    assert_eq!(list.as_array().unwrap().len(), 12);
    for (n, one) in list.as_array().unwrap().iter().enumerate() {
        let (username, number) = (&class.players[n].0, n + 1);
        let nothing = json!({"username": username, "number": number, "connected": false, "last_entry_at": null, "count": 0});
        assert_eq!(*one, nothing);
    }
    let mut events = Events::of(address, &teacher);
    assert_eq!(events.next("state").len(), 12);
    let player = class.token(3);
    let username = class.players[3].0.as_str();
    events.until(username, |one| {
        one["connected"] == true && one["count"] == 0
    });
    let entries: Vec<Value> = (0..25)
        .map(|n| json!({"timestamp": format!("2024-05-18T10:17:{n:02}Z"), "action": "open"}))
        .collect();
    let posted = class.post(&player, json!(entries).to_string());
    assert_eq!(posted.status, 200, "{}", posted.text());
    events.until(username, |one| {
        one["count"] == 25 && one["last_entry_at"] != Value::Null
    });
    let (for_teacher, for_admin) = (seen(address, &teacher), seen(address, &class.admin));
    assert_eq!(
        (&for_teacher[3]["count"], &for_admin[3]["count"]),
        (&json!(25), &json!(20))
    );
    for list in [for_teacher, for_admin] {
        assert!(
            list[3]["last_entry_at"]
                .as_str()
                .unwrap()
                .ends_with(":00.000000Z")
        );
        assert!(
            !list.to_string().contains("P-"),
            "no pseudonym stands there"
        );
    }
    let ended = Request::new("DELETE", "/v1/me/grants")
        .bearer(&teacher)
        .send(address);
    assert_eq!(ended.status, 204, "{}", ended.text());
    events.end();
}

fn a_server_that_stops_ends_its_events(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), STUDY, 1);
    let mut events = Events::of(server.address(), &class.admin);
    assert_eq!(events.next("state").len(), 1);
    assert!(server.terminate().success(), "{}", server.said());
    events.end();
}

engines! {
    a_teacher_sees_and_hears_who_plays
    a_server_that_stops_ends_its_events
}

#[test]
fn what_one_node_takes_is_heard_on_another_and_what_it_revokes_too() {
    let Some(nodes) = Nodes::start(&[("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)]) else {
        return;
    };
    let [first, second] = nodes.both().map(Server::address);
    let class = Class::new(first, STUDY, 2);
    engage_teacher(&class);
    let teacher = token(first, "teacher", PASSWORD);
    let mut events = Events::of(second, &teacher);
    assert_eq!(events.next("state").len(), 2);
    let posted = class.post(
        &class.token(1),
        r#"{"timestamp":"2024-05-18T10:17:00Z","action":"open"}"#,
    );
    assert_eq!(posted.status, 201, "{}", posted.text());
    events.until(&class.players[1].0, |one| one["count"] == 1);
    let ended = Request::new("DELETE", "/v1/me/grants")
        .bearer(&teacher)
        .send(first);
    assert_eq!(ended.status, 204, "{}", ended.text());
    events.end();
}

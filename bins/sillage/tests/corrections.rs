//! Entries corrected and deleted, on both engines.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};

/// A server with a study, in which one player has sent twelve entries, the odd ones in the session `pilot`.
fn played(engine: Engine) -> (Server, Class) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    let sent: Vec<_> = (1..=12).map(sent).collect();
    let answer = class.post(&class.token(0), json!(sent).to_string());
    assert_eq!(answer.json()["accepted"], 12, "{}", answer.text());
    (server, class)
}

fn sent(n: u32) -> Value {
    json!({
        "id": format!("0190c1d2-7e1c-7cc0-b9c0-{n:012x}"), "session": if n % 2 == 1 { "pilot" } else { "s-1" },
        "sequence": n, "timestamp": "2024-05-18T10:17:33.109Z", "action": "open", "payload": {"score": n},
    })
}

/// The path of the n-th entry.
fn path(class: &Class, n: usize) -> String {
    let numbers = class.harvest();
    format!("/v1/logs/{}", numbers[n - 1].0)
}

fn send(class: &Class, request: &Request) -> Answer {
    request.clone().send(class.server)
}

fn amend(class: &Class, path: &str, body: &Value) -> Request {
    class.admin("PATCH", path).json(body.to_string())
}

fn a_correction_is_shown_and_exported_and_what_was_sent_stays(engine: Engine) {
    let (mut server, class) = played(engine);
    let path = path(&class, 2);
    let body = json!({"reason": "the score was shown in tens", "payload": {"score": 20, "unit": "points"}, "session": "s-2"});
    let now = server.expect(200, &amend(&class, &path, &body));
    assert_eq!(
        (&now.json()["amended"], &now.json()["revision"]),
        (&json!(true), &json!(1))
    );
    let seen = server.expect(200, &class.admin("GET", &path));
    assert_eq!(seen.body, now.body);
    let tag = seen.header("ETag").unwrap().to_owned();
    let raw = server.expect(200, &class.admin("GET", &format!("{path}?raw=true")));
    assert_eq!(raw.json()["payload"], json!({"score": 2}));

    let other = json!({"reason": "no, in fives", "payload": {"score": 10}});
    let held = |tag: &str| amend(&class, &path, &other).header("If-Match", tag);
    server.expect(200, &held(&tag));
    assert_eq!(send(&class, &held(&tag)).errors()[0].0, 412);
    let history = server.expect(200, &class.admin("GET", &format!("{path}/history")));
    let reasons: Vec<_> = history.json().as_array().unwrap().clone();
    assert_eq!(reasons.len(), 2);
    assert_eq!(reasons[1]["reason"], "no, in fives");
    assert_eq!(reasons[1]["amended_by"], "admin");

    let export = |query: &str| {
        let path = format!("/v1/studies/castle/export?view=full&{query}");
        server
            .expect(200, &class.admin("GET", &path))
            .text()
            .to_owned()
    };
    let amended = r#""payload":{"score":10,"unit":"points"}"#;
    assert!(export("format=ndjson").contains(amended));
    assert!(!export("format=ndjson&raw=true").contains("points"));
    assert!(
        export("format=csv")
            .lines()
            .next()
            .unwrap()
            .ends_with(",revision")
    );
    server.kill();
    server.restart();
    let after = Class {
        server: server.address(),
        ..class.clone()
    };
    let kept = server.expect(200, &after.admin("GET", &path)).json();
    assert_eq!(kept["payload"], json!({"score": 10, "unit": "points"}));
}

fn eight_who_amend_one_entry_at_once_lose_nothing(engine: Engine) {
    let (server, class) = played(engine);
    let path = path(&class, 1);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (class, path, server) = (&class, &path, &server);
            scope.spawn(move || {
                let member = format!("from {n}");
                let body = json!({"reason": "at once", "payload": {member: true}});
                server.expect(200, &amend(class, path, &body));
            });
        }
    });
    let entry = server.expect(200, &class.admin("GET", &path)).json();
    assert_eq!(entry["revision"], 8);
    assert_eq!(entry["payload"].as_object().unwrap().len(), 9);
    let history = server.expect(200, &class.admin("GET", &format!("{path}/history")));
    assert_eq!(history.header("X-Total-Count"), Some("8"));
}

fn a_pilot_run_is_deleted_and_does_not_come_back(engine: Engine) {
    let (mut server, class) = played(engine);
    let first = path(&class, 1);
    let body = json!({"reason": "r", "action": "close"});
    server.expect(200, &amend(&class, &first, &body));
    let session = "/v1/logs?study=castle&session=pilot";
    let missing = send(&class, &class.admin("DELETE", session));
    assert_eq!(
        (missing.status, missing.errors()),
        (422, vec![(4222, "reason".to_owned())])
    );
    let dry = server.expect(
        200,
        &class.admin("DELETE", &format!("{session}&dry_run=true")),
    );
    assert_eq!(dry.json()["entries"], 6);
    assert_eq!(class.stored(), 12);
    let gone = class
        .admin("DELETE", session)
        .json(r#"{"reason":"a pilot run"}"#);
    assert_eq!(server.expect(200, &gone).json()["entries"], 6);
    assert_eq!(class.stored(), 6);
    assert_eq!(class.harvest().len(), 6);

    let all: Vec<_> = (1..=12).map(sent).collect();
    let again = class.post(&class.token(0), json!(all).to_string());
    assert_eq!(again.json()["duplicates"], 12, "{}", again.text());
    let one = class.post(&class.token(0), sent(1).to_string());
    assert_eq!(
        (one.status, &one.json()["status"]),
        (200, &json!("deleted"))
    );
    assert_eq!(one.json().get("payload"), None);
    assert_eq!(class.stored(), 6);
    let left = send(&class, &class.admin("GET", &first));
    assert_eq!(left.status, 410);
    let left = left.json()["entry"].clone();
    assert_eq!(
        (&left["reason"], &left["deleted_by"]),
        (&json!("a pilot run"), &json!("admin"))
    );
    let stats = server.expect(200, &class.admin("GET", "/v1/studies/castle/stats"));
    assert_eq!(
        (&stats.json()["entries"], &stats.json()["deleted"]),
        (&json!(6), &json!(6))
    );
    let csv = server.expect(
        200,
        &class.admin("GET", "/v1/studies/castle/export?format=csv&view=full"),
    );
    assert_eq!(csv.text().lines().count(), 7);
    let tombstones = server.expect(
        200,
        &class.admin("GET", "/v1/logs?study=castle&status=deleted"),
    );
    assert_eq!(tombstones.header("X-Total-Count"), Some("6"));

    class.set_status("archived");
    let whole = class.admin("DELETE", "/v1/studies/castle?confirm=castle");
    server.expect(204, &whole);
    assert!(server.terminate().success());
}

engines! {
    a_correction_is_shown_and_exported_and_what_was_sent_stays
    eight_who_amend_one_entry_at_once_lose_nothing
    a_pilot_run_is_deleted_and_does_not_come_back
}

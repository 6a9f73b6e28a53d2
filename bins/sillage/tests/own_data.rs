//! What somebody takes away and deletes who holds the card with username and password, on both engines.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A server with a study, in which two players have sent twelve entries each, and a text that does not fit. Of those of the first
/// player one was corrected, and one deleted.
fn played(engine: Engine) -> (Server, Class) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 2);
    for n in 0..2 {
        let sent: Vec<_> = (1..=12).map(sent).collect();
        let token = class.token(n);
        let answer = class.post(&token, json!(sent).to_string());
        assert_eq!(answer.json()["accepted"], 12, "{}", answer.text());
        class.post(&token, json!({"secret": format!("misfit {n}")}).to_string());
    }
    let numbers: Vec<_> = own(&class, 0)
        .iter()
        .map(|e| e["number"].to_string())
        .collect();
    let body = json!({"reason": "in tens", "payload": {"score": 10}}).to_string();
    let amend = class.admin("PATCH", &format!("/v1/logs/{}", numbers[0]));
    server.expect(200, &amend.json(body));
    let body = json!({"reason": "a pilot"}).to_string();
    let delete = class.admin("DELETE", &format!("/v1/logs/{}", numbers[1]));
    server.expect(204, &delete.json(body));
    (server, class)
}

fn sent(n: u32) -> Value {
    json!({
        "id": format!("0190c1d2-7e1c-7cc0-b9c0-{n:012x}"), "session": "s-1", "sequence": n,
        "timestamp": "2024-05-18T10:17:33.109Z", "action": "open", "payload": {"score": n, "marker": format!("marker {n}")},
    })
}

/// What the n-th player sees of what was sent.
fn own(class: &Class, n: usize) -> Vec<Value> {
    let list = Request::new("GET", "/v1/me/logs?page_size=1000").bearer(&class.token(n));
    list.send(class.server).json().as_array().unwrap().clone()
}

fn export(class: &Class, token: &str, query: &str) -> Answer {
    let answer = Request::new("GET", &format!("/v1/me/export{query}"))
        .bearer(token)
        .send(class.server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    answer
}

fn leave(class: &Class, n: usize, mode: &str) -> Answer {
    let password = json!({"password": class.players[n].1}).to_string();
    let path = format!("/v1/me?mode={mode}");
    Request::new("DELETE", &path)
        .bearer(&class.token(n))
        .json(password)
        .send(class.server)
}

fn a_player_takes_away_all_that_is_held_and_no_pseudonym(engine: Engine) {
    let (_server, class) = played(engine);
    let answer = export(&class, &class.token(0), "");
    let all = answer.json();
    assert_eq!(all["account"]["username"], class.players[0].0.as_str());
    assert_eq!(all["account"]["study"], "castle");
    assert_eq!(all["account"]["number"], 1);
    assert!(!all["grants"].as_array().unwrap().is_empty());
    let entries = all["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 12);
    assert_eq!(
        entries[0]["payload"],
        json!({"score": 1, "marker": "marker 1"})
    );
    assert_eq!(
        entries[0]["amendments"][0]["changes"],
        json!({"payload": {"score": 10}})
    );
    assert_eq!(entries[1]["status"], "deleted");
    assert_eq!(entries[1]["deletion"]["reason"], "a pilot");
    let text = &all["quarantine"][0]["text"];
    assert!(text.as_str().unwrap().contains("misfit 0"));
    assert_eq!(all["quarantine"].as_array().unwrap().len(), 1);

    let csv = export(&class, &class.token(0), "?format=csv");
    assert_eq!(csv.text().lines().count(), 13);
    assert!(csv.text().starts_with("number,id,session,"));
    let listed = Request::new("GET", "/v1/logs?study=castle&page_size=1000").bearer(&class.admin);
    let listed = listed.send(class.server).json();
    let codes: BTreeSet<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["participant"].as_str().unwrap())
        .collect();
    assert_eq!(codes.len(), 2);
    for code in codes {
        assert!(!answer.text().contains(code) && !csv.text().contains(code));
    }
    let admin = export(&class, &class.admin, "").json();
    assert_eq!(admin["memberships"], json!([]));
    assert_eq!(admin["entries"], Value::Null);
}

fn a_player_leaves_with_the_password_and_not_with_a_token(engine: Engine) {
    let (mut server, class) = played(engine);
    let token = class.token(0);
    let by_token = Request::new("DELETE", "/v1/me?mode=erase")
        .bearer(&token)
        .send(class.server);
    assert_eq!(
        (by_token.status, by_token.errors()),
        (422, vec![(4222, "/password".to_owned())])
    );
    assert_eq!(leave(&class, 0, "").status, 400);
    let before = own(&class, 1);
    assert_eq!(leave(&class, 0, "erase").status, 204);
    let gone = Request::new("GET", "/v1/me")
        .bearer(&token)
        .send(class.server);
    assert_eq!(gone.errors()[0].0, 4013);
    assert_eq!(class.stored(), 12);
    assert_eq!(class.quarantine().len(), 1);
    assert_eq!(own(&class, 1), before, "another's is as it was");
    let tombstones = "/v1/logs?study=castle&status=deleted&page_size=1000";
    let left = server.expect(200, &class.admin("GET", tombstones));
    assert_eq!(left.header("X-Total-Count"), Some("12"));
    assert!(!left.text().contains("marker"));

    assert_eq!(leave(&class, 1, "anonymise").status, 204);
    assert_eq!(class.stored(), 12, "what was done stays");
    server.kill();
    server.restart();
    let class = Class {
        server: server.address(),
        ..class
    };
    assert_eq!(class.stored(), 12);
    let accounts = server.expect(200, &class.admin("GET", "/v1/studies/castle/participants"));
    assert_eq!(accounts.json(), json!([]));
}

fn who_alone_runs_the_server_or_a_study_stays(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    let leave = |token: &str, password: &str| {
        let body = json!({"password": password}).to_string();
        Request::new("DELETE", "/v1/me?mode=anonymise")
            .bearer(token)
            .json(body)
            .send(class.server)
    };
    assert_eq!(leave(&class.admin, ADMIN_PASSWORD).errors()[0].0, 409);
    let user = json!({"username": "marie", "password": "a good password", "role": "researcher"})
        .to_string();
    server.expect(201, &class.admin("POST", "/v1/users").json(user));
    let marie = crate::support::class::token(class.server, "marie", "a good password");
    let study = json!({"slug": "maze", "title": "Maze"}).to_string();
    let make = Request::new("POST", "/v1/studies")
        .bearer(&marie)
        .json(study);
    server.expect(201, &make);
    assert_eq!(leave(&marie, "a good password").errors()[0].0, 409);
    let delete = Request::new("DELETE", "/v1/studies/maze").bearer(&marie);
    let archived = Request::new("PATCH", "/v1/studies/maze")
        .bearer(&marie)
        .json(r#"{"status":"archived"}"#);
    server.expect(200, &archived);
    server.expect(204, &delete);
    assert_eq!(leave(&marie, "a good password").status, 204);
    let users = server.expect(200, &class.admin("GET", "/v1/users")).json();
    assert_eq!(users.as_array().unwrap().len(), 1);
}

engines! {
    a_player_takes_away_all_that_is_held_and_no_pseudonym
    a_player_leaves_with_the_password_and_not_with_a_token
    who_alone_runs_the_server_or_a_study_stays
}

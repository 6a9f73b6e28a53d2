//! The commands about people and clients, beside a running server: what they do is seen over HTTP, and what is done over HTTP they see.

use crate::support::class::{Class, token};
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

const STUDY: &str = "castle";

/// A server with a study and two players, made over HTTP.
fn start(engine: Engine) -> (Server, Class) {
    let server = Server::start(Home::new(engine));
    let class = Class::new(server.address(), STUDY, 2);
    (server, class)
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// What a command prints, as JSON.
fn json(server: &Server, line: &str) -> Value {
    let mut all = vec!["--json"];
    all.extend(words(line));
    serde_json::from_str(&server.home().done(&all)).unwrap()
}

/// The texts of one member of each object of a list.
fn texts(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("{list}"));
    let text = |one: &Value| one[member].as_str().unwrap().to_owned();
    list.iter().map(text).collect()
}

fn listed(class: &Class, path: &str) -> Value {
    let path = format!("{path}?page_size=1000");
    let answer = class.admin("GET", &path).send(class.server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Whether that password is taken.
fn may_log_in(class: &Class, username: &str, password: &str) -> bool {
    let asked = json!({"grant_type": "password", "client_id": "sillage", "username": username, "password": password});
    let asked = Request::new("POST", "/oauth2/access_token").json(asked.to_string());
    let answer = asked.send(class.server);
    assert!(matches!(answer.status, 200 | 400), "{}", answer.text());
    answer.status == 200
}

fn participants_are_the_same_from_the_command_line_and_over_http(engine: Engine) {
    let (server, class) = start(engine);
    let path = format!("/v1/studies/{STUDY}/participants");
    let printed = server.home().done(&words(
        "participants generate castle --count 2 --prefix paper",
    ));
    let rows: Vec<_> = printed
        .lines()
        .map(|line| line.split_once(',').unwrap())
        .collect();
    assert_eq!(rows[0], ("username", "password"));
    for (username, password) in &rows[1..] {
        assert!(may_log_in(&class, username, password));
    }
    let list = listed(&class, &path);
    assert_eq!(
        texts(&list, "username"),
        texts(
            &json(&server, "participants list castle")["participants"],
            "username"
        )
    );
    assert_eq!(texts(&list, "username").len(), 4);
    let found = server
        .home()
        .done(&words("participants list --study castle --search PAPER-02"));
    assert_eq!(found, "paper-02\t4\tactive\n");

    let (username, password) = &class.players[0];
    let named = |line: &str| line.replace("NAME", username);
    server
        .home()
        .done(&words(&named("participants deactivate NAME")));
    assert!(!may_log_in(&class, username, password));
    let one = class.admin("GET", &format!("{path}/{username}"));
    assert_eq!(server.expect(200, &one).json()["active"], false);
    server
        .home()
        .done(&words(&named("participants activate NAME --study castle")));
    assert!(may_log_in(&class, username, password));

    let again = json(&server, &named("participants reset NAME"));
    let new = again["participants"][0]["password"].as_str().unwrap();
    assert!(!may_log_in(&class, username, password));
    assert!(may_log_in(&class, username, new));

    server.home().done(&words(&named(
        "participants delete NAME --mode anonymise --yes",
    )));
    server.expect(404, &one);
    let gone = class.admin("DELETE", &format!("{path}/paper-01?mode=erase"));
    server.expect(204, &gone);
    let left = json(&server, "participants list castle");
    assert_eq!(texts(&left["participants"], "username").len(), 2);
}

fn a_sheet_of_the_command_line_opens_the_accounts(engine: Engine) {
    let (server, class) = start(engine);
    let page = server.home().done(&words(
        "participants generate castle --count 2 --format html --language fr --address https://game.example.org",
    ));
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">"));
    assert_eq!(page.matches("<dd>https://game.example.org</dd>").count(), 2);
    let key = "<dd class=\"key\" translate=\"no\">";
    let keys: Vec<_> = page
        .split(key)
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    assert_eq!(keys.len(), 4);
    for card in keys.chunks(2) {
        assert!(may_log_in(&class, card[0], card[1]));
    }
}

fn users_and_members_are_the_same_from_the_command_line_and_over_http(engine: Engine) {
    let (server, class) = start(engine);
    let made = json(&server, "user create marie");
    let password = made["password"].as_str().unwrap();
    assert!(may_log_in(&class, "marie", password));
    let asked = json!({"username": "jean", "password": "a password of his", "role": "researcher"});
    let asked = class.admin("POST", "/v1/users").json(asked.to_string());
    let jean = server.expect(201, &asked).json();
    let names = texts(&json(&server, "user list"), "username");
    assert_eq!(names, texts(&listed(&class, "/v1/users"), "username"));
    assert_eq!(names.len(), 3);
    assert_eq!(
        server.home().done(&words("user list --search MAR")),
        "marie researcher\n"
    );

    let members = format!("/v1/studies/{STUDY}/members");
    server
        .home()
        .done(&words("member add castle jean --role analyst"));
    assert_eq!(listed(&class, &members)[0]["role"], "analyst");
    server
        .home()
        .done(&words("member add castle jean --role manager"));
    let change = class
        .admin("PATCH", &format!("{members}/jean"))
        .json(r#"{"role":"monitor"}"#);
    server.expect(200, &change);
    assert_eq!(json(&server, "member list castle")[0]["role"], "monitor");
    server.home().done(&words("member remove castle jean"));
    assert_eq!(listed(&class, &members), json!([]));

    server.home().done(&words("user deactivate jean"));
    assert!(!may_log_in(&class, "jean", "a password of his"));
    let one = class.admin("GET", &format!("/v1/users/{}", jean["id"]));
    assert_eq!(server.expect(200, &one).json()["active"], false);
    server.home().done(&words("user activate jean"));
    let mut reset = server
        .home()
        .command(&words("user reset jean --password-stdin"));
    let mut reset = reset
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    reset
        .stdin
        .take()
        .unwrap()
        .write_all(b"another password\n")
        .unwrap();
    assert!(reset.wait().unwrap().success());
    assert!(!may_log_in(&class, "jean", "a password of his"));
    assert!(may_log_in(&class, "jean", "another password"));
    let dry = json(&server, "user delete jean --dry-run");
    assert_eq!(dry["dry_run"], true);
    server.expect(200, &one);
    server.home().done(&words("user delete jean"));
    server.expect(404, &one);
}

fn clients_are_the_same_from_the_command_line_and_over_http(engine: Engine) {
    let (server, class) = start(engine);
    let made = json(
        &server,
        "client create Game --study castle --type confidential --grants password,client_credentials",
    );
    let text = |value: &Value, member: &str| value[member].as_str().unwrap().to_owned();
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    let ask = |secret: &str| {
        let asked =
            json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
        let asked = Request::new("POST", "/oauth2/access_token").json(asked.to_string());
        asked.send(server.address()).status
    };
    assert_eq!(ask(&secret), 200);
    let list = texts(&listed(&class, "/v1/clients"), "client_id");
    assert_eq!(list, texts(&json(&server, "client list"), "client_id"));
    assert!(list.contains(&id));
    let found = json(&server, "client list --study castle --search GAME");
    assert_eq!(texts(&found, "client_id"), [id.as_str()]);

    let renewed = json(&server, &format!("client reset-secret {id}"));
    assert_eq!(
        (ask(&secret), ask(&text(&renewed, "client_secret"))),
        (401, 200)
    );
    let again = class.admin("POST", &format!("/v1/clients/{id}/secret"));
    let secret = text(
        &server.expect(201, &again.json("{}")).json(),
        "client_secret",
    );
    assert_eq!(
        (ask(&text(&renewed, "client_secret")), ask(&secret)),
        (401, 200)
    );

    server
        .home()
        .done(&words(&format!("client deactivate {id}")));
    assert_eq!(ask(&secret), 401);
    server.home().done(&words(&format!("client activate {id}")));
    assert_eq!(ask(&secret), 200);
    server.home().done(&words(&format!("client delete {id}")));
    assert_eq!(ask(&secret), 401);
    server.expect(404, &class.admin("GET", &format!("/v1/clients/{id}")));
}

fn a_command_that_fails_changes_nothing_and_says_why(engine: Engine) {
    let (server, class) = start(engine);
    let username = &class.players[0].0;
    let cases = [
        (1, "participants list maze"),
        (1, "participants generate maze --count 2"),
        (1, "participants deactivate NAME nobody"),
        (1, "participants reset nobody"),
        (1, "participants delete NAME nobody --mode erase --yes"),
        (2, "participants delete NAME --mode erase"),
        (2, "participants delete NAME --yes"),
        (2, "participants generate castle --count 0"),
        (2, "participants generate castle --count 2 --prefix a/b"),
        (2, "participants generate castle --count 2 --format pdf"),
        (1, "user reset nobody"),
        (1, "user deactivate admin"),
        (1, "user delete admin"),
        (1, "user create admin"),
        (2, "user create marie --role king"),
        (1, "member add castle nobody --role analyst"),
        (1, "member remove castle nobody"),
        (2, "member add castle nobody"),
        (1, "client delete nobody"),
        (2, "client delete sillage"),
        (2, "client reset-secret sillage"),
        (2, "client create Game --grants client_credentials"),
    ];
    for (code, line) in cases {
        let finished = server.home().run(&words(&line.replace("NAME", username)));
        assert_eq!(finished.code, Some(code), "{line}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line}");
        assert!(!finished.stderr.is_empty(), "{line}");
    }
    let participants = json(&server, "participants list castle");
    let participants = participants["participants"].as_array().unwrap();
    assert_eq!(participants.len(), 2);
    assert!(participants.iter().all(|one| one["active"] == true));
    assert_eq!(texts(&json(&server, "user list"), "username"), ["admin"]);
    assert_eq!(
        texts(&json(&server, "client list"), "client_id"),
        ["sillage"]
    );
}

fn a_player_who_is_erased_by_a_command_leaves_no_entry_with_content(engine: Engine) {
    let (server, class) = start(engine);
    let (username, password) = &class.players[0];
    let player = token(server.address(), username, password);
    let sent = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "open", "payload": {"door": "the blue one"}});
    assert_eq!(class.post(&player, sent.to_string()).status, 201);
    let line = format!("participants delete {username} --mode erase");
    let would = server.home().done(&words(&format!("{line} --dry-run")));
    assert!(would.contains("would be deleted"), "{would}");
    let path = format!("/v1/logs?study={STUDY}");
    let seen = || {
        class
            .admin("GET", &path)
            .send(server.address())
            .text()
            .to_owned()
    };
    assert!(seen().contains("the blue one"));
    server.home().done(&words(&format!("{line} --yes")));
    wait_until("the content is gone", || !seen().contains("the blue one"));
    assert_eq!(class.stored(), 0);
    let tombstones = format!("{path}&status=deleted");
    let left = class.admin("GET", &tombstones).send(server.address());
    assert_eq!(
        left.json().as_array().unwrap().len(),
        1,
        "that there was an entry stays"
    );
}

engines! {
    participants_are_the_same_from_the_command_line_and_over_http
    a_sheet_of_the_command_line_opens_the_accounts
    users_and_members_are_the_same_from_the_command_line_and_over_http
    clients_are_the_same_from_the_command_line_and_over_http
    a_command_that_fails_changes_nothing_and_says_why
    a_player_who_is_erased_by_a_command_leaves_no_entry_with_content
}

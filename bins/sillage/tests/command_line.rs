//! The commands, on the database of a server that runs at the same time.

use crate::support::class::{ADMIN_PASSWORD, token};
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use uuid::Uuid;

fn study_accounts_and_export_work_beside_a_running_server(engine: Engine) {
    let mut server = Server::start(Home::new(engine));
    let home = server.home();
    assert_eq!(
        home.done(&["study", "create", "castle", "--title", "The castle"]),
        "study castle made, draft\n"
    );
    assert_eq!(
        home.done(&["study", "open", "castle"]),
        "study castle changed, open\n"
    );
    let accounts = home.done(&[
        "participants",
        "generate",
        "castle",
        "--count",
        "3",
        "--prefix",
        "classe-a",
    ]);
    let rows: Vec<_> = accounts
        .lines()
        .map(|line| line.split_once(',').unwrap())
        .collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0], ("username", "password"));

    let player = token(server.address(), rows[1].0, rows[1].1);
    let ids: Vec<String> = (0..5).map(|_| Uuid::now_v7().to_string()).collect();
    let entry = |id: &String| json!({ "id": id, "timestamp": "2024-05-18T10:17:33.109Z", "action": "regionDeposer" });
    let entries = Value::from_iter(ids.iter().map(entry));
    let answer = server.expect(
        200,
        &Request::new("POST", "/v1/logs")
            .bearer(&player)
            .json(entries.to_string()),
    );
    assert_eq!(answer.json()["accepted"], 5);

    let csv = home.done(&["export", "castle"]);
    assert_eq!(csv.lines().count(), 6);
    assert!(ids.iter().all(|id| csv.contains(id)), "{csv}");
    let admin = token(server.address(), "admin", ADMIN_PASSWORD);
    let export =
        Request::new("GET", "/v1/studies/castle/export?format=csv&view=full").bearer(&admin);
    assert_eq!(server.expect(200, &export).text(), csv);

    assert_eq!(
        home.done(&["study", "close", "castle"]),
        "study castle changed, closed\n"
    );
    assert!(server.terminate().success());
}

fn migrations_are_shown_and_run_once(engine: Engine) {
    let home = Home::new(engine);
    let states = |words: &[&str]| -> Vec<bool> {
        let value: Value = serde_json::from_str(&home.done(words)).unwrap();
        value["migrations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|migration| migration["applied"].as_bool().unwrap())
            .collect()
    };
    let before = states(&["--json", "migrate", "show"]);
    assert!(!before.is_empty() && before.iter().all(|applied| !applied));
    assert!(
        states(&["--json", "migrate"])
            .iter()
            .all(|applied| *applied)
    );
    assert!(
        states(&["--json", "migrate", "show"])
            .iter()
            .all(|applied| *applied)
    );
    let again: Value = serde_json::from_str(&home.done(&["--json", "migrate", "run"])).unwrap();
    assert_eq!(again["run_now"], json!([]));
    Server::start(home);
}

engines! {
    study_accounts_and_export_work_beside_a_running_server
    migrations_are_shown_and_run_once
}

#[test]
fn an_administrator_who_was_made_logs_in() {
    let server = Server::start(Home::new(Engine::Sqlite));
    let made: Value =
        serde_json::from_str(&server.home().done(&["--json", "admin", "create", "marie"])).unwrap();
    let token = token(
        server.address(),
        "marie",
        made["password"].as_str().unwrap(),
    );
    let me = server
        .expect(200, &Request::new("GET", "/v1/me").bearer(&token))
        .json();
    assert_eq!(me["role"], "admin");
    assert_eq!(
        server.home().run(&["admin", "create", "marie"]).code,
        Some(1)
    );
}

#[test]
fn exit_codes_tell_a_failure_from_a_slip_of_the_pen() {
    let home = Home::new(Engine::Sqlite);
    assert_eq!(home.run(&["study", "open", "castle"]).code, Some(1));
    assert_eq!(home.run(&["study", "opne", "castle"]).code, Some(2));
    assert_eq!(
        home.run(&["study", "create", "Castle", "--title", "x"])
            .code,
        Some(2)
    );
    assert_eq!(home.run(&[]).code, Some(2));
    for words in [
        &["--help"][..],
        &["--version"],
        &["demo", "--help"],
        &["participants", "generate", "--help"],
    ] {
        assert_eq!(home.run(words).code, Some(0));
    }
}

#[test]
fn a_codebook_is_checked_without_server_database_and_configuration() {
    let home = Home::new(Engine::Sqlite);
    let example =
        |name: &str| format!("{}/../../examples/waves/{name}", env!("CARGO_MANIFEST_DIR"));
    let (codebook, entries) = (example("codebook.toml"), example("waves.ndjson.gz"));
    let told = home.done(&["codebook", "check", &codebook, "--entries", &entries]);
    assert!(told.contains("all 10000 entries"), "{told}");
    std::fs::write(
        home.folder().join("bad.toml"),
        "format = 1\n[actions.a]\ngroup = []\n",
    )
    .unwrap();
    let finished = home.run(&["codebook", "check", "bad.toml"]);
    assert_eq!(finished.code, Some(1));
    assert_eq!(
        finished.stdout,
        "bad.toml:3:1: /actions/a/group: there is no key `group` here; did you mean `groups`?\n"
    );
    assert_eq!(finished.stderr, "sillage: bad.toml: 1 fault\n");
    assert!(!home.data().exists());
}

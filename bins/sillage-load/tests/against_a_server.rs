//! The program against the real server, on both databases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../sillage/tests/support/database.rs"]
#[expect(dead_code, reason = "the server's own tests use more of it")]
mod database;

use database::{Engine, Schema};
use serde_json::Value;
use sillage_load::api::{Account, Api};
use sillage_load::server::{PASSWORD, Program, Server};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Makes two tests of each function that takes an [`Engine`].
macro_rules! engines {
    ($($name:ident)+) => {
        mod on_sqlite {
            $(#[test]
            fn $name() {
                super::$name(crate::database::Engine::Sqlite);
            })+
        }

        mod on_mariadb {
            $(#[test]
            fn $name() {
                if crate::database::Engine::Mariadb.is_there() {
                    super::$name(crate::database::Engine::Mariadb);
                }
            })+
        }
    };
}

/// The program `sillage`, which lies beside the one under test.
fn sillage() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_sillage-load")).with_file_name("sillage");
    assert!(
        path.exists(),
        "there is no {}: build the whole workspace (cargo build --workspace --bins)",
        path.display()
    );
    path
}

/// A running server, a database, and a folder to write into; all go away with it.
struct Place {
    server: Server,
    folder: TempDir,
    _schema: Option<Schema>,
}

impl Place {
    fn new(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let schema = engine.schema();
        let database = schema.as_ref().map_or_else(
            || format!("sqlite://{}", folder.path().join("sillage.db").display()),
            |schema| schema.url().to_owned(),
        );
        // The cheapest hashes that there are: hashing is tested elsewhere.
        let mut all = vec![
            ("SILLAGE__AUTH__BCRYPT_COST", "4"),
            ("SILLAGE__AUTH__GENERATED_BCRYPT_COST", "5"),
        ];
        all.extend_from_slice(settings);
        let program = Program {
            path: sillage(),
            workers: 2,
        };
        let server = Server::start(&program, folder.path(), &database, &all).unwrap();
        Self {
            server,
            folder,
            _schema: schema,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn api(&self) -> Api {
        self.server.api().unwrap()
    }

    /// Runs the program in the folder, as the administrator if there is need of one.
    fn load(&self, words: &[&str]) -> Output {
        load(words, self.folder.path())
    }

    /// The same for what must succeed and print JSON.
    fn json(&self, words: &[&str]) -> Value {
        let done = self.load(words);
        assert!(done.status.success(), "{words:?}: {done:?}");
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

fn load(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sillage-load"))
        .args(words)
        .env("SILLAGE_LOAD_PASSWORD", PASSWORD)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// A CSV of accounts, as `sillage participants generate` writes it.
fn write_cards(path: &Path, accounts: &[Account]) {
    let mut text = "username,password\r\n".to_owned();
    for Account { username, password } in accounts {
        text += &format!("{username},{password}\r\n");
    }
    std::fs::write(path, text).unwrap();
}

fn a_class_loses_its_wi_fi_and_every_entry_is_stored_once(engine: Engine) {
    let place = Place::new(engine, &[]);
    let base = place.server.base();
    // Ten minutes without Wi-Fi take two and a half seconds.
    let report = place.json(&[
        "run",
        &base,
        "--user",
        "admin",
        "--study",
        "class",
        "--players",
        "30",
        "--time",
        "9s",
        "--speed",
        "240",
        "--wifi-drop",
        "10m",
        "--verify",
        "--json",
        "--html",
        "report.html",
        "--report",
        "report.json",
    ]);
    let count = |pointer: &str| report.pointer(pointer).unwrap().as_u64().unwrap();
    assert_eq!(count("/played/players"), 30);
    assert_eq!(count("/played/failed_log_ins"), 0);
    let acknowledged = count("/played/counts/acknowledged");
    assert!(acknowledged > 100, "{report}");
    for none in ["unanswered", "unsent", "refused", "quarantined"] {
        assert_eq!(count(&format!("/played/counts/{none}")), 0, "{none}");
    }
    assert_eq!(count("/played/counts/sent"), acknowledged);
    assert!(count("/played/caught_up/count") > 0, "nobody met the drop");
    assert_eq!(count("/verified/acknowledged"), acknowledged);
    assert_eq!(count("/verified/stored"), acknowledged);
    assert_eq!(
        (count("/verified/lost"), count("/verified/doubled")),
        (0, 0)
    );
    assert_eq!(place.api().total("class").unwrap(), acknowledged);
    let ids = std::fs::read_to_string(place.file("acknowledged.ids")).unwrap();
    let different: BTreeSet<_> = ids.lines().collect();
    assert_eq!(different.len() as u64, acknowledged);
    let written: Value =
        serde_json::from_slice(&std::fs::read(place.file("report.json")).unwrap()).unwrap();
    assert_eq!(written, report);
    let page = std::fs::read_to_string(place.file("report.html")).unwrap();
    assert!(page.contains("is stored once") && page.contains("class=\"band\""));
}

fn what_is_lost_is_found(engine: Engine) {
    let place = Place::new(engine, &[]);
    let base = place.server.base();
    let run = place.load(&[
        "run",
        &base,
        "--user",
        "admin",
        "--study",
        "castle",
        "--players",
        "3",
        "--rate",
        "50",
        "--time",
        "1s",
        "--quiet",
    ]);
    assert!(run.status.success(), "{run:?}");
    let verify = [
        "verify", &base, "--user", "admin", "--study", "castle", "--json",
    ];
    let whole = place.json(&verify);
    let all = whole["acknowledged"].as_u64().unwrap();
    assert!(all > 0 && whole["stored"] == all && whole["lost"] == 0);
    // One that nobody ever stored, and one that the server has and nobody acknowledged.
    let file = place.file("acknowledged.ids");
    let ids = std::fs::read_to_string(&file).unwrap();
    let (_, rest) = ids.split_once('\n').unwrap();
    let never = "0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10\n";
    std::fs::write(&file, format!("{never}{rest}")).unwrap();
    let done = place.load(&verify);
    assert_eq!(done.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&found["lost"], &found["unacknowledged"]),
        (&1.into(), &1.into())
    );
}

fn participants_of_a_file_play_without_an_administrator(engine: Engine) {
    let place = Place::new(engine, &[]);
    let (api, base) = (place.api(), place.server.base());
    api.begin_study("castle").unwrap();
    write_cards(
        &place.file("cards.csv"),
        &api.enrol("castle", "p-", 4).unwrap(),
    );
    let play = |players: &str| {
        place.load(&[
            "run",
            &base,
            "--study",
            "castle",
            "--participants",
            "cards.csv",
            "--players",
            players,
            "--closed",
            "--time",
            "500ms",
            "--log-ins-within",
            "0s",
            "--json",
        ])
    };
    let done = play("4");
    assert!(done.status.success(), "{done:?}");
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["played"]["log_ins"]["count"], 4);
    let stored = api.total("castle").unwrap();
    assert_eq!(report["played"]["counts"]["acknowledged"], stored);
    assert!(stored > 0 && report["verified"].is_null());
    let done = play("5");
    assert_eq!(done.status.code(), Some(1));
    assert!(
        said(&done).contains("has 4 participants"),
        "{}",
        said(&done)
    );
    // Passwords that are wrong are nobody's fault but the file's.
    std::fs::write(place.file("cards.csv"), "username,password\np-1,wrong\n").unwrap();
    let done = play("1");
    assert_eq!(done.status.code(), Some(1));
    assert!(
        said(&done).contains("nobody could log in"),
        "{}",
        said(&done)
    );
}

fn the_floor_is_measured_in_the_same_run(engine: Engine) {
    let place = Place::new(engine, &[]);
    let base = place.server.base();
    let found = place.json(&[
        "floor",
        &base,
        "--user",
        "admin",
        "--study",
        "castle",
        "--connections",
        "2",
        "--rounds",
        "2",
        "--time",
        "200ms",
        "--json",
    ]);
    for side in ["server", "floor", "ratio"] {
        assert!(found[side]["median"].as_f64().unwrap() > 0.0, "{found}");
    }
    assert!(place.api().total("castle").unwrap() > 0);
}

fn two_servers_are_compared_by_the_old_protocol(engine: Engine) {
    let default = [("SILLAGE__SERVER__DEFAULT_STUDY", "tsadk")];
    let place = Place::new(engine, &default);
    let other = Place::new(Engine::Sqlite, &default);
    let codebook = include_str!("../../../examples/tsadk/codebook.toml");
    for (server, name) in [(&place, "first.csv"), (&other, "second.csv")] {
        let api = server.api();
        api.begin_study("tsadk").unwrap();
        api.put_codebook("tsadk", codebook).unwrap();
        let mut text = "username,password,number\n".to_owned();
        for (n, account) in api.enrol("tsadk", "joueur-", 3).unwrap().iter().enumerate() {
            text += &format!("{},{},{}\n", account.username, account.password, n + 1);
        }
        std::fs::write(place.file(name), text).unwrap();
    }
    let (first, second) = (place.server.base(), other.server.base());
    let words = [
        "compare",
        &first,
        &second,
        "--players",
        "first.csv",
        "--second-players",
        "second.csv",
        "--connections",
        "3",
        "--rounds",
        "2",
        "--time",
        "300ms",
    ];
    let found = place.json(&[&words[..], &["--json"]].concat());
    for (n, place) in [&place, &other].into_iter().enumerate() {
        let side = &found["found"][n];
        let statuses = side["statuses"].as_object().unwrap();
        assert_eq!(statuses.keys().collect::<Vec<_>>(), ["201"], "{side}");
        assert_eq!(statuses["201"], place.api().total("tsadk").unwrap());
        assert_eq!(side["log_ins"]["count"], 3);
    }
    assert!(found["ratio"]["median"].as_f64().unwrap() > 0.0);
    let done = place.load(&words);
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(
        text.contains(&first) && text.contains("actions a second"),
        "{text}"
    );
}

fn a_server_is_started_for_the_run_and_ended(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let schema = engine.schema();
    let sillage = sillage();
    let mut words = vec![
        "run",
        "--start",
        sillage.to_str().unwrap(),
        "--players",
        "2",
        "--game",
        "fast",
        "--time",
        "1s",
        "--log-ins-within",
        "0s",
        "--verify",
        "--floor",
        "2",
    ];
    if let Some(schema) = &schema {
        words.extend(["--database-url", schema.url()]);
    }
    let done = load(&words, folder.path());
    assert!(done.status.success(), "{done:?}");
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("an endpoint that only parses"), "{text}");
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["acknowledged.ids"], "nothing else is left behind");
}

engines! {
    a_class_loses_its_wi_fi_and_every_entry_is_stored_once
    what_is_lost_is_found
    participants_of_a_file_play_without_an_administrator
    the_floor_is_measured_in_the_same_run
    two_servers_are_compared_by_the_old_protocol
    a_server_is_started_for_the_run_and_ended
}

#[test]
fn it_loads_no_other_machine_and_knows_its_bounds() {
    let folder = tempfile::tempdir().unwrap();
    for (words, why) in [
        // An address for documentation (RFC 5737).
        (&["run", "http://192.0.2.1"][..], "--yes-this-is-my-server"),
        (&["floor", "http://192.0.2.1"], "--yes-this-is-my-server"),
        (
            &["verify", "http://192.0.2.1", "--study", "s"],
            "--yes-this-is-my-server",
        ),
        (
            &[
                "compare",
                "http://192.0.2.1",
                "http://192.0.2.2",
                "--players",
                "p.csv",
            ],
            "--yes-this-is-my-server",
        ),
        (
            &["run", "http://127.0.0.1:1", "--players", "20000"],
            "10000 players",
        ),
        (
            &["run", "http://127.0.0.1:1", "--rate", "1e9"],
            "entries a second",
        ),
        (
            &["run", "http://127.0.0.1:1", "--time", "5h"],
            "14400 seconds",
        ),
    ] {
        let done = load(words, folder.path());
        assert_eq!(done.status.code(), Some(1), "{words:?}");
        assert!(said(&done).contains(why), "{words:?}: {}", said(&done));
    }
}

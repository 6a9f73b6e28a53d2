//! What comes over from the old database, what does not, and what is said of it.

use super::{CARD_2, basic, home, import, old_collector};
use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::old_collector::OldCollector;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

fn report(home: &Home, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(home.folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What the report says of a row.
fn said<'a>(report: &'a [Value], table: &str, id: &str) -> (&'a str, &'a str) {
    let line = report
        .iter()
        .find(|line| line["table"] == table && line["id"] == id)
        .unwrap_or_else(|| panic!("no line for {table} {id}"));
    (
        line["outcome"].as_str().unwrap(),
        line["reason"].as_str().unwrap(),
    )
}

fn class(server: SocketAddr) -> Class {
    Class {
        server,
        admin: token_below(server),
        study: "tsadk".to_owned(),
        players: Vec::new(),
    }
}

/// The admin's token, where the API has a base path.
fn token_below(server: SocketAddr) -> String {
    let answer = basic("GET", "/v1/utils/token", "admin", ADMIN_PASSWORD).send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["token"].as_str().unwrap().to_owned()
}

fn every_row_is_brought_over_or_said_why_not(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    let foreseen = import(&home, &old, &["--report", "dry.json", "--dry-run"]);
    assert_eq!(foreseen["study_made"], true);
    let done = import(&home, &old, &["--report", "first.json"]);
    assert_eq!(done["users"], json!({"made": 4, "refused": 4}));
    assert_eq!(done["logs"], json!({"accepted": 2, "quarantined": 6}));
    for counted in ["users", "logs"] {
        assert_eq!(foreseen[counted], done[counted], "a dry run foresees it");
    }
    let first = report(&home, "first.json");
    assert_eq!(report(&home, "dry.json"), first);
    assert_eq!(first.len(), 16);
    let user = |id: &str| said(&first, "users", id);
    assert_eq!(user("2"), ("made", ""));
    assert!(user("1").1.contains("runs the old collector"));
    assert!(user("3").1.contains("cut off") && user("3").0 == "made");
    assert!(user("4").1.contains("another account has this username"));
    assert!(user("5").1.contains("can't be one"));
    assert!(user("6").1.contains("not SHA-512 crypt") && user("6").0 == "made");
    assert!(user("8").1.contains("can't be one"));
    let log = |id: &str| said(&first, "logs", id);
    assert_eq!(log("11"), ("accepted", ""));
    assert_eq!(log("12"), ("quarantined", "timestamp: is missing"));
    assert!(log("13").1.contains("no account here"));
    assert!(log("14").1.contains("names no user"));
    assert!(log("15").1.contains("no offset from UTC"));
    assert!(log("16").1.contains("not an ISO 8601"));
    assert_eq!(log("17"), ("accepted", ""));
    assert!(log("18").1.contains("no account here"));
    let whole = std::fs::read_to_string(home.folder().join("first.json")).unwrap();
    assert!(
        !whole.contains(&CARD_2[..20]) && !whole.contains("\"P-"),
        "{whole}"
    );
}

fn what_came_over_is_as_it_was(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    import(&home, &old, &["--report", "r.csv", "--offset", "+02:00"]);
    let csv = std::fs::read_to_string(home.folder().join("r.csv")).unwrap();
    assert!(csv.starts_with("table,row,id,username,outcome,reason\nusers,1,1,chercheuse,refused,"));
    let server = Server::start(home);
    let class = class(server.address());
    let list = class.admin("GET", "/tsadk/api/v1/logs?study=tsadk");
    let entries = server.expect(200, &list).json();
    let entries = entries.as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0]["timestamp"], "2023-04-18T10:17:06.540000Z");
    assert_eq!(entries[0]["action"], "regionDeposer");
    assert_eq!(entries[0]["sequence"], 9);
    let payload = &entries[0]["payload"];
    assert_eq!(payload["tsadk_timestamp"], "2023-04-18T10:17.109Z");
    assert_eq!(payload["tsadk_id"], 11);
    assert_eq!(payload["userAnswer"], "if(none){win}else{loose}");
    assert_eq!(payload["roomName"], "salleForet");
    assert_eq!(entries[1]["timestamp"], "2023-04-18T08:20:00.000000Z");
    assert_eq!(entries[1]["payload"]["userAnswer"], "l'été « 🙂 »");
    let quarantine = class.admin("GET", "/tsadk/api/v1/studies/tsadk/quarantine");
    let texts = server.expect(200, &quarantine).text().to_owned();
    assert!(!texts.contains("userID"), "{texts}");
    let participants = class.admin("GET", "/tsadk/api/v1/studies/tsadk/participants");
    let people = server.expect(200, &participants).json();
    let people: Vec<_> = people.as_array().unwrap().iter().collect();
    let numbers: Vec<_> = people
        .iter()
        .map(|p| p["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 3, 6, 7]);
}

fn an_import_that_is_run_again_doubles_nothing(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    import(&home, &old, &[]);
    // Somebody is taken out, and somebody comes to the old collector.
    home.done(&[
        "participants",
        "delete",
        "joueur-7",
        "--study",
        "tsadk",
        "--mode",
        "erase",
        "--yes",
    ]);
    old.execute(&format!(
        "INSERT INTO users VALUES (9, 'joueur-9', '{CARD_2}', NULL);
         INSERT INTO logs VALUES (19, 9, '2023-04-18T10:23:00Z', 1, NULL, NULL, 'porteOuvrir', NULL, NULL);
         UPDATE logs SET userAnswer = 'something else' WHERE id = 11;"
    ));
    let again = import(&home, &old, &["--report", "again.json"]);
    assert_eq!(
        again["users"],
        json!({"made": 1, "known": 3, "refused": 4, "taken_out": 1})
    );
    assert_eq!(
        again["logs"],
        json!({"accepted": 1, "quarantined": 4, "conflict": 1, "taken_out": 3})
    );
    let third = import(&home, &old, &["--report", "again.json"]);
    assert_eq!(third["users"]["known"], 4);
    assert_eq!(third["logs"]["duplicate"], 1);
    let server = Server::start(home);
    let class = class(server.address());
    let stats = class.admin("GET", "/tsadk/api/v1/studies/tsadk/stats");
    let stats = server.expect(200, &stats).json();
    // Two were accepted at first, one later; one of the first is a tombstone. Of the texts, those of the one who was taken out are gone.
    assert_eq!(stats["entries"], 2, "{stats}");
    assert_eq!(stats["deleted"], 1, "{stats}");
    assert_eq!(stats["quarantined"], 5, "{stats}");
}

fn an_import_that_is_killed_goes_on_where_it_was(engine: Engine) {
    const LOGS: usize = 20_000;
    let home = home(engine);
    let rows: Vec<String> = (1..=LOGS)
        .map(|n| {
            format!(
                "({n}, 2, '2023-04-18T10:17:33Z', {n}, 'salle', 'lire', 'porteOuvrir', NULL, NULL)"
            )
        })
        .collect();
    let old = OldCollector::new(
        engine,
        home.folder(),
        &format!(
            "INSERT INTO users VALUES (2, 'joueur-2', '{CARD_2}', NULL); INSERT INTO logs VALUES {};",
            rows.join(",")
        ),
    );
    home.done(&["migrate"]);
    let words = [
        "--json",
        "import",
        "tsadk",
        old.source(),
        "--study",
        "tsadk",
    ];
    for pause in [300, 600] {
        let mut child = home.command(&words).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        // On a fast machine it may be done by then, which is as well.
        let _ = child.kill();
        child.wait().unwrap();
    }
    let done = import(&home, &old, &[]);
    let count = |word: &str| done["logs"][word].as_u64().unwrap_or(0);
    assert_eq!(
        count("accepted") + count("duplicate"),
        LOGS as u64,
        "{done}"
    );
    let server = Server::start(home);
    let class = class(server.address());
    let list = class.admin("GET", "/tsadk/api/v1/logs?study=tsadk&page_size=1");
    let answer = server.expect(200, &list);
    assert_eq!(
        answer.header("X-Total-Count"),
        Some(LOGS.to_string().as_str())
    );
}

engines! {
    every_row_is_brought_over_or_said_why_not
    what_came_over_is_as_it_was
    an_import_that_is_run_again_doubles_nothing
    an_import_that_is_killed_goes_on_where_it_was
}

#[test]
fn what_is_no_old_database_changes_nothing() {
    let home = home(Engine::Sqlite);
    let path = |name: &str| home.folder().join(name);
    std::fs::write(path("short.db"), "x").unwrap();
    std::fs::write(
        path("text.db"),
        "This is a text, and a long one at that, but no database.",
    )
    .unwrap();
    std::fs::write(
        path("broken.db"),
        b"SQLite format 3\0 and then something else entirely".repeat(100),
    )
    .unwrap();
    let other = OldCollector::new(
        Engine::Sqlite,
        home.folder(),
        "DROP TABLE logs; CREATE TABLE pictures (id INTEGER);",
    );
    for (source, told) in [
        ("missing.db", "there is no such file"),
        ("short.db", "no SQLite database"),
        ("text.db", "no SQLite database"),
        ("broken.db", "broken.db"),
        (
            other.source(),
            "it has no table `logs`; its tables are: pictures, users",
        ),
        (
            "mysql://nobody:secret@127.0.0.1:1/none",
            "mysql://***@127.0.0.1:1/none",
        ),
    ] {
        let finished = home.run(&["import", "tsadk", source, "--study", "tsadk"]);
        assert_eq!(finished.code, Some(1), "{source}: {finished:?}");
        assert!(finished.stderr.contains(told), "{source}: {finished:?}");
        assert!(!finished.stderr.contains("secret"), "{finished:?}");
    }
    assert!(!path("missing.db").exists());
    assert!(!path("tsadk-import.csv").exists());
    let finished = home.run(&["study", "open", "tsadk"]);
    assert!(
        finished.stderr.contains("there is no study"),
        "{finished:?}"
    );
    let finished = home.run(&["import", "tsadk", "x", "--study", "tsadk", "--offset", "2"]);
    assert_eq!(finished.code, Some(2));
}

#[test]
fn an_old_database_may_lie_anywhere_and_is_only_read() {
    let home = home(Engine::Sqlite);
    let folder = home.folder().join("dossier d'été #1 50%?");
    std::fs::create_dir(&folder).unwrap();
    let old = OldCollector::new(Engine::Sqlite, &folder, "");
    let before = std::fs::read(old.source()).unwrap();
    let done = import(&home, &old, &[]);
    assert_eq!(done["users"], json!({}));
    assert_eq!(std::fs::read(old.source()).unwrap(), before);
    let report = home.folder().join("tsadk-import.csv");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&report).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_to_string(&report).unwrap().lines().count(), 1);
    // The study that was made stays as it is.
    assert_eq!(import(&home, &old, &[])["study_made"], false);
    let mut server = Server::start(home);
    assert!(server.terminate().success());
}

//! Erasure that erases: no byte is left, and an old copy of the database brings nobody back.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::mariadb::Mariadb;
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What stands in what is erased, and nowhere else.
const MARKERS: [&str; 4] = [
    "zephyrine-of-the-lake",
    "zephyrine@pupils.example.org",
    "moonlit-marker",
    "evening-session-marker",
];

/// A server with a class; somebody else plays in it too.
fn class_on(server: &Server) -> Class {
    let class = Class::new(server.address(), "castle", 1);
    let made = class
        .admin("POST", "/v1/studies/castle/participants")
        .json(json!({"username": MARKERS[0], "password": "a good password"}).to_string());
    server.expect(201, &made);
    class
}

/// Has the one who is to be erased play: many entries, one of them corrected, a text that does not fit, and log-ins. Others play between.
fn play(server: &Server, class: &Class) {
    let zephyrine = crate::support::class::token(class.server, MARKERS[0], "a good password");
    let other = class.token(0);
    for round in 0..12 {
        let entries = |whose: &str, marked: bool| -> Vec<Value> {
            (0..40)
                .map(|n| {
                    let payload = match marked {
                        true => json!({"text": MARKERS[2].repeat(1 + n % 60), "mail": MARKERS[1]}),
                        false => json!({"text": "x".repeat(40 * n)}),
                    };
                    json!({
                        "id": uuid::Uuid::now_v7(), "timestamp": "2024-05-18T10:17:33Z", "action": "open",
                        "session": if marked { format!("{}-{round}", MARKERS[3]) } else { format!("{whose}-{n}") },
                        "sequence": n, "payload": payload,
                    })
                })
                .collect()
        };
        for (token, marked) in [(&zephyrine, true), (&other, false)] {
            let sent = json!(entries("other", marked)).to_string();
            let answer = class.post(token, sent);
            assert_eq!(answer.json()["accepted"], 40, "{}", answer.text());
        }
    }
    class.post(&zephyrine, json!({"oops": MARKERS[2]}).to_string());
    let own = Request::new("GET", "/v1/me/logs?page_size=1").bearer(&zephyrine);
    let number = own.send(class.server).json()[0]["number"].clone();
    let body = json!({"reason": "a slip", "payload": {"text": MARKERS[2]}}).to_string();
    let amend = class.admin("PATCH", &format!("/v1/logs/{number}"));
    server.expect(200, &amend.json(body));
}

fn erase(server: &Server, class: &Class) {
    let path = format!("/v1/studies/castle/participants/{}?mode=erase", MARKERS[0]);
    let answer = class.admin("DELETE", &path).send(server.address());
    assert!(matches!(answer.status, 202 | 204), "{}", answer.text());
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// In which of the files which markers stand.
fn found(files: &[PathBuf]) -> Vec<String> {
    let mut told = Vec::new();
    for path in files {
        // Whoever runs may take a file away at any moment.
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        for marker in MARKERS {
            let needle = marker.as_bytes();
            let windows = bytes.windows(needle.len());
            let count = windows.filter(|window| *window == needle).count();
            if count > 0 {
                told.push(format!("{}: {marker} {count} times", path.display()));
            }
        }
    }
    told
}

#[test]
fn no_byte_of_who_was_erased_is_left_in_the_data_directory() {
    let mut server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    let class = class_on(&server);
    play(&server, &class);
    let data = server.home().data().to_owned();
    let before = found(&files(&data));
    for marker in MARKERS {
        assert!(
            before.iter().any(|told| told.contains(marker)),
            "{before:?}"
        );
    }
    // Somebody writes all the time, so that there is always something in the log of writes.
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let token = class.token(0);
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                let id = uuid::Uuid::now_v7();
                let body = json!({"id": id, "timestamp": "2024-05-18T10:17:33Z", "action": "walk"});
                class.post(&token, body.to_string());
            }
        });
        erase(&server, &class);
        let left = found(&files(&data));
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(left, [] as [String; 0], "while it runs");
    });
    assert!(server.terminate().success());
    assert_eq!(found(&files(&data)), [] as [String; 0], "after its end");
    assert!(!server.said().contains("WARN"), "{}", server.said());
}

#[test]
fn somebody_who_is_anonymised_leaves_no_byte_of_the_name() {
    let server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    let class = class_on(&server);
    play(&server, &class);
    let path = format!(
        "/v1/studies/castle/participants/{}?mode=anonymise",
        MARKERS[0]
    );
    server.expect(204, &class.admin("DELETE", &path));
    let left = found(&files(server.home().data()));
    assert!(
        !left.iter().any(|told| told.contains(MARKERS[0])),
        "{left:?}"
    );
    assert!(
        left.iter().any(|told| told.contains(MARKERS[2])),
        "what was done stays"
    );
}

/// The files of tables that are left once the database server has purged; the log, the undo log and the temporary files are not among them.
fn tables(database: &Mariadb) -> Vec<PathBuf> {
    let all = files(&database.data().join("sillage")).into_iter();
    let tables: Vec<_> = all
        .filter(|path| path.extension().is_some_and(|end| end == "ibd"))
        .collect();
    assert!(tables.len() > 20, "{tables:?}");
    tables
}

fn erased_from_mariadb(scrubs: bool) -> Option<(Vec<String>, Vec<String>, String)> {
    let Some(mut database) = Mariadb::start_scrubbing(scrubs) else {
        assert!(std::env::var("SILLAGE_TEST_ENGINES").as_deref() != Ok("all"));
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return None;
    };
    let mut server = Server::on_database(
        &database.url(),
        &[
            ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
            (
                "SILLAGE__PRIVACY__ALLOW_UNSCRUBBED_ERASURE",
                if scrubs { "false" } else { "true" },
            ),
        ],
    );
    let class = class_on(&server);
    play(&server, &class);
    database.stop();
    let before = found(&tables(&database));
    database.resume();
    wait_until("it is ready again", || {
        let ready = Request::new("GET", "/health/ready").try_send(server.address());
        ready.is_ok_and(|answer| answer.status == 200)
    });
    erase(&server, &class);
    server.kill();
    let said = server.said();
    database.stop();
    let after = found(&tables(&database));
    if scrubs {
        // As the documentation says: what an inner page of an index keeps as a signpost goes with the table being written anew.
        database.resume();
        database.execute("OPTIMIZE TABLE accounts, log_entries");
        database.stop();
        assert_eq!(found(&tables(&database)), [] as [String; 0]);
    }
    Some((before, after, said))
}

#[test]
fn no_byte_of_who_was_erased_is_left_in_the_tables_of_mariadb_once_it_has_purged() {
    let Some((before, after, said)) = erased_from_mariadb(true) else {
        return;
    };
    for marker in MARKERS {
        assert!(
            before.iter().any(|told| told.contains(marker)),
            "{before:?}"
        );
    }
    // The name of a session may stand once more in an inner page of an index.
    let mut after = after;
    after.retain(|told| !told.contains(MARKERS[3]));
    assert_eq!(after, [] as [String; 0]);
    assert!(!said.contains("keeps the bytes"), "{said}");
}

#[test]
fn without_the_option_mariadb_keeps_the_bytes_and_the_server_says_so() {
    let Some((_, after, said)) = erased_from_mariadb(false) else {
        return;
    };
    assert!(!after.is_empty(), "the test above could not fail");
    assert!(
        said.contains("WARN") && said.contains("innodb_immediate_scrub_data_uncompressed"),
        "{said}"
    );
}

#[test]
fn content_is_not_erased_on_a_database_that_keeps_the_bytes_unless_that_is_accepted() {
    let Some(database) = Mariadb::start_scrubbing(false) else {
        assert!(std::env::var("SILLAGE_TEST_ENGINES").as_deref() != Ok("all"));
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return;
    };
    let admin = [("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)];
    let server = Server::on_database(&database.url(), &admin);
    let class = class_on(&server);
    let path = format!("/v1/studies/castle/participants/{}", MARKERS[0]);
    let dry = format!("{path}?mode=erase&dry_run=true");
    let dry = server.expect(200, &class.admin("DELETE", &dry));
    assert_eq!(dry.json()["bytes_stay"], true);
    let refused = class.admin("DELETE", &format!("{path}?mode=erase"));
    assert_eq!(server.expect(409, &refused).errors()[0].0, 409);
    server.expect(200, &class.admin("GET", &path));
    let command = [
        "participants",
        "delete",
        MARKERS[0],
        "--mode",
        "erase",
        "--yes",
    ];
    let finished = server.home().run(&command);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished.stderr.contains("allow_unscrubbed_erasure"),
        "{finished:?}"
    );
    server.expect(200, &class.admin("GET", &path));
}

fn who_was_erased_is_not_brought_back_by_an_old_copy_of_the_database(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = class_on(&server);
    play(&server, &class);
    assert!(server.terminate().success());
    let copy = server.home().copy_of_database();
    server.restart();
    let class = Class {
        server: server.address(),
        ..class
    };
    erase(&server, &class);
    // And one who was anonymised, by command.
    let bob = class.players[0].0.clone();
    server.home().done(&[
        "participants",
        "delete",
        &bob,
        "--mode",
        "anonymise",
        "--yes",
    ]);
    let entries = class.stored();
    assert!(server.terminate().success());

    let ledger = server.home().data().join("erasures.ledger");
    let text = std::fs::read_to_string(&ledger).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(!text.contains(&bob) && MARKERS.iter().all(|marker| !text.contains(marker)));

    server.home().bring_back(&copy);
    let aside = server.home().data().join("aside");
    std::fs::rename(&ledger, &aside).unwrap();
    for words in [&["serve"] as &[&str], &["participants", "list", "castle"]] {
        let finished = server.home().run(words);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(
            finished
                .stderr
                .contains("the ledger of erasures is not there")
                && finished.stderr.contains("erasures.ledger"),
            "{finished:?}"
        );
    }
    let status = json(server.home(), &["--json", "erasures", "status"]);
    assert_eq!(
        (&status["ledger"], &status["in_database"]),
        (&Value::Null, &json!(0))
    );
    std::fs::rename(&aside, &ledger).unwrap();
    let status = json(server.home(), &["--json", "erasures", "status"]);
    assert_eq!(
        (&status["in_ledger"], &status["only_in_ledger"]),
        (&json!(2), &json!(2))
    );

    server.restart();
    let class = Class {
        server: server.address(),
        ..class
    };
    let said = server.said();
    assert!(said.contains("they were made again"), "{said}");
    assert!(
        MARKERS.iter().all(|marker| !said.contains(marker)),
        "{said}"
    );
    let accounts = server.expect(200, &class.admin("GET", "/v1/studies/castle/participants"));
    assert_eq!(accounts.json(), json!([]));
    wait_until("what was erased is erased again", || {
        class.stored() == entries
    });
    let status = json(server.home(), &["--json", "erasures", "status"]);
    assert_eq!(
        (&status["only_in_ledger"], &status["only_in_database"]),
        (&json!(0), &json!(0))
    );
    assert!(server.terminate().success());
    if engine == Engine::Sqlite {
        let left = files(server.home().data());
        assert_eq!(found(&left), [] as [String; 0]);
    }
}

fn a_ledger_that_is_lost_for_good_is_begun_anew_with_what_the_database_knows(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = class_on(&server);
    erase(&server, &class);
    assert!(server.terminate().success());
    let ledger = server.home().data().join("erasures.ledger");
    std::fs::remove_file(&ledger).unwrap();
    let finished = server.home().run(&["erasures", "found"]);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(!ledger.exists());
    let done = json(server.home(), &["--json", "erasures", "found", "--yes"]);
    assert_eq!((&done["learnt"], &done["replayed"]), (&json!(1), &json!(0)));
    server.restart();
    let again = server.home().run(&["erasures", "found", "--yes"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    let replayed = json(server.home(), &["--json", "erasures", "replay"]);
    assert_eq!(replayed["replayed"], 0);
}

fn nothing_is_erased_that_can_not_be_written_down(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = class_on(&server);
    let ledger = server.home().data().join("erasures.ledger");
    let aside = server.home().data().join("aside");
    std::fs::rename(&ledger, &aside).unwrap();
    let path = format!("/v1/studies/castle/participants/{}", MARKERS[0]);
    for mode in ["anonymise", "erase"] {
        let delete = class.admin("DELETE", &format!("{path}?mode={mode}"));
        server.expect(503, &delete);
    }
    server.expect(200, &class.admin("GET", &path));
    std::fs::rename(&aside, &ledger).unwrap();
    erase(&server, &class);
    server.expect(404, &class.admin("GET", &path));
}

fn json(home: &Home, words: &[&str]) -> Value {
    serde_json::from_str(&home.done(words)).unwrap()
}

engines! {
    nothing_is_erased_that_can_not_be_written_down
    who_was_erased_is_not_brought_back_by_an_old_copy_of_the_database
    a_ledger_that_is_lost_for_good_is_begun_anew_with_what_the_database_knows
}

//! Backups: taken while players play, brought back to either engine, and refused where something is wrong with them.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Entries that try a format: odd texts, large and small numbers, nothing at all.
fn play(class: &Class, player: usize, rounds: usize) {
    let token = class.token(player);
    for round in 0..rounds {
        let entries: Vec<Value> = (0..20)
            .map(|n| {
                json!({
                    "id": uuid::Uuid::now_v7(), "timestamp": format!("2024-05-18T10:{:02}:{n:02}.000001Z", round % 60),
                    "action": "open", "session": format!("s-{player}-{round}"), "sequence": n,
                    "payload": {"text": "é \u{1F980} \\ \" \n \u{2028}", "n": n, "big": 9_007_199_254_740_993_i64, "x": null},
                })
            })
            .collect();
        let answer = class.post(&token, json!(entries).to_string());
        assert_eq!(answer.json()["accepted"], 20, "{}", answer.text());
    }
    class.post(&token, r#"{"oops":"é"}"#);
}

/// A study in which everything was done that leaves rows behind.
fn full(server: &Server) -> Class {
    let class = Class::new(server.address(), "castle", 3);
    for player in 0..3 {
        play(&class, player, 3);
    }
    let number = class.harvest()[0].0;
    let amend = class.admin("PATCH", &format!("/v1/logs/{number}"));
    let body = json!({"reason": "a slip", "payload": {"text": "mended"}}).to_string();
    server.expect(200, &amend.json(body));
    let path = format!("/v1/logs/{}?reason=pilot", class.harvest()[1].0);
    let deleted = class.admin("DELETE", &path).send(class.server);
    assert!(deleted.status < 300, "{}", deleted.text());
    let notice = class.admin("PUT", "/v1/studies/castle/notice");
    let put = notice
        .json(json!({"text": "# Bonjour", "language": "fr"}).to_string())
        .send(class.server);
    assert!(put.status < 300, "{}", put.text());
    class
}

/// Everything that an export and the lists say of the study.
fn told(home: &Home) -> Vec<String> {
    let export = |words: &[&str]| home.done(&[&["export", "castle"], words].concat());
    vec![
        export(&[]),
        export(&["--format", "ndjson"]),
        export(&["--status", "deleted"]),
        home.done(&["participants", "list", "castle"]),
        home.done(&["user", "list"]),
        home.done(&["member", "list", "castle"]),
        home.done(&["--json", "quality", "castle"]),
    ]
}

fn backup(home: &Home) -> PathBuf {
    let path = home.folder().join("archive.backup");
    let done = home.done(&["--json", "backup", "--to", path.to_str().unwrap()]);
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!(done["locked"], false);
    path
}

/// A new home on that engine, with root key and ledger of the other.
fn heir(engine: Engine, of: &Home) -> Home {
    let home = Home::new(engine);
    std::fs::create_dir_all(home.data()).unwrap();
    for name in ["root.key", "erasures.ledger", "audit-checkpoints.json"] {
        std::fs::copy(of.data().join(name), home.data().join(name)).unwrap();
    }
    home
}

fn restore(home: &Home, file: &Path) -> Value {
    let told = home.done(&["--json", "restore", file.to_str().unwrap()]);
    serde_json::from_str(&told).unwrap()
}

/// The other one, where there is one.
fn other(engine: Engine) -> Engine {
    match engine {
        Engine::Sqlite if Engine::Mariadb.is_there() => Engine::Mariadb,
        _ => Engine::Sqlite,
    }
}

fn an_archive_goes_to_the_other_engine_and_back_and_says_the_same(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = full(&server);
    let harvest = class.harvest();
    let epoch = class
        .admin("GET", "/v1/logs?study=castle")
        .send(class.server);
    let epoch = epoch.header("ETag").unwrap().to_owned();
    let before_backup = told(server.home());
    let file = backup(server.home());
    // What is written now is not in it.
    play(&class, 0, 1);
    assert!(server.terminate().success());

    let there = heir(other(engine), server.home());
    let done = restore(&there, &file);
    assert_eq!(done["faults"], json!([]), "{done}");
    assert_eq!(told(&there), before_backup);
    there.done(&["audit", "verify"]);

    // And back, from there; with a server on it in between, which goes on with the numbers.
    let there = Server::start(there);
    let moved = Class {
        server: there.address(),
        ..class.clone()
    };
    let admin = token(there.address(), "admin", ADMIN_PASSWORD);
    let moved = Class { admin, ..moved };
    assert_eq!(moved.harvest(), harvest);
    let list = moved
        .admin("GET", "/v1/logs?study=castle")
        .send(moved.server);
    assert_ne!(list.header("ETag").unwrap(), epoch, "the epoch is another");
    let old = Request::new("GET", "/v1/me").bearer(&class.admin);
    assert_eq!(old.send(moved.server).status, 401, "log-ins ended");
    play(&moved, 1, 1);
    let last = harvest.last().unwrap().0;
    let new: Vec<i64> = moved.harvest()[harvest.len()..]
        .iter()
        .map(|one| one.0)
        .collect();
    assert!(
        new.len() == 20 && new.iter().all(|number| *number > last),
        "{new:?} after {last}"
    );
    let of_session = moved.admin("GET", "/v1/logs?study=castle&session=s-1-1");
    assert_eq!(
        of_session
            .send(moved.server)
            .header("X-Total-Count")
            .unwrap(),
        "20"
    );
    let home = there.leave();
    let now = told(&home);
    let file = backup(&home);
    let back = heir(engine, &home);
    assert_eq!(
        restore(&back, &file)["from"],
        match other(engine) {
            Engine::Sqlite => "sqlite",
            Engine::Mariadb => "mysql",
        }
    );
    assert_eq!(told(&back), now);
    let back = Server::start(back);
    let again = Class {
        server: back.address(),
        ..moved
    };
    play(&again, 2, 1);
}

fn all_that_was_acknowledged_before_is_in_a_backup_and_no_batch_is_in_it_by_half(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 4);
    let stop = AtomicBool::new(false);
    let acknowledged = Mutex::new(Vec::<String>::new());
    let (file, before) = std::thread::scope(|scope| {
        for player in 0..4 {
            let (class, stop, acknowledged) = (&class, &stop, &acknowledged);
            scope.spawn(move || {
                let token = class.token(player);
                let mut batch = 0;
                while !stop.load(Ordering::SeqCst) {
                    batch += 1;
                    let session = format!("{player}-{batch}");
                    let entries: Vec<Value> = (0..25)
                        .map(|n| json!({"timestamp": "2024-05-18T10:17:33Z", "action": "a", "session": session, "sequence": n}))
                        .collect();
                    let answer = class.post(&token, json!(entries).to_string());
                    assert_eq!(answer.json()["accepted"], 25, "{}", answer.text());
                    acknowledged.lock().unwrap().push(session);
                }
            });
        }
        while acknowledged.lock().unwrap().len() < 40 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let before = acknowledged.lock().unwrap().clone();
        let file = backup(server.home());
        stop.store(true, Ordering::SeqCst);
        (file, before)
    });
    assert!(
        acknowledged.lock().unwrap().len() > before.len(),
        "somebody wrote meanwhile"
    );
    assert!(server.terminate().success());
    let there = heir(engine, server.home());
    restore(&there, &file);
    let text = there.done(&["export", "castle", "--format", "ndjson"]);
    let mut sessions = std::collections::BTreeMap::<String, usize>::new();
    for line in text.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        *sessions
            .entry(entry["session"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    for session in &before {
        assert_eq!(sessions.get(session), Some(&25), "{session}");
    }
    assert!(
        sessions.values().all(|count| *count == 25),
        "a batch is there by half"
    );
}

fn who_was_erased_after_a_backup_is_erased_again_and_without_the_ledger_nothing_is_restored(
    engine: Engine,
) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = full(&server);
    let file = backup(server.home());
    let gone = class.players[0].0.clone();
    let path = format!("/v1/studies/castle/participants/{gone}?mode=erase");
    let erased = class.admin("DELETE", &path).send(class.server);
    assert!(matches!(erased.status, 202 | 204), "{}", erased.text());
    assert!(server.terminate().success());
    let left = server.home().done(&["export", "castle"]);

    let there = heir(other(engine), server.home());
    let ledger = there.data().join("erasures.ledger");
    let aside = there.data().join("aside");
    std::fs::rename(&ledger, &aside).unwrap();
    let refused = there.run(&["restore", file.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("the ledger of erasures is not there"),
        "{refused:?}"
    );
    std::fs::rename(&aside, &ledger).unwrap();
    let done = restore(&there, &file);
    assert_eq!(
        (&done["erasures"]["replayed"], &done["erasures"]["accounts"]),
        (&json!(1), &json!(1))
    );
    assert!(
        !there
            .done(&["participants", "list", "castle"])
            .contains(&gone)
    );
    assert_eq!(there.done(&["export", "castle"]), left);
}

fn a_ledger_that_is_lost_for_good_is_begun_by_who_says_so(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let home = server.leave();
    let file = backup(&home);
    let there = heir(engine, &home);
    let words = ["restore", file.to_str().unwrap(), "--begin-ledger"];
    let refused = there.run(&words);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("there is a ledger"), "{refused:?}");
    std::fs::remove_file(there.data().join("erasures.ledger")).unwrap();
    there.done(&words);
    there.done(&["erasures", "replay"]);
}

fn a_database_in_use_another_root_key_and_a_damaged_file_are_refused_and_leave_all_as_it_was(
    engine: Engine,
) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    full(&server);
    let file = backup(server.home());
    assert!(server.terminate().success());
    let told_before = told(server.home());
    let in_use = server.home().run(&["restore", file.to_str().unwrap()]);
    assert_eq!(in_use.code, Some(1));
    assert!(in_use.stderr.contains("not empty"), "{in_use:?}");
    assert_eq!(told(server.home()), told_before);

    let stranger = Home::new(engine);
    let keyless = stranger.run(&["restore", file.to_str().unwrap()]);
    assert_eq!(keyless.code, Some(1));
    assert!(keyless.stderr.contains("no root key here"), "{keyless:?}");
    stranger.done(&["study", "create", "mine"]);
    let other = heir(engine, &stranger);
    let refused = other.run(&["restore", file.to_str().unwrap()]);
    assert!(refused.stderr.contains("another root key"), "{refused:?}");

    let there = heir(engine, server.home());
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bad = there.folder().join("bad.backup");
    for (content, why) in [
        (bytes.clone(), "damaged"),
        (bytes[..middle].to_vec(), "damaged"),
        (b"something else".to_vec(), "no backup of Sillage"),
    ] {
        std::fs::write(&bad, content).unwrap();
        for words in [&["restore", "--check"] as &[&str], &["restore"]] {
            let refused = there.run(&[words, &[bad.to_str().unwrap()]].concat());
            assert_eq!(refused.code, Some(1), "{refused:?}");
            assert!(refused.stderr.contains(why), "{refused:?}");
        }
    }
    // None of these has begun anything: it is still empty.
    restore(&there, &file);
    assert_eq!(told(&there), told_before);
}

fn a_restore_that_was_killed_is_no_archive_and_is_begun_anew(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 2);
    play(&class, 0, 150);
    let file = backup(server.home());
    assert!(server.terminate().success());
    let there = heir(engine, server.home());
    let mut child = there
        .command(&["restore", file.to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begun = || match engine {
        Engine::Sqlite => there.data().join("sillage.db.restoring").exists(),
        Engine::Mariadb => {
            let sql = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'log_entries'";
            there.number(sql) == 1
        }
    };
    while !begun() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it was seen"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
    if engine == Engine::Mariadb {
        let refused = there.run(&["study", "create", "x"]);
        assert!(refused.stderr.contains("broken off"), "{refused:?}");
    } else {
        assert!(!there.data().join("sillage.db").exists());
    }
    restore(&there, &file);
    assert_eq!(told(&there)[0], told(server.home())[0]);
}

engines! {
    an_archive_goes_to_the_other_engine_and_back_and_says_the_same
    all_that_was_acknowledged_before_is_in_a_backup_and_no_batch_is_in_it_by_half
    who_was_erased_after_a_backup_is_erased_again_and_without_the_ledger_nothing_is_restored
    a_ledger_that_is_lost_for_good_is_begun_by_who_says_so
    a_database_in_use_another_root_key_and_a_damaged_file_are_refused_and_leave_all_as_it_was
    a_restore_that_was_killed_is_no_archive_and_is_begun_anew
}

#[test]
fn a_backup_is_for_its_owner_holds_no_key_and_writes_over_nothing() {
    let server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    let home = server.leave();
    let folder = home.folder().join("kept");
    std::fs::create_dir(&folder).unwrap();
    home.done(&["backup", "--to", folder.to_str().unwrap()]);
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|one| one.unwrap().path())
        .collect();
    let [file] = files.as_slice() else {
        panic!("{files:?}");
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let again = home.run(&["backup", "--to", file.to_str().unwrap()]);
    assert_eq!(again.code, Some(2), "{again:?}");
    let key = std::fs::read_to_string(home.data().join("root.key")).unwrap();
    let text = unzipped(&std::fs::read(file).unwrap());
    assert!(text.contains("root_key_fingerprint"));
    assert!(!text.contains(key.trim()));
    let audit = home.number("SELECT COUNT(*) FROM audit_records WHERE action = 'manage-backups'");
    assert_eq!(audit, 2);
}

/// What stands between the first line and the hash.
fn unzipped(file: &[u8]) -> String {
    let begin = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut text = String::new();
    let mut lines = flate2::read::GzDecoder::new(&file[begin..file.len() - 65]);
    std::io::Read::read_to_string(&mut lines, &mut text).unwrap();
    text
}

#[test]
fn a_backup_that_was_killed_or_met_a_full_disk_is_not_called_done() {
    let server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    play(&class, 0, 100);
    let home = server.home();
    let folder = home.folder().join("kept");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("b");
    let words = ["backup", "--to", file.to_str().unwrap()];
    let mut child = home
        .command(&words)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while std::fs::read_dir(&folder).unwrap().next().is_none() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it was seen"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!file.exists());
    let Some(disk) = crate::bad_days::SmallDisk::mount(1) else {
        eprintln!("skipped: this user may not mount a file system");
        return;
    };
    std::fs::write(disk.path().join("ballast"), vec![0; (1 << 20) - 8192]).unwrap();
    let full = disk.path().join("b");
    let refused = home.run(&["backup", "--to", full.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("No space left"), "{refused:?}");
    assert_eq!(
        std::fs::read_dir(disk.path()).unwrap().count(),
        1,
        "only what was there before"
    );
}

#[test]
fn a_backup_can_be_locked_to_a_public_key() {
    // A pair of keys that lock nothing but this test's file.
    const SECRET: &str =
        "AGE-SECRET-KEY-156QQYW7KQ7WES6TGGZE8CLEPAQ67CXARPHP3HHKGDG40ZGJU9RNSSTSECE";
    const PUBLIC: &str = "age1grj5jvc4lxc90jcgactqhrpshwunz2npme99g5f4l3ga2utsuphszvqrxp";
    let server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    full(&server);
    let home = server.leave();
    let file = home.folder().join("locked");
    home.done(&["backup", "--to", file.to_str().unwrap(), "--to-key", PUBLIC]);
    assert!(
        std::fs::read(&file)
            .unwrap()
            .starts_with(b"age-encryption.org/v1\n")
    );
    let there = heir(Engine::Sqlite, &home);
    let without = there.run(&["restore", file.to_str().unwrap()]);
    assert!(without.stderr.contains("--identity"), "{without:?}");
    let identity = there.folder().join("key.txt");
    std::fs::write(&identity, format!("# a comment\n{SECRET}\n")).unwrap();
    there.done(&[
        "restore",
        file.to_str().unwrap(),
        "--identity",
        identity.to_str().unwrap(),
    ]);
    assert_eq!(told(&there), told(&home));
    let slip = home.run(&["backup", "--to-key", "ssh-rsa AAAA"]);
    assert_eq!(slip.code, Some(2), "{slip:?}");
}

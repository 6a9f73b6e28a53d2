//! The databases of the first version, kept as they were, brought up to date and read by this one.
//!
//! `bins/sillage/tests/upgrade/README.md` says what is in them. They never change.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::{Engine, Home, Server, engines};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/upgrade")
        .join(name)
}

fn unpacked(name: &str) -> Vec<u8> {
    let file = std::fs::File::open(kept(name)).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// A home with the database of the first version, its keys and its ledger.
fn first(engine: Engine) -> Home {
    let home = Home::new(engine);
    let data = home.data();
    std::fs::create_dir_all(data).unwrap();
    for name in [
        "root.key",
        "vault.key",
        "erasures.ledger",
        "audit-checkpoints.json",
    ] {
        std::fs::copy(kept(name), data.join(name)).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let owner = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(data.join(name), owner).unwrap();
        }
    }
    match engine {
        Engine::Sqlite => std::fs::write(data.join("sillage.db"), unpacked("first.db.gz")).unwrap(),
        Engine::Mariadb => home.bring_back(&unpacked("first.sql.gz")),
    }
    home
}

/// The tables that the fixture has, by engine.
fn tables(engine: Engine) -> BTreeSet<String> {
    let text = std::fs::read_to_string(kept("tables.txt")).unwrap();
    let only = |line: &str| match line.split_once(' ') {
        None => Some(line.to_owned()),
        Some((name, "sqlite")) if engine == Engine::Sqlite => Some(name.to_owned()),
        Some((name, "mysql")) if engine == Engine::Mariadb => Some(name.to_owned()),
        Some(_) => None,
    };
    text.lines().filter_map(only).collect()
}

fn the_databases_of_the_first_version_have_something_in_every_table(engine: Engine) {
    let home = first(engine);
    let tables = tables(engine);
    assert!(tables.len() > 30, "{tables:?}");
    for table in &tables {
        let rows = home.number(&format!("SELECT COUNT(*) FROM {table}"));
        assert!(rows > 0, "{table}");
    }
    let all = home.number(match engine {
        Engine::Sqlite => {
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        }
        Engine::Mariadb => {
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
        }
    });
    assert_eq!(all, tables.len() as i64);
}

fn the_first_version_is_brought_up_to_date_and_says_what_it_said(engine: Engine) {
    let home = first(engine);
    // A backup of it can be taken before.
    let before = home.folder().join("before.backup");
    home.done(&["backup", "--to", before.to_str().unwrap()]);
    home.done(&["migrate"]);
    let shown = home.done(&["migrate", "show"]);
    assert!(!shown.contains("not run"), "{shown}");
    let expected = |name: &str| std::fs::read_to_string(kept(name)).unwrap();
    let export = home.done(&["export", "castle", "--format", "ndjson", "--view", "full"]);
    assert_eq!(export, expected("entries.ndjson"));
    let names = home.done(&["participants", "list", "castle"]);
    for name in ["ada", "bob", "carla"] {
        assert!(names.contains(name), "{names}");
    }
    home.done(&["audit", "verify"]);
    let told = home.run(&["--json", "doctor"]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    for one in told["findings"].as_array().unwrap() {
        let machine = ["disk", "erasure-bytes", "server", "files"];
        let is_its = !machine.contains(&one["check"].as_str().unwrap());
        assert!(!is_its || one["verdict"] != "wrong", "{one}");
    }

    let server = Server::start(home);
    let admin = token(server.address(), "admin", ADMIN_PASSWORD);
    let class = Class {
        server: server.address(),
        admin,
        study: "castle".into(),
        players: vec![("ada".into(), "a good password".into())],
    };
    let identity = class.admin("GET", "/v1/studies/castle/participants/ada/identity");
    let identity = server.expect(200, &identity).json();
    assert_eq!(identity["name"], "Lovelace");
    let entries = class.harvest();
    // Lists have those too whose use is held up.
    assert!(entries.len() >= expected("entries.ndjson").lines().count());
    let entry = r#"{"timestamp":"2026-05-18T10:17:33Z","action":"open"}"#;
    let new = class.post(&class.token(0), entry);
    assert_eq!(new.status, 201, "{}", new.text());
    assert!(new.json()["number"].as_i64().unwrap() > entries.last().unwrap().0);
    let home = server.leave();

    // What was taken before the migrations is restored with all of them.
    let again = first(engine);
    match engine {
        Engine::Sqlite => std::fs::remove_file(again.data().join("sillage.db")).unwrap(),
        Engine::Mariadb => again.empty(),
    }
    again.done(&["restore", before.to_str().unwrap()]);
    let export = again.done(&["export", "castle", "--format", "ndjson", "--view", "full"]);
    assert_eq!(export, expected("entries.ndjson"));
    drop(home);
}

engines! {
    the_databases_of_the_first_version_have_something_in_every_table
    the_first_version_is_brought_up_to_date_and_says_what_it_said
}

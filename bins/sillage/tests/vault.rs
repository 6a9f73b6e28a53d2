//! The vault from outside: what a copied database gives without the keys, and the keys replaced, locked away and put back.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::mariadb::Mariadb;
use crate::support::nodes::{Nodes, another_home};
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use sillage_pseudonym::RootKey;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const OTHER: &str = "9c1f04b7e35a28d6f0814bce5d92a7630e4df5813bc67a20919e58d3f746ac0b";
const NAME: &str = "Zwingenberger";
const EMAIL: &str = "chiara.zwingenberger@example.org";
const GUARDIAN: &str = "Paola Quattrocchi";
const PASSPHRASE: &str = "seven geese over the lake";

/// An open study that keeps all there is, and one who plays in it and sent something.
fn keeping(server: &Server) -> Class {
    let class = Class::new(server.address(), "castle", 2);
    let path = "/v1/studies/castle";
    let notice = class
        .admin("PUT", &format!("{path}/notice?language=fr"))
        .json(r##"{"text":"# Ce que nous gardons"}"##);
    assert_eq!(notice.send(class.server).status, 201);
    let said = json!({
        "legal_regimes": ["LIPAD"], "controllers": [{"name": "Université de Genève"}],
        "contact": {"name": "The team", "email": "team@example.org"}, "purpose": "research", "recipients": [],
        "retention": {"months": 60}, "ethics_reference": "17",
        "identity": ["name", "first_name", "email", "guardian_name", "guardian_email"],
    });
    let said = class.admin("PATCH", path).json(said.to_string());
    let said = said.send(class.server);
    assert_eq!(said.status, 200, "{}", said.text());
    let known =
        json!({"name": NAME, "first_name": "Chiara", "email": EMAIL, "guardian_name": GUARDIAN});
    let put = class
        .admin("PATCH", &identity_path(&class))
        .json(known.to_string());
    let put = put.send(class.server);
    assert_eq!(put.status, 200, "{}", put.text());
    let entry = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "jump"});
    let sent = class.post(&class.token(0), entry.to_string());
    assert_eq!(sent.status, 201, "{}", sent.text());
    class
}

fn identity_path(class: &Class) -> String {
    let player = &class.players[0].0;
    format!("/v1/studies/castle/participants/{player}/identity")
}

/// The same class on a server that was started since.
fn back(class: &Class, server: &Server) -> Class {
    Class {
        server: server.address(),
        admin: token(server.address(), "admin", ADMIN_PASSWORD),
        ..class.clone()
    }
}

fn read(class: &Class) -> Answer {
    class.admin("GET", &identity_path(class)).send(class.server)
}

fn name(class: &Class) -> Value {
    let answer = read(class);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["name"].clone()
}

/// Every byte of every file below.
fn bytes_below(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes_below(&path, into);
        } else {
            let bytes = fs::read(&path).unwrap();
            into.push((path.display().to_string(), bytes));
        }
    }
}

/// Whether a text in small letters stands in the bytes, in either case, as it is or in UTF-16.
fn holds(bytes: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.bytes().flat_map(|byte| [byte, 0]).collect();
    let either = [text.as_bytes(), &wide];
    let begins = |rest: &[u8], needle: &[u8]| {
        let part = rest.get(..needle.len());
        part.is_some_and(|part| part.eq_ignore_ascii_case(needle))
    };
    let first = text.as_bytes()[0];
    bytes.iter().enumerate().any(|(at, byte)| {
        byte.eq_ignore_ascii_case(&first)
            && either.iter().any(|needle| begins(&bytes[at..], needle))
    })
}

fn no_name_in(folder: &Path) {
    let mut files = Vec::new();
    bytes_below(folder, &mut files);
    // What stands there as it is, so that the search is known to find.
    assert!(files.iter().any(|(_, bytes)| holds(bytes, "castle")));
    for (path, bytes) in &files {
        for text in ["zwingenberger", "chiara", "quattrocchi"] {
            assert!(!holds(bytes, text), "{text} in {path}");
        }
    }
}

#[test]
fn on_sqlite_no_byte_of_the_files_tells_a_name() {
    let mut server = Server::start(Home::new(Engine::Sqlite));
    let class = keeping(&server);
    assert_eq!(name(&class), NAME);
    no_name_in(server.home().data());
    server.terminate();
    no_name_in(server.home().data());
}

#[test]
fn on_mariadb_no_byte_of_the_files_tells_a_name() {
    let Some(mut database) = Mariadb::start() else {
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return;
    };
    let mut server = Server::on_database(&database.url(), &[]);
    let class = keeping(&server);
    assert_eq!(name(&class), NAME);
    server.terminate();
    database.kill();
    no_name_in(&database.data());
}

/// Somebody has the database, and no key: he makes it believe that it is his own.
fn a_copied_database_gives_no_name_and_no_link_without_the_keys(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = keeping(&server);
    let mut home = server.leave();
    let keys = home.folder().join("kept");
    fs::create_dir(&keys).unwrap();
    for file in ["root.key", "vault.key", "erasures.ledger"] {
        fs::rename(home.data().join(file), keys.join(file)).unwrap();
    }
    home.set("SILLAGE__KEYS__ROOT_KEY", OTHER);
    let refused = home.run(&["serve"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("another root key"), "{refused:?}");
    let mine = RootKey::parse(OTHER).unwrap().fingerprint();
    home.execute(&format!(
        "UPDATE server_settings SET value = '{mine}' WHERE name = 'root_key_fingerprint'; DELETE FROM signing_keys; DELETE FROM server_settings WHERE name LIKE '%ledger%';"
    ));
    let server = Server::start(home);
    let thief = back(&class, &server);
    let answer = read(&thief);
    assert_eq!(
        (answer.status, answer.errors()[0].0),
        (503, 5033),
        "{}",
        answer.text()
    );
    let found = thief
        .admin(
            "GET",
            &format!("/v1/studies/castle/participants?email={EMAIL}"),
        )
        .send(thief.server);
    assert_eq!(found.status, 503, "{}", found.text());
    // The entry is there, and under another key it is nobody's.
    assert_eq!(thief.stored(), 1);
    let own = Request::new("GET", "/v1/me/logs")
        .bearer(&thief.token(0))
        .send(thief.server);
    assert_eq!(own.json(), json!([]), "no account leads to it");
    // With a secret of his own he opens nothing either.
    let home = server.leave();
    let secret = format!("1 {}\n", OTHER.replace("9c1f", "77aa"));
    let file = home.data().join("vault.key");
    fs::write(&file, secret).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let refused = home.run(&["serve"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("another one than the database's"),
        "{refused:?}"
    );
}

fn another_key_of_the_vault_opens_what_the_old_one_did_and_the_old_one_is_gone(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = keeping(&server);
    let home = server.home();
    let file = home.data().join("vault.key");
    let old = fs::read_to_string(&file).unwrap();
    let old = old.lines().last().unwrap().to_owned();
    assert!(old.starts_with("1 "), "{old}");
    // While the server runs.
    let told = home.done(&["keys", "rotate"]);
    assert!(
        told.contains("key 2") && told.contains("1 identities"),
        "{told}"
    );
    let new = fs::read_to_string(&file).unwrap();
    assert!(new.lines().last().unwrap().starts_with("2 ") && !new.contains(&old));
    assert!(!told.contains(&old[2..]) && !told.contains(&new.lines().last().unwrap()[2..]));
    assert_eq!(name(&class), NAME);
    let found = class
        .admin(
            "GET",
            &format!("/v1/studies/castle/participants?email={EMAIL}"),
        )
        .send(class.server);
    assert_eq!(found.json()[0]["username"], class.players[0].0.as_str());
    let told = home.done(&["keys", "rotate", "--after-erasures"]);
    assert!(told.contains("nothing was erased"), "{told}");
    let erase = class.admin("DELETE", &identity_path(&class));
    assert_eq!(erase.send(class.server).status, 204);
    let told = home.done(&["keys", "rotate", "--after-erasures"]);
    assert!(told.contains("key 3"), "{told}");
}

fn keys_tell_whose_they_are_and_nothing_else(engine: Engine) {
    let home = Home::new(engine);
    let none: Value = serde_json::from_str(&home.done(&["keys", "status", "--json"])).unwrap();
    assert_eq!(
        (&none["root_key"], &none["database"]),
        (&Value::Null, &Value::Null)
    );
    assert!(!home.data().exists(), "nothing is made");
    let server = Server::start(home);
    keeping(&server);
    let mut home = server.leave();
    let root = fs::read_to_string(home.data().join("root.key")).unwrap();
    let told = home.done(&["keys", "status", "--json"]);
    let status: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(status["root_key"]["fingerprint"], status["database"]);
    let key = &status["vault"]["keys"][0];
    assert_eq!(
        (&key["version"], &key["identities"], &key["is_here"]),
        (&json!(1), &json!(1), &json!(true))
    );
    assert_eq!(status["signing_keys"][0]["kid"], "first");
    let secrets = fs::read_to_string(home.data().join("vault.key")).unwrap();
    let secret = secrets.lines().last().unwrap()[2..].to_owned();
    for text in [&told, &home.done(&["keys", "status"])] {
        assert!(!text.contains(root.trim()) && !text.contains(&secret));
    }
    home.set("SILLAGE__KEYS__ROOT_KEY", OTHER);
    let other = home.run(&["keys", "status"]);
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stdout.contains("ANOTHER KEY"), "{other:?}");
}

fn locked_keys_bring_a_server_back_that_lost_them(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = keeping(&server);
    let mut home = server.leave();
    let (kept, phrase) = (
        home.folder().join("kept.keys"),
        home.folder().join("phrase"),
    );
    fs::write(&phrase, format!("{PASSPHRASE}\n")).unwrap();
    let [kept, phrase] = [&kept, &phrase].map(|path| path.to_str().unwrap().to_owned());
    let export = [
        "keys",
        "export",
        "--to",
        &kept,
        "--passphrase-file",
        &phrase,
    ];
    let told = home.done(&export);
    let root = fs::read_to_string(home.data().join("root.key")).unwrap();
    let locked = fs::read_to_string(&kept).unwrap();
    assert!(!told.contains(root.trim()) && !locked.contains(root.trim()));
    let mode = fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = home.run(&export);
    assert_eq!(again.code, Some(1), "no file is written over: {again:?}");
    for file in ["root.key", "vault.key"] {
        fs::remove_file(home.data().join(file)).unwrap();
    }
    let import = [
        "keys",
        "import",
        "--from",
        &kept,
        "--passphrase-file",
        &phrase,
    ];
    fs::write(&phrase, "another one than that\n").unwrap();
    let refused = home.run(&import);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(!home.data().join("root.key").exists());
    fs::write(&phrase, PASSPHRASE).unwrap();
    home.done(&import);
    assert_eq!(
        fs::read_to_string(home.data().join("root.key")).unwrap(),
        root
    );
    // Once more does no harm.
    home.done(&import);
    // A key that is another one by mistake is replaced, and kept; the database says which is right.
    fs::write(home.data().join("root.key"), format!("{OTHER}\n")).unwrap();
    home.done(&import);
    let beside = fs::read_dir(home.data()).unwrap().any(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.starts_with("root.replaced-")
    });
    assert!(beside);
    let server = Server::start(home);
    assert_eq!(name(&back(&class, &server)), NAME);
    home = server.leave();
    // In another server's place they are refused, and its own stay.
    let elsewhere = Server::start(Home::new(engine)).leave();
    let own = fs::read_to_string(elsewhere.data().join("root.key")).unwrap();
    let refused = elsewhere.run(&import);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("another root key"), "{refused:?}");
    assert_eq!(
        fs::read_to_string(elsewhere.data().join("root.key")).unwrap(),
        own
    );
    drop(home);
}

engines! {
    a_copied_database_gives_no_name_and_no_link_without_the_keys
    another_key_of_the_vault_opens_what_the_old_one_did_and_the_old_one_is_gone
    keys_tell_whose_they_are_and_nothing_else
    locked_keys_bring_a_server_back_that_lost_them
}

#[test]
fn a_backup_from_before_a_rotation_opens_nothing() {
    let server = Server::start(Home::new(Engine::Sqlite));
    let class = keeping(&server);
    let home = server.leave();
    let (database, backup) = (
        home.data().join("sillage.db"),
        home.folder().join("backup.db"),
    );
    // What is in the log of writes is folded in first.
    home.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    fs::copy(&database, &backup).unwrap();
    home.done(&["keys", "rotate"]);
    for beside in ["sillage.db-wal", "sillage.db-shm"] {
        let _ = fs::remove_file(home.data().join(beside));
    }
    fs::copy(&backup, &database).unwrap();
    let server = Server::start(home);
    assert_eq!(read(&back(&class, &server)).status, 503);
    let home = server.leave();
    let refused = home.run(&["keys", "rotate"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let told = home.done(&["keys", "rotate", "--erase-lost"]);
    assert!(told.contains("1 identities were erased"), "{told}");
    let server = Server::start(home);
    assert_eq!(name(&back(&class, &server)), Value::Null);
}

#[test]
fn servers_share_the_vault_by_its_file() {
    let Some(nodes) = Nodes::start(&[]) else {
        return;
    };
    let class = keeping(&nodes.first);
    let elsewhere = Class {
        server: nodes.second.address(),
        ..class.clone()
    };
    // It was started with a file of its own, which is not there.
    let answer = read(&elsewhere);
    assert_eq!(
        (answer.status, answer.errors()[0].0),
        (503, 5033),
        "{}",
        answer.text()
    );
    let file = nodes.first.home().data().join("vault.key");
    let shared = [("SILLAGE__KEYS__VAULT_KEY_FILE", file.to_str().unwrap())];
    let third = Server::start(another_home(&nodes.first, &shared));
    let there = Class {
        server: third.address(),
        ..class.clone()
    };
    assert_eq!(name(&there), NAME);
    // A rotation on one is seen by the other, which was not started again.
    nodes.first.home().done(&["keys", "rotate"]);
    assert_eq!(name(&there), NAME);
    let changed = json!({"name": "Meier"}).to_string();
    let changed = there.admin("PATCH", &identity_path(&there)).json(changed);
    assert_eq!(changed.send(there.server).status, 200);
    assert_eq!(name(&class), "Meier");
    // Where files are copied: the next key is made, given to all, and then taken.
    let own = nodes.second.home().data().join("vault.key");
    nodes.first.home().done(&["keys", "rotate", "--prepare"]);
    fs::copy(&file, &own).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o600)).unwrap();
    nodes.first.home().done(&["keys", "rotate"]);
    assert_eq!(name(&elsewhere), "Meier");
}

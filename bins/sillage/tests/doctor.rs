//! What is broken on purpose, and whether it is named.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::mariadb::Mariadb;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

/// What was found: exit code, and the findings.
struct Told {
    code: Option<i32>,
    findings: Vec<Value>,
}

impl Told {
    fn is(&self, verdict: &str, check: &str, words: &str) -> bool {
        self.findings.iter().any(|one| {
            one["verdict"] == verdict
                && one["check"] == check
                && one["what"].as_str().unwrap().contains(words)
        })
    }

    /// Something is wrong with that, in these words, and it is said how to mend it.
    fn wrong(&self, check: &str, words: &str) {
        assert!(
            self.is("wrong", check, words),
            "{check}: {words}\n{:#?}",
            self.findings
        );
        assert_eq!(self.code, Some(1));
        assert!(
            self.findings
                .iter()
                .filter(|one| one["verdict"] == "wrong")
                .all(|one| one["mend"].is_string())
        );
    }

    fn note(&self, check: &str, words: &str) {
        assert!(
            self.is("note", check, words),
            "{check}: {words}\n{:#?}",
            self.findings
        );
    }
}

fn examine(home: &Home) -> Told {
    let finished = home.run(&["--json", "doctor"]);
    let told: Value =
        serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
    assert_eq!(told["well"], finished.code == Some(0), "{finished:?}");
    Told {
        code: finished.code,
        findings: told["findings"].as_array().unwrap().clone(),
    }
}

/// A home in which a server has worked, with a class that has played.
fn home(engine: Engine) -> Home {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    let token = class.token(0);
    for n in 0..3 {
        let body = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "a", "session": "s", "sequence": n}).to_string();
        assert_eq!(class.post(&token, body).status, 201);
    }
    assert!(server.terminate().success());
    let mut home = server.leave();
    home.set("SILLAGE__SERVER__BIND", "127.0.0.1:1");
    home
}

fn a_sound_installation_is_called_sound(engine: Engine) {
    let mut home = home(engine);
    // A port that nobody has.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    home.set("SILLAGE__SERVER__BIND", &free.to_string());
    let told = examine(&home);
    let wrong: Vec<_> = told
        .findings
        .iter()
        .filter(|one| one["verdict"] == "wrong")
        .collect();
    let scarce = wrong
        .iter()
        .all(|one| one["check"] == "disk" || one["check"] == "erasure-bytes");
    assert!(scarce, "{wrong:#?}");
    told.note("server", "no server runs");
    for check in [
        "configuration",
        "files",
        "root-key",
        "database",
        "schema",
        "durability",
        "clock",
        "counters",
        "references",
        "audit",
        "ledger",
        "vault",
        "retention",
    ] {
        assert!(told.is("well", check, ""), "{check}: {:#?}", told.findings);
    }
    let text = home.run(&["doctor"]);
    assert!(
        text.stdout.contains("well   ledger: 0 erasure(s)"),
        "{text:?}"
    );
}

fn counters_and_references_that_do_not_hold_are_named(engine: Engine) {
    let home = home(engine);
    home.sql("UPDATE study_counters SET entries = entries + 7");
    examine(&home).wrong("counters", "entries of castle: ");
    home.sql("UPDATE study_counters SET entries = entries - 7, quarantined = quarantined + 1");
    examine(&home).wrong("counters", "quarantined of castle");
    home.sql("UPDATE study_counters SET quarantined = quarantined - 1, deleted = deleted + 2");
    examine(&home).wrong("counters", "deleted of castle");
    home.sql("UPDATE last_numbers SET number = 0");
    examine(&home).wrong("counters", "participants' last number of castle");
    home.sql(match engine {
        Engine::Sqlite => "PRAGMA foreign_keys = OFF; INSERT INTO study_members (study_id, account_id, role) VALUES (4711, 1, 'analyst')",
        Engine::Mariadb => "SET foreign_key_checks = 0; INSERT INTO study_members (study_id, account_id, role) VALUES (4711, 1, 'analyst')",
    });
    examine(&home).wrong("references", "study_members refer to rows of studies");
}

fn a_clock_that_was_set_back_is_named(engine: Engine) {
    let home = home(engine);
    home.sql("UPDATE log_entries SET received_us = received_us + 3600000000");
    examine(&home).wrong("clock", "in the future");
}

fn migrations_that_wait_and_those_of_a_newer_version_are_named(engine: Engine) {
    let home = home(engine);
    home.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    examine(&home).wrong("schema", "newer version");
    home.sql("DELETE FROM __diesel_schema_migrations WHERE version = '9999'");
    home.sql("DELETE FROM __diesel_schema_migrations WHERE version = '0080'");
    examine(&home).wrong("schema", "1 migration(s)");
}

fn a_restore_that_was_broken_off_is_named(engine: Engine) {
    let home = home(engine);
    home.sql("CREATE TABLE restore_unfinished (begun_us BIGINT)");
    examine(&home).wrong("database", "broken off");
}

fn an_audit_log_that_was_changed_is_named(engine: Engine) {
    let home = home(engine);
    home.sql("UPDATE audit_records SET outcome = 'refused' WHERE number = 1");
    examine(&home).wrong("audit", "");
    fs::write(home.data().join("audit-checkpoints.json"), "{").unwrap();
    examine(&home).wrong("audit", "checkpoints");
    fs::remove_file(home.data().join("audit-checkpoints.json")).unwrap();
    home.sql("UPDATE audit_records SET outcome = 'done' WHERE number = 1");
    examine(&home).note("audit", "no checkpoint");
}

fn a_ledger_that_is_gone_damaged_another_or_ahead_is_named(engine: Engine) {
    let home = home(engine);
    let ledger = home.data().join("erasures.ledger");
    let text = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, text.replace("ledger 1", "ledger 2")).unwrap();
    examine(&home).wrong("ledger", "was changed");
    fs::remove_file(&ledger).unwrap();
    examine(&home).wrong("ledger", "is not there");
    fs::write(&ledger, &text).unwrap();
    let player = "castle-01";
    let list = home.done(&["participants", "list", "castle"]);
    let player = list
        .split_whitespace()
        .find(|word| word.starts_with("castle-"))
        .unwrap_or(player)
        .to_owned();
    home.done(&[
        "participants",
        "delete",
        &player,
        "--mode",
        "anonymise",
        "--yes",
    ]);
    home.sql("DELETE FROM erasure_records");
    examine(&home).wrong("ledger", "lacks 1 erasure");
    home.sql("UPDATE server_settings SET value = 'another' WHERE name = 'erasure_ledger'");
    examine(&home).wrong("ledger", "another database");
}

fn what_is_kept_longer_than_was_said_is_named(engine: Engine) {
    let home = home(engine);
    home.sql(r#"UPDATE studies SET protection = '{"legal_regimes":[],"controllers":[],"retention":{"months":1,"from":"reception","then":"anonymise"}}'"#);
    home.sql("UPDATE log_entries SET received_us = received_us - 7776000000000");
    examine(&home).wrong("retention", "castle keeps longer than it says");
}

fn open_studies_in_which_nothing_happens_are_named(engine: Engine) {
    let home = home(engine);
    home.done(&["study", "create", "empty", "--open"]);
    home.done(&["study", "create", "silent", "--open"]);
    home.done(&["participants", "generate", "silent", "--count", "2"]);
    let told = examine(&home);
    told.note("studies", "the study empty is open and has no participants");
    told.note(
        "studies",
        "the study silent is open, has 2 participant(s), and no entry has arrived",
    );
}

fn a_root_key_that_is_gone_another_or_open_is_named(engine: Engine) {
    let home = home(engine);
    let key = home.data().join("root.key");
    let text = fs::read_to_string(&key).unwrap();
    #[cfg(unix)]
    {
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        let told = examine(&home);
        told.wrong("root-key", "others than its owner");
        told.wrong("files", "root.key");
    }
    fs::remove_file(&key).unwrap();
    examine(&home).wrong("root-key", "is not there");
    let other = Home::new(Engine::Sqlite);
    other.done(&["study", "create", "x"]);
    fs::copy(other.data().join("root.key"), &key).unwrap();
    examine(&home).wrong("root-key", "another root key");
    fs::write(
        &key,
        "00000000000000000000000000000000000000000000000000000000000000000",
    )
    .unwrap();
    examine(&home).wrong("root-key", "root.key");
    fs::write(&key, text).unwrap();
}

engines! {
    a_sound_installation_is_called_sound
    counters_and_references_that_do_not_hold_are_named
    a_clock_that_was_set_back_is_named
    migrations_that_wait_and_those_of_a_newer_version_are_named
    a_restore_that_was_broken_off_is_named
    an_audit_log_that_was_changed_is_named
    a_ledger_that_is_gone_damaged_another_or_ahead_is_named
    what_is_kept_longer_than_was_said_is_named
    open_studies_in_which_nothing_happens_are_named
    a_root_key_that_is_gone_another_or_open_is_named
}

#[test]
fn settings_that_can_not_be_used_are_named() {
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__LIMITS__DEPTH", "0");
    examine(&home).wrong("configuration", "depth");
    home.unset("SILLAGE__LIMITS__DEPTH");
    fs::write(
        home.folder().join("sillage.toml"),
        "[server]\nbnid = \"x\"\n",
    )
    .unwrap();
    examine(&home).wrong("configuration", "bnid");
}

#[test]
fn passwords_in_the_clear_and_a_proxy_that_is_not_known_are_named() {
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__SERVER__PUBLIC_URL", "http://logs.example.org");
    examine(&home).wrong("public-url", "in the clear");
    home.set("SILLAGE__SERVER__PUBLIC_URL", "https://logs.example.org");
    examine(&home).note("public-url", "trusted_proxies");
    home.unset("SILLAGE__SERVER__PUBLIC_URL");
    home.set("SILLAGE__SERVER__BIND", "0.0.0.0:0");
    examine(&home).wrong("public-url", "public_url");
}

#[test]
fn a_port_that_something_else_has_is_named_and_a_running_server_is_found() {
    let mut other = Home::new(Engine::Sqlite);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    other.set(
        "SILLAGE__SERVER__BIND",
        &taken.local_addr().unwrap().to_string(),
    );
    let stranger = std::thread::spawn(move || {
        // It takes the connection and hangs up.
        drop(taken.accept());
    });
    examine(&other).wrong("server", "no Sillage");
    stranger.join().unwrap();
    let server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    other.set("SILLAGE__SERVER__BIND", &server.address().to_string());
    assert!(examine(&other).is("well", "server", "it answers"));
}

#[cfg(unix)]
#[test]
fn files_and_folders_that_others_can_read_are_named() {
    let home = home(Engine::Sqlite);
    let open = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap()
    };
    open(home.data(), 0o755);
    examine(&home).wrong("files", "others can look into");
    open(home.data(), 0o700);
    for name in ["sillage.db", "erasures.ledger", "audit-checkpoints.json"] {
        open(&home.data().join(name), 0o640);
        examine(&home).wrong("files", name);
        open(&home.data().join(name), 0o600);
    }
}

#[test]
fn a_database_file_that_is_damaged_or_none_is_named() {
    let home = home(Engine::Sqlite);
    home.sql("DELETE FROM log_entries_of_participant WHERE number = 1");
    let told = examine(&home);
    if home.number("SELECT number FROM log_entries_filed") > 0 {
        told.wrong("counters", "log_entries_of_participant");
    }
    let path = home.data().join("sillage.db");
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    // Everything behind the first pages, which have the names of the tables.
    let from = bytes.len() / 3;
    bytes[from..].iter_mut().for_each(|byte| *byte ^= 0x55);
    fs::write(&path, bytes).unwrap();
    let told = examine(&home);
    assert!(
        told.code == Some(1)
            && told.findings.iter().any(|one| one["verdict"] == "wrong"
                && one["check"].as_str().unwrap().starts_with("database")),
        "{:#?}",
        told.findings
    );
    fs::write(
        &path,
        "not a database at all, but long enough to be looked at",
    )
    .unwrap();
    examine(&home).wrong("database", "");
}

#[test]
fn a_disk_that_is_nearly_full_is_named() {
    let Some(disk) = crate::bad_days::SmallDisk::mount(16) else {
        eprintln!("skipped: this user may not mount a file system");
        return;
    };
    let mut home = Home::new(Engine::Sqlite);
    let data = disk.path().join("data");
    fs::create_dir(&data).unwrap();
    home.move_data(&data);
    examine(&home).wrong("disk", "are free");
}

#[test]
fn a_mariadb_that_keeps_bytes_or_does_not_flush_or_is_away_is_named() {
    let Some(mut database) = Mariadb::start_scrubbing(false) else {
        assert!(std::env::var("SILLAGE_TEST_ENGINES").as_deref() != Ok("all"));
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return;
    };
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__DATABASE__URL", &database.url());
    home.done(&["study", "create", "castle"]);
    examine(&home).wrong("erasure-bytes", "innodb_immediate_scrub_data_uncompressed");
    home.set("SILLAGE__PRIVACY__ALLOW_UNSCRUBBED_ERASURE", "true");
    examine(&home).note("erasure-bytes", "keeps the bytes");
    database.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    examine(&home).wrong("durability", "innodb_flush_log_at_trx_commit");
    home.set("SILLAGE__DATABASE__ALLOW_UNSAFE_DURABILITY", "true");
    examine(&home).note("durability", "innodb_flush_log_at_trx_commit");
    database.stop();
    examine(&home).wrong("database", "");
}

#[test]
fn a_vault_without_its_secret_is_named() {
    let home = home(Engine::Sqlite);
    home.sql("INSERT INTO vault_keys (version, fingerprint, begun_us, erased) VALUES (1, 'abcdefgh', 1, 0)");
    examine(&home).wrong("vault", "");
}

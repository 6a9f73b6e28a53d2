//! Settings: where they come from, and what is said about them.

use crate::support::{Engine, Home};
use std::fs;

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__SERVER__BNID", "127.0.0.1:0");
    let finished = home.run(&["serve"]);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished.stderr.contains("`server.bnid`") && finished.stderr.contains("`server.bind`"),
        "{finished:?}"
    );
    assert!(!home.data().exists());
}

#[test]
fn the_settings_in_force_are_shown_without_secrets() {
    let mut home = Home::new(Engine::Sqlite);
    fs::write(
        home.folder().join("sillage.toml"),
        "[limits]\nentries = 7\n",
    )
    .unwrap();
    home.set(
        "SILLAGE__DATABASE__URL",
        "mysql://sillage:hunter2@127.0.0.1:1/sillage",
    );
    let shown = home.done(&["config", "show"]);
    assert!(shown.contains("entries = 7"), "{shown}");
    assert!(shown.contains("bcrypt_cost = 4"), "{shown}");
    assert!(shown.contains("admin_password = \"***\""), "{shown}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("horse"),
        "{shown}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&home.done(&["config", "show", "--json"])).unwrap();
    assert_eq!(json["limits"]["entries"], 7);
}

#[test]
fn settings_that_can_be_used_are_found_good_and_nothing_is_started() {
    let home = Home::new(Engine::Sqlite);
    home.done(&["config", "check"]);
    assert!(!home.data().exists());
}

#[test]
fn settings_that_can_not_be_used_are_found_bad() {
    for (key, value, said) in [
        ("SERVER__BASE_PATH", "tsadk/", "base path"),
        ("AUTH__BCRYPT_COST", "40", "cost"),
        ("DATABASE__URL", "postgres://x", "sqlite://"),
        ("KEYS__ROOT_KEY", "abc", "root key"),
        ("LIMITS__QUEUE_ROWS", "999", "queue_rows"),
        ("AUTH__ADMIN_PASSWORD", "short", "8 characters"),
        ("AUTH__TOKEN_LIFETIME", "0", "token_lifetime"),
        ("CORS__ORIGINS", "example.org", "origin"),
        ("SERVER__TRUSTED_PROXIES", "10.0.0.7, proxy", "`proxy`"),
        ("SERVER__FORWARDED_HEADER", "via", "forwarded_header"),
        ("RATES__ACCOUNT_BURST", "0", "`account`"),
        ("RATES__FREE_FAILURES", "0", "free"),
    ] {
        let mut home = Home::new(Engine::Sqlite);
        home.set(&format!("SILLAGE__{key}"), value);
        let finished = home.run(&["config", "check"]);
        assert_eq!(finished.code, Some(1), "{key}: {finished:?}");
        assert!(finished.stderr.contains(said), "{key}: {finished:?}");
    }
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let finished = Home::new(Engine::Sqlite).run(&["config", "check", "--config", "nowhere.toml"]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("nowhere.toml"), "{finished:?}");
}

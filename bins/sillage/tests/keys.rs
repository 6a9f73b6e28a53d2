//! The root key: whose it is, who reads it, and what another one may do.

use crate::support::class::{ADMIN_PASSWORD, token};
use crate::support::{Engine, Home, Server, engines};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const OTHER: &str = "9c1f04b7e35a28d6f0814bce5d92a7630e4df5813bc67a20919e58d3f746ac0b";

fn another_root_key_on_a_used_database_is_refused(engine: Engine) {
    let mut home = Server::start(Home::new(engine)).leave();
    home.set("SILLAGE__KEYS__ROOT_KEY", OTHER);
    for command in ["serve", "migrate"] {
        let finished = home.run(&[command]);
        assert_eq!(finished.code, Some(1), "{command}");
        assert!(finished.stderr.contains("another root key"), "{finished:?}");
        assert!(!finished.stderr.contains(OTHER));
    }
    home.unset("SILLAGE__KEYS__ROOT_KEY");
    token(Server::start(home).address(), "admin", ADMIN_PASSWORD);
}

fn a_lost_key_is_not_replaced_by_a_new_one(engine: Engine) {
    let home = Server::start(Home::new(engine)).leave();
    let file = home.data().join("root.key");
    let kept = home.data().join("kept.key");
    fs::rename(&file, &kept).unwrap();
    let finished = home.run(&["serve"]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("another root key"), "{finished:?}");
    assert!(!file.exists());
    fs::rename(&kept, &file).unwrap();
    token(Server::start(home).address(), "admin", ADMIN_PASSWORD);
}

engines! {
    another_root_key_on_a_used_database_is_refused
    a_lost_key_is_not_replaced_by_a_new_one
}

/// What nobody drew at random, and what stands in the documentation.
const NONE: [(&str, &str); 7] = [
    ("", "is empty"),
    ("secret", "not a hexadecimal digit"),
    ("0123456789abcdef", "16 characters instead of 64"),
    (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "repeats one byte",
    ),
    (
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "counts up or down",
    ),
    (
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "too few different bytes",
    ),
    (
        "8b0f3d6a51e297c41d78fa26b34e09d560ac8317ee923b44df057ca168b91fc2",
        "documentation's example",
    ),
];

#[test]
fn a_weak_default_or_blank_key_is_refused_before_anything_is_written() {
    for (key, told) in NONE {
        let home = Home::new(Engine::Sqlite);
        fs::create_dir(home.data()).unwrap();
        let file = home.data().join("root.key");
        fs::write(&file, format!("{key}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        for command in [["serve"].as_slice(), &["migrate"], &["keys", "status"]] {
            let finished = home.run(command);
            assert_eq!(finished.code, Some(1), "{key}: {finished:?}");
            assert!(finished.stderr.contains(told), "{finished:?}");
            assert!(
                finished.stderr.contains("openssl rand -hex 32"),
                "{finished:?}"
            );
            assert!(
                key.is_empty() || !finished.stderr.contains(key),
                "{finished:?}"
            );
        }
        let left: Vec<_> = fs::read_dir(home.data()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing but the key is there: {left:?}");
    }
}

#[test]
fn no_key_that_stands_in_a_page_can_be_used() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = vec![root.join("crates/pseudonym/README.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => pages.push(path),
            }
        }
    }
    let mut found = 0;
    for page in pages {
        let Ok(text) = fs::read_to_string(&page) else {
            continue;
        };
        // What stands right behind `root key`, `root_key = "` or `ROOT_KEY=`.
        let text = text.to_ascii_lowercase();
        for (at, _) in text.match_indices("root") {
            let behind: String = text[at..].chars().skip(4).take(100).collect();
            let mut words = behind.split(|c: char| !c.is_ascii_alphanumeric());
            let key = words.find(|word| word.len() > 16);
            if let Some(key) = key.filter(|key| key.len() == 64) {
                found += 1;
                let read = sillage_pseudonym::RootKey::parse(key);
                assert!(read.is_err(), "{}: {key}", page.display());
            }
        }
    }
    assert!(found > 0, "the test vectors have one");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let home = Server::start(Home::new(Engine::Sqlite)).leave();
    let file = home.data().join("root.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let finished = home.run(&["serve"]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("chmod 600"), "{finished:?}");
}

//! Studies that are closed for good, and what is written of them. That others read it is tried in `tests/clients`.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const CODEBOOK: &str = "format = 1\n[fields.level]\ntype = \"integer\"\nprivacy = \"other\"\n[fields.words]\ntype = \"string\"\nprivacy = \"sensitive\"\n\
[actions.open]\n";

fn play(class: &Class) {
    let token = class.token(0);
    for n in 0..5 {
        let body = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "open", "session": "s", "sequence": n,
            "payload": {"level": n, "words": "what-was-typed"}});
        assert_eq!(class.post(&token, body.to_string()).status, 201);
    }
}

/// Every file below, by its name from there.
fn files(folder: &Path, name: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}{}", path.file_name().unwrap().to_str().unwrap());
        match path.is_dir() {
            true => files(&path, &format!("{name}/"), found),
            false => drop(found.insert(name, std::fs::read(&path).unwrap())),
        }
    }
}

fn an_archived_study_takes_nothing_and_is_written_whole(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    play(&class);
    let notice = class.admin("PUT", "/v1/studies/castle/notice");
    let put = notice
        .json(json!({"text": "# What we keep", "language": "en"}).to_string())
        .send(class.server);
    assert!(put.status < 300, "{}", put.text());
    let home = server.home();
    let to = home.folder().join("bag");
    let words = ["--json", "archive", "castle", "--to", to.to_str().unwrap()];
    let asked = home.run(&words);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(asked.stderr.contains("--yes"), "{asked:?}");
    assert!(!to.exists());
    let done = home.done(&[&words as &[&str], &["--yes"]].concat());
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!(
        (&done["entries"], &done["status"], &done["view"]),
        (&json!(5), &json!("archived"), &json!("full"))
    );

    let token = class.token(0);
    let late = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "open"});
    let refused = class.post(&token, late.to_string());
    assert_eq!((refused.status, refused.errors()[0].0), (403, 4031));
    let opened = home.run(&["study", "open", "castle"]);
    assert_eq!(opened.code, Some(2), "{opened:?}");

    let mut found = BTreeMap::new();
    files(&to, "", &mut found);
    assert_eq!(
        found["bagit.txt"],
        b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    );
    let text = |name: &str| String::from_utf8(found[name].clone()).unwrap();
    let listed: Vec<String> = text("manifest-sha256.txt")
        .lines()
        .map(|line| line.split_once("  ").unwrap().1.to_owned())
        .collect();
    let carried: Vec<String> = found
        .keys()
        .filter(|name| name.starts_with("data/"))
        .cloned()
        .collect();
    assert_eq!(listed, carried);
    for wanted in [
        "data/datapackage.json",
        "data/entries.csv",
        "data/quality.json",
        "data/provenance.json",
        "data/notices/1.en.md",
        "data/study.json",
    ] {
        assert!(found.contains_key(wanted), "{wanted} of {carried:?}");
    }
    assert_eq!(text("data/entries.csv").lines().count(), 6);
    let bytes: usize = carried.iter().map(|name| found[name].len()).sum();
    assert!(text("bag-info.txt").contains(&format!("Payload-Oxum: {bytes}.{}\n", carried.len())));
    // What was written is not written over, and is written again under another name.
    let again = home.run(&words);
    assert_eq!(again.code, Some(2), "{again:?}");
    let zip = home.folder().join("bag.zip");
    home.done(&["archive", "castle", "--to", zip.to_str().unwrap()]);
    assert!(std::fs::read(&zip).unwrap().starts_with(b"PK"));
    let left = std::fs::read_dir(home.folder()).unwrap();
    let left: Vec<_> = left
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(left.iter().all(|name| !name.contains(".part")), "{left:?}");
}

fn what_a_codebook_calls_sensitive_is_in_no_bag_unless_it_is_asked_for(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    play(&class);
    class.set_status("archived");
    let home = server.home();
    std::fs::write(home.folder().join("book.toml"), CODEBOOK).unwrap();
    let codebook = class.admin("PUT", "/v1/studies/castle/codebook");
    let put = codebook
        .body("application/toml", CODEBOOK)
        .send(class.server);
    assert!(put.status < 300, "{}", put.text());
    for (view, holds) in [(&[] as &[&str], false), (&["--view", "full"], true)] {
        let to = home.folder().join(format!("bag-{holds}"));
        home.done(
            &[
                &["archive", "castle", "--to", to.to_str().unwrap()] as &[&str],
                view,
            ]
            .concat(),
        );
        let mut found = BTreeMap::new();
        files(&to, "", &mut found);
        let held = found
            .values()
            .any(|bytes| bytes.windows(14).any(|part| part == b"what-was-typed"));
        assert_eq!(held, holds);
        assert!(found.contains_key("data/codebooks/1.toml"));
    }
}

engines! {
    an_archived_study_takes_nothing_and_is_written_whole
    what_a_codebook_calls_sensitive_is_in_no_bag_unless_it_is_asked_for
}

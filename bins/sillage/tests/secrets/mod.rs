//! Nothing that the server says has a secret in it or tells who somebody is, and nothing that it writes has a secret in it, whatever
//! is done and whatever goes wrong.

mod day;
mod needles;

use crate::support::mariadb::{self, Mariadb};
use crate::support::{Engine, Home, Server};
use day::Day;
use needles::Needles;
use std::fs;
use std::path::Path;

/// Of the first administrator; with what forms, JSON and URLs write in other ways.
const PASSWORD: &str = "pass & wörd/of+the%admin=1";
const ROOT_KEY: &str = "7b1e63d05fc2a84e9d0b7f6629a4c8e35b90d7120fe4836ac1579b2d08e6f35c";

#[test]
fn on_sqlite_no_secret_is_in_the_log_nor_in_a_file() {
    let home = Home::new(Engine::Sqlite);
    let files = home.folder().to_owned();
    let database = home.data().join("sillage.db");
    whole_day(home, "text", |needles| {
        search_files(needles, &files);
        // A disk that gives back other bytes than were written.
        for file in [database.with_extension("db-wal"), database] {
            let length = fs::metadata(&file).unwrap().len() as usize;
            fs::write(file, vec![b'~'; length]).unwrap();
        }
    });
}

#[test]
fn on_mariadb_no_secret_is_in_the_log_nor_in_a_file() {
    let Some(mut database) = Mariadb::start() else {
        eprintln!("skipped: TEST_MARIADBD names no database server");
        return;
    };
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__DATABASE__URL", &database.url());
    let files = home.folder().to_owned();
    whole_day(home, "json", |needles| {
        database.kill();
        search_files(needles, &files);
        search_files(needles, &database.data());
    });
}

/// Everything that is done with secrets, on a server that tells all it can tell; then some of it once more, on a database that can't be
/// used.
fn whole_day(mut home: Home, format: &str, end_database: impl FnOnce(&Needles)) {
    home.set("SILLAGE__AUTH__ADMIN_PASSWORD", PASSWORD);
    home.set("SILLAGE__KEYS__ROOT_KEY", ROOT_KEY);
    home.set("SILLAGE__LOG__LEVEL", "trace");
    home.set("SILLAGE__LOG__FORMAT", format);
    home.set("SILLAGE__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    home.set("SILLAGE__RATES__FAILURE_MILLIS", "1");
    let mut needles = Needles::default();
    needles.secret("the admin's password", PASSWORD);
    needles.secret("the root key", ROOT_KEY);
    needles.setting("the database's password", mariadb::PASSWORD);

    let mut server = Server::start(home);
    let mut day = Day::begin(server.address(), PASSWORD, &mut needles);
    day.passes();
    day.goes_wrong();
    end_database(day.needles());
    let failed = day.without_database();
    assert!(failed > 0, "nothing failed:\n{}", server.said());
    server.terminate();

    let said = server.said();
    for expected in [
        "DEBUG",
        "a request was refused",
        "a request failed",
        day::REQUEST_ID,
    ] {
        assert!(said.contains(expected), "no `{expected}` in:\n{said}");
    }
    let found = needles.in_log(&said);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Looks for secrets as they are, in every file below.
fn search_files(needles: &Needles, folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search_files(needles, &path);
        } else {
            let found = needles.in_file(&fs::read(&path).unwrap());
            assert!(found.is_empty(), "{}: {found:?}", path.display());
        }
    }
}

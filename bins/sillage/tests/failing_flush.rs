//! A disk that refuses to flush for a while (SQLite, which flushes each commit and writes one anew whose flush failed).

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::posting::{Posting, wait_until};
use crate::support::{Engine, Home, Server};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Flushes fail while there is a file of that name.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int file) {
    const char *name = getenv("FLUSHES_FAIL");
    if (name && access(name, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return flush(file);
}
"#;

/// A library that stands before the system's, made with the compiler that SQLite is built with.
fn library(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("flush.c"), folder.join("flush.so"));
    std::fs::write(&source, SOURCE).unwrap();
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(made.success());
    library
}

#[test]
fn a_flush_that_failed_is_told_and_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (library, fail) = (library(folder.path()), folder.path().join("fail"));
    let mut home = Home::new(Engine::Sqlite);
    home.set_all(&[
        ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FLUSHES_FAIL", fail.to_str().unwrap()),
    ]);
    let mut server = Server::start(home);
    let class = Class::new(server.address(), "refused", 4);
    let posting = Posting::start(&class, server.address());
    posting.wait_for_more(50);
    std::fs::write(&fail, "").unwrap();
    wait_until("it is told", || posting.answered(503) > 4);
    std::fs::remove_file(&fail).unwrap();
    posting.wait_for_more(50);
    server.kill();
    server.restart();
    posting.move_to(server.address());
    posting.wait_for_more(50);
    let seen = posting.stop();
    let class = Class {
        server: server.address(),
        ..class
    };
    seen.assert_stored_once(&class);
}

//! The first start: what it makes, and what it says.

use crate::support::class::{ADMIN_PASSWORD, token};
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn folder_key_and_database_are_made_for_their_owner_only() {
    let mut server = Server::start(Home::new(Engine::Sqlite));
    let home = server.home();
    assert_eq!(mode(home.data()), 0o700);
    assert_eq!(mode(&home.data().join("root.key")), 0o600);
    assert_eq!(mode(&home.data().join("sillage.db")), 0o600);
    assert_eq!(
        fs::read_to_string(home.data().join("root.key"))
            .unwrap()
            .trim()
            .len(),
        64
    );
    assert!(server.terminate().success());
}

#[test]
fn a_password_that_nobody_reads_is_written_for_the_owner_and_opens() {
    let mut home = Home::new(Engine::Sqlite);
    home.unset("SILLAGE__AUTH__ADMIN_PASSWORD");
    let server = Server::start(home);
    let file = server.home().data().join("first-admin-password");
    assert_eq!(mode(&file), 0o600);
    let password = fs::read_to_string(&file).unwrap();
    wait_until("it says where the password is", || {
        server.said().contains(file.to_str().unwrap())
    });
    assert!(!server.said().contains(password.trim()));
    token(server.address(), "admin", password.trim());
}

#[test]
fn what_is_printed_works_when_it_is_pasted() {
    let mut home = Home::new(Engine::Sqlite);
    home.unset("SILLAGE__AUTH__ADMIN_PASSWORD");
    let server = Server::start(home);
    wait_until("it says everything", || server.said().contains("/export?"));
    let said = server.said();
    let lines: Vec<_> = said
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .collect();
    let script = lines.join("\n");
    let done = Command::new("sh")
        .args(["-eu", "-c", &script])
        .current_dir(server.home().folder())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{script}\n{printed}");
    assert!(
        printed.contains(r#""action":"hello""#),
        "{script}\n{printed}"
    );
    assert!(
        printed.contains("number,id,participant,"),
        "{script}\n{printed}"
    );
}

#[test]
fn a_second_start_makes_nothing_anew_and_says_nothing_of_passwords() {
    let home = Home::new(Engine::Sqlite);
    let mut server = Server::start(home);
    let key_file = server.home().data().join("root.key");
    let key = fs::read(&key_file).unwrap();
    server.restart();
    assert_eq!(fs::read(&key_file).unwrap(), key);
    assert!(!server.said().contains("password"));
    // The administrator of the first start is still the one.
    token(server.address(), "admin", ADMIN_PASSWORD);
}

#[test]
fn a_token_outlives_a_restart() {
    let home = Home::new(Engine::Sqlite);
    let mut server = Server::start(home);
    let token = token(server.address(), "admin", ADMIN_PASSWORD);
    server.restart();
    server.expect(200, &Request::new("GET", "/v1/me").bearer(&token));
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new(Engine::Sqlite);
    let finished = home.run(&["serve", "--bind", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished
            .stderr
            .contains(&taken.local_addr().unwrap().to_string()),
        "{finished:?}"
    );
    assert!(!home.data().exists());
}

#[test]
fn a_database_that_is_not_there_is_said_so_without_its_password() {
    let mut home = Home::new(Engine::Sqlite);
    home.set(
        "SILLAGE__DATABASE__URL",
        "mysql://sillage:hunter2@127.0.0.1:1/sillage",
    );
    let finished = home.run(&["serve"]);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished
            .stderr
            .contains("mysql://sillage:***@127.0.0.1:1/sillage"),
        "{finished:?}"
    );
    assert!(finished.stderr.contains("can't be reached"), "{finished:?}");
    assert!(!finished.stderr.contains("hunter2"), "{finished:?}");
}

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

#[test]
fn a_key_that_others_can_read_is_refused() {
    let home = Server::start(Home::new(Engine::Sqlite)).leave();
    let file = home.data().join("root.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let finished = home.run(&["serve"]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("chmod 600"), "{finished:?}");
}

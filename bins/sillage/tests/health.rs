//! `sillage health`, which says by its exit code what `/health/ready` says.

use crate::support::{Engine, Home, Server, engines};

engines! {
    a_server_is_ready_while_it_runs_and_not_afterwards
}

fn a_server_is_ready_while_it_runs_and_not_afterwards(engine: Engine) {
    let mut server = Server::start(Home::new(engine));
    let base = server.base();
    let home = server.home();
    assert_eq!(home.done(&["health", &base]), "ready\n");
    assert_eq!(home.done(&["health", &base, "--live"]), "alive\n");
    let told: serde_json::Value =
        serde_json::from_str(&home.done(&["health", &base, "--json"])).unwrap();
    assert_eq!(told["status"], 200);
    assert!(server.terminate().success());
    let finished = server.home().run(&["health", &base]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stderr.contains("/health/ready"), "{finished:?}");
}

#[test]
fn without_an_address_the_one_of_the_configuration_is_asked() {
    let mut server = Server::start(Home::new(Engine::Sqlite));
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__SERVER__BIND", &server.address().to_string());
    assert_eq!(home.done(&["health"]), "ready\n");
    // All interfaces: it is asked on the loopback one.
    home.set(
        "SILLAGE__SERVER__BIND",
        &format!("0.0.0.0:{}", server.address().port()),
    );
    assert_eq!(home.done(&["health"]), "ready\n");
    assert!(!home.data().exists(), "nothing was made for it");
    assert!(server.terminate().success());
    assert_eq!(home.run(&["health"]).code, Some(1));
}

#[test]
fn a_port_that_is_not_known_has_to_be_named() {
    let finished = Home::new(Engine::Sqlite).run(&["health"]);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.stderr.contains("name the server"), "{finished:?}");
}

//! `sillage demo --once`

use crate::support::{Engine, Home, Server, engines};
use serde_json::Value;

fn the_recorded_class_is_stored_once_and_comes_back_as_csv(engine: Engine) {
    let home = Home::new(engine);
    let csv = home.folder().join("waves.csv");
    let report: Value = serde_json::from_str(&home.done(&[
        "--json",
        "demo",
        "--once",
        "--csv",
        csv.to_str().unwrap(),
    ]))
    .unwrap();
    assert_eq!(report["sent"], 10_000);
    assert_eq!(report["stored"], 10_000);
    let number = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(
        number("accepted") + number("duplicates"),
        10_000 + number("resent")
    );
    if number("retries") == 0 {
        assert_eq!(report["duplicates"], report["resent"]);
    }
    assert!(report["resent"].as_u64().unwrap() > 500);
    assert_eq!(report["actions"][0]["action"], "slider_move_release");
    assert_eq!(report["actions"][0]["stored"], 3660);
    assert_eq!(
        std::fs::read_to_string(&csv).unwrap().lines().count(),
        10_001
    );
    // It lives in a folder of its own, wherever the data directory is configured to be.
    assert!(!home.data().exists());
}

engines! {
    the_recorded_class_is_stored_once_and_comes_back_as_csv
}

#[test]
fn a_database_that_was_used_is_left_alone() {
    if !Engine::Mariadb.is_there() {
        return;
    }
    let home = Server::start(Home::new(Engine::Mariadb)).leave();
    let finished = home.run(&["demo", "--once"]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    Server::start(home);
}

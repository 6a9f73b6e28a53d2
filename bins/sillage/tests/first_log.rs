//! From a token to the CSV, on both engines.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::raw::Request;
use crate::support::{Engine, Server, engines};
use serde_json::json;

fn a_first_log_is_stored_once_and_comes_back(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    let player = class.token(0);
    let sent = json!({
        "id": "0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10", "session": "s-81", "sequence": 9,
        "timestamp": "2024-05-18T10:17:33.109Z", "action": "regionDeposer",
        "payload": { "roomName": "salleForet", "userAnswer": "if(none){win}else{loose}" },
    });
    let first = class.post(&player, sent.to_string());
    assert_eq!(first.status, 201, "{}", first.text());
    assert!(
        first
            .header("Location")
            .unwrap()
            .starts_with(&format!("{}/v1/logs/", server.base()))
    );
    assert_eq!(class.post(&player, sent.to_string()).status, 200);

    let list = server
        .expect(200, &class.admin("GET", "/v1/logs?study=castle"))
        .json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    for member in ["id", "session", "sequence", "action", "payload"] {
        assert_eq!(list[0][member], sent[member], "{member}");
    }
    let csv = server.expect(
        200,
        &class.admin("GET", "/v1/studies/castle/export?format=csv&view=full"),
    );
    assert_eq!(csv.text().lines().count(), 2);
    assert!(csv.text().contains(sent["id"].as_str().unwrap()));
    assert!(server.terminate().success());
}

engines! {
    a_first_log_is_stored_once_and_comes_back
}

#[test]
fn the_interrupt_of_a_terminal_stops_it_as_well() {
    let mut server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    server.expect(200, &Request::new("GET", "/health/live"));
    server.signal("INT");
    assert!(server.wait().success(), "{}", server.said());
}

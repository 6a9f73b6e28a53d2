//! `sillage client`

use crate::support::{place, try_type, typed};
use rstest::rstest;
use serde_json::Value;
use sillage_auth::{Secret, is_secret};
use sillage_cli::{CommandError, Workplace};
use sillage_domain::Client;

fn json(place: &Workplace, line: &str) -> Value {
    serde_json::from_str(&typed(place, &format!("--json {line}"))).unwrap()
}

fn stored(place: &Workplace, id: &str) -> Option<Client> {
    place.ports.clients.client(&id.parse().unwrap()).unwrap()
}

const GAME_SERVER: &str = "client create Server --study castle --type confidential --grants client_credentials --scope logs:write";

#[test]
fn a_client_is_registered_and_its_secret_shown_once() {
    let place = place();
    typed(&place, "study create castle");
    let made = json(&place, GAME_SERVER);
    let id = made["client_id"].as_str().unwrap();
    let secret = made["client_secret"].as_str().unwrap();
    let client = stored(&place, id).unwrap();
    assert!(is_secret(&Secret::new(secret), client.secret_hash.as_ref()));
    assert_eq!(
        (client.scope.as_str(), made["study"].as_str()),
        ("logs:write", Some("castle"))
    );
    let listed = typed(&place, "client list");
    assert!(!listed.contains(secret));
    let line = format!("{id}\tServer\tcastle\tconfidential\tactive\n");
    assert_eq!(
        listed,
        format!("{line}sillage\tSillage\t-\tpublic\tactive\n")
    );
    assert_eq!(typed(&place, "client list --study castle"), line);
    assert_eq!(typed(&place, "client list --search SERV"), line);
}

#[test]
fn a_client_gets_another_secret() {
    let place = place();
    typed(&place, "study create castle");
    let made = json(&place, GAME_SERVER);
    let id = made["client_id"].as_str().unwrap();
    let said = typed(&place, &format!("client reset-secret {id}"));
    let secret = said.trim().rsplit_once("secret: ").unwrap().1;
    let hash = stored(&place, id).unwrap().secret_hash;
    assert!(is_secret(&Secret::new(secret), hash.as_ref()));
    let old = Secret::new(made["client_secret"].as_str().unwrap());
    assert!(!is_secret(&old, hash.as_ref()));
}

#[test]
fn a_client_is_deactivated_activated_and_deleted() {
    let place = place();
    let made = json(&place, "client create Portal --scope me --scope logs:write");
    let id = made["client_id"].as_str().unwrap();
    assert_eq!(
        (made["scope"].as_str(), made.get("client_secret")),
        (Some("me logs:write"), None)
    );
    for (word, active) in [("deactivate", false), ("activate", true)] {
        typed(&place, &format!("client {word} {id}"));
        assert_eq!(stored(&place, id).unwrap().active, active);
    }
    assert_eq!(
        typed(&place, &format!("client delete {id}")),
        format!("client {id} deleted\n")
    );
    assert_eq!(stored(&place, id), None);
}

#[rstest]
#[case("client create x --grants client_credentials")]
#[case("client create x --type confidential --grants client_credentials")]
#[case("client reset-secret sillage")]
#[case("client delete sillage")]
fn what_a_client_cannot_be_is_asked_for_wrongly(#[case] line: &str) {
    assert_eq!(try_type(&place(), line).unwrap_err().exit_code(), 2);
}

#[rstest]
#[case("client deactivate none")]
#[case("client delete none")]
#[case("client reset-secret none")]
fn a_client_that_is_not_there_is_said_so(#[case] line: &str) {
    let error = try_type(&place(), line).unwrap_err();
    assert!(matches!(error, CommandError::NoSuchClient(_)));
    assert_eq!(error.exit_code(), 1);
}

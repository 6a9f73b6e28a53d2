//! Names in Unicode's two spellings: a keyboard, a file system and a game may each make another one of the same name.

use crate::support::{World, entry};
use rstest::rstest;
use serde_json::json;

const COMPOSED: &str = "d\u{e9}but";
const DECOMPOSED: &str = "de\u{301}but";
const IN_A_QUERY: [&str; 2] = ["d%C3%A9but", "de%CC%81but"];

#[rstest]
#[case(COMPOSED)]
#[case(DECOMPOSED)]
#[actix_web::test]
async fn an_entry_is_found_by_either_spelling_of_its_names(#[case] sent: &str) {
    let world = World::new();
    let client = world.client().await;
    let mut e = entry(1);
    e["action"] = json!(sent);
    e["session"] = json!(sent);
    // The payload is what was recorded, to the letter.
    e["payload"] = json!({ "typed": sent });
    client
        .post("/v1/logs", &world.token("ada"), e)
        .await
        .ok(201);
    for name in IN_A_QUERY {
        for member in ["action", "session"] {
            let path = format!("/v1/logs?{member}={name}");
            let list = client.get(&path, &world.token("mia")).await.ok(200).json();
            assert_eq!(list[0][member], COMPOSED);
            assert_eq!(list[0]["payload"]["typed"], sent);
        }
        let path = format!("/v1/studies/tsadk/export?format=ndjson&view=full&action={name}");
        let file = client.get(&path, &world.token("mia")).await.ok(200);
        assert_eq!(file.text().lines().count(), 1);
    }
}

#[actix_web::test]
async fn an_entry_sent_again_in_the_other_spelling_is_a_duplicate() {
    let world = World::new();
    let client = world.client().await;
    let spelt = |name: &str, typed: &str| {
        let mut e = entry(1);
        e["action"] = json!(name);
        e["payload"] = json!({ name: typed });
        e
    };
    let ada = world.token("ada");
    let sent = [
        (spelt(DECOMPOSED, "x"), 201),
        (spelt(COMPOSED, "x"), 200),
        (spelt(COMPOSED, "y"), 409),
    ];
    for (entry, status) in sent {
        client.post("/v1/logs", &ada, entry).await.ok(status);
    }
}

#[actix_web::test]
async fn what_does_not_fit_is_found_by_either_spelling_of_its_action() {
    let world = World::new();
    let client = world.client().await;
    let misfit = json!({"action": DECOMPOSED, "timestamp": "yesterday"});
    client
        .post("/v1/logs", &world.token("ada"), misfit)
        .await
        .ok(202);
    for name in IN_A_QUERY {
        let path = format!("/v1/studies/tsadk/quarantine?action={name}");
        let list = client.get(&path, &world.token("mia")).await.ok(200).json();
        assert!(list[0]["text"].as_str().unwrap().contains(DECOMPOSED));
    }
}

//! `POST /v1/logs`: one entry.

use crate::support::{World, entry, post};
use serde_json::{Value, json};

#[actix_web::test]
async fn one_entry_is_stored_and_shown_without_its_participant() {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await
        .ok(201);
    assert_eq!(
        answer.header("location"),
        Some("http://sillage.test/v1/logs/1")
    );
    let expected = json!({
        "number": 1, "uri": "http://sillage.test/v1/logs/1", "id": "0190c1d2-7e1c-7cc0-b9c0-000000000001",
        "session": "s-81", "sequence": 1, "timestamp": "2024-05-18T10:17:33.109000Z", "action": "regionDeposer",
        "payload": {"roomName": "salleForet"}, "received_at": "2024-06-01T12:00:00.000000Z", "status": "accepted"
    });
    assert_eq!(answer.json(), expected);
}

#[actix_web::test]
async fn an_entry_sent_twice_is_stored_once() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let first = client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let second = client.post("/v1/logs", &token, entry(1)).await.ok(200);
    assert_eq!(first.json(), second.json());
    assert_eq!(world.ports.logs.counts(world.study.id).unwrap().entries, 1);
}

#[actix_web::test]
async fn an_entry_without_optional_members_shows_none_of_them() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"timestamp": "2023-04-18T10:17.109Z", "action": "start"});
    let stored = client
        .post("/v1/logs", &world.token("ada"), body)
        .await
        .ok(201)
        .json();
    let members: Vec<_> = stored.as_object().unwrap().keys().cloned().collect();
    let mut expected = [
        "number",
        "uri",
        "id",
        "timestamp",
        "action",
        "received_at",
        "status",
    ];
    expected.sort_unstable();
    assert_eq!(members, expected);
    assert_eq!(stored["timestamp"], "2023-04-18T10:17:06.540000Z");
}

#[actix_web::test]
async fn an_old_game_without_ids_is_known_by_its_sequence() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let body = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "start", "sequence": 4, "userAnswer": "x"});
    let first = client
        .post("/v1/logs", &token, body.clone())
        .await
        .ok(201)
        .json();
    let second = client.post("/v1/logs", &token, body).await.ok(200).json();
    assert_eq!(first, second);
    assert_eq!(first["payload"], json!({"userAnswer": "x"}));
}

#[actix_web::test]
async fn the_payload_stays_the_text_that_was_sent() {
    let world = World::new();
    let body = r#"{"timestamp":"2024-05-18T10:17:33Z","action":"a","payload":{"b": 1.0,"a":9007199254740993}}"#;
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/json", body);
    let answer = world.client().await.send(request).await.ok(201);
    assert!(
        answer
            .text()
            .contains(r#""payload":{"b": 1.0,"a":9007199254740993}"#),
        "{}",
        answer.text()
    );
}

#[actix_web::test]
async fn another_content_under_the_same_id_is_a_conflict_and_kept() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let mut other = entry(1);
    other["action"] = json!("other");
    let answer = client.post("/v1/logs", &token, other.clone()).await;
    assert_eq!(answer.told(), (409, 4091));
    assert_eq!(answer.pointers(), ["/id"]);
    let kept = client
        .get("/v1/studies/tsadk/quarantine", &world.token("mia"))
        .await
        .ok(200)
        .json();
    assert_eq!(kept[0]["errors"][0]["code"], 4091);
    assert_eq!(kept[0]["entry_id"], other["id"]);
    assert_eq!(
        serde_json::from_str::<Value>(kept[0]["text"].as_str().unwrap()).unwrap(),
        other
    );
    assert_eq!(world.ports.logs.counts(world.study.id).unwrap().entries, 1);
}

#[actix_web::test]
async fn two_players_may_use_the_same_id() {
    let world = World::new();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await
        .ok(201);
    client
        .post("/v1/logs", &world.token("bob"), entry(1))
        .await
        .ok(201);
}

//! `POST /v1/logs`: several entries.

use crate::support::{World, entry, post};
use serde_json::{Value, json};

#[actix_web::test]
async fn several_entries_are_answered_one_by_one() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let mut conflict = entry(1);
    conflict["action"] = json!("other");
    let body = json!([entry(1), entry(2), entry(2), {"action": "a"}, conflict, 7]);
    let answer = client.post("/v1/logs", &token, body).await.ok(200).json();
    let counts =
        ["accepted", "duplicates", "quarantined"].map(|name| answer[name].as_u64().unwrap());
    assert_eq!(counts, [1, 2, 3]);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| result["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "duplicate",
            "accepted",
            "duplicate",
            "quarantined",
            "conflict",
            "quarantined"
        ]
    );
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result["index"], n);
        assert_eq!(result["errors"].as_array().unwrap().is_empty(), n < 3);
    }
    assert_eq!(results[1]["id"], entry(2)["id"]);
    assert_eq!(results[3]["errors"][0]["pointer"], "/3/timestamp");
    assert_eq!(
        world.ports.logs.counts(world.study.id).unwrap().quarantined,
        3
    );
}

#[actix_web::test]
async fn only_what_was_not_accepted_is_listed_if_so_asked() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let body = json!([entry(1), {}, entry(2)]);
    let answer = client
        .post("/v1/logs?verbose=false", &token, body)
        .await
        .ok(200)
        .json();
    assert_eq!(answer["accepted"], 2);
    assert_eq!(answer["results"].as_array().unwrap().len(), 1);
    assert_eq!(answer["results"][0]["index"], 1);
    assert_eq!(
        client
            .post("/v1/logs?verbose=perhaps", &token, json!([]))
            .await
            .told(),
        (400, 4222)
    );
    assert_eq!(
        client
            .post("/v1/logs?nonsense=1", &token, json!([]))
            .await
            .told(),
        (400, 4003)
    );
}

#[actix_web::test]
async fn an_empty_array_is_taken() {
    let world = World::new();
    let answer = world
        .client()
        .await
        .post("/v1/logs", &world.token("ada"), json!([]))
        .await
        .ok(200);
    let expected = json!({"accepted": 0, "duplicates": 0, "quarantined": 0, "results": []});
    assert_eq!(answer.json(), expected);
}

#[actix_web::test]
async fn lines_are_entries_too() {
    let world = World::new();
    let body = format!("{}\n\n{}\n", entry(1), entry(2));
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/x-ndjson", &body);
    let answer = world.client().await.send(request).await.ok(200).json();
    assert_eq!(answer["accepted"], 2);
    let one = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/x-ndjson", &entry(3).to_string());
    assert_eq!(
        world.client().await.send(one).await.ok(200).json()["accepted"],
        1
    );
}

#[actix_web::test]
async fn a_strict_batch_is_stored_whole_or_not_at_all() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let strict = |body: Value| {
        post("/v1/logs")
            .token(&token)
            .json(&body)
            .header("Prefer", "handling=strict")
    };
    let refused = client
        .send(strict(json!([entry(1), {"timestamp": "x"}, entry(2), 3])))
        .await
        .ok(422);
    assert_eq!(refused.pointers(), ["/1/timestamp", "/1/action", "/3"]);
    let stored = client
        .send(strict(json!([entry(1), entry(2)])))
        .await
        .ok(200);
    assert_eq!(stored.header("preference-applied"), Some("handling=strict"));
    let mut conflict = entry(1);
    conflict["action"] = json!("other");
    let refused = client.send(strict(json!([entry(3), conflict]))).await;
    assert_eq!(refused.told(), (422, 4091));
    assert_eq!(refused.pointers(), ["/1/id"]);
    assert_eq!(client.send(strict(conflict)).await.told(), (409, 4091));
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (2, 0));
}

#[actix_web::test]
async fn a_request_has_a_thousand_entries_at_most() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let body = |count: u32| json!((0..count).map(entry).collect::<Vec<_>>());
    assert_eq!(
        client
            .post("/v1/logs", &token, body(1000))
            .await
            .ok(200)
            .json()["accepted"],
        1000
    );
    assert_eq!(
        client.post("/v1/logs", &token, body(1001)).await.told(),
        (413, 4132)
    );
}

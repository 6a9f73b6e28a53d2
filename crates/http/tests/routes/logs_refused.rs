//! `POST /v1/logs`: what does not fit, and what cannot be read.

use crate::support::{World, over, post, settings};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::Validation;

#[actix_web::test]
async fn what_does_not_fit_is_quarantined_with_all_its_faults() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"timestamp": "2024-05-18T10:17:33", "id": "x", "sequence": -1, "payload": 3});
    let answer = client
        .post("/v1/logs", &world.token("ada"), body)
        .await
        .ok(202);
    assert_eq!(answer.json()["status"], "quarantined");
    let mut told: Vec<_> = answer.pointers().into_iter().zip(answer.codes()).collect();
    told.sort();
    let expected = [
        ("/action", 4222),
        ("/id", 4222),
        ("/payload", 4222),
        ("/sequence", 4222),
        ("/timestamp", 4005),
    ];
    assert_eq!(
        told,
        expected.map(|(pointer, code)| (pointer.to_owned(), code))
    );
}

#[rstest]
#[case(
    "{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"a\",\"payload\":{\"x\":\"\\ud83c\"}}",
    4222,
    422
)]
#[case(
    "{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"a\",\"payload\":{\"x\":\"\\u0000\"}}",
    4222,
    422
)]
#[case("\"text\"", 4222, 422)]
#[case("{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":7}", 4222, 422)]
#[actix_web::test]
async fn what_does_not_fit_is_kept_or_under_strict_refused(
    #[case] body: &str,
    #[case] code: u64,
    #[case] strict: u16,
) {
    let world = World::new();
    let client = world.client().await;
    let request = || {
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", body)
    };
    let kept = client.send(request()).await.ok(202);
    assert_eq!(kept.codes(), [code]);
    let refused = client
        .send(request().header("Prefer", "handling=strict"))
        .await;
    assert_eq!(refused.told(), (strict, code));
    world.set_validation(Validation::Reject);
    // The API believes the study for a while; another API over the same store sees it at once.
    let other = over(&world, settings());
    assert_eq!(
        other.client().await.send(request()).await.told(),
        (strict, code)
    );
    assert_eq!(
        world.ports.logs.counts(world.study.id).unwrap().quarantined,
        1
    );
}

#[actix_web::test]
async fn a_payload_that_is_too_large_is_a_size_fault() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let large = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "a", "payload": {"x": "y".repeat(70_000)}});
    let kept = client.post("/v1/logs", &token, large.clone()).await.ok(202);
    assert_eq!(kept.codes(), [4133]);
    let strict = |body: Value| {
        post("/v1/logs")
            .token(&token)
            .json(&body)
            .header("Prefer", "handling=strict")
    };
    assert_eq!(client.send(strict(large.clone())).await.told(), (413, 4133));
    let mixed = client
        .send(strict(json!([large, {"action": "a"}])))
        .await
        .ok(422);
    assert_eq!(mixed.codes(), [4133, 4222]);
}

#[actix_web::test]
async fn depth_is_limited() {
    let world = World::new();
    let client = world.client().await;
    let nested = |depth: usize| {
        let payload = format!(
            "{}{}",
            "{\"a\":".repeat(depth - 1) + "{}",
            "}".repeat(depth - 1)
        );
        let body =
            format!(r#"{{"timestamp":"2024-05-18T10:17:33Z","action":"a","payload":{payload}}}"#);
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", &body)
    };
    client.send(nested(32)).await.ok(201);
    client.send(nested(33)).await.ok(202);
}

#[actix_web::test]
async fn malformed_json_is_refused_with_its_place() {
    let world = World::new();
    let client = world.client().await;
    let send = |body: &str| {
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", body)
    };
    let answer = client.send(send("[\n  {\"a\": }\n]")).await;
    assert_eq!(answer.told(), (400, 4004));
    assert!(
        answer.text().contains("line 2, column 9"),
        "{}",
        answer.text()
    );
    assert_eq!(client.send(send("")).await.told(), (400, 4004));
}

#[actix_web::test]
async fn members_that_stand_twice_are_refused_with_their_places() {
    let world = World::new();
    let client = world.client().await;
    let send = |body: String| {
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", &body)
    };
    let answer = client
        .send(send(
            r#"[{"action":"a","action":"b","payload":{"x":1,"x":2}}]"#.to_owned(),
        ))
        .await;
    assert_eq!(answer.told(), (400, 4004));
    assert_eq!(answer.pointers(), ["/0/action", "/0/payload/x"]);
    let many = client
        .send(send(format!(
            "[{}]",
            vec![r#"{"a":1,"a":2}"#; 500].join(",")
        )))
        .await
        .ok(400);
    assert_eq!(many.codes().len(), 100);
}

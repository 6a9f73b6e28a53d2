//! `DELETE /v1/logs/{number}` and `DELETE /v1/logs?study=&session=`.

use crate::support::{Request, World, entry, get};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

const ONE: &str = "/v1/logs/1";
const SESSION: &str = "/v1/logs?study=tsadk&session=s-81";

/// A world in which `ada` has sent three entries of the session `s-81`, and one of `s-82`.
async fn played() -> World {
    let world = World::new();
    let mut other = entry(4);
    other["session"] = json!("s-82");
    let client = world.client().await;
    let sent = json!([entry(1), entry(2), entry(3), other]);
    client
        .post("/v1/logs", &world.token("ada"), sent)
        .await
        .ok(200);
    world
}

fn delete(uri: &str, token: &str) -> Request {
    Request::new(Method::DELETE, uri).token(token)
}

fn numbers(list: &Value) -> Vec<i64> {
    let entries = list.as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["number"].as_i64().unwrap())
        .collect()
}

#[actix_web::test]
async fn of_a_deleted_entry_a_tombstone_stays_that_says_why() {
    let world = played().await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let sent = client.get(ONE, &manager).await.ok(200).json();
    let body = json!({"reason": "r", "payload": {"secret": 1}});
    client.patch(ONE, &manager, body).await.ok(200);
    let gone = delete("/v1/logs/1?reason=a+pilot%20run", &manager);
    assert!(client.send(gone).await.ok(204).bytes.is_empty());

    let left = json!({
        "number": 1, "uri": sent["uri"], "id": sent["id"], "participant": sent["participant"],
        "received_at": sent["received_at"], "status": "deleted",
    });
    let mut told = left.clone();
    told["deleted_at"] = json!("2024-06-01T12:00:00.000000Z");
    told["deleted_by"] = json!("mia");
    told["reason"] = json!("a pilot run");
    for uri in [ONE, "/v1/logs/1?raw=true", "/v1/logs/1/history"] {
        let answer = client.get(uri, &manager).await;
        assert_eq!(answer.told(), (410, 410), "{uri}");
        assert_eq!(answer.json()["entry"], told, "{uri}");
    }
    let analyst = client.get(ONE, &world.token("ann")).await;
    assert_eq!(analyst.told(), (410, 410));
    assert_eq!(analyst.json()["entry"].get("deleted_by"), None);
    assert_eq!(analyst.json()["entry"]["reason"], "a pilot run");
    assert_eq!(
        client.get(ONE, &world.token("dev")).await.told(),
        (404, 404)
    );
    let body = json!({"reason": "r", "action": "open"});
    assert_eq!(client.patch(ONE, &manager, body).await.told(), (410, 410));
    let twice = delete("/v1/logs/1?reason=r", &manager);
    assert_eq!(client.send(twice).await.told(), (410, 410));

    let list = client.get("/v1/logs", &manager).await.ok(200);
    assert_eq!(numbers(&list.json()), [2, 3, 4]);
    assert_eq!(list.header("x-total-count"), Some("3"));
    let tombstones = client
        .get("/v1/logs?status=deleted", &manager)
        .await
        .ok(200);
    assert_eq!(tombstones.json(), json!([left]));
    let own = client.get("/v1/me/logs", &world.token("ada")).await.ok(200);
    assert_eq!(numbers(&own.json()), [2, 3, 4]);
    for query in ["format=csv", "format=ndjson", "format=ndjson&raw=true"] {
        let uri = format!("/v1/studies/tsadk/export?view=full&{query}");
        let export = client.get(&uri, &manager).await.ok(200);
        assert!(
            !export.text().contains(sent["id"].as_str().unwrap()),
            "{query}"
        );
    }
    let stats = client
        .get("/v1/studies/tsadk/stats", &manager)
        .await
        .ok(200);
    assert_eq!(
        stats.json(),
        json!({"entries": 3, "deleted": 1, "quarantined": 0})
    );
}

#[actix_web::test]
async fn what_was_deleted_and_is_sent_again_does_not_come_back() {
    let world = played().await;
    let (client, manager, player) = (world.client().await, world.token("mia"), world.token("ada"));
    client
        .send(delete("/v1/logs/1?reason=r", &manager))
        .await
        .ok(204);
    let one = client.post("/v1/logs", &player, entry(1)).await.ok(200);
    let shown = one.json();
    assert_eq!(
        (&shown["number"], &shown["status"]),
        (&json!(1), &json!("deleted"))
    );
    assert_eq!((shown.get("action"), shown.get("payload")), (None, None));
    let several = client
        .post("/v1/logs", &player, json!([entry(1), entry(9)]))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&several["duplicates"], &several["accepted"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(client.get(ONE, &manager).await.told(), (410, 410));
}

#[actix_web::test]
async fn a_session_is_counted_and_then_deleted() {
    let world = played().await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let dry = delete(&format!("{SESSION}&dry_run=true"), &manager);
    let dry = client.send(dry).await.ok(200).json();
    assert_eq!(dry, json!({"status": "dry_run", "entries": 3}));
    let list = client.get("/v1/logs", &manager).await.ok(200);
    assert_eq!(numbers(&list.json()), [1, 2, 3, 4]);
    let body = json!({"reason": "a pilot run"});
    let gone = client
        .send(delete(SESSION, &manager).json(&body))
        .await
        .ok(200);
    assert_eq!(gone.json(), json!({"status": "deleted", "entries": 3}));
    let list = client.get("/v1/logs", &manager).await.ok(200);
    assert_eq!(numbers(&list.json()), [4]);
    let one = client.get(ONE, &manager).await;
    assert_eq!(one.json()["entry"]["reason"], "a pilot run");
    let again = delete(&format!("{SESSION}&reason=r"), &manager);
    let again = client.send(again).await.ok(200).json();
    assert_eq!(again, json!({"status": "deleted", "entries": 0}));
}

#[actix_web::test]
async fn one_entry_is_counted_before_it_goes() {
    let world = played().await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let dry = delete("/v1/logs/1?dry_run=true", &manager);
    let dry = client.send(dry).await.ok(200).json();
    assert_eq!(dry, json!({"status": "dry_run", "entries": 1}));
    client.get(ONE, &manager).await.ok(200);
}

#[rstest]
#[case("/v1/logs/1", None, 422, 4222, "parameter", "reason")]
#[case("/v1/logs/1?reason=", None, 422, 4222, "parameter", "reason")]
#[case("/v1/logs/1?reason=%20%20", None, 422, 4222, "parameter", "reason")]
#[case("/v1/logs/1", Some("null"), 422, 4222, "parameter", "reason")]
#[case("/v1/logs/1", Some("{}"), 422, 4222, "pointer", "/reason")]
#[case(
    "/v1/logs/1?reason=r",
    Some(r#"{"reason":""}"#),
    422,
    4222,
    "pointer",
    "/reason"
)]
#[case(
    "/v1/logs/1",
    Some(r#"{"reason":"r","force":true}"#),
    422,
    4222,
    "pointer",
    "/force"
)]
#[case("/v1/logs/1?reason=r&mode=erase", None, 400, 4003, "parameter", "mode")]
#[case("/v1/logs", None, 422, 4222, "parameter", "study")]
#[case(
    "/v1/logs?study=tsadk&reason=r",
    None,
    422,
    4222,
    "parameter",
    "session"
)]
#[case(
    "/v1/logs?session=s-81&reason=r",
    None,
    422,
    4222,
    "parameter",
    "study"
)]
#[case(
    "/v1/logs?study=tsadk&session=s-81",
    None,
    422,
    4222,
    "parameter",
    "reason"
)]
#[case(
    "/v1/logs?study=tsadk&session=s-81&action=open&reason=r",
    None,
    400,
    4003,
    "parameter",
    "action"
)]
#[case(
    "/v1/logs?study=tsadk&session=s-81&dry_run=maybe&reason=r",
    None,
    400,
    4222,
    "parameter",
    "dry_run"
)]
#[case(
    "/v1/logs?study=nowhere&session=s-81&reason=r",
    None,
    404,
    404,
    "parameter",
    "study"
)]
#[actix_web::test]
async fn what_is_deleted_and_why_is_never_guessed(
    #[case] uri: &str,
    #[case] body: Option<&str>,
    #[case] status: u16,
    #[case] code: u64,
    #[case] kind: &str,
    #[case] place: &str,
) {
    let world = played().await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let mut request = delete(uri, &manager);
    if let Some(body) = body {
        request = request.text("application/json", body);
    }
    let answer = client.send(request).await;
    assert_eq!(answer.told(), (status, code));
    assert_eq!(answer.json()["errors"][0][kind], place);
    let list = client.get("/v1/logs", &manager).await.ok(200);
    assert_eq!(numbers(&list.json()), [1, 2, 3, 4]);
}

#[rstest]
#[case("ann", (403, 403), (403, 403))]
#[case("dev", (404, 404), (403, 403))]
#[case("mon", (404, 404), (403, 403))]
#[case("out", (404, 404), (404, 404))]
#[case("ada", (403, 403), (403, 403))]
#[actix_web::test]
async fn who_does_not_run_the_study_deletes_nothing(
    #[case] who: &str,
    #[case] one: (u16, u64),
    #[case] session: (u16, u64),
) {
    let world = played().await;
    let (client, token) = (world.client().await, world.token(who));
    let answer = client.send(delete("/v1/logs/1?reason=r", &token)).await;
    assert_eq!(answer.told(), one);
    let answer = client
        .send(delete(&format!("{SESSION}&reason=r"), &token))
        .await;
    assert_eq!(answer.told(), session);
    let list = client.get("/v1/logs", &world.token("admin")).await.ok(200);
    assert_eq!(numbers(&list.json()), [1, 2, 3, 4]);
}

#[actix_web::test]
async fn what_was_changed_since_it_was_seen_is_not_deleted() {
    let world = played().await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let tag = async |uri: &str| {
        let answer = client.get(uri, &manager).await.ok(200);
        answer.header("etag").unwrap().to_owned()
    };
    let (one, list) = (tag(ONE).await, tag(SESSION).await);
    let body = json!({"reason": "r", "action": "open"});
    client.patch(ONE, &manager, body).await.ok(200);
    let held = |uri: &str, tag: &str| delete(uri, &manager).header("If-Match", tag);
    let (by_one, by_session) = ("/v1/logs/1?reason=r", &*format!("{SESSION}&reason=r"));
    assert_eq!(client.send(held(by_one, &one)).await.told(), (412, 412));
    assert_eq!(
        client.send(held(by_session, &list)).await.told(),
        (412, 412)
    );
    client.send(held(by_one, &tag(ONE).await)).await.ok(204);
    let list = tag(SESSION).await;
    let gone = client.send(held(by_session, &list)).await.ok(200);
    assert_eq!(gone.json()["entries"], 2);
    let unchanged = get("/v1/logs")
        .token(&manager)
        .header("If-None-Match", list);
    client.send(unchanged).await.ok(200);
}

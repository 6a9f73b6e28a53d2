//! `PATCH /v1/logs/{number}` and `GET /v1/logs/{number}/history`.

use crate::support::{Answer, Request, World, entry, get};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

const ONE: &str = "/v1/logs/1";
const HISTORY: &str = "/v1/logs/1/history";

/// A world in which `ada` has sent that many entries.
async fn played(count: u32) -> World {
    let world = World::new();
    let entries: Vec<_> = (1..=count).map(entry).collect();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("ada"), json!(entries))
        .await
        .ok(200);
    world
}

fn patch(uri: &str, token: &str, body: &Value) -> Request {
    Request::new(Method::PATCH, uri).token(token).json(body)
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap().to_owned()
}

#[actix_web::test]
async fn an_entry_is_shown_as_amended_and_what_was_sent_stays() {
    let world = played(2).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let sent = client.get(ONE, &manager).await.ok(200);
    let body = json!({
        "reason": "the room was another", "action": "regionPrendre", "timestamp": "2024-05-18T12:00+02:00",
        "sequence": null, "payload": {"roomName": null, "score": 12},
    });
    let answer = client.patch(ONE, &manager, body).await.ok(200);
    let mut expected = sent.json();
    expected["action"] = json!("regionPrendre");
    expected["timestamp"] = json!("2024-05-18T10:00:00.000000Z");
    expected["payload"] = json!({"score": 12});
    expected["amended"] = json!(true);
    expected["revision"] = json!(1);
    expected.as_object_mut().unwrap().remove("sequence");
    assert_eq!(answer.json(), expected);

    let now = client.get(ONE, &manager).await.ok(200);
    assert_eq!((now.json(), tag(&now)), (expected.clone(), tag(&answer)));
    assert_ne!(tag(&now), tag(&sent));
    let raw = client.get("/v1/logs/1?raw=true", &manager).await.ok(200);
    assert_eq!(raw.json(), sent.json());
    let list = client.get("/v1/logs", &manager).await.ok(200).json();
    assert_eq!(list[0], expected);
    assert_eq!(list[1].get("amended"), None);
    let raw = client.get("/v1/logs?raw=true", &manager).await.ok(200);
    assert_eq!(raw.json()[0], sent.json());
    let again = client.post("/v1/logs", &world.token("ada"), entry(1)).await;
    assert_eq!(again.ok(200).json()["action"], "regionDeposer");
    let mut own = client
        .get("/v1/me/logs", &world.token("ada"))
        .await
        .ok(200)
        .json();
    own[0]["participant"] = expected["participant"].clone();
    assert_eq!(own[0], expected);
}

#[actix_web::test]
async fn the_history_says_what_was_changed_by_whom_and_why() {
    let world = played(1).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let none = client.get(HISTORY, &manager).await.ok(200);
    assert_eq!(
        (none.json(), none.header("x-total-count")),
        (json!([]), Some("0"))
    );
    let first = json!({"reason": "a typo", "payload": {"score": 1}});
    client.patch(ONE, &manager, first).await.ok(200);
    let put = Request::new(Method::PUT, ONE)
        .token(&world.token("admin"))
        .text(
            "application/json",
            r#"{"reason":"twice", "session":"s-82", "payload":{"score":1.50}}"#,
        );
    client.send(put).await.ok(200);
    let both = client.get(HISTORY, &manager).await.ok(200);
    let expected = json!([
        {"revision": 1, "amended_at": "2024-06-01T12:00:00.000000Z", "amended_by": "mia", "reason": "a typo",
         "changes": {"payload": {"score": 1}}},
        {"revision": 2, "amended_at": "2024-06-01T12:00:00.000000Z", "amended_by": "admin", "reason": "twice",
         "changes": {"payload": {"score": 1.5}, "session": "s-82"}},
    ]);
    assert_eq!(both.json(), expected);
    assert!(both.text().contains("1.50"), "numbers stay to the letter");
    assert_ne!(tag(&both), tag(&none));
    let second = client
        .get("/v1/logs/1/history?page=2&page_size=1", &manager)
        .await
        .ok(200);
    assert_eq!(second.json(), json!([expected[1]]));
    let beyond = client.get("/v1/logs/1/history?page=3", &manager).await;
    assert_eq!(beyond.told(), (404, 4002));
    let fresh = get(HISTORY)
        .token(&manager)
        .header("If-None-Match", tag(&both));
    client.send(fresh).await.ok(304);
}

#[actix_web::test]
async fn an_analyst_sees_neither_payloads_nor_who_amended() {
    let world = played(1).await;
    let client = world.client().await;
    let body = json!({"reason": "a typo", "action": "open", "payload": {"name": "Ada"}});
    client.patch(ONE, &world.token("mia"), body).await.ok(200);
    let analyst = world.token("ann");
    let entry = client.get(ONE, &analyst).await.ok(200).json();
    assert_eq!(
        (&entry["action"], &entry["amended"]),
        (&json!("open"), &json!(true))
    );
    assert_eq!(entry.get("payload"), None);
    let history = client.get(HISTORY, &analyst).await.ok(200);
    let expected = json!([{
        "revision": 1, "amended_at": "2024-06-01T12:00:00.000000Z", "reason": "a typo", "changes": {"action": "open"},
    }]);
    assert_eq!(history.json(), expected);
}

#[rstest]
#[case("ann", (403, 403))]
#[case("dev", (404, 404))]
#[case("mon", (404, 404))]
#[case("out", (404, 404))]
#[case("ada", (403, 403))]
#[actix_web::test]
async fn who_does_not_run_the_study_amends_nothing(#[case] who: &str, #[case] told: (u16, u64)) {
    let world = played(1).await;
    let client = world.client().await;
    let body = json!({"reason": "r", "action": "open"});
    let answer = client.patch(ONE, &world.token(who), body).await;
    assert_eq!(answer.told(), told);
    let now = client.get(ONE, &world.token("mia")).await.ok(200).json();
    assert_eq!(now["action"], "regionDeposer");
}

#[rstest]
#[case(json!({"action": "open"}), &["/reason"])]
#[case(json!({"reason": " ", "action": "open"}), &["/reason"])]
#[case(json!({"reason": "r"}), &[""])]
#[case(json!({"reason": "r", "participant": "bob", "id": null}), &["/id", "/participant"])]
#[case(json!({"reason": "r", "action": null, "timestamp": "noon", "payload": {"x": "\u{0}"}}), &["/timestamp", "/action", "/payload/x"])]
#[case(json!({"reason": "r", "payload": [1]}), &["/payload"])]
#[case(json!([1]), &[""])]
#[actix_web::test]
async fn an_amendment_that_can_not_be_is_refused_with_every_place(
    #[case] body: Value,
    #[case] pointers: &[&str],
) {
    let world = played(1).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let answer = client.patch(ONE, &manager, body).await.ok(422);
    assert_eq!(answer.pointers(), pointers);
    let history = client.get(HISTORY, &manager).await.ok(200);
    assert_eq!(history.json(), json!([]));
}

#[actix_web::test]
async fn an_amended_payload_is_no_larger_and_no_deeper_than_one_that_is_sent() {
    let world = played(1).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let large = json!({"reason": "r", "payload": {"x": "y".repeat(65_530)}});
    assert_eq!(client.patch(ONE, &manager, large).await.told(), (413, 4133));
    let deep = format!(
        r#"{{"reason":"r","payload":{}1{}}}"#,
        r#"{"x":"#.repeat(33),
        "}".repeat(33)
    );
    let deep = Request::new(Method::PATCH, ONE)
        .token(&manager)
        .text("application/json", &deep);
    assert_eq!(client.send(deep).await.told(), (422, 4222));
    let twice = Request::new(Method::PATCH, ONE).token(&manager).text(
        "application/json",
        r#"{"reason":"r","payload":{"x":1,"x":2}}"#,
    );
    let twice = client.send(twice).await;
    assert_eq!(twice.told(), (400, 4004));
    assert_eq!(twice.pointers(), ["/payload/x"]);
}

#[actix_web::test]
async fn of_two_who_have_seen_the_same_revision_one_amends() {
    let world = played(1).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let seen = tag(&client.get(ONE, &manager).await.ok(200));
    let body = json!({"reason": "r", "payload": {"score": 1}});
    let amend = || patch(ONE, &manager, &body).header("If-Match", seen.clone());
    let first = client.send(amend()).await.ok(200);
    assert_eq!(client.send(amend()).await.told(), (412, 412));
    let other = json!({"reason": "r", "payload": {"score": 2}});
    let late = patch(ONE, &manager, &other).header("If-Match", seen.clone());
    assert_eq!(client.send(late).await.told(), (412, 412));
    let next = patch(ONE, &manager, &other).header("If-Match", tag(&first));
    assert_eq!(client.send(next).await.ok(200).json()["revision"], 2);
}

#[actix_web::test]
async fn what_changes_nothing_adds_no_amendment() {
    let world = played(1).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let body = json!({"reason": "r", "payload": {"score": 1}});
    let first = client.patch(ONE, &manager, body.clone()).await.ok(200);
    let again = client.patch(ONE, &manager, body).await.ok(200);
    assert_eq!((again.json(), tag(&again)), (first.json(), tag(&first)));
    let history = client.get(HISTORY, &manager).await.ok(200);
    assert_eq!(history.header("x-total-count"), Some("1"));
}

#[actix_web::test]
async fn filters_and_the_order_go_by_what_was_sent_and_a_list_is_another_after_an_amendment() {
    let world = played(2).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let seen = tag(&client.get("/v1/logs", &manager).await.ok(200));
    let body = json!({"reason": "r", "session": "s-82", "timestamp": "2030-01-01T00:00:00Z"});
    client.patch(ONE, &manager, body).await.ok(200);
    let again = get("/v1/logs")
        .token(&manager)
        .header("If-None-Match", seen);
    client.send(again).await.ok(200);
    for (query, count) in [
        ("session=s-82", 0),
        ("session=s-81", 2),
        ("from=2029-01-01T00:00:00Z", 0),
    ] {
        let list = client
            .get(&format!("/v1/logs?{query}"), &manager)
            .await
            .ok(200);
        assert_eq!(list.json().as_array().unwrap().len(), count, "{query}");
    }
    let sorted = client
        .get("/v1/logs?sort=-timestamp", &manager)
        .await
        .ok(200);
    assert_eq!(sorted.json()[1]["number"], 1);
}

#[actix_web::test]
async fn exports_hold_the_amended_values_or_what_was_sent() {
    let world = played(2).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let export = async |query: &str| {
        let uri = format!("/v1/studies/tsadk/export?view=full&{query}");
        client.get(&uri, &manager).await.ok(200).text().to_owned()
    };
    let before = export("format=csv").await;
    assert!(before.starts_with("number,id,participant,session,sequence,timestamp,action,status,received_at,sent_at,payload\r\n"));
    let body = json!({"reason": "r", "action": "open"});
    client.patch(ONE, &manager, body).await.ok(200);
    let csv = export("format=csv").await;
    let lines: Vec<_> = csv.lines().collect();
    assert!(lines[0].ends_with(",payload,revision"));
    assert!(
        lines[1].contains(",open,") && lines[1].ends_with(",1"),
        "{csv}"
    );
    assert!(
        lines[2].contains(",regionDeposer,") && lines[2].ends_with(",0"),
        "{csv}"
    );
    assert_eq!(export("format=csv&raw=true").await, before);
    let ndjson = export("format=ndjson").await;
    let first: Value = serde_json::from_str(ndjson.lines().next().unwrap()).unwrap();
    assert_eq!(first["action"], "open");
    assert_eq!(
        (&first["amended"], &first["revision"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(ndjson.matches("amended").count(), 1);
    let raw = export("format=ndjson&raw=true").await;
    assert!(!raw.contains("open") && !raw.contains("amended"));
    let tsadk = |query: &str| format!("/v1/utils/export/logs?study=tsadk{query}");
    let flat = client.get(&tsadk(""), &manager).await.ok(200);
    assert!(
        flat.text()
            .starts_with("id,userID,session,sequence,timestamp,action,roomName\r\n")
    );
    assert_eq!(flat.text().matches("open").count(), 1);
    let raw = client.get(&tsadk("&raw=true"), &manager).await.ok(200);
    assert_eq!(raw.text().matches("open").count(), 0);
}

#[rstest]
#[case("/v1/logs/1?raw=perhaps", 400, 4222)]
#[case("/v1/logs/1?colour=red", 400, 4003)]
#[case("/v1/logs?raw=2", 400, 4222)]
#[case("/v1/logs/2/history", 404, 404)]
#[case("/v1/logs/abc/history", 404, 404)]
#[case("/v1/logs/1/history?raw=true", 400, 4003)]
#[actix_web::test]
async fn what_is_asked_for_is_never_guessed(
    #[case] uri: &str,
    #[case] status: u16,
    #[case] code: u64,
) {
    let world = played(1).await;
    let answer = world.client().await.get(uri, &world.token("mia")).await;
    assert_eq!(answer.told(), (status, code));
}

#[actix_web::test]
async fn an_amended_entry_fits_the_codebook() {
    const CODEBOOK: &str = "format = 1\n[actions.regionDeposer.fields.roomName]\ntype = \"string\"\nrequired = true\nprivacy = \"other\"\n";
    let world = played(1).await;
    let (client, manager) = (world.client().await, world.token("mia"));
    let put = Request::new(Method::PUT, "/v1/studies/tsadk/codebook")
        .token(&manager)
        .text("application/toml", CODEBOOK);
    client.send(put).await.ok(201);
    for (body, pointer) in [
        (json!({"reason": "r", "action": "open"}), "/action"),
        (
            json!({"reason": "r", "payload": {"roomName": null}}),
            "/payload/roomName",
        ),
        (
            json!({"reason": "r", "payload": {"roomName": 5}}),
            "/payload/roomName",
        ),
    ] {
        let refused = client.patch(ONE, &manager, body).await.ok(422);
        assert_eq!(refused.told(), (422, 4221));
        assert_eq!(refused.pointers(), [pointer]);
    }
    let body = json!({"reason": "r", "payload": {"roomName": "salleGrotte"}});
    let amended = client.patch(ONE, &manager, body).await.ok(200);
    assert_eq!(amended.json()["revision"], 1);
}

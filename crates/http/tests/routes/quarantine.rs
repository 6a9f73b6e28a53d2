//! `/v1/studies/{study}/quarantine`.

use crate::support::{World, get, link};
use rstest::rstest;
use serde_json::json;

const PATH: &str = "/v1/studies/tsadk/quarantine";

#[actix_web::test]
async fn what_does_not_fit_lies_there_with_every_reason() {
    let world = World::new();
    let client = world.client().await;
    let body = r#"{"timestamp":"2024-05-18T10:17:33","action":"a","participant":"ada"}"#;
    let request = crate::support::post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/json", body);
    client.send(request).await.ok(202);
    let list = client.get(PATH, &world.token("mia")).await.ok(200);
    assert_eq!(list.header("x-total-count"), Some("1"));
    let list = list.json();
    let kept = &list[0];
    assert_eq!(
        kept["text"],
        r#"{"timestamp":"2024-05-18T10:17:33","action":"a"}"#
    );
    assert_eq!(kept["participant"], world.pseudonym("ada").to_string());
    assert_eq!(kept["received_at"], "2024-06-01T12:00:00.000000Z");
    assert_eq!(
        (&kept["errors"][0]["code"], &kept["errors"][0]["pointer"]),
        (&json!(4005), &json!("/timestamp"))
    );
    let path = kept["uri"]
        .as_str()
        .unwrap()
        .strip_prefix("http://sillage.test")
        .unwrap();
    let one = client.get(path, &world.token("mia")).await.ok(200);
    assert_eq!(one.json(), *kept);
    let tag = one.header("etag").unwrap();
    client
        .send(
            get(path)
                .token(&world.token("mia"))
                .header("If-None-Match", tag),
        )
        .await
        .ok(304);
    let french = client
        .send(
            get(path)
                .token(&world.token("mia"))
                .header("Accept-Language", "fr"),
        )
        .await
        .ok(200);
    assert!(french.text().contains("décalage"));
}

#[actix_web::test]
async fn the_list_has_pages() {
    let world = World::new();
    let client = world.client().await;
    let misfits: Vec<_> = (0..11).map(|n| json!({"n": n})).collect();
    client
        .post("/v1/logs", &world.token("ada"), json!(misfits))
        .await
        .ok(200);
    let first = client.get(PATH, &world.token("mia")).await.ok(200);
    assert_eq!(first.json().as_array().unwrap().len(), 10);
    let second = client
        .get(&link(&first, "next").unwrap(), &world.token("mia"))
        .await
        .ok(200);
    assert_eq!(second.json()[0]["text"], r#"{"n":10}"#);
    assert_eq!(
        client
            .get(&format!("{PATH}?page=3"), &world.token("mia"))
            .await
            .told(),
        (404, 4002)
    );
    assert_eq!(
        client
            .get(&format!("{PATH}?colour=a"), &world.token("mia"))
            .await
            .told(),
        (400, 4003)
    );
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("mon", 403)]
#[case("out", 404)]
#[case("admin", 200)]
#[actix_web::test]
async fn the_list_is_for_those_who_run_the_study(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    world
        .client()
        .await
        .get(PATH, &world.token(who))
        .await
        .ok(status);
}

#[actix_web::test]
async fn a_developer_reads_what_came_from_the_own_tests_only() {
    let world = World::new();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("ada"), json!({}))
        .await
        .ok(202);
    client
        .patch(
            "/v1/studies/tsadk",
            &world.token("mia"),
            json!({"status": "draft"}),
        )
        .await
        .ok(200);
    client
        .post("/v1/logs", &world.token("dev"), json!({"test": 1}))
        .await
        .ok(202);
    client
        .get(&format!("{PATH}/1"), &world.token("dev"))
        .await
        .ok(404);
    let own = client
        .get(&format!("{PATH}/2"), &world.token("dev"))
        .await
        .ok(200);
    assert_eq!(own.json()["text"], r#"{"test":1}"#);
    assert!(own.json().get("participant").is_none(), "not even the own");
    let list = client.get(PATH, &world.token("dev")).await.ok(200);
    assert_eq!(list.header("x-total-count"), Some("1"));
    assert_eq!(list.json(), json!([own.json()]));
    let all = client.get(PATH, &world.token("mia")).await.ok(200);
    assert_eq!(all.header("x-total-count"), Some("2"));
    for id in ["99", "abc"] {
        assert_eq!(
            client
                .get(&format!("{PATH}/{id}"), &world.token("mia"))
                .await
                .told(),
            (404, 404)
        );
    }
}

/// What was received at noon of the first of June 2024, as the three forms of RFC 9110 section 5.6.7 say it.
#[rstest]
#[case("Sat, 01 Jun 2024 12:00:00 GMT", 304)]
#[case("Saturday, 01-Jun-24 12:00:00 GMT", 304)]
#[case("Sat Jun  1 12:00:00 2024", 304)]
#[case("Sun, 02 Jun 2024 00:00:00 GMT", 304)]
#[case("Sat, 01 Jun 2024 11:59:59 GMT", 200)]
#[case("Saturday, 01-Jun-24 11:59:59 GMT", 200)]
#[case("Sat Jun  1 11:59:59 2024", 200)]
#[case("2024-06-01T12:00:00Z", 200)]
#[case("yesterday", 200)]
#[actix_web::test]
async fn a_date_may_have_any_of_the_three_forms(#[case] date: &str, #[case] status: u16) {
    let world = World::new();
    let client = world.client().await;
    let sent = crate::support::post("/v1/logs").token(&world.token("ada"));
    client
        .send(sent.text("application/json", "{}"))
        .await
        .ok(202);
    let one = format!("{PATH}/1");
    let ask = || get(&one).token(&world.token("mia"));
    let read = client.send(ask()).await.ok(200);
    assert_eq!(
        read.header("last-modified"),
        Some("Sat, 01 Jun 2024 12:00:00 GMT")
    );
    let again = client
        .send(ask().header("If-Modified-Since", date))
        .await
        .ok(status);
    assert_eq!(again.bytes.is_empty(), status == 304);
    assert_eq!(again.header("etag"), read.header("etag"));
    // A tag says more than a date.
    let other = ask()
        .header("If-Modified-Since", date)
        .header("If-None-Match", "\"other\"");
    client.send(other).await.ok(200);
}

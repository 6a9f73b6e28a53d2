//! Answers that are compressed, and those that are not.

use crate::support::{Answer, Request, World, entry, get, post};
use actix_web::http::Method;
use flate2::read::GzDecoder;
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Read;

fn inflated(answer: &Answer) -> String {
    let mut text = String::new();
    GzDecoder::new(&answer.bytes[..])
        .read_to_string(&mut text)
        .unwrap();
    text
}

async fn with_entries(world: &World) {
    let batch: Vec<Value> = (1..=60).map(entry).collect();
    let answer = world
        .client()
        .await
        .post("/v1/logs", &world.token("ada"), json!(batch))
        .await
        .ok(200);
    assert_eq!(answer.json()["accepted"], 60);
}

#[rstest]
#[case("/v1/logs?page_size=60")]
#[case("/v1/studies/tsadk/export?format=csv")]
#[case("/v1/studies/tsadk/export?format=ndjson")]
#[case("/v1/utils/export/logs")]
#[case("/openapi.json")]
#[actix_web::test]
async fn a_large_answer_is_compressed_for_those_who_take_that(#[case] path: &str) {
    let world = World::new();
    with_entries(&world).await;
    let client = world.client().await;
    let ask = || get(path).token(&world.token("mia"));
    let plain = client.send(ask()).await.ok(200);
    let small = client
        .send(ask().header("Accept-Encoding", "br, gzip"))
        .await
        .ok(200);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(small.header("content-encoding"), Some("gzip"));
    assert!(small.bytes.len() * 2 < plain.bytes.len());
    assert_eq!(inflated(&small), plain.text());
    for answer in [&plain, &small] {
        let mut vary = answer.headers.get_all("vary");
        assert!(vary.any(|value| value == "Accept-Encoding"), "{answer:?}");
    }
    let (one, other) = (plain.header("etag").unwrap(), small.header("etag").unwrap());
    assert_ne!(one, other, "other bytes have another tag");
    for tag in [one, other] {
        let again = ask()
            .header("Accept-Encoding", "gzip")
            .header("If-None-Match", tag);
        let answer = client.send(again).await.ok(304);
        assert_eq!(answer.header("etag"), Some(tag));
    }
}

#[actix_web::test]
async fn what_is_small_or_secret_is_not_compressed() {
    let world = World::new();
    let client = world.client().await;
    let small = client
        .send(
            get("/v1/studies/tsadk")
                .token(&world.token("mia"))
                .header("Accept-Encoding", "gzip"),
        )
        .await
        .ok(200);
    assert_eq!(small.header("content-encoding"), None);
    let many = post("/v1/studies/tsadk/participants")
        .token(&world.token("mia"))
        .json(&json!({"count": 100}))
        .header("Accept-Encoding", "gzip");
    let secret = client.send(many).await.ok(201);
    assert!(secret.bytes.len() > 2000);
    assert_eq!(secret.header("content-encoding"), None);
    assert_eq!(secret.header("cache-control"), Some("no-store"));
    let list = get("/v1/studies/tsadk/participants?page_size=100")
        .token(&world.token("mia"))
        .header("Accept-Encoding", "gzip");
    let people = client.send(list).await.ok(200);
    assert!(people.bytes.len() > 2000);
    assert_eq!(people.header("content-encoding"), None);
}

#[actix_web::test]
async fn a_tag_of_the_compressed_form_is_good_for_a_change() {
    let world = World::new();
    let client = world.client().await;
    let long = json!({"description": "x".repeat(2000)});
    client
        .patch("/v1/studies/tsadk", &world.token("mia"), long)
        .await
        .ok(200);
    let read = client
        .send(
            get("/v1/studies/tsadk")
                .token(&world.token("mia"))
                .header("Accept-Encoding", "gzip"),
        )
        .await
        .ok(200);
    let tag = read.header("etag").unwrap();
    assert!(tag.ends_with("-gzip\""), "{tag}");
    let change = |tag: &str| {
        Request::new(Method::PATCH, "/v1/studies/tsadk")
            .token(&world.token("mia"))
            .header("If-Match", tag)
            .json(&json!({"title": "Other"}))
    };
    client.send(change(tag)).await.ok(200);
    assert_eq!(client.send(change(tag)).await.told(), (412, 412));
}

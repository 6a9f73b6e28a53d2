//! Bodies of requests: their format, compression and size.

use crate::support::{World, entry, gzip, post};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case("application/json", 201)]
#[case("application/json; charset=utf-8", 201)]
#[case("Application/JSON", 201)]
#[case("text/plain", 406)]
#[case("application/x-www-form-urlencoded", 406)]
#[case("", 406)]
#[actix_web::test]
async fn what_is_sent_says_what_it_is(#[case] content_type: &str, #[case] status: u16) {
    let world = World::new();
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text(content_type, &entry(1).to_string());
    let answer = world.client().await.send(request).await.ok(status);
    assert_eq!(
        status == 406,
        answer
            .text()
            .contains("application/json and say so in Content-Type")
            || answer
                .text()
                .contains("application/x-ndjson and say so in Content-Type")
    );
}

#[actix_web::test]
async fn a_body_may_be_compressed() {
    let world = World::new();
    let body = gzip(json!([entry(1), entry(2)]).to_string().as_bytes());
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/json", "")
        .header("Content-Encoding", "gzip");
    let answer = world.client().await.send(request.body(body)).await.ok(200);
    assert_eq!(answer.json()["accepted"], 2);
}

#[actix_web::test]
async fn a_bomb_is_stopped_at_the_limit() {
    let world = World::new();
    let client = world.client().await;
    let compressed = |body: Vec<u8>| {
        let request = post("/v1/logs")
            .token(&world.token("ada"))
            .header("Content-Type", "application/json");
        request.header("Content-Encoding", "gzip").body(body)
    };
    let bomb = client.send(compressed(gzip(&vec![b' '; 64 << 20]))).await;
    assert_eq!(bomb.told(), (413, 4131));
    let broken = client.send(compressed(b"no gzip".to_vec())).await;
    assert_eq!(broken.told(), (400, 400));
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .json(&entry(1))
        .header("Content-Encoding", "br");
    assert_eq!(client.send(request).await.told(), (415, 415));
}

#[actix_web::test]
async fn a_body_of_the_limit_is_read_and_a_larger_one_is_not() {
    let world = World::new();
    let client = world.client().await;
    let sized = |size: usize| {
        let body = format!("{}[]", " ".repeat(size - 2));
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", &body)
    };
    client.send(sized(1 << 20)).await.ok(200);
    assert_eq!(client.send(sized((1 << 20) + 1)).await.told(), (413, 4131));
    let study = post("/v1/studies")
        .token(&world.token("admin"))
        .text("application/json", &" ".repeat((1 << 20) + 1));
    assert_eq!(client.send(study).await.told(), (413, 4131));
}

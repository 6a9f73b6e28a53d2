//! `/v1/me`.

use crate::support::{World, get};
use serde_json::json;

#[actix_web::test]
async fn one_sees_the_own_account_and_no_pseudonym() {
    let world = World::new();
    let client = world.client().await;
    let ada = client.get("/v1/me", &world.token("ada")).await.ok(200);
    assert_eq!(
        ada.json(),
        json!({"username": "ada", "role": "participant", "study": "tsadk"})
    );
    let mia = client.get("/v1/me", &world.token("mia")).await.ok(200);
    assert_eq!(
        mia.json(),
        json!({"username": "mia", "role": "researcher", "study": null})
    );
    let tag = ada.header("etag").unwrap();
    client
        .send(
            get("/v1/me")
                .token(&world.token("ada"))
                .header("If-None-Match", tag),
        )
        .await
        .ok(304);
    client
        .send(
            get("/v1/me")
                .token(&world.token("mia"))
                .header("If-None-Match", tag),
        )
        .await
        .ok(200);
}

//! `/v1/me`.

use crate::support::{PASSWORD, Request, World, get};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

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

#[actix_web::test]
async fn one_changes_the_own_password_with_the_old_one() {
    let world = World::new();
    let client = world.client().await;
    for name in ["ada", "mia"] {
        let token = world.token(name);
        let seen = client.get("/v1/me", &token).await.ok(200);
        let wrong = json!({"password": "another one", "old_password": "wrong horse"});
        let refused = client.patch("/v1/me", &token, wrong).await;
        assert_eq!(refused.told(), (422, 4222));
        assert_eq!(refused.pointers(), ["/old_password"]);
        client
            .send(get("/v1/me").basic(name, PASSWORD))
            .await
            .ok(200);
        let right = json!({"password": "another one", "old_password": PASSWORD});
        let changed = client.patch("/v1/me", &token, right).await.ok(200);
        assert_eq!(changed.json(), seen.json());
        client
            .send(get("/v1/me").basic(name, PASSWORD))
            .await
            .ok(401);
        client
            .send(get("/v1/me").basic(name, "another one"))
            .await
            .ok(200);
        let put = Request::new(Method::PUT, "/v1/me")
            .token(&token)
            .header("If-Match", "\"another\"")
            .json(&json!({"password": "a third one", "old_password": "another one"}));
        assert_eq!(client.send(put).await.told(), (412, 412));
    }
}

#[rstest]
#[case(json!({"password": "long enough"}), &["/old_password"])]
#[case(json!({"old_password": PASSWORD}), &["/password"])]
#[case(json!({"old_password": PASSWORD, "password": "short"}), &["/password"])]
#[case(json!({"old_password": PASSWORD, "password": "long enough", "username": "me"}), &["/username"])]
#[actix_web::test]
async fn nothing_else_of_the_own_account_is_changed(
    #[case] body: Value,
    #[case] pointers: &[&str],
) {
    let world = World::new();
    let client = world.client().await;
    let refused = client.patch("/v1/me", &world.token("ada"), body).await;
    assert_eq!(refused.told(), (422, 4222));
    assert_eq!(refused.pointers(), pointers);
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
}

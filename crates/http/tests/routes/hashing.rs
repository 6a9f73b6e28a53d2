//! Passwords are hashed few at a time, and whoever waits for that waits in one line.

use crate::support::{PASSWORD, World, post, settings};
use serde_json::json;
use sillage_auth::Cost;
use std::cell::RefCell;
use std::collections::HashSet;
use std::num::NonZeroUsize;

#[actix_web::test]
async fn who_logs_in_while_many_accounts_are_made_waits_for_few_of_them() {
    let mut settings = settings();
    settings.generated_password_cost = Cost::new(7).unwrap();
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let ended = RefCell::new(Vec::new());
    let token = world.token("mia");
    let making = async {
        let many = json!({"count": 100});
        client
            .post("/v1/studies/tsadk/participants", &token, many)
            .await
            .ok(201);
        ended.borrow_mut().push("accounts");
    };
    let log_in = async {
        let body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": "sillage"});
        client
            .send(post("/oauth2/access_token").json(&body))
            .await
            .ok(200);
        ended.borrow_mut().push("log-in");
    };
    futures_util::future::join(making, log_in).await;
    assert_eq!(*ended.borrow(), ["log-in", "accounts"]);
}

#[actix_web::test]
async fn accounts_whose_passwords_are_hashed_side_by_side_have_each_their_own() {
    let mut settings = settings();
    settings.hashing_threads = NonZeroUsize::new(4).unwrap();
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let made = client
        .post(
            "/v1/studies/tsadk/participants",
            &world.token("mia"),
            json!({"count": 24}),
        )
        .await
        .ok(201)
        .json();
    let list = made["participants"].as_array().unwrap();
    let mut seen = HashSet::new();
    for account in list {
        let body = json!({"grant_type": "password", "username": account["username"], "password": account["password"], "client_id": "sillage"});
        client
            .send(post("/oauth2/access_token").json(&body))
            .await
            .ok(200);
        assert!(seen.insert(account["password"].to_string()));
    }
    assert_eq!(seen.len(), 24);
}

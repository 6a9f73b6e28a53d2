//! Who a request comes from.

use crate::support::{PASSWORD, Request, World, get, now, settings, signing};
use sillage_auth::{SigningKey, SigningKeys};
use sillage_domain::AccountChange;
use sillage_http::HttpSettings;
use std::time::Duration;

#[actix_web::test]
async fn a_token_is_taken_as_bearer_and_as_the_username_of_basic() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    client.get("/v1/me", &token).await.ok(200);
    client
        .send(get("/v1/me").basic(&token, "whatever"))
        .await
        .ok(200);
    client.send(get("/v1/me").basic(&token, "")).await.ok(200);
}

#[actix_web::test]
async fn a_username_and_its_password_are_taken_in_any_case_of_the_name() {
    let world = World::new();
    let client = world.client().await;
    for name in ["ada", "ADA"] {
        let answer = client
            .send(get("/v1/me").basic(name, PASSWORD))
            .await
            .ok(200);
        assert_eq!(answer.json()["username"], "ada");
    }
}

#[actix_web::test]
async fn bad_credentials_are_never_answered_with_a_basic_challenge() {
    let world = World::new();
    let client = world.client().await;
    let none = client.send(get("/v1/me")).await;
    let wrong = client
        .send(get("/v1/me").basic("ada", "wrong password"))
        .await;
    let unknown = client.send(get("/v1/me").basic("nobody", PASSWORD)).await;
    let impossible = client.send(get("/v1/me").basic("no body", PASSWORD)).await;
    let digest = client
        .send(get("/v1/me").header("Authorization", "Digest x"))
        .await;
    let empty = client
        .send(get("/v1/me").header("Authorization", "Bearer "))
        .await;
    assert_eq!(wrong.json(), unknown.json());
    assert_eq!(wrong.json(), impossible.json());
    for answer in [none, wrong, unknown, impossible, digest, empty] {
        assert_eq!(answer.told(), (401, 401));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[actix_web::test]
async fn an_expired_token_is_told_from_an_invalid_one() {
    let world = World::new();
    let client = world.client().await;
    let yesterday = now().plus_days(-1);
    let expired = world.token_of("ada", yesterday, signing());
    assert_eq!(client.get("/v1/me", &expired).await.told(), (401, 4011));
    let other = SigningKeys::new(&[SigningKey::new("test", [1; 32])]).unwrap();
    let forged = world.token_of("ada", now(), other);
    assert_eq!(client.get("/v1/me", &forged).await.told(), (401, 4013));
    assert_eq!(client.get("/v1/me", "abc").await.told(), (401, 4013));
}

#[actix_web::test]
async fn what_a_remembered_token_claims_is_not_believed_under_another_signature() {
    let world = World::new();
    let client = world.client().await;
    let (ada, bob) = (world.token("ada"), world.token("bob"));
    for token in [&ada, &bob] {
        client.get("/v1/me", token).await.ok(200);
    }
    let (claimed, signature) = ada.rsplit_once('.').unwrap();
    let (_, of_bob) = bob.rsplit_once('.').unwrap();
    let mut changed = signature.to_owned();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    changed.replace_range(..1, first);
    for other in [of_bob, changed.as_str(), &signature[..42], ""] {
        let forged = format!("{claimed}.{other}");
        assert_eq!(client.get("/v1/me", &forged).await.told(), (401, 4013));
    }
    client.get("/v1/me", &ada).await.ok(200);
}

#[actix_web::test]
async fn a_token_without_a_signature_is_invalid() {
    let world = World::new();
    let token = world.token("ada");
    let body = token.split('.').nth(1).unwrap();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    let client = world.client().await;
    assert_eq!(client.get("/v1/me", &unsigned).await.told(), (401, 4013));
    assert_eq!(
        client.send(get("/v1/me").basic(&unsigned, "")).await.told(),
        (401, 4013)
    );
}

#[actix_web::test]
async fn an_account_that_is_deactivated_is_refused_when_it_is_looked_at_again() {
    let settings = HttpSettings {
        recheck: Duration::ZERO,
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let token = world.token("ada");
    client.get("/v1/me", &token).await.ok(200);
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
    let change = AccountChange {
        active: Some(false),
        ..AccountChange::default()
    };
    world
        .ports
        .accounts
        .change_account(world.account("ada").id, &change, None)
        .unwrap();
    assert_eq!(client.get("/v1/me", &token).await.told(), (401, 401));
    assert_eq!(
        client
            .send(get("/v1/me").basic("ada", PASSWORD))
            .await
            .told(),
        (401, 401)
    );
}

#[actix_web::test]
async fn a_pair_that_was_good_is_believed_for_a_while_and_not_for_ever() {
    let believing = HttpSettings {
        recheck: Duration::from_secs(3600),
        ..settings()
    };
    let doubting = HttpSettings {
        recheck: Duration::ZERO,
        ..settings()
    };
    for (settings, status) in [(believing, 200), (doubting, 401)] {
        let world = World::with(settings, |ports| ports);
        let client = world.client().await;
        client
            .send(get("/v1/me").basic("ada", PASSWORD))
            .await
            .ok(200);
        let change = AccountChange {
            password_hash: Some(world.hash("another password")),
            ..AccountChange::default()
        };
        world
            .ports
            .accounts
            .change_account(world.account("ada").id, &change, None)
            .unwrap();
        client
            .send(get("/v1/me").basic("ada", PASSWORD))
            .await
            .ok(status);
    }
}

#[actix_web::test]
async fn a_token_of_an_account_that_is_gone_is_invalid() {
    let world = World::new();
    let other = World::new();
    // The same keys, and another subject.
    let foreign = other.token("ada");
    assert_eq!(
        world.client().await.get("/v1/me", &foreign).await.told(),
        (401, 4013)
    );
}

#[actix_web::test]
async fn every_path_asks_who_is_there_unless_it_is_for_everybody() {
    let world = World::new();
    let client = world.client().await;
    let description = client.send(get("/openapi.json")).await.ok(200).json();
    let mut asked = 0;
    for (path, operations) in description["paths"].as_object().unwrap() {
        let uri = path
            .replace("{study}", "tsadk")
            .replace("{client_id}", "sillage")
            .replace("{username}", "ada")
            .replace("{number}", "1")
            .replace("{id}", "1");
        for (method, operation) in operations.as_object().unwrap() {
            if operation["security"] == serde_json::json!([{}]) {
                continue;
            }
            asked += 1;
            let request = Request::new(method.to_uppercase().parse().unwrap(), &uri);
            // A body that is not read must not matter.
            let request = request.text("application/json", "{}");
            assert_eq!(
                client.send(request).await.told(),
                (401, 401),
                "{method} {path}"
            );
        }
    }
    assert!(asked > 15, "{asked}");
}

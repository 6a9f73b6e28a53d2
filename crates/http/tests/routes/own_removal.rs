//! `DELETE /v1/me`.

use crate::support::{Answer, PASSWORD, Request, World, entry, get, new_study, post, settings};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{StudyRole, StudyStatus};
use std::time::Duration;

const ERASE: &str = "/v1/me?mode=erase";
const ANONYMISE: &str = "/v1/me?mode=anonymise";
const LOGS: &str = "/v1/logs?study=tsadk";

fn delete(uri: &str) -> Request {
    Request::new(Method::DELETE, uri)
}

/// With a token, and the password in the body.
fn proven(uri: &str, token: &str) -> Request {
    delete(uri)
        .token(token)
        .json(&json!({"password": PASSWORD}))
}

/// A world in which `ada` and `bob` have played, and `ada` has sent something that does not fit.
async fn played() -> World {
    let world = World::new();
    let client = world.client().await;
    for name in ["ada", "bob"] {
        let batch = json!([entry(1), entry(2)]);
        client
            .post("/v1/logs", &world.token(name), batch)
            .await
            .ok(200);
    }
    let misfit = json!({"id": 7, "secret": "of ada"});
    let misfit = post("/v1/logs").token(&world.token("ada")).json(&misfit);
    client.send(misfit).await.ok(202);
    world
}

fn is_there(world: &World, username: &str) -> bool {
    let username = username.parse().unwrap();
    world
        .ports
        .accounts
        .account_by_username(&username)
        .unwrap()
        .is_some()
}

#[actix_web::test]
async fn who_leaves_by_erasure_leaves_tombstones() {
    let world = played().await;
    let client = world.client().await;
    let (ada, bob) = (world.token("ada"), world.token("bob"));
    client.get("/v1/me", &ada).await.ok(200);
    let gone = client.send(proven(ERASE, &ada)).await.ok(204);
    assert!(gone.bytes.is_empty());
    assert_eq!(gone.header("cache-control"), Some("no-store"));
    assert!(!is_there(&world, "ada"));
    assert_eq!(client.get("/v1/me", &ada).await.told(), (401, 4013));
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(401);
    client.post("/v1/logs", &ada, entry(3)).await.ok(401);
    let manager = world.token("mia");
    let left = client.get(LOGS, &manager).await.ok(200);
    assert_eq!(left.header("x-total-count"), Some("2"));
    let bobs = client.get("/v1/me/logs", &bob).await.ok(200);
    assert_eq!(bobs.header("x-total-count"), Some("2"));
    let tombstones = client
        .get(&format!("{LOGS}&status=deleted"), &manager)
        .await
        .ok(200);
    assert_eq!(tombstones.header("x-total-count"), Some("2"));
    assert!(!tombstones.text().contains("salleForet"));
    let quarantine = client
        .get("/v1/studies/tsadk/quarantine", &manager)
        .await
        .ok(200);
    assert_eq!(quarantine.json(), json!([]));
}

#[actix_web::test]
async fn who_leaves_anonymously_leaves_what_was_done() {
    let world = played().await;
    let client = world.client().await;
    let manager = world.token("mia");
    let before = client.get(LOGS, &manager).await.ok(200);
    client
        .send(proven(ANONYMISE, &world.token("ada")))
        .await
        .ok(204);
    assert!(!is_there(&world, "ada"));
    let after = client.get(LOGS, &manager).await.ok(200);
    assert_eq!(after.json(), before.json());
}

#[rstest]
#[case(ERASE, None)]
#[case(ANONYMISE, None)]
#[case(ANONYMISE, Some(json!(null)))]
#[case(ANONYMISE, Some(json!({})))]
#[case(ANONYMISE, Some(json!({"password": null})))]
#[case(ANONYMISE, Some(json!({"password": "wrong horse"})))]
#[actix_web::test]
async fn a_token_alone_deletes_nobody(#[case] uri: &str, #[case] body: Option<Value>) {
    let world = World::new();
    let client = world.client().await;
    for name in ["ada", "out", "admin"] {
        let uri = if name == "ada" { uri } else { ANONYMISE };
        let request = delete(uri).token(&world.token(name));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let refused = client.send(request).await;
        assert_eq!(refused.told(), (422, 4222), "{name}");
        assert_eq!(refused.pointers(), ["/password"], "{name}");
        assert!(is_there(&world, name));
    }
}

#[actix_web::test]
async fn the_password_by_http_basic_is_enough() {
    let world = World::new();
    let client = world.client().await;
    // A token in the place of the username is a token.
    let token = delete(ANONYMISE).basic(&world.token("ada"), PASSWORD);
    assert_eq!(client.send(token).await.told(), (422, 4222));
    let wrong = delete(ANONYMISE).basic("ada", "wrong horse");
    client.send(wrong).await.ok(401);
    // What the body says counts, whatever the credentials were.
    let doubtful = delete(ANONYMISE)
        .basic("ada", PASSWORD)
        .json(&json!({"password": "no"}));
    assert_eq!(client.send(doubtful).await.told(), (422, 4222));
    assert!(is_there(&world, "ada"));
    client
        .send(delete(ANONYMISE).basic("ada", PASSWORD))
        .await
        .ok(204);
    assert!(!is_there(&world, "ada"));
}

#[actix_web::test]
async fn wrong_passwords_count_as_failed_log_ins() {
    let mut settings = settings();
    settings.rates.failed_log_ins.free = 3;
    settings.rates.failed_log_ins.first_delay = Duration::from_secs(30);
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let guess = |password: &str| {
        let body = json!({"password": password});
        delete(ERASE)
            .token(&world.token("ada"))
            .json(&body)
            .from("192.0.2.1")
    };
    for n in 0..3 {
        client.send(guess(&format!("guess {n}"))).await.ok(422);
    }
    let told = |answer: Answer| answer.told();
    assert_eq!(told(client.send(guess("guess 4")).await), (429, 4292));
    assert_eq!(told(client.send(guess(PASSWORD)).await), (429, 4292));
    assert!(is_there(&world, "ada"));
}

#[rstest]
#[case("", "mode")]
#[case("?dry_run=true", "mode")]
#[case("?mode=", "mode")]
#[case("?mode=delete", "mode")]
#[case("?mode=erase&dry_run=perhaps", "dry_run")]
#[case("?mode=erase&force=true", "force")]
#[actix_web::test]
async fn how_one_leaves_is_never_guessed(#[case] query: &str, #[case] parameter: &str) {
    let world = World::new();
    let client = world.client().await;
    let request = proven(&format!("/v1/me{query}"), &world.token("ada"));
    let answer = client.send(request).await.ok(400);
    assert_eq!(answer.json()["errors"][0]["parameter"], parameter);
    assert!(is_there(&world, "ada"));
}

#[actix_web::test]
async fn a_dry_run_says_what_would_go_and_asks_for_no_password() {
    let world = played().await;
    let client = world.client().await;
    // More than ten, which others would be told in a step.
    let more: Vec<_> = (10..22).map(entry).collect();
    let token = world.token("ada");
    client.post("/v1/logs", &token, json!(more)).await.ok(200);
    let ada = client
        .send(delete(&format!("{ERASE}&dry_run=true")).token(&token))
        .await
        .ok(200);
    let mut ada = ada.json();
    assert_eq!(ada["counts"].take()["entries"], 14, "one's own, exactly");
    assert_eq!(
        ada,
        json!({
            "counts": null, "bytes_stay": false,
            "username": "ada", "mode": "erase", "dry_run": true, "keeps": ["tombstones_of_entries"],
            "removes": ["account", "log_ins", "link_to_entries", "content_of_entries", "quarantined_texts"],
        })
    );
    let dev = client
        .send(delete(&format!("{ANONYMISE}&dry_run=true")).token(&world.token("dev")))
        .await
        .ok(200);
    let mut dev = dev.json();
    assert_eq!(dev["counts"].take()["memberships"], 1);
    assert_eq!(
        dev,
        json!({
            "counts": null, "bytes_stay": false,
            "username": "dev", "mode": "anonymise", "dry_run": true, "keeps": ["test_entries"],
            "removes": ["account", "log_ins", "memberships"],
        })
    );
    assert!(is_there(&world, "ada") && is_there(&world, "dev"));
}

#[actix_web::test]
async fn only_the_account_that_was_seen_is_deleted() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let stale = proven(ERASE, &token).header("If-Match", "\"another\"");
    assert_eq!(client.send(stale).await.told(), (412, 412));
    let seen = client.get("/v1/me", &token).await.ok(200);
    let tag = seen.header("etag").unwrap();
    client
        .send(proven(ERASE, &token).header("If-Match", tag))
        .await
        .ok(204);
}

#[actix_web::test]
async fn a_narrower_token_of_who_runs_studies_deletes_nobody() {
    let world = World::new();
    let client = world.client().await;
    let asked = |name: &str, scope: &str| {
        let body = json!({
            "grant_type": "password", "client_id": "sillage", "username": name, "password": PASSWORD, "scope": scope,
        });
        post("/oauth2/access_token").json(&body)
    };
    for (name, scope) in [("out", "participant"), ("ada", "me"), ("ada", "logs:write")] {
        let token = client.send(asked(name, scope)).await.ok(200).json();
        let token = token["access_token"].as_str().unwrap().to_owned();
        let refused = client.send(proven(ANONYMISE, &token)).await;
        assert_eq!(refused.told(), (403, 403), "{name} {scope}");
        assert!(is_there(&world, name));
    }
}

#[actix_web::test]
async fn who_runs_studies_leaves_if_others_are_left() {
    let world = World::new();
    let client = world.client().await;
    let erase = client
        .send(proven(ERASE, &world.token("out")))
        .await
        .ok(400);
    assert_eq!(erase.json()["errors"][0]["parameter"], "mode");
    for name in ["out", "ann", "dev"] {
        let token = world.token(name);
        client.send(proven(ANONYMISE, &token)).await.ok(204);
        assert!(!is_there(&world, name));
        client.get("/v1/me", &token).await.ok(401);
    }
    // Nobody else manages the study, and nobody else the server.
    let manager = client.send(proven(ANONYMISE, &world.token("mia"))).await;
    assert_eq!(manager.told(), (409, 409));
    assert!(manager.text().contains("`tsadk`"), "{}", manager.text());
    let admin = client.send(proven(ANONYMISE, &world.token("admin"))).await;
    assert_eq!(admin.told(), (409, 409));
    assert!(is_there(&world, "mia") && is_there(&world, "admin"));
    let token = world.token("admin");
    let uri = "/v1/studies/tsadk/members/mon";
    client
        .patch(uri, &token, json!({"role": "manager"}))
        .await
        .ok(200);
    client
        .send(proven(ANONYMISE, &world.token("mia")))
        .await
        .ok(204);
}

#[actix_web::test]
async fn the_test_entries_of_who_leaves_stay_with_their_study() {
    let world = World::new();
    let client = world.client().await;
    let dev = world.account("dev");
    let study = new_study(&world.ports, "draft", StudyStatus::Draft);
    let role = StudyRole::Developer;
    world
        .ports
        .accounts
        .put_member(study.id, dev.id, role)
        .unwrap();
    let sent = post("/v1/logs?study=draft")
        .token(&world.token("dev"))
        .json(&entry(1));
    client.send(sent).await.ok(201);
    client
        .send(proven(ANONYMISE, &world.token("dev")))
        .await
        .ok(204);
    let left = client
        .get("/v1/logs?study=draft", &world.token("admin"))
        .await
        .ok(200);
    assert_eq!(left.header("x-total-count"), Some("1"));
}

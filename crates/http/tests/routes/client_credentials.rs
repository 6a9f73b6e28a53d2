//! `grant_type=client_credentials`: a game's server that acts for itself.

use crate::support::{
    Answer, Client, Request, World, entry, get, new_account, new_study, now, over, post, settings,
};
use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{GrantType, NewClient, StudyStatus};
use sillage_http::HttpSettings;
use std::time::Duration;

/// A client that was registered over HTTP.
struct GameServer {
    id: String,
    secret: String,
}

impl GameServer {
    async fn register<S>(world: &World, client: &Client<S>, scope: &str) -> Self
    where
        S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>,
    {
        let body = json!({
            "name": "Game server", "study": "tsadk", "type": "confidential", "grants": ["client_credentials", "refresh_token"],
            "scope": scope,
        });
        let made = client.post("/v1/clients", &world.token("dev"), body).await;
        let made = made.ok(201).json();
        Self {
            id: made["client_id"].as_str().unwrap().to_owned(),
            secret: made["client_secret"].as_str().unwrap().to_owned(),
        }
    }

    fn asks(&self, scope: Option<&str>) -> Request {
        let body = json!({"grant_type": "client_credentials", "scope": scope});
        post("/oauth2/access_token")
            .basic(&self.id, &self.secret)
            .json(&body)
    }

    async fn token<S>(&self, client: &Client<S>) -> String
    where
        S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>,
    {
        let json = client.send(self.asks(None)).await.ok(200).json();
        json["access_token"].as_str().unwrap().to_owned()
    }
}

fn named(n: u32, participant: &str) -> Value {
    let mut entry = entry(n);
    entry["participant"] = json!(participant);
    entry
}

fn refused(answer: &Answer) -> (u16, String) {
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    (answer.status.as_u16(), error)
}

#[actix_web::test]
async fn a_game_server_sends_for_several_participants_in_one_batch() {
    let world = World::new();
    let client = world.client().await;
    let server = GameServer::register(&world, &client, "logs:write").await;
    let answer = client.send(server.asks(None)).await.ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let json = answer.json();
    assert_eq!(
        (
            &json["token_type"],
            &json["scope"],
            json.get("refresh_token")
        ),
        (&json!("Bearer"), &json!("logs:write"), None)
    );
    let token = json["access_token"].as_str().unwrap();
    let batch = json!([named(1, "ada"), named(2, "BOB"), named(3, "ada")]);
    let sent = client.post("/v1/logs", token, batch).await.ok(200);
    assert_eq!(sent.json()["accepted"], 3);
    let pseudonym = world.pseudonym("ada").to_string();
    assert!(!sent.text().contains(&pseudonym));
    let listed = client.get("/v1/logs", &world.token("mia")).await;
    let listed = listed.ok(200).json();
    let of = |n: usize| listed[n]["participant"].as_str().unwrap().to_owned();
    let bob = world.pseudonym("bob").to_string();
    assert_eq!([of(0), of(1), of(2)], [pseudonym.clone(), bob, pseudonym]);
    let one = client.post("/v1/logs", token, named(4, "bob")).await;
    one.ok(201);
}

#[actix_web::test]
async fn a_game_server_names_nobody_outside_its_study() {
    let world = World::new();
    let other = new_study(&world.ports, "waves", StudyStatus::Open);
    let accounts = &world.ports.accounts;
    accounts
        .enrol(other.id, &[new_account("wim")], now())
        .unwrap();
    let client = world.client().await;
    let server = GameServer::register(&world, &client, "all").await;
    let token = server.token(&client).await;
    let foreign = json!([named(1, "ada"), named(2, "wim")]);
    let foreign = client.post("/v1/logs", &token, foreign).await;
    assert_eq!(foreign.told(), (403, 4033));
    assert_eq!(foreign.pointers(), ["/1/participant"]);
    let elsewhere = client.post("/v1/logs?study=waves", &token, entry(3)).await;
    assert_eq!(elsewhere.told(), (404, 404));

    // Somebody who is nobody's, and nobody at all: kept, but not whose.
    let strict = post("/v1/logs")
        .token(&token)
        .header("Prefer", "handling=strict");
    let unknown = client.send(strict.json(&named(4, "nobody"))).await;
    assert_eq!(
        (unknown.told(), unknown.pointers()),
        ((422, 4222), vec!["/participant".to_owned()])
    );
    let kept = client
        .post("/v1/logs", &token, json!([named(5, "nobody"), entry(6)]))
        .await;
    assert_eq!(kept.ok(200).json()["quarantined"], 2);
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (0, 2));
}

#[actix_web::test]
async fn a_game_server_has_no_account_and_sees_no_data() {
    let world = World::new();
    let client = world.client().await;
    let server = GameServer::register(&world, &client, "all").await;
    let token = server.token(&client).await;
    client
        .post("/v1/logs", &token, named(1, "ada"))
        .await
        .ok(201);
    for path in [
        "/v1/me",
        "/v1/logs",
        "/v1/logs/1",
        "/v1/clients",
        "/v1/studies/tsadk/stats",
        "/v1/studies/tsadk/participants",
        "/v1/studies/tsadk/participants/ada",
        "/v1/studies/tsadk/quarantine",
        "/v1/studies/tsadk/export?view=full",
        "/v1/utils/export/logs?study=tsadk",
    ] {
        assert_eq!(client.get(path, &token).await.told(), (403, 403), "{path}");
    }
    let patch = client.patch("/v1/studies/tsadk", &token, json!({"status": "closed"}));
    assert_eq!(patch.await.told(), (403, 403));
    let bought = get("/v1/utils/token").token(&token);
    assert_eq!(client.send(bought).await.told(), (401, 401));
    let study = client.get("/v1/studies/tsadk", &token).await.ok(200).json();
    assert_eq!(
        (&study["status"], study.get("revision")),
        (&json!("open"), None)
    );
    let studies = client.get("/v1/studies", &token).await.ok(200);
    assert_eq!(studies.json().as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_game_server_does_what_its_scope_says() {
    let world = World::new();
    let client = world.client().await;
    let server = GameServer::register(&world, &client, "logs:write study:read").await;
    let narrow = client
        .send(server.asks(Some("study:read")))
        .await
        .ok(200)
        .json();
    let narrow = narrow["access_token"].as_str().unwrap();
    client.get("/v1/studies/tsadk", narrow).await.ok(200);
    let sent = client.post("/v1/logs", narrow, named(1, "ada")).await;
    assert_eq!(sent.status, 403);
    for scope in ["all", "me", "nonsense"] {
        let more = client.send(server.asks(Some(scope))).await;
        assert_eq!(refused(&more), (400, "invalid_scope".to_owned()));
    }
    // What the client may no longer ask for, its tokens no longer hold.
    let token = server.token(&client).await;
    let change = json!({"scope": "study:read"});
    let path = format!("/v1/clients/{}", server.id);
    client
        .patch(&path, &world.token("dev"), change)
        .await
        .ok(200);
    let sent = client.post("/v1/logs", &token, named(2, "ada")).await;
    assert_eq!(sent.status, 403);
}

#[rstest]
#[case(Some("tsadk"), None)]
#[case(None, Some("a secret"))]
#[actix_web::test]
async fn who_has_no_secret_or_no_study_does_not_act_for_itself(
    #[case] study: Option<&str>,
    #[case] secret: Option<&str>,
) {
    let world = World::new();
    let new = NewClient {
        id: "odd".parse().unwrap(),
        name: "Odd".to_owned(),
        study: study.map(|_| world.study.id),
        secret_hash: secret.map(|text| sillage_auth::hash_secret(&sillage_auth::Secret::new(text))),
        grants: vec![GrantType::ClientCredentials],
        scope: "all".to_owned(),
    };
    world.ports.clients.register_client(&new, now()).unwrap();
    let body =
        json!({"grant_type": "client_credentials", "client_id": "odd", "client_secret": secret});
    let client = world.client().await;
    let answer = client.send(post("/oauth2/access_token").json(&body)).await;
    assert_eq!(refused(&answer), (400, "unauthorized_client".to_owned()));
}

#[rstest]
#[case(Method::PATCH, "", json!({"active": false}))]
#[case(Method::POST, "/secret", json!({}))]
#[case(Method::DELETE, "", json!({}))]
#[actix_web::test]
async fn a_game_servers_tokens_end_with_it(
    #[case] method: Method,
    #[case] below: &str,
    #[case] body: Value,
) {
    let doubting = HttpSettings {
        recheck: Duration::ZERO,
        ..settings()
    };
    let here = World::new();
    let there = over(&here, doubting);
    let (client, elsewhere) = (here.client().await, there.client().await);
    let server = GameServer::register(&here, &client, "all").await;
    let token = server.token(&client).await;
    client
        .post("/v1/logs", &token, named(1, "ada"))
        .await
        .ok(201);
    elsewhere
        .post("/v1/logs", &token, named(2, "ada"))
        .await
        .ok(201);
    let path = format!("/v1/clients/{}", server.id);
    let end = Request::new(method.clone(), &format!("{path}{below}"));
    let ended = client.send(end.token(&here.token("dev")).json(&body)).await;
    assert!(ended.status.is_success(), "{ended:?}");
    for node in [&client, &elsewhere] {
        let refused = node.post("/v1/logs", &token, named(3, "ada")).await;
        assert_eq!(refused.told(), (401, 4012), "{method}");
    }
    if method == Method::PATCH {
        let back = json!({"active": true});
        client.patch(&path, &here.token("dev"), back).await.ok(200);
        let refused = client.post("/v1/logs", &token, named(3, "ada")).await;
        assert_eq!(refused.told(), (401, 4012));
        server.token(&client).await;
    }
}

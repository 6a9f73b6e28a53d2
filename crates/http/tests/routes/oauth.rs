//! `/oauth2/revoke`, `/oauth2/introspect` and `/.well-known/oauth-authorization-server`.

use crate::client::{Client, Request};
use crate::support::{
    Answer, PASSWORD, World, get, new_account, new_study, now, over, post, settings,
};
use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_auth::{Secret, hash_secret};
use sillage_domain::{ClientChange, GrantType, NewClient, StudyId, StudyStatus};
use sillage_http::HttpSettings;

const SECRET: &str = "a secret of 43 characters, or nearly so many";

fn register(world: &World, id: &str, study: Option<StudyId>) {
    let new = NewClient {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        study,
        secret_hash: Some(hash_secret(&Secret::new(SECRET))),
        grants: GrantType::ALL.to_vec(),
        scope: "all".to_owned(),
    };
    world.ports.clients.register_client(&new, now()).unwrap();
}

trait Asks {
    /// Access token and refresh token of somebody, by that client.
    async fn log_in(&self, username: &str, client: Value) -> (String, String);
    async fn status(&self, token: &str) -> u64;
    async fn ask(&self, path: &str, token: &str, client: Value) -> Answer;
}

impl<S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>> Asks
    for Client<S>
{
    async fn log_in(&self, username: &str, client: Value) -> (String, String) {
        let body = with(
            json!({"grant_type": "password", "username": username, "password": PASSWORD}),
            client,
        );
        let answer = self.send(post("/oauth2/access_token").json(&body)).await;
        let json = answer.ok(200).json();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    async fn status(&self, token: &str) -> u64 {
        let answer = self.get("/v1/me", token).await;
        match answer.status.as_u16() {
            200 => 200,
            _ => answer.told().1,
        }
    }

    async fn ask(&self, path: &str, token: &str, client: Value) -> Answer {
        self.send(post(path).json(&with(json!({"token": token}), client)))
            .await
    }
}

fn with(mut body: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn public() -> Value {
    json!({"client_id": "sillage"})
}

fn game() -> Value {
    json!({"client_id": "game", "client_secret": SECRET})
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    let json = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &json["error"]),
        (status, &json!(error)),
        "{json}"
    );
    assert!(!json["error_description"].as_str().unwrap().is_empty());
    assert!(!json["errors"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn a_refresh_token_revokes_the_log_in() {
    let world = World::new();
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", public()).await;
    let answer = client
        .ask("/oauth2/revoke", &refresh, public())
        .await
        .ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(client.status(&access).await, 4012);
    let again = with(
        json!({"grant_type": "refresh_token", "refresh_token": refresh}),
        public(),
    );
    let again = client.send(post("/oauth2/access_token").json(&again)).await;
    refused(&again, 400, "invalid_grant");
}

#[actix_web::test]
async fn an_access_token_revokes_the_access_tokens_of_its_log_in_alone() {
    let world = World::new();
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", public()).await;
    let (other, _) = client.log_in("ada", public()).await;
    client
        .ask("/oauth2/revoke", &access, public())
        .await
        .ok(200);
    assert_eq!(client.status(&access).await, 4012);
    assert_eq!(client.status(&other).await, 200);
    let again = with(
        json!({"grant_type": "refresh_token", "refresh_token": refresh}),
        public(),
    );
    let renewed = client.send(post("/oauth2/access_token").json(&again)).await;
    let renewed = renewed.ok(200).json();
    assert_eq!(
        client
            .status(renewed["access_token"].as_str().unwrap())
            .await,
        200
    );
}

#[actix_web::test]
async fn the_token_of_tsadk_is_revoked_by_whoever_has_it() {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .send(get("/v1/utils/token").basic("ada", PASSWORD))
        .await;
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(client.status(&token).await, 200);
    client.ask("/oauth2/revoke", &token, public()).await.ok(200);
    assert_eq!(client.status(&token).await, 4012);
}

#[rstest]
#[case(json!({}))]
#[case(json!({"token_type_hint": "refresh_token"}))]
#[case(json!({"token_type_hint": "access_token"}))]
#[case(json!({"token_type_hint": "something else"}))]
#[actix_web::test]
async fn a_hint_changes_nothing(#[case] hint: Value) {
    let world = World::new();
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", public()).await;
    for token in [&access, &refresh] {
        let body = with(hint.clone(), public());
        client.ask("/oauth2/revoke", token, body).await.ok(200);
    }
    assert_eq!(client.status(&access).await, 4012);
}

#[actix_web::test]
async fn what_is_no_token_is_revoked_already() {
    let world = World::new();
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", public()).await;
    client
        .ask("/oauth2/revoke", &refresh, public())
        .await
        .ok(200);
    for token in ["x", "", "a.b.c", &refresh, &access] {
        client.ask("/oauth2/revoke", token, public()).await.ok(200);
    }
    let form = post("/oauth2/revoke").text(
        "application/x-www-form-urlencoded",
        "token=x&client_id=sillage",
    );
    client.send(form).await.ok(200);
}

#[actix_web::test]
async fn a_client_revokes_its_own_tokens_only_and_says_who_it_is() {
    let world = World::new();
    register(&world, "game", None);
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", game()).await;
    for token in [&access, &refresh] {
        let foreign = client.ask("/oauth2/revoke", token, public()).await;
        refused(&foreign, 400, "invalid_grant");
        let wrong = json!({"client_id": "game", "client_secret": "another"});
        let wrong = client.ask("/oauth2/revoke", token, wrong).await;
        refused(&wrong, 401, "invalid_client");
        let nobody = client.ask("/oauth2/revoke", token, json!({})).await;
        refused(&nobody, 401, "invalid_client");
    }
    assert_eq!(client.status(&access).await, 200);
    let nothing = client.send(post("/oauth2/revoke").json(&game())).await;
    refused(&nothing, 400, "invalid_request");
    assert_eq!(nothing.pointers(), ["/token"]);
    let by_header = post("/oauth2/revoke")
        .json(&json!({"token": refresh}))
        .basic("game", &SECRET.replace(' ', "+").replace(',', "%2C"));
    client.send(by_header).await.ok(200);
    assert_eq!(client.status(&access).await, 4012);
}

#[actix_web::test]
async fn a_client_does_not_renew_with_the_token_of_another() {
    let world = World::new();
    register(&world, "game", None);
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", game()).await;
    let body = with(
        json!({"grant_type": "refresh_token", "refresh_token": refresh}),
        public(),
    );
    let foreign = client.send(post("/oauth2/access_token").json(&body)).await;
    refused(&foreign, 400, "invalid_grant");
    // Nothing was used up.
    let own = with(body, game());
    client
        .send(post("/oauth2/access_token").json(&own))
        .await
        .ok(200);
    assert_eq!(client.status(&access).await, 200);
}

const INACTIVE: &str = r#"{"active":false}"#;

#[actix_web::test]
async fn a_client_is_told_what_its_tokens_are_good_for() {
    let world = World::new();
    register(&world, "game", None);
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", game()).await;
    let answer = client
        .ask("/oauth2/introspect", &access, game())
        .await
        .ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let issued = now().micros() / 1_000_000;
    assert_eq!(
        answer.json(),
        json!({
            "active": true, "scope": "participant", "client_id": "game", "username": "ada",
            "token_type": "Bearer", "iat": issued, "exp": issued + 86_400,
        })
    );
    let answer = client
        .ask("/oauth2/introspect", &refresh, game())
        .await
        .ok(200);
    assert_eq!(
        answer.json(),
        json!({
            "active": true, "scope": "participant", "client_id": "game", "username": "ada", "iat": issued,
        })
    );
    client.ask("/oauth2/revoke", &access, game()).await.ok(200);
    let gone = client
        .ask("/oauth2/introspect", &access, game())
        .await
        .ok(200);
    assert_eq!(gone.text(), INACTIVE);
}

#[actix_web::test]
async fn neither_a_subject_nor_a_pseudonym_stands_beside_a_username() {
    let world = World::new();
    let client = world.client().await;
    let (access, refresh) = client.log_in("ada", public()).await;
    let admin = world.token("admin");
    let subject: String = world
        .account("ada")
        .subject
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let pseudonym = world.pseudonym("ada").to_string();
    for token in [&access, &refresh] {
        let ask = post("/oauth2/introspect").json(&json!({"token": token}));
        let answer = client.send(ask.token(&admin)).await.ok(200);
        assert_eq!(answer.json()["username"], "ada");
        let plain = answer.text().replace('-', "");
        assert!(!plain.contains(&subject), "{plain}");
        assert!(!answer.text().contains(&pseudonym), "{plain}");
    }
}

#[actix_web::test]
async fn a_client_of_a_study_knows_the_access_tokens_of_its_participants() {
    let world = World::new();
    let elsewhere = new_study(&world.ports, "maze", StudyStatus::Open);
    world
        .ports
        .accounts
        .enrol(elsewhere.id, &[new_account("zoe")], now())
        .unwrap();
    register(&world, "game", Some(world.study.id));
    let client = world.client().await;
    let ask = async |token: &str| {
        let answer = client
            .ask("/oauth2/introspect", token, game())
            .await
            .ok(200);
        answer.json()["active"].as_bool().unwrap()
    };
    let (ada, refresh) = client.log_in("ada", public()).await;
    assert!(ask(&ada).await);
    // A refresh token is for the client that got it, and for nobody else's eyes.
    assert!(!ask(&refresh).await);
    assert!(!ask(&client.log_in("zoe", public()).await.0).await);
    assert!(!ask(&client.log_in("mia", public()).await.0).await);
    assert!(!ask("x").await);
}

#[actix_web::test]
async fn who_has_no_right_to_ask_is_told_nothing() {
    let world = World::new();
    register(&world, "game", None);
    let client = world.client().await;
    let (access, _) = client.log_in("ada", public()).await;
    let public = client.ask("/oauth2/introspect", &access, public()).await;
    refused(&public, 401, "invalid_client");
    let nobody = client.ask("/oauth2/introspect", &access, json!({})).await;
    refused(&nobody, 401, "invalid_client");
    let nothing = client.send(post("/oauth2/introspect").json(&game())).await;
    refused(&nothing, 400, "invalid_request");
    let of_another = client
        .ask("/oauth2/introspect", &access, game())
        .await
        .ok(200);
    assert_eq!(of_another.text(), INACTIVE);
    for username in ["ada", "mia", "ann", "out"] {
        let token = world.token(username);
        let ask = post("/oauth2/introspect").json(&json!({"token": access}));
        let answer = client.send(ask.token(&token)).await;
        assert_eq!(answer.told(), (403, 403), "{username}");
        refused(&answer, 403, "insufficient_scope");
    }
    let forged = post("/oauth2/introspect").json(&json!({"token": access}));
    let forged = client.send(forged.token("a.b.c")).await;
    assert_eq!(forged.told(), (401, 4013));
    refused(&forged, 401, "invalid_token");
    let (admin, _) = client.log_in("admin", self::public()).await;
    client
        .ask("/oauth2/revoke", &admin, self::public())
        .await
        .ok(200);
    let ended = post("/oauth2/introspect").json(&json!({"token": access}));
    let ended = client.send(ended.token(&admin)).await;
    assert_eq!(ended.told(), (401, 4012));
    assert_eq!(ended.header("www-authenticate"), Some("Bearer"));
    refused(&ended, 401, "invalid_token");
}

#[actix_web::test]
async fn a_token_is_good_for_what_its_client_may_still_do() {
    let world = World::new();
    register(&world, "game", None);
    let client = world.client().await;
    let (access, refresh) = client.log_in("mia", game()).await;
    let admin = world.token("admin");
    let ask = async |token: &str| {
        let ask = post("/oauth2/introspect").json(&json!({"token": token}));
        client.send(ask.token(&admin)).await.ok(200).json()
    };
    assert_ne!(ask(&access).await["scope"], "logs:read");
    let change = async |body: Value| {
        let changed = client.patch("/v1/clients/game", &admin, body);
        changed.await.ok(200);
    };
    change(json!({"scope": "logs:read"})).await;
    for token in [&access, &refresh] {
        assert_eq!(ask(token).await["scope"], "logs:read");
    }
    change(json!({"active": false})).await;
    for token in [&access, &refresh] {
        assert_eq!(ask(token).await, json!({"active": false}));
    }
}

#[actix_web::test]
async fn the_server_describes_itself() {
    let world = World::new();
    let client = world.client().await;
    let path = "/.well-known/oauth-authorization-server";
    let answer = client.send(Request::new("GET".parse().unwrap(), path).without("User-Agent"));
    let json = answer.await.ok(200).json();
    assert_eq!(json["issuer"], "http://sillage.test");
    assert_eq!(
        json["token_endpoint"],
        "http://sillage.test/oauth2/access_token"
    );
    assert_eq!(
        json["revocation_endpoint"],
        "http://sillage.test/oauth2/revoke"
    );
    assert_eq!(
        json["introspection_endpoint"],
        "http://sillage.test/oauth2/introspect"
    );
    assert_eq!(json["response_types_supported"], json!([]));
    let grants = &json["grant_types_supported"];
    assert_eq!(
        *grants,
        json!(["password", "refresh_token", "client_credentials"])
    );
}

#[actix_web::test]
async fn the_description_is_before_the_base_path_and_names_it() {
    let settings = HttpSettings {
        base_path: "/tsadk/api".to_owned(),
        ..settings()
    };
    let world = over(&World::new(), settings);
    let client = world.client().await;
    let path = "/.well-known/oauth-authorization-server";
    let json = client
        .send(get(&format!("{path}/tsadk/api")))
        .await
        .ok(200)
        .json();
    assert_eq!(json["issuer"], "http://sillage.test/tsadk/api");
    for (name, value) in json.as_object().unwrap() {
        if name.ends_with("_endpoint") {
            let value = value.as_str().unwrap();
            let path = value.strip_prefix("http://sillage.test").unwrap();
            // It is there: the request lacks everything, and nobody says that the path does.
            let answer = client.send(post(path).json(&json!({}))).await;
            assert!([400, 401].contains(&answer.status.as_u16()), "{name}");
        }
    }
    assert_eq!(client.send(get(path)).await.told(), (404, 404));
    let described = client.send(get("/openapi.json")).await.json();
    assert!(
        described["paths"]
            .get(format!("{path}/tsadk/api"))
            .is_some()
    );
}

#[actix_web::test]
async fn what_a_client_may_no_longer_its_tokens_may_no_longer() {
    let settings = HttpSettings {
        recheck: std::time::Duration::ZERO,
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    register(&world, "game", None);
    let id = "game".parse().unwrap();
    let change = |change: ClientChange| {
        let clients = &world.ports.clients;
        clients.change_client(&id, &change, None).unwrap();
    };
    let client = world.client().await;
    let (access, refresh) = client.log_in("mia", game()).await;
    let renew = async |token: &str, more: Value| {
        let body = json!({"grant_type": "refresh_token", "refresh_token": token});
        let body = with(with(body, more), game());
        client.send(post("/oauth2/access_token").json(&body)).await
    };
    client.get("/v1/logs", &access).await.ok(200);
    change(ClientChange {
        scope: Some("participant".to_owned()),
        ..ClientChange::default()
    });
    assert_eq!(client.get("/v1/logs", &access).await.told(), (403, 403));
    let less = renew(&refresh, json!({})).await.ok(200).json();
    assert_eq!(less["scope"], "participant");
    let refresh = less["refresh_token"].as_str().unwrap();
    change(ClientChange {
        active: Some(false),
        ..ClientChange::default()
    });
    assert_eq!(client.status(&access).await, 4012);
    refused(&renew(refresh, json!({})).await, 401, "invalid_client");
}

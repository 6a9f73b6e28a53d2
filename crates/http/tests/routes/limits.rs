//! How often one may ask: 429, and what answers tell about it.

use crate::support::{Answer, PASSWORD, World, entry, get, keys, now, post, settings};
use serde_json::json;
use sillage_domain::{GrantType, NewClient};
use sillage_http::{Api, HttpSettings, Rate, networks};

fn with(change: impl FnOnce(&mut HttpSettings)) -> World {
    let mut settings = settings();
    change(&mut settings);
    World::with(settings, |ports| ports)
}

fn rate(per_second: u32, burst: u32) -> Rate {
    Rate { per_second, burst }
}

#[track_caller]
fn assert_refused(answer: &Answer, policy: &str) {
    assert_eq!(answer.told(), (429, 4291));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let name = policy.split(';').next().unwrap();
    assert_eq!(answer.header("ratelimit-policy"), Some(policy));
    let limit = format!("{name};r=0;t={wait}");
    assert_eq!(answer.header("ratelimit"), Some(limit.as_str()));
    assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
    assert_eq!(
        answer.header("ratelimit-reset"),
        Some(wait.to_string().as_str())
    );
}

#[actix_web::test]
async fn an_account_that_asks_too_often_is_told_when_to_ask_again() {
    let world = with(|settings| settings.rates.account = rate(1, 3));
    let client = world.client().await;
    let (ada, bob) = (world.token("ada"), world.token("bob"));
    let first = client.post("/v1/logs", &ada, entry(1)).await.ok(201);
    assert_eq!(
        first.header("ratelimit-policy"),
        Some("\"account\";q=3;w=3")
    );
    assert_eq!(first.header("ratelimit"), Some("\"account\";r=2;t=1"));
    // Another token, or a password, is the same account.
    client.get("/v1/me", &world.token("ada")).await.ok(200);
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
    let refused = client.post("/v1/logs", &ada, entry(2)).await;
    assert_refused(&refused, "\"account\";q=3;w=3");
    client.get("/v1/me", &bob).await.ok(200);
}

#[actix_web::test]
async fn an_error_tells_the_limit_as_well() {
    let world = with(|settings| settings.rates.account = rate(1, 10));
    let client = world.client().await;
    let answer = client.get("/v1/logs/1", &world.token("ada")).await;
    assert_eq!(answer.told(), (403, 403));
    assert_eq!(answer.header("ratelimit"), Some("\"account\";r=9;t=1"));
}

#[actix_web::test]
async fn what_is_not_limited_tells_nothing() {
    let world = with(|settings| settings.rates.account = Rate::NONE);
    let client = world.client().await;
    let answer = client.get("/v1/me", &world.token("ada")).await.ok(200);
    assert_eq!(answer.header("ratelimit"), None);
    let answer = client.send(get("/health/live")).await.ok(200);
    assert_eq!(answer.header("ratelimit"), None);
}

#[actix_web::test]
async fn an_address_is_limited_whoever_asks_and_whatever_for_but_not_whether_the_server_is_well() {
    let world = with(|settings| settings.rates.address = rate(1, 2));
    let client = world.client().await;
    let crowd = "192.0.2.1";
    client
        .send(get("/v1/me").token(&world.token("ada")).from(crowd))
        .await
        .ok(200);
    client.send(get("/nowhere").from(crowd)).await.ok(404);
    let refused = client
        .send(get("/v1/me").token(&world.token("bob")).from(crowd))
        .await;
    assert_refused(&refused, "\"address\";q=2;w=2");
    assert!(refused.header("x-request-id").is_some());
    client.send(get("/health/live").from(crowd)).await.ok(200);
    client
        .send(
            get("/v1/me")
                .token(&world.token("ada"))
                .from("198.51.100.7"),
        )
        .await
        .ok(200);
}

#[actix_web::test]
async fn an_address_of_the_next_version_counts_as_its_network() {
    let world = with(|settings| settings.rates.address = rate(1, 1));
    let client = world.client().await;
    let ask = |address: &str| get("/openapi.json").from(address);
    client.send(ask("2001:db8:1:1::1")).await.ok(200);
    client.send(ask("2001:db8:1:1:ffff::2")).await.ok(429);
    client.send(ask("2001:db8:1:2::1")).await.ok(200);
}

#[actix_web::test]
async fn behind_a_trusted_proxy_each_is_limited_alone_and_nobody_else_is_believed() {
    let world = with(|settings| {
        settings.rates.address = rate(1, 1);
        settings.trusted_proxies = networks(&["10.0.0.0/8".to_owned()]).unwrap();
    });
    let client = world.client().await;
    let ask = |peer: &str, named: &str| {
        get("/openapi.json")
            .from(peer)
            .header("X-Forwarded-For", named)
    };
    client.send(ask("10.0.0.1", "198.51.100.1")).await.ok(200);
    client.send(ask("10.0.0.1", "198.51.100.2")).await.ok(200);
    client.send(ask("10.0.0.2", "198.51.100.2")).await.ok(429);
    client.send(ask("192.0.2.1", "198.51.100.3")).await.ok(200);
    client.send(ask("192.0.2.1", "198.51.100.4")).await.ok(429);
}

#[actix_web::test]
async fn this_machine_is_nobody_in_particular() {
    let world = with(|settings| {
        settings.rates.address = rate(1, 1);
        settings.rates.log_in = rate(1, 1);
    });
    let client = world.client().await;
    for _ in 0..5 {
        client
            .send(get("/openapi.json").from("127.0.0.1"))
            .await
            .ok(200);
        client
            .send(get("/v1/utils/token").basic("ada", PASSWORD).from("::1"))
            .await
            .ok(200);
    }
}

#[actix_web::test]
async fn log_ins_from_one_address_are_limited_by_themselves() {
    let world = with(|settings| settings.rates.log_in = rate(1, 2));
    let client = world.client().await;
    let log_in = |name: &str, address: &str| {
        let body = json!({"grant_type": "password", "username": name, "password": PASSWORD, "client_id": "sillage"});
        post("/oauth2/access_token").json(&body).from(address)
    };
    client.send(log_in("ada", "192.0.2.1")).await.ok(200);
    client.send(log_in("bob", "192.0.2.1")).await.ok(200);
    let refused = client.send(log_in("mia", "192.0.2.1")).await;
    assert_refused(&refused, "\"log-in\";q=2;w=2");
    assert_eq!(refused.json()["error"], "slow_down");
    client.send(log_in("mia", "192.0.2.2")).await.ok(200);
    let token = world.token("ada");
    client
        .send(get("/v1/me").token(&token).from("192.0.2.1"))
        .await
        .ok(200);
}

#[actix_web::test]
async fn the_client_of_everybody_has_no_limit_of_its_own() {
    let world = with(|settings| settings.rates.client = rate(1, 1));
    let client = world.client().await;
    for _ in 0..3 {
        let body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": "sillage"});
        client
            .send(post("/oauth2/access_token").json(&body))
            .await
            .ok(200);
    }
}

#[actix_web::test]
async fn a_registered_client_is_limited_whoever_uses_it() {
    let world = with(|settings| settings.rates.client = rate(1, 2));
    let game = NewClient {
        id: "game".parse().unwrap(),
        name: "Game".to_owned(),
        study: None,
        secret_hash: None,
        grants: vec![GrantType::Password],
        scope: "all".to_owned(),
    };
    world.ports.clients.register_client(&game, now()).unwrap();
    let client = world.client().await;
    let log_in = |name: &str| {
        let body = json!({"grant_type": "password", "username": name, "password": PASSWORD, "client_id": "game"});
        post("/oauth2/access_token").json(&body)
    };
    client.send(log_in("ada")).await.ok(200);
    client.send(log_in("bob")).await.ok(200);
    let refused = client.send(log_in("ada")).await;
    assert_refused(&refused, "\"client\";q=2;w=2");
    assert_eq!(refused.json()["error"], "slow_down");
}

#[actix_web::test]
async fn what_people_do_with_tokens_of_a_client_counts_for_the_client() {
    let world = with(|settings| settings.rates.client = rate(1, 5));
    for id in ["game", "other"] {
        let game = NewClient {
            id: id.parse().unwrap(),
            name: "Game".to_owned(),
            study: None,
            secret_hash: None,
            grants: vec![GrantType::Password],
            scope: "all".to_owned(),
        };
        world.ports.clients.register_client(&game, now()).unwrap();
    }
    let client = world.client().await;
    let mut tokens = Vec::new();
    for (id, name) in [
        ("game", "ada"),
        ("game", "bob"),
        ("other", "ada"),
        ("sillage", "ada"),
    ] {
        let body = json!({"grant_type": "password", "username": name, "password": PASSWORD, "client_id": id});
        let answer = client
            .send(post("/oauth2/access_token").json(&body))
            .await
            .ok(200);
        tokens.push(answer.json()["access_token"].as_str().unwrap().to_owned());
    }
    // The two log-ins counted as well.
    client.post("/v1/logs", &tokens[0], entry(1)).await.ok(201);
    client.post("/v1/logs", &tokens[1], entry(2)).await.ok(201);
    let last = client.get("/v1/me", &tokens[0]).await.ok(200);
    assert!(
        last.header("ratelimit")
            .unwrap()
            .starts_with("\"account\";")
    );
    assert_refused(
        &client.get("/v1/me", &tokens[1]).await,
        "\"client\";q=5;w=5",
    );
    for token in &tokens[2..] {
        client.get("/v1/me", token).await.ok(200);
    }
}

#[actix_web::test]
async fn a_client_that_acts_for_itself_has_one_limit_however_many_tokens_it_has() {
    let world = with(|settings| settings.rates.client = rate(1, 4));
    let client = world.client().await;
    let body = json!({"name": "Game server", "study": "tsadk", "type": "confidential", "grants": ["client_credentials"]});
    let made = client
        .post("/v1/clients", &world.token("dev"), body)
        .await
        .ok(201)
        .json();
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let asked = post("/oauth2/access_token").basic(&id, &secret);
        let answer = client
            .send(asked.json(&json!({"grant_type": "client_credentials"})))
            .await
            .ok(200);
        tokens.push(answer.json()["access_token"].as_str().unwrap().to_owned());
    }
    for (token, left) in tokens.iter().zip([1, 0]) {
        let answer = client.get("/v1/studies/tsadk", token).await.ok(200);
        let told = format!("\"client\";r={left};");
        assert!(answer.header("ratelimit").unwrap().starts_with(&told));
    }
    assert_refused(
        &client.get("/v1/studies/tsadk", &tokens[0]).await,
        "\"client\";q=4;w=4",
    );
}

#[actix_web::test]
async fn a_class_of_300_through_one_client_meets_no_limit_by_default() {
    let world = World::new();
    let rate = settings().rates.client;
    assert!(rate.per_second >= 300 * 5, "for as long as they play");
    let game = NewClient {
        id: "game".parse().unwrap(),
        name: "Game".to_owned(),
        study: None,
        secret_hash: None,
        grants: vec![GrantType::Password],
        scope: "all".to_owned(),
    };
    world.ports.clients.register_client(&game, now()).unwrap();
    let client = world.client().await;
    for id in ["sillage", "game"] {
        let body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": id});
        let answer = client
            .send(post("/oauth2/access_token").json(&body))
            .await
            .ok(200);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        for _ in 0..300 * 5 {
            let asked = get("/v1/me").token(&token).from("192.0.2.1");
            client.send(asked).await.ok(200);
        }
    }
}

#[actix_web::test]
async fn who_guesses_the_secret_of_a_client_is_told_to_wait() {
    let world = with(|settings| settings.rates.failed_log_ins.free = 2);
    let client = world.client().await;
    let guess = |address: &str| {
        let body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD});
        post("/oauth2/access_token")
            .json(&body)
            .basic("sillage", "guess")
            .from(address)
    };
    for expected in [(401, 401), (401, 401), (429, 4292)] {
        assert_eq!(client.send(guess("192.0.2.1")).await.told(), expected);
    }
    client.send(guess("192.0.2.2")).await.ok(401);
}

#[actix_web::test]
async fn a_limit_is_explained_in_french_too() {
    let world = with(|settings| settings.rates.account = rate(1, 1));
    let client = world.client().await;
    let token = world.token("ada");
    client.get("/v1/me", &token).await.ok(200);
    let refused = client
        .send(get("/v1/me").token(&token).header("Accept-Language", "fr"))
        .await
        .ok(429);
    let json = refused.json();
    let said = json["errors"][0]["message"].as_str().unwrap();
    assert!(said.starts_with("trop de requêtes"), "{said}");
}

#[test]
fn settings_that_say_no_rate_are_refused() {
    let world = World::new();
    let mut settings = settings();
    settings.rates.account = rate(1, 0);
    let made = Api::new(world.ports.clone(), keys(), settings);
    let said = made.err().map(|error| error.to_string());
    assert!(said.unwrap().contains("`account`"));
}

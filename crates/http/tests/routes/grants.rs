//! Log-ins: refresh tokens, `/v1/me/grants` and `/v1/me/tokens`.

use crate::client::{Client, Request};
use crate::support::{Answer, PASSWORD, World, get, keys, link, now, post, settings};
use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::Value;
use sillage_domain::{AccountChange, Timestamp};
use sillage_http::{Api, HttpSettings};
use std::time::Duration;

/// The same server at that time.
fn at(world: &World, clock: fn() -> Timestamp) -> World {
    with(world, settings(), clock)
}

/// Another server over the same store, at that time.
fn with(world: &World, settings: HttpSettings, clock: fn() -> Timestamp) -> World {
    World {
        ports: world.ports.clone(),
        api: Api::new(world.ports.clone(), keys(), settings)
            .unwrap()
            .with_clock(clock),
        study: world.study.clone(),
    }
}

fn in_a_minute() -> Timestamp {
    now().plus_seconds(60)
}

fn after_a_minute() -> Timestamp {
    now().plus_seconds(61)
}

fn in_two_days() -> Timestamp {
    now().plus_days(2)
}

fn in_a_year() -> Timestamp {
    now().plus_days(365)
}

/// A log-in, as its answer gave it.
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn of(answer: &Answer) -> Self {
        let json = answer.json();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

trait Asks {
    async fn log_in(&self, username: &str) -> Tokens;
    async fn refresh(&self, token: &str) -> Answer;
    async fn delete(&self, uri: &str, token: &str) -> Answer;
    async fn status(&self, token: &str) -> u16;
}

impl<S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>> Asks
    for Client<S>
{
    async fn log_in(&self, username: &str) -> Tokens {
        let body = format!(
            "grant_type=password&username={username}&password=correct+horse&client_id=sillage"
        );
        Tokens::of(&self.send(form(&body)).await.ok(200))
    }

    async fn refresh(&self, token: &str) -> Answer {
        let body = format!("grant_type=refresh_token&refresh_token={token}&client_id=sillage");
        self.send(form(&body)).await
    }

    async fn delete(&self, uri: &str, token: &str) -> Answer {
        self.send(Request::new(Method::DELETE, uri).token(token))
            .await
    }

    /// Whether a token is good, as a number.
    async fn status(&self, token: &str) -> u16 {
        let answer = self.get("/v1/me", token).await;
        if answer.status.is_success() {
            200
        } else {
            answer.told().1.try_into().unwrap()
        }
    }
}

fn form(body: &str) -> Request {
    post("/oauth2/access_token").text("application/x-www-form-urlencoded", body)
}

#[track_caller]
fn refused(answer: &Answer, error: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    let json = answer.json();
    assert_eq!(json["error"], error);
    assert!(!json["error_description"].as_str().unwrap().is_empty());
    assert_eq!(json["errors"].as_array().unwrap().len(), 1);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn a_refresh_token_buys_the_next_tokens() {
    let world = World::new();
    let client = world.client().await;
    let first = client.log_in("ada").await;
    let answer = client.refresh(&first.refresh).await.ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["scope"], "participant");
    assert_eq!(answer.json()["expires_in"], 86_400);
    let second = Tokens::of(&answer);
    assert_ne!(first.refresh, second.refresh);
    // The access token before stays good until it ends by itself.
    for token in [&first.access, &second.access] {
        assert_eq!(client.status(token).await, 200);
    }
    client.refresh(&second.refresh).await.ok(200);
}

#[actix_web::test]
async fn a_used_refresh_token_ends_the_whole_log_in() {
    let world = World::new();
    let client = world.client().await;
    let first = client.log_in("ada").await;
    let other = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await.ok(200));
    let third = Tokens::of(&client.refresh(&second.refresh).await.ok(200));
    for token in [&first.access, &third.access] {
        assert_eq!(client.status(token).await, 200);
    }
    refused(&client.refresh(&first.refresh).await, "invalid_grant");
    refused(&client.refresh(&third.refresh).await, "invalid_grant");
    for token in [&first.access, &second.access, &third.access] {
        assert_eq!(client.status(token).await, 4012);
    }
    // Another log-in of the same account is none of its business.
    assert_eq!(client.status(&other.access).await, 200);
    client.refresh(&other.refresh).await.ok(200);
}

#[actix_web::test]
async fn a_lost_answer_is_given_again_within_a_minute() {
    let world = World::new();
    let client = world.client().await;
    let first = client.log_in("ada").await;
    let lost = Tokens::of(&client.refresh(&first.refresh).await.ok(200));
    let later = at(&world, in_a_minute);
    let later = later.client().await;
    let again = Tokens::of(&later.refresh(&first.refresh).await.ok(200));
    assert_eq!(later.status(&again.access).await, 200);
    // The successor that nobody had used is dead, and with it the grant, should it turn up.
    refused(&later.refresh(&lost.refresh).await, "invalid_grant");
    refused(&later.refresh(&again.refresh).await, "invalid_grant");
}

#[actix_web::test]
async fn after_a_minute_no_answer_counts_as_lost() {
    let world = World::new();
    let client = world.client().await;
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await.ok(200));
    let later = at(&world, after_a_minute);
    let later = later.client().await;
    refused(&later.refresh(&first.refresh).await, "invalid_grant");
    assert_eq!(later.status(&second.access).await, 4012);
}

#[actix_web::test]
async fn once_its_successor_was_used_a_refresh_token_does_not_come_back() {
    let world = World::new();
    let client = world.client().await;
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await.ok(200));
    client.refresh(&second.refresh).await.ok(200);
    refused(&client.refresh(&first.refresh).await, "invalid_grant");
}

#[rstest]
#[case("x")]
#[case("")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[actix_web::test]
async fn what_was_never_a_refresh_token_is_refused(#[case] token: &str) {
    let world = World::new();
    refused(&world.client().await.refresh(token).await, "invalid_grant");
}

#[actix_web::test]
async fn a_refresh_narrows_the_scope_of_one_token_and_never_widens_it() {
    let world = World::new();
    let client = world.client().await;
    let ask = async |token: &str, scope: &str| {
        let body = format!(
            "grant_type=refresh_token&refresh_token={token}&client_id=sillage&scope={scope}"
        );
        client.send(form(&body)).await
    };
    let mia = client.log_in("mia").await;
    let narrow = ask(&mia.refresh, "participant").await.ok(200);
    assert_eq!(narrow.json()["scope"], "participant");
    // What was granted at the log-in is granted still.
    let wide = client.refresh(&Tokens::of(&narrow).refresh).await.ok(200);
    assert_eq!(wide.json()["scope"], "all");

    let ada = client.log_in("ada").await;
    refused(&ask(&ada.refresh, "all").await, "invalid_scope");
    refused(&ask(&ada.refresh, "nonsense").await, "invalid_scope");
    // A mistake does not use the token up.
    client.refresh(&ada.refresh).await.ok(200);
}

#[actix_web::test]
async fn refresh_tokens_do_not_end_by_themselves() {
    let world = World::new();
    let tokens = world.client().await.log_in("ada").await;
    let later = at(&world, in_a_year);
    later.api.upkeep().await.unwrap();
    let later = later.client().await;
    assert_eq!(later.status(&tokens.access).await, 4011);
    later.refresh(&tokens.refresh).await.ok(200);
}

#[actix_web::test]
async fn refresh_tokens_end_where_a_life_is_set_that_each_use_prolongs() {
    let world = World::new();
    let for_two_days = HttpSettings {
        refresh_token_lifetime: Some(Duration::from_secs(2 * 86_400)),
        ..settings()
    };
    let today = with(&world, for_two_days.clone(), now);
    let tomorrow = with(&world, for_two_days.clone(), || now().plus_days(1));
    let day_after = with(&world, for_two_days.clone(), in_two_days);
    let [used, unused] = {
        let client = today.client().await;
        [client.log_in("ada").await, client.log_in("ada").await]
    };
    let renewed = tomorrow.client().await.refresh(&used.refresh).await.ok(200);
    let client = day_after.client().await;
    client.refresh(&Tokens::of(&renewed).refresh).await.ok(200);
    refused(&client.refresh(&unused.refresh).await, "invalid_grant");
    // Nothing of the one that ended is kept.
    day_after.api.upkeep().await.unwrap();
    let account = world.account("ada").id;
    let left = world.ports.grants.grants_of(
        account,
        now(),
        &sillage_domain::PageRequest {
            page: std::num::NonZeroU64::MIN,
            size: std::num::NonZeroU32::MIN,
        },
    );
    assert_eq!(left.unwrap().total, 1);
}

#[actix_web::test]
async fn one_s_log_ins_are_listed_and_ended_one_by_one() {
    let world = World::new();
    let client = world.client().await;
    let here = client.log_in("ada").await;
    let there = client.log_in("ada").await;
    client.log_in("bob").await;
    let answer = client.get("/v1/me/grants", &here.access).await.ok(200);
    let list = answer.json();
    let grants = list.as_array().unwrap();
    assert_eq!(answer.header("x-total-count"), Some("2"));
    let current: Vec<_> = grants.iter().filter(|g| g["current"] == true).collect();
    let other: Vec<_> = grants.iter().filter(|g| g["current"] == false).collect();
    assert_eq!((current.len(), other.len()), (1, 1));
    assert_eq!(current[0]["client_id"], "sillage");
    assert_eq!(current[0]["scope"], "participant");
    assert_eq!(current[0]["created_at"], "2024-06-01T12:00:00.000000Z");
    assert_eq!(current[0]["ends_at"], Value::Null);
    let uri = |grant: &Value| format!("/v1/me/grants/{}", grant["id"].as_str().unwrap());
    let read = client.get(&uri(other[0]), &here.access).await.ok(200);
    assert_eq!(read.json(), *other[0]);

    client.delete(&uri(other[0]), &here.access).await.ok(204);
    assert_eq!(client.status(&there.access).await, 4012);
    refused(&client.refresh(&there.refresh).await, "invalid_grant");
    assert_eq!(client.status(&here.access).await, 200);
    let again = client.delete(&uri(other[0]), &here.access).await;
    assert_eq!(again.told(), (404, 404));
    // And the one that this request comes from.
    client.delete(&uri(current[0]), &here.access).await.ok(204);
    assert_eq!(client.status(&here.access).await, 4012);
}

#[actix_web::test]
async fn nobody_sees_or_ends_the_log_ins_of_another() {
    let world = World::new();
    let client = world.client().await;
    let ada = client.log_in("ada").await;
    let list = client.get("/v1/me/grants", &ada.access).await.json();
    let uri = format!("/v1/me/grants/{}", list[0]["id"].as_str().unwrap());
    for username in ["bob", "mia", "admin"] {
        let other = client.log_in(username).await;
        assert_eq!(client.get(&uri, &other.access).await.told(), (404, 404));
        assert_eq!(client.delete(&uri, &other.access).await.told(), (404, 404));
        client.delete("/v1/me/grants", &other.access).await.ok(204);
    }
    assert_eq!(client.status(&ada.access).await, 200);
    let nonsense = client.get("/v1/me/grants/1", &ada.access).await;
    assert_eq!(nonsense.told(), (404, 404));
}

#[actix_web::test]
async fn log_ins_come_in_pages() {
    let world = World::new();
    let client = world.client().await;
    let mut last = client.log_in("ada").await;
    for _ in 0..2 {
        last = client.log_in("ada").await;
    }
    let first = client
        .get("/v1/me/grants?page_size=2", &last.access)
        .await
        .ok(200);
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let next = link(&first, "next").unwrap();
    let second = client.get(&next, &last.access).await.ok(200);
    assert_eq!(second.json().as_array().unwrap().len(), 1);
    let tag = second.header("etag").unwrap();
    let known = get(&next).token(&last.access).header("If-None-Match", tag);
    assert_eq!(client.send(known).await.status, 304);
    let unknown = client.get("/v1/me/grants?client=x", &last.access).await;
    assert_eq!(unknown.told(), (400, 4003));
}

#[actix_web::test]
async fn one_logs_out_everywhere_without_a_password() {
    let world = World::new();
    let client = world.client().await;
    let (one, two) = (client.log_in("ada").await, client.log_in("ada").await);
    let bob = client.log_in("bob").await;
    client.delete("/v1/me/grants", &one.access).await.ok(204);
    for tokens in [&one, &two] {
        assert_eq!(client.status(&tokens.access).await, 4012);
        refused(&client.refresh(&tokens.refresh).await, "invalid_grant");
    }
    assert_eq!(client.status(&bob.access).await, 200);
    // With the password one comes back.
    client.log_in("ada").await;
}

#[actix_web::test]
async fn access_tokens_end_and_refresh_tokens_stay() {
    let world = World::new();
    let client = world.client().await;
    let (one, two) = (client.log_in("ada").await, client.log_in("ada").await);
    let by_basic = client
        .send(get("/v1/utils/token").basic("ada", PASSWORD))
        .await
        .ok(200);
    let by_basic = by_basic.json()["token"].as_str().unwrap().to_owned();
    client.delete("/v1/me/tokens", &one.access).await.ok(204);
    for token in [&one.access, &two.access, &by_basic] {
        assert_eq!(client.status(token).await, 4012);
    }
    for tokens in [&one, &two] {
        let renewed = Tokens::of(&client.refresh(&tokens.refresh).await.ok(200));
        assert_eq!(client.status(&renewed.access).await, 200);
    }
}

#[actix_web::test]
async fn a_change_that_was_not_seen_is_not_made() {
    let world = World::new();
    let client = world.client().await;
    let tokens = client.log_in("ada").await;
    let list = client.get("/v1/me/grants", &tokens.access).await;
    let id = list.json()[0]["id"].as_str().unwrap().to_owned();
    let one = format!("/v1/me/grants/{id}");
    let delete = async |uri: &str, tag: &str| {
        let request = Request::new(Method::DELETE, uri)
            .token(&tokens.access)
            .header("If-Match", tag);
        client.send(request).await
    };
    for uri in ["/v1/me/grants", "/v1/me/tokens", &one] {
        assert_eq!(delete(uri, "\"other\"").await.told(), (412, 412), "{uri}");
    }
    let tag = list.header("etag").unwrap();
    delete("/v1/me/grants", tag).await.ok(204);
}

#[actix_web::test]
async fn the_token_of_tsadk_can_be_revoked_and_not_renewed() {
    let world = World::new();
    let client = world.client().await;
    let token = async || {
        let answer = client
            .send(get("/v1/utils/token").basic("ada", PASSWORD))
            .await
            .ok(200);
        assert_eq!(answer.json().as_object().unwrap().len(), 1);
        answer.json()["token"].as_str().unwrap().to_owned()
    };
    let (one, two) = (token().await, token().await);
    let list = client.get("/v1/me/grants", &one).await.json();
    assert_eq!(list[0]["client_id"], Value::Null);
    assert_eq!(list[0]["ends_at"], "2024-06-02T12:00:00.000000Z");
    let current = list
        .as_array()
        .unwrap()
        .iter()
        .find(|g| g["current"] == true);
    let uri = format!("/v1/me/grants/{}", current.unwrap()["id"].as_str().unwrap());
    client.delete(&uri, &two).await.ok(204);
    assert_eq!(client.status(&one).await, 4012);
    assert_eq!(client.status(&two).await, 200);
    // Basic with a password is no log-in that could end: nothing is current.
    let by_password = client
        .send(get("/v1/me/grants").basic("ada", PASSWORD))
        .await
        .ok(200);
    assert_eq!(by_password.json()[0]["current"], false);
}

#[actix_web::test]
async fn another_password_and_a_deactivation_end_the_log_ins() {
    let believing = HttpSettings {
        recheck: Duration::from_secs(3600),
        ..settings()
    };
    let world = World::with(believing, |ports| ports);
    let client = world.client().await;
    let admin = client.log_in("admin").await;
    for change in [
        serde_json::json!({"password": "another horse"}),
        serde_json::json!({"active": false}),
    ] {
        let ada = client.log_in("ada").await;
        assert_eq!(client.status(&ada.access).await, 200);
        let uri = "/v1/studies/tsadk/participants/ada";
        client
            .patch(uri, &admin.access, change.clone())
            .await
            .ok(200);
        // On this server at once, however long it believes what it knows.
        assert_ne!(client.status(&ada.access).await, 200, "{change}");
        refused(&client.refresh(&ada.refresh).await, "invalid_grant");
        let back = AccountChange {
            password_hash: Some(world.hash(PASSWORD)),
            active: Some(true),
        };
        let id = world.account("ada").id;
        world
            .ports
            .accounts
            .change_account(id, &back, None)
            .unwrap();
        // Coming back does not bring the old log-ins back.
        assert_eq!(client.status(&ada.access).await, 4012, "{change}");
    }
}

#[actix_web::test]
async fn another_server_refuses_what_was_revoked_once_it_looks_again() {
    let believing = HttpSettings {
        recheck: Duration::from_secs(3600),
        ..settings()
    };
    let doubting = HttpSettings {
        recheck: Duration::ZERO,
        ..settings()
    };
    let world = World::with(believing.clone(), |ports| ports);
    let client = world.client().await;
    let tokens = client.log_in("ada").await;
    let [believing, doubting] = [believing, doubting].map(|settings| with(&world, settings, now));
    let (believing, doubting) = (believing.client().await, doubting.client().await);
    for client in [&believing, &doubting] {
        assert_eq!(client.status(&tokens.access).await, 200);
    }
    client.delete("/v1/me/grants", &tokens.access).await.ok(204);
    assert_eq!(client.status(&tokens.access).await, 4012);
    assert_eq!(doubting.status(&tokens.access).await, 4012);
    // It shows that the test above would notice: this one has not looked again.
    assert_eq!(believing.status(&tokens.access).await, 200);
}

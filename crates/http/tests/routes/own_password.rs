//! The old password, which a change of the own one asks for: guessed at no faster than at the log-in.

use crate::support::{Answer, PASSWORD, Request, World, get, post, settings};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::json;
use std::time::{Duration, Instant};

const HERE: &str = "192.0.2.1";
const THERE: &str = "198.51.100.7";

fn world() -> World {
    let mut settings = settings();
    settings.rates.failed_log_ins.free = 3;
    settings.rates.failed_log_ins.first_delay = Duration::from_secs(30);
    World::with(settings, |ports| ports)
}

fn change(world: &World, old: &str, address: &str) -> Request {
    Request::new(Method::PATCH, "/v1/me")
        .token(&world.token("ada"))
        .json(&json!({"password": "another one", "old_password": old}))
        .from(address)
}

fn log_in(password: &str, address: &str) -> Request {
    let body = json!({"grant_type": "password", "username": "ada", "password": password, "client_id": "sillage"});
    post("/oauth2/access_token").json(&body).from(address)
}

#[track_caller]
fn assert_delayed(answer: &Answer) {
    assert_eq!(answer.told(), (429, 4292), "{}", answer.text());
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((29..=30).contains(&wait), "{wait}");
    let limit = format!("\"failed-log-ins\";r=0;t={wait}");
    assert_eq!(answer.header("ratelimit"), Some(limit.as_str()));
}

#[actix_web::test]
async fn who_guesses_the_old_password_is_told_to_wait() {
    let world = world();
    let client = world.client().await;
    for n in 0..3 {
        let wrong = client.send(change(&world, &format!("guess {n}"), HERE));
        let wrong = wrong.await;
        assert_eq!(wrong.told(), (422, 4222));
        assert_eq!(wrong.pointers(), ["/old_password"]);
    }
    assert_delayed(&client.send(change(&world, "guess 4", HERE)).await);
    // Nor is the right one looked at, which somebody chose.
    assert_delayed(&client.send(change(&world, PASSWORD, HERE)).await);
    // With the token all else goes on, and so does the owner at another address.
    let token = world.token("ada");
    client
        .send(get("/v1/me").token(&token).from(HERE))
        .await
        .ok(200);
    client.send(change(&world, PASSWORD, THERE)).await.ok(200);
}

#[actix_web::test]
async fn wrong_old_passwords_and_failed_log_ins_count_together() {
    let world = world();
    let client = world.client().await;
    client.send(log_in("guess 1", HERE)).await.ok(400);
    client.send(change(&world, "guess 2", HERE)).await.ok(422);
    client.send(log_in("guess 3", HERE)).await.ok(400);
    assert_delayed(&client.send(change(&world, "guess 4", HERE)).await);
    assert_delayed(&client.send(log_in(PASSWORD, HERE)).await);
}

#[actix_web::test]
async fn the_right_old_password_ends_the_count() {
    let world = world();
    let client = world.client().await;
    for n in 0..2 {
        client
            .send(change(&world, &format!("guess {n}"), HERE))
            .await
            .ok(422);
    }
    client.send(change(&world, PASSWORD, HERE)).await.ok(200);
    for n in 0..3 {
        client
            .send(log_in(&format!("guess {n}"), HERE))
            .await
            .ok(400);
    }
    assert_delayed(&client.send(log_in("guess 4", HERE)).await);
}

#[rstest]
#[case("wrong password")]
#[case("")]
#[actix_web::test]
async fn a_wrong_old_password_takes_the_time_of_a_failed_log_in(#[case] old: &str) {
    let beat = Duration::from_millis(80);
    let mut settings = settings();
    settings.rates.failed_log_ins.duration = beat;
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let start = Instant::now();
    client.send(change(&world, old, HERE)).await.ok(422);
    assert!(start.elapsed() >= beat, "{:?}", start.elapsed());
}

//! Passwords, whatever door they are brought to: who guesses is slowed down, and nobody else.

use crate::support::{Answer, PASSWORD, Request, World, get, post, settings};
use rstest::rstest;
use serde_json::json;
use sillage_auth::{Cost, Passwords, Secret};
use sillage_domain::{AccountChange, PasswordHash, PasswordOrigin};
use sillage_http::{HttpSettings, Rate};
use std::time::{Duration, Instant};

const SCHOOL: &str = "192.0.2.1";
const HOME: &str = "198.51.100.7";

fn with(change: impl FnOnce(&mut HttpSettings)) -> World {
    let mut settings = settings();
    settings.rates.failed_log_ins.free = 3;
    settings.rates.failed_log_ins.first_delay = Duration::from_secs(30);
    change(&mut settings);
    World::with(settings, |ports| ports)
}

/// The same password as everybody's, but made by the server.
fn generated(cost: u32) -> PasswordHash {
    let cost = Cost::new(cost).unwrap();
    let passwords = Passwords::of(PasswordOrigin::Generated, cost).unwrap();
    passwords.hash(&Secret::new(PASSWORD)).unwrap()
}

fn set_password(world: &World, username: &str, hash: PasswordHash) {
    let change = AccountChange {
        password_hash: Some(hash),
        active: None,
    };
    let id = world.account(username).id;
    world
        .ports
        .accounts
        .change_account(id, &change, None)
        .unwrap();
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Token,
    Basic,
    Tsadk,
}

impl Door {
    fn request(self, name: &str, password: &str, address: &str) -> Request {
        let request = match self {
            Self::Token => post("/oauth2/access_token").json(&json!({
                "grant_type": "password", "username": name, "password": password, "client_id": "sillage",
            })),
            Self::Basic => get("/v1/me").basic(name, password),
            Self::Tsadk => get("/v1/utils/token").basic(name, password),
        };
        request.from(address)
    }

    /// What a wrong password is answered.
    fn refusal(self) -> u16 {
        match self {
            Self::Token => 400,
            Self::Basic | Self::Tsadk => 401,
        }
    }
}

#[track_caller]
fn assert_delayed(answer: &Answer, seconds: std::ops::RangeInclusive<u64>) {
    assert_eq!(answer.told(), (429, 4292), "{}", answer.text());
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds.contains(&wait), "{wait}");
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"failed-log-ins\";q=3")
    );
    let limit = format!("\"failed-log-ins\";r=0;t={wait}");
    assert_eq!(answer.header("ratelimit"), Some(limit.as_str()));
}

#[rstest]
#[case(Door::Token, "ada")]
#[case(Door::Basic, "ada")]
#[case(Door::Tsadk, "ada")]
#[case(Door::Token, "nobody")]
#[case(Door::Basic, "nobody")]
#[case(Door::Token, "no body")]
#[actix_web::test]
async fn who_guesses_is_told_to_wait(#[case] door: Door, #[case] name: &str) {
    let world = with(|_| {});
    let client = world.client().await;
    for n in 0..3 {
        client
            .send(door.request(name, &format!("guess {n}"), SCHOOL))
            .await
            .ok(door.refusal());
    }
    let answer = client.send(door.request(name, "guess 4", SCHOOL)).await;
    assert_delayed(&answer, 29..=30);
}

#[actix_web::test]
async fn all_doors_and_all_spellings_of_a_name_count_together() {
    let world = with(|_| {});
    let client = world.client().await;
    client
        .send(Door::Token.request("ada", "guess 1", SCHOOL))
        .await
        .ok(400);
    client
        .send(Door::Basic.request("ADA", "guess 2", SCHOOL))
        .await
        .ok(401);
    client
        .send(Door::Tsadk.request("Ada", "guess 3", SCHOOL))
        .await
        .ok(401);
    let answer = client
        .send(Door::Token.request("aDa", "guess 4", SCHOOL))
        .await;
    assert_delayed(&answer, 29..=30);
    assert_eq!(answer.json()["error"], "slow_down");
}

#[actix_web::test]
async fn a_classmate_keeps_nobody_out_who_has_a_password_of_the_server_even_at_the_same_address() {
    let world = with(|_| {});
    set_password(&world, "ada", generated(4));
    let client = world.client().await;
    for n in 0..20 {
        client
            .send(Door::Token.request("ada", &format!("guess {n}"), SCHOOL))
            .await;
    }
    let guess = client
        .send(Door::Token.request("ada", "one more", SCHOOL))
        .await;
    assert_delayed(&guess, 1..=30);
    client
        .send(Door::Token.request("ada", PASSWORD, SCHOOL))
        .await
        .ok(200);
    // And then the failures are forgotten.
    client
        .send(Door::Token.request("ada", "guess again", SCHOOL))
        .await
        .ok(400);
}

#[actix_web::test]
async fn a_classmate_at_another_address_keeps_nobody_out_whatever_the_password() {
    let world = with(|_| {});
    let client = world.client().await;
    for n in 0..20 {
        client
            .send(Door::Token.request("ada", &format!("guess {n}"), SCHOOL))
            .await;
    }
    client
        .send(Door::Token.request("ada", PASSWORD, HOME))
        .await
        .ok(200);
    client
        .send(Door::Token.request("bob", PASSWORD, SCHOOL))
        .await
        .ok(200);
}

#[actix_web::test]
async fn a_password_that_somebody_chose_is_not_even_tried_during_the_delay_and_good_after_it() {
    let world = with(|settings| {
        settings.rates.failed_log_ins.first_delay = Duration::from_secs(1);
        settings.rates.failed_log_ins.longest_delay = Duration::from_secs(1);
    });
    let client = world.client().await;
    for n in 0..3 {
        client
            .send(Door::Token.request("ada", &format!("guess {n}"), SCHOOL))
            .await
            .ok(400);
    }
    let early = client
        .send(Door::Token.request("ada", PASSWORD, SCHOOL))
        .await;
    assert_delayed(&early, 1..=1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    client
        .send(Door::Token.request("ada", PASSWORD, SCHOOL))
        .await
        .ok(200);
}

#[actix_web::test]
async fn guesses_at_once_are_no_more_than_guesses_in_turn() {
    let world = with(|_| {});
    let client = world.client().await;
    let guesses = (0..30).map(|n| {
        let request = Door::Token.request("ada", &format!("guess {n}"), SCHOOL);
        client.send(request)
    });
    let answers = futures_util::future::join_all(guesses).await;
    let tried = answers.iter().filter(|answer| answer.status == 400).count();
    assert_eq!(tried, 3);
    for answer in answers.iter().filter(|answer| answer.status != 400) {
        assert_eq!(answer.told(), (429, 4292));
    }
}

#[rstest]
#[case(Door::Token, "ada", "wrong password")]
#[case(Door::Token, "nobody", PASSWORD)]
#[case(Door::Token, "ada", "")]
#[case(Door::Basic, "ada", "wrong password")]
#[case(Door::Tsadk, "nobody", PASSWORD)]
#[actix_web::test]
async fn what_fails_takes_no_less_than_its_time(
    #[case] door: Door,
    #[case] name: &str,
    #[case] password: &str,
) {
    let beat = Duration::from_millis(80);
    let world = with(|settings| settings.rates.failed_log_ins.duration = beat);
    let client = world.client().await;
    let start = Instant::now();
    let answer = client.send(door.request(name, password, SCHOOL)).await;
    assert_eq!(answer.status.as_u16(), door.refusal());
    assert!(start.elapsed() >= beat, "{:?}", start.elapsed());
}

#[actix_web::test]
async fn a_deactivated_account_is_answered_as_a_wrong_password() {
    let world = with(|_| {});
    let change = AccountChange {
        password_hash: None,
        active: Some(false),
    };
    let id = world.account("ada").id;
    world
        .ports
        .accounts
        .change_account(id, &change, None)
        .unwrap();
    let client = world.client().await;
    for door in [Door::Token, Door::Basic] {
        let gone = client.send(door.request("ada", PASSWORD, HOME)).await;
        let wrong = client.send(door.request("bob", "wrong", HOME)).await;
        assert_eq!((gone.status, gone.json()), (wrong.status, wrong.json()));
    }
}

#[rstest]
#[case(PasswordOrigin::Chosen, 6)]
#[case(PasswordOrigin::Generated, 5)]
#[actix_web::test]
async fn a_hash_is_renewed_at_log_in_when_the_setting_has_changed(
    #[case] origin: PasswordOrigin,
    #[case] cost: u32,
) {
    let world = with(|settings| {
        settings.password_cost = Cost::new(6).unwrap();
        settings.generated_password_cost = Cost::new(5).unwrap();
    });
    let old = match origin {
        PasswordOrigin::Chosen => world.hash(PASSWORD),
        PasswordOrigin::Generated => generated(4),
    };
    set_password(&world, "ada", old.clone());
    let client = world.client().await;
    client
        .send(Door::Token.request("ada", "wrong", HOME))
        .await
        .ok(400);
    assert_eq!(world.account("ada").password_hash, old);
    for door in [Door::Basic, Door::Token] {
        client
            .send(door.request("ada", PASSWORD, HOME))
            .await
            .ok(200);
        let new = world.account("ada").password_hash;
        assert_eq!(new.origin(), origin);
        assert!(
            new.expose().starts_with(&format!("$2b$0{cost}$")),
            "{}",
            new.expose()
        );
    }
}

#[actix_web::test]
async fn a_line_that_is_too_long_is_answered_503_at_once() {
    let world = with(|settings| {
        settings.hashing_queue = 0;
        settings.rates.log_in = Rate::NONE;
        settings.password_cost = Cost::new(10).unwrap();
    });
    let passwords = Passwords::new(Cost::new(10).unwrap()).unwrap();
    for name in ["ada", "bob", "mia", "ann"] {
        let hash = passwords.hash(&Secret::new(PASSWORD)).unwrap();
        set_password(&world, name, hash);
    }
    let client = world.client().await;
    let log_ins = ["ada", "bob", "mia", "ann"]
        .map(|name| client.send(Door::Token.request(name, PASSWORD, HOME)));
    let answers = futures_util::future::join_all(log_ins).await;
    assert!(answers.iter().any(|answer| answer.status == 200));
    let turned_away: Vec<_> = answers.iter().filter(|a| a.status != 200).collect();
    assert!(!turned_away.is_empty());
    for answer in turned_away {
        assert_eq!(answer.told(), (503, 5031));
        assert!(answer.header("retry-after").is_some());
    }
}

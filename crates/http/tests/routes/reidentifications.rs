//! `/v1/studies/{study}/reidentifications`

use crate::support::{PASSWORD, World, get, keys, now, post, settings, signing};
use serde_json::{Value, json};
use sillage_domain::{AuditAction, AuditFilter, AuditKeys, StudyRole, Timestamp};
use sillage_http::Api;

const PATH: &str = "/v1/studies/tsadk/reidentifications";

fn asked(world: &World, username: &str) -> Value {
    json!({"participant": world.pseudonym(username).to_string(), "reason": "a call for help in the traces"})
}

/// A token of that one, made when the world's clock says so.
fn token(world: &World, name: &str, when: Timestamp) -> String {
    world.token_of(name, when, signing())
}

/// What somebody says about a request; status and code of the answer.
async fn says_at(world: &World, when: Timestamp, name: &str, id: &str, what: &str) -> (u16, u64) {
    let client = world.client().await;
    let path = format!("{PATH}/{id}/approval");
    let said = post(&path).token(&token(world, name, when));
    let answer = client.send(said.json(&json!({"decision": what}))).await;
    match answer.status.as_u16() {
        200 => (200, 0),
        _ => answer.told(),
    }
}

async fn says(world: &World, name: &str, id: &str, what: &str) -> (u16, u64) {
    says_at(world, now(), name, id, what).await
}

async fn requested_at(world: &World, when: Timestamp, by: &str, whose: &str) -> String {
    let client = world.client().await;
    let asks = post(PATH).token(&token(world, by, when));
    let made = client.send(asks.json(&asked(world, whose))).await.ok(201);
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn requested(world: &World, by: &str, whose: &str) -> String {
    requested_at(world, now(), by, whose).await
}

async fn answer_at(world: &World, when: Timestamp, name: &str, id: &str) -> crate::support::Answer {
    let client = world.client().await;
    let path = format!("{PATH}/{id}/answer");
    client
        .send(post(&path).token(&token(world, name, when)))
        .await
}

async fn answer(world: &World, name: &str, id: &str) -> crate::support::Answer {
    answer_at(world, now(), name, id).await
}

#[actix_web::test]
async fn whose_a_pseudonym_is_takes_two_persons_and_a_reason_and_is_told_once() {
    let world = World::new();
    let client = world.client().await;
    let made = client
        .post(PATH, &world.token("mia"), asked(&world, "ada"))
        .await
        .ok(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let view = made.json();
    assert_eq!(
        (&view["state"], &view["requested_by"]),
        (&json!("requested"), &json!("mia"))
    );
    assert_eq!(view["lapses_at"], json!(now().plus_days(3)));
    let id = view["id"].as_str().unwrap();
    assert_eq!(
        made.header("location").unwrap(),
        view["uri"].as_str().unwrap()
    );
    // Nobody is told before, and nobody decides alone.
    assert_eq!(answer(&world, "mia", id).await.told(), (409, 409));
    assert_eq!(says(&world, "mia", id, "approved").await, (403, 403));
    for name in ["ann", "dev", "mon", "ada"] {
        assert_eq!(
            says(&world, name, id, "approved").await,
            (403, 403),
            "{name}"
        );
        assert_eq!(answer(&world, name, id).await.told(), (403, 403), "{name}");
    }
    assert_eq!(says(&world, "out", id, "approved").await, (404, 404));
    assert_eq!(says(&world, "admin", id, "approved").await.0, 200);
    assert_eq!(says(&world, "admin", id, "refused").await, (409, 409));
    let seen = client
        .get(&format!("{PATH}/{id}"), &world.token("mia"))
        .await
        .ok(200);
    assert_eq!(seen.json()["state"], "approved");
    assert_eq!(seen.json()["answer_until"], json!(now().plus_days(1)));
    // Told to the one who asked, once.
    assert_eq!(answer(&world, "admin", id).await.told(), (403, 403));
    let told = answer(&world, "mia", id).await.ok(200);
    assert_eq!(told.json(), json!({"username": "ada"}));
    assert_eq!(told.header("cache-control"), Some("no-store"));
    assert_eq!(answer(&world, "mia", id).await.told(), (409, 409));
    let listed = client.get(PATH, &world.token("admin")).await.ok(200);
    assert_eq!(listed.header("x-total-count"), Some("1"));
    assert_eq!(listed.json()[0]["state"], "answered");
    assert!(!listed.text().contains("ada"), "{}", listed.text());
    world.api.finish_audit().await;
    let filter = AuditFilter {
        actions: vec![AuditAction::Reidentify],
        ..AuditFilter::default()
    };
    let records = world.ports.audit.audit_after(&filter, 0, 10).unwrap();
    let done: Vec<_> = records
        .iter()
        .filter(|one| one.record.event.subject.is_some())
        .collect();
    let keys = AuditKeys::of(&keys().root);
    let of = |name| Some(keys.account(&world.account(name).subject));
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].record.event.actor, of("mia"));
    assert_eq!(done[0].record.event.subject, of("ada"));
}

#[actix_web::test]
async fn the_second_person_is_none_that_the_first_made_up() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let id = requested(&world, "admin", "ada").await;
    // An account that the first one makes for it, and one whose password he sets.
    let new = json!({"username": "straw", "password": PASSWORD, "role": "researcher"});
    client.post("/v1/users", &admin, new).await.ok(201);
    let members = &world.ports.accounts;
    members
        .put_member(
            world.study.id,
            world.account("straw").id,
            StudyRole::Manager,
        )
        .unwrap();
    assert_eq!(says(&world, "straw", &id, "approved").await, (403, 403));
    let path = format!("/v1/users/{}", world.account("mia").id);
    client
        .patch(&path, &admin, json!({"password": "another of mine"}))
        .await
        .ok(200);
    assert_eq!(says(&world, "mia", &id, "approved").await, (403, 403));
    // A week later it is an account like any other.
    world.api.finish_audit().await;
    let (later, when) = (at(&world, a_week_later), a_week_later());
    let id = requested_at(&later, when, "admin", "ada").await;
    assert_eq!(says_at(&later, when, "mia", &id, "approved").await.0, 200);
}

fn a_week_later() -> Timestamp {
    now().plus_days(7).plus_seconds(1)
}

fn three_days_later() -> Timestamp {
    now().plus_days(3)
}

fn at(world: &World, clock: fn() -> Timestamp) -> World {
    let api = Api::new(world.ports.clone(), keys(), settings())
        .unwrap()
        .with_clock(clock);
    World {
        ports: world.ports.clone(),
        api,
        study: world.study.clone(),
    }
}

#[actix_web::test]
async fn a_request_and_its_answer_lapse() {
    let world = World::new();
    let late = requested(&world, "mia", "ada").await;
    let id = requested(&world, "mia", "ada").await;
    assert_eq!(says(&world, "admin", &id, "approved").await.0, 200);
    let (after, when) = (at(&world, three_days_later), three_days_later());
    assert_eq!(
        says_at(&after, when, "admin", &late, "approved").await,
        (409, 409)
    );
    assert_eq!(answer_at(&after, when, "mia", &id).await.told(), (409, 409));
    let refused = requested(&world, "mia", "ada").await;
    assert_eq!(says(&world, "admin", &refused, "refused").await.0, 200);
    assert_eq!(answer(&world, "mia", &refused).await.told(), (409, 409));
}

#[actix_web::test]
async fn a_pseudonym_that_is_nobody_s_is_told_after_it_was_allowed_and_not_before() {
    let world = World::new();
    let client = world.client().await;
    let id = requested(&world, "mia", "ada").await;
    let gone = world.account("ada").id;
    assert_eq!(says(&world, "admin", &id, "approved").await.0, 200);
    world.ports.erasure.unlink(gone).unwrap();
    assert_eq!(answer(&world, "mia", &id).await.told(), (410, 410));
    let token = world.token("mia");
    let wrong = json!({"participant": "P-7QX4-M2K9-T0BC-0", "reason": "why"});
    client.post(PATH, &token, wrong).await.ok(404);
    let both = client
        .post(PATH, &token, json!({"reason": " "}))
        .await
        .ok(422);
    assert_eq!(both.pointers(), ["/participant", "/reason"]);
    let none = format!("{PATH}/7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11");
    client.get(&none, &token).await.ok(404);
    client.get(&format!("{PATH}/x"), &token).await.ok(404);
    assert_eq!(says(&world, "admin", &id, "perhaps").await, (422, 4222));
    let french = get(&format!("{PATH}/{id}")).token(&token);
    client.send(french).await.ok(200);
}

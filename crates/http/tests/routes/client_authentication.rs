//! Who a client says that it is, at `/oauth2/*`.

use crate::support::{Answer, PASSWORD, Request, World, now, post};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_auth::{Secret, hash_secret};
use sillage_domain::{ClientChange, GrantType, NewClient, StudyId, StudyStatus};

/// As nobody draws one, but with everything in it that an encoding may get wrong.
const SECRET: &str = "a secret: 100% & +é";
const ENCODED: &str = "a+secret%3A+100%25+%26+%2B%C3%A9";

/// Registers a client of that id, confidential with [`SECRET`].
fn register(world: &World, id: &str, study: Option<StudyId>, scope: &str) {
    let new = NewClient {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        study,
        secret_hash: Some(hash_secret(&Secret::new(SECRET))),
        grants: vec![GrantType::Password],
        scope: scope.to_owned(),
    };
    world.ports.clients.register_client(&new, now()).unwrap();
}

fn log_in(more: Value) -> Request {
    let mut body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    post("/oauth2/access_token").json(&body)
}

fn refused(answer: &Answer) -> (u16, String) {
    let json = answer.json();
    assert!(!json["errors"].as_array().unwrap().is_empty());
    (
        answer.status.as_u16(),
        json["error"].as_str().unwrap().to_owned(),
    )
}

#[actix_web::test]
async fn a_secret_is_taken_in_the_body_and_form_encoded_in_a_header() {
    let world = World::new();
    register(&world, "game", None, "all");
    let client = world.client().await;
    let in_body = json!({"client_id": "game", "client_secret": SECRET});
    client.send(log_in(in_body)).await.ok(200);
    let in_header = log_in(json!({})).basic("game", ENCODED);
    client.send(in_header).await.ok(200);
    let form = format!(
        "grant_type=password&username=ada&password=correct+horse&client_id=game&client_secret={ENCODED}"
    );
    client
        .send(post("/oauth2/access_token").text("application/x-www-form-urlencoded", &form))
        .await
        .ok(200);
    let named_again = log_in(json!({"client_id": "game"})).basic("game", ENCODED);
    client.send(named_again).await.ok(200);
}

#[rstest]
#[case(json!({"client_secret": SECRET}), ENCODED)]
#[case(json!({"client_id": "game", "client_secret": SECRET}), ENCODED)]
#[case(json!({"client_id": "other"}), ENCODED)]
#[actix_web::test]
async fn a_client_says_who_it_is_in_one_place(#[case] body: Value, #[case] header: &str) {
    let world = World::new();
    register(&world, "game", None, "all");
    let answer = world
        .client()
        .await
        .send(log_in(body).basic("game", header))
        .await;
    assert_eq!(refused(&answer), (400, "invalid_request".to_owned()));
}

#[actix_web::test]
async fn an_unknown_client_a_wrong_secret_and_an_inactive_client_are_the_same_answer() {
    let world = World::new();
    register(&world, "game", None, "all");
    register(&world, "gone", None, "all");
    let off = ClientChange {
        active: Some(false),
        ..ClientChange::default()
    };
    world
        .ports
        .clients
        .change_client(&"gone".parse().unwrap(), &off, None)
        .unwrap();
    let client = world.client().await;
    let mut told = Vec::new();
    for body in [
        json!({"client_id": "nobody", "client_secret": SECRET}),
        json!({"client_id": "no body", "client_secret": SECRET}),
        json!({"client_id": "game", "client_secret": "wrong"}),
        json!({"client_id": "game", "client_secret": ""}),
        json!({"client_id": "game"}),
        json!({"client_id": "gone", "client_secret": SECRET}),
        json!({"client_id": "sillage", "client_secret": SECRET}),
    ] {
        let answer = client.send(log_in(body)).await;
        assert_eq!(refused(&answer), (401, "invalid_client".to_owned()));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        told.push(answer.json());
    }
    for header in ["game:wrong", "nobody:x", "%ZZ:x"] {
        let (id, secret) = header.split_once(':').unwrap();
        let answer = client.send(log_in(json!({})).basic(id, secret)).await;
        assert_eq!(refused(&answer), (401, "invalid_client".to_owned()));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert!(told.iter().all(|json| *json == told[0]), "{told:?}");
}

#[actix_web::test]
async fn a_participant_of_another_study_does_not_log_in_through_a_client_of_this_one() {
    let world = World::new();
    let other = crate::support::new_study(&world.ports, "waves", StudyStatus::Open);
    register(&world, "here", Some(world.study.id), "all");
    register(&world, "there", Some(other.id), "all");
    let client = world.client().await;
    let through = |id: &str| log_in(json!({"client_id": id, "client_secret": SECRET}));
    client.send(through("here")).await.ok(200);
    let foreign = client.send(through("there")).await;
    assert_eq!(refused(&foreign), (400, "invalid_grant".to_owned()));
}

#[actix_web::test]
async fn a_client_gets_no_more_than_its_scope() {
    let world = World::new();
    register(&world, "player", None, "participant");
    let client = world.client().await;
    let through = |scope: Option<&str>| {
        log_in(
            json!({"client_id": "player", "client_secret": SECRET, "username": "mia", "scope": scope}),
        )
    };
    let answer = client.send(through(None)).await.ok(200);
    assert_eq!(answer.json()["scope"], "participant");
    let answer = client.send(through(Some("participant"))).await.ok(200);
    assert_eq!(answer.json()["scope"], "participant");
    let more = client.send(through(Some("all"))).await;
    assert_eq!(refused(&more), (400, "invalid_scope".to_owned()));
}

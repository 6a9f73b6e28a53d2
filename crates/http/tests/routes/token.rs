//! `POST /oauth2/access_token` and `GET /v1/utils/token`.

use crate::support::{Answer, PASSWORD, Request, World, get, post};
use rstest::rstest;
use serde_json::json;
use sillage_domain::AccountChange;

fn form(body: &str) -> Request {
    post("/oauth2/access_token").text("application/x-www-form-urlencoded", body)
}

const GOOD: &str = "grant_type=password&username=ada&password=correct+horse&client_id=sillage";

fn refused(answer: &Answer) -> (u16, String) {
    let json = answer.json();
    assert!(!json["error_description"].as_str().unwrap().is_empty());
    assert!(!json["errors"].as_array().unwrap().is_empty());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    (
        answer.status.as_u16(),
        json["error"].as_str().unwrap().to_owned(),
    )
}

#[actix_web::test]
async fn a_password_is_exchanged_for_a_token_that_works() {
    let world = World::new();
    let client = world.client().await;
    let answer = client.send(form(GOOD)).await.ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let json = answer.json();
    assert_eq!(
        (json["token_type"].as_str(), json["expires_in"].as_u64()),
        (Some("Bearer"), Some(86_400))
    );
    assert_eq!(json["scope"], "participant");
    assert!(json["refresh_token"].as_str().unwrap().len() > 43);
    client
        .get("/v1/me", json["access_token"].as_str().unwrap())
        .await
        .ok(200);
}

#[actix_web::test]
async fn the_request_may_be_json_and_the_client_in_a_header() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": "sillage", "extra": 1});
    client
        .send(post("/oauth2/access_token").json(&body))
        .await
        .ok(200);
    let body = json!({"grant_type": "password", "username": "ada", "password": PASSWORD});
    client
        .send(
            post("/oauth2/access_token")
                .json(&body)
                .basic("sillage", ""),
        )
        .await
        .ok(200);
    let both = json!({"grant_type": "password", "username": "ada", "password": PASSWORD, "client_secret": "x"});
    let both = client
        .send(
            post("/oauth2/access_token")
                .json(&both)
                .basic("sillage", ""),
        )
        .await;
    assert_eq!(refused(&both), (400, "invalid_request".to_owned()));
}

#[rstest]
#[case(
    "grant_type=password&username=ada&password=wrong&client_id=sillage",
    400,
    "invalid_grant"
)]
#[case(
    "grant_type=password&username=nobody&password=correct+horse&client_id=sillage",
    400,
    "invalid_grant"
)]
#[case(
    "grant_type=password&username=&password=&client_id=sillage",
    400,
    "invalid_grant"
)]
#[case(
    "grant_type=password&password=correct+horse&client_id=sillage",
    400,
    "invalid_request"
)]
#[case(
    "grant_type=password&username=ada&password=correct+horse",
    401,
    "invalid_client"
)]
#[case(
    "grant_type=password&username=ada&password=correct+horse&client_id=other",
    401,
    "invalid_client"
)]
#[case(
    "grant_type=password&username=ada&password=correct+horse&client_id=sillage&client_secret=x",
    401,
    "invalid_client"
)]
#[case(
    "grant_type=client_credentials&client_id=sillage",
    400,
    "unauthorized_client"
)]
#[case("grant_type=magic&client_id=sillage", 400, "unsupported_grant_type")]
#[case(
    "grant_type=refresh_token&refresh_token=x&client_id=sillage",
    400,
    "invalid_grant"
)]
#[case("grant_type=refresh_token&client_id=sillage", 400, "invalid_request")]
#[case(
    "username=ada&password=correct+horse&client_id=sillage",
    400,
    "invalid_request"
)]
#[case(
    "grant_type=password&username=ada&password=correct+horse&client_id=sillage&scope=all",
    400,
    "invalid_scope"
)]
#[case(
    "grant_type=password&username=ada&password=correct+horse&client_id=sillage&scope=nonsense",
    400,
    "invalid_scope"
)]
#[case(
    "grant_type=password&grant_type=password&username=ada&password=correct+horse&client_id=sillage",
    400,
    "invalid_request"
)]
#[actix_web::test]
async fn a_refusal_is_in_the_words_of_the_standard(
    #[case] body: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let world = World::new();
    let answer = world.client().await.send(form(body)).await;
    assert_eq!(refused(&answer), (status, error.to_owned()));
    assert_eq!(
        answer.header("www-authenticate"),
        (status == 401).then_some("Bearer")
    );
    let code = answer.json()["errors"][0]["code"].as_u64().unwrap();
    assert!(
        [u64::from(status), 4003, 4004, 4222].contains(&code),
        "{code}"
    );
}

#[actix_web::test]
async fn an_unknown_user_and_a_wrong_password_are_the_same_answer() {
    let world = World::new();
    let client = world.client().await;
    let wrong = client
        .send(form(
            "grant_type=password&username=ada&password=wrong&client_id=sillage",
        ))
        .await;
    let unknown = client
        .send(form(
            "grant_type=password&username=nobody&password=wrong&client_id=sillage",
        ))
        .await;
    let change = AccountChange {
        active: Some(false),
        ..AccountChange::default()
    };
    world
        .ports
        .accounts
        .change_account(world.account("ada").id, &change, None)
        .unwrap();
    let inactive = client.send(form(GOOD)).await;
    assert_eq!(wrong.json(), unknown.json());
    assert_eq!(wrong.json(), inactive.json());
}

#[actix_web::test]
async fn a_body_that_is_neither_form_nor_json_is_not_taken() {
    let world = World::new();
    let client = world.client().await;
    assert_eq!(
        client
            .send(post("/oauth2/access_token").text("text/plain", GOOD))
            .await
            .told(),
        (406, 406)
    );
    let malformed = client
        .send(post("/oauth2/access_token").text("application/json", "{"))
        .await;
    assert_eq!(malformed.told(), (400, 4004));
    assert_eq!(refused(&malformed).1, "invalid_request");
}

#[actix_web::test]
async fn a_researcher_may_ask_for_less_than_all() {
    let world = World::new();
    let client = world.client().await;
    let all = client
        .send(form(
            "grant_type=password&username=mia&password=correct+horse&client_id=sillage",
        ))
        .await;
    assert_eq!(all.json()["scope"], "all");
    let body = "grant_type=password&username=mia&password=correct+horse&client_id=sillage&scope=participant";
    let less = client.send(form(body)).await.ok(200).json();
    assert_eq!(less["scope"], "participant");
    let token = less["access_token"].as_str().unwrap();
    assert_eq!(client.get("/v1/logs", token).await.told(), (403, 403));
}

#[actix_web::test]
async fn tsadk_gets_its_token_by_basic() {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .send(get("/v1/utils/token").basic("ada", PASSWORD))
        .await
        .ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    client.send(get("/v1/me").basic(&token, "x")).await.ok(200);
    assert_eq!(
        client.get("/v1/utils/token", &token).await.told(),
        (401, 401)
    );
    assert_eq!(
        client
            .send(get("/v1/utils/token").basic("ada", "wrong"))
            .await
            .told(),
        (401, 401)
    );
}

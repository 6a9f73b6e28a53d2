//! Accounts on paper: `POST /v1/studies/{study}/participants` with `Accept: text/html`.
#![cfg(feature = "sheets")]

use crate::support::{Request, World, get, post};
use actix_web::http::Method;
use serde_json::{Value, json};

const PATH: &str = "/v1/studies/tsadk/participants";

fn sheet(world: &World, body: Value) -> Request {
    post(PATH)
        .token(&world.token("mia"))
        .json(&body)
        .header("Accept", "text/html")
}

/// What stands in the places of that class, in order.
fn keys(page: &str) -> Vec<&str> {
    page.split("class=\"key\" translate=\"no\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect()
}

#[actix_web::test]
async fn a_sheet_has_cards_that_log_in() {
    let world = World::new();
    let client = world.client().await;
    let body =
        json!({"count": 3, "prefix": "classe-a", "address": "https://game.example.org/<play>"});
    let answer = client.send(sheet(&world, body)).await.ok(201);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-language"), Some("en"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(policy.ends_with("; frame-ancestors 'none'") && !policy.contains("script"));
    let page = answer.text();
    assert_eq!(
        page.matches("https://game.example.org/&lt;play&gt;")
            .count(),
        3
    );
    assert_eq!(page.matches("<h2>TSADK</h2>").count(), 3);
    let keys = keys(page);
    assert_eq!(keys.len(), 6);
    for pair in keys.chunks(2) {
        client
            .send(get("/v1/me").basic(pair[0], pair[1]))
            .await
            .ok(200);
    }
    assert_eq!((keys[0], keys[4]), ("classe-a-01", "classe-a-03"));
}

#[actix_web::test]
async fn a_sheet_speaks_the_language_that_is_asked_for_and_leads_here_by_default() {
    let world = World::new();
    let request = sheet(&world, json!({"count": 1})).header("Accept-Language", "fr-CH, en;q=0.5");
    let answer = world.client().await.send(request).await.ok(201);
    assert_eq!(answer.header("content-language"), Some("fr"));
    assert!(answer.text().contains("<html lang=\"fr\">"));
    assert!(
        answer
            .text()
            .contains("<dt>Adresse</dt><dd>http://sillage.test</dd>")
    );
}

#[actix_web::test]
async fn a_sheet_leads_to_the_game_of_the_study_unless_another_place_is_named() {
    let world = World::new();
    let client = world.client().await;
    let game = json!({"game_url": "https://game.example.org/?class=a&b"});
    let mia = world.token("mia");
    let study = client.patch("/v1/studies/tsadk", &mia, game).await;
    study.ok(200);
    let answer = client
        .send(sheet(&world, json!({"count": 2})))
        .await
        .ok(201);
    let address = "<dd>https://game.example.org/?class=a&amp;b</dd>";
    assert_eq!(answer.text().matches(address).count(), 2);
    let elsewhere = json!({"count": 1, "address": "Room 12"});
    let answer = client.send(sheet(&world, elsewhere)).await.ok(201);
    assert!(answer.text().contains("<dt>Address</dt><dd>Room 12</dd>"));
}

#[actix_web::test]
async fn a_password_that_somebody_chose_is_not_sent_back() {
    let world = World::new();
    let body = json!({"username": "eve", "password": "at least 8"});
    let answer = world.client().await.send(sheet(&world, body)).await.ok(201);
    assert_eq!(keys(answer.text()), ["eve", "(as it was chosen)"]);
}

#[actix_web::test]
async fn an_address_is_a_line_of_text() {
    let world = World::new();
    let client = world.client().await;
    for address in ["", "  ", "a\nb", &"x".repeat(201)] {
        let answer = client
            .send(sheet(&world, json!({"count": 1, "address": address})))
            .await;
        assert_eq!(answer.told(), (422, 4222), "{address:?}");
        assert_eq!(answer.pointers(), ["/address"]);
    }
}

#[actix_web::test]
async fn a_sheet_is_offered_where_accounts_are_made_and_nowhere_else() {
    let world = World::new();
    let client = world.client().await;
    let only_html = |method, path: &str| {
        Request::new(method, path)
            .token(&world.token("mia"))
            .json(&json!({"active": true}))
            .header("Accept", "text/html")
    };
    let ada = format!("{PATH}/ada");
    for (method, path) in [
        (Method::GET, PATH),
        (Method::GET, &ada),
        (Method::PATCH, &ada),
    ] {
        assert_eq!(
            client.send(only_html(method, path)).await.told(),
            (406, 406)
        );
    }
}

//! `/v1/studies/{study}/participants`.

use crate::support::{PASSWORD, Request, World, get, link, new_account, new_study, now, post};
use actix_web::http::Method;
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::StudyStatus;
use std::collections::BTreeSet;

const PATH: &str = "/v1/studies/tsadk/participants";

#[actix_web::test]
async fn accounts_are_made_in_bulk_and_can_log_in() {
    let world = World::new();
    let client = world.client().await;
    let wanted = json!({"count": 3, "prefix": "Classe-A"});
    let made = client
        .post(PATH, &world.token("mia"), wanted.clone())
        .await
        .ok(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.json();
    let list = made["participants"].as_array().unwrap();
    let names: Vec<_> = list
        .iter()
        .map(|one| one["username"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["classe-a-01", "classe-a-02", "classe-a-03"]);
    let numbers: Vec<_> = list
        .iter()
        .map(|one| one["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [3, 4, 5]);
    for one in list {
        let (username, password) = (
            one["username"].as_str().unwrap(),
            one["password"].as_str().unwrap(),
        );
        client
            .send(get("/v1/me").basic(username, password))
            .await
            .ok(200);
    }
    let more = client
        .post(PATH, &world.token("mia"), wanted)
        .await
        .ok(201)
        .json();
    assert_eq!(more["participants"][0]["username"], "classe-a-04");
}

#[actix_web::test]
async fn accounts_come_as_a_sheet_if_so_asked() {
    let world = World::new();
    let request = post(PATH)
        .token(&world.token("mia"))
        .json(&json!({"count": 2}))
        .header("Accept", "text/csv");
    let answer = world.client().await.send(request).await.ok(201);
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let lines: Vec<_> = answer.text().split("\r\n").collect();
    assert_eq!(lines[0], "username,password");
    let list = get(PATH)
        .token(&world.token("mia"))
        .header("Accept", "text/csv");
    assert_eq!(world.client().await.send(list).await.told(), (406, 406));
    assert!(
        lines[1].starts_with("tsadk-01,")
            && lines[2].starts_with("tsadk-02,")
            && lines[3].is_empty()
    );
}

#[actix_web::test]
async fn one_account_is_made_with_or_without_a_password() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let chosen = client
        .post(
            PATH,
            &token,
            json!({"username": "Eve", "password": "at least 8"}),
        )
        .await
        .ok(201);
    assert_eq!(
        chosen.header("location"),
        Some("http://sillage.test/v1/studies/tsadk/participants/eve")
    );
    let json = chosen.json();
    assert_eq!(
        (&json["username"], &json["number"], &json["active"]),
        (&json!("eve"), &json!(3), &json!(true))
    );
    assert!(json.get("password").is_none());
    client
        .send(get("/v1/me").basic("eve", "at least 8"))
        .await
        .ok(200);
    let made = client
        .post(PATH, &token, json!({"username": "fay"}))
        .await
        .ok(201)
        .json();
    client
        .send(get("/v1/me").basic("fay", made["password"].as_str().unwrap()))
        .await
        .ok(200);
    let taken = client.post(PATH, &token, json!({"username": "EVE"})).await;
    assert_eq!(taken.told(), (409, 4092));
}

#[rstest]
#[case(json!({}), &["/username"])]
#[case(json!({"count": 0}), &["/count"])]
#[case(json!({"count": 1001}), &["/count"])]
#[case(json!({"count": "3"}), &["/count", "/username"])]
#[case(json!({"count": 3, "prefix": "a b"}), &["/prefix"])]
#[case(json!({"count": 3, "prefix": "a".repeat(64)}), &["/prefix"])]
#[case(json!({"username": "x", "count": 2}), &["/username"])]
#[case(json!({"username": "x", "password": "short"}), &["/password"])]
#[case(json!({"username": "x", "password": "é".repeat(40)}), &["/password"])]
#[case(json!({"username": "a b", "role": "admin", "password": "short"}), &["/role", "/password", "/username"])]
#[actix_web::test]
async fn what_cannot_be_made_is_refused_with_all_faults(
    #[case] body: Value,
    #[case] pointers: &[&str],
) {
    let world = World::new();
    let answer = world
        .client()
        .await
        .post(PATH, &world.token("mia"), body)
        .await;
    assert_eq!(answer.told(), (422, 4222));
    assert_eq!(answer.pointers(), pointers);
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("dev", 403)]
#[case("mon", 403)]
#[case("out", 404)]
#[actix_web::test]
async fn accounts_are_for_those_who_run_the_study(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    let client = world.client().await;
    let token = world.token(who);
    client.get(PATH, &token).await.ok(status);
    client.get(&format!("{PATH}/ada"), &token).await.ok(status);
    client
        .post(PATH, &token, json!({"count": 1}))
        .await
        .ok(status);
    client
        .patch(&format!("{PATH}/ada"), &token, json!({"active": false}))
        .await
        .ok(status);
}

#[actix_web::test]
async fn accounts_are_listed_by_page_and_never_with_a_pseudonym() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    client
        .post(PATH, &token, json!({"count": 12}))
        .await
        .ok(201);
    let first = client.get(PATH, &token).await.ok(200);
    assert_eq!(first.header("x-total-count"), Some("14"));
    assert_eq!(first.json()[0]["username"], "ada");
    let members: BTreeSet<_> = first.json()[0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        members,
        ["active", "created_at", "number", "uri", "username"]
            .map(str::to_owned)
            .into()
    );
    let second = client
        .get(&link(&first, "next").unwrap(), &token)
        .await
        .ok(200);
    assert_eq!(second.json().as_array().unwrap().len(), 4);
    let found = client
        .get(&format!("{PATH}?search=SADK-1"), &token)
        .await
        .ok(200);
    assert_eq!(found.header("x-total-count"), Some("3"));
    assert_eq!(
        client
            .get(&format!("{PATH}?colour=red"), &token)
            .await
            .told(),
        (400, 4003)
    );
    let tag = first.header("etag").unwrap();
    client
        .send(get(PATH).token(&token).header("If-None-Match", tag))
        .await
        .ok(304);
}

#[actix_web::test]
async fn one_account_is_read_and_changed() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let path = format!("{PATH}/ada");
    let seen = client.get(&path, &token).await.ok(200);
    assert_eq!(seen.json()["uri"], format!("http://sillage.test{path}"));
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
    let player = world.token("ada");
    client.get("/v1/me", &player).await.ok(200);
    let changed = client
        .patch(
            &path,
            &token,
            json!({"password": "another one", "active": true}),
        )
        .await
        .ok(200);
    assert_eq!(changed.json(), seen.json());
    assert_ne!(changed.header("etag"), seen.header("etag"));
    client
        .send(get("/v1/me").basic("ada", "another one"))
        .await
        .ok(200);
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(401);
    let put = Request::new(Method::PUT, &path)
        .token(&token)
        .json(&json!({"active": false}));
    assert_eq!(client.send(put).await.ok(200).json()["active"], false);
    client
        .send(get("/v1/me").basic("ada", "another one"))
        .await
        .ok(401);
    client.get("/v1/me", &player).await.ok(401);
    let stale = Request::new(Method::PATCH, &path)
        .token(&token)
        .json(&json!({"active": true}));
    let stale = client
        .send(stale.header("If-Match", seen.header("etag").unwrap()))
        .await;
    assert_eq!(stale.told(), (412, 412));
    assert_eq!(
        client
            .patch(&path, &token, json!({"active": 1, "x": 2}))
            .await
            .pointers(),
        ["/active", "/x"]
    );
}

#[actix_web::test]
async fn of_several_who_have_seen_the_same_account_one_changes_it() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let path = format!("{PATH}/ada");
    let seen = client.get(&path, &token).await.ok(200);
    let change = |n: usize| {
        Request::new(Method::PATCH, &path)
            .token(&token)
            .header("If-Match", seen.header("etag").unwrap())
            .json(&json!({"password": format!("password {n}")}))
    };
    let answers = join_all((0..8).map(|n| client.send(change(n)))).await;
    let (changed, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(changed.len(), 1);
    for answer in late {
        assert_eq!(answer.told(), (412, 412));
    }
}

#[actix_web::test]
async fn a_password_is_reset_and_shown_once() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let path = format!("{PATH}/ada");
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
    let seen = client.get(&path, &token).await.ok(200);
    let reset = client
        .patch(&path, &token, json!({"reset": true}))
        .await
        .ok(200);
    assert_eq!(reset.header("cache-control"), Some("no-store"));
    let password = reset.json()["password"].as_str().unwrap().to_owned();
    client
        .send(get("/v1/me").basic("ada", &password))
        .await
        .ok(200);
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(401);
    let after = client.get(&path, &token).await.ok(200);
    assert_eq!(after.json(), seen.json());
    assert_eq!(after.header("etag"), reset.header("etag"));
    assert_ne!(after.header("etag"), seen.header("etag"));
    // What is null is left out, as everywhere: nobody loses a password by a member that a program fills in.
    let nothing = json!({"password": null, "reset": false, "active": null});
    let same = client.patch(&path, &token, nothing).await.ok(200);
    assert!(same.json().get("password").is_none());
    client
        .send(get("/v1/me").basic("ada", &password))
        .await
        .ok(200);
    let both = json!({"password": "another one", "reset": true});
    let both = client.patch(&path, &token, both).await;
    assert_eq!(
        (both.told(), both.pointers()),
        ((422, 4222), vec!["/reset".to_owned()])
    );
}

#[actix_web::test]
async fn a_search_takes_every_character_as_itself() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    for name in ["a_b", "a.b", "axb"] {
        client
            .post(
                PATH,
                &token,
                json!({"username": name, "password": "at least 8"}),
            )
            .await
            .ok(201);
    }
    for (search, found) in [
        ("a_b", "1"),
        ("a%25b", "0"),
        ("%25", "0"),
        ("A.B", "1"),
        ("*", "0"),
        ("", "5"),
    ] {
        let answer = client
            .get(&format!("{PATH}?search={search}"), &token)
            .await
            .ok(200);
        assert_eq!(answer.header("x-total-count"), Some(found), "{search}");
    }
}

#[actix_web::test]
async fn a_thousand_accounts_are_made_at_once() {
    let world = World::new();
    let client = world.client().await;
    let made = client
        .post(
            PATH,
            &world.token("mia"),
            json!({"count": 1000, "prefix": "p"}),
        )
        .await
        .ok(201)
        .json();
    let list = made["participants"].as_array().unwrap();
    let names: Vec<_> = list
        .iter()
        .map(|one| one["username"].as_str().unwrap())
        .collect();
    assert_eq!(
        (names.len(), names[0], names[999]),
        (1000, "p-0001", "p-1000")
    );
    assert!(names.is_sorted());
    let passwords: BTreeSet<_> = list.iter().map(|one| one["password"].as_str()).collect();
    assert_eq!(passwords.len(), 1000);
}

#[actix_web::test]
async fn an_account_of_another_study_does_not_exist_here() {
    let world = World::new();
    let other = new_study(&world.ports, "waves", StudyStatus::Open);
    world
        .ports
        .accounts
        .enrol(other.id, &[new_account("wim")], now())
        .unwrap();
    let client = world.client().await;
    for name in ["wim", "mia", "nobody", "no%20body"] {
        let path = format!("{PATH}/{name}");
        assert_eq!(
            client.get(&path, &world.token("mia")).await.told(),
            (404, 404),
            "{name}"
        );
        assert_eq!(
            client
                .patch(&path, &world.token("mia"), json!({"active": false}))
                .await
                .told(),
            (404, 404)
        );
    }
    assert!(world.account("wim").active);
}

//! `/v1/users`.

use crate::support::{PASSWORD, Request, World, get, link, new_account, now};
use actix_web::http::Method;
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{Role, StudyRole};
use std::collections::BTreeSet;

const PATH: &str = "/v1/users";

fn path_of(world: &World, username: &str) -> String {
    format!("{PATH}/{}", world.account(username).id)
}

fn with(method: Method, path: &str, token: &str) -> Request {
    Request::new(method, path).token(token)
}

#[actix_web::test]
async fn a_user_is_made_logs_in_and_runs_a_study() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let wanted = json!({"username": "Paul", "password": "at least 8", "role": "researcher"});
    let made = client.post(PATH, &admin, wanted.clone()).await.ok(201);
    let path = path_of(&world, "paul");
    assert_eq!(
        made.header("location"),
        Some(format!("http://sillage.test{path}").as_str())
    );
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let user = made.json();
    assert_eq!(
        (&user["username"], &user["role"], &user["active"]),
        (&json!("paul"), &json!("researcher"), &json!(true))
    );
    assert!(user.get("password").is_none(), "it was not made here");
    assert_eq!(client.get(&path, &admin).await.ok(200).json(), user);
    client
        .post(
            "/v1/studies",
            &world.token("paul"),
            json!({"slug": "waves", "title": "Waves"}),
        )
        .await
        .ok(201);
    client
        .send(get("/v1/me").basic("paul", "at least 8"))
        .await
        .ok(200);
    let again = client.post(PATH, &admin, wanted).await;
    assert_eq!(again.told(), (409, 4092));
    assert_eq!(again.pointers(), ["/username"]);
    let participant = json!({"username": "ADA", "role": "researcher"});
    assert_eq!(
        client.post(PATH, &admin, participant).await.told(),
        (409, 4092),
        "usernames are unique among all accounts"
    );
}

#[actix_web::test]
async fn a_password_that_the_server_makes_is_shown_once() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let made = client
        .post(PATH, &admin, json!({"username": "paul", "role": "admin"}))
        .await
        .ok(201);
    let first = made.json()["password"].as_str().unwrap().to_owned();
    client
        .send(get("/v1/me").basic("paul", &first))
        .await
        .ok(200);
    let path = path_of(&world, "paul");
    let read = client.get(&path, &admin).await.ok(200);
    assert!(read.json().get("password").is_none());
    let reset = client
        .patch(&path, &admin, json!({"reset": true}))
        .await
        .ok(200);
    assert_eq!(reset.header("cache-control"), Some("no-store"));
    let second = reset.json()["password"].as_str().unwrap().to_owned();
    client
        .send(get("/v1/me").basic("paul", &first))
        .await
        .ok(401);
    client
        .send(get("/v1/me").basic("paul", &second))
        .await
        .ok(200);
    client
        .patch(&path, &admin, json!({"password": "chosen by hand"}))
        .await
        .ok(200);
    client
        .send(get("/v1/me").basic("paul", "chosen by hand"))
        .await
        .ok(200);
}

#[rstest]
#[case(json!({}), &["/role", "/username"])]
#[case(json!({"username": "a b", "role": "participant", "password": "short", "email": "x"}), &["/email", "/password", "/role", "/username"])]
#[case(json!({"username": "paul", "role": "manager"}), &["/role"])]
#[case(json!({"username": 3, "role": "admin"}), &["/username"])]
#[actix_web::test]
async fn what_can_not_be_made_is_refused_with_all_faults(
    #[case] body: Value,
    #[case] pointers: &[&str],
) {
    let world = World::new();
    let client = world.client().await;
    let answer = client.post(PATH, &world.token("admin"), body).await;
    assert_eq!(answer.told(), (422, 4222));
    let found: BTreeSet<_> = answer.pointers().into_iter().collect();
    let pointers = pointers.iter().map(ToString::to_string).collect();
    assert_eq!(found, pointers);
}

#[actix_web::test]
async fn users_are_listed_by_page_and_searched_and_show_nothing_of_a_trace() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let list = client
        .get(&format!("{PATH}?page_size=4"), &admin)
        .await
        .ok(200);
    assert_eq!(list.header("x-total-count"), Some("6"));
    let names = |list: &Value| -> Vec<String> {
        let users = list.as_array().unwrap().iter();
        users
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&list.json()), ["admin", "ann", "dev", "mia"]);
    let members: BTreeSet<_> = list.json()[0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let shown = ["active", "created_at", "id", "role", "uri", "username"];
    assert_eq!(members, shown.map(str::to_owned).into());
    let second = client
        .get(&link(&list, "next").unwrap(), &admin)
        .await
        .ok(200);
    assert_eq!(names(&second.json()), ["mon", "out"]);
    let found = client
        .get(&format!("{PATH}?search=AN"), &admin)
        .await
        .ok(200);
    assert_eq!(names(&found.json()), ["ann"]);
    assert_eq!(
        client
            .get(&format!("{PATH}?role=admin"), &admin)
            .await
            .told(),
        (400, 4003)
    );
    for path in [
        path_of(&world, "ada"),
        format!("{PATH}/999"),
        format!("{PATH}/mia"),
    ] {
        assert_eq!(client.get(&path, &admin).await.told(), (404, 404), "{path}");
        let put_out = json!({"active": false});
        assert_eq!(
            client.patch(&path, &admin, put_out).await.told(),
            (404, 404)
        );
    }
}

#[actix_web::test]
async fn a_role_and_a_deactivation_count_from_the_next_request_on() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let (path, out) = (path_of(&world, "out"), world.token("out"));
    client.get(PATH, &out).await.ok(403);
    let changed = client
        .patch(&path, &admin, json!({"role": "admin"}))
        .await
        .ok(200);
    assert_eq!(changed.json()["role"], "admin");
    client.get(PATH, &out).await.ok(200);
    let put = Request::new(Method::PUT, &path)
        .token(&admin)
        .json(&json!({"role": "researcher", "active": false}));
    client.send(put).await.ok(200);
    client.get("/v1/me", &out).await.ok(401);
    client
        .send(get("/v1/me").basic("out", PASSWORD))
        .await
        .ok(401);
    let both = json!({"reset": true, "password": "chosen by hand"});
    let refused = client.patch(&path, &admin, both).await;
    assert_eq!(refused.told(), (422, 4222));
    assert_eq!(refused.pointers(), ["/reset"]);
}

#[actix_web::test]
async fn the_last_administrator_who_may_log_in_stays() {
    let world = World::new();
    let client = world.client().await;
    let (admin, path) = (world.token("admin"), path_of(&world, "admin"));
    for body in [json!({"active": false}), json!({"role": "researcher"})] {
        let refused = client.patch(&path, &admin, body).await;
        assert_eq!(refused.told(), (409, 409));
        assert!(refused.text().contains("make another one first"));
    }
    let delete = || with(Method::DELETE, &path, &admin);
    assert_eq!(client.send(delete()).await.told(), (409, 409));
    let french = client
        .send(delete().header("Accept-Language", "fr"))
        .await
        .ok(409);
    assert!(french.text().contains("le dernier compte"));
    world
        .ports
        .accounts
        .create_user(&new_account("second"), Role::Admin, now())
        .unwrap();
    client.send(delete()).await.ok(204);
    client.get("/v1/me", &admin).await.ok(401);
    client.get(PATH, &world.token("second")).await.ok(200);
}

#[actix_web::test]
async fn who_alone_manages_a_study_is_not_deleted() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let (path, mia) = (path_of(&world, "mia"), world.token("mia"));
    let refused = client.send(with(Method::DELETE, &path, &admin)).await;
    assert_eq!(refused.told(), (409, 409));
    assert!(refused.text().contains("`tsadk`"), "{}", refused.text());
    let out = world.account("out").id;
    world
        .ports
        .accounts
        .put_member(world.study.id, out, StudyRole::Manager)
        .unwrap();
    let dry = format!("{path}?dry_run=true");
    let dry = client.send(with(Method::DELETE, &dry, &admin)).await;
    let dry = dry.ok(200).json();
    assert_eq!(
        (&dry["dry_run"], &dry["counts"]["memberships"]),
        (&json!(true), &json!(1))
    );
    client.get(&path, &admin).await.ok(200);
    client
        .send(with(Method::DELETE, &path, &admin))
        .await
        .ok(204);
    client.get("/v1/studies/tsadk", &mia).await.ok(401);
    client.get(&path, &admin).await.ok(404);
}

#[actix_web::test]
async fn a_user_changes_only_as_he_was_seen() {
    let world = World::new();
    let client = world.client().await;
    let (admin, path) = (world.token("admin"), path_of(&world, "out"));
    let seen = client.get(&path, &admin).await.ok(200);
    let tag = seen.header("etag").unwrap();
    let known = get(&path).token(&admin).header("If-None-Match", tag);
    client.send(known).await.ok(304);
    let patch = |tag: &str| {
        with(Method::PATCH, &path, &admin)
            .header("If-Match", tag)
            .json(&json!({"active": false}))
    };
    client.send(patch(tag)).await.ok(200);
    assert_eq!(client.send(patch(tag)).await.told(), (412, 412));
    let delete = with(Method::DELETE, &path, &admin).header("If-Match", tag);
    assert_eq!(client.send(delete).await.told(), (412, 412));
    let before = client.get(&path, &admin).await.ok(200);
    let password = json!({"password": "another password"});
    let after = client.patch(&path, &admin, password).await.ok(200);
    let mut shown = after.json();
    assert_eq!(shown, before.json());
    shown["active"] = json!(true);
    let late = with(Method::PATCH, &path, &admin)
        .header("If-Match", before.header("etag").unwrap())
        .json(&json!({"active": true}));
    assert_eq!(client.send(late).await.told(), (412, 412));
    client
        .patch(&path, &admin, json!({"active": true}))
        .await
        .ok(200);
    assert_eq!(client.get(&path, &admin).await.ok(200).json(), shown);
}

#[actix_web::test]
async fn of_several_who_have_seen_the_same_user_one_changes_him() {
    let world = World::new();
    let client = world.client().await;
    let (admin, path) = (world.token("admin"), path_of(&world, "out"));
    let seen = client.get(&path, &admin).await.ok(200);
    let change = |n: usize| {
        with(Method::PATCH, &path, &admin)
            .header("If-Match", seen.header("etag").unwrap())
            .json(&json!({"password": format!("password {n}")}))
    };
    let answers = join_all((0..8).map(|n| client.send(change(n)))).await;
    let changed = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(changed.count(), 1);
}

//! `/v1/clients`.

use crate::support::{Answer, Client, PASSWORD, Request, World, get, new_study, now, post};
use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{ClientFilter, GrantType, NewClient, StudyScope, StudyStatus};

fn wanted() -> Value {
    json!({
        "name": "Game server", "study": "tsadk", "type": "confidential",
        "grants": ["client_credentials", "password"], "scope": "logs:write me",
    })
}

fn without(member: &str) -> Value {
    let mut body = wanted();
    body.as_object_mut().unwrap().remove(member);
    body
}

fn with(member: &str, value: Value) -> Value {
    let mut body = wanted();
    body[member] = value;
    body
}

/// Registers a client without the API, and gives its id.
fn register(world: &World, name: &str, slug: Option<&str>) -> String {
    let study = slug.map(|slug| {
        let study = world.ports.studies.study_by_slug(&slug.parse().unwrap());
        study.unwrap().unwrap().id
    });
    let new = NewClient {
        id: format!("id-{name}").parse().unwrap(),
        name: name.to_owned(),
        study,
        secret_hash: None,
        grants: vec![GrantType::Password],
        scope: "all".to_owned(),
    };
    world.ports.clients.register_client(&new, now()).unwrap();
    new.id.to_string()
}

fn path(id: &str) -> String {
    format!("/v1/clients/{id}")
}

/// Logs in through a client, with that secret if it has one.
async fn log_in<S>(client: &Client<S>, id: &str, secret: Option<&str>) -> Answer
where
    S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>,
{
    let body = json!({
        "grant_type": "password", "username": "ada", "password": PASSWORD, "client_id": id, "client_secret": secret,
    });
    client.send(post("/oauth2/access_token").json(&body)).await
}

fn names(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let names = json.as_array().unwrap().iter().map(|c| c["name"].as_str());
    names.map(|name| name.unwrap().to_owned()).collect()
}

#[rstest]
#[case("admin")]
#[case("mia")]
#[case("dev")]
#[actix_web::test]
async fn who_builds_the_study_registers_a_client_and_sees_its_secret_once(#[case] who: &str) {
    let world = World::new();
    let client = world.client().await;
    let token = world.token(who);
    let made = client.post("/v1/clients", &token, wanted()).await.ok(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let shown = made.json();
    let uri = shown["uri"].as_str().unwrap();
    assert_eq!(made.header("location"), Some(uri));
    let id = shown["client_id"].as_str().unwrap();
    assert_eq!(uri, format!("http://sillage.test/v1/clients/{id}"));
    assert_eq!(
        (&shown["name"], &shown["study"], &shown["type"]),
        (
            &json!("Game server"),
            &json!("tsadk"),
            &json!("confidential")
        )
    );
    assert_eq!(
        (
            &shown["grants"],
            &shown["scope"],
            &shown["active"],
            &shown["revision"]
        ),
        (
            &json!(["password", "client_credentials"]),
            &json!("me logs:write"),
            &json!(true),
            &json!(1)
        )
    );
    let secret = shown["client_secret"].as_str().unwrap();
    log_in(&client, id, Some(secret)).await.ok(200);
    log_in(&client, id, Some("wrong")).await.ok(401);
    log_in(&client, id, None).await.ok(401);

    let mut expected = shown.clone();
    expected.as_object_mut().unwrap().remove("client_secret");
    let read = client.get(&path(id), &token).await.ok(200);
    assert_eq!(read.json(), expected);
    let listed = client.get("/v1/clients", &token).await.ok(200);
    assert!(!listed.text().contains(secret) && listed.text().contains(id));
    let stored = world.ports.clients.client(&id.parse().unwrap()).unwrap();
    assert!(!format!("{stored:?}").contains(secret));
}

#[actix_web::test]
async fn a_public_client_has_no_secret() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"name": "Game", "study": "tsadk", "type": "public", "grants": ["password", "refresh_token"]});
    let made = client
        .post("/v1/clients", &world.token("dev"), body)
        .await
        .ok(201)
        .json();
    assert!(made.get("client_secret").is_none());
    assert_eq!(made["scope"], "all");
    let id = made["client_id"].as_str().unwrap();
    log_in(&client, id, None).await.ok(200);
    log_in(&client, id, Some("x")).await.ok(401);
    let secret = client
        .post(
            &format!("{}/secret", path(id)),
            &world.token("dev"),
            json!({}),
        )
        .await;
    assert_eq!(secret.told(), (422, 4222));
}

#[rstest]
#[case(without("name"), "/name")]
#[case(with("name", json!("")), "/name")]
#[case(with("name", json!("x".repeat(201))), "/name")]
#[case(with("name", json!("two\nlines")), "/name")]
#[case(without("type"), "/type")]
#[case(with("type", json!("secret")), "/type")]
#[case(without("grants"), "/grants")]
#[case(with("grants", json!([])), "/grants")]
#[case(with("grants", json!(["magic"])), "/grants")]
#[case(with("grants", json!("password")), "/grants")]
#[case(with("grants", json!([1])), "/grants")]
#[case(with("scope", json!("everything")), "/scope")]
#[case(with("scope", json!("")), "/scope")]
#[case(with("study", json!("No Slug")), "/study")]
#[case(with("type", json!("public")), "/grants")]
#[case(with("client_id", json!("mine")), "/client_id")]
#[actix_web::test]
async fn a_client_that_makes_no_sense_is_refused(#[case] body: Value, #[case] pointer: &str) {
    let world = World::new();
    let client = world.client().await;
    let refused = client
        .post("/v1/clients", &world.token("admin"), body)
        .await
        .ok(422);
    assert_eq!(refused.pointers(), [pointer]);
    let all = ClientFilter::default();
    let page = sillage_domain::PageRequest {
        page: std::num::NonZeroU64::MIN,
        size: std::num::NonZeroU32::MIN,
    };
    let kept = world.ports.clients.clients(&StudyScope::All, &all, &page);
    assert_eq!(kept.unwrap().total, 1);
}

#[actix_web::test]
async fn only_a_client_of_a_study_acts_for_itself() {
    let world = World::new();
    let client = world.client().await;
    let platform = client
        .post("/v1/clients", &world.token("admin"), without("study"))
        .await
        .ok(422);
    assert_eq!(platform.pointers(), ["/grants"]);
    let id = register(&world, "Game", Some("tsadk"));
    let grants = json!({"grants": ["client_credentials"]});
    let public = client
        .patch(&path(&id), &world.token("dev"), grants)
        .await
        .ok(422);
    assert_eq!(public.pointers(), ["/grants"]);
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("mon", 403)]
#[case("out", 404)]
#[actix_web::test]
async fn who_does_not_build_the_study_registers_nothing(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .post("/v1/clients", &world.token(who), wanted())
        .await;
    assert_eq!(answer.status.as_u16(), status);
}

#[actix_web::test]
async fn only_an_admin_has_to_do_with_clients_of_the_platform() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"name": "Portal", "type": "public", "grants": ["password"]});
    for who in ["mia", "dev"] {
        let token = world.token(who);
        let answer = client.post("/v1/clients", &token, body.clone()).await;
        assert_eq!(answer.told(), (403, 403));
        assert_eq!(
            client.get(&path("sillage"), &token).await.told(),
            (404, 404)
        );
        let off = client
            .patch(&path("sillage"), &token, json!({"active": false}))
            .await;
        assert_eq!(off.told(), (404, 404));
    }
    let made = client
        .post("/v1/clients", &world.token("admin"), body)
        .await
        .ok(201);
    assert_eq!(made.json()["study"], Value::Null);
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 404)]
#[case("mon", 404)]
#[case("out", 404)]
#[actix_web::test]
async fn a_client_that_is_not_yours_to_see_is_not_there(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    let id = register(&world, "Game", Some("tsadk"));
    let client = world.client().await;
    let token = world.token(who);
    let secret = format!("{}/secret", path(&id));
    for request in [
        get(&path(&id)),
        Request::new(Method::PATCH, &path(&id)).json(&json!({"active": false})),
        Request::new(Method::DELETE, &path(&id)),
        post(&secret),
    ] {
        let answer = client.send(request.token(&token)).await;
        assert_eq!(answer.told(), (status, u64::from(status)));
    }
    let nowhere = client.get(&path("none"), &token).await;
    assert_eq!(nowhere.told(), (status, u64::from(status)));
}

#[actix_web::test]
async fn clients_are_listed_within_ones_studies() {
    let world = World::new();
    new_study(&world.ports, "waves", StudyStatus::Open);
    for (name, study) in [
        ("Beta", Some("tsadk")),
        ("Alpha", Some("waves")),
        ("Gamma", None),
    ] {
        register(&world, name, study);
    }
    let client = world.client().await;
    let list = async |who: &str, query: &str| {
        let uri = format!("/v1/clients{query}");
        client.get(&uri, &world.token(who)).await
    };
    let all = list("admin", "?page_size=3").await.ok(200);
    assert_eq!(names(&all), ["Alpha", "Beta", "Gamma"]);
    assert_eq!(all.header("x-total-count"), Some("4"));
    let found = |answer: Answer| names(&answer.ok(200));
    assert_eq!(found(list("admin", "?study=waves").await), ["Alpha"]);
    assert_eq!(found(list("admin", "?search=aMM").await), ["Gamma"]);
    assert_eq!(found(list("dev", "").await), ["Beta"]);
    assert_eq!(found(list("dev", "?study=tsadk").await), ["Beta"]);
    assert!(found(list("out", "").await).is_empty());
    assert_eq!(list("dev", "?study=waves").await.told(), (404, 404));
    assert_eq!(list("ann", "?study=tsadk").await.told(), (403, 403));
    assert_eq!(list("ada", "").await.told(), (403, 403));
    assert_eq!(list("admin", "?name=x").await.told(), (400, 4003));
}

#[actix_web::test]
async fn a_client_changes_only_as_it_was_seen() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let made = client.post("/v1/clients", &token, wanted()).await.ok(201);
    let shown = made.json();
    let id = shown["client_id"].as_str().unwrap();
    let seen = client.get(&path(id), &token).await.ok(200);
    let tag = seen.header("etag").unwrap().to_owned();
    let unchanged = get(&path(id)).token(&token).header("If-None-Match", &tag);
    client.send(unchanged).await.ok(304);
    let change = |tag: &str, body: Value| {
        let put = Request::new(Method::PUT, &path(id)).token(&token);
        client.send(put.header("If-Match", tag).json(&body))
    };
    let body = json!({"name": "Serveur", "type": "confidential", "study": "tsadk", "scope": "all", "grants": ["password"]});
    let changed = change(&tag, body.clone()).await.ok(200).json();
    assert_eq!(
        (
            &changed["name"],
            &changed["scope"],
            &changed["grants"],
            &changed["revision"]
        ),
        (
            &json!("Serveur"),
            &json!("all"),
            &json!(["password"]),
            &json!(2)
        )
    );
    assert_eq!(change(&tag, body).await.told(), (412, 412));
    for late in [
        Request::new(Method::DELETE, &path(id)),
        post(&format!("{}/secret", path(id))),
    ] {
        let late = late.token(&token).header("If-Match", &tag);
        assert_eq!(client.send(late).await.told(), (412, 412));
    }
    for (member, value) in [("type", "public"), ("study", "waves")] {
        let other = client
            .patch(&path(id), &token, json!({member: value}))
            .await;
        assert_eq!(other.pointers(), [format!("/{member}")]);
        assert_eq!(other.told(), (422, 4222));
    }
}

#[actix_web::test]
async fn a_new_secret_ends_the_old_one() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("dev");
    let made = client.post("/v1/clients", &token, wanted()).await.ok(201);
    let made = made.json();
    let id = made["client_id"].as_str().unwrap();
    let renewed = client
        .send(post(&format!("{}/secret", path(id))).token(&token))
        .await
        .ok(201);
    assert_eq!(renewed.header("cache-control"), Some("no-store"));
    let (old, new) = (made["client_secret"].as_str(), renewed.json());
    log_in(&client, id, old).await.ok(401);
    log_in(&client, id, new["client_secret"].as_str())
        .await
        .ok(200);
    assert_eq!(new["revision"], 2);
}

#[actix_web::test]
async fn a_deleted_client_is_gone() {
    let world = World::new();
    let id = register(&world, "Game", Some("tsadk"));
    let client = world.client().await;
    let token = world.token("mia");
    let delete = || Request::new(Method::DELETE, &path(&id)).token(&token);
    client.send(delete()).await.ok(204);
    assert_eq!(client.send(delete()).await.told(), (404, 404));
    log_in(&client, &id, None).await.ok(401);
}

#[actix_web::test]
async fn the_client_that_is_always_there_can_be_deactivated_and_no_more() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let delete = Request::new(Method::DELETE, &path("sillage")).token(&admin);
    assert_eq!(client.send(delete).await.told(), (403, 403));
    let secret = post(&path("sillage/secret")).token(&admin);
    assert_eq!(client.send(secret).await.told(), (422, 4222));
    let confidential = json!({"type": "confidential"});
    let changed = client.patch(&path("sillage"), &admin, confidential).await;
    assert_eq!(changed.told(), (422, 4222));
    for (active, status) in [(false, 401), (true, 200)] {
        let change = json!({"active": active});
        client.patch(&path("sillage"), &admin, change).await.ok(200);
        log_in(&client, "sillage", None).await.ok(status);
    }
}

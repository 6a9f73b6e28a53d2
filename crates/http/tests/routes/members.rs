//! `/v1/studies/{study}/members`.

use crate::support::{Request, World, get, link, new_study};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::StudyStatus;

const PATH: &str = "/v1/studies/tsadk/members";

fn delete(username: &str, token: &str) -> Request {
    Request::new(Method::DELETE, &format!("{PATH}/{username}")).token(token)
}

#[actix_web::test]
async fn somebody_is_let_in_changes_and_goes() {
    let world = World::new();
    let client = world.client().await;
    let (mia, out) = (world.token("mia"), world.token("out"));
    client.get("/v1/studies/tsadk", &out).await.ok(404);
    let wanted = json!({"username": "Out", "role": "monitor"});
    let made = client.post(PATH, &mia, wanted.clone()).await.ok(201);
    let path = format!("{PATH}/out");
    let uri = format!("http://sillage.test{path}");
    assert_eq!(made.header("location"), Some(uri.as_str()));
    assert_eq!(
        made.json(),
        json!({"username": "out", "uri": uri, "role": "monitor", "active": true})
    );
    client.get("/v1/studies/tsadk", &out).await.ok(200);
    client.get("/v1/logs?study=tsadk", &out).await.ok(403);
    let twice = client.post(PATH, &mia, wanted).await;
    assert_eq!(twice.told(), (409, 409));
    assert!(twice.text().contains("PATCH"), "{}", twice.text());
    let changed = client
        .patch(&path, &mia, json!({"role": "analyst"}))
        .await
        .ok(200);
    assert_eq!(changed.json()["role"], "analyst");
    client.get("/v1/logs?study=tsadk", &out).await.ok(200);
    let put = Request::new(Method::PUT, &path)
        .token(&mia)
        .json(&json!({"role": "developer"}));
    client.send(put).await.ok(200);
    let seen = client.get(&path, &mia).await.ok(200);
    let stale = delete("out", &mia).header("If-Match", "\"another\"");
    assert_eq!(client.send(stale).await.told(), (412, 412));
    let as_seen = delete("out", &mia).header("If-Match", seen.header("etag").unwrap());
    client.send(as_seen).await.ok(204);
    client.get("/v1/studies/tsadk", &out).await.ok(404);
    client.get(&path, &mia).await.ok(404);
    assert_eq!(client.send(delete("out", &mia)).await.told(), (404, 404));
}

#[actix_web::test]
async fn members_are_listed_by_username() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let first = client
        .get(&format!("{PATH}?page_size=3"), &admin)
        .await
        .ok(200);
    assert_eq!(first.header("x-total-count"), Some("4"));
    let names = |list: &Value| -> Vec<(String, String)> {
        let members = list.as_array().unwrap().iter();
        members
            .map(|one| (one["username"].to_string(), one["role"].to_string()))
            .collect()
    };
    let expected = [
        ("\"ann\"", "\"analyst\""),
        ("\"dev\"", "\"developer\""),
        ("\"mia\"", "\"manager\""),
    ];
    assert_eq!(
        names(&first.json()),
        expected.map(|(name, role)| (name.to_owned(), role.to_owned()))
    );
    let second = client
        .get(&link(&first, "next").unwrap(), &admin)
        .await
        .ok(200);
    assert_eq!(second.json()[0]["username"], "mon");
    assert_eq!(
        client.get(&format!("{PATH}?search=a"), &admin).await.told(),
        (400, 4003)
    );
    let tag = first.header("etag").unwrap();
    let known = get(&format!("{PATH}?page_size=3"))
        .token(&admin)
        .header("If-None-Match", tag);
    client.send(known).await.ok(304);
}

#[rstest]
#[case(json!({}), &["/role", "/username"])]
#[case(json!({"username": "out", "role": "admin"}), &["/role"])]
#[case(json!({"username": "ada", "role": "monitor"}), &["/username"])]
#[case(json!({"username": "nobody", "role": "monitor"}), &["/username"])]
#[actix_web::test]
async fn who_can_not_be_a_member_is_refused(#[case] body: Value, #[case] pointers: &[&str]) {
    let world = World::new();
    let client = world.client().await;
    let answer = client.post(PATH, &world.token("mia"), body).await;
    assert_eq!(answer.told(), (422, 4222));
    assert_eq!(answer.pointers(), pointers);
}

#[actix_web::test]
async fn a_participant_is_refused_as_somebody_who_is_not_there() {
    let world = World::new();
    let client = world.client().await;
    let mut answers = Vec::new();
    for username in ["ada", "nobody"] {
        let body = json!({"username": username, "role": "monitor"});
        answers.push(client.post(PATH, &world.token("mia"), body).await);
    }
    assert_eq!(answers[0].text(), answers[1].text());
}

#[actix_web::test]
async fn a_manager_does_not_leave_a_study_without_one_but_an_administrator_may() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let demoted = client
        .patch(&format!("{PATH}/mia"), &mia, json!({"role": "analyst"}))
        .await;
    for refused in [demoted, client.send(delete("mia", &mia)).await] {
        assert_eq!(refused.told(), (409, 409));
        assert!(refused.text().contains("`tsadk`"), "{}", refused.text());
    }
    client
        .patch(&format!("{PATH}/ann"), &mia, json!({"role": "manager"}))
        .await
        .ok(200);
    client.send(delete("mia", &mia)).await.ok(204);
    client.get(PATH, &mia).await.ok(404);
    let ann = world.token("ann");
    assert_eq!(client.send(delete("ann", &ann)).await.told(), (409, 409));
    client
        .send(delete("ann", &world.token("admin")))
        .await
        .ok(204);
}

#[actix_web::test]
async fn who_makes_a_study_manages_it_and_nobody_else_sees_it() {
    let world = World::new();
    let client = world.client().await;
    let out = world.token("out");
    let new = json!({"slug": "waves", "title": "Waves"});
    client.post("/v1/studies", &out, new).await.ok(201);
    let members = client.get("/v1/studies/waves/members", &out).await.ok(200);
    assert_eq!(members.json()[0]["username"], "out");
    assert_eq!(members.json()[0]["role"], "manager");
    let mia = world.token("mia");
    client.get("/v1/studies/waves/members", &mia).await.ok(404);
    new_study(&world.ports, "castle", StudyStatus::Draft);
    let list = client.get("/v1/studies", &out).await.ok(200);
    assert_eq!(list.header("x-total-count"), Some("1"));
}

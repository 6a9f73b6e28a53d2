//! `DELETE /v1/studies/{study}`.

use crate::support::{Request, World, entry, get, new_study};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::json;
use sillage_domain::StudyStatus;

fn delete(path: &str, token: &str) -> Request {
    Request::new(Method::DELETE, path).token(token)
}

#[actix_web::test]
async fn a_study_goes_with_what_it_holds_when_archived_and_named() {
    let world = World::new();
    let client = world.client().await;
    let (mia, ada) = (world.token("mia"), world.token("ada"));
    client.post("/v1/logs", &ada, entry(1)).await.ok(201);
    client.post("/v1/logs", &ada, json!({})).await.ok(202);
    let named = "/v1/studies/tsadk?confirm=tsadk";
    let open = client.send(delete(named, &mia)).await;
    assert_eq!(open.told(), (409, 409));
    assert!(open.text().contains("archive it first"));
    world.set_status(StudyStatus::Archived);
    let unnamed = client.send(delete("/v1/studies/tsadk", &mia)).await;
    assert_eq!(unnamed.told(), (409, 409));
    assert!(
        unnamed
            .text()
            .contains("1 entries, 1 texts in quarantine and 2 accounts"),
        "{}",
        unnamed.text()
    );
    let dry = client
        .send(delete("/v1/studies/tsadk?dry_run=true", &mia))
        .await
        .ok(200);
    assert_eq!(
        dry.json(),
        json!({"study": "tsadk", "dry_run": true, "participants": 2, "entries": 1, "quarantined_texts": 1})
    );
    let other = client
        .send(delete("/v1/studies/tsadk?confirm=waves", &mia))
        .await;
    assert_eq!(other.told(), (400, 4222));
    client.get("/v1/studies/tsadk", &mia).await.ok(200);
    client.send(delete(named, &mia)).await.ok(204);
    client.get("/v1/studies/tsadk", &mia).await.ok(404);
    client.get("/v1/me", &ada).await.ok(401);
    let all = client.get("/v1/logs", &world.token("admin")).await.ok(200);
    assert_eq!(all.json(), json!([]));
    assert_eq!(client.send(delete(named, &mia)).await.told(), (404, 404));
    client.get("/v1/me", &mia).await.ok(200);
}

#[actix_web::test]
async fn an_empty_draft_goes_without_more() {
    let world = World::new();
    let client = world.client().await;
    let out = world.token("out");
    let new = json!({"slug": "waves", "title": "Waves"});
    client.post("/v1/studies", &out, new.clone()).await.ok(201);
    let path = "/v1/studies/waves";
    let stale = delete(path, &out).header("If-Match", "\"another\"");
    assert_eq!(client.send(stale).await.told(), (412, 412));
    let seen = client.send(get(path).token(&out)).await.ok(200);
    let as_seen = delete(path, &out).header("If-Match", seen.header("etag").unwrap());
    client.send(as_seen).await.ok(204);
    client.get(path, &out).await.ok(404);
    client.post("/v1/studies", &out, new).await.ok(201);
    let accounts = json!({"count": 1});
    client
        .post("/v1/studies/waves/participants", &out, accounts)
        .await
        .ok(201);
    let refused = client.send(delete(path, &out)).await;
    assert_eq!(refused.told(), (409, 409), "accounts were handed out");
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("dev", 403)]
#[case("mon", 403)]
#[case("out", 404)]
#[case("admin", 204)]
#[actix_web::test]
async fn a_study_is_deleted_by_those_who_run_it(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    world.set_status(StudyStatus::Archived);
    new_study(&world.ports, "other", StudyStatus::Draft);
    let request = delete("/v1/studies/tsadk?confirm=tsadk", &world.token(who));
    world.client().await.send(request).await.ok(status);
}

//! `DELETE /v1/studies/{study}/participants/{username}`: people taken out.

use crate::support::{PASSWORD, Request, World, entry, get, keys, over, post, settings};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{ConsentCode, Decision, PageRequest};
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

const ADA: &str = "/v1/studies/tsadk/participants/ada";
const LOGS: &str = "/v1/logs?study=tsadk";

fn delete(uri: &str, token: &str) -> Request {
    Request::new(Method::DELETE, uri).token(token)
}

/// A world in which `ada` and `bob` have played, and `ada` has sent something that does not fit.
async fn played() -> World {
    let world = World::new();
    let client = world.client().await;
    for name in ["ada", "bob"] {
        let token = world.token(name);
        client
            .post("/v1/logs", &token, json!([entry(1), entry(2)]))
            .await
            .ok(200);
    }
    let misfit = post("/v1/logs")
        .token(&world.token("ada"))
        .json(&json!({"id": 7, "secret": "of ada"}));
    client.send(misfit).await.ok(202);
    world
}

#[rstest]
#[case("anonymise")]
#[case("erase")]
#[actix_web::test]
async fn where_a_paper_lies_is_forgotten_with_whoever_signed_it(#[case] mode: &str) {
    let world = World::new();
    let client = world.client().await;
    let manager = world.token("mia");
    let paper =
        json!({"participants": ["ada", "bob"], "decision": "refused", "reference": "folder 3"});
    let path = "/v1/studies/tsadk/consents";
    client.post(path, &manager, paper).await.ok(201);
    let codes = ["ada", "bob"].map(|name| {
        let key = keys().root.study_key(world.study.salt.as_bytes());
        ConsentCode::new(key.consent_code(world.account(name).subject.as_bytes()))
    });
    let uri = format!("{ADA}?mode={mode}");
    let gone = client.send(delete(&uri, &manager)).await;
    assert!(
        [202, 204].contains(&gone.status.as_u16()),
        "{}",
        gone.text()
    );
    let one = PageRequest {
        page: NonZeroU64::MIN,
        size: NonZeroU32::MIN,
    };
    let kept = codes.map(|code| {
        let told = world.ports.consents.consents(world.study.id, &code, &one);
        let told = told.unwrap().items.remove(0).consent;
        (told.decision, told.reference)
    });
    let bobs = (Decision::Refused, Some("folder 3".to_owned()));
    assert_eq!(kept, [(Decision::Refused, None), bobs]);
}

#[actix_web::test]
async fn an_anonymised_participant_leaves_what_was_done() {
    let world = played().await;
    let client = world.client().await;
    let (manager, player) = (world.token("mia"), world.token("ada"));
    client.get("/v1/me", &player).await.ok(200);
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
    let before = client.get(LOGS, &manager).await.ok(200);
    let gone = client
        .send(delete(&format!("{ADA}?mode=anonymise"), &manager))
        .await
        .ok(204);
    assert!(gone.bytes.is_empty());
    assert_eq!(client.get(ADA, &manager).await.told(), (404, 404));
    assert_eq!(client.get("/v1/me", &player).await.told(), (401, 4013));
    client
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(401);
    client.post("/v1/logs", &player, entry(3)).await.ok(401);
    let after = client.get(LOGS, &manager).await.ok(200);
    assert_eq!(after.json(), before.json());
    assert_eq!(after.header("etag"), before.header("etag"));
    let again = delete(&format!("{ADA}?mode=erase"), &manager);
    assert_eq!(client.send(again).await.told(), (404, 404));
}

#[actix_web::test]
async fn of_an_erased_participant_tombstones_without_content_are_left() {
    let world = played().await;
    let client = world.client().await;
    let (manager, player) = (world.token("mia"), world.token("ada"));
    let code = world.pseudonym("ada").to_string();
    let before = client.get(LOGS, &manager).await.ok(200);
    client
        .send(delete(&format!("{ADA}?mode=erase"), &manager))
        .await
        .ok(204);
    client.post("/v1/logs", &player, entry(3)).await.ok(401);
    let after = client.get(LOGS, &manager).await.ok(200);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(after.header("x-total-count"), Some("2"));
    let tombstones = client
        .get(&format!("{LOGS}&status=deleted"), &manager)
        .await
        .ok(200);
    assert_eq!(tombstones.header("x-total-count"), Some("2"));
    let left: Vec<_> = [after.json(), tombstones.json()]
        .iter()
        .flat_map(|list| list.as_array().unwrap().clone())
        .collect();
    for then in before.json().as_array().unwrap() {
        let now = left
            .iter()
            .find(|now| now["number"] == then["number"])
            .unwrap();
        if then["participant"] != *code {
            assert_eq!(then, now, "another's is as it was");
            continue;
        }
        let left = ["number", "uri", "id", "participant", "received_at"];
        let mut tombstone: Value = left
            .iter()
            .map(|&name| (name.to_owned(), then[name].clone()))
            .collect();
        tombstone["status"] = json!("deleted");
        assert_eq!(*now, tombstone);
    }
    let quarantine = client
        .get("/v1/studies/tsadk/quarantine", &manager)
        .await
        .ok(200);
    assert_eq!(quarantine.json(), json!([]));
    let stats = client
        .get("/v1/studies/tsadk/stats", &manager)
        .await
        .ok(200);
    assert_eq!(stats.json()["quarantined"], 0);
    let csv = client
        .get("/v1/studies/tsadk/export?format=csv&view=full", &manager)
        .await
        .ok(200);
    assert_eq!(csv.text().matches("regionDeposer").count(), 2);
}

#[rstest]
#[case("", "mode")]
#[case("?dry_run=true", "mode")]
#[case("?mode=", "mode")]
#[case("?mode=delete", "mode")]
#[case("?mode=erase&dry_run=perhaps", "dry_run")]
#[case("?mode=erase&force=true", "force")]
#[case("?mode=erase&mode=anonymise", "mode")]
#[actix_web::test]
async fn how_somebody_is_taken_out_is_never_guessed(#[case] query: &str, #[case] parameter: &str) {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .send(delete(&format!("{ADA}{query}"), &world.token("mia")))
        .await
        .ok(400);
    assert_eq!(answer.json()["errors"][0]["parameter"], parameter);
    assert_eq!(world.account("ada").username.as_str(), "ada");
}

#[actix_web::test]
async fn a_dry_run_does_nothing_and_counts_in_steps() {
    let world = played().await;
    let client = world.client().await;
    let manager = world.token("mia");
    let more: Vec<_> = (10..22).map(entry).collect();
    let token = world.token("bob");
    client.post("/v1/logs", &token, json!(more)).await.ok(200);
    let before = client.get(LOGS, &manager).await.ok(200);
    let mut told = Vec::new();
    for name in ["ada", "bob"] {
        let uri = format!("/v1/studies/tsadk/participants/{name}?mode=erase&dry_run=true");
        let answer = client.send(delete(&uri, &manager)).await.ok(200).json();
        assert_eq!(answer["username"], name);
        let counts = &answer["counts"];
        told.push((
            counts["entries"].clone(),
            counts["quarantined_texts"].clone(),
        ));
    }
    // ada has two entries and a text, bob fourteen entries.
    assert_eq!(told, [(json!(10), json!(10)), (json!(10), json!(0))]);
    let uri = format!("{ADA}?mode=anonymise&dry_run=true");
    let milder = client.send(delete(&uri, &manager)).await.ok(200).json();
    assert_eq!(milder["keeps"], json!(["entries", "quarantined_texts"]));
    assert_eq!(client.get(LOGS, &manager).await.json(), before.json());
    client.get("/v1/me", &world.token("ada")).await.ok(200);
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("dev", 403)]
#[case("mon", 403)]
#[case("out", 404)]
#[actix_web::test]
async fn people_are_taken_out_by_those_who_run_the_study(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    let client = world.client().await;
    for query in [
        "",
        "?mode=anonymise",
        "?mode=erase",
        "?mode=erase&dry_run=true",
    ] {
        client
            .send(delete(&format!("{ADA}{query}"), &world.token(who)))
            .await
            .ok(status);
    }
    client.get("/v1/me", &world.token("ada")).await.ok(200);
}

#[actix_web::test]
async fn an_account_that_was_changed_since_is_not_deleted() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let seen = client.get(ADA, &token).await.ok(200);
    let tag = seen.header("etag").unwrap();
    client
        .patch(ADA, &token, json!({"password": "another one"}))
        .await
        .ok(200);
    let changed = client.get(ADA, &token).await.ok(200);
    assert_ne!(changed.header("etag"), seen.header("etag"));
    assert_eq!(changed.json(), seen.json());
    let uri = format!("{ADA}?mode=erase");
    let stale = client
        .send(delete(&uri, &token).header("If-Match", tag))
        .await;
    assert_eq!(stale.told(), (412, 412));
    let fresh = changed.header("etag").unwrap();
    client
        .send(delete(&uri, &token).header("If-Match", fresh))
        .await
        .ok(204);
}

#[actix_web::test]
async fn another_server_refuses_who_was_taken_out_within_the_time_that_it_believes() {
    let world = World::new();
    let mut hasty = settings();
    hasty.recheck = Duration::from_millis(50);
    let other = over(&world, hasty);
    let (here, there) = (world.client().await, other.client().await);
    let player = world.token("ada");
    there.get("/v1/me", &player).await.ok(200);
    there
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(200);
    here.send(delete(&format!("{ADA}?mode=erase"), &world.token("mia")))
        .await
        .ok(204);
    tokio::time::sleep(Duration::from_millis(60)).await;
    there.get("/v1/me", &player).await.ok(401);
    there
        .send(get("/v1/me").basic("ada", PASSWORD))
        .await
        .ok(401);
}

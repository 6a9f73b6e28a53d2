//! `POST /v1/logs`: who sends for whom, and in which state of the study.

use crate::support::{World, entry, new_account, new_study, now, post};
use rstest::rstest;
use serde_json::json;
use sillage_domain::StudyStatus;

#[actix_web::test]
async fn a_draft_takes_nothing_from_participants() {
    let world = World::new();
    world.set_status(StudyStatus::Draft);
    let answer = world
        .client()
        .await
        .send(post("/v1/logs").token(&world.token("ada")).json(&entry(1)))
        .await;
    assert_eq!(answer.told(), (403, 4031));
}

#[actix_web::test]
async fn a_player_names_nobody_else() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let named = |name: &str| {
        let mut entry = entry(1);
        entry["participant"] = json!(name);
        entry
    };
    client.post("/v1/logs", &token, named("Ada")).await.ok(201);
    for name in ["bob", "nobody", "no body"] {
        let answer = client
            .post("/v1/logs", &token, json!([entry(2), named(name)]))
            .await;
        assert_eq!(answer.told(), (403, 4033));
        assert_eq!(answer.pointers(), ["/1/participant"]);
    }
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (1, 0));
}

#[rstest]
#[case("mia")]
#[case("admin")]
#[actix_web::test]
async fn who_runs_the_study_names_the_participants(#[case] who: &str) {
    let world = World::new();
    let client = world.client().await;
    let mut named = [entry(1), entry(2), entry(3), entry(4)];
    named[0]["participant"] = json!("ada");
    named[1]["participant"] = json!("BOB");
    named[2]["participant"] = json!("nobody");
    let answer = client
        .post("/v1/logs", &world.token(who), json!(named))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&answer["accepted"], &answer["quarantined"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        answer["results"][2]["errors"][0]["pointer"],
        "/2/participant"
    );
    let listed = client
        .get("/v1/logs", &world.token("mia"))
        .await
        .ok(200)
        .json();
    assert_eq!(listed[0]["participant"], world.pseudonym("ada").to_string());
    assert_eq!(listed[1]["participant"], world.pseudonym("bob").to_string());
    let kept = client
        .get("/v1/studies/tsadk/quarantine", &world.token("mia"))
        .await
        .ok(200);
    assert!(!kept.text().contains("nobody"), "{}", kept.text());
}

#[actix_web::test]
async fn a_batch_may_be_for_participants_of_several_studies() {
    let world = World::new();
    let other = new_study(&world.ports, "waves", StudyStatus::Open);
    world
        .ports
        .accounts
        .enrol(other.id, &[new_account("wim")], now())
        .unwrap();
    let client = world.client().await;
    let mut named = [entry(1), entry(2)];
    named[0]["participant"] = json!("ada");
    named[1]["participant"] = json!("wim");
    let answer = client
        .post("/v1/logs", &world.token("admin"), json!(named))
        .await
        .ok(200)
        .json();
    assert_eq!(answer["accepted"], 2);
    assert_eq!(world.ports.logs.counts(other.id).unwrap().entries, 1);
    let foreign = client
        .post("/v1/logs", &world.token("mia"), json!(named))
        .await;
    assert_eq!(foreign.told(), (403, 4033));
    assert_eq!(foreign.pointers(), ["/1/participant"]);
    // With several studies to choose from, an entry of nobody belongs to the one that is named.
    assert_eq!(
        client
            .post("/v1/logs", &world.token("admin"), entry(3))
            .await
            .told(),
        (422, 4222)
    );
    client
        .post("/v1/logs?study=waves", &world.token("admin"), entry(3))
        .await
        .ok(202);
    assert_eq!(world.ports.logs.counts(other.id).unwrap().quarantined, 1);
}

#[rstest]
#[case("ann")]
#[case("mon")]
#[case("out")]
#[actix_web::test]
async fn who_only_reads_sends_nothing(#[case] who: &str) {
    let world = World::new();
    let client = world.client().await;
    let mut named = entry(1);
    named["participant"] = json!("ada");
    assert_eq!(
        client
            .post("/v1/logs", &world.token(who), named)
            .await
            .told(),
        (403, 4033)
    );
    client
        .post("/v1/logs?study=tsadk", &world.token(who), entry(1))
        .await
        .ok(if who == "out" { 404 } else { 403 });
    let nameless = client.post("/v1/logs", &world.token(who), entry(1)).await;
    assert_eq!(nameless.told(), (403, 403));
}

#[actix_web::test]
async fn a_developer_tests_a_draft() {
    let world = World::new();
    world.set_status(StudyStatus::Draft);
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("dev"), entry(1))
        .await
        .ok(201);
    let mut named = entry(2);
    named["participant"] = json!("ada");
    assert_eq!(
        client
            .post("/v1/logs", &world.token("dev"), named.clone())
            .await
            .told(),
        (403, 4033)
    );
    assert_eq!(
        client
            .post("/v1/logs", &world.token("mia"), named)
            .await
            .told(),
        (403, 4031)
    );
    client
        .patch(
            "/v1/studies/tsadk",
            &world.token("mia"),
            json!({"status": "open"}),
        )
        .await
        .ok(200);
    assert_eq!(
        client
            .post("/v1/logs", &world.token("dev"), entry(3))
            .await
            .told(),
        (403, 403)
    );
}

#[actix_web::test]
async fn a_closed_study_takes_what_happened_before() {
    let world = World::new();
    world.set_status(StudyStatus::Closed);
    let client = world.client().await;
    let token = world.token("ada");
    client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let mut late = entry(2);
    late["timestamp"] = json!("2024-06-01T12:00:00Z");
    let kept = client.post("/v1/logs", &token, late).await.ok(202);
    assert_eq!(
        (kept.codes(), kept.pointers()),
        (vec![4031], vec!["/timestamp".to_owned()])
    );
}

#[actix_web::test]
async fn an_archived_study_takes_nothing() {
    let world = World::new();
    world.set_status(StudyStatus::Archived);
    let answer = world
        .client()
        .await
        .post("/v1/logs", &world.token("ada"), json!([{}]))
        .await;
    assert_eq!(answer.told(), (403, 4031));
}

#[actix_web::test]
async fn a_participant_may_name_the_own_study_and_no_other() {
    let world = World::new();
    new_study(&world.ports, "waves", StudyStatus::Open);
    let client = world.client().await;
    let token = world.token("ada");
    client
        .post("/v1/logs?study=tsadk", &token, entry(1))
        .await
        .ok(201);
    let other = client.post("/v1/logs?study=waves", &token, entry(2)).await;
    assert_eq!(other.told(), (404, 404));
}

//! `/v1/alerts` and `/v1/studies/{study}/alerts`, and the setting of a study that one of them follows. It is 1 June 2024.

use crate::support::{Answer, World, new_study, now};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{AlertKind, NewAlert, StudyId, StudyStatus, Timestamp};

const STUDY: &str = "/v1/studies/tsadk";
const OF_STUDY: &str = "/v1/studies/tsadk/alerts";
const OF_SERVER: &str = "/v1/alerts";

fn raise(world: &World, kind: AlertKind, study: Option<StudyId>, at: Timestamp) {
    let new = NewAlert {
        kind,
        study,
        server: study.is_none().then(|| "games.example.org".to_owned()),
        value: 0.5,
        threshold: 0.25,
    };
    assert!(world.ports.alerts.raise_alert(&new, at).unwrap());
}

/// A silent study, another one, and a full disk.
fn troubled() -> World {
    let world = World::new();
    let other = new_study(&world.ports, "maze", StudyStatus::Open);
    raise(&world, AlertKind::StudySilent, Some(world.study.id), now());
    raise(&world, AlertKind::QuarantineShare, Some(other.id), now());
    raise(&world, AlertKind::DiskNearlyFull, None, now());
    world
}

async fn read(world: &World, who: &str, path: &str) -> Answer {
    world.client().await.get(path, &world.token(who)).await
}

fn kinds(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn those_who_run_a_study_see_what_is_wrong_in_it() {
    let world = troubled();
    for who in ["admin", "mia", "ann", "dev", "mon"] {
        let answer = read(&world, who, OF_STUDY).await.ok(200);
        let shown = answer.json();
        assert_eq!(
            shown,
            json!([{
                "id": shown[0]["id"], "kind": "study_silent", "study": "tsadk", "server": null, "state": "raised",
                "raised_at": "2024-06-01T12:00:00.000000Z", "seen_at": "2024-06-01T12:00:00.000000Z", "resolved_at": null,
                "value": 0.5, "threshold": 0.25,
            }]),
            "{who}"
        );
        assert_eq!(answer.header("x-total-count"), Some("1"));
    }
}

#[actix_web::test]
async fn an_admin_sees_what_is_wrong_anywhere() {
    let world = troubled();
    let shown = read(&world, "admin", OF_SERVER).await.ok(200).json();
    let all = ["disk_nearly_full", "quarantine_share", "study_silent"];
    assert_eq!(kinds(&shown), all);
    assert_eq!(shown[0]["server"], "games.example.org");
    assert_eq!(shown[0]["study"], Value::Null);
    assert_eq!(shown[1]["study"], "maze");
}

#[actix_web::test]
async fn what_was_resolved_is_shown_to_who_asks_for_it() {
    let world = troubled();
    let alerts = &world.ports.alerts;
    let raised = alerts.alerts_to_tell(now(), 1).unwrap().remove(0);
    assert!(
        alerts
            .resolve_alert(raised.id, now().plus_seconds(60))
            .unwrap()
    );
    let client = world.client().await;
    let token = world.token("mon");
    let list = async |query: &str| client.get(&format!("{OF_STUDY}{query}"), &token).await;
    assert_eq!(list("").await.ok(200).json(), json!([]));
    assert_eq!(list("?state=raised").await.ok(200).json(), json!([]));
    let resolved = list("?state=resolved").await.ok(200).json();
    assert_eq!(resolved[0]["state"], "resolved");
    assert_eq!(resolved[0]["resolved_at"], "2024-06-01T12:01:00.000000Z");
    assert_eq!(list("?state=all").await.ok(200).json(), resolved);
    assert_eq!(list("?state=gone").await.told(), (400, 4222));
    assert_eq!(list("?kind=x").await.told(), (400, 4003));
}

#[rstest]
#[case("ada", OF_STUDY, 403)]
#[case("out", OF_STUDY, 404)]
#[case("ada", OF_SERVER, 403)]
#[case("mia", OF_SERVER, 403)]
#[case("mon", OF_SERVER, 403)]
#[case("admin", "/v1/studies/nowhere/alerts", 404)]
#[actix_web::test]
async fn nobody_else_is_shown_alerts(#[case] who: &str, #[case] path: &str, #[case] status: u16) {
    read(&troubled(), who, path).await.ok(status);
}

#[actix_web::test]
async fn alerts_come_in_pages_with_a_tag() {
    let world = troubled();
    let first = read(&world, "admin", "/v1/alerts?page_size=2")
        .await
        .ok(200);
    assert_eq!(first.header("x-total-count"), Some("3"));
    assert!(first.header("etag").is_some());
    let second = read(&world, "admin", "/v1/alerts?page_size=2&page=2").await;
    assert_eq!(kinds(&second.ok(200).json()), ["study_silent"]);
}

#[actix_web::test]
async fn a_study_says_after_how_much_silence_it_wants_an_alert() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let minutes =
        async || client.get(STUDY, &mia).await.ok(200).json()["silence_alert_minutes"].clone();
    assert_eq!(minutes().await, Value::Null);
    let set = async |value: Value| {
        let body = json!({"silence_alert_minutes": value});
        client.patch(STUDY, &mia, body).await
    };
    let changed = set(json!(120)).await.ok(200).json();
    assert_eq!(changed["silence_alert_minutes"], 120);
    assert_eq!(minutes().await, 120);
    // What is left out stays.
    client
        .patch(STUDY, &mia, json!({"title": "T"}))
        .await
        .ok(200);
    assert_eq!(minutes().await, 120);
    set(json!(0)).await.ok(200);
    assert_eq!(minutes().await, Value::Null);
    for wrong in [json!(-1), json!(525_601)] {
        assert_eq!(set(wrong).await.told(), (422, 4222));
    }
    let seen = client.get(STUDY, &world.token("ada")).await.ok(200).json();
    assert_eq!(seen.get("silence_alert_minutes"), None);
}

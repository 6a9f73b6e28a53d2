//! `GET /v1/logs` and `GET /v1/logs/{number}`.

use crate::ports::Watched;
use crate::support::{
    Answer, World, entry, get, link, new_account, new_study, now, post, settings,
};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{Ports, StudyStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

async fn with_entries(world: &World, count: u32) {
    let entries: Vec<_> = (1..=count).map(entry).collect();
    world
        .client()
        .await
        .post("/v1/logs", &world.token("ada"), json!(entries))
        .await
        .ok(200);
}

fn numbers(answer: &Answer) -> Vec<i64> {
    answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["number"].as_i64().unwrap())
        .collect()
}

#[actix_web::test]
async fn a_manager_sees_entries_with_their_pseudonyms() {
    let world = World::new();
    with_entries(&world, 1).await;
    let list = world
        .client()
        .await
        .get("/v1/logs", &world.token("mia"))
        .await
        .ok(200);
    let expected = json!([{
        "number": 1, "uri": "http://sillage.test/v1/logs/1", "id": "0190c1d2-7e1c-7cc0-b9c0-000000000001",
        "participant": world.pseudonym("ada").to_string(), "session": "s-81", "sequence": 1,
        "timestamp": "2024-05-18T10:17:33.109000Z", "action": "regionDeposer",
        "payload": {"roomName": "salleForet"}, "received_at": "2024-06-01T12:00:00.000000Z", "status": "accepted"
    }]);
    assert_eq!(list.json(), expected);
    assert_eq!(list.header("x-total-count"), Some("1"));
}

#[actix_web::test]
async fn an_analyst_sees_no_payload_as_long_as_no_codebook_says_what_is_in_it() {
    let world = World::new();
    with_entries(&world, 1).await;
    let client = world.client().await;
    for path in ["/v1/logs", "/v1/logs/1"] {
        let json = client.get(path, &world.token("ann")).await.ok(200).json();
        let entry = if json.is_array() { &json[0] } else { &json };
        assert!(
            entry["participant"].is_string() && entry.get("payload").is_none(),
            "{entry}"
        );
    }
}

#[rstest]
#[case("ada", 403)]
#[case("dev", 200)]
#[case("mon", 200)]
#[case("out", 200)]
#[actix_web::test]
async fn who_may_not_read_is_refused_or_has_nothing_to_read(
    #[case] who: &str,
    #[case] status: u16,
) {
    let world = World::new();
    with_entries(&world, 1).await;
    let client = world.client().await;
    let list = client.get("/v1/logs", &world.token(who)).await.ok(status);
    if status == 200 {
        assert_eq!(list.json(), json!([]));
        assert_eq!(
            client.get("/v1/logs/1", &world.token(who)).await.told(),
            (404, 404)
        );
    }
}

#[actix_web::test]
async fn the_entry_of_a_study_that_is_not_yours_does_not_exist() {
    let world = World::new();
    let other = new_study(&world.ports, "waves", StudyStatus::Open);
    world
        .ports
        .accounts
        .enrol(other.id, &[new_account("wim")], now())
        .unwrap();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("wim"), entry(1))
        .await
        .ok(201);
    assert_eq!(
        client.get("/v1/logs/1", &world.token("mia")).await.told(),
        (404, 404)
    );
    assert_eq!(
        client.get("/v1/logs/99", &world.token("mia")).await.told(),
        (404, 404)
    );
    assert_eq!(
        client.get("/v1/logs/abc", &world.token("mia")).await.told(),
        (404, 404)
    );
    assert_eq!(
        client
            .get("/v1/logs?study=waves", &world.token("mia"))
            .await
            .told(),
        (404, 404)
    );
    assert_eq!(
        client
            .get("/v1/logs?study=nowhere", &world.token("mia"))
            .await
            .told(),
        (404, 404)
    );
    assert_eq!(
        client
            .get("/v1/logs?study=tsadk", &world.token("mon"))
            .await
            .told(),
        (403, 403)
    );
    assert_eq!(
        client
            .get("/v1/logs?study=waves", &world.token("admin"))
            .await
            .ok(200)
            .json()[0]["number"],
        1
    );
    assert_eq!(
        client
            .get("/v1/logs", &world.token("mia"))
            .await
            .ok(200)
            .json(),
        json!([])
    );
}

#[actix_web::test]
async fn entries_are_filtered() {
    let world = World::new();
    let client = world.client().await;
    let mut entries = [entry(1), entry(2), entry(3), entry(4)];
    entries[1]["session"] = json!("s-82");
    entries[2]["action"] = json!("other");
    entries[3]["timestamp"] = json!("2024-05-19T00:00:00Z");
    client
        .post("/v1/logs", &world.token("ada"), json!(entries))
        .await
        .ok(200);
    client
        .post("/v1/logs", &world.token("bob"), entry(5))
        .await
        .ok(201);
    let bob = world.pseudonym("bob");
    for (query, expected) in [
        ("session=s-82", vec![2]),
        ("action=other", vec![3]),
        ("from=2024-05-19T00:00:00Z", vec![4]),
        ("to=2024-05-19T00:00:00Z", vec![1, 2, 3, 5]),
        (
            "from=2024-05-18T12:17:33.109%2B02:00&to=2024-05-18T10:17:33.110Z&session=s-81",
            vec![1, 3, 5],
        ),
        ("received_from=2024-06-01T12:00:00Z&action=other", vec![3]),
        ("received_to=2024-06-01T12:00:00Z", vec![]),
        (&format!("participant={bob}"), vec![5]),
        (
            "status=accepted&study=tsadk&sort=-received",
            vec![5, 4, 3, 2, 1],
        ),
        ("status=deleted", vec![]),
        ("sort=-timestamp&page_size=1", vec![4]),
    ] {
        let list = client
            .get(&format!("/v1/logs?{query}"), &world.token("mia"))
            .await
            .ok(200);
        assert_eq!(numbers(&list), expected, "{query}");
    }
}

#[rstest]
#[case("page=abc", 400, 4001)]
#[case("page_size=abc", 400, 4001)]
#[case("after=abc", 400, 4001)]
#[case("page=0", 404, 4002)]
#[case("page=-1", 404, 4002)]
#[case("page=2", 404, 4002)]
#[case("page_size=100000", 400, 4007)]
#[case("page_size=0", 400, 4007)]
#[case("colour=red", 400, 4003)]
#[case("sort=colour", 400, 4003)]
#[case("after=1&page=1", 400, 4003)]
#[case("after=1&sort=timestamp", 400, 4003)]
#[case("from=2024-05-18T10:17:33", 400, 4005)]
#[case("to=yesterday", 400, 4005)]
#[case("participant=ada", 400, 4222)]
#[case("status=fine", 400, 4222)]
#[case("page=1&page=1", 400, 400)]
#[actix_web::test]
async fn a_list_that_cannot_be_is_refused(
    #[case] query: &str,
    #[case] status: u16,
    #[case] code: u64,
) {
    let world = World::new();
    let answer = world
        .client()
        .await
        .get(&format!("/v1/logs?{query}"), &world.token("mia"))
        .await;
    assert_eq!(answer.told(), (status, code));
    let parameter = answer.json()["errors"][0]["parameter"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(query.contains(&parameter), "{parameter}");
}

#[actix_web::test]
async fn links_lead_through_all_pages_and_repeat_the_filters() {
    let world = World::new();
    with_entries(&world, 25).await;
    let client = world.client().await;
    let token = world.token("mia");
    let mut page = client
        .get("/v1/logs?action=regionDeposer&sort=-received", &token)
        .await
        .ok(200);
    assert_eq!(link(&page, "prev"), None);
    assert_eq!(
        link(&page, "last").as_deref(),
        Some("/v1/logs?action=regionDeposer&sort=-received&page=3")
    );
    let mut seen = numbers(&page);
    while let Some(next) = link(&page, "next") {
        page = client.get(&next, &token).await.ok(200);
        assert_eq!(page.header("x-total-count"), Some("25"));
        seen.extend(numbers(&page));
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
    assert_eq!(
        link(&page, "first").as_deref(),
        Some("/v1/logs?action=regionDeposer&sort=-received&page=1")
    );
    assert_eq!(
        link(&page, "prev").as_deref(),
        Some("/v1/logs?action=regionDeposer&sort=-received&page=2")
    );
}

#[actix_web::test]
async fn a_cursor_harvests_everything_once() {
    let world = World::new();
    with_entries(&world, 25).await;
    let client = world.client().await;
    let token = world.token("mia");
    let mut seen = Vec::new();
    let mut next = Some("/v1/logs?page_size=10&after=0".to_owned());
    while let Some(path) = next {
        let part = client.get(&path, &token).await.ok(200);
        seen.extend(numbers(&part));
        assert_eq!(link(&part, "last"), None);
        next = link(&part, "next");
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
    assert_eq!(
        client.get("/v1/logs?after=25", &token).await.ok(200).json(),
        json!([])
    );
}

fn watched() -> (World, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reads);
    let world = World::with(settings(), move |ports| {
        let logs = Watched {
            within: ports.logs.clone(),
            reads: counter,
            away: false,
        };
        Ports {
            logs: Arc::new(logs),
            ..ports
        }
    });
    (world, reads)
}

#[rstest]
#[case("/v1/logs")]
#[case("/v1/logs?after=0")]
#[case("/v1/studies/tsadk/export?format=csv")]
#[case("/v1/utils/export/logs")]
#[actix_web::test]
async fn what_the_client_has_is_not_read_again(#[case] path: &str) {
    let (world, reads) = watched();
    with_entries(&world, 3).await;
    let client = world.client().await;
    let token = world.token("mia");
    let first = client.get(path, &token).await.ok(200);
    let tag = first.header("etag").unwrap().to_owned();
    let before = reads.load(Ordering::SeqCst);
    let again = |tag: &str| get(path).token(&token).header("If-None-Match", tag);
    let unchanged = client.send(again(&tag)).await.ok(304);
    assert!(unchanged.bytes.is_empty());
    assert_eq!(reads.load(Ordering::SeqCst), before);
    client
        .post("/v1/logs", &world.token("bob"), entry(9))
        .await
        .ok(201);
    let changed = client.send(again(&tag)).await.ok(200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
}

#[actix_web::test]
async fn a_tag_is_of_one_role_and_one_question() {
    let world = World::new();
    with_entries(&world, 3).await;
    let client = world.client().await;
    let mut tags = std::collections::BTreeSet::new();
    for (path, who) in [
        ("/v1/logs", "mia"),
        ("/v1/logs", "ann"),
        ("/v1/logs", "admin"),
        ("/v1/logs?page_size=2", "mia"),
        ("/v1/logs?page_size=2&page=2", "mia"),
    ] {
        let answer = client.get(path, &world.token(who)).await.ok(200);
        tags.insert(answer.header("etag").unwrap().to_owned());
    }
    assert_eq!(tags.len(), 5);
}

#[actix_web::test]
async fn a_list_says_when_the_database_is_away() {
    let world = World::with(settings(), |ports| {
        let logs = Watched {
            within: ports.logs.clone(),
            reads: Arc::default(),
            away: true,
        };
        Ports {
            logs: Arc::new(logs),
            ..ports
        }
    });
    let client = world.client().await;
    for path in [
        "/v1/logs",
        "/v1/logs/1",
        "/v1/studies/tsadk/export",
        "/v1/utils/export/logs",
    ] {
        let answer = client.get(path, &world.token("mia")).await;
        assert_eq!(answer.told(), (503, 5032), "{path}");
        assert!(answer.header("retry-after").is_some());
    }
}

#[actix_web::test]
async fn one_entry_has_a_tag_too() {
    let world = World::new();
    with_entries(&world, 1).await;
    let client = world.client().await;
    let token = world.token("mia");
    let first = client.get("/v1/logs/1", &token).await.ok(200);
    let tag = first.header("etag").unwrap();
    client
        .send(get("/v1/logs/1").token(&token).header("If-None-Match", tag))
        .await
        .ok(304);
    let list: Value = client.get("/v1/logs", &token).await.json();
    assert_eq!(list[0], first.json());
}

#[actix_web::test]
async fn no_answer_to_a_player_shows_a_pseudonym() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let pseudonym = world.pseudonym("ada").to_string();
    let mut conflict = entry(1);
    conflict["action"] = json!("other");
    for body in [
        entry(1),
        entry(1),
        conflict.clone(),
        json!({}),
        json!([entry(1), entry(2), conflict, {}]),
    ] {
        let answer = client
            .send(post("/v1/logs").token(&token).json(&body))
            .await;
        assert!(
            !answer.text().contains(&pseudonym) && !answer.text().contains("participant\""),
            "{}",
            answer.text()
        );
    }
    let me = client.get("/v1/me", &token).await;
    assert!(!me.text().contains(&pseudonym));
}

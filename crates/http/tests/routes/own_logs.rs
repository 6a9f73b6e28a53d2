//! `/v1/me/logs`.

use crate::support::{World, entry, get, link};
use serde_json::{Value, json};
use sillage_domain::StudyStatus;

const PATH: &str = "/v1/me/logs";

#[actix_web::test]
async fn one_reads_what_one_sent_and_nothing_else() {
    let world = World::new();
    let client = world.client().await;
    let (ada, bob) = (world.token("ada"), world.token("bob"));
    for n in 0..12 {
        client.post("/v1/logs", &ada, entry(n)).await.ok(201);
    }
    client.post("/v1/logs", &bob, entry(50)).await.ok(201);
    let first = client.get(PATH, &ada).await.ok(200);
    assert_eq!(first.header("x-total-count"), Some("12"));
    assert_eq!(first.json()[0]["action"], "regionDeposer");
    assert_eq!(
        first.json()[0]["payload"],
        json!({"roomName": "salleForet"})
    );
    let second = client
        .get(&link(&first, "next").unwrap(), &ada)
        .await
        .ok(200);
    assert_eq!(second.json().as_array().unwrap().len(), 2);
    for shown in [&first, &second] {
        assert!(!shown.text().contains("participant"));
        assert!(!shown.text().contains(&world.pseudonym("ada").to_string()));
    }
    let bobs = client.get(PATH, &bob).await.ok(200);
    assert_eq!(bobs.json()[0]["sequence"], 50);
    assert_eq!(bobs.header("x-total-count"), Some("1"));
    let tag = first.header("etag").unwrap();
    let again = |token: &str| get(PATH).token(token).header("If-None-Match", tag);
    client.send(again(&ada)).await.ok(304);
    client.send(again(&bob)).await.ok(200);
}

#[actix_web::test]
async fn the_own_list_is_filtered_sorted_and_followed_as_the_study_s_is() {
    let world = World::new();
    let client = world.client().await;
    let ada = world.token("ada");
    for n in 0..3 {
        client.post("/v1/logs", &ada, entry(n)).await.ok(201);
    }
    let sequences = |list: Value| -> Vec<i64> {
        let entries = list.as_array().unwrap().iter();
        entries.map(|e| e["sequence"].as_i64().unwrap()).collect()
    };
    for (query, expected) in [
        ("sort=-received", vec![2, 1, 0]),
        ("after=1&page_size=1", vec![1]),
        ("session=s-81&page_size=2&page=2", vec![2]),
        ("action=other", vec![]),
        (
            "study=tsadk&received_from=2024-06-01T12:00:00Z",
            vec![0, 1, 2],
        ),
        ("to=2024-05-18T00:00:00Z", vec![]),
    ] {
        let list = client.get(&format!("{PATH}?{query}"), &ada).await.ok(200);
        assert_eq!(sequences(list.json()), expected, "{query}");
    }
    let other = format!("{PATH}?participant={}", world.pseudonym("bob"));
    assert_eq!(client.get(&other, &ada).await.told(), (400, 4003));
    assert_eq!(
        client.get(&format!("{PATH}?study=maze"), &ada).await.told(),
        (404, 404)
    );
}

#[actix_web::test]
async fn a_developer_reads_the_own_test_entries() {
    let world = World::new();
    let client = world.client().await;
    world.set_status(StudyStatus::Draft);
    let dev = world.token("dev");
    client.post("/v1/logs", &dev, entry(1)).await.ok(201);
    let list = client
        .get(&format!("{PATH}?study=tsadk"), &dev)
        .await
        .ok(200);
    assert_eq!(list.header("x-total-count"), Some("1"));
    assert!(!list.text().contains("participant"));
    let none = client.get(PATH, &dev).await.ok(200);
    assert_eq!(none.json(), json!([]));
    let nothing = client
        .get(&format!("{PATH}?study=tsadk"), &world.token("out"))
        .await;
    assert_eq!(nothing.told(), (404, 404));
}

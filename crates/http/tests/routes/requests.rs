//! `/v1/studies/{study}/requests`: what came by letter, and the days by which it must be answered. It is 1 June 2024.

use crate::support::{Answer, Request, World};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

const STUDY: &str = "/v1/studies/tsadk";
const ALL: &str = "/v1/studies/tsadk/requests";

async fn record(world: &World, body: Value) -> Answer {
    let client = world.client().await;
    client.post(ALL, &world.token("mia"), body).await
}

async fn received(world: &World, day: &str) -> Value {
    let body = json!({"kind": "access", "participant": "ada", "received_on": day});
    record(world, body).await.ok(201).json()
}

async fn step(world: &World, id: &Value, body: Value) -> Answer {
    let path = format!("{ALL}/{id}");
    let client = world.client().await;
    client.patch(&path, &world.token("mia"), body).await
}

async fn read(world: &World, who: &str, path: &str) -> Answer {
    world.client().await.get(path, &world.token(who)).await
}

#[actix_web::test]
async fn a_request_is_written_down_with_the_day_by_which_it_must_be_answered() {
    let world = World::new();
    let body = json!({"kind": "erasure", "participant": "ada", "reference": "2024-17", "received_on": "2024-05-20"});
    let made = record(&world, body).await.ok(201);
    let uri = made.header("location").unwrap().to_owned();
    let shown = made.json();
    assert_eq!(
        shown,
        json!({
            "id": shown["id"], "uri": uri, "kind": "erasure", "participant": "ada", "reference": "2024-17",
            "received_on": "2024-05-20", "due_on": "2024-06-19", "put_off_because": null, "state": "open", "overdue": false,
            "answered_on": null, "outcome": null, "recorded_at": "2024-06-01T12:00:00.000000Z", "recorded_by": "mia", "revision": 1,
        })
    );
    let path = uri.strip_prefix("http://sillage.test").unwrap();
    assert_eq!(read(&world, "mia", path).await.ok(200).json(), shown);
    let today = record(&world, json!({"kind": "other", "reference": "a/1"}))
        .await
        .ok(201)
        .json();
    assert_eq!(today["received_on"], "2024-06-01");
    assert_eq!(today.get("participant"), None);
}

#[actix_web::test]
async fn what_waits_comes_first_and_what_is_overdue_is_seen_with_the_study() {
    let world = World::new();
    let late = received(&world, "2024-04-20").await;
    received(&world, "2024-05-30").await;
    let done = received(&world, "2024-05-01").await;
    let answered = json!({"answered_on": "2024-05-20", "outcome": "granted"});
    step(&world, &done["id"], answered).await.ok(200);
    let all = read(&world, "mia", ALL).await.ok(200);
    assert_eq!(all.header("cache-control"), Some("no-store"));
    let all = all.json();
    let days: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["received_on"].clone())
        .collect();
    assert_eq!(days, ["2024-04-20", "2024-05-30", "2024-05-01"]);
    assert_eq!(
        (&all[0]["overdue"], &all[1]["overdue"], &all[2]["overdue"]),
        (&json!(true), &json!(false), &json!(false))
    );
    let open = read(&world, "mia", &format!("{ALL}?state=open"))
        .await
        .ok(200);
    assert_eq!(open.header("x-total-count"), Some("2"));
    let study = read(&world, "mia", STUDY).await.ok(200);
    assert_eq!(study.json()["requests"], json!({"open": 2, "overdue": 1}));
    for who in ["ann", "dev", "mon", "ada"] {
        let study = read(&world, who, STUDY).await.ok(200).json();
        assert_eq!(study.get("requests"), None, "{who}");
        assert_eq!(read(&world, who, ALL).await.told(), (403, 403), "{who}");
    }
    // The tag of the study that a manager has seen is good for a change.
    let tag = study.header("etag").unwrap().to_owned();
    let patch = Request::new(Method::PATCH, STUDY)
        .token(&world.token("mia"))
        .header("If-Match", tag);
    let patch = patch.json(&json!({"title": "Another"}));
    world.client().await.send(patch).await.ok(200);
    let answered = json!({"answered_on": "2024-06-01", "outcome": "partly"});
    step(&world, &late["id"], answered).await.ok(200);
    let study = read(&world, "mia", STUDY).await.ok(200).json();
    assert_eq!(study["requests"], json!({"open": 1, "overdue": 0}));
}

#[actix_web::test]
async fn an_answer_is_put_off_by_two_months_at_most_with_a_reason() {
    let world = World::new();
    let request = received(&world, "2024-05-01").await;
    let off = |day: &str| json!({"due_on": day, "reason": "many requests at once"});
    for day in ["2024-08-02", "2024-05-31", "2024-05-02"] {
        let refused = step(&world, &request["id"], off(day)).await;
        assert_eq!(
            (refused.told(), refused.pointers()),
            ((422, 4222), vec!["/due_on".to_owned()]),
            "{day}"
        );
    }
    let put_off = step(&world, &request["id"], off("2024-08-01"))
        .await
        .ok(200)
        .json();
    assert_eq!(put_off["due_on"], "2024-08-01");
    assert_eq!(put_off["put_off_because"], "many requests at once");
    assert_eq!(put_off["revision"], 2);
    let answered = json!({"answered_on": "2024-06-01", "outcome": "refused"});
    let done = step(&world, &request["id"], answered.clone())
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&done["state"], &done["outcome"]),
        (&json!("answered"), &json!("refused"))
    );
    assert_eq!(
        step(&world, &request["id"], answered).await.told(),
        (409, 409)
    );
}

#[rstest]
#[case(json!({"kind": "access"}), "/reference")]
#[case(json!({"kind": "curiosity", "reference": "1"}), "/kind")]
#[case(json!({"reference": "1"}), "/kind")]
#[case(json!({"kind": "access", "reference": "Ada Lovelace"}), "/reference")]
#[case(json!({"kind": "access", "reference": "ada@example.org"}), "/reference")]
#[case(json!({"kind": "access", "participant": "nobody"}), "/participant")]
#[case(json!({"kind": "access", "participant": "mia"}), "/participant")]
#[case(json!({"kind": "access", "reference": "1", "received_on": "2024-06-02"}), "/received_on")]
#[case(json!({"kind": "access", "reference": "1", "received_on": "1 May"}), "/received_on")]
#[case(json!({"kind": "access", "reference": "1", "name": "Ada"}), "/name")]
#[actix_web::test]
async fn a_name_or_nothing_is_not_written_down(#[case] body: Value, #[case] pointer: &str) {
    let world = World::new();
    let refused = record(&world, body).await;
    assert_eq!(refused.told(), (422, 4222), "{}", refused.text());
    assert_eq!(refused.pointers(), [pointer]);
    let all = read(&world, "mia", ALL).await.ok(200).json();
    assert_eq!(all, json!([]));
}

#[rstest]
#[case(json!({}), "/answered_on")]
#[case(json!({"due_on": "2024-07-01"}), "/reason")]
#[case(json!({"reason": "r"}), "/due_on")]
#[case(json!({"answered_on": "2024-06-01"}), "/outcome")]
#[case(json!({"outcome": "granted"}), "/answered_on")]
#[case(json!({"answered_on": "2024-05-01", "outcome": "granted"}), "/answered_on")]
#[case(json!({"answered_on": "2024-06-02", "outcome": "granted"}), "/answered_on")]
#[case(json!({"answered_on": "2024-06-01", "outcome": "granted", "due_on": "2024-07-01", "reason": "r"}), "/answered_on")]
#[actix_web::test]
async fn a_step_that_makes_no_sense_is_refused(#[case] body: Value, #[case] pointer: &str) {
    let world = World::new();
    let request = received(&world, "2024-05-20").await;
    let refused = step(&world, &request["id"], body).await;
    assert_eq!(refused.told(), (422, 4222), "{}", refused.text());
    assert_eq!(refused.pointers(), [pointer]);
}

#[actix_web::test]
async fn a_request_that_somebody_else_changed_is_not_changed_unseen() {
    let world = World::new();
    let request = received(&world, "2024-05-20").await;
    let path = format!("{ALL}/{}", request["id"]);
    let seen = read(&world, "mia", &path).await.ok(200);
    let seen = seen.header("etag").unwrap().to_owned();
    let off = json!({"due_on": "2024-07-20", "reason": "many"});
    step(&world, &request["id"], off).await.ok(200);
    let answered = json!({"answered_on": "2024-06-01", "outcome": "granted"});
    let late = Request::new(Method::PATCH, &path)
        .token(&world.token("admin"))
        .header("If-Match", seen);
    assert_eq!(
        world.client().await.send(late.json(&answered)).await.told(),
        (412, 412)
    );
}

#[actix_web::test]
async fn requests_about_oneself_are_in_one_s_own_file_and_go_without_the_account() {
    let world = World::new();
    let body = json!({"kind": "access", "participant": "ada", "reference": "2024-17"});
    record(&world, body).await.ok(201);
    let own = read(&world, "ada", "/v1/me/export").await.ok(200);
    assert_eq!(own.json()["requests"][0]["reference"], "2024-17");
    assert!(!own.text().contains("mia"), "{}", own.text());
    let bob = read(&world, "bob", "/v1/me/export").await.ok(200).json();
    assert_eq!(bob["requests"], json!([]));
    let request = Request::new(
        Method::DELETE,
        &format!("{STUDY}/participants/ada?mode=anonymise"),
    );
    world
        .client()
        .await
        .send(request.token(&world.token("mia")))
        .await
        .ok(204);
    let left = read(&world, "mia", ALL).await.ok(200).json();
    assert_eq!(
        (left[0].get("participant"), &left[0]["reference"]),
        (None, &json!("2024-17"))
    );
}

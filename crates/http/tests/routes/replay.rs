//! The quarantine at work: filters, counts, replay, discard.

use crate::support::{Request, World, entry, post};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::StudyStatus;

const PATH: &str = "/v1/studies/tsadk/quarantine";
const CODEBOOK: &str = "/v1/studies/tsadk/codebook";

fn codebook(field: &str) -> Request {
    let text = format!(
        "format = 1\n[actions.regionDeposer.fields.{field}]\ntype = \"string\"\nrequired = true\nprivacy = \"other\"\n"
    );
    Request::new(Method::PUT, CODEBOOK).text("application/toml", &text)
}

/// With a codebook that asks for a field that entries do not have.
async fn strict() -> World {
    let world = World::new();
    let client = world.client().await;
    let sent = codebook("forgotten").token(&world.token("mia"));
    client.send(sent).await.ok(201);
    world
}

fn replay(query: &str) -> Request {
    post(&format!("{PATH}/replay{query}"))
}

fn of(answer: &Value) -> (u64, u64, u64) {
    let number = |name: &str| answer[name].as_u64().unwrap();
    (number("moved"), number("duplicates"), number("remained"))
}

#[actix_web::test]
async fn once_the_codebook_is_mended_what_fits_becomes_an_entry_as_of_its_arrival() {
    let world = strict().await;
    let client = world.client().await;
    let (ada, mia) = (world.token("ada"), world.token("mia"));
    for n in 1..4 {
        client.post("/v1/logs", &ada, entry(n)).await.ok(202);
    }
    let mut other = entry(4);
    other["action"] = json!("fly");
    client.post("/v1/logs", &ada, other).await.ok(202);
    client
        .post("/v1/logs", &ada, json!({"no": "entry"}))
        .await
        .ok(202);
    let early = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!(of(&early), (0, 0, 5), "nothing has changed yet");
    client.send(codebook("roomName").token(&mia)).await.ok(200);
    let done = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!((of(&done), &done["next"]), ((3, 0, 2), &Value::Null));
    let list = client.get("/v1/logs", &mia).await.ok(200).json();
    let ids: Vec<_> = (1..4).map(|n| entry(n)["id"].clone()).collect();
    for (shown, id) in list.as_array().unwrap().iter().zip(&ids) {
        assert_eq!(&shown["id"], id);
        assert_eq!(shown["codebook"], 2);
        assert_eq!(shown["received_at"], "2024-06-01T12:00:00.000000Z");
    }
    assert_eq!(list.as_array().unwrap().len(), 3);
    let left = client.get(PATH, &mia).await.ok(200);
    assert_eq!(left.header("x-total-count"), Some("2"));
    let again = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!(of(&again), (0, 0, 2), "each moves once");
    // The game that sends again hears that it is there.
    let sent = client.post("/v1/logs", &ada, entry(1)).await.ok(200).json();
    assert_eq!(sent["number"], list[0]["number"]);
}

#[actix_web::test]
async fn what_stays_has_the_reasons_of_the_codebook_that_it_was_last_judged_by() {
    let world = strict().await;
    let client = world.client().await;
    let (ada, mia) = (world.token("ada"), world.token("mia"));
    client.post("/v1/logs", &ada, entry(1)).await.ok(202);
    client.post("/v1/logs", &ada, json!({"n": 1})).await.ok(202);
    let one = format!("{PATH}/1");
    let first = client.get(&one, &mia).await.ok(200);
    assert_eq!(first.json()["reasons"], json!(["missing_field"]));
    let before = client.get("/v1/studies/tsadk/quality", &mia).await.ok(200);
    client.send(replay("").token(&mia)).await.ok(200);
    let same = client.get(&one, &mia).await.ok(200).json();
    assert_eq!(same, first.json(), "nothing is other than it was");
    let narrow = "format = 1\n[actions.fly]\n";
    let put = Request::new(Method::PUT, CODEBOOK).text("application/toml", narrow);
    client.send(put.token(&mia)).await.ok(200);
    let done = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!(of(&done), (0, 0, 2));
    let anew = client.get(&one, &mia).await.ok(200).json();
    assert_eq!(anew["reasons"], json!(["unknown_action"]));
    assert_eq!(anew["errors"][0]["pointer"], "/action");
    assert_eq!(
        (&anew["codebook"], &anew["text"]),
        (&json!(2), &first.json()["text"])
    );
    assert_eq!(anew["received_at"], first.json()["received_at"]);
    assert_eq!(anew["judged_at"], "2024-06-01T12:00:00.000000Z");
    let list = client
        .get(&format!("{PATH}?reason=missing_field"), &mia)
        .await;
    assert_eq!(list.ok(200).json(), json!([]));
    let counts = client
        .get(&format!("{PATH}/reasons"), &mia)
        .await
        .ok(200)
        .json();
    let words: Vec<_> = counts
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["reason"])
        .collect();
    assert_eq!(words, ["missing", "unknown_action"]);
    let after = client.get("/v1/studies/tsadk/quality", &mia).await.ok(200);
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[actix_web::test]
async fn what_was_sent_again_meanwhile_is_not_doubled() {
    let world = strict().await;
    let client = world.client().await;
    let (ada, mia) = (world.token("ada"), world.token("mia"));
    client.post("/v1/logs", &ada, entry(1)).await.ok(202);
    client.post("/v1/logs", &ada, entry(2)).await.ok(202);
    client.send(codebook("roomName").token(&mia)).await.ok(200);
    client.post("/v1/logs", &ada, entry(1)).await.ok(201);
    let mut conflict = entry(2);
    conflict["session"] = json!("other");
    client.post("/v1/logs", &ada, conflict).await.ok(201);
    let done = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!(of(&done), (0, 1, 1));
    let left = client.get(PATH, &mia).await.ok(200).json();
    assert_eq!(left[0]["reasons"], json!(["conflict"]));
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (2, 1));
}

#[rstest]
#[case("?ids=1,3", (2, 0, 0))]
#[case("?ids=99", (0, 0, 0))]
#[case("?after=2", (1, 0, 0))]
#[case("?reason=missing_field", (3, 0, 0))]
#[case("?reason=unknown_action", (0, 0, 0))]
#[case("?action=regionDeposer&to=2024-06-01T12:00:00Z", (0, 0, 0))]
#[case("?action=regionDeposer&from=2024-06-01T12:00:00Z", (3, 0, 0))]
#[actix_web::test]
async fn a_replay_is_of_what_is_asked_for(#[case] query: &str, #[case] done: (u64, u64, u64)) {
    let world = strict().await;
    let client = world.client().await;
    let mia = world.token("mia");
    for n in 1..4 {
        let sent = entry(n);
        client
            .post("/v1/logs", &world.token("ada"), sent)
            .await
            .ok(202);
    }
    client.send(codebook("roomName").token(&mia)).await.ok(200);
    let answer = client.send(replay(query).token(&mia)).await.ok(200);
    assert_eq!(of(&answer.json()), done);
}

#[rstest]
#[case("/replay?ids=a", (400, 4222))]
#[case("/replay?ids=", (400, 4222))]
#[case("/replay?ids=1,,2", (400, 4222))]
#[case("/replay?ids=-1", (400, 4222))]
#[case("/replay?after=x", (400, 4001))]
#[case("/replay?reason=Not%20a%20word", (400, 4222))]
#[case("/replay?page=1", (400, 4003))]
#[actix_web::test]
async fn what_can_not_be_asked_for_is_refused(#[case] path: &str, #[case] told: (u16, u64)) {
    let world = World::new();
    let request = post(&format!("{PATH}{path}")).token(&world.token("mia"));
    assert_eq!(world.client().await.send(request).await.told(), told);
}

#[actix_web::test]
async fn an_archived_study_lets_nothing_out() {
    let world = strict().await;
    world.set_status(StudyStatus::Archived);
    let request = replay("").token(&world.token("mia"));
    assert_eq!(world.client().await.send(request).await.told(), (403, 4031));
}

#[actix_web::test]
async fn what_came_after_the_closing_goes_in_once_the_study_is_open_again() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    world.set_status(StudyStatus::Closed);
    let mut late = entry(1);
    late["timestamp"] = json!("2024-07-01T00:00:00Z");
    client
        .post("/v1/logs", &world.token("ada"), late)
        .await
        .ok(202);
    let closed = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!(of(&closed), (0, 0, 1));
    world.set_status(StudyStatus::Open);
    let open = client.send(replay("").token(&mia)).await.ok(200).json();
    assert_eq!(of(&open), (1, 0, 0));
}

#[actix_web::test]
async fn the_quarantine_is_filtered_and_counted_by_reason() {
    let world = strict().await;
    let client = world.client().await;
    let (ada, mia) = (world.token("ada"), world.token("mia"));
    client.post("/v1/logs", &ada, entry(1)).await.ok(202);
    let mut fly = entry(2);
    fly["action"] = json!("fly");
    client
        .post("/v1/logs", &world.token("bob"), fly)
        .await
        .ok(202);
    client.post("/v1/logs", &ada, json!({"n": 1})).await.ok(202);
    let total = async |query: &str| {
        let list = client.get(&format!("{PATH}?{query}"), &mia).await.ok(200);
        list.header("x-total-count").unwrap().to_owned()
    };
    assert_eq!(total("reason=missing_field").await, "1");
    assert_eq!(total("reason=unknown_action").await, "1");
    assert_eq!(total("reason=missing").await, "1");
    assert_eq!(total("action=fly").await, "1");
    assert_eq!(total("action=run").await, "0");
    assert_eq!(total("from=2024-06-01T12:00:00Z").await, "3");
    assert_eq!(total("to=2024-06-01T12:00:00Z").await, "0");
    let bob = world.pseudonym("bob");
    assert_eq!(total(&format!("participant={bob}")).await, "1");
    assert_eq!(
        total(&format!("participant={bob}&reason=missing")).await,
        "0"
    );
    for (by, start) in [("day", "00"), ("hour", "12")] {
        let path = format!("{PATH}/reasons?by={by}");
        let counts = client.get(&path, &mia).await.ok(200).json();
        let from = format!("2024-06-01T{start}:00:00.000000Z");
        let one = |word: &str| json!({"from": from, "reason": word, "texts": 1});
        assert_eq!(
            counts,
            json!([one("missing"), one("missing_field"), one("unknown_action")])
        );
    }
    let none = client.get(&format!("{PATH}/reasons?by=week"), &mia).await;
    assert_eq!(none.told(), (400, 4222));
}

#[actix_web::test]
async fn a_text_is_thrown_away_with_a_reason_that_stays() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    client
        .post("/v1/logs", &world.token("ada"), json!({"n": 1}))
        .await
        .ok(202);
    let one = format!("{PATH}/1");
    let discard = |query: &str| Request::new(Method::DELETE, &format!("{one}{query}")).token(&mia);
    for query in ["", "?reason=", "?reason=%20", "?reason=a%07b"] {
        assert_eq!(
            client.send(discard(query)).await.told(),
            (400, 4222),
            "{query}"
        );
    }
    let seen = client.get(&one, &mia).await.ok(200);
    let stale = discard("?reason=a%20pilot").header("If-Match", "\"other\"");
    assert_eq!(client.send(stale).await.told(), (412, 412));
    let tag = seen.header("etag").unwrap();
    client
        .send(discard("?reason=a%20pilot").header("If-Match", tag))
        .await
        .ok(204);
    let left = client.get(&one, &mia).await.ok(200);
    assert_eq!(
        left.json(),
        json!({
            "id": 1, "uri": format!("http://sillage.test{one}"), "status": "discarded",
            "received_at": "2024-06-01T12:00:00.000000Z", "discarded_at": "2024-06-01T12:00:00.000000Z",
            "reason": "a pilot",
        })
    );
    assert_eq!(
        client.send(discard("?reason=again")).await.told(),
        (404, 404)
    );
    let list = client.get(PATH, &mia).await.ok(200);
    assert_eq!(list.json(), json!([]));
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!(counts.quarantined, 0);
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("mon", 403)]
#[case("dev", 403)]
#[case("out", 404)]
#[actix_web::test]
async fn only_those_who_run_the_study_let_out_throw_away_and_count(
    #[case] who: &str,
    #[case] status: u16,
) {
    let world = World::new();
    let client = world.client().await;
    let token = world.token(who);
    client
        .post("/v1/logs", &world.token("ada"), json!({"n": 1}))
        .await
        .ok(202);
    client.send(replay("").token(&token)).await.ok(status);
    client
        .get(&format!("{PATH}/reasons"), &token)
        .await
        .ok(status);
    let discard = Request::new(Method::DELETE, &format!("{PATH}/1?reason=x"));
    client.send(discard.token(&token)).await.ok(status);
}

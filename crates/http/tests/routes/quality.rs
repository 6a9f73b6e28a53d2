//! `/v1/studies/{study}/quality`.

use crate::support::{Request, World, entry, get};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

const PATH: &str = "/v1/studies/tsadk/quality";

/// The n-th entry of one session, that many seconds after noon.
fn in_session(sequence: u32, second: u32) -> Value {
    let mut entry = entry(sequence + 1);
    entry["session"] = json!("s-1");
    entry["sequence"] = json!(sequence);
    entry["timestamp"] = json!(format!("2024-06-01T11:00:{second:02}Z"));
    entry["payload"] = json!({"level": sequence, "note": null});
    entry
}

/// With two holes, a step backwards, and something in quarantine.
async fn world() -> World {
    let world = World::new();
    let client = world.client().await;
    let entries = json!([
        in_session(0, 0),
        in_session(1, 9),
        in_session(3, 5),
        in_session(6, 7),
        {"action": "no time"},
    ]);
    client
        .post("/v1/logs", &world.token("ada"), entries)
        .await
        .ok(200);
    let mut conflict = in_session(0, 0);
    conflict["action"] = json!("another");
    client
        .post("/v1/logs", &world.token("ada"), conflict)
        .await
        .ok(409);
    world
}

#[actix_web::test]
async fn what_is_wrong_with_a_study_is_told() {
    let world = world().await;
    let answer = world
        .client()
        .await
        .get(PATH, &world.token("mia"))
        .await
        .ok(200);
    let told = answer.json();
    assert_eq!(told["entries"], 4);
    assert_eq!(told["gaps"], 2);
    assert_eq!(told["missing"], 3);
    assert_eq!(told["backwards"], 1);
    assert_eq!(told["duplicates"], 0);
    assert_eq!(
        (&told["quarantined"], &told["conflicts"]),
        (&json!(2), &json!(1))
    );
    let session = &told["sessions"][0];
    assert_eq!(session["participant"], world.pseudonym("ada").to_string());
    assert_eq!(
        (&session["gaps"], &session["backwards"]),
        (&json!(2), &json!(1))
    );
    let fields: Vec<_> = told["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["field"])
        .collect();
    assert_eq!(fields, ["level", "note"]);
    assert_eq!(told["fields"][1]["always_empty"], true);
    assert_eq!(told["codebook_version"], Value::Null);
    assert_eq!(told["is_exact"], true);
}

#[actix_web::test]
async fn an_analyst_is_told_of_no_field_that_nothing_declares() {
    let world = world().await;
    let answer = world
        .client()
        .await
        .get(PATH, &world.token("ann"))
        .await
        .ok(200);
    assert_eq!(answer.json()["gaps"], 2);
    assert_eq!(answer.json()["fields"], json!([]));
}

#[actix_web::test]
async fn a_report_that_still_holds_is_not_made_again() {
    let world = world().await;
    let client = world.client().await;
    let token = world.token("mia");
    let first = client.get(PATH, &token).await.ok(200);
    let tag = first.header("etag").unwrap().to_owned();
    let again = get(PATH).token(&token).header("If-None-Match", &tag);
    client.send(again).await.ok(304);
    client
        .post("/v1/logs", &world.token("ada"), in_session(7, 8))
        .await
        .ok(201);
    let again = get(PATH).token(&token).header("If-None-Match", &tag);
    assert_eq!(client.send(again).await.ok(200).json()["entries"], 5);
}

const CODEBOOK: &str = r#"
format = 1
[roles]
game_version = "build"
[actions.regionDeposer.fields.level]
type = "integer"
maximum = 3
privacy = "other"
[actions.regionDeposer.fields.build]
type = "string"
privacy = "other"
[actions.quit]
"#;

async fn put(world: &World, codebook: &str) {
    let put = Request::new(Method::PUT, "/v1/studies/tsadk/codebook")
        .token(&world.token("mia"))
        .text("application/toml", codebook);
    let answer = world.client().await.send(put).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

#[actix_web::test]
async fn entries_are_compared_with_the_codebook_of_the_study() {
    let world = world().await;
    let client = world.client().await;
    put(&world, CODEBOOK).await;
    let told = client.get(PATH, &world.token("ann")).await.ok(200).json();
    assert_eq!(told["codebook_version"], 1);
    assert_eq!(told["never_seen"], json!(["quit"]));
    // Of the levels 0, 1, 3 and 6, the last.
    assert_eq!(told["outside"], 1);
    let fields = told["fields"].as_array().unwrap();
    let names: Vec<_> = fields.iter().map(|field| &field["field"]).collect();
    assert_eq!(names, ["build", "level"]);
    assert_eq!(
        (&fields[0]["always_empty"], &fields[1]["outside"]),
        (&json!(true), &json!(1))
    );
}

#[actix_web::test]
async fn an_entry_is_judged_as_it_was_amended() {
    let world = world().await;
    let client = world.client().await;
    let token = world.token("mia");
    put(&world, CODEBOOK).await;
    let first = client.get(PATH, &token).await.ok(200);
    assert_eq!(first.json()["outside"], 1);
    let list = client
        .get("/v1/logs?study=tsadk&sort=-received", &token)
        .await;
    let number = list.ok(200).json()[0]["number"].clone();
    let mend = json!({"reason": "the game counted twice", "payload": {"level": 3}});
    let path = format!("/v1/logs/{number}");
    let patch = Request::new(Method::PATCH, &path).token(&token).json(&mend);
    client.send(patch).await.ok(200);
    let tag = first.header("etag").unwrap();
    let again = get(PATH).token(&token).header("If-None-Match", tag);
    assert_eq!(client.send(again).await.ok(200).json()["outside"], 0);
}

#[actix_web::test]
async fn a_codebook_that_changes_makes_another_report() {
    let world = world().await;
    let client = world.client().await;
    let token = world.token("mia");
    put(&world, CODEBOOK).await;
    let first = client.get(PATH, &token).await.ok(200);
    let tag = first.header("etag").unwrap();
    let again = || get(PATH).token(&token).header("If-None-Match", tag);
    client.send(again()).await.ok(304);
    put(&world, &CODEBOOK.replace("maximum = 3", "maximum = 0")).await;
    let told = client.send(again()).await.ok(200).json();
    assert_eq!(
        (&told["outside"], &told["codebook_version"]),
        (&json!(3), &json!(2))
    );
}

#[rstest]
#[case("other", &["1.0"])]
#[case("quasi-identifier", &[])]
#[actix_web::test]
async fn an_analyst_is_told_versions_of_the_game_where_their_field_reveals_nothing(
    #[case] class: &str,
    #[case] told: &[&str],
) {
    let world = World::new();
    let client = world.client().await;
    let before = "[actions.regionDeposer.fields.build]\ntype = \"string\"\nprivacy = ";
    let codebook = CODEBOOK.replace(
        &format!("{before}\"other\""),
        &format!("{before}\"{class}\""),
    );
    put(&world, &codebook).await;
    let mut sent = in_session(0, 0);
    sent["payload"] = json!({"build": "1.0"});
    client
        .post("/v1/logs", &world.token("ada"), sent)
        .await
        .ok(201);
    for (who, versions) in [("ann", told), ("mia", &["1.0"])] {
        let found = client.get(PATH, &world.token(who)).await.ok(200).json();
        let found = found["versions"].as_array().unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|one| one["version"].as_str().unwrap())
            .collect();
        assert_eq!(found, versions, "{who}");
    }
}

#[actix_web::test]
async fn what_counts_as_what_can_be_asked_for() {
    let world = world().await;
    let client = world.client().await;
    let token = world.token("mia");
    let told = client
        .get(&format!("{PATH}?late=PT30M&idle=3&tolerance=60"), &token)
        .await
        .ok(200)
        .json();
    assert_eq!(told["late"], 4);
    assert_eq!(told["rules"]["late_seconds"], 1800);
    assert_eq!(told["sessions"][0]["active_seconds"], 2.0);
}

#[rstest]
#[case("idle=soon", 400, 4222)]
#[case("late=-1", 400, 4222)]
#[case("colour=red", 400, 4003)]
#[actix_web::test]
async fn a_report_that_cannot_be_is_refused(
    #[case] query: &str,
    #[case] status: u16,
    #[case] code: u64,
) {
    let world = world().await;
    let path = format!("{PATH}?{query}");
    let answer = world.client().await.get(&path, &world.token("mia")).await;
    assert_eq!(answer.told(), (status, code));
}

#[rstest]
#[case("admin", 200)]
#[case("mia", 200)]
#[case("ann", 200)]
#[case("dev", 403)]
#[case("mon", 403)]
#[case("ada", 403)]
#[case("out", 404)]
#[actix_web::test]
async fn a_report_is_for_those_who_read_the_data(#[case] who: &str, #[case] status: u16) {
    let world = world().await;
    let client = world.client().await;
    client.get(PATH, &world.token(who)).await.ok(status);
}

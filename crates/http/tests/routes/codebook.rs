//! `/v1/studies/{study}/codebook`.

use crate::support::{Answer, Request, World, entry, get, over, settings};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{StudyStatus, Validation};

const PATH: &str = "/v1/studies/tsadk/codebook";

/// What is traced: an action with a field that must be there.
const TOML: &str = r#"
format = 1

[actions.regionDeposer.fields.roomName]
type = "string"
required = true
privacy = "other"
"#;

fn json_form() -> Value {
    json!({"format": 1, "actions": {"regionDeposer": {"fields": {
        "roomName": {"type": "string", "required": true, "privacy": "other"}}}}})
}

fn put(text: &str) -> Request {
    Request::new(Method::PUT, PATH).text("application/toml", text)
}

/// With another field that must be there.
fn narrower() -> String {
    format!(
        "{TOML}\n[actions.regionDeposer.fields.level]\ntype = \"integer\"\nrequired = true\nprivacy = \"other\"\n"
    )
}

/// A study with the codebook.
async fn checked() -> World {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    client.send(put(TOML).token(&token)).await.ok(201);
    world
}

#[actix_web::test]
async fn a_codebook_is_put_read_as_it_was_sent_and_changed() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let none = client.get(PATH, &mia).await;
    assert_eq!(none.told(), (404, 404));
    assert!(none.text().contains("takes everything"), "{}", none.text());
    let made = client.send(put(TOML).token(&mia)).await.ok(201);
    let uri = format!("http://sillage.test{PATH}?version=1");
    assert_eq!(made.header("location"), Some(&*uri));
    let taken = made.json();
    assert_eq!(
        (&taken["version"], &taken["changed"], &taken["uri"]),
        (&json!(1), &json!(true), &json!(uri))
    );
    let toml = || get(PATH).token(&mia).header("Accept", "application/toml");
    let read = client.send(toml()).await.ok(200);
    assert_eq!(read.text(), TOML, "comments and all");
    assert_eq!(read.header("content-type"), Some("application/toml"));
    assert_eq!(read.header("x-codebook-version"), Some("1"));
    let tag = read.header("etag").unwrap();
    let again = client.send(toml().header("If-None-Match", tag)).await;
    assert_eq!(again.ok(304).bytes, b"");
    let second = client.send(put(&narrower()).token(&mia)).await.ok(200);
    let second = second.json();
    assert_eq!(
        (&second["version"], &second["previous"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(second["compatible"], false);
    let difference = &second["differences"][0];
    assert_eq!(difference["compatible"], false, "{second}");
    assert!(difference["pointer"].as_str().unwrap().contains("level"));
    let first = get(&format!("{PATH}?version=1")).header("Accept", "application/toml");
    assert_eq!(client.send(first.token(&mia)).await.ok(200).text(), TOML);
}

#[actix_web::test]
async fn a_codebook_reads_in_the_other_form_and_means_the_same_there() {
    let world = checked().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let read = client.get(PATH, &mia).await.ok(200);
    assert_eq!(read.header("content-type"), Some("application/json"));
    let fields = &read.json()["actions"]["regionDeposer"]["fields"];
    assert_eq!(fields["roomName"]["required"], true);
    let toml = client
        .send(get(PATH).token(&mia).header("Accept", "application/toml"))
        .await;
    assert_ne!(read.header("etag"), toml.header("etag"), "other bytes");
    for body in [read.text().to_owned(), json_form().to_string()] {
        let back = Request::new(Method::PUT, PATH).text("application/json", &body);
        let same = client.send(back.token(&mia)).await.ok(200).json();
        assert_eq!(
            (&same["version"], &same["changed"]),
            (&json!(1), &json!(false))
        );
    }
    let list = client.get(&format!("{PATH}/versions"), &mia).await.ok(200);
    assert_eq!(list.header("x-total-count"), Some("1"));
}

#[actix_web::test]
async fn the_versions_are_listed_the_last_first_and_compared() {
    let world = checked().await;
    let client = world.client().await;
    let mia = world.token("mia");
    client.send(put(&narrower()).token(&mia)).await.ok(200);
    let list = client
        .get(&format!("{PATH}/versions"), &mia)
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&list[0]["version"], &list[1]["version"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(list[1]["format"], "application/toml");
    assert_eq!(list[1]["created_at"], "2024-06-01T12:00:00.000000Z");
    assert_eq!(list[0]["created_by"], "mia");
    for who in ["ann", "dev", "mon"] {
        let path = format!("{PATH}/versions");
        let list = client.get(&path, &world.token(who)).await.ok(200);
        assert!(!list.text().contains("created_by"), "{who}");
    }
    let compare = |query: &str| format!("{PATH}/differences{query}");
    let last = client.get(&compare(""), &mia).await.ok(200).json();
    assert_eq!(
        (&last["from"], &last["to"], &last["compatible"]),
        (&json!(1), &json!(2), &json!(false))
    );
    let back = client.get(&compare("?from=2&to=1"), &mia).await.ok(200);
    assert_eq!(back.json()["from"], 2);
    let same = client.get(&compare("?from=2&to=2"), &mia).await.ok(200);
    assert_eq!(same.json()["differences"], json!([]));
    for (query, told) in [
        ("?from=9", (404, 404)),
        ("?to=9", (404, 404)),
        ("?to=x", (400, 4222)),
    ] {
        assert_eq!(
            client.get(&compare(query), &mia).await.told(),
            told,
            "{query}"
        );
    }
}

#[rstest]
#[case("?version=2", (404, 404))]
#[case("?version=0", (404, 404))]
#[case("?version=-1", (404, 404))]
#[case("?version=one", (400, 4222))]
#[case("?version=99999999999", (400, 4222))]
#[case("?revision=1", (400, 4003))]
#[actix_web::test]
async fn a_version_that_there_is_not_is_not_found(#[case] query: &str, #[case] told: (u16, u64)) {
    let world = checked().await;
    let answer = world
        .client()
        .await
        .get(&format!("{PATH}{query}"), &world.token("mia"))
        .await;
    assert_eq!(answer.told(), told);
}

#[actix_web::test]
async fn a_codebook_is_changed_only_as_it_was_seen() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let send = |text: &str, name: &str, tag: &str| put(text).token(&mia).header(name, tag);
    let early = client.send(send(TOML, "If-Match", "*")).await;
    assert_eq!(early.told(), (412, 412), "there is none to match");
    client.send(send(TOML, "If-None-Match", "*")).await.ok(201);
    let late = client.send(send(&narrower(), "If-None-Match", "*")).await;
    assert_eq!(late.told(), (412, 412));
    let seen = client.get(PATH, &mia).await.ok(200);
    let tag = seen.header("etag").unwrap();
    client
        .send(send(&narrower(), "If-Match", tag))
        .await
        .ok(200);
    let stale = client.send(send(TOML, "If-Match", tag)).await;
    assert_eq!(stale.told(), (412, 412));
    let other = client.send(send(TOML, "If-Match", "\"other\"")).await;
    assert_eq!(other.told(), (412, 412));
}

#[rstest]
#[case("ada", 403, 403)]
#[case("out", 404, 404)]
#[case("ann", 200, 403)]
#[case("dev", 200, 403)]
#[case("mon", 200, 403)]
#[case("mia", 200, 200)]
#[case("admin", 200, 200)]
#[actix_web::test]
async fn members_read_it_and_those_who_run_the_study_put_it(
    #[case] who: &str,
    #[case] read: u16,
    #[case] changed: u16,
) {
    let world = checked().await;
    let client = world.client().await;
    let token = world.token(who);
    for path in ["", "/versions", "/differences"] {
        client.get(&format!("{PATH}{path}"), &token).await.ok(read);
    }
    client.send(put(TOML).token(&token)).await.ok(changed);
}

fn places(answer: &Answer) -> Vec<(u64, u64, String)> {
    let json = answer.json();
    let errors = json["errors"].as_array().unwrap().iter();
    let number = |value: &Value| value.as_u64().unwrap();
    errors
        .map(|error| {
            let pointer = error["pointer"].as_str().unwrap_or("none").to_owned();
            (number(&error["line"]), number(&error["column"]), pointer)
        })
        .collect()
}

#[actix_web::test]
async fn every_fault_of_a_codebook_is_told_with_its_line_and_column() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let text = "format = 1\n\n[actions.a.fields.x]\ntype = \"strng\"\nprivacy = \"other\"\n\n[actions.a.fields.y]\ntype = \"integer\"\nminimum = 5\nmaximum = 1\nprivacy = \"other\"\n";
    let refused = client.send(put(text).token(&mia)).await.ok(422);
    assert_eq!(refused.codes(), [4222, 4222], "{}", refused.text());
    let places = places(&refused);
    let lines: Vec<_> = places.iter().map(|place| place.0).collect();
    assert_eq!(lines[0], 4, "{places:?}");
    assert!(lines[1] >= 9, "{places:?}");
    assert_eq!(places[0].2, "/actions/a/fields/x/type");
    assert!(places.iter().all(|place| place.1 >= 1));
    assert!(refused.text().contains("string"), "what was meant");
    let french = put(text).token(&mia).header("Accept-Language", "fr");
    let french = client.send(french).await.ok(422);
    assert!(
        french.text().contains("vouliez-vous dire"),
        "{}",
        french.text()
    );
    assert_eq!(client.get(PATH, &mia).await.told(), (404, 404));
}

#[rstest]
#[case("application/json", "{\"format\": 1,\n \"actions\": }", (400, 4004), 2)]
#[case("application/json", "", (400, 4004), 1)]
#[case("application/toml", "format = 1\n[actions", (400, 4004), 2)]
#[case("application/toml", "", (422, 4222), 1)]
#[case("application/json", "[]", (422, 4222), 1)]
#[case("application/json", "{}", (422, 4222), 1)]
#[actix_web::test]
async fn what_is_no_codebook_is_refused_with_its_place(
    #[case] format: &str,
    #[case] text: &str,
    #[case] told: (u16, u64),
    #[case] line: u64,
) {
    let world = World::new();
    let request = Request::new(Method::PUT, PATH).text(format, text);
    let client = world.client().await;
    let answer = client.send(request.token(&world.token("mia"))).await;
    assert_eq!(answer.told(), told, "{}", answer.text());
    assert_eq!(places(&answer)[0].0, line, "{}", answer.text());
}

#[rstest]
#[case("text/plain", 406)]
#[case("application/x-ndjson", 406)]
#[case("application/toml; charset=utf-8", 201)]
#[actix_web::test]
async fn the_format_is_said_in_content_type(#[case] format: &str, #[case] status: u16) {
    let world = World::new();
    let request = Request::new(Method::PUT, PATH).text(format, TOML);
    let client = world.client().await;
    client
        .send(request.token(&world.token("mia")))
        .await
        .ok(status);
}

#[actix_web::test]
async fn a_text_that_is_not_utf_8_is_refused() {
    let world = World::new();
    let request = Request::new(Method::PUT, PATH)
        .header("Content-Type", "application/toml")
        .body(b"format = 1 # \xff".to_vec());
    let client = world.client().await;
    let answer = client.send(request.token(&world.token("mia"))).await;
    assert_eq!(answer.told(), (422, 4222));
}

#[actix_web::test]
async fn a_study_says_what_it_checks_or_that_it_takes_everything() {
    let world = World::new();
    let client = world.client().await;
    let study = "/v1/studies/tsadk";
    let mia = world.token("mia");
    let before = client.get(study, &mia).await.ok(200);
    let view = before.json();
    assert_eq!(
        (&view["codebook"], &view["takes_everything"]),
        (&Value::Null, &json!(true))
    );
    client.send(put(TOML).token(&mia)).await.ok(201);
    let after = client.get(study, &mia).await.ok(200);
    let view = after.json();
    assert_eq!(
        (&view["codebook"], &view["takes_everything"]),
        (&json!(1), &json!(false))
    );
    assert_ne!(before.header("etag"), after.header("etag"));
    let player = client.get(study, &world.token("ada")).await.ok(200).json();
    assert!(player.get("codebook").is_none());
}

#[actix_web::test]
async fn the_tags_of_lists_change_with_the_codebook() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let tag = async || {
        let list = client.get("/v1/logs", &mia).await.ok(200);
        list.header("etag").unwrap().to_owned()
    };
    let before = tag().await;
    client.send(put(TOML).token(&mia)).await.ok(201);
    let after = tag().await;
    assert_ne!(before, after);
    client.send(put(TOML).token(&mia)).await.ok(200);
    assert_eq!(after, tag().await, "nothing has changed");
}

fn without_field() -> Value {
    let mut sent = entry(2);
    sent["payload"] = json!({"userAnswer": "if"});
    sent
}

#[actix_web::test]
async fn what_fits_is_stored_with_the_version_and_what_does_not_lies_in_quarantine() {
    let world = World::new();
    let client = world.client().await;
    let (ada, mia) = (world.token("ada"), world.token("mia"));
    let early = client.post("/v1/logs", &ada, entry(1)).await.ok(201).json();
    assert!(early.get("codebook").is_none(), "there was none");
    client.send(put(TOML).token(&mia)).await.ok(201);
    let stored = client.post("/v1/logs", &ada, entry(3)).await.ok(201).json();
    assert_eq!(stored["codebook"], 1);
    let kept = client.post("/v1/logs", &ada, without_field()).await.ok(202);
    assert_eq!(kept.json()["status"], "quarantined");
    assert_eq!(kept.codes(), [4221]);
    assert_eq!(kept.pointers(), ["/payload/roomName"]);
    let list = client.get("/v1/logs", &mia).await.ok(200).json();
    assert!(list[0].get("codebook").is_none());
    assert_eq!(list[1]["codebook"], 1);
    let kept = client
        .get("/v1/studies/tsadk/quarantine", &mia)
        .await
        .ok(200);
    let kept = &kept.json()[0];
    assert_eq!(kept["text"], without_field().to_string(), "as it was sent");
    assert_eq!(kept["reasons"], json!(["missing_field"]));
    assert_eq!(
        (&kept["codebook"], &kept["action"]),
        (&json!(1), &json!("regionDeposer"))
    );
}

#[actix_web::test]
async fn each_entry_of_a_batch_is_checked_for_itself() {
    let world = checked().await;
    let client = world.client().await;
    let unknown = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "fly", "sequence": 7});
    let batch = json!([entry(1), without_field(), unknown, {"action": 5}]);
    let answer = client
        .post("/v1/logs", &world.token("ada"), batch)
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&answer["accepted"], &answer["quarantined"]),
        (&json!(1), &json!(3))
    );
    let error = |index: usize| &answer["results"][index]["errors"][0];
    assert_eq!(
        (&error(1)["code"], &error(1)["pointer"]),
        (&json!(4221), &json!("/1/payload/roomName"))
    );
    assert_eq!(
        (&error(2)["code"], &error(2)["pointer"]),
        (&json!(4221), &json!("/2/action"))
    );
    assert_eq!(error(3)["code"], 4222, "it did not come so far");
}

#[actix_web::test]
async fn a_study_that_rejects_and_a_strict_request_refuse_all_with_every_reason() {
    let world = checked().await;
    let client = world.client().await;
    let ada = world.token("ada");
    let batch = || json!([entry(1), without_field()]);
    let strict = crate::support::post("/v1/logs")
        .token(&ada)
        .header("Prefer", "handling=strict")
        .json(&batch());
    let refused = client.send(strict).await;
    assert_eq!(refused.told(), (422, 4221));
    assert_eq!(refused.pointers(), ["/1/payload/roomName"]);
    world.set_validation(Validation::Reject);
    let other = over(&world, settings());
    let client = other.client().await;
    let refused = client.post("/v1/logs", &ada, batch()).await;
    assert_eq!(refused.told(), (422, 4221));
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (0, 0));
}

#[actix_web::test]
async fn a_new_version_counts_at_once_where_it_was_put() {
    let world = checked().await;
    let client = world.client().await;
    let (ada, mia) = (world.token("ada"), world.token("mia"));
    client.post("/v1/logs", &ada, entry(1)).await.ok(201);
    client.send(put(&narrower()).token(&mia)).await.ok(200);
    let kept = client.post("/v1/logs", &ada, entry(2)).await.ok(202);
    assert_eq!(kept.pointers(), ["/payload/level"]);
    client.send(put(TOML).token(&mia)).await.ok(200);
    let stored = client.post("/v1/logs", &ada, entry(3)).await.ok(201);
    assert_eq!(stored.json()["codebook"], 3);
}

#[actix_web::test]
async fn another_node_counts_a_new_version_within_its_bound() {
    let world = World::new();
    let here = world.client().await;
    let mut soon = settings();
    soon.recheck = std::time::Duration::ZERO;
    let there = over(&world, soon);
    let there = there.client().await;
    let ada = world.token("ada");
    there.post("/v1/logs", &ada, entry(1)).await.ok(201);
    let mia = world.token("mia");
    here.send(put(&narrower()).token(&mia)).await.ok(201);
    there.post("/v1/logs", &ada, entry(2)).await.ok(202);
}

#[actix_web::test]
async fn the_member_that_names_the_participant_is_in_no_quarantined_text() {
    let world = checked().await;
    let client = world.client().await;
    let mut sent = without_field();
    sent["participant"] = json!("ada");
    client
        .post("/v1/logs", &world.token("ada"), sent)
        .await
        .ok(202);
    let kept = client
        .get("/v1/studies/tsadk/quarantine", &world.token("mia"))
        .await
        .ok(200);
    assert!(!kept.text().contains("ada\\\""), "{}", kept.text());
    assert!(
        !kept.json()[0]["text"]
            .as_str()
            .unwrap()
            .contains("participant")
    );
}

#[actix_web::test]
async fn what_a_closed_study_keeps_has_the_reasons_of_the_codebook_too() {
    let world = checked().await;
    world.set_status(StudyStatus::Closed);
    let client = world.client().await;
    let mut sent = without_field();
    sent["timestamp"] = json!("2024-07-01T00:00:00Z");
    let kept = client
        .post("/v1/logs", &world.token("ada"), sent)
        .await
        .ok(202);
    assert_eq!(kept.codes(), [4031, 4221]);
}

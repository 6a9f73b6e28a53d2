//! `/v1/me/export`.

use crate::support::{PASSWORD, World, entry, get, post, settings};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_http::HttpSettings;
use std::collections::BTreeSet;
use std::io::Read;
use std::num::NonZeroUsize;

const PATH: &str = "/v1/me/export";

/// A world in which `ada` has sent three entries and a text that does not fit, and `bob` has played too. Of hers the first was amended
/// twice, and the second deleted.
async fn played() -> World {
    let world = World::new();
    let client = world.client().await;
    for (name, secret) in [("ada", "of ada"), ("bob", "of bob")] {
        let token = world.token(name);
        client
            .post("/v1/logs", &token, json!([entry(1), entry(2), entry(3)]))
            .await
            .ok(200);
        let misfit = json!({"id": 7, "secret": secret});
        let sent = post("/v1/logs").token(&token).json(&misfit);
        client.send(sent).await.ok(202);
    }
    let manager = world.token("mia");
    for room in ["salle 1", "salle 2"] {
        let body = json!({"reason": format!("it was {room}"), "payload": {"roomName": room}});
        client.patch("/v1/logs/1", &manager, body).await.ok(200);
    }
    let body = json!({"reason": "a pilot"});
    let delete = crate::support::Request::new(actix_web::http::Method::DELETE, "/v1/logs/2");
    client
        .send(delete.token(&manager).json(&body))
        .await
        .ok(204);
    world
}

fn members(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[actix_web::test]
async fn a_participant_takes_all_that_is_held_and_nothing_of_anybody_else() {
    let world = played().await;
    let client = world.client().await;
    let answer = client.get(PATH, &world.token("ada")).await.ok(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"my_data_20240601.json\"")
    );
    let all = answer.json();
    let known = BTreeSet::from([
        "account",
        "accesses",
        "grants",
        "study",
        "processing",
        "requests",
        "entries",
        "quarantine",
        "consents",
        "notices",
    ]);
    assert_eq!(members(&all), known);
    assert_eq!(
        all["account"],
        json!({"username": "ada", "role": "participant", "study": "tsadk", "number": 1, "created_at": "2024-06-01T12:00:00.000000Z"})
    );
    // Two tokens were taken.
    assert_eq!(all["grants"].as_array().unwrap().len(), 2);
    let entries = all["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(
        entries[0]["payload"],
        json!({"roomName": "salleForet"}),
        "as it was sent"
    );
    let amendments = entries[0]["amendments"].as_array().unwrap();
    assert_eq!(amendments.len(), 2);
    assert_eq!(amendments[1]["reason"], "it was salle 2");
    assert_eq!(
        amendments[1]["changes"],
        json!({"payload": {"roomName": "salle 2"}})
    );
    assert_eq!(amendments[1]["amended_by"], Value::Null);
    assert_eq!(entries[1]["status"], "deleted");
    assert_eq!(entries[1]["payload"], Value::Null);
    assert_eq!(entries[1]["deletion"]["reason"], "a pilot");
    assert_eq!(entries[2]["amendments"], json!([]));
    assert_eq!(entries[2]["sequence"], 3);
    let texts = all["quarantine"].as_array().unwrap();
    assert_eq!(texts.len(), 1);
    assert!(texts[0]["text"].as_str().unwrap().contains("of ada"));
    for (what, hidden) in [
        ("another's", "of bob".to_owned()),
        ("who runs the study", "mia".to_owned()),
        ("a pseudonym", world.pseudonym("ada").to_string()),
        ("a pseudonym", "participant\":".to_owned()),
    ] {
        assert!(
            !answer.text().contains(&hidden),
            "{what}: {}",
            answer.text()
        );
    }
    let bob = client.get(PATH, &world.token("bob")).await.ok(200).json();
    assert_eq!(bob["account"]["number"], 2);
    assert_eq!(bob["entries"][0]["amendments"], json!([]));
}

#[rstest]
#[case("?format=csv", None)]
#[case("", Some("text/csv"))]
#[case("?format=csv", Some("application/json, text/csv;q=0.1"))]
#[actix_web::test]
async fn as_csv_it_is_the_entries_as_the_study_s_file_has_them_without_the_pseudonym(
    #[case] query: &str,
    #[case] accept: Option<&str>,
) {
    let world = played().await;
    let client = world.client().await;
    let mut request = get(&format!("{PATH}{query}")).token(&world.token("ada"));
    if let Some(accept) = accept {
        request = request.header("Accept", accept);
    }
    let own = client.send(request).await.ok(200);
    assert_eq!(
        own.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    assert_eq!(own.header("cache-control"), Some("no-store"));
    assert_eq!(
        own.header("content-disposition"),
        Some("attachment; filename=\"my_data_20240601.csv\"")
    );
    let manager = world.token("mia");
    let code = world.pseudonym("ada").to_string();
    let mut whole = Vec::new();
    for status in ["accepted", "deleted"] {
        let uri = format!(
            "/v1/studies/tsadk/export?format=csv&view=full&participant={code}&status={status}"
        );
        let file = client.get(&uri, &manager).await.ok(200).text().to_owned();
        whole.extend(file.lines().map(str::to_owned));
    }
    let cut: BTreeSet<_> = whole
        .iter()
        .map(|line| {
            line.replace(&format!(",{code},"), ",")
                .replace(",participant,", ",")
        })
        .collect();
    let lines: BTreeSet<_> = own.text().lines().map(str::to_owned).collect();
    assert_eq!(lines, cut);
    assert_eq!(lines.len(), 4);
    assert!(own.text().contains("salle 2"), "as it is to be read");
    assert!(!own.text().contains("ada"), "{}", own.text());
}

#[actix_web::test]
async fn who_runs_studies_takes_the_account_and_where_he_runs_them() {
    let world = played().await;
    let client = world.client().await;
    for (name, memberships) in [
        ("dev", json!([{"study": "tsadk", "role": "developer"}])),
        ("out", json!([])),
        ("admin", json!([])),
    ] {
        let token = world.token(name);
        let all = client.get(PATH, &token).await.ok(200).json();
        assert_eq!(
            members(&all),
            BTreeSet::from(["account", "accesses", "grants", "memberships"])
        );
        assert_eq!(all["account"]["username"], name);
        assert_eq!(all["account"]["study"], Value::Null);
        assert_eq!(all["memberships"], memberships);
        let csv = client
            .get(&format!("{PATH}?format=csv"), &token)
            .await
            .ok(200);
        assert_eq!(
            csv.text(),
            "number,id,session,sequence,timestamp,action,status,received_at,sent_at,payload\r\n"
        );
    }
}

#[actix_web::test]
async fn nothing_that_is_longer_than_a_chunk_is_lost_or_doubled() {
    let world = World::new();
    let client = world.client().await;
    let ada = world.token("ada");
    let large = |n: u32| {
        let mut entry = entry(n);
        entry["payload"] = json!({"filler": "x".repeat(5000 + n as usize)});
        entry
    };
    for batch in 0..4 {
        let entries: Vec<_> = (0..120).map(|n| large(batch * 120 + n)).collect();
        client.post("/v1/logs", &ada, json!(entries)).await.ok(200);
    }
    let misfits: Vec<_> = (0..300)
        .map(|n| json!({"n": n, "filler": "y".repeat(1000)}))
        .collect();
    client.post("/v1/logs", &ada, json!(misfits)).await.ok(200);
    let manager = world.token("mia");
    for n in 0..250 {
        let body = json!({"reason": format!("reason {n}"), "session": format!("s-{n}")});
        client.patch("/v1/logs/5", &manager, body).await.ok(200);
    }
    let plain = client.get(PATH, &ada).await.ok(200);
    let all = plain.json();
    let sequences: Vec<_> = all["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(sequences, (0..480).collect::<Vec<_>>());
    assert_eq!(all["quarantine"].as_array().unwrap().len(), 300);
    let reasons: Vec<_> = all["entries"][4]["amendments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["reason"].clone())
        .collect();
    let made: Vec<_> = (0..250).map(|n| json!(format!("reason {n}"))).collect();
    assert_eq!(reasons, made);
    let packed = client
        .send(get(PATH).token(&ada).header("Accept-Encoding", "gzip"))
        .await
        .ok(200);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.bytes[..])
        .read_to_end(&mut unpacked)
        .unwrap();
    assert!(unpacked == plain.bytes, "the same file");
}

#[actix_web::test]
async fn the_tag_is_another_one_whenever_the_file_is() {
    let world = played().await;
    let client = world.client().await;
    let ada = world.token("ada");
    let tag = async || {
        let answer = client.get(PATH, &ada).await.ok(200);
        answer.header("etag").unwrap().to_owned()
    };
    let mut seen = BTreeSet::from([tag().await]);
    let same = get(PATH).token(&ada).header("If-None-Match", tag().await);
    client.send(same).await.ok(304);
    client.post("/v1/logs", &ada, entry(9)).await.ok(201);
    assert!(seen.insert(tag().await), "an entry");
    client
        .post("/v1/logs", &ada, json!({"id": 8}))
        .await
        .ok(202);
    assert!(seen.insert(tag().await), "a text in quarantine");
    let body = json!({"reason": "so", "session": "s-2"});
    client
        .patch("/v1/logs/3", &world.token("mia"), body)
        .await
        .ok(200);
    assert!(seen.insert(tag().await), "an amendment");
    world.token("ada");
    assert!(seen.insert(tag().await), "a log-in");
    let csv = client
        .get(&format!("{PATH}?format=csv"), &ada)
        .await
        .ok(200);
    assert!(
        seen.insert(csv.header("etag").unwrap().to_owned()),
        "a format"
    );
    let french = client
        .send(get(PATH).token(&ada).header("Accept-Language", "fr"))
        .await;
    assert!(
        seen.insert(french.ok(200).header("etag").unwrap().to_owned()),
        "a language"
    );
}

#[rstest]
#[case("?format=ndjson", "format")]
#[case("?format=", "format")]
#[case("?profile=word", "profile")]
#[case("?participant=P-7QX4-M2K9-T0BC-5", "participant")]
#[case("?study=tsadk", "study")]
#[actix_web::test]
async fn nothing_else_can_be_asked_for(#[case] query: &str, #[case] parameter: &str) {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .get(&format!("{PATH}{query}"), &world.token("ada"))
        .await
        .ok(400);
    assert_eq!(answer.json()["errors"][0]["parameter"], parameter);
}

#[actix_web::test]
async fn who_takes_neither_form_is_refused_and_the_password_does_as_well_as_a_token() {
    let world = World::new();
    let client = world.client().await;
    let html = get(PATH)
        .token(&world.token("ada"))
        .header("Accept", "text/html");
    assert_eq!(client.send(html).await.told(), (406, 406));
    let basic = client.send(get(PATH).basic("ada", PASSWORD)).await.ok(200);
    assert_eq!(basic.json()["account"]["username"], "ada");
    assert_eq!(client.send(get(PATH)).await.told(), (401, 401));
}

#[actix_web::test]
async fn players_who_take_theirs_do_not_stand_in_the_way_of_who_runs_the_study() {
    let settings = HttpSettings {
        exports: NonZeroUsize::MIN,
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let ada = world.token("ada");
    for n in 0..30 {
        let mut entry = entry(n);
        entry["payload"] = json!({"filler": "x".repeat(60_000)});
        client.post("/v1/logs", &ada, entry).await.ok(201);
    }
    let first = client.begin(get(PATH).token(&ada)).await;
    assert_eq!(first.status().as_u16(), 200);
    let second = client.get(PATH, &world.token("bob")).await;
    assert_eq!(second.told(), (503, 5031));
    let study = get("/v1/studies/tsadk/export").token(&world.token("mia"));
    let study = client.begin(study).await;
    assert_eq!(study.status().as_u16(), 200);
    drop(first);
}

#[actix_web::test]
async fn it_has_what_was_consented_to_on_which_notice_and_what_the_study_says() {
    let world = played().await;
    world.say_everything();
    let client = world.client().await;
    let ada = world.token("ada");
    for decision in [
        json!({"decision": "given", "purposes": ["collection"], "notice": 1}),
        json!({"decision": "withdrawn"}),
    ] {
        client.post("/v1/me/consents", &ada, decision).await.ok(201);
    }
    let restricted = json!({"restricted": true});
    client
        .patch("/v1/me/processing", &ada, restricted)
        .await
        .ok(200);
    let all = client.get(PATH, &ada).await.ok(200);
    let (text, all) = (all.text().to_owned(), all.json());
    assert_eq!(all["consents"][0]["decision"], "withdrawn");
    assert_eq!(all["consents"][1]["notice"]["version"], 1);
    assert_eq!(all["notices"].as_array().unwrap().len(), 1);
    assert_eq!(all["notices"][0]["text"], "We keep this.");
    assert_eq!(all["study"]["purpose"], "research");
    assert_eq!(all["study"]["recipients"], json!([]));
    assert_eq!(all["study"]["retention"]["months"], 60);
    assert_eq!(
        all["study"].get("revision"),
        None,
        "what concerns participants"
    );
    assert_eq!(all["processing"]["restricted"], true);
    assert!(!text.contains(&world.pseudonym("ada").to_string()));
    let about = client
        .get(&format!("{PATH}?format=csv&table=about"), &ada)
        .await
        .ok(200);
    assert_eq!(
        about.header("content-disposition"),
        Some("attachment; filename=\"my_account_20240601.csv\"")
    );
    let mut reader = csv::Reader::from_reader(about.text().as_bytes());
    let rows: Vec<(String, String)> = reader.deserialize().map(Result::unwrap).collect();
    for (what, value) in [
        ("/account/username", "ada"),
        ("/study/purpose", "research"),
        ("/processing/restricted", "true"),
        ("/consents/1/decision", "given"),
        ("/notices/0/text", "We keep this."),
    ] {
        assert!(
            rows.contains(&(what.to_owned(), value.to_owned())),
            "{what}: {rows:?}"
        );
    }
    let texts = client
        .get(&format!("{PATH}?format=csv&table=quarantine"), &ada)
        .await
        .ok(200);
    assert!(
        texts.text().starts_with("id,received_at,reasons,text\r\n"),
        "{}",
        texts.text()
    );
    assert!(texts.text().contains("of ada") && !texts.text().contains("of bob"));
    let unknown = client
        .get(&format!("{PATH}?format=csv&table=all"), &ada)
        .await;
    assert_eq!(unknown.told(), (400, 4222));
}

//! `POST /v1/logs`.

use crate::support::{World, entry, new_account, new_study, now, post};
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{StudyStatus, Validation};

#[actix_web::test]
async fn one_entry_is_stored_and_shown_without_its_participant() {
    let world = World::new();
    let client = world.client().await;
    let answer = client
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await
        .ok(201);
    assert_eq!(
        answer.header("location"),
        Some("http://sillage.test/v1/logs/1")
    );
    let expected = json!({
        "number": 1, "uri": "http://sillage.test/v1/logs/1", "id": "0190c1d2-7e1c-7cc0-b9c0-000000000001",
        "session": "s-81", "sequence": 1, "timestamp": "2024-05-18T10:17:33.109000Z", "action": "regionDeposer",
        "payload": {"roomName": "salleForet"}, "received_at": "2024-06-01T12:00:00.000000Z", "status": "accepted"
    });
    assert_eq!(answer.json(), expected);
}

#[actix_web::test]
async fn an_entry_sent_twice_is_stored_once() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let first = client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let second = client.post("/v1/logs", &token, entry(1)).await.ok(200);
    assert_eq!(first.json(), second.json());
    assert_eq!(world.ports.logs.counts(world.study.id).unwrap().entries, 1);
}

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
async fn an_entry_without_optional_members_shows_none_of_them() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"timestamp": "2023-04-18T10:17.109Z", "action": "start"});
    let stored = client
        .post("/v1/logs", &world.token("ada"), body)
        .await
        .ok(201)
        .json();
    let members: Vec<_> = stored.as_object().unwrap().keys().cloned().collect();
    let mut expected = [
        "number",
        "uri",
        "id",
        "timestamp",
        "action",
        "received_at",
        "status",
    ];
    expected.sort_unstable();
    assert_eq!(members, expected);
    assert_eq!(stored["timestamp"], "2023-04-18T10:17:06.540000Z");
}

#[actix_web::test]
async fn an_old_game_without_ids_is_known_by_its_sequence() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let body = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "start", "sequence": 4, "userAnswer": "x"});
    let first = client
        .post("/v1/logs", &token, body.clone())
        .await
        .ok(201)
        .json();
    let second = client.post("/v1/logs", &token, body).await.ok(200).json();
    assert_eq!(first, second);
    assert_eq!(first["payload"], json!({"userAnswer": "x"}));
}

#[actix_web::test]
async fn the_payload_stays_the_text_that_was_sent() {
    let world = World::new();
    let body = r#"{"timestamp":"2024-05-18T10:17:33Z","action":"a","payload":{"b": 1.0,"a":9007199254740993}}"#;
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/json", body);
    let answer = world.client().await.send(request).await.ok(201);
    assert!(
        answer
            .text()
            .contains(r#""payload":{"b": 1.0,"a":9007199254740993}"#),
        "{}",
        answer.text()
    );
}

#[actix_web::test]
async fn another_content_under_the_same_id_is_a_conflict_and_kept() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let mut other = entry(1);
    other["action"] = json!("other");
    let answer = client.post("/v1/logs", &token, other.clone()).await;
    assert_eq!(answer.told(), (409, 4091));
    assert_eq!(answer.pointers(), ["/id"]);
    let kept = client
        .get("/v1/studies/tsadk/quarantine", &world.token("mia"))
        .await
        .ok(200)
        .json();
    assert_eq!(kept[0]["errors"][0]["code"], 4091);
    assert_eq!(kept[0]["entry_id"], other["id"]);
    assert_eq!(
        serde_json::from_str::<Value>(kept[0]["text"].as_str().unwrap()).unwrap(),
        other
    );
    assert_eq!(world.ports.logs.counts(world.study.id).unwrap().entries, 1);
}

#[actix_web::test]
async fn two_players_may_use_the_same_id() {
    let world = World::new();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await
        .ok(201);
    client
        .post("/v1/logs", &world.token("bob"), entry(1))
        .await
        .ok(201);
}

#[actix_web::test]
async fn what_does_not_fit_is_quarantined_with_all_its_faults() {
    let world = World::new();
    let client = world.client().await;
    let body = json!({"timestamp": "2024-05-18T10:17:33", "id": "x", "sequence": -1, "payload": 3});
    let answer = client
        .post("/v1/logs", &world.token("ada"), body)
        .await
        .ok(202);
    assert_eq!(answer.json()["status"], "quarantined");
    let mut told: Vec<_> = answer.pointers().into_iter().zip(answer.codes()).collect();
    told.sort();
    let expected = [
        ("/action", 4222),
        ("/id", 4222),
        ("/payload", 4222),
        ("/sequence", 4222),
        ("/timestamp", 4005),
    ];
    assert_eq!(
        told,
        expected.map(|(pointer, code)| (pointer.to_owned(), code))
    );
}

#[rstest]
#[case(
    "{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"a\",\"payload\":{\"x\":\"\\ud83c\"}}",
    4222,
    422
)]
#[case(
    "{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"a\",\"payload\":{\"x\":\"\\u0000\"}}",
    4222,
    422
)]
#[case("\"text\"", 4222, 422)]
#[case("{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":7}", 4222, 422)]
#[actix_web::test]
async fn what_does_not_fit_is_kept_or_under_strict_refused(
    #[case] body: &str,
    #[case] code: u64,
    #[case] strict: u16,
) {
    let world = World::new();
    let client = world.client().await;
    let request = || {
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", body)
    };
    let kept = client.send(request()).await.ok(202);
    assert_eq!(kept.codes(), [code]);
    let refused = client
        .send(request().header("Prefer", "handling=strict"))
        .await;
    assert_eq!(refused.told(), (strict, code));
    world.set_validation(Validation::Reject);
    // The API believes the study for a while; another API over the same store sees it at once.
    let other = crate::support::over(&world, crate::support::settings());
    assert_eq!(
        other.client().await.send(request()).await.told(),
        (strict, code)
    );
    assert_eq!(
        world.ports.logs.counts(world.study.id).unwrap().quarantined,
        1
    );
}

#[actix_web::test]
async fn a_payload_that_is_too_large_is_a_size_fault() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let large = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "a", "payload": {"x": "y".repeat(70_000)}});
    let kept = client.post("/v1/logs", &token, large.clone()).await.ok(202);
    assert_eq!(kept.codes(), [4133]);
    let strict = |body: Value| {
        post("/v1/logs")
            .token(&token)
            .json(&body)
            .header("Prefer", "handling=strict")
    };
    assert_eq!(client.send(strict(large.clone())).await.told(), (413, 4133));
    let mixed = client
        .send(strict(json!([large, {"action": "a"}])))
        .await
        .ok(422);
    assert_eq!(mixed.codes(), [4133, 4222]);
}

#[actix_web::test]
async fn depth_is_limited() {
    let world = World::new();
    let client = world.client().await;
    let nested = |depth: usize| {
        let payload = format!(
            "{}{}",
            "{\"a\":".repeat(depth - 1) + "{}",
            "}".repeat(depth - 1)
        );
        let body =
            format!(r#"{{"timestamp":"2024-05-18T10:17:33Z","action":"a","payload":{payload}}}"#);
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", &body)
    };
    client.send(nested(32)).await.ok(201);
    client.send(nested(33)).await.ok(202);
}

#[actix_web::test]
async fn several_entries_are_answered_one_by_one() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    client.post("/v1/logs", &token, entry(1)).await.ok(201);
    let mut conflict = entry(1);
    conflict["action"] = json!("other");
    let body = json!([entry(1), entry(2), entry(2), {"action": "a"}, conflict, 7]);
    let answer = client.post("/v1/logs", &token, body).await.ok(200).json();
    let counts = ["accepted", "duplicates", "quarantined", "conflicts"]
        .map(|name| answer[name].as_u64().unwrap());
    assert_eq!(counts, [1, 2, 2, 1]);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| result["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "duplicate",
            "accepted",
            "duplicate",
            "quarantined",
            "conflict",
            "quarantined"
        ]
    );
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result["index"], n);
        assert_eq!(result["errors"].as_array().unwrap().is_empty(), n < 3);
    }
    assert_eq!(results[1]["id"], entry(2)["id"]);
    assert_eq!(results[3]["errors"][0]["pointer"], "/3/timestamp");
    assert_eq!(
        world.ports.logs.counts(world.study.id).unwrap().quarantined,
        3
    );
}

#[actix_web::test]
async fn only_what_was_not_accepted_is_listed_if_so_asked() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let body = json!([entry(1), {}, entry(2)]);
    let answer = client
        .post("/v1/logs?verbose=false", &token, body)
        .await
        .ok(200)
        .json();
    assert_eq!(answer["accepted"], 2);
    assert_eq!(answer["results"].as_array().unwrap().len(), 1);
    assert_eq!(answer["results"][0]["index"], 1);
    assert_eq!(
        client
            .post("/v1/logs?verbose=perhaps", &token, json!([]))
            .await
            .told(),
        (400, 4222)
    );
    assert_eq!(
        client
            .post("/v1/logs?nonsense=1", &token, json!([]))
            .await
            .told(),
        (400, 4003)
    );
}

#[actix_web::test]
async fn an_empty_array_is_taken() {
    let world = World::new();
    let answer = world
        .client()
        .await
        .post("/v1/logs", &world.token("ada"), json!([]))
        .await
        .ok(200);
    let expected =
        json!({"accepted": 0, "duplicates": 0, "quarantined": 0, "conflicts": 0, "results": []});
    assert_eq!(answer.json(), expected);
}

#[actix_web::test]
async fn lines_are_entries_too() {
    let world = World::new();
    let body = format!("{}\n\n{}\n", entry(1), entry(2));
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/x-ndjson", &body);
    let answer = world.client().await.send(request).await.ok(200).json();
    assert_eq!(answer["accepted"], 2);
    let one = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/x-ndjson", &entry(3).to_string());
    assert_eq!(
        world.client().await.send(one).await.ok(200).json()["accepted"],
        1
    );
}

#[actix_web::test]
async fn a_strict_batch_is_stored_whole_or_not_at_all() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let strict = |body: Value| {
        post("/v1/logs")
            .token(&token)
            .json(&body)
            .header("Prefer", "handling=strict")
    };
    let refused = client
        .send(strict(json!([entry(1), {"timestamp": "x"}, entry(2), 3])))
        .await
        .ok(422);
    assert_eq!(refused.pointers(), ["/1/timestamp", "/1/action", "/3"]);
    let stored = client
        .send(strict(json!([entry(1), entry(2)])))
        .await
        .ok(200);
    assert_eq!(stored.header("preference-applied"), Some("handling=strict"));
    let mut conflict = entry(1);
    conflict["action"] = json!("other");
    let refused = client.send(strict(json!([entry(3), conflict]))).await;
    assert_eq!(refused.told(), (422, 4091));
    assert_eq!(refused.pointers(), ["/1/id"]);
    assert_eq!(client.send(strict(conflict)).await.told(), (409, 4091));
    let counts = world.ports.logs.counts(world.study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (2, 0));
}

#[actix_web::test]
async fn malformed_json_is_refused_with_its_place() {
    let world = World::new();
    let client = world.client().await;
    let send = |body: &str| {
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", body)
    };
    let answer = client.send(send("[\n  {\"a\": }\n]")).await;
    assert_eq!(answer.told(), (400, 4004));
    assert!(
        answer.text().contains("line 2, column 9"),
        "{}",
        answer.text()
    );
    assert_eq!(client.send(send("")).await.told(), (400, 4004));
}

#[actix_web::test]
async fn members_that_stand_twice_are_refused_with_their_places() {
    let world = World::new();
    let client = world.client().await;
    let send = |body: String| {
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", &body)
    };
    let answer = client
        .send(send(
            r#"[{"action":"a","action":"b","payload":{"x":1,"x":2}}]"#.to_owned(),
        ))
        .await;
    assert_eq!(answer.told(), (400, 4004));
    assert_eq!(answer.pointers(), ["/0/action", "/0/payload/x"]);
    let many = client
        .send(send(format!(
            "[{}]",
            vec![r#"{"a":1,"a":2}"#; 500].join(",")
        )))
        .await
        .ok(400);
    assert_eq!(many.codes().len(), 100);
}

#[actix_web::test]
async fn a_request_has_a_thousand_entries_at_most() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    let body = |count: u32| json!((0..count).map(entry).collect::<Vec<_>>());
    assert_eq!(
        client
            .post("/v1/logs", &token, body(1000))
            .await
            .ok(200)
            .json()["accepted"],
        1000
    );
    assert_eq!(
        client.post("/v1/logs", &token, body(1001)).await.told(),
        (413, 4132)
    );
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

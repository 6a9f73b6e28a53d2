//! Disputes, restrictions and objections: what a player may ask for, and what follows.

use crate::support::{Answer, Request, World, entry, get};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

const STUDY: &str = "/v1/studies/tsadk";
const PROCESSING: &str = "/v1/me/processing";

fn dispute_path(number: u32) -> String {
    format!("/v1/me/logs/{number}/dispute")
}

/// `ada` sent the entries 1 and 2, and `bob` the entry 3.
async fn played() -> World {
    let world = World::new();
    let client = world.client().await;
    let two = json!([entry(1), entry(2)]);
    client
        .post("/v1/logs", &world.token("ada"), two)
        .await
        .ok(200);
    client
        .post("/v1/logs", &world.token("bob"), entry(3))
        .await
        .ok(201);
    world
}

async fn put(world: &World, who: &str, number: u32, said: Value) -> Answer {
    let request = Request::new(Method::PUT, &dispute_path(number));
    let request = request.token(&world.token(who)).json(&said);
    world.client().await.send(request).await
}

async fn delete(world: &World, who: &str, number: u32) -> Answer {
    let request = Request::new(Method::DELETE, &dispute_path(number));
    world
        .client()
        .await
        .send(request.token(&world.token(who)))
        .await
}

async fn read(world: &World, who: &str, path: &str) -> Answer {
    world.client().await.get(path, &world.token(who)).await
}

async fn change(world: &World, who: &str, path: &str, body: Value) -> Answer {
    world
        .client()
        .await
        .patch(path, &world.token(who), body)
        .await
}

/// The rows of a file, without its header.
async fn rows(world: &World, who: &str, query: &str) -> Vec<String> {
    let answer = read(world, who, &format!("{STUDY}/export?{query}"))
        .await
        .ok(200);
    answer.text().lines().skip(1).map(str::to_owned).collect()
}

#[actix_web::test]
async fn a_dispute_goes_with_the_entry_into_lists_files_and_the_report() {
    let world = played().await;
    let clean = read(&world, "mia", &format!("{STUDY}/export?format=csv"))
        .await
        .ok(200);
    assert!(
        !clean.text().contains("disputed"),
        "no column as long as nothing is disputed"
    );
    let said = json!({"text": "My brother played."});
    let view = put(&world, "ada", 2, said).await.ok(200).json();
    assert_eq!(view["text"], "My brother played.");
    assert_eq!(
        (&view["since"], &view["number"]),
        (&json!("2024-06-01"), &json!(2))
    );
    let csv = read(&world, "mia", &format!("{STUDY}/export?format=csv"))
        .await
        .ok(200);
    assert!(
        csv.text().lines().next().unwrap().ends_with(",disputed"),
        "{}",
        csv.text()
    );
    let flags: Vec<_> = csv
        .text()
        .lines()
        .skip(1)
        .map(|row| row.rsplit(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(flags, ["false", "true", "false"]);
    let lines = read(&world, "mia", &format!("{STUDY}/export?format=ndjson"))
        .await
        .ok(200);
    let marked: Vec<_> = lines
        .text()
        .lines()
        .map(|line| line.contains("\"disputed\":true"))
        .collect();
    assert_eq!(marked, [false, true, false]);
    for path in ["/v1/logs", "/v1/me/logs"] {
        let who = if path == "/v1/logs" { "mia" } else { "ada" };
        let all = read(&world, who, path).await.ok(200).json();
        assert_eq!(all[1]["disputed"], true, "{path}");
        assert_eq!(all[0]["disputed"], Value::Null, "{path}");
    }
    let report = read(&world, "mia", &format!("{STUDY}/quality"))
        .await
        .ok(200)
        .json();
    assert_eq!(report["disputed"], 1);
    let own = read(&world, "ada", "/v1/me/export").await.ok(200).json();
    assert_eq!(own["entries"][1]["dispute"]["text"], "My brother played.");
    let own = read(&world, "ada", "/v1/me/export?format=csv")
        .await
        .ok(200);
    assert!(
        own.text().lines().nth(2).unwrap().ends_with(",true"),
        "{}",
        own.text()
    );
    delete(&world, "ada", 2).await.ok(204);
    assert_eq!(delete(&world, "ada", 2).await.told(), (404, 404));
    let report = read(&world, "mia", &format!("{STUDY}/quality"))
        .await
        .ok(200)
        .json();
    assert_eq!(report["disputed"], 0);
    let csv = read(&world, "mia", &format!("{STUDY}/export?format=csv"))
        .await
        .ok(200);
    assert_eq!(csv.text(), clean.text());
}

#[actix_web::test]
async fn a_wide_table_has_a_column_for_it_and_its_schema_knows_it() {
    let world = played().await;
    let book = "format = 1\n[actions.regionDeposer.fields.roomName]\ntype = \"string\"\nprivacy = \"other\"\n";
    let request = Request::new(Method::PUT, &format!("{STUDY}/codebook"));
    let request = request
        .text("application/toml", book)
        .token(&world.token("mia"));
    let answer = world.client().await.send(request).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    put(&world, "ada", 1, json!({})).await.ok(200);
    let table = read(
        &world,
        "mia",
        &format!("{STUDY}/export?shape=wide&format=csv"),
    )
    .await
    .ok(200);
    let column = table
        .text()
        .lines()
        .next()
        .unwrap()
        .split(',')
        .position(|name| name == "disputed");
    let flags: Vec<_> = table
        .text()
        .lines()
        .skip(1)
        .map(|row| row.split(',').nth(column.unwrap()).unwrap())
        .collect();
    assert_eq!(flags, ["true", "false", "false"]);
    let schema = read(&world, "mia", &format!("{STUDY}/export/tableschema.json"))
        .await
        .ok(200);
    assert!(schema.text().contains(r#""disputed""#), "{}", schema.text());
}

#[rstest]
#[case("bob", 1, 404)]
#[case("bob", 2, 404)]
#[case("ada", 3, 404)]
#[case("ada", 99, 404)]
#[case("mia", 1, 403)]
#[case("ann", 1, 403)]
#[case("admin", 1, 403)]
#[actix_web::test]
async fn nobody_disputes_what_somebody_else_sent(
    #[case] who: &str,
    #[case] number: u32,
    #[case] status: u16,
) {
    let world = played().await;
    put(&world, "ada", 1, json!({"text": "a secret of mine"}))
        .await
        .ok(200);
    let answers = [
        put(&world, who, number, json!({"text": "not mine"})).await,
        delete(&world, who, number).await,
    ];
    for answer in answers {
        assert_eq!(
            answer.told(),
            (status, u64::from(status)),
            "{}",
            answer.text()
        );
    }
    let seen = read(&world, who, &dispute_path(number)).await;
    assert_eq!(seen.status.as_u16() / 100, 4, "{}", seen.text());
    assert!(!seen.text().contains("a secret of mine"));
    let still = read(&world, "ada", &dispute_path(1)).await.ok(200).json();
    assert_eq!(still["text"], "a secret of mine");
}

#[actix_web::test]
async fn those_who_run_the_study_answer_and_the_mark_stays() {
    let world = played().await;
    put(&world, "ada", 1, json!({"text": "It was my brother."}))
        .await
        .ok(200);
    let all = read(&world, "mia", &format!("{STUDY}/disputes"))
        .await
        .ok(200);
    assert_eq!(all.header("x-total-count"), Some("1"));
    assert_eq!(all.header("cache-control"), Some("no-store"));
    let all = all.json();
    assert_eq!(all[0]["text"], "It was my brother.");
    assert_eq!(all[0]["entry"], "http://sillage.test/v1/logs/1");
    for who in ["ann", "dev", "mon", "ada"] {
        let refused = read(&world, who, &format!("{STUDY}/disputes")).await;
        assert_eq!(refused.told(), (403, 403), "{who}");
    }
    let path = format!("{STUDY}/disputes/1");
    let answer = json!({"answer": "We can't tell, and leave it."});
    change(&world, "mia", &path, answer).await.ok(200);
    let told = read(&world, "ada", &dispute_path(1)).await.ok(200).json();
    assert_eq!(told["answer"], "We can't tell, and leave it.");
    assert!(!told.to_string().contains("P-"), "no pseudonym: {told}");
    let nothing = change(&world, "mia", &path, json!({})).await;
    assert_eq!(nothing.told(), (422, 4222));
    let none = change(
        &world,
        "mia",
        &format!("{STUDY}/disputes/2"),
        json!({"answer": "x"}),
    )
    .await;
    assert_eq!(none.told(), (404, 404));
    assert_eq!(rows(&world, "mia", "format=ndjson").await.len(), 2);
}

#[actix_web::test]
async fn a_correction_that_is_asked_for_is_taken_over_as_an_amendment() {
    let world = played().await;
    let asked = json!({"text": "wrong room", "correction": {"payload": {"roomName": "cave"}}});
    let view = put(&world, "ada", 1, asked).await.ok(200).json();
    assert_eq!(view["correction"], json!({"payload": {"roomName": "cave"}}));
    let before = read(&world, "ada", "/v1/me/logs").await.ok(200).json();
    assert_eq!(
        before[0]["payload"]["roomName"], "salleForet",
        "asked for, not done"
    );
    let path = format!("{STUDY}/disputes/1");
    let accept = json!({"accept": true, "reason": "the player says so"});
    let refused = change(&world, "ann", &path, accept.clone()).await;
    assert_eq!(refused.told(), (403, 403));
    let unexplained = change(&world, "mia", &path, json!({"accept": true})).await;
    assert_eq!(unexplained.pointers(), ["/reason"]);
    change(&world, "mia", &path, accept).await.ok(204);
    let after = read(&world, "ada", "/v1/me/logs").await.ok(200).json();
    assert_eq!(after[0]["payload"]["roomName"], "cave");
    assert_eq!(
        (&after[0]["amended"], &after[0]["disputed"]),
        (&json!(true), &Value::Null)
    );
    put(
        &world,
        "ada",
        2,
        json!({"text": "no idea what would be right"}),
    )
    .await
    .ok(200);
    let accept = json!({"accept": true, "reason": "r"});
    let nothing = change(&world, "mia", &format!("{STUDY}/disputes/2"), accept).await;
    assert_eq!(nothing.told(), (409, 409));
}

#[rstest]
#[case(json!({"text": ""}), "/text")]
#[case(json!({"text": "x".repeat(2001)}), "/text")]
#[case(json!({"text": "a\u{0}b"}), "/text")]
#[case(json!({"words": "x"}), "/words")]
#[case(json!({"correction": 7}), "/correction")]
#[case(json!({"correction": {}}), "/correction")]
#[case(json!({"correction": {"participant": "bob"}}), "/correction/participant")]
#[case(json!({"correction": {"timestamp": "yesterday"}}), "/correction/timestamp")]
#[actix_web::test]
async fn what_cannot_be_said_is_refused_at_its_place(#[case] said: Value, #[case] pointer: &str) {
    let world = played().await;
    let refused = put(&world, "ada", 1, said).await;
    assert_eq!(refused.status.as_u16() / 100, 4);
    assert_eq!(refused.pointers(), [pointer], "{}", refused.text());
    let none = read(&world, "ada", &dispute_path(1)).await;
    assert_eq!(none.told(), (404, 404));
}

#[actix_web::test]
async fn a_dispute_that_was_answered_meanwhile_is_not_taken_back_unseen() {
    let world = played().await;
    let view = put(&world, "ada", 1, json!({"text": "wrong"}))
        .await
        .ok(200);
    let seen = view.header("etag").unwrap().to_owned();
    let answer = json!({"answer": "mended"});
    change(&world, "mia", &format!("{STUDY}/disputes/1"), answer)
        .await
        .ok(200);
    let request = Request::new(Method::DELETE, &dispute_path(1));
    let request = request.token(&world.token("ada")).header("If-Match", seen);
    assert_eq!(world.client().await.send(request).await.told(), (412, 412));
    let known = read(&world, "ada", &dispute_path(1)).await.ok(200);
    let known = known.header("etag").unwrap().to_owned();
    let again = get(&dispute_path(1))
        .token(&world.token("ada"))
        .header("If-None-Match", known);
    world.client().await.send(again).await.ok(304);
}

#[rstest]
#[case("restricted", true)]
#[case("objected", false)]
#[actix_web::test]
async fn what_is_held_up_is_in_no_file_until_that_is_lifted(
    #[case] what: &str,
    #[case] arrives: bool,
) {
    let world = played().await;
    let before = read(&world, "ada", PROCESSING).await.ok(200).json();
    assert_eq!(
        before,
        json!({"restricted": false, "objected": false, "history": []})
    );
    let held = change(&world, "ada", PROCESSING, json!({what: true}))
        .await
        .ok(200)
        .json();
    assert_eq!(held[what], true);
    let gone = world.pseudonym("ada").to_string();
    for query in [
        "format=csv",
        "format=ndjson",
        "table=sessions&format=csv",
        "table=participants&format=csv",
    ] {
        let all = rows(&world, "mia", query).await.join("\n");
        let ndjson = read(&world, "mia", &format!("{STUDY}/export?{query}"))
            .await
            .ok(200);
        assert!(!ndjson.text().contains(&gone), "{query}: {all}");
    }
    let list = read(&world, "ann", "/v1/logs").await.ok(200).json();
    assert_eq!(
        list.as_array().unwrap().len(),
        1,
        "analysts read what bob sent"
    );
    let quality = read(&world, "mia", &format!("{STUDY}/quality"))
        .await
        .ok(200)
        .json();
    assert_eq!(quality["entries"], 1);
    let own = read(&world, "ada", "/v1/me/logs").await.ok(200).json();
    assert_eq!(own.as_array().unwrap().len(), 2, "it is kept");
    let client = world.client().await;
    let sent = client.post("/v1/logs", &world.token("ada"), entry(4)).await;
    match arrives {
        true => drop(sent.ok(201)),
        false => assert_eq!(sent.told(), (403, 4032)),
    }
    client
        .post("/v1/logs", &world.token("bob"), entry(5))
        .await
        .ok(201);
    let lifted = change(&world, "ada", PROCESSING, json!({what: false}))
        .await
        .ok(200)
        .json();
    let kinds: Vec<_> = lifted["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["holds"].clone())
        .collect();
    assert_eq!(kinds, [json!(false), json!(true)]);
    assert_eq!(lifted["history"][0]["on_request"], false);
    client
        .post("/v1/logs", &world.token("ada"), entry(6))
        .await
        .ok(201);
    let all = read(&world, "mia", &format!("{STUDY}/export?format=csv"))
        .await
        .ok(200);
    assert!(all.text().contains(&gone), "it is used again");
}

#[actix_web::test]
async fn what_came_by_letter_is_written_down_by_those_who_run_the_study() {
    let world = played().await;
    let path = format!("{STUDY}/participants/ada/processing");
    let restricted = json!({"restricted": true});
    for who in ["ann", "dev", "mon", "ada", "bob"] {
        let refused = change(&world, who, &path, restricted.clone()).await;
        assert_eq!(refused.told(), (403, 403), "{who}");
        assert_eq!(read(&world, who, &path).await.told(), (403, 403), "{who}");
    }
    let view = change(&world, "mia", &path, restricted).await.ok(200);
    assert_eq!(view.json()["history"][0]["on_request"], true);
    assert!(!view.text().contains("P-"), "no pseudonym: {}", view.text());
    let own = read(&world, "ada", PROCESSING).await.ok(200).json();
    assert_eq!(own["restricted"], true);
    let bob = read(&world, "bob", PROCESSING).await.ok(200).json();
    assert_eq!(bob["restricted"], false);
    let unknown = format!("{STUDY}/participants/nobody/processing");
    assert_eq!(read(&world, "mia", &unknown).await.told(), (404, 404));
}

#[rstest]
#[case(json!({}), "/restricted")]
#[case(json!({"restricted": "yes"}), "/restricted")]
#[case(json!({"frozen": true}), "/frozen")]
#[actix_web::test]
async fn a_change_that_says_nothing_is_refused(#[case] body: Value, #[case] pointer: &str) {
    let world = played().await;
    let refused = change(&world, "ada", PROCESSING, body).await;
    assert_eq!(refused.told(), (422, 4222));
    assert!(
        refused.pointers().contains(&pointer.to_owned()),
        "{}",
        refused.text()
    );
}

#[actix_web::test]
async fn whoever_leaves_takes_the_words_of_disputes_along_and_leaves_the_mark() {
    let world = played().await;
    put(&world, "ada", 1, json!({"text": "I am called Ada"}))
        .await
        .ok(200);
    let request = Request::new(Method::DELETE, "/v1/me?mode=anonymise");
    let request = request
        .token(&world.token("ada"))
        .json(&json!({"password": crate::support::PASSWORD}));
    world.client().await.send(request).await.ok(204);
    let left = read(&world, "mia", &format!("{STUDY}/disputes"))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&left[0]["number"], &left[0]["text"]),
        (&json!(1), &Value::Null)
    );
    let all = read(&world, "mia", "/v1/logs").await.ok(200).json();
    assert_eq!(all[0]["disputed"], true);
}

/// Every way by which one player might come to what another sent, said, or asked for.
#[actix_web::test]
async fn a_player_who_asks_for_another_s_data_gets_it_by_no_route() {
    let world = played().await;
    let client = world.client().await;
    let ada = world.token("ada");
    let secret = json!({"id": "0190c1d2-7e1c-7cc0-b9c0-00000000abcd", "timestamp": "2024-05-18T10:17:33Z", "action": "say", "payload": {"secret": "marker-of-ada"}});
    client.post("/v1/logs", &ada, secret.clone()).await.ok(201);
    client
        .post(
            "/v1/logs",
            &ada,
            json!({"id": 7, "secret": "marker-of-ada"}),
        )
        .await
        .ok(202);
    put(&world, "ada", 1, json!({"text": "marker-of-ada"}))
        .await
        .ok(200);
    let request = json!({"kind": "access", "participant": "ada", "reference": "marker-of-ada"});
    client
        .post(&format!("{STUDY}/requests"), &world.token("mia"), request)
        .await
        .ok(201);
    let pseudonym = world.pseudonym("ada").to_string();
    let bob = world.token("bob");
    let mut tried = 0;
    for path in [
        "/v1/logs".to_owned(),
        "/v1/logs/1".to_owned(),
        "/v1/logs/4".to_owned(),
        "/v1/logs/1/history".to_owned(),
        format!("/v1/logs?participant={pseudonym}"),
        "/v1/logs?study=tsadk".to_owned(),
        "/v1/me/logs".to_owned(),
        "/v1/me/logs?study=tsadk&page_size=1000".to_owned(),
        format!("/v1/me/logs?participant={pseudonym}"),
        "/v1/me/logs?after=0".to_owned(),
        "/v1/me/logs?session=s-81".to_owned(),
        "/v1/me/logs?action=say".to_owned(),
        "/v1/me/logs/1/dispute".to_owned(),
        "/v1/me/logs/4/dispute".to_owned(),
        "/v1/me/export".to_owned(),
        "/v1/me/export?format=csv".to_owned(),
        "/v1/me/export?format=csv&table=quarantine".to_owned(),
        "/v1/me/export?format=csv&table=about".to_owned(),
        "/v1/me/consents".to_owned(),
        PROCESSING.to_owned(),
        "/v1/me/grants".to_owned(),
        STUDY.to_owned(),
        format!("{STUDY}/stats"),
        format!("{STUDY}/live"),
        format!("{STUDY}/quality"),
        format!("{STUDY}/participants"),
        format!("{STUDY}/participants/ada"),
        format!("{STUDY}/participants/ada/consents"),
        format!("{STUDY}/participants/ada/processing"),
        format!("{STUDY}/consents"),
        format!("{STUDY}/disputes"),
        format!("{STUDY}/disputes/1"),
        format!("{STUDY}/requests"),
        format!("{STUDY}/requests/1"),
        format!("{STUDY}/quarantine"),
        format!("{STUDY}/quarantine/1"),
        format!("{STUDY}/quarantine/reasons"),
        format!("{STUDY}/export"),
        format!("{STUDY}/export?format=ndjson&participant={pseudonym}"),
        format!("{STUDY}/export/cleaning.csv"),
        format!("{STUDY}/members"),
        "/v1/utils/export/logs".to_owned(),
        "/v1/users".to_owned(),
        "/v1/users/1".to_owned(),
    ] {
        let answer = client.get(&path, &bob).await;
        let text = answer.text();
        assert!(answer.status.as_u16() < 500, "{path}: {text}");
        for marker in ["marker-of-ada", "\"ada\"", pseudonym.as_str()] {
            assert!(!text.contains(marker), "{path} tells {marker}: {text}");
        }
        tried += 1;
    }
    assert_eq!(tried, 44);
    // Nor may he write in her name, nor learn by the answer whether she sent something with that id.
    let mut named = entry(9);
    named["participant"] = json!("ada");
    assert_eq!(
        client.post("/v1/logs", &bob, named).await.told(),
        (403, 4033)
    );
    let mut same = secret;
    same["payload"] = json!({"guess": 1});
    client.post("/v1/logs", &bob, same).await.ok(201);
    for (method, path, body) in [
        (
            Method::PATCH,
            "/v1/logs/1",
            json!({"reason": "r", "action": "x"}),
        ),
        (Method::DELETE, "/v1/logs/1", json!({"reason": "r"})),
        (
            Method::PATCH,
            "/v1/studies/tsadk/participants/ada",
            json!({"active": false}),
        ),
        (
            Method::DELETE,
            "/v1/studies/tsadk/participants/ada?mode=erase",
            json!({}),
        ),
        (
            Method::PATCH,
            "/v1/studies/tsadk/disputes/1",
            json!({"answer": "x"}),
        ),
        (
            Method::POST,
            "/v1/studies/tsadk/consents",
            json!({"participants": ["ada"], "decision": "withdrawn"}),
        ),
        (
            Method::POST,
            "/v1/studies/tsadk/requests",
            json!({"kind": "access", "participant": "ada"}),
        ),
    ] {
        let request = Request::new(method.clone(), path).token(&bob).json(&body);
        let answer = client.send(request).await;
        assert!(
            matches!(answer.status.as_u16(), 403 | 404),
            "{method} {path}: {}",
            answer.text()
        );
    }
}

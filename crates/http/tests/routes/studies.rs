//! `/v1/studies`.

use crate::support::{Request, World, entry, get, link, new_study};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::StudyStatus;

#[actix_web::test]
async fn a_study_is_made_opened_and_closed() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("out");
    let made = client
        .post(
            "/v1/studies",
            &token,
            json!({"slug": "waves", "title": "Waves"}),
        )
        .await
        .ok(201);
    assert_eq!(
        made.header("location"),
        Some("http://sillage.test/v1/studies/waves")
    );
    let study = made.json();
    assert_eq!(
        (&study["slug"], &study["title"], &study["status"]),
        (&json!("waves"), &json!("Waves"), &json!("draft"))
    );
    assert_eq!(
        (&study["description"], &study["validation"]),
        (&json!(""), &json!("quarantine"))
    );
    let open = client
        .patch("/v1/studies/waves", &token, json!({"status": "open"}))
        .await
        .ok(200);
    assert_eq!(open.json()["status"], "open");
    let put = Request::new(Method::PUT, "/v1/studies/waves")
        .token(&token)
        .json(&json!({"status": "closed", "title": "W"}));
    let closed = client.send(put).await.ok(200).json();
    assert_eq!(
        (&closed["status"], &closed["title"]),
        (&json!("closed"), &json!("W"))
    );
    assert!(closed["closed_at"].is_string());
    assert_eq!(
        client.get("/v1/studies/waves", &token).await.ok(200).json(),
        closed
    );
}

#[actix_web::test]
async fn a_study_says_where_to_play() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("admin");
    let url = "https://game.example.org/";
    let new = json!({"slug": "waves", "title": "Waves", "game_url": url});
    let made = client.post("/v1/studies", &token, new).await.ok(201);
    assert_eq!(made.json()["game_url"], url);
    for (body, now) in [
        (json!({"title": "W"}), json!(url)),
        (
            json!({"game_url": "http://[::1]:8000"}),
            json!("http://[::1]:8000"),
        ),
        (json!({"game_url": ""}), Value::Null),
    ] {
        let study = client
            .patch("/v1/studies/waves", &token, body)
            .await
            .ok(200);
        assert_eq!(study.json()["game_url"], now);
    }
    for wrong in ["game.example.org", "javascript:alert(1)", "https://a b"] {
        let body = json!({"game_url": wrong});
        let answer = client.patch("/v1/studies/waves", &token, body).await;
        assert_eq!(
            (answer.told(), answer.pointers()),
            ((422, 4222), vec!["/game_url".to_owned()])
        );
    }
    let empty = json!({"slug": "w", "title": "W", "game_url": ""});
    let answer = client.post("/v1/studies", &token, empty).await;
    assert_eq!(answer.told(), (422, 4222));
}

#[actix_web::test]
async fn who_makes_a_study_can_use_it_at_once() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("out");
    assert_eq!(
        client.get("/v1/studies", &token).await.ok(200).json(),
        json!([])
    );
    client
        .post(
            "/v1/studies",
            &token,
            json!({"slug": "waves", "title": "Waves"}),
        )
        .await
        .ok(201);
    client
        .post(
            "/v1/studies/waves/participants",
            &token,
            json!({"count": 2}),
        )
        .await
        .ok(201);
}

#[actix_web::test]
async fn a_status_that_was_changed_counts_at_once() {
    let world = World::new();
    let client = world.client().await;
    client
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await
        .ok(201);
    client
        .patch(
            "/v1/studies/tsadk",
            &world.token("mia"),
            json!({"status": "archived"}),
        )
        .await
        .ok(200);
    assert_eq!(
        client
            .post("/v1/logs", &world.token("ada"), entry(2))
            .await
            .told(),
        (403, 4031)
    );
}

#[rstest]
#[case(json!({}), &["/slug", "/title"])]
#[case(json!({"slug": "Waves!", "title": "", "extra": 1}), &["/extra", "/slug", "/title"])]
#[case(json!({"slug": 1, "title": [], "validation": "maybe"}), &["/slug", "/title", "/validation"])]
#[case(json!({"slug": "waves", "title": "x".repeat(201)}), &["/title"])]
#[case(json!({"slug": "waves", "title": "one\nline", "description": "a\u{0}b"}), &["/description", "/title"])]
#[case(json!([]), &[""])]
#[actix_web::test]
async fn all_faults_of_a_study_are_told_at_once(#[case] body: Value, #[case] pointers: &[&str]) {
    let world = World::new();
    let answer = world
        .client()
        .await
        .post("/v1/studies", &world.token("admin"), body)
        .await;
    assert_eq!(answer.told(), (422, 4222));
    assert_eq!(answer.pointers(), pointers);
}

#[actix_web::test]
async fn a_body_that_is_no_json_is_told_where() {
    let world = World::new();
    let client = world.client().await;
    let send = |body: &str| {
        Request::new(Method::POST, "/v1/studies")
            .token(&world.token("admin"))
            .text("application/json", body)
    };
    let malformed = client.send(send("{\n  \"slug\": }")).await;
    assert_eq!(malformed.told(), (400, 4004));
    assert!(
        malformed.text().contains("line 2, column 11"),
        "{}",
        malformed.text()
    );
    let twice = client
        .send(send(r#"{"slug":"a","title":"b","slug":"c"}"#))
        .await;
    assert_eq!(twice.told(), (400, 4004));
    assert_eq!(twice.pointers(), ["/slug"]);
}

#[actix_web::test]
async fn a_slug_that_is_taken_is_a_conflict() {
    let world = World::new();
    let answer = world
        .client()
        .await
        .post(
            "/v1/studies",
            &world.token("admin"),
            json!({"slug": "tsadk", "title": "T"}),
        )
        .await;
    assert_eq!(answer.told(), (409, 4092));
}

#[rstest]
#[case("ada", 403)]
#[case("ann", 403)]
#[case("out", 404)]
#[case("mia", 200)]
#[case("admin", 200)]
#[actix_web::test]
async fn a_study_is_changed_by_those_who_run_it(#[case] who: &str, #[case] status: u16) {
    let world = World::new();
    let client = world.client().await;
    client
        .patch(
            "/v1/studies/tsadk",
            &world.token(who),
            json!({"title": "T"}),
        )
        .await
        .ok(status);
    // Whether the body is good makes no difference to those who may not.
    let bad = client
        .patch(
            "/v1/studies/tsadk",
            &world.token(who),
            json!({"nonsense": 1}),
        )
        .await;
    bad.ok(if status == 200 { 422 } else { status });
}

#[actix_web::test]
async fn participants_make_no_studies() {
    let world = World::new();
    let answer = world
        .client()
        .await
        .post(
            "/v1/studies",
            &world.token("ada"),
            json!({"slug": "w", "title": "W"}),
        )
        .await;
    assert_eq!(answer.told(), (403, 403));
}

#[actix_web::test]
async fn a_hidden_study_looks_like_one_that_does_not_exist() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("out");
    let hidden = client.get("/v1/studies/tsadk", &token).await;
    assert_eq!(hidden.told(), (404, 404));
    for path in ["/v1/studies/nowhere", "/v1/studies/NOWHERE%00"] {
        assert_eq!(
            client.get(path, &token).await.json(),
            hidden.json(),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_participant_sees_the_face_of_the_own_study() {
    let world = World::new();
    let client = world.client().await;
    let study = client
        .get("/v1/studies/tsadk", &world.token("ada"))
        .await
        .ok(200)
        .json();
    assert!(study.get("validation").is_none() && study.get("revision").is_none());
    assert_eq!(
        client
            .get("/v1/studies/tsadk/stats", &world.token("ada"))
            .await
            .told(),
        (403, 403)
    );
}

#[actix_web::test]
async fn a_change_is_made_to_what_was_seen_or_not_at_all() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("mia");
    let seen = client.get("/v1/studies/tsadk", &token).await.ok(200);
    let tag = seen.header("etag").unwrap().to_owned();
    let unchanged = client
        .send(
            get("/v1/studies/tsadk")
                .token(&token)
                .header("If-None-Match", tag.clone()),
        )
        .await
        .ok(304);
    assert!(unchanged.bytes.is_empty());
    assert_eq!(unchanged.header("etag"), Some(tag.as_str()));
    let patch = |title: &str| {
        Request::new(Method::PATCH, "/v1/studies/tsadk")
            .token(&token)
            .json(&json!({"title": title}))
            .header("If-Match", tag.clone())
    };
    client.send(patch("one")).await.ok(200);
    assert_eq!(client.send(patch("two")).await.told(), (412, 412));
    assert_eq!(
        client.get("/v1/studies/tsadk", &token).await.json()["title"],
        "one"
    );
}

#[actix_web::test]
async fn studies_are_listed_by_page() {
    let world = World::new();
    for n in 0..11 {
        new_study(&world.ports, &format!("s{n:02}"), StudyStatus::Open);
    }
    let client = world.client().await;
    let token = world.token("admin");
    let first = client.get("/v1/studies", &token).await.ok(200);
    assert_eq!(first.header("x-total-count"), Some("12"));
    assert_eq!(first.json().as_array().unwrap().len(), 10);
    let second = client
        .get(&link(&first, "next").unwrap(), &token)
        .await
        .ok(200);
    assert_eq!(second.json()[1]["slug"], "tsadk");
    assert_eq!(link(&second, "prev").as_deref(), Some("/v1/studies?page=1"));
    assert_eq!(link(&second, "next"), None);
    assert_eq!(link(&second, "last").as_deref(), Some("/v1/studies?page=2"));
    assert_eq!(
        client.get("/v1/studies?page=3", &token).await.told(),
        (404, 4002)
    );
    assert_eq!(
        client.get("/v1/studies?sort=slug", &token).await.told(),
        (400, 4003)
    );
}

#[rstest]
#[case("ada")]
#[case("mon")]
#[actix_web::test]
async fn one_lists_only_the_studies_that_one_has_to_do_with(#[case] who: &str) {
    let world = World::new();
    new_study(&world.ports, "other", StudyStatus::Open);
    let list = world
        .client()
        .await
        .get("/v1/studies", &world.token(who))
        .await
        .ok(200);
    assert_eq!(list.header("x-total-count"), Some("1"));
    assert_eq!(list.json()[0]["slug"], "tsadk");
}

#[actix_web::test]
async fn a_study_counts_what_it_holds() {
    let world = World::new();
    let client = world.client().await;
    client
        .post(
            "/v1/logs",
            &world.token("ada"),
            json!([entry(1), entry(2), {}]),
        )
        .await
        .ok(200);
    let stats = client
        .get("/v1/studies/tsadk/stats", &world.token("mon"))
        .await
        .ok(200);
    assert_eq!(
        stats.json(),
        json!({"entries": 2, "deleted": 0, "quarantined": 1})
    );
}

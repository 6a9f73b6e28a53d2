//! `/v1/studies/{study}/notice`.

use crate::support::{Request, World, get};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::json;

const PATH: &str = "/v1/studies/tsadk/notice";
const FRENCH: &str = "# Ce que nous gardons\n\nTes **actions**, et [rien d'autre](https://example.org/).\n\n<script>alert(1)</script>\n";
const ENGLISH: &str = "# What we keep\n\nYour actions.\n";

fn put(path: &str, text: &str) -> Request {
    Request::new(Method::PUT, path).text("text/markdown; charset=utf-8", text)
}

/// With a French notice, and then an English one.
async fn told() -> World {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let french = put(&format!("{PATH}?language=fr"), FRENCH).token(&mia);
    client.send(french).await.ok(201);
    let english = put(PATH, ENGLISH).token(&mia);
    client
        .send(english.header("Content-Language", "en"))
        .await
        .ok(200);
    world
}

#[rstest]
#[case(
    "markdown",
    "text/markdown; charset=utf-8",
    "<script>alert(1)</script>"
)]
#[case("html", "text/html; charset=utf-8", "<strong>actions</strong>")]
#[case("HTML", "text/html; charset=utf-8", "<h1>Ce que nous gardons</h1>")]
#[case(
    "text",
    "text/plain; charset=utf-8",
    "rien d'autre (https://example.org/)"
)]
#[case("texte", "text/plain; charset=utf-8", "Tes actions, et")]
#[actix_web::test]
async fn a_notice_comes_in_the_form_that_x_data_format_asks_for(
    #[case] asked: &str,
    #[case] media: &str,
    #[case] part: &str,
) {
    let world = told().await;
    let client = world.client().await;
    // As clients send it that ask for JSON everywhere.
    let asked = get(&format!("{PATH}?language=fr"))
        .token(&world.token("ada"))
        .header("Accept", "application/json")
        .header("X-Data-Format", asked);
    let answer = client.send(asked).await.ok(200);
    assert_eq!(answer.header("content-type"), Some(media));
    assert_eq!(answer.header("content-language"), Some("fr"));
    assert_eq!(answer.header("x-notice-version"), Some("1"));
    assert!(answer.text().contains(part), "{}", answer.text());
}

#[actix_web::test]
async fn scripts_of_a_notice_run_nowhere() {
    let world = told().await;
    let client = world.client().await;
    let evil = "<script>steal()</script>\n\n<p onclick=\"steal()\">hello</p>\n\n[here](javascript:steal())\n\n![x](https://evil.example/pixel.png)\n";
    let mia = world.token("mia");
    client.send(put(PATH, evil).token(&mia)).await.ok(200);
    for form in ["html", "text"] {
        let asked = get(&format!("{PATH}?language=en"))
            .token(&world.token("ada"))
            .header("X-Data-Format", form);
        let answer = client.send(asked).await.ok(200);
        assert!(!answer.text().contains("steal"), "{}", answer.text());
        assert!(!answer.text().contains("evil.example"), "{}", answer.text());
        assert!(answer.text().contains("hello") || form == "text");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        if form == "html" {
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.contains("default-src 'none'"), "{policy}");
        }
    }
}

#[rstest]
#[case(None, "text/markdown; charset=utf-8")]
#[case(Some("*/*"), "text/markdown; charset=utf-8")]
#[case(Some("text/html, */*;q=0.1"), "text/html; charset=utf-8")]
#[case(Some("text/plain"), "text/plain; charset=utf-8")]
#[case(Some("application/json"), "application/json")]
#[actix_web::test]
async fn without_x_data_format_accept_says_which_form(
    #[case] accept: Option<&str>,
    #[case] media: &str,
) {
    let world = told().await;
    let mut asked = get(PATH).token(&world.token("ada"));
    if let Some(accept) = accept {
        asked = asked.header("Accept", accept);
    }
    let answer = world.client().await.send(asked).await.ok(200);
    assert_eq!(answer.header("content-type"), Some(media));
}

#[rstest]
#[case("Accept", "image/png")]
#[case("X-Data-Format", "pdf")]
#[actix_web::test]
async fn a_form_that_there_is_not_is_refused(#[case] header: &str, #[case] value: &str) {
    let world = told().await;
    let asked = get(PATH).token(&world.token("ada")).header(header, value);
    let answer = world.client().await.send(asked).await;
    assert_eq!(answer.told(), (406, 406));
}

#[actix_web::test]
async fn a_notice_that_says_something_else_is_the_next_version() {
    let world = told().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let again = client
        .send(put(&format!("{PATH}?language=FR"), FRENCH).token(&mia))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&again["version"], &again["changed"]),
        (&json!(1), &json!(false))
    );
    let body = json!({"text": "# Autre", "language": "fr"});
    let other = Request::new(Method::PUT, PATH).json(&body).token(&mia);
    let other = client.send(other).await.ok(200).json();
    assert_eq!(
        (&other["version"], &other["changed"]),
        (&json!(3), &json!(true))
    );
    let listed = client.get(&format!("{PATH}/versions"), &mia).await.ok(200);
    let versions: Vec<_> = listed
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["version"].as_i64().unwrap(),
                one["language"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        versions,
        [
            (3, "fr".to_owned()),
            (2, "en".to_owned()),
            (1, "fr".to_owned())
        ]
    );
    let first = client.get(&format!("{PATH}?version=1"), &mia).await.ok(200);
    assert_eq!(first.text(), FRENCH);
    let holds = client
        .get(&format!("{PATH}?language=fr-CH"), &mia)
        .await
        .ok(200);
    assert_eq!(holds.text(), "# Autre");
    let suits = get(PATH)
        .token(&mia)
        .header("Accept-Language", "de, fr;q=0.5");
    let suits = client
        .send(suits.header("Accept", "application/json"))
        .await
        .ok(200)
        .json();
    assert_eq!(suits["version"], 3);
    assert_eq!(suits["text"], "# Autre");
    assert_eq!(suits["hash"], other["hash"]);
    for missing in ["?language=it", "?version=9", "?version=x"] {
        let answer = client.get(&format!("{PATH}{missing}"), &mia).await;
        assert_eq!(answer.told(), (404, 404), "{missing}");
    }
}

#[actix_web::test]
async fn a_notice_changes_only_as_it_was_seen() {
    let world = told().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let html = get(PATH).token(&mia).header("X-Data-Format", "html");
    let html = client.send(html).await.ok(200);
    let tag = html.header("etag").unwrap().to_owned();
    let unchanged = get(PATH)
        .token(&mia)
        .header("X-Data-Format", "html")
        .header("If-None-Match", tag.clone());
    client.send(unchanged).await.ok(304);
    let as_text = get(PATH)
        .token(&mia)
        .header("X-Data-Format", "text")
        .header("If-None-Match", tag.clone());
    client.send(as_text).await.ok(200);
    let changed = put(PATH, "# One")
        .token(&mia)
        .header("If-Match", tag.clone());
    client.send(changed).await.ok(200);
    let late = put(PATH, "# Two").token(&mia).header("If-Match", tag);
    assert_eq!(client.send(late).await.told(), (412, 412));
}

#[actix_web::test]
async fn what_is_no_notice_is_refused() {
    let world = told().await;
    let client = world.client().await;
    let mia = world.token("mia");
    for text in ["", " \n", "a\0b"] {
        let answer = client.send(put(PATH, text).token(&mia)).await;
        assert_eq!(answer.told(), (422, 4222), "{text:?}");
    }
    let long = "é".repeat(65_537);
    let answer = client.send(put(PATH, &long).token(&mia)).await;
    assert_eq!(answer.told(), (422, 4222));
    let fits = "é".repeat(65_536);
    client.send(put(PATH, &fits).token(&mia)).await.ok(200);
    let other = Request::new(Method::PUT, PATH)
        .text("text/plain", "x")
        .token(&mia);
    assert_eq!(client.send(other).await.told(), (406, 406));
    let language = put(&format!("{PATH}?language=french"), "x").token(&mia);
    assert_eq!(client.send(language).await.told(), (400, 4222));
    let faults = json!({"language": "french", "title": "x"});
    let faults = Request::new(Method::PUT, PATH).json(&faults).token(&mia);
    let mut pointers = client.send(faults).await.pointers();
    pointers.sort();
    assert_eq!(pointers, ["/language", "/text", "/title"]);
}

#[actix_web::test]
async fn a_study_without_a_notice_says_so() {
    let world = World::new();
    let answer = world.client().await.get(PATH, &world.token("ada")).await;
    assert_eq!(answer.told(), (404, 404));
}

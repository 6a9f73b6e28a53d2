//! Files of a study that has a codebook.

use crate::support::{Answer, Client, Request, World, entry, get};
use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

const PATH: &str = "/v1/studies/tsadk/export";

const CODEBOOK: &str = r#"
format = 1

[fields.roomName]
type = "string"
privacy = "other"
label = { en = "Room", fr = "Salle" }

[actions.regionDeposer]
description = { en = "Something was put down." }

[actions.regionDeposer.fields.level]
type = "integer"
minimum = 0
privacy = "other"
missing = [99]

[actions.regionDeposer.fields.email]
type = "string"
privacy = "identifier"

[actions.quit]
"#;

/// Entries from before the codebook, so that some of them do not fit it.
async fn world() -> World {
    let world = World::new();
    world.say_everything();
    let client = world.client().await;
    let with = |n: u32, payload: Value| {
        let mut entry = entry(n);
        entry["payload"] = payload;
        entry
    };
    let entries = json!([
        with(
            1,
            json!({"roomName": "hall", "level": 3.0, "email": "ada@example.org"})
        ),
        with(
            2,
            json!({"roomName": "=1+1", "level": 99, "secret": "ada@example.org"})
        ),
        with(3, json!({"roomName": "attic", "level": -7, "email": null})),
    ]);
    client
        .post("/v1/logs", &world.token("ada"), entries)
        .await
        .ok(200);
    let put = Request::new(Method::PUT, "/v1/studies/tsadk/codebook")
        .token(&world.token("mia"))
        .text("application/toml", CODEBOOK);
    assert!(client.send(put).await.status.is_success());
    world
}

async fn file<S>(client: &Client<S>, world: &World, who: &str, query: &str) -> Answer
where
    S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>,
{
    client
        .get(&format!("{PATH}{query}"), &world.token(who))
        .await
}

/// The columns from that one on, row by row.
fn rows(answer: &Answer, from: &str) -> Vec<Vec<String>> {
    let rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(answer.text().as_bytes())
        .into_deserialize()
        .collect::<Result<Vec<Vec<String>>, _>>()
        .unwrap();
    let first = rows[0].iter().position(|name| name == from).unwrap();
    rows.into_iter().map(|row| row[first..].to_vec()).collect()
}

#[rstest]
#[case("ann", "?format=csv")]
#[case("ann", "?format=ndjson")]
#[case("ann", "?shape=wide")]
#[case("ann", "?view=deidentified&shape=wide&action=regionDeposer")]
#[case("mia", "?shape=wide")]
#[case("admin", "?format=ndjson")]
#[actix_web::test]
async fn what_the_codebook_does_not_allow_is_not_in_the_file(
    #[case] who: &str,
    #[case] query: &str,
) {
    let world = world().await;
    let client = world.client().await;
    let answer = file(&client, &world, who, query).await.ok(200);
    assert!(
        !answer.text().contains("ada@example.org"),
        "{}",
        answer.text()
    );
    assert!(!answer.text().contains("secret"), "{}", answer.text());
    assert!(answer.text().contains("attic"), "{}", answer.text());
    let made: Value = serde_json::from_str(answer.header("sillage-provenance").unwrap()).unwrap();
    assert_eq!(
        (&made["view"], &made["codebook_version"]),
        (&json!("deidentified"), &json!(1))
    );
}

#[actix_web::test]
async fn those_who_run_the_study_may_ask_for_all_of_it() {
    let world = world().await;
    let client = world.client().await;
    let refused = file(&client, &world, "ann", "?view=full").await;
    assert_eq!(refused.told(), (403, 403));
    let answer = file(&client, &world, "mia", "?view=full&shape=wide")
        .await
        .ok(200);
    assert_eq!(
        rows(&answer, "roomName"),
        [
            ["roomName", "level", "email", "undeclared"],
            ["hall", "3", "ada@example.org", ""],
            ["=1+1", "", "", r#"{"secret":"ada@example.org"}"#],
            ["attic", "-7", "", ""],
        ]
    );
    let guarded = file(&client, &world, "mia", "?shape=wide&profile=spreadsheet")
        .await
        .ok(200);
    assert_eq!(rows(&guarded, "roomName")[2][0], "'=1+1");
}

#[actix_web::test]
async fn what_does_not_fit_is_emptied_with_a_reason() {
    let world = world().await;
    let client = world.client().await;
    let answer = file(&client, &world, "ann", "?shape=wide&clean=values")
        .await
        .ok(200);
    assert_eq!(rows(&answer, "roomName")[3][..2], ["attic", ""]);
    let reasons = file(&client, &world, "ann", "/cleaning.csv?clean=values")
        .await
        .ok(200);
    assert_eq!(
        rows(&reasons, "field"),
        [
            ["field", "rule", "reason"],
            ["level", "values", "below_minimum"]
        ]
    );
}

#[actix_web::test]
async fn the_codebook_and_the_schema_lie_beside_the_table() {
    let world = world().await;
    let client = world.client().await;
    let book = file(&client, &world, "ann", "/codebook.csv").await.ok(200);
    assert_eq!(
        book.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    assert!(
        book.text().starts_with("action,field,type,"),
        "{}",
        book.text()
    );
    let schema = file(&client, &world, "ann", "/tableschema.json?language=fr")
        .await
        .ok(200)
        .json();
    let wide = file(&client, &world, "ann", "?shape=wide").await.ok(200);
    let names: Vec<_> = schema["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.join(","), wide.text().lines().next().unwrap());
    let room = schema["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == "roomName")
        .unwrap();
    assert_eq!(room["title"], "Salle");
    let refused = file(&client, &world, "ann", "/tableschema.json?view=full").await;
    assert_eq!(refused.told(), (403, 403));
}

#[actix_web::test]
async fn what_an_analyst_may_not_see_has_no_column_either() {
    let world = world().await;
    let client = world.client().await;
    let wide = file(&client, &world, "ann", "?shape=wide").await.ok(200);
    assert_eq!(rows(&wide, "roomName")[0], ["roomName", "level"]);
    let schema = file(&client, &world, "ann", "/tableschema.json")
        .await
        .ok(200);
    assert!(!schema.text().contains("email"), "{}", schema.text());
    let all = file(&client, &world, "mia", "/tableschema.json?view=full")
        .await
        .ok(200);
    assert!(all.text().contains("email") && all.text().contains("undeclared"));
}

#[actix_web::test]
async fn a_codebook_that_changes_makes_another_file() {
    let world = world().await;
    let client = world.client().await;
    let token = world.token("mia");
    let path = format!("{PATH}?shape=wide");
    let tag = client
        .get(&path, &token)
        .await
        .ok(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let again = get(&path).token(&token).header("If-None-Match", &tag);
    client.send(again).await.ok(304);
    let other = CODEBOOK.replace("privacy = \"identifier\"", "privacy = \"other\"");
    let put = Request::new(Method::PUT, "/v1/studies/tsadk/codebook")
        .token(&token)
        .text("application/toml", &other);
    assert!(client.send(put).await.status.is_success());
    let again = get(&path).token(&token).header("If-None-Match", &tag);
    client.send(again).await.ok(200);
}

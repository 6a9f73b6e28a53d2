//! `/v1/logs` for a game with names of its own for things, as TSADK has.

use crate::support::{Request, World, over, post, settings};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_http::HttpSettings;

const CODEBOOK: &str = include_str!("../../../../examples/tsadk/codebook.toml");

async fn world() -> World {
    let of_default = HttpSettings {
        default_study: Some("tsadk".parse().unwrap()),
        ..settings()
    };
    let world = over(&World::new(), of_default);
    let put = Request::new(Method::PUT, "/v1/studies/tsadk/codebook")
        .token(&world.token("mia"))
        .text("application/toml", CODEBOOK);
    world.client().await.send(put).await.ok(201);
    world
}

/// The published example, of the player with that number.
fn published(number: Value) -> Value {
    json!({
        "userID": number, "timestamp": "2023-04-18T10:17.109Z", "sequence": 9, "roomName": "salleForet",
        "actionNature": "mettre_main", "actionType": "regionDeposer", "userAnswer": "if(none){win}else{loose}",
        "userError": "incorrect",
    })
}

/// A request as the old game makes it: its token stands in the place of a username.
fn sent(token: &str, body: &Value) -> Request {
    post("/v1/logs").basic(token, "unused").json(body)
}

async fn number_of(world: &World, username: &str) -> Value {
    let path = format!("/v1/studies/tsadk/participants/{username}");
    let answer = world.client().await.get(&path, &world.token("mia")).await;
    answer.ok(200).json()["number"].clone()
}

#[actix_web::test]
async fn the_published_example_is_taken_and_its_number_is_kept_nowhere() {
    let world = world().await;
    let client = world.client().await;
    let ada = world.token("ada");
    let body = published(number_of(&world, "ada").await);
    let first = client.send(sent(&ada, &body)).await.ok(201).json();
    assert_eq!(first["timestamp"], "2023-04-18T10:17:06.540000Z");
    assert_eq!(first["action"], "regionDeposer");
    assert_eq!(
        first["payload"],
        json!({
            "roomName": "salleForet", "actionNature": "mettre_main", "userAnswer": "if(none){win}else{loose}",
            "userError": "incorrect",
        })
    );
    // It has no id: its sequence and content tell that it is sent again.
    let again = client.send(sent(&ada, &body)).await.ok(200).json();
    assert_eq!(again["number"], first["number"]);
    let mut unfit = body;
    unfit["roomName"] = json!(7);
    unfit["sequence"] = json!(10);
    let kept = client.send(sent(&ada, &unfit)).await.ok(202);
    assert_eq!(kept.pointers(), ["/roomName"]);
    let path = "/v1/studies/tsadk/quarantine";
    let texts = client.get(path, &world.token("mia")).await.ok(200);
    assert!(!texts.text().contains("userID"), "{}", texts.text());
}

#[rstest]
#[case(json!(99))]
#[case(json!("ada"))]
#[case(json!(-1))]
#[case(json!(1.5))]
#[case(json!(18_446_744_073_709_551_616_f64))]
#[actix_web::test]
async fn a_number_that_is_not_ones_own_is_refused(#[case] number: Value) {
    let world = world().await;
    let client = world.client().await;
    let answer = client
        .send(sent(&world.token("ada"), &published(number)))
        .await;
    assert_ne!(answer.status, 201, "{}", answer.text());
    assert_ne!(answer.status, 200, "{}", answer.text());
    let other = published(number_of(&world, "bob").await);
    let other = client.send(sent(&world.token("ada"), &other)).await;
    assert_eq!(other.told(), (403, 4033));
    assert_eq!(other.pointers(), ["/userID"]);
    assert_eq!(world.ports.logs.counts(world.study.id).unwrap().entries, 0);
}

#[actix_web::test]
async fn the_administrator_names_whom_he_likes_and_reads_numbers_or_pseudonyms() {
    let world = world().await;
    let client = world.client().await;
    let (admin, number) = (world.token("admin"), number_of(&world, "bob").await);
    client
        .send(sent(&admin, &published(number.clone())))
        .await
        .ok(201);
    let read = crate::support::get("/v1/logs").basic(&admin, "unused");
    let flat = client.send(read).await.ok(200).json()[0].clone();
    assert_eq!(
        (&flat["userID"], &flat["actionType"]),
        (&number, &json!("regionDeposer"))
    );
    assert_eq!(flat["roomName"], "salleForet");
    assert!(flat.get("participant").is_none(), "{flat}");
    let own = client.get("/v1/logs", &admin).await.ok(200).json()[0].clone();
    assert_eq!(own["participant"], world.pseudonym("bob").to_string());
    assert!(own.get("userID").is_none(), "{own}");
    // Whoever is taken out has no number in the next list.
    let gone = Request::new(
        Method::DELETE,
        "/v1/studies/tsadk/participants/bob?mode=anonymise",
    );
    let gone = client.send(gone.token(&admin)).await;
    assert!(gone.status.is_success(), "{}", gone.text());
    let read = crate::support::get("/v1/logs").basic(&admin, "unused");
    let flat = client.send(read).await.ok(200).json()[0].clone();
    assert_eq!(flat.get("userID"), None, "{flat}");
}

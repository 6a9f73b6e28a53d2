//! What a study has to say before it collects identifiers or sensitive data.

use crate::support::{Request, World, get, new_study};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::StudyStatus;

const STUDY: &str = "/v1/studies/prepared";
const CODEBOOK: &str = "/v1/studies/prepared/codebook";

/// A codebook with a field of that privacy class.
fn codebook(privacy: &str) -> Value {
    json!({"format": 1, "actions": {"open": {"fields": {"what": {"type": "string", "privacy": privacy}}}}})
}

fn put(path: &str, body: &Value) -> Request {
    Request::new(Method::PUT, path).json(body)
}

/// Everything that a study can say.
fn everything() -> Value {
    json!({
        "legal_regimes": ["LIPAD", "GDPR"],
        "controllers": [
            {"name": "Université de Genève", "address": "24 rue du Général-Dufour, Genève", "country": "CH", "contact": null},
            {"name": "Université de Lille", "country": "FR"},
        ],
        "contact": {"name": "The team", "email": "team@example.org"},
        "data_protection_officer": {"name": "The officer", "email": "dpo@example.org"},
        "purpose": "how people learn to repair code",
        "legal_basis": "consent",
        "recipients": [{"name": "Université de Lille", "country": "FR", "purpose": "joint analysis"}],
        "retention": {"months": 60, "from": "closing", "then": "erase"},
        "ethics_reference": "2024-17",
        "authorisation_reference": "ACE 12.3",
    })
}

/// With a study in preparation, which an admin runs.
fn world() -> World {
    let world = World::new();
    new_study(&world.ports, "prepared", StudyStatus::Draft);
    world
}

#[rstest]
#[case("other")]
#[case("quasi-identifier")]
#[case("free-text")]
#[actix_web::test]
async fn a_study_that_collects_neither_opens_with_nothing_to_configure(#[case] privacy: &str) {
    let world = world();
    let client = world.client().await;
    let admin = world.token("admin");
    let book = put(CODEBOOK, &codebook(privacy)).token(&admin);
    client.send(book).await.ok(201);
    let open = client.patch(STUDY, &admin, json!({"status": "open"})).await;
    assert_eq!(open.ok(200).json()["status"], "open");
}

#[actix_web::test]
async fn a_study_opens_once_it_has_said_everything_and_all_that_is_missing_is_named() {
    let world = world();
    let client = world.client().await;
    let admin = world.token("admin");
    let book = put(CODEBOOK, &codebook("sensitive")).token(&admin);
    client.send(book).await.ok(201);
    let open = json!({"status": "open"});
    let refused = client.patch(STUDY, &admin, open.clone()).await;
    assert_eq!(refused.told(), (409, 4093));
    let missing = [
        "/legal_regimes",
        "/controllers",
        "/contact",
        "/purpose",
        "/recipients",
        "/retention",
        "/ethics_reference",
        "/authorisation_reference",
        "/notice",
    ];
    assert_eq!(refused.pointers(), missing);
    assert!(refused.codes().iter().all(|code| *code == 4093));
    let draft = client.get(STUDY, &admin).await.ok(200).json();
    assert_eq!(draft["status"], "draft", "nothing was changed");
    let french = Request::new(Method::PATCH, STUDY)
        .json(&open)
        .token(&admin)
        .header("Accept-Language", "fr");
    let french = client.send(french).await;
    assert!(french.text().contains("la notice d'information"));
    // Said together with the opening, all but the notice.
    let mut said = everything();
    said["status"] = json!("open");
    let refused = client.patch(STUDY, &admin, said.clone()).await;
    assert_eq!(
        (refused.told(), refused.pointers()),
        ((409, 4093), vec!["/notice".to_owned()])
    );
    let notice = Request::new(Method::PUT, "/v1/studies/prepared/notice?language=fr")
        .text("text/markdown", "# Ce que nous gardons")
        .token(&admin);
    client.send(notice).await.ok(201);
    let open = client.patch(STUDY, &admin, said).await.ok(200).json();
    assert_eq!(open["status"], "open");
}

#[actix_web::test]
async fn what_a_study_says_is_kept_changed_and_taken_away() {
    let world = world();
    let client = world.client().await;
    let admin = world.token("admin");
    let shown = client.get(STUDY, &admin).await.ok(200).json();
    assert_eq!(shown["legal_regimes"], json!([]));
    assert_eq!(shown["recipients"], Value::Null, "nothing was said of them");
    assert_eq!(shown["consent_purposes"], json!([]));
    client.patch(STUDY, &admin, everything()).await.ok(200);
    let shown = client.get(STUDY, &admin).await.ok(200).json();
    for (member, value) in everything().as_object().unwrap() {
        match member.as_str() {
            "controllers" | "recipients" => {
                let count = |value: &Value| value.as_array().unwrap().len();
                assert_eq!(count(&shown[member]), count(value));
            }
            _ => assert_eq!(&shown[member], value, "{member}"),
        }
    }
    assert_eq!(shown["controllers"][1]["address"], Value::Null);
    let less = json!({"purpose": "", "ethics_reference": "", "recipients": [], "controllers": [],
        "retention": {"months": 12}, "consent_purposes": ["collection", "research"]});
    let shown = client.patch(STUDY, &admin, less).await.ok(200).json();
    assert_eq!(shown["purpose"], Value::Null);
    assert_eq!(shown["ethics_reference"], Value::Null);
    assert_eq!(shown["recipients"], json!([]), "to nobody");
    assert_eq!(shown["controllers"], json!([]));
    assert_eq!(
        shown["retention"],
        json!({"months": 12, "from": "closing", "then": "anonymise"})
    );
    assert_eq!(shown["consent_purposes"], json!(["collection", "research"]));
    assert_eq!(shown["contact"]["email"], "team@example.org");
}

#[actix_web::test]
async fn every_fault_of_what_is_said_is_told_with_its_place() {
    let world = world();
    let client = world.client().await;
    let admin = world.token("admin");
    let faulty = json!({
        "legal_regimes": ["LIPAD", "HIPAA"],
        "controllers": [{"name": "A", "country": "ch"}, {"country": "CH", "vat": 1}, 7],
        "contact": {"name": "The team", "email": "nowhere"},
        "data_protection_officer": "somebody",
        "recipients": {"name": "A"},
        "retention": {"months": 0, "from": "birth", "then": "burn"},
        "ethics_reference": "a\nb",
        "consent_purposes": ["research"],
    });
    let refused = client.patch(STUDY, &admin, faulty).await;
    assert_eq!(refused.told(), (422, 4222));
    let mut pointers = refused.pointers();
    pointers.sort();
    let expected = [
        "/consent_purposes",
        "/contact/email",
        "/controllers/0/country",
        "/controllers/1/name",
        "/controllers/1/vat",
        "/controllers/2",
        "/data_protection_officer",
        "/ethics_reference",
        "/legal_regimes",
        "/recipients",
        "/retention/from",
        "/retention/months",
        "/retention/then",
    ];
    assert_eq!(pointers, expected);
    let many: Vec<_> = (0..51).map(|n| json!({"name": format!("{n}")})).collect();
    let refused = client
        .patch(STUDY, &admin, json!({"recipients": many}))
        .await;
    assert_eq!(refused.told(), (422, 4222));
}

#[actix_web::test]
async fn an_open_study_takes_no_codebook_for_which_something_is_missing() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let path = "/v1/studies/tsadk/codebook";
    let plain = put(path, &codebook("other")).token(&mia);
    client.send(plain).await.ok(201);
    let refused = client
        .send(put(path, &codebook("identifier")).token(&mia))
        .await;
    assert_eq!(refused.told(), (409, 4093));
    assert_eq!(refused.pointers().len(), 8);
    let holds = client.get(path, &mia).await.ok(200);
    assert_eq!(holds.header("x-codebook-version"), Some("1"));
    client
        .patch("/v1/studies/tsadk", &mia, everything())
        .await
        .ok(200);
    let notice = Request::new(Method::PUT, "/v1/studies/tsadk/notice")
        .text("text/markdown", "We keep this.")
        .token(&mia);
    client.send(notice).await.ok(201);
    let taken = put(path, &codebook("identifier")).token(&mia);
    client.send(taken).await.ok(200);
    // What it needs now is not taken away from it while it is open.
    let taken_away = client
        .patch("/v1/studies/tsadk", &mia, json!({"purpose": ""}))
        .await;
    assert_eq!(taken_away.told(), (409, 4093));
    assert_eq!(taken_away.pointers(), ["/purpose"]);
    let renamed = json!({"title": "Another", "contact": {"name": "B", "email": "b@example.org"}});
    client
        .patch("/v1/studies/tsadk", &mia, renamed)
        .await
        .ok(200);
    let closed = json!({"status": "closed", "purpose": ""});
    client
        .patch("/v1/studies/tsadk", &mia, closed)
        .await
        .ok(200);
}

#[actix_web::test]
async fn asking_for_consent_needs_a_notice_to_consent_to() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    let ask = json!({"consent_purposes": ["collection"]});
    let refused = client.patch("/v1/studies/tsadk", &mia, ask.clone()).await;
    assert_eq!(
        (refused.told(), refused.pointers()),
        ((409, 4093), vec!["/notice".to_owned()])
    );
    let notice = Request::new(Method::PUT, "/v1/studies/tsadk/notice")
        .text("text/markdown", "We keep this.")
        .token(&mia);
    client.send(notice).await.ok(201);
    client.patch("/v1/studies/tsadk", &mia, ask).await.ok(200);
}

#[actix_web::test]
async fn those_who_play_see_who_handles_their_data() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    client
        .patch("/v1/studies/tsadk", &mia, everything())
        .await
        .ok(200);
    let seen = client
        .send(get("/v1/studies/tsadk").token(&world.token("ada")))
        .await
        .ok(200)
        .json();
    assert_eq!(seen["contact"]["name"], "The team");
    assert_eq!(seen["controllers"][0]["country"], "CH");
    assert!(seen.get("validation").is_none(), "{seen}");
}

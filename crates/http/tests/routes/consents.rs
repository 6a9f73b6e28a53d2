//! Consents: given, refused, withdrawn, and what follows for entries, lists and files.

use crate::support::{Answer, Request, World, entry, get, post};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::{
    ConsentCode, ConsentEvent, ConsentStore, Decisions, NewConsent, PageRequest, Paged, Pseudonym,
    StoreError, StudyId, Timestamp, Validation,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const OWN: &str = "/v1/me/consents";
const STUDY: &str = "/v1/studies/tsadk";
const ALL: &str = "/v1/studies/tsadk/consents";

/// Has the study ask for these, with a notice to consent to.
async fn ask(world: &World, purposes: Value) {
    let client = world.client().await;
    let mia = world.token("mia");
    let notice = Request::new(Method::PUT, "/v1/studies/tsadk/notice?language=fr")
        .text("text/markdown", "# Ce que nous gardons")
        .token(&mia);
    let status = client.send(notice).await.status;
    assert!(status.is_success(), "{status}");
    let asked = json!({"consent_purposes": purposes});
    client.patch(STUDY, &mia, asked).await.ok(200);
}

/// A study that asks for consent to the collection and to its research.
async fn asking() -> World {
    let world = World::new();
    ask(&world, json!(["collection", "research"])).await;
    world
}

fn given() -> Value {
    json!({"decision": "given", "notice": 1})
}

async fn decide(world: &World, who: &str, decision: Value) -> Answer {
    let client = world.client().await;
    client.post(OWN, &world.token(who), decision).await
}

async fn send(world: &World, who: &str, n: u32) -> Answer {
    let client = world.client().await;
    client.post("/v1/logs", &world.token(who), entry(n)).await
}

/// How many rows a file has.
async fn rows(world: &World, who: &str, query: &str) -> usize {
    let path = format!("{STUDY}/export?{query}");
    let answer = world.client().await.get(&path, &world.token(who)).await;
    answer.ok(200).text().lines().count() - 1
}

#[actix_web::test]
async fn what_arrives_without_consent_is_refused_and_nothing_of_it_is_kept() {
    let world = asking().await;
    let client = world.client().await;
    let ada = world.token("ada");
    assert_eq!(send(&world, "ada", 1).await.told(), (403, 4032));
    let batch = json!([entry(1), entry(2), {"no": "entry"}]);
    let refused = client.post("/v1/logs", &ada, batch).await;
    assert_eq!(refused.told(), (403, 4032));
    let stats = client
        .get(&format!("{STUDY}/stats"), &world.token("mia"))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&stats["entries"], &stats["quarantined"]),
        (&json!(0), &json!(0))
    );
    decide(&world, "ada", given()).await.ok(201);
    send(&world, "ada", 1).await.ok(201);
    assert_eq!(
        send(&world, "bob", 1).await.told(),
        (403, 4032),
        "bob was not asked"
    );
}

#[actix_web::test]
async fn a_consent_withdrawn_between_two_batches_stops_the_second_and_empties_later_exports() {
    let world = asking().await;
    let client = world.client().await;
    let ada = world.token("ada");
    for who in ["ada", "bob"] {
        decide(&world, who, given()).await.ok(201);
    }
    let first = json!([entry(1), entry(2)]);
    client.post("/v1/logs", &ada, first).await.ok(200);
    send(&world, "bob", 1).await.ok(201);
    let path = format!("{STUDY}/export?format=csv");
    let before = client.get(&path, &world.token("mia")).await.ok(200);
    let tag = before.header("etag").unwrap().to_owned();
    assert_eq!(rows(&world, "mia", "format=csv").await, 3);
    decide(&world, "ada", json!({"decision": "withdrawn"}))
        .await
        .ok(201);
    let second = client.post("/v1/logs", &ada, json!([entry(3)])).await;
    assert_eq!(second.told(), (403, 4032), "at once");
    let known = get(&path)
        .token(&world.token("mia"))
        .header("If-None-Match", tag);
    let after = client.send(known).await.ok(200);
    assert_eq!(after.text().lines().count() - 1, 1, "{}", after.text());
    let gone = world.pseudonym("ada").to_string();
    for query in [
        "format=csv",
        "format=ndjson",
        "table=sessions&format=csv",
        "table=participants&format=csv",
        "format=csv&raw=true",
    ] {
        let path = format!("{STUDY}/export?{query}");
        let file = client.get(&path, &world.token("mia")).await.ok(200);
        assert!(!file.text().contains(&gone), "{query}: {}", file.text());
        let bob = world.pseudonym("bob").to_string();
        assert!(file.text().contains(&bob), "{query}: {}", file.text());
    }
    let tsadk = "/v1/utils/export/logs?study=tsadk";
    let tsadk = client.get(tsadk, &world.token("mia")).await.ok(200);
    assert_eq!(tsadk.text().lines().count() - 1, 1);
    let quality = format!("{STUDY}/quality");
    let quality = client.get(&quality, &world.token("mia")).await.ok(200);
    assert_eq!(quality.json()["entries"], 1);
    // Given again, all of it is there again.
    decide(&world, "ada", given()).await.ok(201);
    assert_eq!(rows(&world, "mia", "format=csv").await, 3);
}

#[actix_web::test]
async fn those_who_only_read_are_not_shown_entries_of_people_who_withdrew() {
    let world = asking().await;
    let client = world.client().await;
    let codebook = json!({"format": 1, "undeclared": "keep", "actions": {"regionDeposer": {"fields": {"roomName": {"type": "string", "privacy": "other"}}}}});
    let codebook = Request::new(Method::PUT, "/v1/studies/tsadk/codebook").json(&codebook);
    client
        .send(codebook.token(&world.token("mia")))
        .await
        .ok(201);
    for who in ["ada", "bob"] {
        decide(&world, who, given()).await.ok(201);
        send(&world, who, 1).await.ok(201);
    }
    let list = |who: &str, path: &str| {
        let (path, token) = (path.to_owned(), world.token(who));
        let client = &client;
        async move { client.get(&path, &token).await }
    };
    let all = list("ann", "/v1/logs").await.ok(200);
    assert_eq!(all.header("x-total-count"), Some("2"));
    let entries = all.json();
    let of_ada = entries
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["participant"] == world.pseudonym("ada").to_string())
        .unwrap()["number"]
        .clone();
    let tag = all.header("etag").unwrap().to_owned();
    decide(&world, "ada", json!({"decision": "withdrawn"}))
        .await
        .ok(201);
    let known = get("/v1/logs")
        .token(&world.token("ann"))
        .header("If-None-Match", tag);
    let left = client.send(known).await.ok(200);
    assert_eq!(left.header("x-total-count"), Some("1"));
    for path in [
        "/v1/logs?after=0",
        "/v1/logs?sort=-timestamp",
        "/v1/logs?study=tsadk",
    ] {
        let left = list("ann", path).await.ok(200).json();
        assert_eq!(left.as_array().unwrap().len(), 1, "{path}");
    }
    let filtered = format!("/v1/logs?participant={}", world.pseudonym("ada"));
    assert_eq!(list("ann", &filtered).await.ok(200).json(), json!([]));
    for path in [
        format!("/v1/logs/{of_ada}"),
        format!("/v1/logs/{of_ada}/history"),
    ] {
        assert_eq!(list("ann", &path).await.told(), (404, 404), "{path}");
        // Who runs the study may have to correct or delete it.
        list("mia", &path).await.ok(200);
    }
    let whole = list("mia", "/v1/logs").await.ok(200);
    assert_eq!(whole.header("x-total-count"), Some("2"));
    // One's own stay one's own.
    let own = list("ada", "/v1/me/logs").await.ok(200);
    assert_eq!(own.json().as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn in_a_batch_of_several_people_the_entries_of_some_are_refused() {
    let world = asking().await;
    let client = world.client().await;
    decide(&world, "ada", given()).await.ok(201);
    let of = |who: &str, n: u32| {
        let mut entry = entry(n);
        entry["participant"] = json!(who);
        entry
    };
    let batch = json!([of("bob", 1), of("ada", 2), of("nobody", 3), of("ada", 4)]);
    let answer = client
        .post("/v1/logs", &world.token("mia"), batch)
        .await
        .ok(200)
        .json();
    assert_eq!(answer["accepted"], 2);
    assert_eq!(answer["refused"], 2);
    assert_eq!(answer["quarantined"], 0);
    let results = answer["results"].as_array().unwrap();
    let words: Vec<_> = results
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["refused", "accepted", "refused", "accepted"]);
    let indexes: Vec<_> = results
        .iter()
        .map(|one| one["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indexes, [0, 1, 2, 3]);
    assert_eq!(results[0]["id"], of("bob", 1)["id"]);
    assert_eq!(results[0]["errors"][0]["code"], 4032);
    assert_eq!(results[0]["errors"][0]["pointer"], "/0");
    assert_eq!(results[2]["errors"][1]["pointer"], "/2/participant");
    let stats = client
        .get(&format!("{STUDY}/stats"), &world.token("mia"))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&stats["entries"], &stats["quarantined"]),
        (&json!(2), &json!(0))
    );
    // A misfit and a conflict behind one that is left out keep their places.
    let mut conflict = of("ada", 2);
    conflict["action"] = json!("another");
    let mut misfit = of("ada", 5);
    misfit.as_object_mut().unwrap().remove("timestamp");
    let batch = json!([of("bob", 1), misfit, conflict, of("ada", 6)]);
    let answer = client
        .post("/v1/logs", &world.token("mia"), batch)
        .await
        .ok(200)
        .json();
    let words: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["refused", "quarantined", "conflict", "accepted"]);
    assert_eq!(answer["results"][1]["errors"][0]["pointer"], "/1/timestamp");
    let kept = client
        .get(&format!("{STUDY}/quarantine"), &world.token("mia"))
        .await
        .ok(200);
    assert!(!kept.text().contains(&world.pseudonym("bob").to_string()));
    // Of one person only, the request is refused.
    let alone = json!([of("bob", 1), of("bob", 2)]);
    let refused = client.post("/v1/logs", &world.token("mia"), alone).await;
    assert_eq!((refused.told(), refused.codes().len()), ((403, 4032), 2));
    let single = client
        .post("/v1/logs", &world.token("mia"), of("bob", 1))
        .await;
    assert_eq!(single.told(), (403, 4032));
}

#[actix_web::test]
async fn a_strict_batch_is_refused_whole_where_a_consent_is_missing() {
    let world = asking().await;
    let client = world.client().await;
    decide(&world, "ada", given()).await.ok(201);
    let of = |who: &str, n: u32| {
        let mut entry = entry(n);
        entry["participant"] = json!(who);
        entry
    };
    let strict = |batch: Value| {
        post("/v1/logs")
            .json(&batch)
            .header("Prefer", "handling=strict")
            .token(&world.token("mia"))
    };
    let refused = client
        .send(strict(json!([of("ada", 1), of("bob", 2)])))
        .await;
    assert_eq!(
        (refused.told(), refused.pointers()),
        ((403, 4032), vec!["/1".to_owned()])
    );
    let mut misfit = of("ada", 1);
    misfit.as_object_mut().unwrap().remove("timestamp");
    world.set_validation(Validation::Reject);
    let both = json!([misfit, of("bob", 2)]);
    let refused = client.post("/v1/logs", &world.token("mia"), both).await;
    assert_eq!(refused.status, 422);
    let mut pointers = refused.pointers();
    pointers.sort();
    assert_eq!(pointers, ["/0/timestamp", "/1"]);
    let stats = client
        .get(&format!("{STUDY}/stats"), &world.token("mia"))
        .await
        .ok(200)
        .json();
    assert_eq!(stats["entries"], 0);
}

#[actix_web::test]
async fn what_lies_in_quarantine_stays_there_once_its_consent_is_withdrawn() {
    let world = asking().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let put = |fields: Value| {
        let book = json!({"format": 1, "undeclared": "refuse", "actions": {"regionDeposer": {"fields": fields}}});
        Request::new(Method::PUT, "/v1/studies/tsadk/codebook")
            .json(&book)
            .token(&mia)
    };
    client.send(put(json!({}))).await.ok(201);
    for who in ["ada", "bob"] {
        decide(&world, who, given()).await.ok(201);
        send(&world, who, 1).await.ok(202);
    }
    client
        .send(put(
            json!({"roomName": {"type": "string", "privacy": "other"}}),
        ))
        .await
        .ok(200);
    decide(&world, "ada", json!({"decision": "withdrawn"}))
        .await
        .ok(201);
    let replay = client
        .post(&format!("{STUDY}/quarantine/replay"), &mia, json!({}))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&replay["moved"], &replay["remained"]),
        (&json!(1), &json!(1))
    );
}

#[actix_web::test]
async fn one_sees_what_one_decided_on_which_notice_and_no_pseudonym() {
    let world = asking().await;
    let client = world.client().await;
    let made = decide(&world, "ada", given()).await.ok(201);
    assert_eq!(
        made.header("location"),
        Some("http://sillage.test/v1/me/consents")
    );
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.json();
    assert_eq!(made["decision"], "given");
    assert_eq!(
        made["purposes"],
        json!(["collection", "research"]),
        "what the study asks for"
    );
    assert_eq!(made["by"], "self");
    assert_eq!(
        (&made["notice"]["version"], &made["notice"]["language"]),
        (&json!(1), &json!("fr"))
    );
    let notice = get("/v1/studies/tsadk/notice")
        .token(&world.token("ada"))
        .header("Accept", "application/json");
    assert_eq!(
        made["notice"]["hash"],
        client.send(notice).await.ok(200).json()["hash"]
    );
    let one =
        json!({"decision": "withdrawn", "purposes": ["publication", "reuse"], "by": "guardian"});
    decide(&world, "ada", one).await.ok(201);
    let told = client.get(OWN, &world.token("ada")).await.ok(200);
    assert_eq!(told.header("x-total-count"), Some("2"));
    let told_json = told.json();
    assert_eq!(told_json[0]["decision"], "withdrawn");
    assert_eq!(told_json[0]["purposes"], json!(["reuse", "publication"]));
    assert_eq!(told_json[0]["by"], "guardian");
    assert_eq!(told_json[0]["notice"], Value::Null);
    assert_eq!(told_json[1], made);
    assert!(!told.text().contains("P-"), "{}", told.text());
    assert_eq!(
        client.get(OWN, &world.token("bob")).await.ok(200).json(),
        json!([])
    );
    // What was taken back of other purposes leaves the collection as it was.
    send(&world, "ada", 1).await.ok(201);
}

#[rstest]
#[case(json!({}), &["/decision"])]
#[case(json!({"decision": "maybe", "notice": 1}), &["/decision"])]
#[case(json!({"decision": "given"}), &["/notice"])]
#[case(json!({"decision": "given", "notice": 9}), &["/notice"])]
#[case(json!({"decision": "given", "notice": 0}), &["/notice"])]
#[case(json!({"decision": "given", "notice": 1}), &["/notice"])]
#[case(json!({"decision": "withdrawn", "notice": 9}), &["/notice"])]
#[case(json!({"decision": "given", "notice": 2, "purposes": []}), &["/purposes"])]
#[case(json!({"decision": "given", "notice": 2, "purposes": ["fame"]}), &["/purposes"])]
#[case(json!({"decision": "given", "notice": 2, "by": "paper"}), &["/by"])]
#[case(json!({"decision": "given", "notice": 2, "participant": "bob"}), &["/participant"])]
#[actix_web::test]
async fn what_is_no_decision_is_refused(#[case] decision: Value, #[case] pointers: &[&str]) {
    let world = asking().await;
    let client = world.client().await;
    // A later notice takes the place of the first.
    let notice = Request::new(Method::PUT, "/v1/studies/tsadk/notice?language=fr")
        .text("text/markdown", "# Autre")
        .token(&world.token("mia"));
    client.send(notice).await.ok(200);
    let refused = decide(&world, "ada", decision).await;
    assert_eq!(
        (refused.told(), refused.pointers()),
        (
            (422, 4222),
            pointers.iter().map(|p| (*p).to_owned()).collect()
        )
    );
}

#[actix_web::test]
async fn papers_are_written_down_by_those_who_run_the_study() {
    let world = asking().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let paper = json!({"participants": ["ada", "BOB", "ada"], "decision": "given", "notice": 1, "reference": "folder 3"});
    let made = client.post(ALL, &mia, paper.clone()).await.ok(201);
    assert_eq!(made.json()["recorded"], 2);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    for who in ["ada", "bob"] {
        send(&world, who, 1).await.ok(201);
    }
    let standing = client.get(ALL, &mia).await.ok(200);
    assert_eq!(standing.header("x-total-count"), Some("2"));
    let all = standing.json();
    assert_eq!(
        (&all[0]["username"], &all[0]["collection"], &all[0]["reuse"]),
        (&json!("ada"), &json!("given"), &Value::Null)
    );
    assert!(!standing.text().contains("P-"), "{}", standing.text());
    let history = all[1]["uri"]
        .as_str()
        .unwrap()
        .strip_prefix("http://sillage.test")
        .unwrap();
    let history = client.get(history, &mia).await.ok(200);
    let one = &history.json()[0];
    assert_eq!(one["by"], "paper");
    assert_eq!(one["reference"], "folder 3");
    assert_eq!(one["recorded_by"], "mia");
    assert!(!history.text().contains("P-"), "{}", history.text());
    // Those whose decision it is see it, and not who wrote it down.
    let own = client.get(OWN, &world.token("bob")).await.ok(200).json();
    assert_eq!(own[0]["reference"], "folder 3");
    assert!(own[0].get("recorded_by").is_none(), "{own}");
    let back = json!({"participants": ["bob"], "decision": "withdrawn", "by": "guardian", "reference": "letter 4"});
    client.post(ALL, &mia, back).await.ok(201);
    assert_eq!(send(&world, "bob", 2).await.told(), (403, 4032));
    send(&world, "ada", 2).await.ok(201);
    // All or none.
    let mut wrong = paper;
    wrong["participants"] = json!(["ada", "nobody", "not a name", "mia"]);
    wrong["decision"] = json!("refused");
    let refused = client.post(ALL, &mia, wrong).await;
    assert_eq!(refused.told(), (422, 4222));
    assert_eq!(
        refused.pointers(),
        ["/participants/1", "/participants/2", "/participants/3"]
    );
    send(&world, "ada", 3).await.ok(201);
    let faults = json!({"participants": [], "decision": "given", "by": "self", "notice": 1});
    let mut pointers = client.post(ALL, &mia, faults).await.pointers();
    pointers.sort();
    assert_eq!(pointers, ["/by", "/participants", "/reference"]);
}

#[actix_web::test]
async fn a_paper_may_have_been_signed_on_an_earlier_notice() {
    let world = asking().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let notice = Request::new(Method::PUT, "/v1/studies/tsadk/notice?language=fr")
        .text("text/markdown", "# Autre")
        .token(&mia);
    client.send(notice).await.ok(200);
    let paper =
        json!({"participants": ["ada"], "decision": "given", "notice": 1, "reference": "1"});
    client.post(ALL, &mia, paper).await.ok(201);
}

#[actix_web::test]
async fn each_purpose_has_its_own_files() {
    let world = asking().await;
    ask(&world, json!(["collection", "research", "publication"])).await;
    let all = json!({"decision": "given", "notice": 1});
    let some = json!({"decision": "given", "notice": 1, "purposes": ["collection", "publication"]});
    decide(&world, "ada", all).await.ok(201);
    decide(&world, "bob", some).await.ok(201);
    for who in ["ada", "bob"] {
        send(&world, who, 1).await.ok(201);
    }
    assert_eq!(rows(&world, "mia", "format=csv").await, 1);
    assert_eq!(rows(&world, "mia", "format=csv&purpose=research").await, 1);
    assert_eq!(
        rows(&world, "mia", "format=csv&purpose=publication").await,
        2
    );
    let client = world.client().await;
    let reuse = client
        .get(
            &format!("{STUDY}/export?purpose=reuse"),
            &world.token("mia"),
        )
        .await;
    assert_eq!(reuse.told(), (400, 4222), "nobody was asked");
    let unknown = client
        .get(
            &format!("{STUDY}/export?purpose=collection"),
            &world.token("mia"),
        )
        .await;
    assert_eq!(unknown.status, 400);
    let file = client
        .get(
            &format!("{STUDY}/export?purpose=publication"),
            &world.token("mia"),
        )
        .await
        .ok(200);
    assert!(
        file.header("sillage-provenance")
            .unwrap()
            .contains("\"purpose\":\"publication\"")
    );
}

#[actix_web::test]
async fn where_nothing_is_asked_entries_are_taken_and_whoever_says_no_is_left_out_of_files() {
    let world = World::new();
    for who in ["ada", "bob"] {
        send(&world, who, 1).await.ok(201);
    }
    assert_eq!(rows(&world, "mia", "format=csv").await, 2);
    decide(
        &world,
        "ada",
        json!({"decision": "refused", "purposes": ["research"]}),
    )
    .await
    .ok(201);
    send(&world, "ada", 2).await.ok(201);
    assert_eq!(rows(&world, "mia", "format=csv").await, 1);
    assert_eq!(
        rows(&world, "mia", "format=csv&purpose=publication").await,
        3
    );
    let nothing = decide(&world, "bob", json!({"decision": "given", "notice": 1})).await;
    assert_eq!(
        (nothing.told(), nothing.pointers()),
        ((422, 4222), vec!["/purposes".to_owned()])
    );
}

#[actix_web::test]
async fn test_entries_of_a_draft_are_nobody_s() {
    let world = asking().await;
    world.set_status(sillage_domain::StudyStatus::Draft);
    let client = world.client().await;
    let test = client
        .post("/v1/logs?study=tsadk", &world.token("dev"), entry(1))
        .await;
    test.ok(201);
    assert_eq!(
        send(&world, "ada", 1).await.told(),
        (403, 4031),
        "that it is a draft comes first"
    );
}

/// Counts how often the store is asked what people decided.
struct Counted {
    within: Arc<dyn ConsentStore>,
    looks: Arc<AtomicUsize>,
}

impl ConsentStore for Counted {
    fn record_consents(
        &self,
        study: StudyId,
        new: &[NewConsent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.within.record_consents(study, new, now)
    }

    fn consents(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<ConsentEvent>, StoreError> {
        self.within.consents(study, code, page)
    }

    fn forget_references(&self, study: StudyId, code: &ConsentCode) -> Result<(), StoreError> {
        self.within.forget_references(study, code)
    }

    fn decisions(
        &self,
        study: StudyId,
        people: &[Pseudonym],
    ) -> Result<HashMap<Pseudonym, Decisions>, StoreError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.within.decisions(study, people)
    }
}

/// A world whose store counts how often it is asked.
fn counted() -> (World, Arc<AtomicUsize>) {
    let looks = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&looks);
    let world = World::with(crate::support::settings(), move |mut ports| {
        ports.consents = Arc::new(Counted {
            within: ports.consents,
            looks: counter,
        });
        ports
    });
    (world, looks)
}

#[actix_web::test]
async fn a_study_that_asks_for_nothing_never_asks_the_store_and_another_once_a_while() {
    let (world, looks) = counted();
    let client = world.client().await;
    let ada = world.token("ada");
    for n in 0..20 {
        client.post("/v1/logs", &ada, entry(n)).await.ok(201);
    }
    assert_eq!(looks.load(Ordering::SeqCst), 0);
    ask(&world, json!(["collection"])).await;
    client.post(OWN, &ada, given()).await.ok(201);
    let before = looks.load(Ordering::SeqCst);
    for n in 20..40 {
        client.post("/v1/logs", &ada, entry(n)).await.ok(201);
    }
    assert_eq!(looks.load(Ordering::SeqCst), before + 1);
}

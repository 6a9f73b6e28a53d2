//! `/v1/audit`, and what requests leave in the audit log.

use crate::support::{PASSWORD, Request, World, entry, keys, link, now, post, settings};
use actix_web::http::Method;
use serde_json::{Value, json};
use sillage_domain::{
    AuditChain, AuditCheckpoint, AuditCut, AuditFilter, AuditKeys, AuditRecord, AuditStore,
    NumberedRecord, PageRequest, Paged, Ports, StoreError, Timestamp,
};
use sillage_http::Api;
use std::sync::Arc;

const PATH: &str = "/v1/audit";

/// What the log says, the first first: action, role, outcome, study.
async fn log(world: &World) -> Vec<(String, String, String, Value)> {
    world.api.finish_audit().await;
    let any = AuditFilter::default();
    let all = world.ports.audit.audit_after(&any, 0, 1000).unwrap();
    let line = |one: &NumberedRecord| {
        let event = &one.record.event;
        let [action, role, outcome] = [
            event.action.as_str(),
            event.role.as_str(),
            event.outcome.as_str(),
        ]
        .map(str::to_owned);
        (action, role, outcome, json!(event.study))
    };
    all.iter().map(line).collect()
}

fn line(action: &str, role: &str, outcome: &str) -> (String, String, String, Value) {
    let [action, role, outcome] = [action, role, outcome].map(str::to_owned);
    (action, role, outcome, json!("tsadk"))
}

fn reference(world: &World, username: &str) -> String {
    let keys = AuditKeys::of(&keys().root);
    keys.account(&world.account(username).subject).to_string()
}

#[actix_web::test]
async fn what_is_done_stands_in_the_log_and_names_nobody() {
    let world = World::new();
    let client = world.client().await;
    let (manager, admin) = (world.token("mia"), world.token("admin"));
    let sent = client.post("/v1/logs", &world.token("ada"), entry(1)).await;
    sent.ok(201);
    let export = "/v1/studies/tsadk/export?view=full&format=ndjson";
    client.get(export, &manager).await.ok(200);
    let player = "/v1/studies/tsadk/participants/ada";
    client
        .patch(player, &manager, json!({"reset": true}))
        .await
        .ok(200);
    client.get("/v1/logs/1", &manager).await.ok(200);
    let reason = json!({"reason": "a slip", "payload": {"roomName": "hall"}});
    client.patch("/v1/logs/1", &manager, reason).await.ok(200);
    let dry = "/v1/studies/tsadk/participants/ada?mode=erase&dry_run=true";
    client
        .send(Request::new(Method::DELETE, dry).token(&manager))
        .await
        .ok(200);
    let expected = [
        line("export-full", "manager", "done"),
        line("reset-password", "manager", "done"),
        line("read-logs", "manager", "done"),
        line("amend-logs", "manager", "done"),
    ];
    assert_eq!(log(&world).await, expected);
    let answer = client.get(PATH, &admin).await.ok(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    // That it is read stands there first, so that a second look finds the same.
    assert_eq!(answer.header("x-total-count"), Some("5"));
    let reset = &answer.json()[3];
    assert_eq!(reset["actor"], json!(reference(&world, "mia")));
    assert_eq!(reset["subject"], json!(reference(&world, "ada")));
    let text = answer.text();
    let pseudonym = world.pseudonym("ada").to_string();
    for name in ["\"ada\"", "\"mia\"", pseudonym.as_str()] {
        assert!(!text.contains(name), "{name} in {text}");
    }
    let tag = answer.header("etag").unwrap();
    let again = crate::support::get(PATH)
        .token(&admin)
        .header("If-None-Match", tag);
    client.send(again).await.ok(304);
}

#[actix_web::test]
async fn entries_that_players_send_leave_no_record() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    client
        .post("/v1/logs", &token, json!([entry(1), entry(2)]))
        .await
        .ok(200);
    client.get("/v1/me", &token).await.ok(200);
    assert_eq!(log(&world).await, []);
    // Whoever runs the study and sends for one does.
    let mut named = entry(3);
    named["participant"] = json!("ada");
    client
        .post("/v1/logs", &world.token("mia"), named.clone())
        .await
        .ok(201);
    client
        .post("/v1/logs", &world.token("mia"), named)
        .await
        .ok(200);
    let found = log(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "act-for-participant");
    assert_eq!(subjects(&world), [reference(&world, "ada")]);
    // Of a batch for several, one each; of her it stands there already.
    let named = |number: u32, who: &str| {
        let mut named = entry(number);
        named["participant"] = json!(who);
        named
    };
    let batch = json!([named(4, "bob"), named(5, "ada"), named(6, "bob")]);
    client
        .post("/v1/logs", &world.token("mia"), batch)
        .await
        .ok(200);
    world.api.finish_audit().await;
    let both = ["ada", "bob"].map(|one| reference(&world, one));
    assert_eq!(subjects(&world), both);
}

/// Whom the records are about, the first first.
fn subjects(world: &World) -> Vec<String> {
    let any = AuditFilter::default();
    let all = world.ports.audit.audit_after(&any, 0, 1000).unwrap();
    let subjects = all.iter().filter_map(|one| one.record.event.subject);
    subjects.map(|subject| subject.to_string()).collect()
}

#[actix_web::test]
async fn consents_that_are_written_down_for_others_name_each_of_them() {
    let world = World::new();
    let client = world.client().await;
    let paper =
        json!({"participants": ["bob", "ada"], "decision": "refused", "reference": "folder 3"});
    let path = "/v1/studies/tsadk/consents";
    client.post(path, &world.token("mia"), paper).await.ok(201);
    let expected = line("record-consents", "manager", "done");
    assert_eq!(log(&world).await, [expected.clone(), expected]);
    // In an order that says nothing of the list.
    let mut both = ["ada", "bob"].map(|one| reference(&world, one));
    both.sort_unstable();
    assert_eq!(subjects(&world), both);
}

#[actix_web::test]
async fn a_token_that_is_revoked_leaves_a_record_and_a_text_that_is_none_does_not() {
    let world = World::new();
    let client = world.client().await;
    let revoke = |token: &str| {
        let body = json!({"token": token, "client_id": "sillage"});
        post("/oauth2/revoke").json(&body)
    };
    client.send(revoke("nothing")).await.ok(200);
    assert_eq!(log(&world).await, []);
    client.send(revoke(&world.token("ada"))).await.ok(200);
    let (action, role, outcome) = ("end-log-ins", "client", "done");
    let expected = [action, role, outcome].map(str::to_owned);
    let [action, role, outcome] = expected;
    assert_eq!(log(&world).await, [(action, role, outcome, Value::Null)]);
    assert_eq!(subjects(&world), [reference(&world, "ada")]);
}

#[actix_web::test]
async fn log_ins_that_fail_and_what_is_not_allowed_stand_there_once_a_minute() {
    let world = World::new();
    let client = world.client().await;
    let log_in = |password: &str| {
        let body = json!({"grant_type": "password", "client_id": "sillage", "username": "ada", "password": password});
        post("/oauth2/access_token").json(&body)
    };
    for _ in 0..3 {
        client.send(log_in("wrong")).await.ok(400);
    }
    client.send(log_in(PASSWORD)).await.ok(200);
    for _ in 0..3 {
        client
            .get("/v1/studies/tsadk/participants", &world.token("ann"))
            .await
            .ok(403);
        client
            .get("/v1/studies/tsadk/export", &world.token("out"))
            .await
            .ok(404);
    }
    let mut other = entry(1);
    other["participant"] = json!("bob");
    client
        .post("/v1/logs", &world.token("ada"), other)
        .await
        .ok(403);
    let found = log(&world).await;
    let mut lines: Vec<_> = found
        .iter()
        .map(|one| (one.0.as_str(), one.1.as_str(), one.2.as_str()))
        .collect();
    lines.sort_unstable();
    let expected = [
        ("act-for-participant", "participant", "refused"),
        ("export", "researcher", "refused"),
        ("log-in", "nobody", "refused"),
        ("log-in", "participant", "done"),
        ("read-participants", "analyst", "refused"),
    ];
    assert_eq!(lines, expected);
    let failed = world
        .ports
        .audit
        .audit_after(&AuditFilter::default(), 0, 1)
        .unwrap();
    let subject = failed[0].record.event.subject.unwrap().to_string();
    assert_eq!(subject, reference(&world, "ada"));
}

#[actix_web::test]
async fn the_log_comes_in_pages_by_filter_and_by_cursor() {
    let world = World::new();
    let client = world.client().await;
    for _ in 0..3 {
        client
            .get("/v1/studies/tsadk/members", &world.token("mia"))
            .await
            .ok(200);
    }
    client
        .get("/v1/studies/tsadk/participants", &world.token("mia"))
        .await
        .ok(200);
    let admin = world.token("admin");
    let page = client
        .get(&format!("{PATH}?action=read-members&page_size=2"), &admin)
        .await
        .ok(200);
    assert_eq!(page.header("x-total-count"), Some("3"));
    assert_eq!(page.json().as_array().unwrap().len(), 2);
    assert!(link(&page, "next").unwrap().contains("page=2"));
    let count = async |query: &str| {
        let answer = client
            .get(&format!("{PATH}?{query}&page_size=100"), &admin)
            .await
            .ok(200);
        answer.json().as_array().unwrap().len()
    };
    assert_eq!(count("study=tsadk").await, 4);
    assert_eq!(count("study=elsewhere").await, 0);
    assert_eq!(
        count(&format!("actor={}", reference(&world, "mia"))).await,
        4
    );
    assert_eq!(
        count(&format!("subject={}", reference(&world, "mia"))).await,
        0
    );
    assert_eq!(count("from=2024-06-01T12:00:01Z").await, 0);
    assert_eq!(
        count("action=read-members&to=2024-06-01T12:00:01Z").await,
        3
    );
    for (query, code) in [
        ("action=none", 400),
        ("actor=mia", 400),
        ("from=yesterday", 4005),
        ("who=mia", 4003),
        ("page=x", 4001),
        ("after=1&page=1", 4003),
    ] {
        let refused = client.get(&format!("{PATH}?{query}"), &admin).await;
        let codes = refused.codes();
        assert!(
            codes.contains(&code) || codes[0] == 4222,
            "{query}: {}",
            refused.text()
        );
    }
    // A harvest shows what is some seconds old, the first first.
    let fresh = client.get(&format!("{PATH}?after=0"), &admin).await.ok(200);
    assert_eq!(fresh.json(), json!([]));
    world.api.finish_audit().await;
    let later = Api::new(world.ports.clone(), keys(), settings())
        .unwrap()
        .with_clock(a_minute_later);
    let later = World {
        ports: world.ports.clone(),
        api: later,
        study: world.study.clone(),
    };
    let client = later.client().await;
    let first = client
        .get(
            &format!("{PATH}?after=0&page_size=3&action=read-members"),
            &admin,
        )
        .await
        .ok(200);
    let numbers: Vec<_> = first
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(link(&first, "next"), None);
    let part = client
        .get(&format!("{PATH}?after=1&page_size=1"), &admin)
        .await
        .ok(200);
    assert_eq!(part.json()[0]["number"], 2);
    assert!(link(&part, "next").unwrap().contains("after=2"));
}

fn a_minute_later() -> Timestamp {
    now().plus_seconds(60)
}

/// An audit log that can't be written.
struct Full;

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Away("no room on the disk".into()))
}

impl AuditStore for Full {
    fn append_audit(&self, _: &[AuditRecord]) -> Result<(), StoreError> {
        away()
    }
    fn audit_head(&self, _: AuditChain) -> Result<Option<AuditRecord>, StoreError> {
        away()
    }
    fn audit_chains(&self) -> Result<Vec<AuditChain>, StoreError> {
        away()
    }
    fn audit_chain(&self, _: AuditChain, _: u64, _: u32) -> Result<Vec<AuditRecord>, StoreError> {
        away()
    }
    fn audit_page(
        &self,
        _: &AuditFilter,
        _: &PageRequest,
    ) -> Result<Paged<NumberedRecord>, StoreError> {
        away()
    }
    fn audit_after(
        &self,
        _: &AuditFilter,
        _: i64,
        _: u32,
    ) -> Result<Vec<NumberedRecord>, StoreError> {
        away()
    }
    fn keep_audit_checkpoints(&self, _: &[AuditCheckpoint]) -> Result<(), StoreError> {
        away()
    }
    fn audit_checkpoints(&self) -> Result<Vec<AuditCheckpoint>, StoreError> {
        away()
    }
    fn cut_audit(&self, _: &AuditCut) -> Result<u64, StoreError> {
        away()
    }
    fn audit_cuts(&self) -> Result<Vec<AuditCut>, StoreError> {
        away()
    }
}

#[actix_web::test]
async fn nothing_is_handed_out_that_can_not_be_recorded_and_players_play_on() {
    let world = World::with(settings(), |ports| Ports {
        audit: Arc::new(Full),
        ..ports
    });
    let client = world.client().await;
    let manager = world.token("mia");
    client
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await
        .ok(201);
    for path in [
        "/v1/studies/tsadk/export?view=full",
        "/v1/logs",
        "/v1/studies/tsadk/participants",
    ] {
        let refused = client.get(path, &manager).await.ok(503);
        assert_eq!(refused.codes(), [5032], "{path}");
        assert!(!refused.text().contains("ada"), "{path}");
        assert!(refused.header("content-disposition").is_none(), "{path}");
    }
    // What was done was done, and is recorded when that is possible again.
    let body = json!({"active": false});
    client
        .patch("/v1/studies/tsadk/participants/bob", &manager, body)
        .await
        .ok(200);
    let body = json!({"grant_type": "password", "client_id": "sillage", "username": "ada", "password": PASSWORD});
    client
        .send(post("/oauth2/access_token").json(&body))
        .await
        .ok(200);
}

#[actix_web::test]
async fn a_participant_is_told_what_others_did_and_not_who_they_are() {
    let world = World::new();
    let client = world.client().await;
    let manager = world.token("mia");
    client
        .get("/v1/studies/tsadk/export?view=full", &manager)
        .await
        .ok(200);
    client
        .patch(
            "/v1/studies/tsadk/participants/bob",
            &manager,
            json!({"active": true}),
        )
        .await
        .ok(200);
    client
        .patch(
            "/v1/studies/tsadk/participants/ada",
            &manager,
            json!({"active": true}),
        )
        .await
        .ok(200);
    let token = world.token("ada");
    client.get("/v1/me/export", &token).await.ok(200);
    let answer = client.get("/v1/me/export", &token).await.ok(200);
    let mut told: Vec<_> = answer.json()["accesses"].as_array().unwrap().clone();
    told.sort_by_key(|one| one["action"].to_string());
    let at = json!(now());
    let expected = json!([
        {"at": at, "action": "change-participant", "role": "manager", "about_me": true},
        {"at": at, "action": "export-full", "role": "manager", "about_me": false},
    ]);
    assert_eq!(json!(told), expected);
    assert!(!answer.text().contains("mia"));
}

//! `/metrics`, which is mounted by itself.

use crate::client::{Answer, Client};
use crate::ports::Watched;
use crate::support::{World, entry, get, new_study, post, settings};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::{App, Error, test};
use serde_json::json;
use sillage_domain::{Disk, DiskSpace, Ports, StudyStatus};
use sillage_http::{HttpSettings, Rate, Rates, configure_metrics};
use std::collections::BTreeMap;
use std::sync::Arc;

async fn metrics(
    world: &World,
) -> Client<impl Service<actix_http::Request, Response = ServiceResponse, Error = Error> + use<>> {
    let mounted = App::new().configure(configure_metrics(world.api.clone()));
    Client::new(test::init_service(mounted).await)
}

async fn page(world: &World) -> Answer {
    metrics(world).await.send(get("/metrics")).await.ok(200)
}

/// The value of each series.
async fn scrape(world: &World) -> BTreeMap<String, f64> {
    let answer = page(world).await;
    let samples = answer.text().lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        (series.to_owned(), value.parse().unwrap())
    };
    samples.map(read).collect()
}

#[actix_web::test]
async fn the_page_is_text_of_prometheus_and_nothing_else_is_there() {
    let world = World::new();
    let answer = page(&world).await;
    let kind = answer.header("content-type").unwrap().to_owned();
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = answer.text();
    assert!(text.contains("# TYPE sillage_build_info gauge\n"), "{text}");
    let client = metrics(&world).await;
    for path in ["/", "/v1/logs", "/health/live", "/metrics/"] {
        client.send(get(path)).await.ok(404);
    }
    client.send(post("/metrics")).await.ok(405);
    // And it is not to be had where the API is.
    world.client().await.send(get("/metrics")).await.ok(404);
}

#[actix_web::test]
async fn requests_are_counted_by_template_and_status_and_never_by_what_is_in_a_path() {
    let world = World::new();
    let client = world.client().await;
    let mia = world.token("mia");
    for name in ["ada", "bob", "nobody"] {
        client
            .get(&format!("/v1/studies/tsadk/participants/{name}"), &mia)
            .await;
    }
    client.send(get("/v1/made/up?by=zelda")).await.ok(404);
    client.send(get("/elsewhere")).await.ok(404);
    let found = scrape(&world).await;
    let of = |route: &str, status: &str| {
        let series = format!(
            r#"sillage_http_requests_total{{method="GET",route="{route}",status="{status}"}}"#
        );
        found.get(&series).copied()
    };
    let one = "/v1/studies/{study}/participants/{username}";
    assert_eq!((of(one, "200"), of(one, "404")), (Some(2.0), Some(1.0)));
    assert_eq!(of("unmatched", "404"), Some(2.0));
    let took = format!(
        r#"sillage_http_request_duration_seconds_count{{class="2xx",method="GET",route="{one}"}}"#
    );
    assert_eq!(found.get(&took), Some(&2.0));
    let answer = page(&world).await;
    let text = answer.text();
    for word in ["ada", "bob", "nobody", "zelda", "made/up"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[actix_web::test]
async fn methods_that_somebody_makes_up_are_one() {
    let world = World::new();
    let client = world.client().await;
    for method in ["BREW", "WHEN"] {
        let method = actix_web::http::Method::from_bytes(method.as_bytes()).unwrap();
        let request = crate::support::Request::new(method, "/v1/logs");
        client.send(request).await.ok(405);
    }
    let found = scrape(&world).await;
    let series = r#"sillage_http_requests_total{method="other",route="/v1/logs",status="405"}"#;
    assert_eq!(found.get(series), Some(&2.0));
}

#[actix_web::test]
async fn entries_are_counted_by_study_and_what_became_of_them() {
    let world = World::new();
    let client = world.client().await;
    let ada = world.token("ada");
    let one = entry(1);
    let mut changed = one.clone();
    changed["action"] = json!("other");
    client.post("/v1/logs", &ada, one.clone()).await.ok(201);
    let several = json!([one, entry(2), entry(3), changed, {"action": "no time"}]);
    client.post("/v1/logs", &ada, several).await.ok(200);
    let found = scrape(&world).await;
    let of = |outcome: &str| {
        let series = format!(r#"sillage_entries_total{{outcome="{outcome}",study="tsadk"}}"#);
        found.get(&series).copied()
    };
    let counted = [
        "accepted",
        "duplicate",
        "quarantined",
        "conflict",
        "refused",
    ]
    .map(of);
    assert_eq!(counted, [3.0, 1.0, 1.0, 1.0, 0.0].map(Some));
    assert!(found["sillage_commit_rows_count"] >= 2.0);
    assert!(found["sillage_commit_rows_sum"] >= 5.0);
}

#[actix_web::test]
async fn open_studies_tell_what_they_hold_and_when_something_last_arrived() {
    let world = World::new();
    new_study(&world.ports, "draft", StudyStatus::Draft);
    let client = world.client().await;
    let ada = world.token("ada");
    let several = json!([entry(1), entry(2), {"action": "no time"}]);
    client.post("/v1/logs", &ada, several).await.ok(200);
    let found = scrape(&world).await;
    let of = |name: &str| found[&format!(r#"{name}{{study="tsadk"}}"#)];
    assert_eq!(of("sillage_study_entries"), 2.0);
    assert_eq!(of("sillage_study_quarantined_texts"), 1.0);
    // 2024-06-01T12:00:00Z
    assert_eq!(
        of("sillage_study_last_entry_timestamp_seconds"),
        1_717_243_200.0
    );
    assert_eq!(found["sillage_open_studies"], 1.0);
    assert_eq!(found["sillage_database_up"], 1.0);
    assert!(!found.keys().any(|series| series.contains("draft")));
}

#[actix_web::test]
async fn studies_beyond_a_hundred_are_told_together() {
    let world = World::new();
    for n in 0..120 {
        new_study(&world.ports, &format!("s-{n:03}"), StudyStatus::Open);
    }
    let found = scrape(&world).await;
    let series = found.keys();
    let of_studies = series.filter(|series| series.starts_with("sillage_study_entries"));
    assert_eq!(of_studies.count(), 101);
    assert_eq!(found[r#"sillage_study_entries{study="_other"}"#], 0.0);
    assert_eq!(found["sillage_open_studies"], 121.0);
}

#[actix_web::test]
async fn log_ins_and_limits_are_counted() {
    let mut rates = Rates::default();
    rates.account = Rate {
        per_second: 1,
        burst: 2,
    };
    rates.failed_log_ins = settings().rates.failed_log_ins;
    let settings = HttpSettings {
        rates,
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let log_in = async |password: &str| {
        let body = json!({"grant_type": "password", "client_id": "sillage", "username": "ada", "password": password});
        client.send(post("/oauth2/access_token").json(&body)).await
    };
    log_in(crate::support::PASSWORD).await.ok(200);
    log_in("wrong").await.ok(400);
    let ada = world.token("ada");
    for _ in 0..4 {
        client.get("/v1/me", &ada).await;
    }
    let found = scrape(&world).await;
    let of = |outcome: &str| {
        found[&format!(r#"sillage_log_ins_total{{grant="password",outcome="{outcome}"}}"#)]
    };
    assert_eq!((of("success"), of("refused")), (1.0, 1.0));
    assert!(found[r#"sillage_rate_limited_total{limit="account"}"#] >= 1.0);
    assert_eq!(found[r#"sillage_rate_limited_total{limit="address"}"#], 0.0);
}

#[actix_web::test]
async fn a_database_that_is_away_is_told_and_the_rest_as_well() {
    let world = World::with(settings(), |ports| Ports {
        logs: Arc::new(Watched {
            within: ports.logs.clone(),
            reads: Arc::default(),
            away: true,
        }),
        ..ports
    });
    let found = scrape(&world).await;
    assert_eq!(found["sillage_database_up"], 0.0);
    assert!(!found.contains_key("sillage_open_studies"));
    assert!(found.contains_key("sillage_queue_rows"));
}

#[actix_web::test]
async fn the_disk_is_told_where_it_is_known() {
    struct Half;
    impl Disk for Half {
        fn space(&self) -> Option<DiskSpace> {
            Some(DiskSpace { free: 5, size: 10 })
        }
    }
    let unknown = World::new();
    assert!(
        !scrape(&unknown)
            .await
            .contains_key("sillage_disk_free_bytes")
    );
    let mut world = World::new();
    world.api = world.api.with_disk(Arc::new(Half));
    let found = scrape(&world).await;
    assert_eq!(found["sillage_disk_free_bytes"], 5.0);
    assert_eq!(found["sillage_disk_size_bytes"], 10.0);
}

#[actix_web::test]
async fn alerts_that_are_raised_are_counted_by_kind() {
    let world = World::new();
    let new = sillage_domain::NewAlert {
        kind: sillage_domain::AlertKind::StudySilent,
        study: Some(world.study.id),
        server: None,
        value: 2.0,
        threshold: 1.0,
    };
    world
        .ports
        .alerts
        .raise_alert(&new, crate::support::now())
        .unwrap();
    let found = scrape(&world).await;
    assert_eq!(found[r#"sillage_alerts{kind="study_silent"}"#], 1.0);
    assert_eq!(found[r#"sillage_alerts{kind="disk_nearly_full"}"#], 0.0);
}

//! `/v1/studies/{study}/export` and `/v1/utils/export/logs`.

use crate::support::{World, entry, get, new_account, new_study, now, settings};
use actix_web::body::to_bytes;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::StudyStatus;
use sillage_http::HttpSettings;
use std::num::NonZeroUsize;
use std::time::Duration;

const PATH: &str = "/v1/studies/tsadk/export";

async fn world() -> World {
    let world = World::new();
    let client = world.client().await;
    let mut formula = entry(2);
    formula["payload"] = json!({"answer": "=1+1"});
    client
        .post("/v1/logs", &world.token("ada"), json!([entry(1), formula]))
        .await
        .ok(200);
    client
        .post("/v1/logs", &world.token("bob"), entry(3))
        .await
        .ok(201);
    world
}

#[actix_web::test]
async fn a_study_is_a_csv_file() {
    let world = world().await;
    let answer = world
        .client()
        .await
        .get(PATH, &world.token("mia"))
        .await
        .ok(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let name = "attachment; filename=\"tsadk_export_logs_20240601.csv\"";
    assert_eq!(answer.header("content-disposition"), Some(name));
    assert_eq!(answer.text().lines().count(), 4);
    assert!(answer.text().lines().next().unwrap().starts_with("number,"));
    assert!(answer.text().contains(&world.pseudonym("ada").to_string()));
}

#[rstest]
#[case(&format!("{PATH}?format=ndjson"), "*/*")]
#[case(PATH, "application/x-ndjson")]
#[case(PATH, "application/json")]
#[actix_web::test]
async fn a_study_is_lines_of_json(#[case] path: &str, #[case] accept: &str) {
    let world = world().await;
    let request = get(path)
        .token(&world.token("mia"))
        .header("Accept", accept);
    let answer = world.client().await.send(request).await.ok(200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["action"], "regionDeposer");
}

#[actix_web::test]
async fn an_export_has_the_filters_of_the_list() {
    let world = world().await;
    let client = world.client().await;
    let bob = world.pseudonym("bob");
    let answer = client
        .get(
            &format!("{PATH}?participant={bob}&format=ndjson"),
            &world.token("mia"),
        )
        .await
        .ok(200);
    assert_eq!(answer.text().lines().count(), 1);
}

#[rstest]
#[case("colour=red", 400, 4003)]
#[case("page=1", 400, 4003)]
#[case("format=xlsx", 400, 4222)]
#[case("profile=excel", 400, 4222)]
#[case("view=deidentified", 400, 4222)]
#[case("from=x", 400, 4005)]
#[actix_web::test]
async fn an_export_that_cannot_be_is_refused(
    #[case] query: &str,
    #[case] status: u16,
    #[case] code: u64,
) {
    let world = world().await;
    let answer = world
        .client()
        .await
        .get(&format!("{PATH}?{query}"), &world.token("mia"))
        .await;
    assert_eq!(answer.told(), (status, code));
}

#[actix_web::test]
async fn a_format_that_is_named_counts_more_than_json_that_is_accepted() {
    let world = world().await;
    let request = get(&format!("{PATH}?format=csv"))
        .token(&world.token("mia"))
        .header("Accept", "application/json");
    let answer = world.client().await.send(request).await.ok(200);
    assert!(answer.text().starts_with("number,"), "{}", answer.text());
}

#[actix_web::test]
async fn an_export_is_not_offered_as_html() {
    let world = world().await;
    let request = get(PATH)
        .token(&world.token("mia"))
        .header("Accept", "text/html");
    assert_eq!(world.client().await.send(request).await.told(), (406, 406));
}

#[actix_web::test]
async fn formulas_are_guarded_for_spreadsheets_only() {
    let world = world().await;
    let client = world.client().await;
    let token = world.token("mia");
    let path = "/v1/utils/export/logs";
    assert!(
        client
            .get(path, &token)
            .await
            .ok(200)
            .text()
            .contains(",=1+1")
    );
    let guarded = client
        .get(&format!("{path}?profile=spreadsheet"), &token)
        .await
        .ok(200);
    assert!(guarded.text().contains(",'=1+1"), "{}", guarded.text());
}

#[actix_web::test]
async fn tsadk_gets_a_column_a_member_and_the_numbers_of_the_participants() {
    let world = world().await;
    let answer = world
        .client()
        .await
        .get("/v1/utils/export/logs?study=tsadk", &world.token("mia"))
        .await
        .ok(200);
    let name = "attachment; filename=\"tsadk_export_logs_20240601.csv\"";
    assert_eq!(answer.header("content-disposition"), Some(name));
    let lines: Vec<_> = answer.text().lines().collect();
    let header: Vec<_> = lines[0].split(',').collect();
    assert!(
        header.contains(&"roomName") && header.contains(&"userID"),
        "{header:?}"
    );
    let user = header.iter().position(|name| *name == "userID").unwrap();
    let users: Vec<_> = lines[1..]
        .iter()
        .map(|line| line.split(',').nth(user).unwrap())
        .collect();
    assert_eq!(users, ["1", "1", "2"]);
    assert!(!answer.text().contains(&world.pseudonym("ada").to_string()));
}

#[actix_web::test]
async fn an_export_that_names_no_study_takes_the_only_one_or_the_default() {
    let world = world().await;
    let path = "/v1/utils/export/logs";
    world
        .client()
        .await
        .get(path, &world.token("admin"))
        .await
        .ok(200);
    let other = new_study(&world.ports, "waves", StudyStatus::Open);
    world
        .ports
        .accounts
        .enrol(other.id, &[new_account("wim")], now())
        .unwrap();
    assert_eq!(
        world
            .client()
            .await
            .get(path, &world.token("admin"))
            .await
            .told(),
        (400, 4222)
    );
    world
        .client()
        .await
        .get(path, &world.token("mia"))
        .await
        .ok(200);
    let settings = HttpSettings {
        default_study: Some("waves".parse().unwrap()),
        ..settings()
    };
    let with_default = crate::support::over(&world, settings);
    let answer = with_default
        .client()
        .await
        .get(path, &world.token("admin"))
        .await
        .ok(200);
    assert!(
        answer
            .header("content-disposition")
            .unwrap()
            .contains("waves_export_logs")
    );
}

#[rstest]
#[case("ada", 403, 403)]
#[case("ann", 403, 403)]
#[case("dev", 403, 403)]
#[case("mon", 403, 403)]
#[case("out", 404, 404)]
#[case("mia", 200, 200)]
#[case("admin", 200, 200)]
#[actix_web::test]
async fn a_file_is_for_those_who_may_take_all_of_it(
    #[case] who: &str,
    #[case] study: u16,
    #[case] tsadk: u16,
) {
    let world = world().await;
    let client = world.client().await;
    client.get(PATH, &world.token(who)).await.ok(study);
    client
        .get("/v1/utils/export/logs?study=tsadk", &world.token(who))
        .await
        .ok(tsadk);
}

/// A server that writes one export at a time, and a study that is larger than what lies ready for a client.
async fn narrow(patience: Duration) -> World {
    let settings = HttpSettings {
        exports: NonZeroUsize::MIN,
        client_timeout: patience,
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let large = |n: u32| {
        let mut entry = entry(n);
        entry["payload"] = json!({"filler": "x".repeat(60_000)});
        entry
    };
    for batch in 0..3 {
        let entries: Vec<_> = (0..15).map(|n| large(batch * 15 + n)).collect();
        client
            .post("/v1/logs", &world.token("ada"), json!(entries))
            .await
            .ok(200);
    }
    world
}

#[actix_web::test]
async fn only_so_many_exports_are_written_at_the_same_time() {
    let world = narrow(Duration::from_secs(15)).await;
    let client = world.client().await;
    let ask = || get(PATH).token(&world.token("mia"));
    let first = client.begin(ask()).await;
    assert_eq!(first.status().as_u16(), 200);
    let second = client.send(ask()).await;
    assert_eq!(second.told(), (503, 5031));
    assert!(
        second
            .header("retry-after")
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );
    let whole = to_bytes(first.into_body()).await.unwrap();
    assert!(whole.len() > 45 * 60_000);
    // The place is free as soon as the thread that wrote has ended.
    let mut again = client.send(ask()).await;
    while again.status.as_u16() == 503 {
        tokio::task::yield_now().await;
        again = client.send(ask()).await;
    }
    assert_eq!(again.ok(200).bytes.len(), whole.len());
}

#[actix_web::test]
async fn who_stops_fetching_an_export_gets_no_whole_file_and_keeps_nobody_waiting() {
    let world = narrow(Duration::from_millis(50)).await;
    let client = world.client().await;
    let ask = || get(PATH).token(&world.token("mia"));
    let stalled = client.begin(ask()).await;
    let mut next = client.send(ask()).await;
    while next.status.as_u16() == 503 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        next = client.send(ask()).await;
    }
    next.ok(200);
    assert!(to_bytes(stalled.into_body()).await.is_err());
}

#[actix_web::test]
async fn who_goes_away_leaves_room_for_another() {
    let world = narrow(Duration::from_secs(15)).await;
    let client = world.client().await;
    let ask = || get(PATH).token(&world.token("mia"));
    drop(client.begin(ask()).await);
    let mut next = client.send(ask()).await;
    while next.status.as_u16() == 503 {
        tokio::task::yield_now().await;
        next = client.send(ask()).await;
    }
    next.ok(200);
}

//! `/health`, `/openapi.json` and `/docs`.

use crate::ports::{Trouble, Troubled, Watched};
use crate::support::{World, get, settings};
use rstest::rstest;
use sillage_domain::Ports;
use std::sync::Arc;

#[actix_web::test]
async fn a_server_that_can_take_entries_is_ready() {
    let world = World::new();
    let client = world.client().await;
    assert_eq!(
        client.send(get("/health/live")).await.ok(200).json()["status"],
        "live"
    );
    assert_eq!(
        client.send(get("/health/ready")).await.ok(200).json()["status"],
        "ready"
    );
}

#[actix_web::test]
async fn a_server_with_a_full_queue_is_not_ready() {
    let world = World::with(settings(), |ports| Ports {
        writer: Arc::new(Troubled(Trouble::Full)),
        ..ports
    });
    let client = world.client().await;
    assert_eq!(client.send(get("/health/ready")).await.told(), (503, 5031));
    client.send(get("/health/live")).await.ok(200);
}

#[actix_web::test]
async fn a_server_without_its_database_is_not_ready() {
    let away = |ports: Ports| {
        let logs = Watched {
            within: ports.logs.clone(),
            reads: Arc::default(),
            away: true,
        };
        Ports {
            logs: Arc::new(logs),
            ..ports
        }
    };
    let world = World::with(settings(), away);
    let client = world.client().await;
    let answer = client.send(get("/health/ready")).await;
    assert_eq!(answer.told(), (503, 5032));
    assert!(answer.header("retry-after").is_some());
    client.send(get("/health/live")).await.ok(200);
}

#[actix_web::test]
async fn the_description_is_served_to_everybody() {
    let world = World::new();
    let answer = world
        .client()
        .await
        .send(get("/openapi.json"))
        .await
        .ok(200);
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

#[cfg(feature = "docs")]
#[rstest]
#[case("/docs", "/", "/docs/start.js", "\"openapi.json\"")]
#[case(
    "/docs/index.html",
    "/docs/",
    "/docs/swagger-initializer.js",
    "\"../openapi.json\""
)]
#[actix_web::test]
async fn the_page_that_shows_it_loads_nothing_from_elsewhere(
    #[case] path: &str,
    #[case] folder: &str,
    #[case] start: &str,
    #[case] description: &str,
) {
    let world = World::new();
    let client = world.client().await;
    let page = client.send(get(path)).await.ok(200);
    let text = page.text();
    assert!(
        text.contains(start.trim_start_matches(folder)),
        "{start} is not asked for: {text}"
    );
    for attribute in ["src=\"", "href=\""] {
        for file in text
            .split(attribute)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            assert!(!file.contains("//"), "{file}");
            client
                .send(get(&format!("{folder}{}", file.trim_start_matches("./"))))
                .await
                .ok(200);
        }
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'"));
    let script = client.send(get(start)).await.ok(200);
    assert!(script.text().contains(description), "{}", script.text());
    assert!(!script.text().contains("http"), "{}", script.text());
    assert_eq!(
        client.send(get("/docs/nothing.js")).await.told(),
        (404, 404)
    );
}

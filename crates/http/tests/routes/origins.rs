//! Cross-origin requests of browsers.

use crate::support::{Request, World, get, settings};
use actix_web::http::Method;
use sillage_http::HttpSettings;

#[actix_web::test]
async fn every_page_of_the_web_may_call_by_default() {
    let world = World::new();
    let client = world.client().await;
    let request = Request::new(Method::OPTIONS, "/v1/logs")
        .header("Origin", "https://game.example")
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "authorization, content-type",
        );
    let preflight = client.send(request).await.ok(204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        Some("GET, HEAD, POST, DELETE, OPTIONS")
    );
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    for name in [
        "Authorization",
        "Content-Type",
        "Content-Encoding",
        "If-Match",
        "If-None-Match",
        "Prefer",
        "X-Data-Format",
    ] {
        assert!(allowed.split(", ").any(|known| known == name), "{name}");
    }
    let answer = client
        .send(get("/v1/me").header("Origin", "https://game.example"))
        .await
        .ok(401);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["ETag", "Link", "Location", "Retry-After", "X-Total-Count"] {
        assert!(exposed.split(", ").any(|known| known == name), "{name}");
    }
}

#[actix_web::test]
async fn only_listed_origins_may_call_where_some_are_listed() {
    let settings = HttpSettings {
        cors_origins: vec!["https://game.example".to_owned()],
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let listed = client
        .send(get("/health/live").header("Origin", "https://game.example"))
        .await
        .ok(200);
    assert_eq!(
        listed.header("access-control-allow-origin"),
        Some("https://game.example")
    );
    assert_eq!(
        listed.header("access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(listed.header("vary"), Some("Origin"));
    let other = client
        .send(get("/health/live").header("Origin", "https://evil.example"))
        .await
        .ok(200);
    assert_eq!(other.header("access-control-allow-origin"), None);
    assert_eq!(other.header("vary"), Some("Origin"));
}

#[actix_web::test]
async fn a_preflight_of_a_listed_origin_is_answered_for_that_origin_alone() {
    let settings = HttpSettings {
        cors_origins: vec![
            "https://game.example".to_owned(),
            "https://lab.example".to_owned(),
        ],
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    for (origin, allowed) in [
        ("https://game.example", true),
        ("https://lab.example", true),
        ("http://game.example", false),
        ("https://game.example.evil.example", false),
        ("null", false),
    ] {
        let request = Request::new(Method::OPTIONS, "/v1/logs")
            .without("User-Agent")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST");
        let answer = client.send(request).await.ok(204);
        let given = answer.header("access-control-allow-origin");
        assert_eq!(given, allowed.then_some(origin), "{origin}");
        let credentials = answer.header("access-control-allow-credentials");
        assert_eq!(credentials, allowed.then_some("true"), "{origin}");
        let vary: Vec<_> = answer.headers.get_all("vary").collect();
        assert!(vary.iter().any(|value| *value == "Origin"), "{origin}");
    }
}

#[actix_web::test]
async fn a_page_reads_refusals_too_and_no_cookie_counts() {
    let world = World::new();
    let client = world.client().await;
    let refused = client
        .send(
            get("/v1/me")
                .header("Origin", "https://game.example")
                .header("Cookie", format!("token={}", world.token("ada"))),
        )
        .await;
    assert_eq!(refused.told(), (401, 401));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert_eq!(refused.header("set-cookie"), None);
}

//! What browsers are told: about pages, and about what they may keep.

use crate::support::{Request, World, get, post};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::json;

#[cfg(feature = "docs")]
#[actix_web::test]
async fn a_page_may_do_nothing_but_what_it_is_for() {
    let world = World::new();
    let page = world
        .client()
        .await
        .send(get("/docs/index.html"))
        .await
        .ok(200);
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script-src"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    assert!(
        page.header("permissions-policy")
            .unwrap()
            .contains("camera=()")
    );
    assert_eq!(
        page.header("strict-transport-security"),
        None,
        "TLS is the proxy's"
    );
}

#[rstest]
#[case(get("/v1/me"), "no-store")]
#[case(get("/v1/studies/tsadk/participants"), "no-store")]
#[case(get("/v1/studies/tsadk/participants/ada"), "no-store")]
#[case(get("/v1/logs"), "private, no-cache")]
#[case(get("/v1/studies/tsadk"), "private, no-cache")]
#[case(get("/v1/studies/tsadk/export"), "private, no-cache")]
#[case(get("/v1/nowhere"), "no-store")]
#[case(get("/v1/logs?page=x"), "no-store")]
#[case(post("/v1/studies/tsadk/participants").json(&json!({"count": 2})), "no-store")]
#[case(post("/v1/studies/tsadk/participants").json(&json!({"username": "carl"})), "no-store")]
#[case(Request::new(Method::PATCH, "/v1/studies/tsadk").json(&json!({"title": "T"})), "private, no-cache")]
#[actix_web::test]
async fn a_shared_computer_keeps_nothing_that_is_somebodys(
    #[case] request: Request,
    #[case] expected: &str,
) {
    let world = World::new();
    let answer = world
        .client()
        .await
        .send(request.token(&world.token("mia")))
        .await;
    assert_eq!(
        answer.header("cache-control"),
        Some(expected),
        "{}",
        answer.text()
    );
}

#[actix_web::test]
async fn a_token_is_not_kept() {
    let world = World::new();
    let client = world.client().await;
    let form = "grant_type=password&client_id=sillage&username=ada&password=correct+horse";
    let log_in = post("/oauth2/access_token").text("application/x-www-form-urlencoded", form);
    let by_basic = get("/v1/utils/token").basic("ada", crate::support::PASSWORD);
    for request in [log_in, by_basic] {
        let answer = client.send(request).await.ok(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

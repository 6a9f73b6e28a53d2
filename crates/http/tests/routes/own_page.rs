//! `/me`: the page for players. What it does in a browser is tried in tests/clients.

use crate::support::{World, get, settings};
use rstest::rstest;
use sillage_http::HttpSettings;

#[rstest]
#[case("/me", None, "en", "What Sillage knows about you")]
#[case("/me", Some("fr-CH, en;q=0.5"), "fr", "Ce que Sillage sait de vous")]
#[case("/me?lang=fr", Some("en"), "fr", "Ce que Sillage sait de vous")]
#[case("/me?lang=en", Some("fr"), "en", "What Sillage knows about you")]
#[case("/me?lang=tlh", Some("fr"), "fr", "Ce que Sillage sait de vous")]
#[actix_web::test]
async fn the_page_is_in_the_language_that_is_asked_for(
    #[case] path: &str,
    #[case] accept: Option<&str>,
    #[case] language: &str,
    #[case] title: &str,
) {
    let world = World::new();
    let mut request = get(path);
    if let Some(accept) = accept {
        request = request.header("Accept-Language", accept);
    }
    let page = world.client().await.send(request).await.ok(200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("content-language"), Some(language));
    assert!(page.text().contains(&format!("<html lang=\"{language}\">")));
    assert!(page.text().contains(&format!("<h1>{title}</h1>")));
}

#[actix_web::test]
async fn nothing_but_the_page_s_own_files_runs_or_is_loaded_and_no_cookie_is_set() {
    let world = World::new();
    let client = world.client().await;
    for path in ["/me", "/me?lang=fr", "/me/page.js", "/me/page.css"] {
        let answer = client.send(get(path)).await.ok(200);
        let policy = answer.header("content-security-policy").unwrap();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "require-trusted-types-for 'script'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    for path in ["/me?lang=en", "/me?lang=fr"] {
        let page = client.send(get(path)).await.ok(200);
        let text = page.text();
        for inline in [
            "<script>",
            " style=",
            "onclick",
            "onload",
            "javascript:",
            "http://",
            "https://",
            "//",
        ] {
            let found = text.replace("<!doctype html>", "");
            assert!(!found.contains(inline), "{path} has {inline}");
        }
        // Whoever listens or types hears what each field is for.
        for field in [
            "username",
            "password",
            "delete-password",
            "delete-sure",
            "anonymise",
            "erase",
        ] {
            assert!(
                text.contains(&format!("for=\"{field}\""))
                    && text.contains(&format!("id=\"{field}\"")),
                "{path}: {field}"
            );
        }
    }
}

/// The two pages differ in their words only.
#[actix_web::test]
async fn both_languages_have_the_same_parts() {
    let world = World::new();
    let client = world.client().await;
    let mut parts = Vec::new();
    for path in ["/me?lang=en", "/me?lang=fr"] {
        let page = client.send(get(path)).await.ok(200);
        let ids: Vec<_> = page
            .text()
            .split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        assert!(ids.len() > 20);
        parts.push(ids);
    }
    assert_eq!(parts[0], parts[1]);
}

#[actix_web::test]
async fn the_page_is_below_the_base_path_and_there_is_nothing_else_beside_it() {
    let settings = HttpSettings {
        base_path: "/tsadk/api".to_owned(),
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    client.send(get("/tsadk/api/me")).await.ok(200);
    client.send(get("/tsadk/api/me/page.js")).await.ok(200);
    assert_eq!(client.send(get("/me")).await.told(), (404, 404));
    for path in ["/tsadk/api/me/other.js", "/tsadk/api/me/..%2fCargo.toml"] {
        assert_eq!(client.send(get(path)).await.told(), (404, 404), "{path}");
    }
}

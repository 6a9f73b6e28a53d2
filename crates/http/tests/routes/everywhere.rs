//! What holds for every request.

use crate::ports::{Trouble, Troubled};
use crate::support::{Request, World, entry, get, gzip, post, settings};
use actix_web::http::Method;
use actix_web::{App, HttpResponse, test, web};
use rstest::rstest;
use serde_json::json;
use sillage_http::{HttpSettings, configure};
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn a_request_names_its_sender() {
    let world = World::new();
    let client = world.client().await;
    let token = world.token("ada");
    for path in ["/v1/me", "/v1/nowhere", "/v1/logs"] {
        let unnamed = get(path).without("User-Agent").token(&token);
        assert_eq!(client.send(unnamed).await.told(), (400, 4006), "{path}");
    }
    let blank = get("/v1/me")
        .without("User-Agent")
        .header("User-Agent", " ")
        .token(&token);
    assert_eq!(client.send(blank).await.told(), (400, 4006));
    client
        .send(get("/health/live").without("User-Agent"))
        .await
        .ok(200);
    client
        .send(Request::new(Method::OPTIONS, "/v1/me").without("User-Agent"))
        .await
        .ok(204);
}

#[rstest]
#[case("/nowhere")]
#[case("/v1")]
#[case("/v1/")]
#[case("/v1/nowhere")]
#[case("/v1/logs/1/nowhere")]
#[case("/oauth2/nowhere")]
#[case("/v1x/logs")]
#[actix_web::test]
async fn an_unknown_path_is_an_error_in_the_one_form(#[case] path: &str) {
    let world = World::new();
    assert_eq!(
        world.client().await.send(get(path)).await.told(),
        (404, 404)
    );
}

#[rstest]
#[case(Method::DELETE, "/v1/logs", "GET, HEAD, POST, OPTIONS")]
#[case(Method::POST, "/v1/me", "GET, HEAD, OPTIONS")]
#[case(Method::GET, "/oauth2/access_token", "POST, OPTIONS")]
#[case(Method::POST, "/v1/studies/tsadk", "GET, HEAD, PATCH, PUT, OPTIONS")]
#[case(Method::PATCH, "/health/live", "GET, HEAD, OPTIONS")]
#[actix_web::test]
async fn another_method_is_told_which_ones_there_are(
    #[case] method: Method,
    #[case] path: &str,
    #[case] allow: &str,
) {
    let world = World::new();
    let answer = world.client().await.send(Request::new(method, path)).await;
    assert_eq!(answer.header("allow"), Some(allow));
    assert_eq!(answer.told(), (405, 405));
}

#[rstest]
#[case("application/json", 200)]
#[case("*/*", 200)]
#[case("application/*;q=0.1, text/html", 200)]
#[case("text/html", 406)]
#[case("application/json;q=0", 406)]
#[actix_web::test]
async fn what_is_accepted_must_be_offered(#[case] accept: &str, #[case] status: u16) {
    let world = World::new();
    let request = get("/v1/me")
        .token(&world.token("ada"))
        .header("Accept", accept);
    let answer = world.client().await.send(request).await.ok(status);
    assert!(status == 200 || answer.told() == (406, 406));
}

#[rstest]
#[case("application/json", 201)]
#[case("application/json; charset=utf-8", 201)]
#[case("Application/JSON", 201)]
#[case("text/plain", 406)]
#[case("application/x-www-form-urlencoded", 406)]
#[case("", 406)]
#[actix_web::test]
async fn what_is_sent_says_what_it_is(#[case] content_type: &str, #[case] status: u16) {
    let world = World::new();
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text(content_type, &entry(1).to_string());
    let answer = world.client().await.send(request).await.ok(status);
    assert_eq!(
        status == 406,
        answer
            .text()
            .contains("application/json and say so in Content-Type")
            || answer
                .text()
                .contains("application/x-ndjson and say so in Content-Type")
    );
}

#[actix_web::test]
async fn a_message_is_in_the_language_that_is_preferred() {
    let world = World::new();
    let client = world.client().await;
    let english = client.send(get("/v1/me")).await.ok(401);
    let french = client
        .send(get("/v1/me").header("Accept-Language", "fr-CH, fr;q=0.9, en;q=0.8"))
        .await
        .ok(401);
    assert!(english.text().contains("log in first"));
    assert!(french.text().contains("connectez-vous"));
    assert_eq!(french.header("content-language"), Some("fr"));
    assert_eq!(english.header("content-language"), Some("en"));
}

#[actix_web::test]
async fn every_answer_has_a_name_and_says_what_it_depends_on() {
    let world = World::new();
    let client = world.client().await;
    let one = client.get("/v1/me", &world.token("ada")).await.ok(200);
    let other = client.send(get("/v1/me")).await.ok(401);
    assert_eq!(one.header("x-request-id").unwrap().len(), 16);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    for answer in [one, other] {
        assert_eq!(
            answer.header("vary"),
            Some("Authorization, Accept, Accept-Language, X-Data-Format")
        );
    }
}

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
        Some("GET, HEAD, POST, OPTIONS")
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
async fn a_body_may_be_compressed() {
    let world = World::new();
    let body = gzip(json!([entry(1), entry(2)]).to_string().as_bytes());
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .text("application/json", "")
        .header("Content-Encoding", "gzip");
    let answer = world.client().await.send(request.body(body)).await.ok(200);
    assert_eq!(answer.json()["accepted"], 2);
}

#[actix_web::test]
async fn a_bomb_is_stopped_at_the_limit() {
    let world = World::new();
    let client = world.client().await;
    let compressed = |body: Vec<u8>| {
        let request = post("/v1/logs")
            .token(&world.token("ada"))
            .header("Content-Type", "application/json");
        request.header("Content-Encoding", "gzip").body(body)
    };
    let bomb = client.send(compressed(gzip(&vec![b' '; 64 << 20]))).await;
    assert_eq!(bomb.told(), (413, 4131));
    let broken = client.send(compressed(b"no gzip".to_vec())).await;
    assert_eq!(broken.told(), (400, 400));
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .json(&entry(1))
        .header("Content-Encoding", "br");
    assert_eq!(client.send(request).await.told(), (415, 415));
}

#[actix_web::test]
async fn a_body_of_the_limit_is_read_and_a_larger_one_is_not() {
    let world = World::new();
    let client = world.client().await;
    let sized = |size: usize| {
        let body = format!("{}[]", " ".repeat(size - 2));
        post("/v1/logs")
            .token(&world.token("ada"))
            .text("application/json", &body)
    };
    client.send(sized(1 << 20)).await.ok(200);
    assert_eq!(client.send(sized((1 << 20) + 1)).await.told(), (413, 4131));
    let study = post("/v1/studies")
        .token(&world.token("admin"))
        .text("application/json", &" ".repeat((1 << 20) + 1));
    assert_eq!(client.send(study).await.told(), (413, 4131));
}

#[actix_web::test]
async fn a_panic_tells_a_reference_and_nothing_else() {
    let world = World::with(settings(), |ports| sillage_domain::Ports {
        writer: Arc::new(Troubled(Trouble::Panic)),
        ..ports
    });
    let request = post("/v1/logs")
        .token(&world.token("ada"))
        .json(&entry(1))
        .header("Accept-Language", "fr");
    let answer = world.client().await.send(request).await;
    assert_eq!(answer.told(), (500, 500));
    let reference = answer.header("x-request-id").unwrap();
    let text = answer.text();
    assert!(
        text.contains(reference) && text.contains("son journal") && !text.contains("secret"),
        "{text}"
    );
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[rstest]
#[case(Trouble::Full, 5031)]
#[case(Trouble::Away, 5032)]
#[case(Trouble::Silence, 5032)]
#[actix_web::test]
async fn a_bad_day_of_the_store_is_said_at_once(#[case] trouble: Trouble, #[case] code: u64) {
    let settings = HttpSettings {
        submit_timeout: Duration::from_millis(20),
        ..settings()
    };
    let world = World::with(settings, |ports| sillage_domain::Ports {
        writer: Arc::new(Troubled(trouble)),
        ..ports
    });
    let answer = world
        .client()
        .await
        .post("/v1/logs", &world.token("ada"), entry(1))
        .await;
    assert_eq!(answer.told(), (503, code));
    assert!(
        answer
            .header("retry-after")
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 0
    );
    assert!(!answer.text().contains("route to host"));
}

#[actix_web::test]
async fn head_is_answered_wherever_get_is() {
    let world = World::new();
    let client = world.client().await;
    let head = client
        .send(Request::new(Method::HEAD, "/v1/me").token(&world.token("ada")))
        .await
        .ok(200);
    let read = client.get("/v1/me", &world.token("ada")).await.ok(200);
    assert_eq!(head.header("etag"), read.header("etag"));
}

#[actix_web::test]
async fn the_base_path_stands_before_the_api_and_in_its_links() {
    let settings = HttpSettings {
        base_path: "/tsadk/api".to_owned(),
        ..settings()
    };
    let world = World::with(settings, |ports| ports);
    let client = world.client().await;
    let token = world.token("ada");
    let answer = client
        .post("/tsadk/api/v1/logs", &token, entry(1))
        .await
        .ok(201);
    assert_eq!(
        answer.header("location"),
        Some("http://sillage.test/tsadk/api/v1/logs/1")
    );
    client.send(get("/health/live")).await.ok(200);
    for path in [
        "/v1/me",
        "/tsadk/api/health/live",
        "/tsadk/api/v1/nowhere",
        "/tsadk",
    ] {
        assert_eq!(client.get(path, &token).await.told(), (404, 404), "{path}");
    }
    assert_eq!(
        client
            .send(get("/tsadk/api/v1/me").without("User-Agent"))
            .await
            .told(),
        (400, 4006)
    );
}

#[actix_web::test]
async fn the_api_works_below_a_path_of_another_application() {
    let world = World::new();
    let own = web::resource("/own").to(|| async { HttpResponse::Ok().body("mine") });
    let app = App::new()
        .service(own)
        .service(web::scope("/games/{place}").configure(configure(world.api.clone())));
    let service = test::init_service(app).await;
    let send = |method: Method, path: &str, token: Option<String>| {
        let mut request = test::TestRequest::with_uri(path)
            .method(method)
            .insert_header(("User-Agent", "test"));
        if let Some(token) = token {
            request = request.insert_header(("Authorization", format!("Bearer {token}")));
        }
        request
    };
    let created = send(Method::POST, "/games/v1/v1/logs", Some(world.token("ada")))
        .set_json(entry(1))
        .to_request();
    let created = test::call_service(&service, created).await;
    assert_eq!(
        created.headers().get("location").unwrap(),
        "http://sillage.test/games/v1/v1/logs/1"
    );
    for (method, path, status) in [
        (Method::GET, "/games/v1/nowhere", 404),
        (Method::DELETE, "/games/v1/v1/logs", 405),
        (Method::GET, "/games/v1/v1/me", 401),
    ] {
        let answer = test::call_service(&service, send(method, path, None).to_request()).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert!(answer.headers().contains_key("x-request-id"));
        let body: serde_json::Value = test::read_body_json(answer).await;
        assert_eq!(body["errors"][0]["code"], status);
    }
    let own = test::call_service(&service, send(Method::GET, "/own", None).to_request()).await;
    assert!(!own.headers().contains_key("x-request-id"));
    let nowhere =
        test::call_service(&service, send(Method::GET, "/nowhere", None).to_request()).await;
    assert!(test::read_body(nowhere).await.is_empty());
}

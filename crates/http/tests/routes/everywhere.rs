//! What holds for every request.

use crate::ports::{Trouble, Troubled};
use crate::support::{Request, World, entry, get, post, settings};
use actix_web::http::Method;
use rstest::rstest;
use sillage_http::HttpSettings;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

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
#[case(Method::PATCH, "/v1/logs", "GET, HEAD, POST, DELETE, OPTIONS")]
#[case(Method::POST, "/v1/me/logs", "GET, HEAD, OPTIONS")]
#[case(Method::GET, "/oauth2/access_token", "POST, OPTIONS")]
#[case(
    Method::POST,
    "/v1/studies/tsadk",
    "GET, HEAD, PATCH, PUT, DELETE, OPTIONS"
)]
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

#[rstest]
#[case("0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10", true)]
#[case("proxy_1.req-000042", true)]
#[case("short", false)]
#[case("with a blank in it", false)]
#[case("<script>alert(1)</script>", false)]
#[case(&"x".repeat(65), false)]
#[actix_web::test]
async fn the_name_that_a_request_brings_is_kept_if_it_is_one(
    #[case] name: &str,
    #[case] kept: bool,
) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let world = World::new();
    let request = get("/v1/me").header("X-Request-Id", name);
    let answer = world.client().await.send(request).await.ok(401);
    let given = answer.header("x-request-id").unwrap();
    assert_eq!(given == name, kept, "{given}");
    assert!(
        log.text().contains(&format!("id={given}")),
        "{}",
        log.text()
    );
    assert_eq!(log.text().contains(name), kept);
}

#[actix_web::test]
async fn a_panic_tells_a_reference_and_nothing_else_and_the_log_tells_the_rest() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
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
    let log = log.text();
    assert!(
        log.contains(reference) && log.contains("the writer's secret"),
        "{log}"
    );
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

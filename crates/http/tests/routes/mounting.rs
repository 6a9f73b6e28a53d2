//! Below a base path, and below a path of another application.

use crate::support::{World, entry, get, settings};
use actix_web::http::Method;
use actix_web::{App, HttpResponse, test, web};
use sillage_http::{HttpSettings, configure};

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
        (Method::PATCH, "/games/v1/v1/logs", 405),
        (Method::GET, "/games/v1/v1/me", 401),
    ] {
        let answer = test::call_service(&service, send(method, path, None).to_request()).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert!(answer.headers().contains_key("x-request-id"));
        let body: serde_json::Value = test::read_body_json(answer).await;
        assert_eq!(body["errors"][0]["code"], status);
    }
    let description = send(Method::GET, "/games/v1/openapi.json", None).to_request();
    let description: serde_json::Value = test::call_and_read_body_json(&service, description).await;
    assert_eq!(
        description["servers"][0]["url"],
        "http://sillage.test/games/v1"
    );
    let own = test::call_service(&service, send(Method::GET, "/own", None).to_request()).await;
    assert!(!own.headers().contains_key("x-request-id"));
    let nowhere =
        test::call_service(&service, send(Method::GET, "/nowhere", None).to_request()).await;
    assert!(test::read_body(nowhere).await.is_empty());
}

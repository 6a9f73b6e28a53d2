//! What holds for every operation of the description, whoever wrote it: a new one is walked through by itself.

use crate::support::{Answer, Request, World, get, settings};
use actix_web::http::Method;
use serde_json::{Map, Value};
use sillage_http::HttpSettings;
use std::collections::BTreeSet;

const BASE: &str = "/tsadk/api";

/// A path of the description.
struct Place {
    /// With something that exists, where the test has such a thing, in the place of each parameter.
    uri: String,
    methods: Vec<Method>,
    of_v1: bool,
}

fn world() -> World {
    let settings = HttpSettings {
        base_path: BASE.to_owned(),
        ..settings()
    };
    World::with(settings, |ports| ports)
}

fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{study}" => "tsadk",
        "{username}" => "ada",
        "{number}" | "{id}" => "1",
        "{client_id}" => "sillage",
        other => other,
    });
    segments.collect::<Vec<_>>().join("/")
}

fn places(description: &Value) -> Vec<Place> {
    let paths: &Map<String, Value> = description["paths"].as_object().unwrap();
    let place = |(path, item): (&String, &Value)| Place {
        uri: filled(path),
        methods: item
            .as_object()
            .unwrap()
            .keys()
            .filter_map(|name| name.to_uppercase().parse().ok())
            .filter(is_known)
            .collect(),
        of_v1: path.starts_with(&format!("{BASE}/v1/")),
    };
    paths.iter().map(place).collect()
}

fn is_known(method: &Method) -> bool {
    [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ]
    .contains(method)
}

async fn all(world: &World) -> Vec<Place> {
    let client = world.client().await;
    let places = places(&client.send(get("/openapi.json")).await.ok(200).json());
    assert!(places.len() >= 15, "the description is not empty");
    places
}

/// What every answer has, whatever it is.
fn check_answer(what: &str, answer: &Answer) {
    let header = |name: &str| {
        answer
            .header(name)
            .unwrap_or_else(|| panic!("{what}: no {name}"))
    };
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("access-control-allow-origin"), "*", "{what}");
    assert!(header("x-request-id").len() >= 8, "{what}");
    assert!(
        !header("access-control-expose-headers").is_empty(),
        "{what}"
    );
    if answer.status.as_u16() >= 400 {
        assert!(!answer.codes().is_empty(), "{what}");
        assert_eq!(header("content-type"), "application/json", "{what}");
        assert_eq!(header("content-language"), "en", "{what}");
    }
}

#[actix_web::test]
async fn every_operation_answers_with_what_all_answers_have() {
    let world = world();
    let client = world.client().await;
    for place in all(&world).await {
        for method in &place.methods {
            for token in [None, Some("admin"), Some("ada")] {
                let mut request = Request::new(method.clone(), &place.uri);
                if let Some(name) = token {
                    request = request.token(&world.token(name));
                }
                let answer = client.send(request).await;
                let what = format!("{method} {} as {token:?}", place.uri);
                check_answer(&what, &answer);
                assert_ne!(answer.status.as_u16(), 500, "{what}: {}", answer.text());
                if place.of_v1 {
                    let cache = answer
                        .header("cache-control")
                        .unwrap_or_else(|| panic!("{what}"));
                    assert!(["no-store", "private, no-cache"].contains(&cache), "{what}");
                    let vary: Vec<_> = answer.headers.get_all("vary").collect();
                    assert_eq!(
                        vary[0], "Authorization, Accept, Accept-Language, X-Data-Format",
                        "{what}"
                    );
                }
            }
        }
    }
}

#[actix_web::test]
async fn every_path_says_which_methods_it_knows_and_refuses_the_others_with_the_same_list() {
    let world = world();
    let client = world.client().await;
    for place in all(&world).await {
        let mut known: BTreeSet<String> = place.methods.iter().map(ToString::to_string).collect();
        if known.contains("GET") {
            known.insert("HEAD".to_owned());
        }
        known.insert("OPTIONS".to_owned());
        let list = |answer: &Answer, name: &str| -> BTreeSet<String> {
            let value = answer
                .header(name)
                .unwrap_or_else(|| panic!("{}: {name}", place.uri));
            value.split(", ").map(str::to_owned).collect()
        };
        let options = client
            .send(Request::new(Method::OPTIONS, &place.uri).without("User-Agent"))
            .await
            .ok(204);
        assert_eq!(list(&options, "allow"), known, "{}", place.uri);
        assert_eq!(
            list(&options, "access-control-allow-methods"),
            known,
            "{}",
            place.uri
        );
        check_answer(&place.uri, &options);
        let other: Method = "BREW".parse().unwrap();
        let refused = client.send(Request::new(other, &place.uri)).await;
        assert_eq!(refused.told(), (405, 405), "{}", place.uri);
        assert_eq!(list(&refused, "allow"), known, "{}", place.uri);
        if known.contains("PATCH") {
            assert!(
                known.contains("PUT"),
                "{}: PUT is taken wherever PATCH is",
                place.uri
            );
        }
    }
}

#[actix_web::test]
async fn every_operation_refuses_who_accepts_none_of_what_it_offers_or_has_no_name() {
    let world = world();
    let client = world.client().await;
    for place in all(&world).await {
        for method in &place.methods {
            let what = format!("{method} {}", place.uri);
            let request = Request::new(method.clone(), &place.uri)
                .token(&world.token("admin"))
                .header("Accept", "application/x-nothing, image/*;q=0.5");
            assert_eq!(client.send(request).await.told(), (406, 406), "{what}");
            let unnamed = Request::new(method.clone(), &place.uri)
                .token(&world.token("admin"))
                .without("User-Agent");
            if place.of_v1 {
                assert_eq!(client.send(unnamed).await.told(), (400, 4006), "{what}");
            }
        }
    }
}

#[actix_web::test]
async fn everything_that_is_read_has_a_tag_is_known_again_by_it_and_has_the_same_head() {
    let world = world();
    let client = world.client().await;
    let entry = crate::support::entry(1);
    client
        .post(&format!("{BASE}/v1/logs"), &world.token("ada"), entry)
        .await
        .ok(201);
    // One log-in: each shows in the list of log-ins.
    let token = world.token("admin");
    let mut walked = 0;
    for place in all(&world).await {
        if !place.of_v1 || !place.methods.contains(&Method::GET) {
            continue;
        }
        let ask = |method: Method| {
            let request = Request::new(method, &place.uri);
            if place.uri.ends_with("/utils/token") {
                request.basic("admin", crate::support::PASSWORD)
            } else {
                request.token(&token)
            }
        };
        let read = client.send(ask(Method::GET)).await;
        let head = client.send(ask(Method::HEAD)).await;
        assert_eq!(head.status, read.status, "{}", place.uri);
        if read.status.as_u16() != 200 {
            // There is nothing there that the admin could read.
            assert!(
                [403, 404].contains(&read.status.as_u16()),
                "{}: {}",
                place.uri,
                read.text()
            );
            continue;
        }
        walked += 1;
        let tag = read
            .header("etag")
            .unwrap_or_else(|| panic!("{}: no ETag", place.uri));
        if place.uri.ends_with("/utils/token") {
            // Another token each time.
            continue;
        }
        assert_eq!(head.header("etag"), Some(tag), "{}", place.uri);
        for name in [
            "content-type",
            "cache-control",
            "vary",
            "link",
            "x-total-count",
        ] {
            assert_eq!(
                head.header(name),
                read.header(name),
                "{}: {name}",
                place.uri
            );
        }
        let list = format!("\"other\", W/{tag}");
        let again = client
            .send(ask(Method::GET).header("If-None-Match", list))
            .await;
        assert_eq!(again.status.as_u16(), 304, "{}", place.uri);
        assert!(again.bytes.is_empty(), "{}", place.uri);
        for name in ["etag", "cache-control", "vary"] {
            assert_eq!(
                again.header(name),
                read.header(name),
                "{}: {name}",
                place.uri
            );
        }
        let any = client
            .send(ask(Method::GET).header("If-None-Match", "*"))
            .await;
        assert_eq!(any.status.as_u16(), 304, "{}", place.uri);
    }
    assert!(walked >= 8, "{walked}");
}

#[actix_web::test]
async fn nothing_is_changed_that_was_changed_since_it_was_read() {
    let world = world();
    let client = world.client().await;
    let description = client.send(get("/openapi.json")).await.json();
    let mut held = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in [Method::PATCH, Method::PUT, Method::DELETE] {
            let operation = &item[method.as_str().to_lowercase()];
            if operation.is_null() || !path.contains("/v1/") {
                continue;
            }
            let what = format!("{method} {path}");
            let parameters = operation["parameters"].as_array();
            let described =
                parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "If-Match"));
            if item["get"].is_object() {
                assert!(described, "{what} does not describe If-Match");
            }
            let stale = Request::new(method, &filled(path))
                .token(&world.token("admin"))
                .header("If-Match", "\"what was read long ago\"")
                .text("application/json", "{}");
            let answer = client.send(stale).await;
            let status = answer.status.as_u16();
            assert!(
                !described || [400, 403, 404, 406, 412, 422].contains(&status),
                "{what}: {status} {}",
                answer.text()
            );
            held += u32::from(status == 412);
        }
    }
    assert!(held >= 4, "{held}");
}

#[actix_web::test]
async fn every_operation_that_reads_a_body_refuses_a_format_that_it_does_not_take() {
    let world = world();
    let client = world.client().await;
    let description = client.send(get("/openapi.json")).await.json();
    let mut walked = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["requestBody"].is_null() {
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let what = format!("{method} {path}");
            let send = |request: Request| client.send(request.token(&world.token("admin")));
            let request = || Request::new(method.clone(), &filled(path));
            let answer = send(request().text("image/png", "{}")).await;
            if answer.status.as_u16() == 404 {
                // Nothing of that kind is there to be changed.
                continue;
            }
            assert_eq!(answer.told(), (406, 406), "{what}: {}", answer.text());
            assert!(
                answer.text().contains("and say so in Content-Type"),
                "{what}"
            );
            let coded = request()
                .text("application/json", "{}")
                .header("Content-Encoding", "br");
            let answer = send(coded).await;
            assert_eq!(answer.told(), (415, 415), "{what}");
            assert_eq!(answer.header("accept-encoding"), Some("gzip"), "{what}");
            walked += 1;
        }
    }
    assert!(walked >= 5, "{walked}");
}

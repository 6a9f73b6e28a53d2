use super::*;
use crate::routes::{oauth, server, v1};
use actix_web::http::Method;
use std::collections::BTreeSet;

#[test]
fn every_route_is_described_and_nothing_else() {
    let pages = |path: &str| path.starts_with("/docs") || path.starts_with("/me");
    let mut mounted = BTreeSet::new();
    for endpoint in v1()
        .into_iter()
        .chain(oauth())
        .chain(server(""))
        .filter(|endpoint| !pages(endpoint.path))
    {
        for method in endpoint
            .methods
            .iter()
            .filter(|method| **method != Method::HEAD)
        {
            mounted.insert(format!("{method} {}", endpoint.path));
        }
    }
    let mut described = BTreeSet::new();
    for (path, item) in document(&HttpSettings::default()).paths.paths {
        let operations = [
            ("GET", item.get),
            ("POST", item.post),
            ("PATCH", item.patch),
            ("PUT", item.put),
            ("DELETE", item.delete),
        ];
        described.extend(
            operations
                .into_iter()
                .filter_map(|(method, o)| o.map(|_| format!("{method} {path}"))),
        );
    }
    assert_eq!(mounted, described);
}

#[test]
fn the_description_is_as_it_was_read() {
    insta::assert_json_snapshot!("openapi", document(&HttpSettings::default()));
}

#[test]
fn the_base_path_stands_before_the_api_and_not_before_the_rest() {
    let settings = HttpSettings {
        base_path: "/tsadk/api".to_owned(),
        ..HttpSettings::default()
    };
    let paths = document(&settings).paths.paths;
    assert!(paths.contains_key("/tsadk/api/v1/logs"));
    assert!(paths.contains_key("/tsadk/api/oauth2/access_token"));
    assert!(paths.contains_key("/health/live"));
}

#[test]
fn every_reference_leads_somewhere() {
    let text = serde_json::to_string(&document(&HttpSettings::default())).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schemas = value["components"]["schemas"].as_object().unwrap();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}

use super::table::TABLE;
use crate::routes::{oauth, v1};
use actix_web::http::Method;
use std::collections::BTreeSet;

/// A new operation says here what is recorded of it, or why nothing is.
#[test]
fn every_operation_has_a_line_in_the_table_and_every_line_an_operation() {
    let mut operations = BTreeSet::new();
    for endpoint in v1().into_iter().chain(oauth()) {
        let has = |method: &Method| endpoint.methods.contains(method);
        for method in &endpoint.methods {
            let stands_for_itself = match *method {
                Method::HEAD => false,
                Method::PUT => !has(&Method::PATCH),
                _ => true,
            };
            if stands_for_itself {
                operations.insert((method.to_string(), endpoint.path.to_owned()));
            }
        }
    }
    let lines = TABLE
        .iter()
        .map(|line| (line.0.to_owned(), line.1.to_owned()));
    let lines: BTreeSet<_> = lines.collect();
    assert_eq!(lines.len(), TABLE.len(), "no operation has two lines");
    assert_eq!(operations, lines, "left: the operations; right: the lines");
}

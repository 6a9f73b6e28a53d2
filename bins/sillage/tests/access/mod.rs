//! Who may call what: every operation of the description that the server gives of itself, called by every kind of caller.
//!
//! The answers are written in `table.txt`: a line an operation, a column a caller. An operation without a line fails, and so
//! does a line without an operation.

mod callers;
mod table;

use crate::support::raw::{Answer, Request};
use crate::support::{Engine, engines};
use callers::Callers;
use serde_json::Value;
use std::collections::BTreeSet;
use table::{Expected, Row};

fn every_operation_answers_every_caller_as_the_table_says(engine: Engine) {
    let rows = table::rows();
    let mut callers = Callers::new(engine);
    let document = Request::new("GET", "/openapi.json").send(callers.server());
    assert_eq!(
        described(&document.json()),
        rows.iter().map(Row::operation).collect(),
        "left: the operations of /openapi.json; right: the lines of tests/access/table.txt"
    );
    let mut wrong = Vec::new();
    for row in &rows {
        for (caller, expected) in table::CALLERS.iter().zip(&row.expected) {
            let answer = callers.call(caller, row);
            if let Some(fault) = fault(row, *expected, &answer) {
                wrong.push(format!(
                    "{} by {caller}: {fault}; {} {}",
                    row.operation(),
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

engines! {
    every_operation_answers_every_caller_as_the_table_says
}

/// The operations of the description, as `GET /v1/logs`.
fn described(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}

/// What is wrong with an answer, if anything.
fn fault(row: &Row, expected: Expected, answer: &Answer) -> Option<String> {
    let as_expected = match expected {
        Expected::Refused(status) => answer.status == status,
        Expected::Allowed if row.method == "GET" => answer.status == 200,
        // What is sent to change something is good enough for the policy, and no more: nobody's part of the walk takes away what the
        // next one's needs.
        Expected::Allowed => matches!(answer.status, 200..=204 | 400 | 409 | 412 | 422),
    };
    if !as_expected {
        return Some(format!("{expected:?} was expected"));
    }
    if answer.status == 401 && answer.header("WWW-Authenticate") != Some("Bearer") {
        return Some("a 401 asks for a token".to_owned());
    }
    let refused = matches!(expected, Expected::Refused(_));
    (refused && answer.errors().len() != 1).then(|| "a refusal has one reason".to_owned())
}

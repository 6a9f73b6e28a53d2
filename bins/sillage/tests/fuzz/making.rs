//! A request, made from the description and then changed.

use crate::description::{Description, Operation};
use crate::dice::Dice;
use crate::mutate;
use crate::world::Names;
use serde_json::Value;

/// A request as bytes.
pub(crate) fn make(
    dice: &mut Dice,
    description: &Description,
    names: &Names,
    corpora: &[Vec<u8>],
) -> Vec<u8> {
    let mut operation = &description.operations[dice.below(description.operations.len())];
    if operation.path.starts_with("/v1/me/") && operation.method == "DELETE" && dice.below(8) > 0 {
        // It ends log-ins, and whoever asks after it is only refused.
        operation = &description.operations[dice.below(description.operations.len())];
    }
    if dice.below(8) == 0 {
        // What is asked for most, and by everybody.
        let logs = |one: &&Operation| one.path == "/v1/logs" && one.method == "POST";
        operation = description
            .operations
            .iter()
            .find(logs)
            .unwrap_or(operation);
    }
    let (mut path, mut query, mut head) = (operation.path.clone(), Vec::new(), String::new());
    for (name, place, schema) in &operation.parameters {
        let value = parameter(dice, description, names, name, schema);
        match place.as_str() {
            "path" => path = path.replace(&format!("{{{name}}}"), &encoded(&value)),
            "query" if dice.below(4) == 0 => {
                query.push(format!("{}={}", encoded(name), encoded(&value)))
            }
            "header" if dice.below(2) == 0 => head.push_str(&header(name, &value)),
            _ => {}
        }
    }
    if dice.below(10) == 0 {
        query.push(format!("page={}", encoded(&mutate::text(dice))));
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    head.push_str(&header("Accept", accept(dice)));
    head.push_str(&header(
        "Accept-Language",
        ["en", "fr", "fr;q=0.1,*;q=x", ""][dice.below(4)],
    ));
    let token = &names.tokens[dice.below(names.tokens.len())];
    match dice.below(12) {
        0 => {}
        1 => head.push_str(&header(
            "Authorization",
            &mutate::text(dice).replace(['\r', '\n'], ""),
        )),
        2 => {
            let changed = mutate::bytes(dice, token.as_bytes(), &[]);
            head.push_str(&header(
                "Authorization",
                &format!("Bearer {}", changed.escape_ascii()),
            ));
        }
        _ => head.push_str(&header("Authorization", &format!("Bearer {token}"))),
    }
    let (kind, body) = body(dice, description, operation, corpora);
    if let Some(kind) = kind {
        head.push_str(&header("Content-Type", &kind));
    }
    let method = match dice.below(20) {
        0 => [
            "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE",
        ][dice.below(8)],
        _ => &operation.method,
    };
    let start = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: fuzz\r\nConnection: close\r\nContent-Length: {}\r\n{head}\r\n",
        body.len()
    );
    let request = [start.as_bytes(), &body].concat();
    match dice.below(3) {
        0 => mutate::bytes(dice, &request, corpora),
        _ => request,
    }
}

/// A value for a parameter: most often of something that is there.
fn parameter(
    dice: &mut Dice,
    description: &Description,
    names: &Names,
    name: &str,
    schema: &Value,
) -> String {
    let there = match name {
        "study" | "slug" => Some(names.study.clone()),
        "username" => Some(names.username.clone()),
        _ => None,
    };
    match (there, dice.below(8)) {
        (_, 0) => mutate::text(dice),
        (Some(there), _) => there,
        // The account that the first administrator logs in with is left alone where it can be.
        (None, 1..3) => (2 + dice.below(9)).to_string(),
        (None, _) => match description.value(dice, schema, 0) {
            Value::String(text) => text,
            other => other.to_string(),
        },
    }
}

fn accept(dice: &mut Dice) -> &'static str {
    const RANGES: [&str; 9] = [
        "application/json, */*;q=0.5",
        "application/json",
        "text/csv",
        "text/html;q=0.5, */*;q=0.1",
        "application/x-ndjson",
        "text/event-stream",
        ",,;q=,*/*;q=9e9",
        "application/json;q=0",
        "",
    ];
    if dice.below(3) > 0 {
        return "*/*";
    }
    match RANGES[dice.below(RANGES.len())] {
        // It would go on for as long as one listens.
        "text/event-stream" => "text/event-stream;q=0, */*",
        range => range,
    }
}

fn body(
    dice: &mut Dice,
    description: &Description,
    operation: &Operation,
    corpora: &[Vec<u8>],
) -> (Option<String>, Vec<u8>) {
    if operation.bodies.is_empty() {
        return match dice.below(10) {
            0 => (Some("application/json".to_owned()), b"{}".to_vec()),
            _ => (None, Vec::new()),
        };
    }
    let (kind, schema) = &operation.bodies[dice.below(operation.bodies.len())];
    let kind = match dice.below(20) {
        0 => Some(mutate::text(dice).replace(['\r', '\n'], "")),
        1 => None,
        _ => Some(kind.clone()),
    };
    let mut value = description.value(dice, schema, 0);
    let body = match dice.below(6) {
        0 => corpora[dice.below(corpora.len())].clone(),
        1 | 2 => {
            mutate::json(dice, &mut value);
            written(&kind, &value)
        }
        3 => mutate::bytes(dice, &written(&kind, &value), corpora),
        _ => written(&kind, &value),
    };
    (kind, body)
}

fn written(kind: &Option<String>, value: &Value) -> Vec<u8> {
    match (kind.as_deref(), value) {
        (Some("application/x-www-form-urlencoded"), Value::Object(members)) => {
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let pairs = members
                .iter()
                .map(|(name, value)| format!("{}={}", encoded(name), encoded(&text(value))));
            pairs.collect::<Vec<_>>().join("&").into_bytes()
        }
        (Some("application/json" | "application/x-ndjson"), _) => value.to_string().into_bytes(),
        (_, Value::String(text)) => text.clone().into_bytes(),
        _ => value.to_string().into_bytes(),
    }
}

fn header(name: &str, value: &str) -> String {
    format!("{name}: {}\r\n", value.replace(['\r', '\n'], " "))
}

/// Percent-encoded as a part of a path or of a query (RFC 3986 section 2.1).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

//! What rules make of objects and arrays.

use sillage_pseudonym::rules::Form;

use crate::{CSV, apply, try_apply};

#[test]
fn rules_reach_into_objects_and_arrays() {
    let fields = r#"
"/payload/answer" = { rule = "scrub-text", reason = "r" }
"/payload/list/*/who" = { rule = "redact", reason = "r" }
"/payload/level" = { rule = "keep", reason = "r" }
action = { rule = "keep", reason = "r" }"#;
    let line = r#"{"action":"open","payload":{"answer":"Marie, 7","level":1e2,"secret":"x","list":[{"who":"Zoé","n":1},2]},"id":3}"#;
    let expected = r#"{"action":"open","payload":{"answer":"[name], 7","level":1e2,"list":[{"who":"[redacted]"},null]}}"#;
    assert_eq!(apply(fields, Form::Ndjson, line), format!("{expected}\n"));
    // In CSV, what holds JSON is looked into as well.
    let quoted = |json: &str| json.replace('"', "\"\"");
    let payload = r#"{"answer":"M\u0061rie","level":1,"secret":"x"}"#;
    let out = apply(
        &format!("{fields}\nid = {{ rule = \"keep\", reason = \"r\" }}")
            .replace("\"/payload/list/*/who\"", "x"),
        CSV,
        &format!(
            "action,payload,id,x\nopen,\"{}\",3,y\nopen,none,4,\n",
            quoted(payload)
        ),
    );
    let expected = quoted(r#"{"answer":"[name]","level":1}"#);
    assert_eq!(
        out,
        format!("action,payload,id,x\nopen,\"{expected}\",3,[redacted]\nopen,,4,[redacted]\n")
    );
}

#[test]
fn an_object_is_searched_through_and_through() {
    let field = "a = { rule = \"scrub-text\", reason = \"r\" }";
    let line =
        r#"{"a":{"Marie":["x",{"dupont":"m\u0061rie"}],"n":791234567,"ok":true,"[name]":null}}"#;
    let expected =
        r#"{"a":{"[name]":["x",{"[name]":"[name]"}],"n":791234567,"ok":true,"[name] 2":null}}"#;
    assert_eq!(apply(field, Form::Ndjson, line), format!("{expected}\n"));
    let out = apply(field, CSV, "a\n\"{\"\"Marie\"\":1}\"\n\"{Marie\"\n");
    assert_eq!(out, "a\n\"{\"\"[name]\"\":1}\"\n{[name]\n");
    // Half a surrogate pair is no letter, and hides nothing.
    let out = apply(field, Form::Ndjson, r#"{"a":"\ud800 M\u0061rie"}"#);
    assert!(out.contains("[name]"), "{out}");
}

#[test]
fn other_rules_take_no_object_but_the_items_of_an_array() {
    let field = "a = { rule = \"round\", to = 10, reason = \"r\" }";
    let out = apply(
        field,
        Form::Ndjson,
        "{\"a\":[12,\"17\",null,{\"Marie\":1}]}\n{\"a\":{\"x\":1}}\n",
    );
    assert_eq!(out, "{\"a\":[10,\"20\",null,null]}\n{\"a\":null}\n");
    let out = apply(
        "a = { rule = \"redact\", reason = \"r\" }",
        Form::Ndjson,
        "{\"a\":{\"x\":1}}\n{\"a\":[1]}\n{\"a\":null}\n",
    );
    assert_eq!(out, "{\"a\":\"[redacted]\"}\n".repeat(3));
}

#[test]
fn a_value_where_something_inside_has_a_rule_is_not_shown() {
    let field = "\"/payload/name\" = { rule = \"drop\", reason = \"r\" }";
    let (report, out) = try_apply(
        "others = \"keep\"",
        field,
        Form::Ndjson,
        b"{\"payload\":\"Marie\"}\n{\"payload\":{\"name\":\"Marie\",\"n\":1}}\n",
    );
    assert_eq!(out, "{\"payload\":null}\n{\"payload\":{\"n\":1}}\n");
    assert_eq!(report.unwrap().fields().next().unwrap().misfits(), 1);
}

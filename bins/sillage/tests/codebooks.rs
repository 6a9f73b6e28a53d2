//! Codebooks as people write them on a bad day, and entries with every kind of misfit.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::raw::Answer;
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::fmt::Write;

/// Every rule there is, each on a field of its own.
const RULES: &str = r#"
format = 1
undeclared = "refuse"

[actions."sauté".fields]
n = { type = "integer", minimum = 0, maximum = 9007199254740993, privacy = "other" }
x = { type = "number", maximum = 1e300, privacy = "other" }
word = { type = "string", enum = ["é", "🎮", "שלום"], privacy = "other" }
short = { type = "string", min_length = 2, max_length = 3, privacy = "other" }
code = { type = "string", pattern = "[A-Z]+", privacy = "other" }
flag = { type = "boolean", privacy = "other" }
when = { type = "datetime", privacy = "other" }
list = { type = "array", min_length = 1, max_length = 2, items = { type = "integer" }, privacy = "other" }
inner = { type = "object", privacy = "other", fields = { deep = { type = "string", required = true, privacy = "other" } } }
timestamp = { type = "integer", privacy = "other" }
"#;

struct Room {
    class: Class,
    player: String,
    _server: Server,
}

fn room(engine: Engine) -> Room {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "rules", 1);
    Room {
        player: class.token(0),
        class,
        _server: server,
    }
}

impl Room {
    fn put(&self, media: &str, text: impl Into<Vec<u8>>) -> Answer {
        let put = self.class.admin("PUT", "/v1/studies/rules/codebook");
        put.body(media, text).send(self.class.server)
    }

    fn toml(&self, text: &str) -> Answer {
        self.put("application/toml", text)
    }

    /// Posts an entry with that payload.
    fn send(&self, payload: &str) -> Answer {
        let body = format!(
            r#"{{"timestamp":"2024-05-18T10:17:33Z","action":"sauté","payload":{payload}}}"#
        );
        self.class.post(&self.player, body)
    }
}

fn codebook_of(fields: usize) -> String {
    let mut text = "format = 1\n[actions.a.fields]\n".to_owned();
    for n in 0..fields {
        writeln!(text, "f{n} = {{ type = \"integer\", privacy = \"other\" }}").unwrap();
    }
    text
}

fn codebooks_that_are_empty_huge_deep_or_contradictory_are_refused_with_their_faults(
    engine: Engine,
) {
    let room = room(engine);
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let mut nested = "{}".to_owned();
    for _ in 0..9 {
        nested = format!(r#"{{"f":{{"type":"object","privacy":"other","fields":{nested}}}}}"#);
    }
    let nested = format!(r#"{{"format":1,"actions":{{"a":{{"fields":{nested}}}}}}}"#);
    let contradictory = "format = 1\n[actions.a.fields]\nf = { type = \"integer\", minimum = 3, maximum = 2, privacy = \"other\" }\ng = { type = \"string\", minimum = 3, privacy = \"other\" }\nh = { type = \"string\", enum = [], privacy = \"other\" }\n";
    for (media, text) in [
        ("application/toml", String::new()),
        ("application/json", String::new()),
        ("application/json", "{}".to_owned()),
        ("application/json", "null".to_owned()),
        ("application/json", deep.clone()),
        ("application/toml", format!("format = {deep}")),
        ("application/json", nested),
        ("application/toml", contradictory.to_owned()),
        ("application/toml", codebook_of(10_001)),
        (
            "application/json",
            r#"{"format":1,"format":1,"actions":{"a":{}}}"#.to_owned(),
        ),
        (
            "application/json",
            r#"{"format":NaN,"actions":{"a":{}}}"#.to_owned(),
        ),
        (
            "application/json",
            r#"{"format":1e400,"actions":{"a":{}}}"#.to_owned(),
        ),
    ] {
        let answer = room.put(media, text.as_str());
        assert!(
            matches!(answer.status, 400 | 422),
            "{}: {text:.60}",
            answer.text()
        );
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        assert!(!errors.is_empty());
        for error in errors {
            assert!(
                error["line"].as_u64() >= Some(1) && error["column"].as_u64() >= Some(1),
                "{error}"
            );
        }
    }
    let found = room.toml(contradictory).errors();
    assert_eq!(found.len(), 3, "all of them: {found:?}");
    let huge = format!("format = 1\n#{}", "x".repeat(1 << 20));
    assert_eq!(room.toml(&huge).status, 413);
    assert_eq!(
        room.send("{}").json()["codebook"],
        Value::Null,
        "nothing was kept"
    );
}

fn a_codebook_of_ten_thousand_fields_is_taken_and_checked_against(engine: Engine) {
    let room = room(engine);
    let taken = room.toml(&codebook_of(10_000));
    assert_eq!(taken.status, 201, "{}", taken.text());
    let entry = |action: &str, payload: &str| {
        let body = format!(
            r#"{{"timestamp":"2024-05-18T10:17:33Z","action":"{action}","payload":{payload}}}"#
        );
        room.class.post(&room.player, body)
    };
    assert_eq!(entry("a", r#"{"f0":1,"f9999":2}"#).status, 201);
    let kept = entry("a", r#"{"f0":1,"f9999":"2"}"#);
    assert_eq!(
        (kept.status, kept.errors()),
        (202, vec![(4221, "/payload/f9999".to_owned())])
    );
    let again = room.toml(&codebook_of(10_000)).json();
    assert_eq!(again["changed"], false);
}

fn each_kind_of_misfit_is_kept_with_its_reason_and_its_place(engine: Engine) {
    let room = room(engine);
    assert_eq!(room.toml(RULES).status, 201);
    for (payload, reason, place) in [
        (r#"{"n":-1}"#, "below_minimum", "/payload/n"),
        (r#"{"n":9007199254740994}"#, "above_maximum", "/payload/n"),
        (r#"{"n":1.5}"#, "wrong_field_type", "/payload/n"),
        (r#"{"n":"1"}"#, "wrong_field_type", "/payload/n"),
        (r#"{"x":1e400}"#, "above_maximum", "/payload/x"),
        (r#"{"word":"e"}"#, "not_in_enumeration", "/payload/word"),
        (r#"{"short":"🎮"}"#, "too_short", "/payload/short"),
        (r#"{"short":"abcd"}"#, "too_long", "/payload/short"),
        (r#"{"code":"A1"}"#, "pattern_mismatch", "/payload/code"),
        (r#"{"flag":0}"#, "wrong_field_type", "/payload/flag"),
        (
            r#"{"when":"yesterday"}"#,
            "wrong_field_type",
            "/payload/when",
        ),
        (r#"{"list":[]}"#, "too_few_items", "/payload/list"),
        (r#"{"list":[1,2,3]}"#, "too_many_items", "/payload/list"),
        (r#"{"list":[1,"2"]}"#, "wrong_field_type", "/payload/list/1"),
        (r#"{"inner":{}}"#, "missing_field", "/payload/inner/deep"),
        (r#"{"other":1}"#, "undeclared_field", "/payload/other"),
        (r#"{"action":1}"#, "undeclared_field", "/payload/action"),
        (
            r#"{"timestamp":"2024-05-18T10:17:33Z"}"#,
            "wrong_field_type",
            "/payload/timestamp",
        ),
    ] {
        let before = room.class.quarantine().len();
        let kept = room.send(payload);
        assert_eq!(
            (kept.status, kept.errors()),
            (202, vec![(4221, place.to_owned())]),
            "{payload}: {}",
            kept.text()
        );
        let kept = &room.class.quarantine()[before];
        assert_eq!(kept["reasons"], json!([reason]), "{payload}");
        assert!(
            kept["text"].as_str().unwrap().contains(payload),
            "as it was sent"
        );
    }
    let unknown = r#"{"timestamp":"2024-05-18T10:17:33Z","action":"saute"}"#;
    let kept = room.class.post(&room.player, unknown);
    assert_eq!(kept.errors(), [(4221, "/action".to_owned())]);
    let malformed = room.send(r#"{"x":NaN}"#);
    assert_eq!((malformed.status, malformed.errors()[0].0), (400, 4004));
    assert_eq!(room.class.stored(), 0);
}

fn what_fits_is_stored_as_it_was_written(engine: Engine) {
    let room = room(engine);
    assert_eq!(room.toml(RULES).status, 201);
    let fitting = [
        r#"{"n":9007199254740993}"#,
        r#"{"n":1e3}"#,
        r#"{"x":1e-400}"#,
        r#"{"word":"🎮"}"#,
        r#"{"word":"שלום"}"#,
        "{\"word\":\"e\u{301}\"}",
        r#"{"word":"\u00e9"}"#,
        r#"{"short":"🎮🎮"}"#,
        r#"{"when":"2024-05-18T10:17.109Z"}"#,
        r#"{"list":[1,2],"inner":{"deep":""}}"#,
        r#"{"timestamp":3}"#,
    ];
    for payload in fitting {
        let stored = room.send(payload);
        assert_eq!(stored.status, 201, "{payload}: {}", stored.text());
        assert!(stored.text().contains(payload), "{}", stored.text());
    }
    // Another spelling of the action's name is the same name.
    let spelt = "{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"saute\u{301}\"}";
    let stored = room.class.post(&room.player, spelt);
    assert_eq!(stored.status, 201, "{}", stored.text());
    assert_eq!(room.class.stored(), fitting.len() as u64 + 1);
}

engines! {
    codebooks_that_are_empty_huge_deep_or_contradictory_are_refused_with_their_faults
    a_codebook_of_ten_thousand_fields_is_taken_and_checked_against
    each_kind_of_misfit_is_kept_with_its_reason_and_its_place
    what_fits_is_stored_as_it_was_written
}

//! The papers of a study that plays: made from its settings and its codebook, without anything of anybody.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What a pupil typed: it stands in no paper.
const MARKER: &str = "zzz-typed-by-a-pupil";

const BOOK: &str = r#"
format = 1

[actions.answered]
label = { en = "You answer a question", fr = "Vous répondez à une question" }

[actions.answered.fields.answer]
type = "string"
privacy = "free-text"

[actions.answered.fields.tries]
type = "integer"
"#;

/// Has the study say everything, with marks that mean something to Markdown and to HTML.
fn say_everything(class: &Class) {
    let path = format!("/v1/studies/{}", class.study);
    let book = class
        .admin("PUT", &format!("{path}/codebook"))
        .body("application/toml", BOOK);
    let answer = book.send(class.server);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let said = json!({
        "title": "Castle | <script>alert(1)</script>",
        "legal_regimes": ["LIPAD", "GDPR"],
        "controllers": [{"name": "University of the *Lake*", "address": "Quai 1", "country": "CH", "contact": "dpo@example.org"}],
        "contact": {"name": "The team", "email": "castle@example.org"},
        "purpose": "How pupils learn\n\n# loops",
        "recipients": [],
        "retention": {"months": 24, "from": "closing", "then": "erase"},
        "consent_purposes": [],
    });
    let answer = class
        .admin("PATCH", &path)
        .json(said.to_string())
        .send(class.server);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The papers are made by a command of its own, on the database of the server.
fn papers(home: &Home, study: &str, folder: &str) {
    home.done(&["papers", "--study", study, "--out", folder]);
}

fn the_papers_of_a_study_say_what_it_says_and_nothing_of_anybody(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 3);
    say_everything(&class);
    let token = class.token(0);
    let entry = json!({"id": uuid::Uuid::now_v7().to_string(), "timestamp": "2024-05-18T10:17:33Z", "action": "answered",
            "payload": {"answer": MARKER, "tries": 2}});
    assert_eq!(class.post(&token, entry.to_string()).status, 201);
    papers(server.home(), "castle", "papers");
    let folder = server.home().folder().join("papers");

    let record: Value = serde_json::from_str(&read(&folder, "record.json")).unwrap();
    let schema =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/privacy/record.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let mut faults = Vec::new();
    fits(&schema, &schema, &record, "", &mut faults);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(record["legal_regimes"], json!(["LIPAD", "GDPR"]));
    assert_eq!(
        record["fields"][1],
        json!({"name": "tries", "privacy": null, "actions": ["answered"]})
    );
    let about: BTreeSet<_> = record["to_complete"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| gap["about"].as_str().unwrap())
        .collect();
    for missing in [
        "legal_basis",
        "data_protection_officer",
        "ethics_reference",
        "fields",
        "notices",
    ] {
        assert!(about.contains(missing), "no {missing} in {about:?}");
    }

    let exported = class
        .admin("GET", "/v1/studies/castle/export?format=ndjson")
        .send(class.server);
    let exported: Value = serde_json::from_str(exported.text().lines().next().unwrap()).unwrap();
    let pseudonym = exported["participant"].as_str().unwrap();
    for name in [
        "record.md",
        "record.json",
        "impact-assessment.md",
        "notice.en.md",
        "notice.fr.md",
    ] {
        let text = read(&folder, name);
        let usernames = class.players.iter().map(|(username, _)| username.as_str());
        for somebody in usernames.chain([pseudonym, MARKER]) {
            assert!(!text.contains(somebody), "{somebody} stands in {name}");
        }
    }
}

fn the_template_of_the_notice_can_be_put_as_it_is_and_runs_nothing(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    say_everything(&class);
    papers(server.home(), "castle", "papers");
    let folder = server.home().folder().join("papers");
    for (language, heading) in [
        ("en", "<h2>What is recorded</h2>"),
        ("fr", "<h2>Ce qui est enregistré</h2>"),
    ] {
        let text = read(&folder, &format!("notice.{language}.md"));
        let put = class
            .admin(
                "PUT",
                &format!("/v1/studies/castle/notice?language={language}"),
            )
            .body("text/markdown", text.as_str());
        let answer = put.send(class.server);
        assert_eq!(answer.json()["changed"], true, "{}", answer.text());
        let shown = Request::new("GET", "/v1/studies/castle/notice")
            .bearer(&class.token(0))
            .header("Accept-Language", language)
            .header("X-Data-Format", "html")
            .send(class.server);
        let html = shown.text();
        assert!(html.contains(heading), "{html}");
        assert!(
            html.contains("Castle | &lt;script&gt;alert(1)&lt;/script&gt;"),
            "{html}"
        );
        assert!(html.contains("University of the *Lake*"), "{html}");
        assert!(
            !html.contains("<h1>loops") && !html.contains("<script"),
            "{html}"
        );
    }
    // What was put stands in the next record, and is not missing any more.
    papers(server.home(), "castle", "later");
    let record = read(&server.home().folder().join("later"), "record.json");
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["notices"].as_array().unwrap().len(), 2);
    assert!(
        record["to_complete"]
            .as_array()
            .unwrap()
            .iter()
            .all(|gap| gap["about"] != "notices")
    );
}

engines! {
    the_papers_of_a_study_say_what_it_says_and_nothing_of_anybody
    the_template_of_the_notice_can_be_put_as_it_is_and_runs_nothing
}

/// Where a value does not fit a schema, in the words of JSON Schema that ours uses; another word is a fault as well.
fn fits(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let mut fault = |what: &str| faults.push(format!("{at}: {what} in {value}"));
    let mut below = Vec::new();
    for (word, told) in schema.as_object().unwrap() {
        match word.as_str() {
            "$schema" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let place = told.as_str().unwrap().strip_prefix('#').unwrap();
                below.push((root.pointer(place).unwrap(), value, at.to_owned()));
            }
            "type" => {
                let is = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                let types = told
                    .as_array()
                    .map_or(vec![told], |types| types.iter().collect());
                if !types.contains(&&json!(is)) {
                    fault("type");
                }
            }
            "const" if value == told => {}
            "enum" if told.as_array().unwrap().contains(value) => {}
            "pattern" => {
                // Both patterns of the schema begin with what is no letter of the alphabet after `f`.
                let hexadecimal = told.as_str().unwrap().contains("a-f");
                let text = value.as_str().unwrap_or_default();
                let good = if hexadecimal {
                    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
                } else {
                    text.len() == 27 && text.ends_with('Z')
                };
                if !good {
                    fault("pattern");
                }
            }
            "anyOf" => {
                let fitting = told.as_array().unwrap().iter().any(|one| {
                    let mut faults = Vec::new();
                    fits(root, one, value, at, &mut faults);
                    faults.is_empty()
                });
                if !fitting {
                    fault("anyOf");
                }
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                below.extend(items.map(|(n, item)| (told, item, format!("{at}/{n}"))));
            }
            "required" => {
                for name in told.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        fault(&format!("no {name}"));
                    }
                }
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    match told.get(name) {
                        Some(schema) => below.push((schema, value, format!("{at}/{name}"))),
                        None => fault(&format!("{name} is not declared")),
                    }
                }
            }
            "additionalProperties" if *told == json!(false) => {}
            other => fault(other),
        }
    }
    for (schema, value, at) in below {
        fits(root, schema, value, &at, faults);
    }
}

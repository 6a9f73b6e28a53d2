//! What rules make of CSV and NDJSON.
#![cfg(feature = "rules")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod files;
mod inside;
mod laws;
mod values;

use sillage_pseudonym::RootKey;
use sillage_pseudonym::rules::{Form, Pseudonymiser, Report, Rules, RulesFormat, StreamError};
use sillage_pseudonym::scrub::Roster;

const CSV: Form = Form::Csv { delimiter: b',' };

fn pseudonymiser(head: &str, fields: &str) -> Pseudonymiser {
    let text = format!("format = 1\nstudy = \"castle\"\n{head}\n[fields]\n{fields}");
    let rules = Rules::read(&text, RulesFormat::Toml).unwrap_or_else(|faults| panic!("{faults:?}"));
    let roster = Roster::read("name\nMarie Dupont\n".as_bytes()).unwrap();
    Pseudonymiser::new(rules, Some(&RootKey::from_bytes([7; 32])), Some(roster)).unwrap()
}

fn try_apply(
    head: &str,
    fields: &str,
    form: Form,
    input: &[u8],
) -> (Result<Report, StreamError>, String) {
    let mut out = Vec::new();
    let done = pseudonymiser(head, fields).run(form, input, &mut out);
    (done, String::from_utf8(out).unwrap())
}

fn apply(fields: &str, form: Form, input: &str) -> String {
    let (done, out) = try_apply("", fields, form, input.as_bytes());
    done.unwrap_or_else(|error| panic!("{error}"));
    out
}

/// What a rule makes of one value of a CSV file.
fn one(rule: &str, value: &str) -> String {
    let out = apply(
        &format!("a = {{ {rule}, reason = \"r\" }}"),
        CSV,
        &format!("a\n\"{value}\"\n"),
    );
    let out = out.strip_prefix("a\n").unwrap().trim_end_matches('\n');
    out.trim_matches('"').to_owned()
}

//! Files of rules, as people write them on a bad day.
#![cfg(feature = "rules")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use rstest::rstest;
use sillage_pseudonym::rules::{Others, Rules, RulesFormat};

const HEAD: &str = "format = 1\nstudy = \"castle\"\n[fields]\n";

fn faults(text: &str, format: RulesFormat) -> Vec<String> {
    let faults = Rules::read(text, format).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[rstest]
#[case(
    "a = { rule = \"keep\" }",
    "4:5: /fields/a: say why: reason = \"...\"; it is printed with what was done"
)]
#[case(
    "a = { rule = \"pseudonymize\", reason = \"r\" }",
    "4:14: /fields/a/rule: there is no `pseudonymize` here; did you mean `pseudonymise`?"
)]
#[case("a = { reason = \"r\" }", "4:5: /fields/a: `rule` is missing")]
#[case(
    "a = { rule = \"keep\", raeson = \"r\" }",
    "/fields/a/raeson: there is no key `raeson` here; did you mean `reason`?"
)]
#[case(
    "a = { rule = \"keep\", reason = \"r\", width = 5 }",
    "4:36: /fields/a/width: `width` does not go with the rule keep"
)]
#[case(
    "a = { rule = \"bucket\", reason = \"r\" }",
    "the rule needs `width`, with `origin` or without, or `edges`"
)]
#[case(
    "a = { rule = \"bucket\", reason = \"r\", width = 0 }",
    "/fields/a/width: it must be a number greater than 0"
)]
#[case(
    "a = { rule = \"bucket\", reason = \"r\", edges = [3, 2] }",
    "each greater than the one before"
)]
#[case(
    "a = { rule = \"truncate\", reason = \"r\" }",
    "one of `characters` and `to`"
)]
#[case(
    "a = { rule = \"truncate\", reason = \"r\", to = \"week\" }",
    "/fields/a/to: there is no `week` here"
)]
#[case(
    "a = { rule = \"date-shift\", reason = \"r\", days = 6, whole_weeks = true }",
    "from 7 to 36500"
)]
#[case(
    "a = { rule = \"date-shift\", reason = \"r\", days = 0 }",
    "from 1 to 36500"
)]
#[case(
    "a = { rule = \"date-shift\", reason = \"r\", days = 40000 }",
    "from 1 to 36500"
)]
#[case(
    "a = { rule = \"relative-time\", reason = \"r\", since = \"soon\" }",
    "it must be an instant"
)]
#[case(
    "a = { rule = \"relative-time\", reason = \"r\", from = \"b\", group = \"c\" }",
    "one of `since`, `from` and `group`"
)]
#[case(
    "a = { rule = \"map\", reason = \"r\", values = { x = true } }",
    "/fields/a/values/x: it must be a text or a number"
)]
#[case(
    "a = { rule = \"mask\", reason = \"r\", with = \"**\" }",
    "it must be one character"
)]
#[case(
    "a = { rule = \"scrub-text\", reason = \"r\", find = [\"mail\"] }",
    "/fields/a/find/0: there is no `mail` here"
)]
#[case(
    "a = [{ rule = \"drop\", reason = \"r\" }, { rule = \"keep\", reason = \"r\" }]",
    "drop stands alone"
)]
#[case("a = []", "a rule, or a list of at least one")]
#[case("a = 7", "4:5: /fields/a: it must be a table")]
#[case("\"/a~2\" = { rule = \"keep\", reason = \"r\" }", "is a JSON pointer")]
#[case(
    "\"/a\" = { rule = \"keep\", reason = \"r\" }\na = { rule = \"keep\", reason = \"r\" }",
    "5:1: /fields/a: `a` has rules already"
)]
#[case("", "no field has a rule")]
#[case("a = {", "4:")]
fn what_is_wrong_is_told_with_its_place(#[case] field: &str, #[case] expected: &str) {
    let found = faults(&format!("{HEAD}{field}"), RulesFormat::Toml);
    assert!(
        found.iter().any(|fault| fault.contains(expected)),
        "{found:?}"
    );
}

#[test]
fn all_faults_are_told_at_once_in_their_order() {
    let text = "format = 2\nkey_version = 0\nothers = \"kep\"\nothr = 1\n[fields]\na = 1\nb = 2\n";
    let found = faults(text, RulesFormat::Toml);
    assert_eq!(
        found,
        [
            "1:1: `study` is missing",
            "1:10: /format: the format must be 1",
            "2:15: /key_version: it must be an integer from 1 on",
            "3:10: /others: there is no `kep` here; did you mean `keep`?; there is drop, keep, refuse",
            "4:1: /othr: there is no key `othr` here; did you mean `others`?",
            "6:5: /fields/a: it must be a table",
            "7:5: /fields/b: it must be a table",
        ]
    );
}

#[test]
fn json_says_the_same_as_toml() {
    let json = r#"{
  "format": 1, "study": "castle", "key_version": 3, "others": "keep",
  "fields": {
    "age": [
      {"rule": "top-code", "at": 90, "reason": "few are so old"},
      {"rule": "bucket", "width": 5, "reason": "intervals are enough"}
    ],
    "/payload/answer": {"rule": "scrub-text", "reason": "pupils write names"}
  }
}"#;
    let rules = Rules::read(json, RulesFormat::Json).unwrap();
    assert_eq!(
        (rules.study(), rules.key_version(), rules.others()),
        ("castle", 3, Others::Keep)
    );
    let told: Vec<_> = rules
        .fields()
        .map(|field| {
            (
                field.name(),
                field.rules().collect::<Vec<_>>(),
                field.reasons().collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        told[0],
        (
            "age",
            vec!["top-code", "bucket"],
            vec!["few are so old", "intervals are enough"]
        )
    );
    assert_eq!(told[1].0, "/payload/answer");
    assert!(!rules.need_key());
    assert_eq!(rules.use_roster(), Some(false));

    let found = faults(
        &json.replace("\"width\": 5", "\"width\": \"5\""),
        RulesFormat::Json,
    );
    assert_eq!(found, ["6:35: /fields/age/1/width: it must be a number"]);
    let found = faults(&json.replace("90,", "90"), RulesFormat::Json);
    assert!(found[0].starts_with("5:"), "{found:?}");
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let text = "#".repeat(Rules::MAX_BYTES + 1);
    assert_eq!(
        faults(&text, RulesFormat::Toml),
        ["1:1: a file of rules has at most 1048576 bytes"]
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z\\[\\]{}=\", 0-9/~.é\n-]{0,80}") {
        for format in [RulesFormat::Toml, RulesFormat::Json] {
            let _ = Rules::read(&text, format);
            let _ = Rules::read(&format!("{HEAD}{text}"), format);
        }
    }
}

//! Files as they come: columns without a rule, rows that are none, marks and line ends.

use rstest::rstest;
use sillage_pseudonym::rules::{Form, Pseudonymiser, Rules, RulesFormat, SetupError, StreamError};

use crate::{CSV, apply, pseudonymiser, try_apply};

#[test]
fn columns_without_a_rule_are_dropped_kept_or_refused() {
    let field = "a = { rule = \"keep\", reason = \"r\" }";
    let input = b"a,b\n1,2\n";
    let (report, out) = try_apply("", field, CSV, input);
    assert_eq!(out, "a\n1\n");
    assert_eq!(report.unwrap().others().collect::<Vec<_>>(), ["b"]);
    assert_eq!(
        try_apply("others = \"keep\"", field, CSV, input).1,
        "a,b\n1,2\n"
    );
    let (refused, out) = try_apply("others = \"refuse\"", field, CSV, input);
    assert!(matches!(refused, Err(StreamError::Undeclared { name, line: 1 }) if name == "b"));
    assert_eq!(out, "");
    let (refused, out) = try_apply(
        "others = \"refuse\"",
        field,
        Form::Ndjson,
        b"{\"a\":1}\n{\"a\":1,\"b\":2}\n",
    );
    assert!(matches!(
        refused,
        Err(StreamError::Undeclared { line: 2, .. })
    ));
    assert_eq!(out, "{\"a\":1}\n");
}

#[test]
fn a_rule_for_a_column_that_there_is_not_writes_nothing() {
    let (refused, out) = try_apply(
        "others = \"keep\"",
        "emial = { rule = \"drop\", reason = \"r\" }",
        CSV,
        b"email\nm@x.ch\n",
    );
    assert_eq!(
        refused.unwrap_err().to_string(),
        "there is no column `emial`, which a rule names; did you mean `email`?"
    );
    assert_eq!(out, "");
}

#[test]
fn a_column_is_found_however_its_accents_are_spelt() {
    let field = "\"prénom\" = { rule = \"redact\", reason = \"r\" }";
    assert_eq!(
        apply(field, CSV, "pre\u{301}nom\nZoé\n"),
        "pre\u{301}nom\n[redacted]\n"
    );
    let out = apply(field, Form::Ndjson, "{\"pre\u{301}nom\":\"Zoé\"}");
    assert_eq!(out, "{\"pre\u{301}nom\":\"[redacted]\"}\n");
}

#[test]
fn values_that_a_rule_can_not_take_are_emptied_and_counted() {
    let field = "age = { rule = \"round\", to = 1, reason = \"r\" }\nn = { rule = \"keep\", reason = \"r\" }";
    let (report, out) = try_apply("", field, CSV, b"n,age\n1,x\n2,\n3,7.2\n4,\"y\nz\"\n5,8\n");
    assert_eq!(out, "n,age\n1,\n2,\n3,7\n4,\n5,8\n");
    let report = report.unwrap();
    let age = report.fields().next().unwrap();
    assert_eq!((report.rows(), age.values(), age.misfits()), (5, 4, 2));
    assert_eq!(age.first_misfit(), Some((2, "it is no number")));
    let out = apply(
        field,
        Form::Ndjson,
        "{\"n\":1,\"age\":\"x\"}\n{\"n\":2,\"age\":7.6}\n{\"n\":3,\"age\":\"7.6\"}\n",
    );
    assert_eq!(
        out,
        "{\"n\":1,\"age\":null}\n{\"n\":2,\"age\":8}\n{\"n\":3,\"age\":\"8\"}\n"
    );
}

#[test]
fn what_rules_need_must_be_there() {
    let rules = |field: &str| {
        Rules::read(
            &format!("format = 1\nstudy = \"castle\"\n[fields]\n{field}"),
            RulesFormat::Toml,
        )
        .unwrap()
    };
    let pseudonym = rules("a = { rule = \"pseudonymise\", reason = \"r\" }");
    assert_eq!(
        Pseudonymiser::new(pseudonym, None, None).unwrap_err(),
        SetupError::NoKey
    );
    let search = rules("a = { rule = \"scrub-text\", find = [\"roster\"], reason = \"r\" }");
    assert_eq!(
        Pseudonymiser::new(search, None, None).unwrap_err(),
        SetupError::NoRoster
    );
    let search = rules("a = { rule = \"scrub-text\", reason = \"r\" }");
    assert!(Pseudonymiser::new(search, None, None).is_ok());
}

#[rstest]
#[case(
    "a,b\n1,2\n3\n",
    "a\n1\n",
    "line 3: it has 1 values, and the first line has 2"
)]
#[case("a,b\n1,\"2\n3\",x\n", "a\n", "line 2: it has 3 values")]
#[case(
    "a,b\n1,2\n3,\"4\n5,6\n",
    "a\n1\n",
    "line 3: a quotation mark is not closed before the file ends"
)]
#[case("b\n1\n", "", "there is no column `a`")]
fn rows_before_the_one_that_is_wrong_are_written(
    #[case] input: &str,
    #[case] written: &str,
    #[case] expected: &str,
) {
    let (refused, out) = try_apply(
        "",
        "a = { rule = \"keep\", reason = \"r\" }",
        CSV,
        input.as_bytes(),
    );
    let told = refused.unwrap_err().to_string();
    assert!(told.contains(expected), "{told}");
    assert_eq!(out, written);
}

#[rstest]
#[case(
    b"{\"a\":1}\n{\"a\":\n",
    "line 2: it is no JSON object: EOF while parsing a value, at byte"
)]
#[case(b"{\"a\":1}\n[1]\n", "line 2: it is no JSON object")]
#[case(b"{\"a\":1}\n\"Marie\"\n", "line 2: it is no JSON object")]
#[case(
    b"{\"a\":1}\n{\"a\":2} x\n",
    "line 2: it is no JSON object: trailing characters"
)]
#[case(b"{\"a\":1}\n{\"a\":\"\xff\"}\n", "line 2: it is no UTF-8")]
fn lines_that_are_no_objects_are_told_without_what_they_say(
    #[case] input: &[u8],
    #[case] expected: &str,
) {
    let (refused, out) = try_apply(
        "",
        "a = { rule = \"keep\", reason = \"r\" }",
        Form::Ndjson,
        input,
    );
    let told = refused.unwrap_err().to_string();
    assert!(told.starts_with(expected), "{told}");
    assert!(!told.contains("Marie"));
    assert_eq!(out, "{\"a\":1}\n");
}

#[test]
fn bytes_that_are_no_utf_8_are_told_with_their_column() {
    let (refused, _) = try_apply(
        "",
        "a = { rule = \"keep\", reason = \"r\" }",
        CSV,
        b"a,b\n1,\xe9t\xe9\n",
    );
    assert_eq!(
        refused.unwrap_err().to_string(),
        "line 2: column 2 is no UTF-8"
    );
}

#[test]
fn a_row_without_an_end_does_not_fill_the_memory() {
    let field = "a = { rule = \"keep\", reason = \"r\" }";
    let endless = || std::io::repeat(b'x');
    let mut out = Vec::new();
    let csv = std::io::Read::chain("a\n\"".as_bytes(), endless());
    let refused = pseudonymiser("", field)
        .run(CSV, csv, &mut out)
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("line 2: it is longer than 16 MiB"),
        "{refused}"
    );
    let refused = pseudonymiser("", field)
        .run(Form::Ndjson, endless(), &mut out)
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("line 1: it is longer than 16 MiB"),
        "{refused}"
    );
}

#[rstest]
#[case("", "")]
#[case("\u{feff}", "")]
#[case("a\n", "a\n")]
#[case("\u{feff}a,b\r\n\"1\n2\",3\r\n", "a\n\"1\n2\"\n")]
#[case("\u{feff}\"a\"\n1", "a\n1\n")]
fn marks_line_ends_and_empty_files_are_understood(#[case] input: &str, #[case] expected: &str) {
    assert_eq!(
        apply("a = { rule = \"keep\", reason = \"r\" }", CSV, input),
        expected
    );
}

#[test]
fn other_delimiters_and_the_form_of_a_beginning() {
    let semicolon = Form::Csv { delimiter: b';' };
    assert_eq!(
        apply(
            "a = { rule = \"keep\", reason = \"r\" }",
            semicolon,
            "a;b\n\"1;2\";3\n"
        ),
        "a\n\"1;2\"\n"
    );
    assert_eq!(Form::of_beginning("\u{feff} \n{".as_bytes()), Form::Ndjson);
    assert_eq!(Form::of_beginning(b"a,b"), CSV);
    assert_eq!(Form::of_beginning(b""), CSV);
    assert_eq!(
        apply(
            "a = { rule = \"keep\", reason = \"r\" }",
            Form::Ndjson,
            "\u{feff}{\"a\":1}\r\n\n{}"
        ),
        "{\"a\":1}\n{}\n"
    );
}

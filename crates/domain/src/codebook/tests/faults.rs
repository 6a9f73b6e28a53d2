use super::{faults, toml};
use crate::NameError;
use crate::codebook::{Codebook, CodebookFormat, CodebookProblem as P, Expected, FieldType};
use rstest::rstest;

fn own(text: &str) -> String {
    text.to_owned()
}

#[test]
fn an_empty_codebook_says_what_it_needs() {
    for text in ["", "# nothing\n"] {
        assert_eq!(
            faults(text),
            [
                (1, 1, own(""), P::Missing { key: "format" }),
                (1, 1, own(""), P::NoActions)
            ]
        );
    }
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let text = r#"format = 2
titel = "Waves"

[fields.level]
type = "int"
minimum = 3

[fields.wave]
type = "string"
enum = ["left", "left", 3]
privacy = "none"

[actions.begin]
groups = ["wavs"]

[groups.waves.closeness]
type = "number"
minimum = 10
maximum = 1.5
"#;
    let found = faults(text);
    let places: Vec<_> = found
        .iter()
        .map(|(line, column, pointer, _)| (*line, *column, pointer.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (1, 10, "/format"),
            (2, 1, "/titel"),
            (5, 8, "/fields/level/type"),
            (10, 17, "/fields/wave/enum/1"),
            (10, 25, "/fields/wave/enum/2"),
            (11, 11, "/fields/wave/privacy"),
            (14, 11, "/actions/begin/groups/0"),
            (18, 11, "/groups/waves/closeness/minimum"),
        ]
    );
    let told: Vec<_> = found.iter().map(|fault| fault.3.to_string()).collect();
    assert_eq!(
        told[1],
        "there is no key `titel` here; did you mean `title`?"
    );
    assert_eq!(
        told[2],
        "there is no `int` here; did you mean `integer`?; there is string, integer, number, boolean, datetime, array, object"
    );
    assert_eq!(told[6], "there is no group `wavs`; did you mean `waves`?");
    assert_eq!(told[7], "`minimum` is greater than `maximum`");
}

#[rstest]
#[case("type = \"string\"\nminimum = 1", P::NotForType { key: "minimum", kind: FieldType::String })]
#[case("type = \"boolean\"\nenum = [true]", P::NotForType { key: "enum", kind: FieldType::Boolean })]
#[case("type = \"integer\"\nminimum = 0.5", P::NotOfType { kind: FieldType::Integer })]
#[case("type = \"integer\"\nenum = [1, \"2\"]", P::NotOfType { kind: FieldType::Integer })]
#[case("type = \"datetime\"\nminimum = \"2024-05-18\"", P::NotOfType { kind: FieldType::Datetime })]
#[case("type = \"number\"\nmaximum = inf", P::NotFinite)]
#[case("type = \"number\"\nmissing = [nan]", P::NotFinite)]
#[case("type = \"number\"\nmissing = [true]", P::WrongType { expected: Expected::TextOrNumber })]
#[case("type = \"string\"\nenum = []", P::EmptyEnumeration)]
#[case("type = \"string\"\nmin_length = 3\nmax_length = 2", P::EmptyRange { least: "min_length", most: "max_length" })]
#[case("type = \"string\"\nmin_length = -1", P::WrongType { expected: Expected::Count })]
#[case("type = \"integer\"\nmaximum = 3\nenum = [1, 4]", P::Excluded { value: own("4"), rule: "maximum" })]
#[case("type = \"string\"\nmax_length = 1\nenum = [\"ab\"]", P::Excluded { value: own("ab"), rule: "max_length" })]
#[case("type = \"string\"\npattern = \"[0-9]+\"\nenum = [\"x\"]", P::Excluded { value: own("x"), rule: "pattern" })]
#[case("type = \"string\"\npattern = \"a{1000000}\"", P::PatternTooLarge)]
#[case("type = \"string\"\nrequired = \"yes\"", P::WrongType { expected: Expected::Boolean })]
#[case("type = \"string\"\nlabel = 3", P::WrongType { expected: Expected::Texts })]
#[case(
    "type = \"string\"\nlabel = { english = \"x\", e = \"y\" }",
    P::Language
)]
#[case("required = true", P::Missing { key: "type" })]
#[case("type = \"array\"\nitems = { type = \"string\", required = true }", P::UnknownKey { key: own("required"), nearest: None })]
fn a_field_has_one_fault(#[case] lines: &str, #[case] problem: P) {
    let found = faults(&toml(&format!("[fields.a]\n{lines}")));
    let problems: Vec<_> = found.into_iter().map(|fault| fault.3).collect();
    assert_eq!(problems, [problem]);
}

#[rstest]
#[case("participant = \"action\"", P::PlaysAnother { name: own("action"), other: own("action") })]
#[case("participant = \"payload\"", P::PlaysAnother { name: own("payload"), other: own("payload") })]
#[case("participant = \"a\"\nsession = \"a\"", P::PlaysAnother { name: own("a"), other: own("participant") })]
#[case("action = \"\"", P::Name { error: NameError::Empty })]
#[case("game_version = \"levle\"", P::UnknownField { name: own("levle"), nearest: Some(own("level")) })]
#[case("session_end = [\"begun\"]", P::UnknownAction { name: own("begun"), nearest: Some(own("begin")) })]
fn a_role_has_one_fault(#[case] lines: &str, #[case] problem: P) {
    let found = faults(&toml(&format!(
        "[fields.level]\ntype = \"string\"\n[roles]\n{lines}"
    )));
    let problems: Vec<_> = found.into_iter().map(|fault| fault.3).collect();
    assert_eq!(problems, [problem]);
}

#[test]
fn an_action_has_no_field_from_two_places() {
    let text = r#"format = 1
[fields.level]
type = "integer"
[groups.one.x]
type = "integer"
[groups.two.x]
type = "integer"
[actions.begin]
groups = ["one", "two"]
[actions.end]
groups = ["one"]
[actions.end.fields.level]
type = "integer"
[actions.end.fields.x]
type = "integer"
"#;
    let declared = |name: &str, other: &str| P::AlsoDeclared {
        name: own(name),
        other: own(other),
    };
    assert_eq!(
        faults(text),
        [
            (
                9,
                18,
                own("/actions/begin/groups/1"),
                declared("x", "/groups/one/x")
            ),
            (
                12,
                21,
                own("/actions/end/fields/level"),
                declared("level", "/fields/level")
            ),
            (
                14,
                21,
                own("/actions/end/fields/x"),
                declared("x", "/groups/one/x")
            ),
        ]
    );
}

#[test]
fn two_spellings_of_a_name_stand_twice() {
    let text = toml("[fields]\n\"é\".type = \"string\"\n\"e\u{301}\".type = \"string\"");
    let name = own("e\u{301}");
    assert_eq!(
        faults(&text),
        [(5, 1, format!("/fields/{name}"), P::Twice { name })]
    );
}

#[test]
fn every_fault_of_the_syntax_has_its_place() {
    let found =
        faults("format = 1\nstudy = \nversion = \"1\n\n[actions.begin]\nformat = 1\nformat = 2\n");
    let lines: Vec<_> = found.iter().map(|fault| fault.0).collect();
    assert_eq!(lines, [2, 3, 7]);
    assert!(matches!(&found[0].3, P::Malformed { reason } if !reason.is_empty()));
}

#[test]
fn a_column_is_counted_in_characters() {
    let found = faults(&toml("title = { fr = \"Énigmes 🎮\", en = 3 }"));
    assert_eq!((found[0].0, found[0].1), (3, 34));
}

#[test]
fn json_has_faults_in_the_same_places() {
    let text = "{\n  \"format\": 1,\n  \"format\": 1,\n  \"fields\": {\"é\": {\"typ\": \"string\"}},\n  \"actions\": {\"a\": null}\n}";
    let found = Codebook::read(text, CodebookFormat::Json).unwrap_err();
    let places: Vec<_> = found
        .iter()
        .map(|fault| (fault.line, fault.column, fault.pointer.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (3, 3, "/format"),
            (4, 14, "/fields/é"),
            (4, 20, "/fields/é/typ"),
            (5, 20, "/actions/a")
        ]
    );
}

#[rstest]
#[case("{\"format\": 1,}", 1, 14)]
#[case("{\n \"a\": 1 \"b\"\n}", 2, 9)]
#[case("", 1, 1)]
#[case("{\"format\": NaN}", 1, 12)]
#[case("{\"\\ud800\": 1}", 1, 2)]
fn malformed_json_has_a_place(#[case] text: &str, #[case] line: usize, #[case] column: usize) {
    let found = Codebook::read(text, CodebookFormat::Json).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(matches!(found[0].problem, P::Malformed { .. }));
    assert_eq!((found[0].line, found[0].column), (line, column));
}

#[test]
fn a_fault_reads_like_that_of_a_compiler() {
    let text = toml("[fields.level]\ntype = \"interger\"");
    let fault = &super::read(&text).unwrap_err()[0];
    assert_eq!(
        fault.to_string(),
        "4:8: /fields/level/type: there is no `interger` here; did you mean `integer`?; there is string, integer, number, boolean, datetime, array, object"
    );
    let json = serde_json::to_value(fault).unwrap();
    assert_eq!(json["problem"], "unknown_word");
    assert_eq!(json["line"], 4);
}

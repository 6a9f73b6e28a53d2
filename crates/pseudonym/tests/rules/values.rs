//! What each rule makes of values.

use rstest::rstest;
use sillage_pseudonym::RootKey;
use sillage_pseudonym::rules::Form;

use crate::{CSV, apply, one, try_apply};

#[rstest]
#[case("rule = \"keep\"", "7", "7")]
#[case("rule = \"redact\"", "x", "[redacted]")]
#[case("rule = \"redact\", with = \"-\"", "", "-")]
#[case("rule = \"mask\"", "12345", "*****")]
#[case("rule = \"mask\", first = 2", "1201 Genève", "12*********")]
#[case("rule = \"mask\", first = 1, last = 1, with = \"x\"", "Zoé", "Zxé")]
#[case("rule = \"mask\", first = 2, last = 2", "1234", "****")]
#[case("rule = \"truncate\", characters = 2", "été", "ét")]
#[case("rule = \"truncate\", characters = 9", "été", "été")]
#[case("rule = \"truncate\", to = \"year\"", "2024-05-18T10:17:33Z", "2024")]
#[case("rule = \"truncate\", to = \"month\"", "2024-05-18", "2024-05")]
#[case(
    "rule = \"truncate\", to = \"day\"",
    "2024-05-18T23:17:33+02:00",
    "2024-05-18"
)]
#[case(
    "rule = \"truncate\", to = \"hour\"",
    "2024-05-18 10:17:33.109+02:00",
    "2024-05-18T10:00+02:00"
)]
#[case("rule = \"bucket\", width = 5", "13", "10..15")]
#[case("rule = \"bucket\", width = 5", "-1", "-5..0")]
#[case("rule = \"bucket\", width = 0.5, origin = 0.25", "0.8", "0.75..1.25")]
#[case("rule = \"bucket\", edges = [0, 18, 65]", "18", "18..65")]
#[case("rule = \"bucket\", edges = [0, 18, 65]", "-3", "..0")]
#[case("rule = \"bucket\", edges = [0, 18, 65]", "65.0", "65..")]
#[case("rule = \"round\", to = 10", "45", "50")]
#[case("rule = \"round\", to = 0.1", "0.349", "0.3")]
#[case("rule = \"top-code\", at = 90", "97", "90")]
#[case(
    "rule = \"top-code\", at = 90, label = \"90 or more\"",
    "97",
    "90 or more"
)]
#[case("rule = \"top-code\", at = 90", "90", "90")]
#[case("rule = \"bottom-code\", at = 6", "4.5", "6")]
#[case("rule = \"map\", values = { f = \"1\", m = \"2\" }", "m", "2")]
#[case("rule = \"map\", values = { f = \"1\" }, otherwise = \"9\"", "x", "9")]
#[case("rule = \"map\", values = { f = \"1\" }", "x", "")]
#[case(
    "rule = \"relative-time\", since = \"2024-05-18T10:00:00Z\"",
    "2024-05-18T12:00:01.25+02:00",
    "1.25"
)]
#[case(
    "rule = \"relative-time\", since = \"2024-05-18\", unit = \"days\"",
    "2024-05-17T23:00Z",
    "-1"
)]
#[case(
    "rule = \"relative-time\", since = \"1970-01-01\", unit = \"milliseconds\", numbers = \"seconds\"",
    "1.5",
    "1500"
)]
#[case("rule = \"scrub-text\"", "dis à Marie m@x.ch", "dis à [name] [email]")]
#[case(
    "rule = \"scrub-text\", find = [\"email\"]",
    "dis à Marie m@x.ch",
    "dis à Marie [email]"
)]
#[case("rule = \"bucket\", width = 5", "", "")]
#[case("rule = \"bucket\", width = 5", "treize", "")]
#[case("rule = \"truncate\", to = \"year\"", "hier", "")]
fn a_rule_makes_of_a_value(#[case] rule: &str, #[case] value: &str, #[case] expected: &str) {
    assert_eq!(one(rule, value), expected);
}

#[test]
fn pseudonyms_tell_kinds_apart_and_not_spellings() {
    let fields = r#"
a = { rule = "pseudonymise", reason = "r" }
b = { rule = "pseudonymise", kind = "a", reason = "r" }
c = { rule = "pseudonymise", reason = "r" }"#;
    let out = apply(fields, CSV, "a,b,c\nZoé,ZOE\u{301} ,zoé\n,,\n");
    let cells: Vec<&str> = out.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(cells[0], cells[1]);
    assert_ne!(cells[0], cells[2]);
    let key = RootKey::from_bytes([7; 32]).purpose_key("pseudonym", "castle", 1);
    assert_eq!(cells[0], key.pseudonym("a", "zoé").to_string());
    assert_eq!(out.lines().nth(2), Some(",,"));
    // The same text is the same pseudonym, whether it stands in CSV or in JSON, as a text or as a number.
    let in_csv = apply(
        "a = { rule = \"pseudonymise\", reason = \"r\" }",
        CSV,
        "a\n17\n",
    );
    let in_json = apply(
        "a = { rule = \"pseudonymise\", reason = \"r\" }",
        Form::Ndjson,
        "{\"a\":17}\n{\"a\":\"17\"}\n",
    );
    let code = in_csv.lines().nth(1).unwrap();
    assert_eq!(
        in_json,
        format!("{{\"a\":\"{code}\"}}\n{{\"a\":\"{code}\"}}\n")
    );
}

#[test]
fn another_version_of_the_keys_makes_other_pseudonyms() {
    let field = "a = { rule = \"pseudonymise\", reason = \"r\" }";
    let made = |head: &str| try_apply(head, field, CSV, b"a\nx\n").1;
    assert_ne!(made("key_version = 1"), made("key_version = 2"));
    assert_eq!(made("key_version = 1"), made(""));
}

#[test]
fn rules_of_a_list_are_applied_one_after_the_other() {
    let fields = r#"a = [
  { rule = "top-code", at = 90, reason = "r" },
  { rule = "bottom-code", at = 5, reason = "r" },
  { rule = "bucket", width = 5, reason = "r" },
]"#;
    assert_eq!(
        apply(fields, CSV, "a\n97\n3\n12\n\n"),
        "a\n90..95\n5..10\n10..15\n"
    );
}

#[test]
fn times_are_shifted_by_as_much_for_all_of_a_group() {
    let fields = r#"
who = { rule = "keep", reason = "r" }
start = { rule = "date-shift", days = 400, group = "who", whole_weeks = true, reason = "r" }
end = { rule = "date-shift", days = 400, group = "who", whole_weeks = true, numbers = "seconds", reason = "r" }"#;
    let input = "who,start,end\nzoé,2024-05-18T10:17:33.5+02:00,2024-05-19\nZOE\u{301},2024-05-25,0\nli,2024-05-18,x\n,2024-05-18,\n";
    let out = apply(fields, CSV, input);
    let cells: Vec<Vec<&str>> = out
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert!(cells[0][1].ends_with("T10:17:33.5+02:00"), "{out}");
    let relative = |value: &str| {
        let rule = "rule = \"relative-time\", unit = \"days\", since = \"2024-05-18\"";
        one(rule, &value[..10]).parse::<i64>().unwrap()
    };
    let shift = relative(cells[0][1]);
    assert!(
        shift != 0 && shift % 7 == 0 && shift.abs() <= 400,
        "{shift}"
    );
    assert_eq!(relative(cells[0][2]) - shift, 1);
    assert_eq!(relative(cells[1][1]) - shift, 7);
    assert_eq!(cells[1][2], (shift * 86_400).to_string());
    assert_ne!(relative(cells[2][1]), shift);
    // What is no time, and what belongs to nobody, is emptied.
    assert_eq!((cells[2][2], cells[3][1]), ("", ""));
}

#[test]
fn times_are_told_from_the_first_of_their_group_or_from_another_field() {
    let fields = r#"
s = { rule = "keep", reason = "r" }
t = { rule = "relative-time", group = ["p", "s"], reason = "r" }
u = { rule = "relative-time", from = "t", unit = "minutes", reason = "r" }
p = { rule = "drop", reason = "r" }"#;
    let input = "p,s,t,u\na,1,2024-05-18T10:00:00Z,2024-05-18T10:05:59Z\nb,1,2024-05-18T11:00:00Z,\na,1,2024-05-18T10:00:07.25Z,2024-05-18T10:00:00Z\n";
    assert_eq!(apply(fields, CSV, input), "s,t,u\n1,0,5\n1,0,\n1,7.25,-1\n");
    let input = "{\"p\":1,\"s\":1,\"t\":\"2024-05-18T10:00:00Z\"}\n{\"p\":1,\"s\":1,\"t\":\"2024-05-18T10:00:01Z\"}\n";
    assert_eq!(
        apply(fields, Form::Ndjson, input),
        "{\"s\":1,\"t\":0}\n{\"s\":1,\"t\":1}\n"
    );
}

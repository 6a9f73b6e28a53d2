use super::{checker, entry, fault};
use crate::FaultKind as F;
use crate::codebook::FieldType;
use rstest::rstest;

/// The faults of a value of a field with these rules.
fn found(rules: &str, value: &str) -> Vec<F> {
    let checker = checker(&format!("format = 1\n[fields.x]\n{rules}\n[actions.a]"));
    let faults = checker.check(&entry("a", &format!("{{\"x\": {value}}}")));
    faults.into_iter().map(|fault| fault.kind).collect()
}

const INTEGER: &str = "type = \"integer\"\nminimum = -9007199254740993\nmaximum = 9007199254740993";

#[rstest]
#[case("30.0")]
#[case("3e1")]
#[case("-0")]
#[case("9007199254740993")]
#[case("-9007199254740993.000")]
fn an_integer_has_no_fraction_however_it_is_written(#[case] value: &str) {
    assert_eq!(found(INTEGER, value), []);
}

#[test]
fn integers_beyond_two_to_the_53rd_are_exact() {
    let maximum = "9007199254740993".to_owned();
    assert_eq!(
        found(INTEGER, "9007199254740994"),
        [F::AboveMaximum { maximum }]
    );
    let maximum = "9007199254740993".to_owned();
    assert_eq!(found(INTEGER, "1e400"), [F::AboveMaximum { maximum }]);
}

#[rstest]
#[case("1e400", "minimum = 1e399", true)]
#[case("1e400", "maximum = 1e399", false)]
#[case("1e-400", "minimum = 0.0", true)]
#[case("30.000000000000000000001", "maximum = 30", false)]
#[case("999999", "maximum = 30\nmissing = [999999]", true)]
#[case("999999.0", "maximum = 30\nmissing = [999999]", true)]
#[case("\"N/A\"", "missing = [\"N/A\"]", true)]
#[case("\"n/a\"", "missing = [\"N/A\"]", false)]
#[case("\"NaN\"", "", false)]
fn a_number(#[case] value: &str, #[case] rules: &str, #[case] fits: bool) {
    assert_eq!(
        found(&format!("type = \"number\"\n{rules}"), value).is_empty(),
        fits
    );
}

#[rstest]
#[case("\"\\u00e9\"", "enum = [\"é\"]", &[])]
#[case("\"e\\u0301\"", "enum = [\"é\"]", &[])]
#[case("\"e\u{301}\"", "max_length = 1", &[])]
#[case("\"🎮🎮\"", "max_length = 2", &[])]
#[case("\"אב\"", "min_length = 3", &[F::TooShort { min: 3 }])]
#[case("\"\"", "", &[])]
#[case("\"a\\\"b\"", "pattern = 'a\"b'", &[])]
#[case("null", "required = true", &[F::MissingField])]
#[case("null", "", &[])]
fn a_text(#[case] value: &str, #[case] rules: &str, #[case] faults: &[F]) {
    assert_eq!(found(&format!("type = \"string\"\n{rules}"), value), faults);
}

#[test]
fn a_value_that_is_no_time_has_the_wrong_type() {
    let wrong = F::WrongFieldType {
        expected: FieldType::Datetime,
    };
    for value in ["\"2024-05-18T10:17:33\"", "1684405053", "\"\""] {
        assert_eq!(
            found("type = \"datetime\"", value),
            std::slice::from_ref(&wrong)
        );
    }
}

#[test]
fn members_that_look_like_those_of_the_envelope_are_fields_like_others() {
    let checker = checker(
        "format = 1\nundeclared = \"refuse\"\n[fields.session]\ntype = \"integer\"\n[fields.payload]\ntype = \"object\"\n[actions.a]",
    );
    assert_eq!(
        checker.check(&entry("a", r#"{"session": 3, "payload": {"action": []}}"#)),
        []
    );
    let expected = FieldType::Integer;
    assert_eq!(
        checker.check(&entry("a", r#"{"session": "s-1", "action": "a"}"#)),
        [
            fault("/payload/session", F::WrongFieldType { expected }),
            fault("/payload/action", F::UndeclaredField)
        ]
    );
}

#[test]
fn every_misfit_of_an_entry_is_told_and_at_most_a_hundred() {
    let checker = checker(
        "format = 1\n[fields.list]\ntype = \"array\"\nitems.type = \"integer\"\n[fields.x]\ntype = \"string\"\nrequired = true\n[actions.a]",
    );
    let few = checker.check(&entry("a", r#"{"list": [1, "2", null, 4.5]}"#));
    let pointers: Vec<_> = few.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/payload/list/1",
            "/payload/list/2",
            "/payload/list/3",
            "/payload/x"
        ]
    );
    let many = format!("{{\"list\": [{}true]}}", "\"\",".repeat(5000));
    assert_eq!(checker.check(&entry("a", &many)).len(), 100);
}

#[test]
fn ten_thousand_fields_are_checked() {
    let fields: String = (0..10_000)
        .map(|n| format!("fields.f{n} = {{ type = \"integer\", required = true }}\n"))
        .collect();
    let checker = checker(&format!("format = 1\nactions.a = {{}}\n{fields}"));
    let payload = |skip: usize| {
        let members: Vec<_> = (0..10_000)
            .filter(|n| *n != skip)
            .map(|n| format!("\"f{n}\":{n}"))
            .collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(checker.check(&entry("a", &payload(10_000))), []);
    assert_eq!(
        checker.check(&entry("a", &payload(7_777))),
        [fault("/payload/f7777", F::MissingField)]
    );
}

#[test]
fn an_action_in_another_spelling_is_that_action() {
    let checker = checker("format = 1\n[actions.\"étoile\"]");
    assert_eq!(checker.check(&entry("e\u{301}toile", "{}")), []);
}

#[test]
fn an_entry_without_payload_fits_where_nothing_is_required() {
    let checker = checker(
        "format = 1\n[actions.a]\n[actions.b]\nfields.x = { type = \"string\", required = true }",
    );
    let bare = |action: &str| {
        let mut entry = entry(action, "{}");
        entry.payload = None;
        entry
    };
    assert_eq!(checker.check(&bare("a")), []);
    assert_eq!(
        checker.check(&bare("b")),
        [fault("/payload/x", F::MissingField)]
    );
}

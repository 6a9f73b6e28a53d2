use crate::codebook::tests::dice::{codebook, dice};
use crate::codebook::{Codebook, CodebookFormat, CodebookProblem, FieldType, Undeclared};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

const WAVES: &str = include_str!("../../../../../examples/waves/codebook.toml");

fn read(text: &str) -> Codebook {
    Codebook::read(text, CodebookFormat::Toml).unwrap()
}

#[test]
fn an_action_is_an_alternative_that_refers_to_its_groups() {
    let schema: Value = serde_json::from_str(&read(WAVES).write_json_schema()).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let fail = &schema["oneOf"][3];
    assert_eq!(fail["properties"]["action"], json!({ "const": "fail" }));
    assert_eq!(
        fail["properties"]["payload"]["allOf"],
        json!([{ "$ref": "#/$defs/fields" }, { "$ref": "#/$defs/group%20waves" }])
    );
    let closeness = &schema["$defs"]["group waves"]["properties"]["closeness"];
    assert_eq!(
        closeness["anyOf"],
        json!([{ "type": "number", "minimum": 0, "maximum": 999999 }, { "enum": [999999], "x-missing": true }])
    );
}

#[test]
fn what_was_written_is_read_as_the_same_codebook() {
    let waves = read(WAVES);
    let again = Codebook::read_json_schema(&waves.write_json_schema(), "-");
    assert_eq!(again.as_ref(), Ok(&waves));
}

#[test]
fn a_schema_of_another_tool_is_read() {
    let schema = r##"{
  "title": "A jump",
  "type": "object",
  "properties": {
    "height": {"$ref": "#/$defs/length"},
    "at": {"type": "string", "format": "date-time"},
    "who": {"type": ["string", "null"], "pattern": "^[a-z]+$"},
    "near": {"type": "string", "pattern": "wall"},
    "path": {"type": "array", "items": {"type": "integer"}, "maxItems": 5}
  },
  "required": ["height"],
  "additionalProperties": false,
  "$defs": {"length": {"type": "number", "minimum": 0, "description": "in metres"}}
}"##;
    let codebook = Codebook::read_json_schema(schema, "jump").unwrap();
    let action = codebook.action("jump").unwrap();
    assert_eq!(action.undeclared(), Some(Undeclared::Refuse));
    let fields = action.fields();
    assert!(fields[0].required());
    assert_eq!(fields[0].description().get("en"), Some("in metres"));
    assert_eq!(fields[1].kind(), FieldType::Datetime);
    assert_eq!(fields[2].pattern(), Some("[a-z]+"));
    assert_eq!(fields[3].pattern(), Some("(?s:.*)(?:wall)(?s:.*)"));
    assert_eq!(fields[4].max_length(), Some(5));
    assert_eq!(fields[4].items().unwrap().kind(), FieldType::Integer);
}

#[rstest]
#[case(
    r#"{"properties": {"a": {"type": "integer", "multipleOf": 5}}}"#,
    "multipleOf"
)]
#[case(r#"{"properties": {"a": {"type": ["integer", "string"]}}}"#, "type")]
#[case(
    r#"{"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "string"}]}}}"#,
    "anyOf"
)]
#[case(r#"{"properties": {}, "if": {}}"#, "if")]
#[case(
    r#"{"additionalProperties": {"type": "string"}}"#,
    "additionalProperties"
)]
fn a_rule_that_a_codebook_can_not_say_is_a_fault(#[case] schema: &str, #[case] rule: &str) {
    let faults = Codebook::read_json_schema(schema, "a").unwrap_err();
    let key = rule.to_owned();
    let unsupported = CodebookProblem::Unsupported { key };
    assert!(
        faults.iter().any(|fault| fault.problem == unsupported),
        "{faults:?}"
    );
}

#[rstest]
#[case(r##"{"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}"##)]
#[case(r##"{"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/a"}}}}}"##)]
#[case(r##"{"properties": {"a": {"$ref": "https://example.org/a"}}}"##)]
fn a_schema_that_refers_to_itself_or_away_is_refused(#[case] schema: &str) {
    assert!(Codebook::read_json_schema(schema, "a").is_err());
}

proptest! {
    #[test]
    fn every_codebook_but_for_its_roles_is_read_again(mut dice in dice()) {
        let mut codebook = codebook(&mut dice);
        codebook.roles = Default::default();
        let again = Codebook::read_json_schema(&codebook.write_json_schema(), "-").unwrap();
        for action in codebook.actions() {
            let other = again.action(action.name()).unwrap();
            let undeclared = |book: &Codebook, own: Option<Undeclared>| own.unwrap_or(book.undeclared());
            prop_assert_eq!(undeclared(&again, other.undeclared()), undeclared(&codebook, action.undeclared()));
            let fields = |book: &Codebook, action| format!("{:?}", book.fields_of(action).collect::<Vec<_>>());
            // Keeping others is what an object does that does not say so.
            let expected = fields(&codebook, action).replace("undeclared: Some(Keep)", "undeclared: None");
            prop_assert_eq!(fields(&again, other), expected);
        }
    }
}

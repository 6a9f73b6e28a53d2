use super::TableShape;
use crate::codebook::tests::dice::{codebook, dice};
use crate::codebook::{Codebook, CodebookFormat, FieldType, PrivacyClass};
use proptest::prelude::*;
use serde_json::{Value, json};

fn waves() -> Codebook {
    let text = include_str!("../../../../../examples/waves/codebook.toml");
    Codebook::read(text, CodebookFormat::Toml).unwrap()
}

#[test]
fn a_wide_table_has_a_column_for_each_name() {
    let schema: Value =
        serde_json::from_str(&waves().write_table_schema(TableShape::Wide)).unwrap();
    let fields = schema["fields"].as_array().unwrap();
    assert_eq!(fields.len(), waves().columns().len());
    assert_eq!(fields[0]["name"], "level");
    assert_eq!(
        fields[0]["constraints"],
        json!({ "required": true, "minimum": 0, "maximum": 34 })
    );
    // Not every action has it, so that a cell may be empty.
    assert_eq!(
        fields[1]["constraints"],
        json!({ "minimum": 0, "maximum": 30 })
    );
    assert_eq!(schema["missingValues"], json!([""]));
}

#[test]
fn a_package_has_a_table_for_each_action() {
    let package: Value =
        serde_json::from_str(&waves().write_table_schema(TableShape::PerAction)).unwrap();
    let resources = package["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 11);
    assert_eq!(resources[1]["name"], "complete");
    assert_eq!(resources[1]["path"], "complete.csv");
    let fields = resources[1]["schema"]["fields"].as_array().unwrap();
    assert_eq!(fields[1]["name"], "amplitude_left");
    assert_eq!(fields[7]["missingValues"], json!(["", "999999"]));
    assert_eq!(fields[7]["constraints"]["required"], true);
}

#[test]
fn a_package_reads_as_the_codebook_whose_groups_are_written_out() {
    let waves = waves();
    let again =
        Codebook::read_table_schema(&waves.write_table_schema(TableShape::PerAction), "-").unwrap();
    assert_eq!(again.title(), waves.title());
    assert_eq!(again.study(), waves.study());
    for action in waves.actions() {
        let fields: Vec<_> = waves.fields_of(action).cloned().collect();
        assert_eq!(again.action(action.name()).unwrap().fields(), fields);
    }
}

#[test]
fn a_schema_of_another_tool_is_read() {
    let schema = r#"{
  "fields": [
    {"name": "age", "type": "integer", "title": "Age", "privacy": "quasi-identifier", "constraints": {"minimum": 3, "maximum": 120, "unique": false}},
    {"name": "born", "type": "date", "format": "%d/%m/%Y"},
    {"name": "answer", "constraints": {"pattern": "[A-D]", "maxLength": 1}}
  ],
  "missingValues": ["", "-99"],
  "primaryKey": "age"
}"#;
    let codebook = Codebook::read_table_schema(schema, "survey").unwrap();
    let fields = codebook.action("survey").unwrap().fields();
    assert_eq!(fields[0].privacy(), Some(PrivacyClass::QuasiIdentifier));
    assert_eq!(fields[0].missing()[0].to_string(), "-99");
    assert_eq!(
        (fields[1].kind(), fields[2].kind()),
        (FieldType::String, FieldType::String)
    );
    assert_eq!(fields[2].pattern(), Some("[A-D]"));
}

#[test]
fn a_fault_has_its_place_in_the_schema() {
    let schema = "{\"fields\": [\n  {\"name\": \"a\", \"type\": \"integer\",\n   \"constraints\": {\"minimum\": 5, \"maximum\": 4}}]}";
    let faults = Codebook::read_table_schema(schema, "a").unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].line, faults[0].column), (3, 31));
    assert_eq!(faults[0].pointer, "/actions/a/fields/a/minimum");
    assert!(Codebook::read_table_schema("[1, {}]", "a").is_ok());
    assert!(Codebook::read_table_schema("{\"resources\": []}", "a").is_err());
}

proptest! {
    #[test]
    fn a_package_is_always_read_again(mut dice in dice()) {
        let codebook = codebook(&mut dice);
        let text = codebook.write_table_schema(TableShape::PerAction);
        let again = Codebook::read_table_schema(&text, "-");
        prop_assert!(again.is_ok(), "{:?}\n{}", again, text);
        let names = |codebook: &Codebook| -> Vec<Vec<(String, FieldType)>> {
            let of = |action| codebook.fields_of(action).map(|f| (f.name().to_owned(), f.kind())).collect();
            codebook.actions().iter().map(of).collect()
        };
        prop_assert_eq!(names(&again.unwrap()), names(&codebook));
        let wide = codebook.write_table_schema(TableShape::Wide);
        prop_assert!(Codebook::read_table_schema(&wide, "entry").is_ok(), "{}", wide);
    }
}

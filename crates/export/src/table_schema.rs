//! What the columns of a wide table hold, as Frictionless tools read it (Table Schema, <https://specs.frictionlessdata.io/table-schema/>).

use crate::wide::{Column, ENVELOPE, UNDECLARED, WideTable};
use serde_json::{Map, Value, json};
use sillage_domain::codebook::{Field, FieldType, Scalar, Texts};

/// The form of instants in every table.
const INSTANT: &str = "%Y-%m-%dT%H:%M:%S.%fZ";

impl WideTable {
    /// The Table Schema of the table. Titles and descriptions are in that language, where the codebook has it.
    ///
    /// Where fields of one name differ from action to action, the column holds what any of them may.
    #[must_use]
    pub fn schema(&self, language: &str) -> Value {
        let mut fields: Vec<Value> = ENVELOPE.iter().map(|name| envelope(name)).collect();
        fields.extend(
            self.columns()
                .map(|(name, column)| self::column(name, column, language)),
        );
        if self.has_undeclared() {
            fields.push(json!({ "name": UNDECLARED, "type": "object" }));
        }
        json!({ "fields": fields, "missingValues": [""], "primaryKey": "number" })
    }
}

fn envelope(name: &str) -> Value {
    let (kind, required) = match name {
        "number" => ("integer", true),
        "sequence" => ("integer", false),
        "timestamp" | "received_at" => ("datetime", true),
        "sent_at" => ("datetime", false),
        "id" => {
            return json!({ "name": name, "type": "string", "format": "uuid", "constraints": { "required": true } });
        }
        "session" => ("string", false),
        _ => ("string", true),
    };
    let mut field = json!({ "name": name, "type": kind });
    if kind == "datetime" {
        field["format"] = INSTANT.into();
    }
    if required {
        field["constraints"] = json!({ "required": true });
    }
    field
}

fn column(name: &str, column: &Column, language: &str) -> Value {
    let mut told = Map::new();
    told.insert("name".to_owned(), name.into());
    told.insert("type".to_owned(), type_of(column).into());
    if type_of(column) == "datetime" {
        told.insert("format".to_owned(), INSTANT.into());
    }
    let first = |of: fn(&Field) -> &Texts| {
        let mut texts = column
            .fields
            .iter()
            .filter_map(|field| of(field).get(language));
        texts.next().map(str::to_owned)
    };
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            told.insert(key.to_owned(), value);
        }
    };
    put("title", first(Field::label).map(Value::from));
    put("description", first(Field::description).map(Value::from));
    if let [field] = column.fields.as_slice() {
        put("unit", field.unit().map(Value::from));
        put(
            "privacy",
            field.privacy().map(|class| class.as_str().into()),
        );
        put("constraints", constraints(field, column.of_all));
    }
    Value::Object(told)
}

/// The type that holds what every field of the column may hold.
fn type_of(column: &Column) -> &'static str {
    let mut kinds = column.fields.iter().map(Field::kind);
    let Some(first) = kinds.next() else {
        return "any";
    };
    let number = |kind| matches!(kind, FieldType::Integer | FieldType::Number);
    if kinds.clone().all(|kind| kind == first) {
        first.as_str()
    } else if number(first) && kinds.all(number) {
        "number"
    } else {
        "any"
    }
}

fn constraints(field: &Field, of_all: bool) -> Option<Value> {
    let mut rules = Map::new();
    // A code for a missing value is an empty cell.
    if of_all && field.required() && field.missing().is_empty() {
        rules.insert("required".to_owned(), true.into());
    }
    let bound = |value: Option<&Scalar>| value.map(scalar);
    let is_list = matches!(field.kind(), FieldType::Array | FieldType::Object);
    if !is_list {
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                rules.insert(key.to_owned(), value);
            }
        };
        put("minimum", bound(field.minimum()));
        put("maximum", bound(field.maximum()));
        put("minLength", field.min_length().map(Value::from));
        put("maxLength", field.max_length().map(Value::from));
        let values: Vec<_> = field.enumeration().iter().map(scalar).collect();
        put("enum", (!values.is_empty()).then_some(values.into()));
    }
    (!rules.is_empty()).then_some(Value::Object(rules))
}

/// A value of the codebook as JSON; of a number that JSON's readers do not hold, its text.
fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Number(number) => {
            serde_json::from_str(number.as_str()).unwrap_or_else(|_| number.as_str().into())
        }
        other => other.to_string().into(),
    }
}

//! The description that the server gives of itself (OpenAPI 3.1), as a source of requests.

use crate::dice::Dice;
use crate::mutate;
use serde_json::{Map, Value, json};

/// How deep a value is made; what recurs ends there.
const MOST_DEPTH: usize = 6;

/// Everything that can be asked for.
pub(crate) struct Description {
    document: Value,
    pub(crate) operations: Vec<Operation>,
}

/// A method on a path.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Name, place and schema of each parameter.
    pub(crate) parameters: Vec<(String, String, Value)>,
    /// Media type and schema of each body that is taken.
    pub(crate) bodies: Vec<(String, Value)>,
}

impl Description {
    pub(crate) fn new(document: Value) -> Self {
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let several = |value: &Value| value.as_array().cloned().unwrap_or_default();
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let parameters = [
                    several(&item["parameters"]),
                    several(&operation["parameters"]),
                ]
                .concat();
                let bodies = operation["requestBody"]["content"].as_object().cloned();
                if operation.is_object() && method != "parameters" {
                    operations.push(Operation {
                        method: method.to_uppercase(),
                        path: path.clone(),
                        parameters: parameters
                            .iter()
                            .map(|one| {
                                (text(&one["name"]), text(&one["in"]), one["schema"].clone())
                            })
                            .collect(),
                        bodies: bodies
                            .unwrap_or_default()
                            .into_iter()
                            .map(|(kind, body)| (kind, body["schema"].clone()))
                            .collect(),
                    });
                }
            }
        }
        Self {
            document,
            operations,
        }
    }

    /// A value that fits a schema, most of the time.
    pub(crate) fn value(&self, dice: &mut Dice, schema: &Value, depth: usize) -> Value {
        if depth > MOST_DEPTH {
            return Value::Null;
        }
        if let Some(place) = schema["$ref"].as_str() {
            let found = self.document.pointer(place.trim_start_matches('#'));
            return self.value(dice, found.unwrap_or(&Value::Null), depth + 1);
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[choice]
                .as_array()
                .filter(|choices| !choices.is_empty())
            {
                let chosen = &choices[dice.below(choices.len())];
                return self.value(dice, chosen, depth + 1);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(members) = self.value(dice, part, depth + 1) {
                    whole.extend(members);
                }
            }
            return Value::Object(whole);
        }
        if let Some(values) = schema["enum"]
            .as_array()
            .filter(|values| !values.is_empty())
        {
            return values[dice.below(values.len())].clone();
        }
        if let Some(examples) = schema["examples"]
            .as_array()
            .filter(|examples| !examples.is_empty())
        {
            return examples[dice.below(examples.len())].clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) if !kinds.is_empty() => kinds[dice.below(kinds.len())].clone(),
            kind => kind.clone(),
        };
        match kind.as_str() {
            Some("object") => self.object(dice, schema, depth),
            Some("array") => {
                let count = dice.below(4);
                (0..count)
                    .map(|_| self.value(dice, &schema["items"], depth + 1))
                    .collect()
            }
            Some("integer") => json!([0, 1, 2, 7, 30, 1000, -1, i64::MAX][dice.below(8)]),
            Some("number") => json!([0.0, 1.5, -2.0, 1e300][dice.below(4)]),
            Some("boolean") => json!(dice.below(2) == 0),
            Some("string") => json!(string(dice, schema["format"].as_str())),
            _ => mutate::odd(dice),
        }
    }

    fn object(&self, dice: &mut Dice, schema: &Value, depth: usize) -> Value {
        let mut members = Map::new();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.iter().any(|required| required == name);
            if is_required || dice.below(2) == 0 {
                members.insert(name.clone(), self.value(dice, member, depth + 1));
            }
        }
        Value::Object(members)
    }
}

fn string(dice: &mut Dice, format: Option<&str>) -> String {
    match format {
        Some("date-time") => "2024-05-18T10:17:33.109Z".to_owned(),
        Some("date") => "2024-05-18".to_owned(),
        Some("uuid") => uuid::Uuid::from_u128(u128::from(dice.next())).to_string(),
        Some("email") => "ada@example.org".to_owned(),
        Some("uri") => "https://example.org/a".to_owned(),
        _ => ["a", "castle", "pupil-01", "x-y", "correct horse battery"][dice.below(5)].to_owned(),
    }
}

//! What the columns of a wide table hold, as Frictionless tools read it (Table Schema, <https://specs.frictionlessdata.io/table-schema/>).

use crate::long::DISPUTED;
use crate::wide::{ENVELOPE, UNDECLARED, WideTable};
use serde_json::{Value, json};
use sillage_domain::codebook::INSTANT;

impl WideTable {
    /// The Table Schema of the table. Titles and descriptions are in that language, where the codebook has it.
    ///
    /// Where fields of one name differ from action to action, the column holds what any of them may.
    #[must_use]
    pub fn schema(&self, language: &str) -> Value {
        let mut fields: Vec<Value> = ENVELOPE.iter().map(|name| envelope(name)).collect();
        fields.extend(self.columns().map(|(name, column)| {
            // It is a JSON text; numbers keep their digits.
            serde_json::from_str(&column.in_clean_table(name, language)).unwrap_or_default()
        }));
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
        DISPUTED => ("boolean", true),
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

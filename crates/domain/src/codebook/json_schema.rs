//! JSON Schema, 2020-12 (<https://json-schema.org/draft/2020-12>).

mod read;
#[cfg(test)]
mod tests;

pub(crate) use read::read;

use super::document::{Made, Node, Value, write_json};
use super::table_schema::put_texts;
use super::write::scalar;
use super::{Action, Codebook, Field, FieldType, Undeclared};

/// The keys under which labels and descriptions stand: the standard's for one language, ours for all.
const LABELS: [&str; 2] = ["title", "x-labels"];
const DESCRIPTIONS: [&str; 2] = ["description", "x-descriptions"];

pub(crate) fn write(codebook: &Codebook) -> String {
    let mut schema = Made::default();
    schema.put_text(
        "$schema",
        Some("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.put_text("x-study", codebook.study.as_ref().map(|slug| slug.as_str()));
    schema.put_text("x-version", codebook.version());
    put_texts(&mut schema, LABELS, &codebook.title);
    put_texts(&mut schema, DESCRIPTIONS, &codebook.description);
    schema.put_text("type", Some("object"));
    let names = codebook
        .actions
        .iter()
        .map(|action| Node::text(action.name()));
    let mut properties = Made::default();
    let mut action = Made::default();
    action.put("enum", Value::List(names.collect()));
    properties.put("action", action);
    schema.put("properties", properties);
    schema.put("required", Value::List(vec![Node::text("action")]));
    let alternatives = codebook
        .actions
        .iter()
        .map(|action| alternative(codebook, action).into());
    schema.put("oneOf", Value::List(alternatives.collect()));
    let mut shared = Made::default();
    if !codebook.fields.is_empty() {
        shared.put("fields", object(&codebook.fields));
    }
    for group in &codebook.groups {
        shared.put(format!("group {}", group.name), object(&group.fields));
    }
    schema.put_table("$defs", shared);
    write_json(&schema.into())
}

/// What holds for the entries of an action.
fn alternative<'c>(codebook: &'c Codebook, action: &'c Action) -> Made<'c> {
    let mut made = Made::default();
    put_texts(&mut made, LABELS, &action.label);
    put_texts(&mut made, DESCRIPTIONS, &action.description);
    let mut name = Made::default();
    name.put_text("const", Some(action.name()));
    let mut payload = object(&action.fields);
    let common = (!codebook.fields.is_empty()).then(|| "#/$defs/fields".to_owned());
    let groups = action
        .groups
        .iter()
        .map(|group| format!("#/$defs/{}", reference(&format!("group {group}"))));
    let shared = common.into_iter().chain(groups).map(|target| {
        let mut shared = Made::default();
        shared.put_text("$ref", Some(target));
        shared.into()
    });
    payload.put_list("allOf", shared.collect());
    if action.undeclared.unwrap_or(codebook.undeclared) == Undeclared::Refuse {
        payload.put("unevaluatedProperties", Value::Boolean(false));
    }
    let requires_payload = codebook.fields_of(action).any(|field| field.required);
    let mut properties = Made::default();
    properties.put("action", name);
    properties.put("payload", payload);
    made.put("properties", properties);
    if requires_payload {
        made.put("required", Value::List(vec![Node::text("payload")]));
    }
    made
}

/// A name in a reference: a token of a JSON pointer in the fragment of a URI (RFC 6901 section 6).
fn reference(name: &str) -> String {
    let token = crate::fault::escape(name);
    let mut out = String::with_capacity(token.len());
    for byte in token.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn object(fields: &[Field]) -> Made<'_> {
    let mut made = Made::default();
    made.put_text("type", Some("object"));
    let mut properties = Made::default();
    for field in fields {
        properties.put(field.name(), self::field(field, field.required));
    }
    made.put_table("properties", properties);
    let required = fields.iter().filter(|field| field.required);
    made.put_list(
        "required",
        required.map(|field| Node::text(field.name())).collect(),
    );
    made
}

fn field(field: &Field, required: bool) -> Made<'_> {
    let mut made = Made::default();
    put_texts(&mut made, LABELS, &field.label);
    put_texts(&mut made, DESCRIPTIONS, &field.description);
    made.put_text("x-unit", field.unit());
    made.put_text("x-privacy", field.privacy.map(|class| class.as_str()));
    let mut alternatives: Vec<Node<'_>> = Vec::new();
    if !field.missing.is_empty() {
        let mut codes = Made::default();
        codes.put(
            "enum",
            Value::List(field.missing.iter().map(scalar).collect()),
        );
        codes.put("x-missing", Value::Boolean(true));
        alternatives.push(codes.into());
    }
    // A member that is null is as good as absent.
    if !required {
        let mut null = Made::default();
        null.put_text("type", Some("null"));
        alternatives.push(null.into());
    }
    if alternatives.is_empty() {
        rules(field, &mut made);
    } else {
        let mut own = Made::default();
        rules(field, &mut own);
        alternatives.insert(0, own.into());
        made.put("anyOf", Value::List(alternatives));
    }
    made
}

fn rules<'f>(field: &'f Field, made: &mut Made<'f>) {
    let written = match field.kind {
        FieldType::Datetime => "string",
        other => other.as_str(),
    };
    if field.kind == FieldType::Object {
        let Value::Table(members) = Node::from(object(&field.fields)).value else {
            return;
        };
        for (key, value) in members {
            made.put(key.name, value);
        }
        if field.undeclared == Some(Undeclared::Refuse) {
            made.put("additionalProperties", Value::Boolean(false));
        }
        return;
    }
    made.put_text("type", Some(written));
    let is_time = field.kind == FieldType::Datetime;
    if is_time {
        made.put_text("format", Some("date-time"));
    }
    made.put_list("enum", field.enumeration.iter().map(scalar).collect());
    let bounds = match is_time {
        true => ["formatMinimum", "formatMaximum"],
        false => ["minimum", "maximum"],
    };
    for (key, bound) in bounds.into_iter().zip([&field.minimum, &field.maximum]) {
        if let Some(bound) = bound {
            made.put(key, scalar(bound));
        }
    }
    let lengths = match field.kind {
        FieldType::Array => ["minItems", "maxItems"],
        _ => ["minLength", "maxLength"],
    };
    made.put_number(lengths[0], field.min_length);
    made.put_number(lengths[1], field.max_length);
    made.put_text(
        "pattern",
        field.pattern().map(|pattern| format!("^(?:{pattern})$")),
    );
    if let Some(items) = &field.items {
        made.put("items", self::field(items, true));
    }
}

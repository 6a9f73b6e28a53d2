//! From Table Schema to a codebook.

use crate::codebook::document::{Made, Node, Value};
use crate::codebook::read::{document, from_document};
use crate::codebook::{Codebook, CodebookFault, CodebookFormat, Number};
use std::borrow::Cow;

pub(crate) fn read(text: &str, action: &str) -> Result<Codebook, Vec<CodebookFault>> {
    let schema = document(text, CodebookFormat::Json)?;
    let mut made = Made::default();
    made.put("format", Value::Number(Number::from(1)));
    let mut actions = Made::default();
    if let Some(resources) = schema.get("resources") {
        // A package is called by the study's slug, or `codebook` where it was written without one.
        let name = schema.get("name").filter(|name| !is_text(name, "codebook"));
        copy(&mut made, "study", name);
        copy(&mut made, "version", schema.get("version"));
        copy(
            &mut made,
            "title",
            schema.get("titles").or(schema.get("title")),
        );
        copy(
            &mut made,
            "description",
            schema.get("descriptions").or(schema.get("description")),
        );
        for resource in items(resources) {
            let name = resource.get("action").or(resource.get("name"));
            let mut action = Made::default();
            copy(
                &mut action,
                "label",
                resource.get("titles").or(resource.get("title")),
            );
            copy(
                &mut action,
                "description",
                resource.get("descriptions").or(resource.get("description")),
            );
            if let Some(schema) = resource.get("schema") {
                action.put("fields", fields(schema));
            }
            let at = name.map_or(resource.at, |name| name.at);
            let name = name.and_then(text_of).unwrap_or_default().to_owned();
            actions.put_at(at, name, action.at(resource.at));
        }
    } else {
        let mut only = Made::default();
        only.put("fields", fields(&schema));
        actions.put(action.to_owned(), only);
    }
    made.put("actions", actions);
    from_document(&made.into(), text, Vec::new())
}

fn fields<'a>(schema: &Node<'a>) -> Node<'a> {
    let mut fields = Made::default();
    let missing = schema.get("missingValues");
    for item in schema.get("fields").map(items).unwrap_or_default() {
        let name = item.get("name");
        let at = name.map_or(item.at, |name| name.at);
        let name = name.and_then(text_of).unwrap_or_default().to_owned();
        fields.put_at(at, name, field(item, missing).at(item.at));
    }
    fields.at(schema.at)
}

fn field<'a>(field: &Node<'a>, of_all: Option<&Node<'a>>) -> Made<'a> {
    let mut made = Made::default();
    // A field without a type is a string (Table Schema, "Field Descriptors").
    let (at, written) = match field.get("type") {
        Some(node) => (node.at, text_of(node).unwrap_or_default()),
        None => (field.at, "string"),
    };
    let kind = match written {
        "date" | "time" | "yearmonth" | "duration" | "geopoint" | "any" => "string",
        "year" => "integer",
        "geojson" => "object",
        other => other,
    };
    let value = Value::Text(kind.to_owned().into());
    made.put_at(at, "type", Node { at, value });
    let rules = field.get("constraints");
    let rule = |key: &str| rules.and_then(|rules| rules.get(key));
    copy(&mut made, "required", rule("required"));
    for key in ["enum", "minimum", "maximum", "pattern"] {
        // Constraints of a type that became another are not those of the other.
        let kept = rule(key).filter(|_| written == kind);
        copy(&mut made, key, kept);
    }
    copy(&mut made, "min_length", rule("minLength"));
    copy(&mut made, "max_length", rule("maxLength"));
    for key in ["unit", "privacy"] {
        copy(&mut made, key, field.get(key));
    }
    copy(
        &mut made,
        "label",
        field.get("labels").or(field.get("title")),
    );
    copy(
        &mut made,
        "description",
        field.get("descriptions").or(field.get("description")),
    );
    let numeric = matches!(kind, "integer" | "number");
    let codes = field
        .get("missingValues")
        .or(of_all)
        .map(items)
        .unwrap_or_default();
    let codes = codes.iter().filter(|code| !is_text(code, ""));
    let codes = codes.map(|code| match text_of(code).and_then(Number::parse) {
        Some(number) if numeric => Node {
            at: code.at,
            value: Value::Number(number),
        },
        _ => code.clone(),
    });
    made.put_list("missing", codes.collect());
    made
}

fn copy<'a>(made: &mut Made<'a>, key: &'static str, node: Option<&Node<'a>>) {
    if let Some(node) = node {
        made.put_at(node.at, Cow::Borrowed(key), node.clone());
    }
}

pub(in crate::codebook) fn items<'n, 'a>(node: &'n Node<'a>) -> &'n [Node<'a>] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}

pub(in crate::codebook) fn text_of<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn is_text(node: &Node<'_>, wanted: &str) -> bool {
    text_of(node) == Some(wanted)
}

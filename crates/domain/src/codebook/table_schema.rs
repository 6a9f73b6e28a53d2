//! Table Schema of Frictionless, version 1 (<https://specs.frictionlessdata.io/table-schema/>).

pub(super) mod read;
#[cfg(test)]
mod tests;

pub(crate) use read::read;

use super::document::{Made, Node, Value, write_json};
use super::write::scalar;
use super::{Codebook, Field, FieldType, Texts};
use std::collections::HashMap;

/// Which tables a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableShape {
    /// One table of all entries, with a column for each name of a field.
    Wide,
    /// A table for each action.
    PerAction,
}

pub(crate) fn write(codebook: &Codebook, shape: TableShape) -> String {
    let node: Node<'_> = match shape {
        TableShape::Wide => schema(columns(codebook).iter()).into(),
        TableShape::PerAction => package(codebook).into(),
    };
    write_json(&node)
}

fn package(codebook: &Codebook) -> Made<'_> {
    let mut package = Made::default();
    let name = codebook
        .study
        .as_ref()
        .map_or("codebook", |slug| slug.as_str());
    package.put_text("profile", Some("tabular-data-package"));
    package.put_text("name", Some(name));
    package.put_text("version", codebook.version());
    put_texts(&mut package, ["title", "titles"], &codebook.title);
    put_texts(
        &mut package,
        ["description", "descriptions"],
        &codebook.description,
    );
    let resources = codebook.actions.iter().enumerate().map(|(n, action)| {
        let mut resource = Made::default();
        // A name of a resource is a slug; an action may be called anything.
        resource.put_text("name", Some(slug(n, &action.name)));
        resource.put_text("path", Some(format!("{}.csv", slug(n, &action.name))));
        resource.put_text("profile", Some("tabular-data-resource"));
        resource.put_text("action", Some(&*action.name));
        put_texts(&mut resource, ["title", "titles"], &action.label);
        put_texts(
            &mut resource,
            ["description", "descriptions"],
            &action.description,
        );
        resource.put("schema", schema(codebook.fields_of(action)));
        resource.into()
    });
    package.put("resources", Value::List(resources.collect()));
    package
}

fn slug(n: usize, action: &str) -> String {
    let fits =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    if action.chars().all(fits) {
        action.to_owned()
    } else {
        format!("action-{}", n + 1)
    }
}

/// A field for each name, which fits the values of all fields of that name.
fn columns(codebook: &Codebook) -> Vec<Field> {
    let mut columns: Vec<Field> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for field in codebook.all_fields() {
        match places.get(field.name()) {
            Some(&place) => widen(&mut columns[place], field),
            None => {
                places.insert(field.name(), columns.len());
                columns.push(field.clone());
            }
        }
    }
    let everywhere = codebook.fields.len();
    for column in columns.iter_mut().skip(everywhere) {
        column.required = false;
    }
    columns
}

fn widen(column: &mut Field, field: &Field) {
    let numeric = |kind| matches!(kind, FieldType::Integer | FieldType::Number);
    if column.kind != field.kind {
        column.kind = match numeric(column.kind) && numeric(field.kind) {
            true => FieldType::Number,
            false => FieldType::String,
        };
        column.pattern = None;
        (column.min_length, column.max_length) = (None, None);
    }
    let keep = |same: bool| same && column.kind == field.kind;
    if !keep(column.enumeration == field.enumeration) {
        column.enumeration.clear();
    }
    if !keep(column.minimum == field.minimum && column.maximum == field.maximum) {
        (column.minimum, column.maximum) = (None, None);
    }
    if column.pattern != field.pattern {
        column.pattern = None;
    }
    if (column.min_length, column.max_length) != (field.min_length, field.max_length) {
        (column.min_length, column.max_length) = (None, None);
    }
    let more = field
        .missing
        .iter()
        .filter(|code| !column.missing.contains(code));
    let more: Vec<_> = more.cloned().collect();
    column.missing.extend(more);
    if column.privacy != field.privacy {
        column.privacy = None;
    }
    if column.unit != field.unit {
        column.unit = None;
    }
}

fn schema<'f>(fields: impl Iterator<Item = &'f Field>) -> Made<'static> {
    let mut schema = Made::default();
    schema.put(
        "fields",
        Value::List(
            fields
                .map(|field| owned(self::field(field).into()))
                .collect(),
        ),
    );
    // An empty cell is a member that is not there.
    schema.put("missingValues", Value::List(vec![Node::text("")]));
    schema
}

fn field(field: &Field) -> Made<'_> {
    let mut made = Made::default();
    made.put_text("name", Some(field.name()));
    made.put_text("type", Some(field.kind.as_str()));
    put_texts(&mut made, ["title", "labels"], &field.label);
    put_texts(
        &mut made,
        ["description", "descriptions"],
        &field.description,
    );
    made.put_text("unit", field.unit());
    made.put_text("privacy", field.privacy.map(|class| class.as_str()));
    let codes = field
        .missing
        .iter()
        .map(|code| Node::text(code.to_string()));
    made.put_list("missingValues", codes.collect());
    let mut rules = Made::default();
    if field.required {
        rules.put("required", Value::Boolean(true));
    }
    rules.put_list("enum", field.enumeration.iter().map(scalar).collect());
    for (key, bound) in [("minimum", &field.minimum), ("maximum", &field.maximum)] {
        if let Some(bound) = bound {
            rules.put(key, scalar(bound));
        }
    }
    rules.put_number("minLength", field.min_length);
    rules.put_number("maxLength", field.max_length);
    rules.put_text("pattern", field.pattern());
    made.put_table("constraints", rules);
    made
}

/// One text under the standard's key, and all of them by language, where there are several, under one of our own.
pub(super) fn put_texts<'a>(made: &mut Made<'a>, [one, all]: [&'static str; 2], texts: &'a Texts) {
    made.put_text(one, texts.get("en"));
    if !matches!(&*texts.0, [] | [_]) || texts.iter().any(|(tag, _)| tag != Texts::UNDETERMINED) {
        let mut by_language = Made::default();
        for (tag, text) in texts.iter() {
            by_language.put(tag, Node::text(text));
        }
        made.put(all, by_language);
    }
}

/// The same without what it borrows.
fn owned(node: Node<'_>) -> Node<'static> {
    let value = match node.value {
        Value::Text(text) => Value::Text(text.into_owned().into()),
        Value::Number(number) => Value::Number(number),
        Value::NotFinite => Value::NotFinite,
        Value::Boolean(value) => Value::Boolean(value),
        Value::Time(text) => Value::Time(text),
        Value::Null => Value::Null,
        Value::List(items) => Value::List(items.into_iter().map(owned).collect()),
        Value::Table(members) => {
            let mut made = Made::default();
            for (key, value) in members {
                made.put_at(key.at, key.name.into_owned(), owned(value));
            }
            return made.at(node.at);
        }
    };
    Node { at: node.at, value }
}

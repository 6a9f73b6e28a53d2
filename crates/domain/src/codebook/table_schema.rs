//! Table Schema of Frictionless, version 1 (<https://specs.frictionlessdata.io/table-schema/>).

mod column;
pub(super) mod read;
#[cfg(test)]
mod tests;

pub use column::{Column, INSTANT};
pub(crate) use read::read;

use super::document::{Made, Node, Value, write_json};
use super::{Codebook, Texts};
use column::columns;

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
        TableShape::Wide => schema(columns(codebook).into_iter()).into(),
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
        let columns = codebook.fields_of(action).map(Column::of);
        resource.put("schema", schema(columns));
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

fn schema(columns: impl Iterator<Item = Column>) -> Made<'static> {
    let mut schema = Made::default();
    let fields = columns.map(|column| owned(column.as_sent().into()));
    schema.put("fields", Value::List(fields.collect()));
    // An empty cell is a member that is not there.
    schema.put("missingValues", Value::List(vec![Node::text("")]));
    schema
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

//! From JSON Schema to a codebook.

mod field;

use super::{DESCRIPTIONS, LABELS, reference};
use crate::codebook::document::{Made, Node, Value};
use crate::codebook::read::{Found, document, from_document};
use crate::codebook::table_schema::read::{items, text_of};
use crate::codebook::{Codebook, CodebookFault, CodebookFormat, CodebookProblem, Number};

/// How many references are followed, one after the other.
const MAX_REFERENCES: usize = 16;
/// What says nothing about which values fit.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "$anchor",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "x-labels",
    "x-descriptions",
    "x-unit",
    "x-privacy",
    "x-study",
    "x-version",
    "x-missing",
];

pub(crate) fn read(text: &str, action: &str) -> Result<Codebook, Vec<CodebookFault>> {
    let schema = document(text, CodebookFormat::Json)?;
    let mut reader = Reader {
        root: &schema,
        found: Vec::new(),
    };
    let mut made = Made::default();
    made.put("format", Value::Number(Number::from(1)));
    let mut actions = Made::default();
    let alternatives = schema.get("oneOf").map(items).unwrap_or_default();
    if alternatives.iter().any(|one| action_of(one).is_some()) {
        put(&mut made, "study", schema.get("x-study"));
        put(&mut made, "version", schema.get("x-version"));
        put_texts(&mut made, "title", &schema, LABELS);
        put_texts(&mut made, "description", &schema, DESCRIPTIONS);
        reader.shared(&mut made);
        for one in alternatives {
            match action_of(one) {
                Some((at, name)) => actions.put_at(at, name.to_owned(), reader.action(one)),
                None => reader.unsupported(one.at, "oneOf"),
            }
        }
    } else {
        put_texts(&mut made, "title", &schema, LABELS);
        put_texts(&mut made, "description", &schema, DESCRIPTIONS);
        let mut only = Made::default();
        reader.object(&schema, &mut only, "", &[]);
        actions.put(action.to_owned(), only);
    }
    made.put("actions", actions);
    from_document(&made.into(), text, reader.found)
}

/// The action whose entries a schema is about.
fn action_of<'n>(schema: &'n Node<'_>) -> Option<(usize, &'n str)> {
    let name = schema.get("properties")?.get("action")?.get("const")?;
    text_of(name).map(|text| (name.at, text))
}

fn put<'a>(made: &mut Made<'a>, key: &'static str, node: Option<&Node<'a>>) {
    if let Some(node) = node {
        made.put_at(node.at, key, node.clone());
    }
}

fn put_texts<'a>(made: &mut Made<'a>, key: &'static str, from: &Node<'a>, [one, all]: [&str; 2]) {
    put(made, key, from.get(all).or(from.get(one)));
}

struct Reader<'n, 'a> {
    root: &'n Node<'a>,
    found: Vec<Found>,
}

impl<'n, 'a> Reader<'n, 'a> {
    fn unsupported(&mut self, at: usize, key: &str) {
        let key = key.to_owned();
        self.found
            .push((at, String::new(), CodebookProblem::Unsupported { key }));
    }

    /// Tells every key that is neither known here nor an annotation.
    fn only(&mut self, schema: &Node<'_>, known: &[&str]) {
        let Value::Table(members) = &schema.value else {
            return;
        };
        for (key, _) in members {
            let name: &str = &key.name;
            if !known.contains(&name) && !ANNOTATIONS.contains(&name) {
                self.unsupported(key.at, name);
            }
        }
    }

    /// What is written, or what it refers to.
    fn resolve(&mut self, schema: &'n Node<'a>) -> &'n Node<'a> {
        let mut schema = schema;
        for _ in 0..MAX_REFERENCES {
            let Some(target) = schema.get("$ref") else {
                return schema;
            };
            let wanted = text_of(target).and_then(|text| text.strip_prefix("#/$defs/"));
            let definitions = self.root.get("$defs").map(|node| &node.value);
            let found = match (wanted, definitions) {
                (Some(wanted), Some(Value::Table(members))) => members
                    .iter()
                    .find(|(key, _)| reference(&key.name) == wanted),
                _ => None,
            };
            match found {
                Some((_, node)) => schema = node,
                None => break,
            }
        }
        let at = schema.get("$ref").map_or(schema.at, |target| target.at);
        self.unsupported(at, "$ref");
        schema
    }

    /// Fields common to all, and groups.
    fn shared(&mut self, made: &mut Made<'a>) {
        let mut groups = Made::default();
        if let Some(Node {
            value: Value::Table(members),
            ..
        }) = self.root.get("$defs")
        {
            for (key, schema) in members {
                let mut inner = Made::default();
                if &*key.name == "fields" {
                    self.object(schema, &mut inner, "", &[]);
                    let fields = Node::from(inner).get("fields").cloned();
                    put(made, "fields", fields.as_ref());
                } else if let Some(group) = key.name.strip_prefix("group ") {
                    self.object(schema, &mut inner, "", &[]);
                    let fields = Node::from(inner).get("fields").cloned();
                    let empty = || Made::default().at(key.at);
                    groups.put_at(key.at, group.to_owned(), fields.unwrap_or_else(empty));
                }
            }
        }
        made.put_table("groups", groups);
    }

    fn action(&mut self, schema: &'n Node<'a>) -> Node<'a> {
        let mut made = Made::default();
        put_texts(&mut made, "label", schema, LABELS);
        put_texts(&mut made, "description", schema, DESCRIPTIONS);
        if let Some(payload) = schema.get("properties").and_then(|all| all.get("payload")) {
            let mut groups = Vec::new();
            for shared in payload.get("allOf").map(items).unwrap_or_default() {
                let target = shared.get("$ref").and_then(text_of).unwrap_or_default();
                let named = target
                    .strip_prefix("#/$defs/")
                    .and_then(|name| self.group(name));
                match named {
                    Some(name) => groups.push(Node {
                        at: shared.at,
                        value: Value::Text(name.into()),
                    }),
                    None if target == "#/$defs/fields" => {}
                    None => self.unsupported(shared.at, "allOf"),
                }
            }
            made.put_list("groups", groups);
            self.object(payload, &mut made, "", &["allOf"]);
        }
        made.at(schema.at)
    }

    fn group(&self, token: &str) -> Option<String> {
        let Value::Table(members) = &self.root.get("$defs")?.value else {
            return None;
        };
        let found = members
            .iter()
            .find(|(key, _)| reference(&key.name) == token);
        let name = found?.0.name.strip_prefix("group ")?;
        Some(name.to_owned())
    }
}

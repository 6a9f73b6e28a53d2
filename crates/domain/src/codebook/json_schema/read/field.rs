//! The properties of an object as fields.

use super::super::{DESCRIPTIONS, LABELS};
use super::{Reader, put, put_texts};
use crate::codebook::document::{Made, Node, Value};
use crate::codebook::table_schema::read::{items, text_of};
use crate::codebook::{Codebook, nfc};
use std::collections::HashSet;

impl<'n, 'a> Reader<'n, 'a> {
    /// The properties of an object as fields, and whether it takes others.
    pub(super) fn object(
        &mut self,
        schema: &'n Node<'a>,
        made: &mut Made<'a>,
        path: &str,
        known: &[&str],
    ) {
        let mut all = vec![
            "type",
            "properties",
            "required",
            "additionalProperties",
            "unevaluatedProperties",
        ];
        all.extend(known);
        self.only(schema, &all);
        let required: HashSet<_> = schema
            .get("required")
            .map(items)
            .unwrap_or_default()
            .iter()
            .filter_map(text_of)
            .map(nfc)
            .collect();
        let mut fields = Made::default();
        if let Some(Node {
            value: Value::Table(members),
            ..
        }) = schema.get("properties")
        {
            for (key, property) in members {
                let is_required = required.contains(&nfc(&key.name));
                let depth = path.len() + 1;
                let field = self.field(property, is_required, depth);
                fields.put_at(key.at, key.name.clone(), field);
            }
        }
        made.put_table("fields", fields);
        for key in ["additionalProperties", "unevaluatedProperties"] {
            match schema.get(key) {
                Some(Node {
                    value: Value::Boolean(false),
                    at,
                }) => {
                    let value = Value::Text("refuse".into());
                    made.put_at(*at, "undeclared", Node { at: *at, value });
                }
                None
                | Some(Node {
                    value: Value::Boolean(true),
                    ..
                }) => {}
                Some(other) => self.unsupported(other.at, key),
            }
        }
    }

    fn field(&mut self, property: &'n Node<'a>, required: bool, depth: usize) -> Node<'a> {
        let mut made = Made::default();
        // A schema that refers to itself would go on for ever; the reader of codebooks tells how deep it may be.
        if depth > Codebook::MAX_DEPTH + 1 {
            return made.at(property.at);
        }
        let schema = self.resolve(property);
        put(&mut made, "unit", schema.get("x-unit"));
        put(&mut made, "privacy", schema.get("x-privacy"));
        put_texts(&mut made, "label", schema, LABELS);
        put_texts(&mut made, "description", schema, DESCRIPTIONS);
        if required {
            made.put("required", Value::Boolean(true));
        }
        let mut rules = schema;
        for one in schema.get("anyOf").map(items).unwrap_or_default() {
            if let Some(codes) = one.get("enum").filter(|_| one.get("x-missing").is_some()) {
                put(&mut made, "missing", Some(codes));
            } else if one
                .get("type")
                .is_none_or(|kind| text_of(kind) != Some("null"))
            {
                if !std::ptr::eq(rules, schema) {
                    self.unsupported(one.at, "anyOf");
                }
                rules = one;
            }
        }
        self.rules(rules, &mut made, depth);
        made.at(property.at)
    }

    fn rules(&mut self, schema: &'n Node<'a>, made: &mut Made<'a>, depth: usize) {
        let kind = self.kind(schema);
        if let Some((at, kind)) = kind {
            let value = Value::Text(kind.to_owned().into());
            made.put_at(at, "type", Node { at, value });
        }
        if kind.is_some_and(|(_, kind)| kind == "object") {
            return self.object(schema, made, &"/".repeat(depth), &["anyOf"]);
        }
        for (theirs, ours) in [
            ("enum", "enum"),
            ("minimum", "minimum"),
            ("maximum", "maximum"),
            ("formatMinimum", "minimum"),
            ("formatMaximum", "maximum"),
            ("minLength", "min_length"),
            ("maxLength", "max_length"),
            ("minItems", "min_length"),
            ("maxItems", "max_length"),
        ] {
            put(made, ours, schema.get(theirs));
        }
        if let Some(node) = schema.get("pattern") {
            made.put_at(node.at, "pattern", pattern(node));
        }
        if let Some(items) = schema.get("items") {
            let inner = self.field(items, false, depth + 1);
            made.put_at(items.at, "items", inner);
        }
        let known = [
            "type",
            "format",
            "enum",
            "minimum",
            "maximum",
            "formatMinimum",
            "formatMaximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "pattern",
            "items",
            "anyOf",
            "$ref",
        ];
        self.only(schema, &known);
    }

    /// The type in a codebook, and where it is said; a type may be listed beside `null`.
    fn kind(&mut self, schema: &'n Node<'a>) -> Option<(usize, &'n str)> {
        let node = schema.get("type")?;
        let written = match &node.value {
            Value::List(several) => {
                let mut others = several
                    .iter()
                    .filter_map(text_of)
                    .filter(|kind| *kind != "null");
                let first = others.next();
                if others.next().is_some() {
                    self.unsupported(node.at, "type");
                }
                first
            }
            _ => text_of(node),
        };
        let is_time = schema.get("format").and_then(text_of) == Some("date-time");
        match written? {
            "string" if is_time => Some((node.at, "datetime")),
            kind => Some((node.at, kind)),
        }
    }
}

/// A pattern of JSON Schema is looked for anywhere in a text; ours is that of the whole text.
fn pattern<'a>(node: &Node<'a>) -> Node<'a> {
    let Some(text) = text_of(node) else {
        return node.clone();
    };
    let begins = text.strip_prefix('^');
    let rest = begins.unwrap_or(text);
    let ends = rest.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
    let inner = ends.unwrap_or(rest);
    // With an alternative outside parentheses, the anchors belong to the first and the last alone.
    let whole = inner
        .strip_prefix("(?:")
        .and_then(|inner| inner.strip_suffix(')'));
    let text = match (begins, ends, whole) {
        (Some(_), Some(_), Some(whole)) if balanced(whole) => whole.to_owned(),
        (Some(_), Some(_), _) if !inner.contains('|') => inner.to_owned(),
        _ => format!("(?s:.*)(?:{text})(?s:.*)"),
    };
    Node {
        at: node.at,
        value: Value::Text(text.into()),
    }
}

/// Whether no parenthesis closes one that was opened before the text.
fn balanced(text: &str) -> bool {
    let (mut open, mut escaped, mut in_class) = (0_i64, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !in_class => in_class = true,
            ']' if in_class => in_class = false,
            '(' if !in_class => open += 1,
            ')' if !in_class => open -= 1,
            _ => {}
        }
        if open < 0 {
            return false;
        }
    }
    true
}

//! A document as it was written, TOML or JSON: values with the places where they stand.

use std::borrow::Cow;

use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::json::members;

/// A value, and the byte where it begins.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) at: usize,
    pub(super) value: Value<'a>,
}

/// What stands there.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    /// As it is written.
    Number(Cow<'a, str>),
    Boolean(bool),
    List(Vec<Node<'a>>),
    Table(Vec<Member<'a>>),
    /// A time without quotation marks, or null.
    Other,
}

/// A member of a table, in the order in which they stand.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// The byte where its name begins; in JSON, its value.
    pub(super) at: usize,
    pub(super) name: Cow<'a, str>,
    pub(super) node: Node<'a>,
}

/// What is wrong with the syntax, and at which byte.
pub(super) type Malformed = (usize, String);

pub(super) fn read_toml(text: &str) -> Result<Node<'_>, Vec<Malformed>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(toml_table(table.into_inner(), 0));
    }
    let told = errors.into_iter().map(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (at, error.message().to_owned())
    });
    Err(told.collect())
}

fn toml_table(table: DeTable<'_>, at: usize) -> Node<'_> {
    let mut members: Vec<_> = table
        .into_iter()
        .map(|(name, value)| Member {
            at: name.span().start,
            name: name.into_inner(),
            node: toml_node(value),
        })
        .collect();
    members.sort_by_key(|member| member.at);
    Node {
        at,
        value: Value::Table(members),
    }
}

fn toml_node(value: Spanned<DeValue<'_>>) -> Node<'_> {
    let at = value.span().start;
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(number) if number.radix() == 10 => {
            Value::Number(Cow::Owned(number.as_str().to_owned()))
        }
        DeValue::Float(number) => Value::Number(Cow::Owned(number.as_str().to_owned())),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Array(items) => Value::List(items.into_iter().map(toml_node).collect()),
        DeValue::Table(table) => return toml_table(table, at),
        _ => Value::Other,
    };
    Node { at, value }
}

pub(super) fn read_json(text: &str) -> Result<Node<'_>, Vec<Malformed>> {
    let malformed = |error: serde_json::Error| {
        let told = error.to_string();
        let lines = text.split_inclusive('\n');
        let before: usize = lines
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let at = before + error.column().saturating_sub(1);
        let told = told.split(" at line ").next().unwrap_or(&told).to_owned();
        vec![(at, told)]
    };
    let whole: &RawValue = serde_json::from_str(text).map_err(malformed)?;
    // Values are parts of the text, so that their places are differences of addresses.
    let start = text.as_ptr().addr();
    json_node(whole.get(), start).ok_or_else(|| vec![(0, "a text that is no Unicode".to_owned())])
}

fn json_node(text: &str, start: usize) -> Option<Node<'_>> {
    let at = text.as_ptr().addr().saturating_sub(start);
    let value = match text.as_bytes().first()? {
        b'"' => Value::Text(serde_json::from_str(text).ok()?),
        b'{' => {
            let members = members(text).ok()?.into_iter().map(|(name, value)| {
                let node = json_node(value.get(), start)?;
                let at = node.at;
                Some(Member { at, name, node })
            });
            Value::Table(members.collect::<Option<_>>()?)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let nodes = items.into_iter().map(|item| json_node(item.get(), start));
            Value::List(nodes.collect::<Option<_>>()?)
        }
        b't' => Value::Boolean(true),
        b'f' => Value::Boolean(false),
        b'n' => Value::Other,
        _ => Value::Number(Cow::Borrowed(text)),
    };
    Some(Node { at, value })
}

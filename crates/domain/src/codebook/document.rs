//! A document as it was written, TOML or JSON: values with the places where they stand.

mod json;
mod toml;

pub(crate) use json::{read_json, write_json};
pub(crate) use toml::{read_toml, write_toml};

use super::Number;
use std::borrow::Cow;

/// How deep values may be nested in a document; the document itself is at depth 1.
pub(crate) const MAX_DEPTH: usize = 64;

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    /// The first byte of it; of a table, of what names it.
    pub(crate) at: usize,
    pub(crate) value: Value<'a>,
}

/// What stands there.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    /// Infinite, not a number, or with an exponent beyond all use.
    NotFinite,
    Boolean(bool),
    /// A date, a time or both, as TOML has them without quotation marks.
    Time(String),
    Null,
    List(Vec<Node<'a>>),
    /// In the order in which they stand.
    Table(Vec<(Key<'a>, Node<'a>)>),
}

/// The name of a member of a table.
#[derive(Debug, Clone)]
pub(crate) struct Key<'a> {
    pub(crate) at: usize,
    pub(crate) name: Cow<'a, str>,
}

/// Why a text is no document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DocumentError {
    /// Its syntax is wrong.
    Malformed { at: usize, problem: String },
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep { at: usize },
}

impl<'a> Node<'a> {
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into()).into()
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.value, Value::Table(_))
    }

    /// A member of a table.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(members) => members
                .iter()
                .find(|(key, _)| key.name == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

impl<'a> From<Value<'a>> for Node<'a> {
    /// A value that stands nowhere yet.
    fn from(value: Value<'a>) -> Self {
        Self { at: 0, value }
    }
}

/// A table that is made, member by member; what is absent is left out.
#[derive(Debug, Default)]
pub(crate) struct Made<'a>(Vec<(Key<'a>, Node<'a>)>);

impl<'a> Made<'a> {
    pub(crate) fn put(&mut self, name: impl Into<Cow<'a, str>>, node: impl Into<Node<'a>>) {
        self.put_at(0, name, node);
    }

    /// The same for what comes from a place of another document.
    pub(crate) fn put_at(
        &mut self,
        at: usize,
        name: impl Into<Cow<'a, str>>,
        node: impl Into<Node<'a>>,
    ) {
        let name = name.into();
        self.0.push((Key { at, name }, node.into()));
    }

    pub(crate) fn put_text(&mut self, name: &'static str, text: Option<impl Into<Cow<'a, str>>>) {
        if let Some(text) = text {
            self.put(name, Value::Text(text.into()));
        }
    }

    pub(crate) fn put_number(&mut self, name: &'static str, number: Option<u32>) {
        if let Some(number) = number {
            self.put(name, Value::Number(u64::from(number).into()));
        }
    }

    pub(crate) fn put_list(&mut self, name: &'static str, items: Vec<Node<'a>>) {
        if !items.is_empty() {
            self.put(name, Value::List(items));
        }
    }

    /// Unless it is empty.
    pub(crate) fn put_table(&mut self, name: &'static str, table: Self) {
        if !table.0.is_empty() {
            self.put(name, table);
        }
    }

    /// The same, at that place.
    pub(crate) fn at(self, at: usize) -> Node<'a> {
        Node {
            at,
            value: Value::Table(self.0),
        }
    }
}

impl<'a> From<Made<'a>> for Node<'a> {
    fn from(made: Made<'a>) -> Self {
        made.at(0)
    }
}

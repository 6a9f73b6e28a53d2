//! What the keys of rules hold.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::super::decimal::Decimal;
use super::super::document::{Member, Node, Value};
use super::super::fault::RulesProblem;
use super::super::moment::Unit;
use super::{Reader, get};

const NUMBERS: &[&str] = &["seconds", "milliseconds", "microseconds"];

impl Reader {
    pub(super) fn values(&mut self, node: &Node<'_>) -> Option<HashMap<Box<str>, Box<str>>> {
        let members = self.table(node)?;
        let values = members.iter().map(|member| match &member.node.value {
            Value::Text(text) | Value::Number(text) => {
                Some((Box::from(&*member.name), Box::from(&**text)))
            }
            _ => {
                self.within(&member.name, |reader| {
                    reader.expected(member.node.at, "a text or a number");
                });
                None
            }
        });
        values.collect()
    }

    pub(super) fn edges(&mut self, node: &Node<'_>) -> Option<Vec<Decimal>> {
        let items = self.list(node)?;
        let edges: Option<Vec<_>> = items.iter().map(|item| self.number(item)).collect();
        let edges = edges?;
        let ascending = edges
            .windows(2)
            .all(|pair| pair[0].compare(pair[1]) == Some(Ordering::Less));
        if !ascending {
            self.expected(
                node.at,
                "a list of numbers, each greater than the one before",
            );
        }
        ascending.then_some(edges)
    }

    pub(super) fn list<'n, 'a>(&mut self, node: &'n Node<'a>) -> Option<&'n [Node<'a>]> {
        match &node.value {
            Value::List(items) if !items.is_empty() => Some(items),
            _ => {
                self.expected(node.at, "a list of at least one");
                None
            }
        }
    }

    pub(super) fn number(&mut self, node: &Node<'_>) -> Option<Decimal> {
        let number = match &node.value {
            Value::Number(number) => Decimal::parse(number),
            _ => None,
        };
        if number.is_none() {
            self.expected(node.at, "a number");
        }
        number
    }

    pub(super) fn positive(&mut self, node: &Node<'_>) -> Option<Decimal> {
        let number = self.number(node)?;
        if !number.is_positive() {
            self.expected(node.at, "a number greater than 0");
        }
        number.is_positive().then_some(number)
    }

    pub(super) fn character(&mut self, node: &Node<'_>) -> Option<char> {
        let text = self.text(node)?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Some(character),
            _ => {
                self.expected(node.at, "one character");
                None
            }
        }
    }

    pub(super) fn unit(&mut self, node: &Node<'_>, known: &'static [&'static str]) -> Option<Unit> {
        self.word(node, known).and_then(Unit::from_word)
    }

    pub(super) fn numbers(&mut self, members: &[Member<'_>]) -> Option<Option<Unit>> {
        self.optional(members, "numbers", |reader, node| {
            reader.unit(node, NUMBERS)
        })
    }

    /// A key that may be left out; `None` where it is there, and wrong.
    pub(super) fn optional<'n, 'a, T>(
        &mut self,
        members: &'n [Member<'a>],
        key: &'static str,
        read: impl FnOnce(&mut Self, &'n Node<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        match get(members, key) {
            None => Some(None),
            Some(node) => self.within(key, |reader| read(reader, node)).map(Some),
        }
    }

    pub(super) fn needed<'n, 'a>(
        &mut self,
        node: &Node<'_>,
        members: &'n [Member<'a>],
        key: &'static str,
    ) -> Option<&'n Node<'a>> {
        let found = get(members, key);
        if found.is_none() {
            self.fault(node.at, RulesProblem::Missing { key });
        }
        found
    }

    pub(super) fn one_of<T>(&mut self, node: &Node<'_>, keys: &'static str) -> Option<T> {
        self.fault(node.at, RulesProblem::OneOf { keys });
        None
    }
}

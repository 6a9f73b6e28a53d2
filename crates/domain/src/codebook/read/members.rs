//! What every part of a codebook is read with: keys, words, names, texts by language.

use super::super::document::{Key, Node, Value};
use super::super::fault::nearest;
use super::super::{Codebook, CodebookProblem, Expected, Texts, Undeclared, nfc};
use super::{MAX_FAULTS, Reader};
use crate::fault::escape;
use crate::name::check;
use std::borrow::Cow;
use std::collections::HashSet;

/// The members of a table, each of them once.
pub(super) struct Members<'n, 'a>(pub(super) Vec<(&'n Key<'a>, &'n Node<'a>)>);

impl<'n, 'a> Members<'n, 'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'n Node<'a>> {
        let found = self.0.iter().find(|(key, _)| key.name == name);
        found.map(|(_, node)| *node)
    }
}

impl Reader {
    pub(super) fn fault(&mut self, at: usize, problem: CodebookProblem) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push((at, self.pointer.clone(), problem));
        } else if self.faults.len() == MAX_FAULTS {
            self.faults
                .push((usize::MAX, String::new(), CodebookProblem::AndMore));
        }
    }

    /// Reads what is behind a key.
    pub(super) fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escape(key));
        let value = read(self);
        self.pointer.truncate(length);
        value
    }

    pub(super) fn wrong(&mut self, node: &Node<'_>, expected: Expected) {
        let problem = match node.value {
            Value::NotFinite => CodebookProblem::NotFinite,
            _ => CodebookProblem::WrongType { expected },
        };
        self.fault(node.at, problem);
    }

    /// The members of a table whose keys are all known.
    pub(super) fn members<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        known: &[&str],
    ) -> Option<Members<'n, 'a>> {
        let Value::Table(members) = &node.value else {
            self.wrong(node, Expected::Table);
            return None;
        };
        let mut kept: Vec<(&Key<'_>, &Node<'_>)> = Vec::with_capacity(known.len());
        for (key, value) in members {
            if !known.contains(&&*key.name) {
                let problem = CodebookProblem::UnknownKey {
                    key: key.name.clone().into_owned(),
                    nearest: nearest(&key.name, known.iter().copied()),
                };
                self.within(&key.name, |reader| reader.fault(key.at, problem));
            } else if kept.iter().any(|(other, _)| other.name == key.name) {
                self.twice(key);
            } else {
                kept.push((key, value));
            }
        }
        Some(Members(kept))
    }

    pub(super) fn twice(&mut self, key: &Key<'_>) {
        let problem = CodebookProblem::Twice {
            name: key.name.clone().into_owned(),
        };
        self.within(&key.name, |reader| reader.fault(key.at, problem));
    }

    /// The members of a table whose keys are names that the researchers chose; names in NFC, each once.
    pub(super) fn named<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
    ) -> Vec<(Cow<'n, str>, usize, &'n Node<'a>)> {
        let Value::Table(members) = &node.value else {
            self.wrong(node, Expected::Table);
            return Vec::new();
        };
        let mut seen = HashSet::new();
        let mut kept = Vec::with_capacity(members.len());
        for (key, value) in members {
            let name = nfc(&key.name);
            if let Err(error) = check(&name, Codebook::MAX_NAME, |c| !c.is_control()) {
                self.within(&key.name, |reader| {
                    reader.fault(key.at, CodebookProblem::Name { error });
                });
            } else if seen.insert(name.clone()) {
                kept.push((name, key.at, value));
            } else {
                self.twice(key);
            }
        }
        kept
    }

    pub(super) fn text<'n>(&mut self, members: &Members<'n, '_>, key: &str) -> Option<&'n str> {
        let node = members.get(key)?;
        let Value::Text(text) = &node.value else {
            self.within(key, |reader| reader.wrong(node, Expected::Text));
            return None;
        };
        Some(text)
    }

    pub(super) fn word<T>(
        &mut self,
        members: &Members<'_, '_>,
        key: &str,
        all: &[T],
        as_str: fn(&T) -> &'static str,
    ) -> Option<T>
    where
        T: Copy,
    {
        let word = self.text(members, key)?;
        let found = all.iter().copied().find(|value| as_str(value) == word);
        if found.is_none() {
            let known: Vec<_> = all.iter().map(as_str).collect();
            let problem = CodebookProblem::UnknownWord {
                word: word.to_owned(),
                nearest: nearest(word, known.iter().copied()),
                known,
            };
            let at = members.get(key).map_or(0, |node| node.at);
            self.within(key, |reader| reader.fault(at, problem));
        }
        found
    }

    pub(super) fn undeclared(&mut self, members: &Members<'_, '_>) -> Option<Undeclared> {
        self.word(members, "undeclared", Undeclared::ALL, |v| v.as_str())
    }

    pub(super) fn texts(&mut self, members: &Members<'_, '_>, key: &str) -> Texts {
        let Some(node) = members.get(key) else {
            return Texts::default();
        };
        self.within(key, |reader| match &node.value {
            Value::Text(text) => Texts(vec![(Texts::UNDETERMINED.into(), text.as_ref().into())]),
            Value::Table(_) => reader.by_language(node),
            _ => {
                reader.wrong(node, Expected::Texts);
                Texts::default()
            }
        })
    }

    pub(super) fn by_language(&mut self, node: &Node<'_>) -> Texts {
        let mut texts: Vec<(Box<str>, Box<str>)> = Vec::new();
        for (tag, at, value) in self.named(node) {
            self.within(&tag, |reader| {
                let known = |(other, _): &(Box<str>, _)| other.eq_ignore_ascii_case(&tag);
                match &value.value {
                    _ if !is_language(&tag) => reader.fault(at, CodebookProblem::Language),
                    _ if texts.iter().any(known) => {
                        let name = tag.clone().into_owned();
                        reader.fault(at, CodebookProblem::Twice { name });
                    }
                    Value::Text(text) => texts.push((tag.as_ref().into(), text.as_ref().into())),
                    _ => reader.wrong(value, Expected::Text),
                }
            });
        }
        Texts(texts)
    }

    /// The texts of a list, in NFC, each once, with their places.
    pub(super) fn names<'n>(
        &mut self,
        members: &Members<'n, '_>,
        key: &str,
    ) -> Vec<(Cow<'n, str>, usize)> {
        let Some(node) = members.get(key) else {
            return Vec::new();
        };
        self.within(key, |reader| {
            let Value::List(items) = &node.value else {
                reader.wrong(node, Expected::List);
                return Vec::new();
            };
            let mut seen = HashSet::new();
            let mut names = Vec::new();
            for (n, item) in items.iter().enumerate() {
                reader.within(&n.to_string(), |reader| match &item.value {
                    Value::Text(text) => {
                        let name = nfc(text);
                        if seen.insert(name.clone()) {
                            names.push((name, item.at));
                        } else {
                            let value = name.into_owned();
                            reader.fault(item.at, CodebookProblem::ValueTwice { value });
                        }
                    }
                    _ => reader.wrong(item, Expected::Text),
                });
            }
            names
        })
    }
}

/// A tag in the shape of RFC 5646: letters, then parts of letters and digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=8).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

//! The rules of a field, alone and against each other, and what can be wrong once all actions are read.

use super::super::document::{Node, Value};
use super::super::fault::nearest;
use super::super::pattern::{Pattern, PatternError};
use super::super::{Codebook, CodebookProblem, Field, FieldType, Scalar};
use super::field::goes_with;
use super::members::Members;
use super::{Places, Reader};
use crate::fault::escape;
use std::collections::{HashMap, HashSet};

impl Reader {
    /// Reads the rules that go with the type of the field.
    pub(super) fn rules(&mut self, field: &mut Field, members: &Members<'_, '_>) {
        let kind = field.kind;
        if goes_with("minimum", kind) {
            field.minimum = self.bound(members, "minimum", kind);
            field.maximum = self.bound(members, "maximum", kind);
        }
        if goes_with("min_length", kind) {
            field.min_length = self.count(members, "min_length");
            field.max_length = self.count(members, "max_length");
        }
        let pattern = match members.get("pattern") {
            Some(node) if goes_with("pattern", kind) => self.pattern(field, members, node),
            _ => None,
        };
        if goes_with("enum", kind) {
            field.enumeration = self.scalars(members, "enum", Some(kind));
            self.enumeration(field, members, pattern.as_ref());
        }
        let backwards = [
            ("minimum", "maximum", above(field)),
            (
                "min_length",
                "max_length",
                field.min_length > field.max_length.or(field.min_length),
            ),
        ];
        for (least, most, backwards) in backwards {
            if backwards {
                let at = members.get(least).map_or(0, |node| node.at);
                self.within(least, |reader| {
                    reader.fault(at, CodebookProblem::EmptyRange { least, most });
                });
            }
        }
    }

    fn bound(&mut self, members: &Members<'_, '_>, key: &str, kind: FieldType) -> Option<Scalar> {
        let node = members.get(key)?;
        self.within(key, |reader| reader.scalar(node, Some(kind)))
    }

    fn pattern(
        &mut self,
        field: &mut Field,
        members: &Members<'_, '_>,
        node: &Node<'_>,
    ) -> Option<Pattern> {
        let text = self.text(members, "pattern")?;
        field.pattern = Some(text.into());
        if !self.patterns.contains(text) && self.patterns.len() >= Codebook::MAX_PATTERNS {
            let max = Codebook::MAX_PATTERNS;
            self.fault(node.at, CodebookProblem::TooManyPatterns { max });
            return None;
        }
        self.patterns.insert(text.into());
        Pattern::new(text)
            .map_err(|error| {
                let problem = match error {
                    PatternError::TooLarge => CodebookProblem::PatternTooLarge,
                    PatternError::Syntax(reason) => CodebookProblem::Pattern { reason },
                };
                self.within("pattern", |reader| reader.fault(node.at, problem));
            })
            .ok()
    }

    fn enumeration(&mut self, field: &Field, members: &Members<'_, '_>, pattern: Option<&Pattern>) {
        let Some(node) = members.get("enum") else {
            return;
        };
        let Value::List(items) = &node.value else {
            return;
        };
        self.within("enum", |reader| {
            if items.is_empty() {
                reader.fault(node.at, CodebookProblem::EmptyEnumeration);
            }
            for (n, item) in items.iter().enumerate() {
                let quiet = &mut Reader::default();
                let Some(value) = quiet.scalar(item, Some(field.kind)) else {
                    continue;
                };
                if let Some(rule) = excluded(field, pattern, &value) {
                    let value = value.to_string();
                    reader.within(&n.to_string(), |reader| {
                        reader.fault(item.at, CodebookProblem::Excluded { value, rule });
                    });
                }
            }
        });
    }

    /// Looks at what the actions name: groups that there are, and no field twice.
    pub(super) fn check_actions(&mut self, codebook: &Codebook, places: &Places) {
        let groups: HashMap<&str, usize> = (codebook.groups.iter().enumerate())
            .map(|(n, group)| (&*group.name, n))
            .collect();
        let mut shared = Shared::of(codebook);
        for (n, action) in codebook.actions.iter().enumerate() {
            let mut sources = vec![Source::Common];
            for (place, name) in action.groups.iter().enumerate() {
                let at = places.groups[n][place];
                let pointer = format!("actions/{}/groups/{place}", escape(&action.name));
                match groups.get(&**name) {
                    Some(&group) => {
                        let twice = sources.iter().find_map(|&other| {
                            let field = shared.between(other, Source::Group(group))?;
                            Some((field, other))
                        });
                        if let Some((field, other)) = twice {
                            self.also_declared(codebook, pointer, at, field, other);
                        }
                        sources.push(Source::Group(group));
                    }
                    None => {
                        let problem = CodebookProblem::UnknownGroup {
                            name: name.to_string(),
                            nearest: nearest(name, groups.keys().copied()),
                        };
                        self.at_pointer(pointer, at, problem);
                    }
                }
            }
            for field in &action.fields {
                let declared = sources
                    .iter()
                    .find(|source| shared.has(**source, &field.name));
                if let Some(&other) = declared {
                    let (name, owner) = (escape(&field.name), escape(&action.name));
                    let pointer = format!("actions/{owner}/fields/{name}");
                    let at = places.fields[n].get(&field.name).copied().unwrap_or(0);
                    self.also_declared(codebook, pointer, at, &field.name, other);
                }
            }
        }
    }

    fn also_declared(
        &mut self,
        codebook: &Codebook,
        pointer: String,
        at: usize,
        name: &str,
        other: Source,
    ) {
        let other = match other {
            Source::Common => format!("/fields/{}", escape(name)),
            Source::Group(group) => {
                let group = escape(&codebook.groups[group].name);
                format!("/groups/{group}/{}", escape(name))
            }
        };
        let name = name.to_owned();
        self.at_pointer(pointer, at, CodebookProblem::AlsoDeclared { name, other });
    }

    fn at_pointer(&mut self, pointer: String, at: usize, problem: CodebookProblem) {
        let outer = std::mem::replace(&mut self.pointer, format!("/{pointer}"));
        self.fault(at, problem);
        self.pointer = outer;
    }
}

/// Whether the smallest value is above the greatest.
fn above(field: &Field) -> bool {
    match (&field.minimum, &field.maximum) {
        (Some(Scalar::Number(least)), Some(Scalar::Number(most))) => least > most,
        (Some(Scalar::Time(least)), Some(Scalar::Time(most))) => least > most,
        _ => false,
    }
}

/// The rule that excludes a value of the enumeration.
fn excluded(field: &Field, pattern: Option<&Pattern>, value: &Scalar) -> Option<&'static str> {
    let order = |bound: &Option<Scalar>| match (value, bound) {
        (Scalar::Number(value), Some(Scalar::Number(bound))) => Some(value.cmp(bound)),
        (Scalar::Time(value), Some(Scalar::Time(bound))) => Some(value.cmp(bound)),
        _ => None,
    };
    if order(&field.minimum).is_some_and(std::cmp::Ordering::is_lt) {
        return Some("minimum");
    }
    if order(&field.maximum).is_some_and(std::cmp::Ordering::is_gt) {
        return Some("maximum");
    }
    let Scalar::Text(text) = value else {
        return None;
    };
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    if field.min_length.is_some_and(|min| length < min) {
        Some("min_length")
    } else if field.max_length.is_some_and(|max| length > max) {
        Some("max_length")
    } else {
        pattern
            .is_some_and(|pattern| !pattern.matches(text))
            .then_some("pattern")
    }
}

/// Where an action has fields from besides its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Common,
    Group(usize),
}

/// What fields the sources have, so that two of them are compared once, and only where an action has both.
struct Shared<'c> {
    codebook: &'c Codebook,
    names: HashSet<(Source, &'c str)>,
    compared: HashMap<(Source, Source), Option<&'c str>>,
}

impl<'c> Shared<'c> {
    fn of(codebook: &'c Codebook) -> Self {
        let groups = codebook.groups.iter().enumerate();
        let names = std::iter::once((Source::Common, &codebook.fields))
            .chain(groups.map(|(n, group)| (Source::Group(n), &group.fields)))
            .flat_map(|(source, fields)| fields.iter().map(move |field| (source, &*field.name)));
        Self {
            codebook,
            names: names.collect(),
            compared: HashMap::new(),
        }
    }

    fn has(&self, source: Source, name: &str) -> bool {
        self.names.contains(&(source, name))
    }

    fn fields(&self, source: Source) -> &'c [Field] {
        match source {
            Source::Common => &self.codebook.fields,
            Source::Group(group) => &self.codebook.groups[group].fields,
        }
    }

    /// A field that both have.
    fn between(&mut self, one: Source, other: Source) -> Option<&'c str> {
        if let Some(known) = self.compared.get(&(one, other)) {
            return *known;
        }
        let (few, many) = if self.fields(one).len() < self.fields(other).len() {
            (one, other)
        } else {
            (other, one)
        };
        let names = self.fields(few).iter().map(|field| &*field.name);
        let found = names.into_iter().find(|name| self.has(many, name));
        self.compared.insert((one, other), found);
        found
    }
}

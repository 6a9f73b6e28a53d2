//! What is different between two versions of a codebook, and whether what fitted the one fits the other.

use super::{Action, Codebook, Field, FieldType, Part, Roles, Scalar, Undeclared};
use crate::fault::escape;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// One thing that is different between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Difference {
    /// Where: a JSON pointer (RFC 6901) into the new version, or into the old one for what is no longer there.
    pub pointer: String,
    /// What.
    #[serde(flatten)]
    pub change: Change,
}

/// What can be different.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// An action is new.
    #[error("the action is new")]
    ActionAdded,
    /// An action is gone.
    #[error("the action is gone")]
    ActionRemoved,
    /// A field that may be left out is new.
    #[error("the field is new, and may be left out")]
    OptionalFieldAdded,
    /// A field that is required is new.
    #[error("the field is new, and required")]
    RequiredFieldAdded,
    /// A field is gone; entries may have it all the same.
    #[error("the field is gone, and kept where an entry has it")]
    FieldRemoved,
    /// A field is gone, and entries that have it no longer fit.
    #[error("the field is gone, and others than those of the codebook are refused")]
    FieldRefused,
    /// A field is of another type.
    #[error("the type was {from} and is {to}")]
    Retyped {
        /// The type in the old version.
        from: FieldType,
        /// The type in the new version.
        to: FieldType,
    },
    /// A rule takes all that it took, and more.
    #[error("`{key}` takes more than before")]
    Widened {
        /// The key of the rule.
        key: &'static str,
    },
    /// A rule no longer takes all that it took.
    #[error("`{key}` takes less than before")]
    Narrowed {
        /// The key of the rule.
        key: &'static str,
    },
    /// The part is played by another member, or by none besides the entry's own.
    #[error("the part is played by another member")]
    Recast,
    /// Something that no entry is checked against.
    #[error("`{key}` is another; entries fit as before")]
    Redescribed {
        /// The key.
        key: &'static str,
    },
}

impl Difference {
    /// Whether every entry that fitted the old version, and has no fields but those of it, fits the new one as far as this is
    /// concerned.
    pub fn is_compatible(&self) -> bool {
        match self.change {
            Change::ActionAdded
            | Change::OptionalFieldAdded
            | Change::FieldRemoved
            | Change::Widened { .. }
            | Change::Redescribed { .. } => true,
            Change::Retyped { from, to } => (from, to) == (FieldType::Integer, FieldType::Number),
            Change::ActionRemoved
            | Change::RequiredFieldAdded
            | Change::FieldRefused
            | Change::Narrowed { .. }
            | Change::Recast => false,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.change.fmt(f)
    }
}

/// What is different, in the order of the new version and then of the old one; each thing once, however many actions it concerns.
///
/// The version's own label, and the order of fields, are no difference.
pub fn compare(old: &Codebook, new: &Codebook) -> Vec<Difference> {
    let mut found = Found::default();
    found.words("", "title", old.title == new.title);
    found.words("", "description", old.description == new.description);
    found.words("", "study", old.study == new.study);
    found.roles(&old.roles, &new.roles);
    let (old_fields, new_fields) = (Sources::of(old), Sources::of(new));
    for (source, fields) in &new_fields.all {
        if let Some(before) = old_fields.get(source) {
            for field in fields.iter() {
                if let Some(was) = before.iter().find(|was| was.name == field.name) {
                    found.field(&source.pointer(&field.name), was, field);
                }
            }
        }
    }
    let before: HashMap<&str, &Action> = (old.actions.iter())
        .map(|action| (&*action.name, action))
        .collect();
    for action in &new.actions {
        let pointer = format!("/actions/{}", escape(&action.name));
        match before.get(&*action.name) {
            None => found.add(pointer, Change::ActionAdded),
            Some(was) => {
                found.words(&pointer, "label", was.label == action.label);
                found.words(
                    &pointer,
                    "description",
                    was.description == action.description,
                );
                let undeclared = (
                    was.undeclared.unwrap_or(old.undeclared),
                    action.undeclared.unwrap_or(new.undeclared),
                );
                found.undeclared(&pointer, undeclared.0, undeclared.1);
                let rest = (
                    old_fields.rest(was, action, &new_fields),
                    new_fields.rest(action, was, &old_fields),
                );
                found.fields(rest.0, rest.1, undeclared.1);
            }
        }
    }
    let after: HashSet<&str> = new.actions.iter().map(|action| &*action.name).collect();
    for action in old.actions.iter().filter(|was| !after.contains(&*was.name)) {
        let pointer = format!("/actions/{}", escape(&action.name));
        found.add(pointer, Change::ActionRemoved);
    }
    found.differences
}

/// A place where fields are declared that several actions have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Source<'c> {
    Common,
    Group(&'c str),
}

impl Source<'_> {
    fn pointer(&self, field: &str) -> String {
        match self {
            Self::Common => format!("/fields/{}", escape(field)),
            Self::Group(group) => format!("/groups/{}/{}", escape(group), escape(field)),
        }
    }
}

/// The shared fields of a codebook, by where they are declared.
struct Sources<'c> {
    all: Vec<(Source<'c>, &'c [Field])>,
    places: HashMap<Source<'c>, usize>,
    names: HashSet<(Source<'c>, &'c str)>,
}

/// Fields by name, with their pointers.
type Rest<'c> = BTreeMap<&'c str, (String, &'c Field)>;

impl<'c> Sources<'c> {
    fn of(codebook: &'c Codebook) -> Self {
        let mut all = vec![(Source::Common, &*codebook.fields)];
        let groups = codebook.groups.iter();
        all.extend(groups.map(|group| (Source::Group(&group.name), &*group.fields)));
        let names = all.iter().flat_map(|(source, fields)| {
            fields
                .iter()
                .map(move |field| (source.clone(), &*field.name))
        });
        Self {
            names: names.collect(),
            places: all
                .iter()
                .enumerate()
                .map(|(n, (source, _))| (source.clone(), n))
                .collect(),
            all,
        }
    }

    fn get(&self, source: &Source<'_>) -> Option<&'c [Field]> {
        let place = self.places.get(source)?;
        self.all.get(*place).map(|(_, fields)| *fields)
    }

    /// The fields of an action but those that come from the same place in the other version, which are compared once for all
    /// actions.
    fn rest(&self, action: &'c Action, other: &Action, others: &Sources<'_>) -> Rest<'c> {
        let mut rest = Rest::new();
        let groups = action
            .groups
            .iter()
            .map(|name| (Source::Group(name), other.groups.contains(name)));
        for (source, both) in std::iter::once((Source::Common, true)).chain(groups) {
            for field in self.get(&source).unwrap_or_default() {
                if !(both && others.names.contains(&(source.clone(), &*field.name))) {
                    rest.insert(&field.name, (source.pointer(&field.name), field));
                }
            }
        }
        for field in &action.fields {
            let (action, name) = (escape(&action.name), escape(&field.name));
            rest.insert(
                &field.name,
                (format!("/actions/{action}/fields/{name}"), field),
            );
        }
        rest
    }
}

#[derive(Default)]
struct Found {
    differences: Vec<Difference>,
    known: HashSet<Difference>,
}

impl Found {
    fn add(&mut self, pointer: impl Into<String>, change: Change) {
        let pointer = pointer.into();
        let difference = Difference { pointer, change };
        if self.known.insert(difference.clone()) {
            self.differences.push(difference);
        }
    }

    fn words(&mut self, pointer: &str, key: &'static str, same: bool) {
        if !same {
            self.add(format!("{pointer}/{key}"), Change::Redescribed { key });
        }
    }

    fn changed(&mut self, pointer: &str, key: &'static str, narrower: bool) {
        let change = if narrower {
            Change::Narrowed { key }
        } else {
            Change::Widened { key }
        };
        self.add(format!("{pointer}/{key}"), change);
    }

    fn undeclared(&mut self, pointer: &str, was: Undeclared, is: Undeclared) {
        if was != is {
            self.changed(pointer, "undeclared", is == Undeclared::Refuse);
        }
    }

    fn roles(&mut self, old: &Roles, new: &Roles) {
        for &part in Part::ALL {
            if old.member(part) != new.member(part) {
                self.add(format!("/roles/{part}"), Change::Recast);
            }
        }
        if old.participant_by != new.participant_by {
            self.add("/roles/participant_by", Change::Recast);
        }
        self.words(
            "/roles",
            "game_version",
            old.game_version == new.game_version,
        );
        self.words(
            "/roles",
            "session_start",
            old.session_start == new.session_start,
        );
        self.words("/roles", "session_end", old.session_end == new.session_end);
    }

    /// Fields of an action, or of an object.
    fn fields(&mut self, old: Rest<'_>, new: Rest<'_>, undeclared: Undeclared) {
        for (name, (pointer, field)) in &new {
            match old.get(name) {
                Some((_, was)) => self.field(pointer, was, field),
                None if field.required => self.add(pointer, Change::RequiredFieldAdded),
                None => self.add(pointer, Change::OptionalFieldAdded),
            }
        }
        for (_, (pointer, _)) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            self.add(
                pointer,
                match undeclared {
                    Undeclared::Keep => Change::FieldRemoved,
                    Undeclared::Refuse => Change::FieldRefused,
                },
            );
        }
    }

    fn field(&mut self, pointer: &str, old: &Field, new: &Field) {
        if old == new {
            return;
        }
        for (key, same) in [
            ("unit", old.unit == new.unit),
            ("privacy", old.privacy == new.privacy),
            ("label", old.label == new.label),
            ("description", old.description == new.description),
        ] {
            self.words(pointer, key, same);
        }
        if old.required != new.required {
            self.changed(pointer, "required", new.required);
        }
        if old.kind != new.kind {
            let (from, to) = (old.kind, new.kind);
            self.add(format!("{pointer}/type"), Change::Retyped { from, to });
        }
        self.values(pointer, "missing", &old.missing, &new.missing, false);
        self.values(pointer, "enum", &old.enumeration, &new.enumeration, true);
        self.bound(
            pointer,
            "minimum",
            (&old.minimum, &new.minimum),
            Ordering::Greater,
        );
        self.bound(
            pointer,
            "maximum",
            (&old.maximum, &new.maximum),
            Ordering::Less,
        );
        if old.min_length != new.min_length {
            self.changed(pointer, "min_length", new.min_length > old.min_length);
        }
        if old.max_length != new.max_length {
            let most = |field: &Field| field.max_length.unwrap_or(u32::MAX);
            self.changed(pointer, "max_length", most(new) < most(old));
        }
        if old.pattern != new.pattern {
            self.changed(pointer, "pattern", new.pattern.is_some());
        }
        match (&old.items, &new.items) {
            (Some(old), Some(new)) => self.field(&format!("{pointer}/items"), old, new),
            (None, None) => {}
            (_, new) => self.changed(pointer, "items", new.is_some()),
        }
        let (was, is) = (old.undeclared, new.undeclared);
        let (was, is) = (
            was.unwrap_or(Undeclared::Keep),
            is.unwrap_or(Undeclared::Keep),
        );
        self.undeclared(pointer, was, is);
        self.fields(inner(pointer, old), inner(pointer, new), is);
    }

    /// Two lists of values. An empty list of what is allowed allows everything.
    fn values(
        &mut self,
        pointer: &str,
        key: &'static str,
        old: &[Scalar],
        new: &[Scalar],
        empty_is_all: bool,
    ) {
        let (old_set, new_set): (HashSet<_>, HashSet<_>) =
            (old.iter().collect(), new.iter().collect());
        if old_set == new_set {
            return;
        }
        let narrower = if empty_is_all && (old.is_empty() || new.is_empty()) {
            old.is_empty()
        } else {
            !old_set.is_subset(&new_set)
        };
        self.changed(pointer, key, narrower);
    }

    fn bound(
        &mut self,
        pointer: &str,
        key: &'static str,
        (old, new): (&Option<Scalar>, &Option<Scalar>),
        narrower: Ordering,
    ) {
        if old == new {
            return;
        }
        let order = match (new, old) {
            (Some(Scalar::Number(new)), Some(Scalar::Number(old))) => new.cmp(old),
            (Some(Scalar::Time(new)), Some(Scalar::Time(old))) => new.cmp(old),
            (None, _) => narrower.reverse(),
            (Some(_), _) => narrower,
        };
        self.changed(pointer, key, order == narrower);
    }
}

fn inner<'f>(pointer: &str, field: &'f Field) -> Rest<'f> {
    let named = |inner: &'f Field| {
        let pointer = format!("{pointer}/fields/{}", escape(&inner.name));
        (&*inner.name, (pointer, inner))
    };
    field.fields.iter().map(named).collect()
}

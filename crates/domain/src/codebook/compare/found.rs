//! The differences that were found.

use super::sources::Rest;
use super::{Change, Difference};
use crate::codebook::{Field, Part, Roles, Scalar, Undeclared};
use crate::fault::escape;
use std::cmp::Ordering;
use std::collections::HashSet;

#[derive(Default)]
pub(super) struct Found {
    pub(super) differences: Vec<Difference>,
    known: HashSet<Difference>,
}

impl Found {
    pub(super) fn add(&mut self, pointer: impl Into<String>, change: Change) {
        let pointer = pointer.into();
        let difference = Difference { pointer, change };
        if self.known.insert(difference.clone()) {
            self.differences.push(difference);
        }
    }

    pub(super) fn words(&mut self, pointer: &str, key: &'static str, same: bool) {
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

    pub(super) fn undeclared(&mut self, pointer: &str, was: Undeclared, is: Undeclared) {
        if was != is {
            self.changed(pointer, "undeclared", is == Undeclared::Refuse);
        }
    }

    pub(super) fn roles(&mut self, old: &Roles, new: &Roles) {
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
    pub(super) fn fields(&mut self, old: Rest<'_>, new: Rest<'_>, undeclared: Undeclared) {
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

    pub(super) fn field(&mut self, pointer: &str, old: &Field, new: &Field) {
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

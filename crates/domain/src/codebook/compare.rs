//! What is different between two versions of a codebook, and whether what fitted the one fits the other.

mod found;
mod sources;
#[cfg(test)]
mod tests;

use super::{Action, Codebook, FieldType};
use crate::fault::escape;
use found::Found;
use serde::Serialize;
use sources::Sources;
use std::collections::{HashMap, HashSet};
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

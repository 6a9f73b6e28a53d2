//! The fields that have rules, as they lie one inside the other.

use std::borrow::Cow;
use std::collections::HashMap;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::FieldRules;

/// A field that has rules, or something inside that has.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Its rules, by their place.
    pub(super) field: Option<usize>,
    below: HashMap<Box<str>, Tree>,
}

impl Tree {
    pub(super) fn of(fields: &[FieldRules]) -> Self {
        let mut tree = Self::default();
        for (place, field) in fields.iter().enumerate() {
            let mut at = &mut tree;
            for segment in field.path.segments() {
                at = at.below.entry(nfc(segment).into()).or_default();
            }
            at.field = Some(place);
        }
        tree
    }

    pub(super) fn below(&self, name: &str) -> Option<&Self> {
        self.below.get(&*nfc(name))
    }

    pub(super) fn items(&self) -> Option<&Self> {
        self.below.get("*")
    }

    pub(super) fn has_below(&self) -> bool {
        !self.below.is_empty()
    }

    /// The rules of it, or else of something inside.
    pub(super) fn any_field(&self) -> Option<usize> {
        let inside = || self.below.values().filter_map(Self::any_field).min();
        self.field.or_else(inside)
    }
}

/// Names are the same however their accents are spelt.
pub(super) fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() || is_nfc_quick(name.chars()) == IsNormalized::Yes {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.nfc().collect())
    }
}

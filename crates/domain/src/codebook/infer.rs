//! A codebook proposed from recorded entries: one pass, and memory that does not grow with them.

mod observed;
mod propose;
#[cfg(test)]
mod tests;

use super::Codebook;
use super::cursor::{Cursor, decoded};
use crate::Draft;
use observed::Members;
use std::collections::HashMap;

/// How many actions are told apart.
const MAX_ACTIONS: usize = 1000;
/// How many fields are told apart, all actions together: those of a codebook that people complete, and whose text can be read.
const MAX_FIELDS: usize = 3000;

/// What was seen in entries so far.
#[derive(Debug, Default)]
pub struct Inference {
    /// In the order in which they came up.
    actions: Vec<(Box<str>, Members)>,
    places: HashMap<Box<str>, usize>,
    fields: usize,
    entries: u64,
    overflowed: bool,
}

/// A codebook to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The codebook. Every entry that it was made from fits it.
    pub codebook: Codebook,
    /// What whoever completes it should know.
    pub notes: Vec<Note>,
}

/// What whoever completes a proposed codebook should know.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[serde(tag = "note", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Note {
    /// A field has values of several types, and was left out.
    #[error("`{field}` of `{action}` holds values of several types: {kinds}; it was left out")]
    SeveralTypes {
        /// The action.
        action: String,
        /// The field, with what it lies in.
        field: String,
        /// The types.
        kinds: String,
    },
    /// There were more actions or fields than are told apart; the rest was left out.
    #[error("there are more actions or fields than a codebook can have; the rest was left out")]
    Overflow,
}

impl Inference {
    /// Takes an entry into account.
    pub fn add(&mut self, entry: &Draft) {
        let name = entry.action.as_str();
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if self.actions.len() >= MAX_ACTIONS => {
                self.overflowed = true;
                return;
            }
            None => {
                self.places.insert(name.into(), self.actions.len());
                self.actions.push((name.into(), Members::default()));
                self.actions.len() - 1
            }
        };
        self.entries += 1;
        let payload = entry
            .payload
            .as_ref()
            .map_or("{}", |payload| payload.as_str());
        let mut left = MAX_FIELDS.saturating_sub(self.fields);
        let before = left;
        let members = &mut self.actions[place].1;
        self.overflowed |= members.add(&mut Cursor::new(payload), &mut left, 1);
        self.fields += before - left;
    }

    /// How many entries were taken into account.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// The codebook that fits them all; `None` if there were none.
    ///
    /// Privacy classes are left open, but for texts that look typed by somebody, which are `free-text`: what a field reveals about
    /// people is for the researchers to say.
    pub fn propose(&self) -> Option<Proposal> {
        if self.actions.is_empty() {
            return None;
        }
        let mut notes = Vec::new();
        let codebook = propose::codebook(&self.actions, &mut notes);
        if self.overflowed {
            notes.push(Note::Overflow);
        }
        Some(Proposal { codebook, notes })
    }
}

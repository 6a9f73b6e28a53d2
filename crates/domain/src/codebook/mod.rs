//! The codebook of a study: what its researchers chose to trace, action by action and field by field.
//!
//! A [`Codebook`] is read from TOML or JSON and is valid by construction; a text with faults is refused with all of them, each with
//! its place. Written back, it reads as the same codebook.

mod checker;
mod compare;
mod cursor;
mod document;
mod fault;
mod field;
mod infer;
mod json_schema;
mod number;
mod pattern;
mod read;
mod roles;
mod table_schema;
#[cfg(test)]
pub(crate) mod tests;
mod write;

pub use checker::Checker;
pub use compare::{Change, Difference, compare};
pub use fault::{CodebookFault, CodebookProblem, Expected};
pub use field::{Field, FieldType, PrivacyClass, Scalar, Texts, Undeclared};
pub use infer::{Inference, Note, Proposal};
pub use number::Number;
pub use roles::{Part, ParticipantBy, Roles};
pub use table_schema::{Column, INSTANT, TableShape};

use crate::Slug;
use crate::account::words;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The name of the action that stands for every other: in a study that does not list its actions, or not yet.
pub const ANY_ACTION: &str = "*";

words!(
    /// How a codebook is written.
    CodebookFormat {
        /// TOML, version 1.0.
        Toml = "toml",
        /// JSON (RFC 8259).
        Json = "json",
    }
);

/// What a study traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codebook {
    pub(crate) study: Option<Slug>,
    pub(crate) version: Option<Box<str>>,
    pub(crate) title: Texts,
    pub(crate) description: Texts,
    pub(crate) undeclared: Undeclared,
    pub(crate) roles: Roles,
    pub(crate) fields: Vec<Field>,
    pub(crate) groups: Vec<Group>,
    pub(crate) actions: Vec<Action>,
}

/// Fields that several actions carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub(crate) name: Box<str>,
    pub(crate) fields: Vec<Field>,
}

impl Group {
    /// What actions call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}

/// An action that is traced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub(crate) name: Box<str>,
    pub(crate) label: Texts,
    pub(crate) description: Texts,
    pub(crate) groups: Vec<Box<str>>,
    pub(crate) fields: Vec<Field>,
    pub(crate) undeclared: Option<Undeclared>,
}

impl Action {
    /// Its name, in NFC.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A short name for people.
    pub fn label(&self) -> &Texts {
        &self.label
    }

    /// What it means, for people.
    pub fn description(&self) -> &Texts {
        &self.description
    }

    /// The groups whose fields it carries.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|name| &**name)
    }

    /// The fields of this action alone.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What becomes of such an entry with other fields; `None` for what the codebook says of all.
    pub fn undeclared(&self) -> Option<Undeclared> {
        self.undeclared
    }
}

impl Codebook {
    /// The most bytes of a text.
    pub const MAX_BYTES: usize = 1 << 20;
    /// The most fields, those within objects and arrays too.
    pub const MAX_FIELDS: usize = 10_000;
    /// How deep fields may lie in objects and arrays; a field of an action is at depth 1.
    pub const MAX_DEPTH: usize = 8;
    /// The most groups of an action.
    pub const MAX_GROUPS: usize = 16;
    /// The most different patterns.
    pub const MAX_PATTERNS: usize = 256;
    /// The most characters of a name.
    pub const MAX_NAME: usize = 128;

    /// Reads a codebook.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, in the order of the text; of a text whose syntax is wrong, that.
    pub fn read(text: &str, format: CodebookFormat) -> Result<Self, Vec<CodebookFault>> {
        read::read(text, format)
    }

    /// The codebook as a text in a fixed form, which reads as the same codebook.
    pub fn write(&self, format: CodebookFormat) -> String {
        let node = write::codebook(self);
        match format {
            CodebookFormat::Toml => document::write_toml(&node),
            CodebookFormat::Json => document::write_json(&node),
        }
    }

    /// Reads a Table Schema, or a data package with one for each action (Frictionless, version 1).
    ///
    /// The fields of a single schema become those of one action of that name. What a codebook does not have, such as keys of tables,
    /// is passed over.
    ///
    /// # Errors
    ///
    /// Those of [`Codebook::read`]; places are those of the schema, pointers those of the codebook that it would be.
    pub fn read_table_schema(text: &str, action: &str) -> Result<Self, Vec<CodebookFault>> {
        table_schema::read(text, action)
    }

    /// The codebook as Table Schema: one for a table of all entries, or a data package with one for each action.
    ///
    /// Units, privacy classes and other languages than one are said in members of our own; what lies in objects and arrays is not.
    pub fn write_table_schema(&self, shape: TableShape) -> String {
        table_schema::write(self, shape)
    }

    /// Reads a JSON Schema (2020-12): one that [`Codebook::write_json_schema`] wrote, or one of an object whose properties become
    /// the fields of one action of that name.
    ///
    /// # Errors
    ///
    /// Those of [`Codebook::read`], and [`CodebookProblem::Unsupported`] for each rule that a codebook can't say. Places are those of
    /// the schema, pointers those of the codebook that it would be.
    pub fn read_json_schema(text: &str, action: &str) -> Result<Self, Vec<CodebookFault>> {
        json_schema::read(text, action)
    }

    /// The codebook as a JSON Schema (2020-12) of entries whose fields stand in `payload`.
    pub fn write_json_schema(&self) -> String {
        json_schema::write(self)
    }

    /// The SHA-256 of the codebook in its fixed form: two codebooks that are equal have the same, however they were written.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.write(CodebookFormat::Json)).into()
    }

    /// The study that it was written for, if it says so.
    pub fn study(&self) -> Option<&Slug> {
        self.study.as_ref()
    }

    /// What the researchers call this version.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Its title, for people.
    pub fn title(&self) -> &Texts {
        &self.title
    }

    /// What it is about, for people.
    pub fn description(&self) -> &Texts {
        &self.description
    }

    /// What becomes of an entry with fields that are not here, unless the action says otherwise.
    pub fn undeclared(&self) -> Undeclared {
        self.undeclared
    }

    /// Which members of a flat entry play which part.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// The fields that every action carries.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The groups of fields.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The actions.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The action of that name, in any spelling. Goes through all of them.
    pub fn action(&self, name: &str) -> Option<&Action> {
        let name = nfc(name);
        self.actions.iter().find(|action| *action.name == *name)
    }

    /// The action that entries of that name are checked as: the one of that name, or [`ANY_ACTION`].
    pub fn action_for(&self, name: &str) -> Option<&Action> {
        self.action(name).or_else(|| self.action(ANY_ACTION))
    }

    /// Every field that an action carries: those of all actions, those of its groups, its own.
    pub fn fields_of<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a Field> {
        let groups = action
            .groups
            .iter()
            .filter_map(|name| self.groups.iter().find(|group| group.name == *name));
        self.fields
            .iter()
            .chain(groups.flat_map(|group| &group.fields))
            .chain(&action.fields)
    }

    /// Every field once for each place where it is declared: those of all actions, those of groups, those of actions. Two of
    /// them may have the same name, where two actions use it.
    pub fn all_fields(&self) -> impl Iterator<Item = &Field> {
        let groups = self.groups.iter().flat_map(|group| &group.fields);
        let own = self.actions.iter().flat_map(|action| &action.fields);
        self.fields.iter().chain(groups).chain(own)
    }

    /// The names of all fields, each once, in the order of the codebook: the columns of a table of all entries.
    pub fn columns(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let names = self.all_fields().map(Field::name);
        names.filter(|name| seen.insert(*name)).collect()
    }
}

/// The one spelling of a text: Unicode's normalisation form C.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

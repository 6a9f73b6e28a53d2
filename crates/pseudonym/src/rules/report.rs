//! What was done, without a value of anybody.

use std::collections::BTreeSet;

use super::Rules;
use super::step::Misfit;

/// How many names of fields without a rule are told.
const MAX_NAMES: usize = 100;

/// What was done to a file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    rows: u64,
    fields: Vec<FieldReport>,
    others: BTreeSet<Box<str>>,
}

/// What was done to a field.
#[derive(Clone, Debug, Default)]
pub struct FieldReport {
    values: u64,
    misfits: u64,
    first: Option<(u64, Misfit)>,
}

impl Report {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            fields: vec![FieldReport::default(); rules.fields.len()],
            ..Self::default()
        }
    }

    /// How many rows were read and written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What was done to each field, in the order of the rules.
    pub fn fields(&self) -> impl Iterator<Item = &FieldReport> {
        self.fields.iter()
    }

    /// Fields without a rule, in order, the first hundred that were met.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(|name| &**name)
    }

    pub(super) fn row(&mut self) {
        self.rows += 1;
    }

    pub(super) fn value(&mut self, field: usize) {
        if let Some(field) = self.fields.get_mut(field) {
            field.values += 1;
        }
    }

    pub(super) fn misfit(&mut self, field: usize, line: u64, misfit: Misfit) {
        if let Some(field) = self.fields.get_mut(field) {
            field.misfits += 1;
            field.first.get_or_insert((line, misfit));
        }
    }

    pub(super) fn other(&mut self, name: &str) {
        if self.others.len() < MAX_NAMES && !self.others.contains(name) {
            self.others.insert(name.into());
        }
    }
}

impl FieldReport {
    /// How many values it had, empty ones left out.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.values
    }

    /// How many values its rules could not take, and which were emptied for that.
    #[must_use]
    pub fn misfits(&self) -> u64 {
        self.misfits
    }

    /// The line of the first of them, from 1, and why.
    #[must_use]
    pub fn first_misfit(&self) -> Option<(u64, &'static str)> {
        self.first.map(|(line, misfit)| (line, misfit.told()))
    }
}

//! The fields of payloads: how often each is there, how often it is empty, how many different values it has.

use super::actions::{ActionKey, ActionNames};
use super::report::FieldReport;
use super::sketch::Distinct;
use crate::codebook::{Number, nfc};
use crate::each_member;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

/// How many fields of all actions together are looked at; those that come later are not.
pub const MAX_FIELDS: usize = 2000;
/// How long the name of such a field may be, in bytes.
const MAX_NAME: usize = 256;
/// Up to how many different values of a field are counted rather than estimated.
const COUNTED: usize = 128;

/// A field that a codebook declares.
#[derive(Debug, Clone)]
pub struct ExpectedField {
    /// Its name in the payload.
    pub name: Box<str>,
    /// Values that stand for "there is none", as JSON texts.
    pub missing: Vec<Box<str>>,
}

#[derive(Debug, Default)]
pub(super) struct Fields {
    /// By action.
    tables: Vec<Table>,
    fields: usize,
    /// How often a member came that is not looked at.
    pub(super) passed_over: u64,
}

#[derive(Debug, Default)]
struct Table {
    entries: u64,
    places: HashMap<Box<str>, usize>,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: Box<str>,
    declared: bool,
    missing: Vec<Box<str>>,
    present: u64,
    empty: u64,
    outside: u64,
    distinct: Distinct,
}

impl Fields {
    /// Looks for those fields of that action, too: they are told even if they never come.
    pub(super) fn declare(&mut self, action: ActionKey, fields: &[ExpectedField]) {
        for field in fields {
            if let Some(place) = self.place(action, 0, &field.name) {
                let known = &mut self.tables[action.0].fields[place];
                known.declared = true;
                known.missing.clone_from(&field.missing);
            }
        }
    }

    /// Takes the members of one more payload.
    pub(super) fn add(&mut self, action: ActionKey, payload: Option<&str>) {
        self.table(action).entries += 1;
        let mut nth = 0;
        each_member(payload.unwrap_or("{}"), |name, value| {
            match self.place(action, nth, &nfc(&name)) {
                Some(place) => self.tables[action.0].fields[place].add(value.get()),
                None => self.passed_over += 1,
            }
            nth += 1;
        });
    }

    /// A value of that field does not fit the codebook.
    pub(super) fn outside(&mut self, action: ActionKey, name: &str) {
        if let Some(place) = self.place(action, 0, name) {
            self.tables[action.0].fields[place].outside += 1;
        }
    }

    /// Whether the codebook has that field of that action.
    pub(super) fn is_declared(&self, action: ActionKey, name: &str) -> bool {
        let table = self.tables.get(action.0);
        let place = table.and_then(|table| Some((table, table.places.get(name)?)));
        place.is_some_and(|(table, place)| table.fields[*place].declared)
    }

    fn table(&mut self, action: ActionKey) -> &mut Table {
        if self.tables.len() <= action.0 {
            self.tables.resize_with(action.0 + 1, Table::default);
        }
        &mut self.tables[action.0]
    }

    /// Where the field stands, which is made if there is room. Games write members in one order: the n-th is looked for there first.
    fn place(&mut self, action: ActionKey, nth: usize, name: &str) -> Option<usize> {
        let room = self.fields < MAX_FIELDS && name.len() <= MAX_NAME;
        let table = self.table(action);
        if table
            .fields
            .get(nth)
            .is_some_and(|field| *field.name == *name)
        {
            return Some(nth);
        }
        if let Some(place) = table.places.get(name) {
            return Some(*place);
        }
        if !room {
            return None;
        }
        let place = table.fields.len();
        table.places.insert(name.into(), place);
        table.fields.push(Field::new(name));
        self.fields += 1;
        Some(place)
    }

    /// What was found, in order of actions and names.
    pub(super) fn report(&self, names: &ActionNames) -> Vec<FieldReport> {
        let mut found = Vec::with_capacity(self.fields);
        for (key, action) in names.iter() {
            let Some(table) = self.tables.get(key.0) else {
                continue;
            };
            found.extend(table.fields.iter().map(|field| FieldReport {
                action: action.clone(),
                field: field.name.clone(),
                declared: field.declared,
                entries: table.entries,
                present: field.present,
                empty: field.empty,
                always_empty: field.present == field.empty,
                outside: field.outside,
                distinct: field.distinct.count(),
                distinct_is_exact: field.distinct.is_exact(),
            }));
        }
        found.sort_unstable_by(|a, b| (&a.action, &a.field).cmp(&(&b.action, &b.field)));
        found
    }
}

impl Field {
    fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            declared: false,
            missing: Vec::new(),
            present: 0,
            empty: 0,
            outside: 0,
            distinct: Distinct::exact_up_to(COUNTED),
        }
    }

    fn add(&mut self, value: &str) {
        self.present += 1;
        let nothing = matches!(value, "null" | "\"\"" | "[]" | "{}");
        if nothing || (!self.missing.is_empty() && self.is_missing(value)) {
            self.empty += 1;
        } else {
            let mut hasher = DefaultHasher::new();
            hasher.write(value.as_bytes());
            self.distinct.add(hasher.finish());
        }
    }

    /// Whether it is a code for a missing value; `30.0` is the code `30`.
    fn is_missing(&self, value: &str) -> bool {
        let number = Number::parse(value);
        let spelling = number.as_ref().map_or(value, Number::as_str);
        self.missing.iter().any(|code| **code == *spelling)
    }
}

//! A column of a table, as Table Schema describes it.

use super::put_texts;
use crate::codebook::document::{Made, Node, Value, write_json};
use crate::codebook::write::scalar;
use crate::codebook::{Codebook, Field, FieldType};
use std::collections::HashMap;

/// The form of instants in the tables that Sillage writes, as Table Schema names forms.
pub const INSTANT: &str = "%Y-%m-%dT%H:%M:%S.%fZ";

/// A column of fields that have one name, each of other actions: what any of them may hold.
#[derive(Debug, Clone)]
pub struct Column {
    field: Field,
    /// Whether the types of the fields have nothing in common.
    is_mixed: bool,
}

/// A column for each name of a field, in the order of the codebook.
pub(super) fn columns(codebook: &Codebook) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for field in codebook.all_fields() {
        match places.get(field.name()) {
            Some(&place) => columns[place].add(field),
            None => {
                places.insert(field.name(), columns.len());
                columns.push(Column::of(field));
            }
        }
    }
    for column in columns.iter_mut().skip(codebook.fields.len()) {
        column.make_optional();
    }
    columns
}

impl Column {
    /// Of one field.
    #[must_use]
    pub fn of(field: &Field) -> Self {
        Self {
            field: field.clone(),
            is_mixed: false,
        }
    }

    /// The same for one more field.
    pub fn add(&mut self, field: &Field) {
        if self.field == *field {
            return;
        }
        let numeric = |kind| matches!(kind, FieldType::Integer | FieldType::Number);
        let column = &mut self.field;
        if column.kind != field.kind {
            match numeric(column.kind) && numeric(field.kind) {
                true => column.kind = FieldType::Number,
                false => self.is_mixed = true,
            }
        }
        let same_kind = !self.is_mixed;
        if column.enumeration != field.enumeration || !same_kind {
            column.enumeration.clear();
        }
        if (&column.minimum, &column.maximum) != (&field.minimum, &field.maximum) || !same_kind {
            (column.minimum, column.maximum) = (None, None);
        }
        if column.pattern != field.pattern || !same_kind {
            column.pattern = None;
        }
        let length = (field.min_length, field.max_length);
        if (column.min_length, column.max_length) != length || !same_kind {
            (column.min_length, column.max_length) = (None, None);
        }
        for code in &field.missing {
            if !column.missing.contains(code) {
                column.missing.push(code.clone());
            }
        }
        column.required &= field.required;
        if column.privacy != field.privacy {
            column.privacy = None;
        }
        if column.unit != field.unit {
            column.unit = None;
        }
        for (known, other) in [
            (&mut column.label, &field.label),
            (&mut column.description, &field.description),
        ] {
            if known.is_empty() {
                known.clone_from(other);
            }
        }
    }

    /// Not every row has the field, so that a cell may be empty.
    pub fn make_optional(&mut self) {
        self.field.required = false;
    }

    /// The descriptor of the column, as a JSON text, in a table as Sillage writes it: under that name, with texts in that language where
    /// there are some, instants in one form, an empty cell for a code of a missing value, and JSON texts for arrays and objects.
    #[must_use]
    pub fn in_clean_table(&self, name: &str, language: &str) -> String {
        let field = &self.field;
        let mut made = self.begin(name);
        if self.kind() == FieldType::Datetime.as_str() {
            made.put_text("format", Some(INSTANT));
        }
        made.put_text("title", field.label.get(language));
        made.put_text("description", field.description.get(language));
        self.put_own(&mut made);
        let mut rules = Made::default();
        if field.required && field.missing.is_empty() {
            rules.put("required", Value::Boolean(true));
        }
        if !matches!(field.kind, FieldType::Array | FieldType::Object) {
            self.put_rules(&mut rules);
        }
        made.put_table("constraints", rules);
        write_json(&made.into())
    }

    /// The descriptor of the column in a table that holds values as they were sent, codes and all.
    pub(super) fn as_sent(&self) -> Made<'_> {
        let field = &self.field;
        let mut made = self.begin(field.name());
        put_texts(&mut made, ["title", "labels"], &field.label);
        put_texts(
            &mut made,
            ["description", "descriptions"],
            &field.description,
        );
        self.put_own(&mut made);
        if !field.missing.is_empty() {
            // Those of the column stand in the place of those of the table, of which the empty cell is one.
            let codes = field.missing.iter().map(ToString::to_string);
            let codes = std::iter::once(String::new()).chain(codes);
            made.put_list("missingValues", codes.map(Node::text).collect());
        }
        let mut rules = Made::default();
        if field.required {
            rules.put("required", Value::Boolean(true));
        }
        self.put_rules(&mut rules);
        rules.put_text("pattern", field.pattern());
        made.put_table("constraints", rules);
        made
    }

    fn begin<'n>(&self, name: &'n str) -> Made<'n> {
        let mut made = Made::default();
        made.put_text("name", Some(name));
        made.put_text("type", Some(self.kind()));
        made
    }

    fn kind(&self) -> &'static str {
        match self.is_mixed {
            true => "any",
            false => self.field.kind.as_str(),
        }
    }

    /// What Table Schema has no words for.
    fn put_own<'n>(&'n self, made: &mut Made<'n>) {
        made.put_text("unit", self.field.unit());
        made.put_text("privacy", self.field.privacy.map(|class| class.as_str()));
    }

    fn put_rules<'n>(&'n self, rules: &mut Made<'n>) {
        let field = &self.field;
        rules.put_list("enum", field.enumeration.iter().map(scalar).collect());
        for (key, bound) in [("minimum", &field.minimum), ("maximum", &field.maximum)] {
            if let Some(bound) = bound {
                rules.put(key, scalar(bound));
            }
        }
        rules.put_number("minLength", field.min_length);
        rules.put_number("maxLength", field.max_length);
    }
}

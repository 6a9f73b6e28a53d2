//! One field, with the rules that go with its type.

use super::super::document::{Node, Value};
use super::super::{
    Codebook, CodebookProblem, Expected, Field, FieldType, PrivacyClass, Scalar, nfc,
};
use super::Reader;
use super::members::Members;
use std::collections::HashSet;

const FIELD: &[&str] = &[
    "required",
    "type",
    "enum",
    "minimum",
    "maximum",
    "min_length",
    "max_length",
    "pattern",
    "unit",
    "missing",
    "privacy",
    "label",
    "description",
    "items",
    "fields",
    "undeclared",
];
/// The items of an array are neither there nor absent by themselves.
const ITEMS: &[&str] = FIELD.split_at(1).1;

/// Whether fields of the type can have the rule.
pub(super) fn goes_with(rule: &str, kind: FieldType) -> bool {
    use FieldType as T;
    match rule {
        "enum" => matches!(kind, T::String | T::Integer | T::Number | T::Datetime),
        "minimum" | "maximum" => matches!(kind, T::Integer | T::Number | T::Datetime),
        "min_length" | "max_length" => matches!(kind, T::String | T::Array),
        "pattern" => kind == T::String,
        "items" => kind == T::Array,
        "fields" | "undeclared" => kind == T::Object,
        _ => true,
    }
}

const RULES: &[&str] = &[
    "enum",
    "minimum",
    "maximum",
    "min_length",
    "max_length",
    "pattern",
    "items",
    "fields",
    "undeclared",
];

impl Reader {
    /// The fields of a table.
    pub(super) fn fields(&mut self, node: &Node<'_>, depth: usize) -> Vec<Field> {
        let mut fields = Vec::new();
        for (name, at, node) in self.named(node) {
            let field = self.within(&name, |reader| reader.field(&name, at, node, FIELD, depth));
            fields.extend(field);
        }
        fields
    }

    fn field(
        &mut self,
        name: &str,
        at: usize,
        node: &Node<'_>,
        known: &[&str],
        depth: usize,
    ) -> Option<Field> {
        self.fields += 1;
        if self.fields > Codebook::MAX_FIELDS {
            if self.fields == Codebook::MAX_FIELDS + 1 {
                let max = Codebook::MAX_FIELDS;
                self.fault(at, CodebookProblem::TooManyFields { max });
            }
            return None;
        }
        if depth > Codebook::MAX_DEPTH {
            let max = Codebook::MAX_DEPTH;
            self.fault(at, CodebookProblem::TooDeep { max });
            return None;
        }
        let members = self.members(node, known)?;
        if members.get("type").is_none() {
            self.fault(at, CodebookProblem::Missing { key: "type" });
        }
        let kind = self.word(&members, "type", FieldType::ALL, |v| v.as_str());
        let mut field = Field::new(name, kind.unwrap_or(FieldType::String));
        field.required = self.boolean(&members, "required");
        field.unit = self.text(&members, "unit").map(Into::into);
        field.missing = self.scalars(&members, "missing", None);
        field.privacy = self.word(&members, "privacy", PrivacyClass::ALL, |v| v.as_str());
        field.label = self.texts(&members, "label");
        field.description = self.texts(&members, "description");
        self.inner(&mut field, at, &members, depth);
        // Without a type nothing can be said of the rules.
        let kind = kind?;
        for &rule in RULES.iter().filter(|rule| !goes_with(rule, kind)) {
            if let Some(node) = members.get(rule) {
                self.within(rule, |reader| {
                    let key = rule;
                    reader.fault(node.at, CodebookProblem::NotForType { key, kind });
                });
            }
        }
        self.rules(&mut field, &members);
        Some(field)
    }

    fn inner(&mut self, field: &mut Field, at: usize, members: &Members<'_, '_>, depth: usize) {
        if let Some(node) = members.get("fields") {
            field.fields = self.within("fields", |reader| reader.fields(node, depth + 1));
        }
        if let Some(node) = members.get("items") {
            let name = field.name.clone();
            let at = if node.at == 0 { at } else { node.at };
            let items = self.within("items", |reader| {
                reader.field(&name, at, node, ITEMS, depth + 1)
            });
            field.items = items.map(Box::new);
        }
        field.undeclared = self.undeclared(members);
    }

    fn boolean(&mut self, members: &Members<'_, '_>, key: &str) -> bool {
        match members.get(key) {
            None => false,
            Some(Node {
                value: Value::Boolean(value),
                ..
            }) => *value,
            Some(node) => {
                self.within(key, |reader| reader.wrong(node, Expected::Boolean));
                false
            }
        }
    }

    pub(super) fn count(&mut self, members: &Members<'_, '_>, key: &str) -> Option<u32> {
        let node = members.get(key)?;
        let count = match &node.value {
            Value::Number(number) => number.as_str().parse().ok(),
            _ => None,
        };
        if count.is_none() {
            self.within(key, |reader| reader.wrong(node, Expected::Count));
        }
        count
    }

    /// The values of a list, each once; with a type, those that a field of it can have.
    pub(super) fn scalars(
        &mut self,
        members: &Members<'_, '_>,
        key: &str,
        kind: Option<FieldType>,
    ) -> Vec<Scalar> {
        let Some(node) = members.get(key) else {
            return Vec::new();
        };
        self.within(key, |reader| {
            let Value::List(items) = &node.value else {
                reader.wrong(node, Expected::List);
                return Vec::new();
            };
            let mut seen = HashSet::new();
            let mut scalars = Vec::with_capacity(items.len());
            for (n, item) in items.iter().enumerate() {
                reader.within(&n.to_string(), |reader| {
                    let Some(scalar) = reader.scalar(item, kind) else {
                        return;
                    };
                    if seen.insert(scalar.clone()) {
                        scalars.push(scalar);
                    } else {
                        let value = scalar.to_string();
                        reader.fault(item.at, CodebookProblem::ValueTwice { value });
                    }
                });
            }
            scalars
        })
    }

    pub(super) fn scalar(&mut self, node: &Node<'_>, kind: Option<FieldType>) -> Option<Scalar> {
        let scalar = match (&node.value, kind) {
            (Value::NotFinite, _) => {
                self.fault(node.at, CodebookProblem::NotFinite);
                return None;
            }
            (Value::Text(text), None | Some(FieldType::String)) => {
                Some(Scalar::Text(nfc(text).into()))
            }
            (Value::Time(text), None) => Some(Scalar::Text(text.as_str().into())),
            (Value::Text(text), Some(FieldType::Datetime)) => text.parse().ok().map(Scalar::Time),
            (Value::Time(text), Some(FieldType::Datetime)) => text.parse().ok().map(Scalar::Time),
            (Value::Number(number), None | Some(FieldType::Number)) => {
                Some(Scalar::Number(number.clone()))
            }
            (Value::Number(number), Some(FieldType::Integer)) if number.is_integer() => {
                Some(Scalar::Number(number.clone()))
            }
            (_, None) => {
                self.wrong(node, Expected::TextOrNumber);
                return None;
            }
            _ => None,
        };
        if let (None, Some(kind)) = (&scalar, kind) {
            self.fault(node.at, CodebookProblem::NotOfType { kind });
        }
        scalar
    }
}

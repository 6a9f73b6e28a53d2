//! From what was seen to fields.

use super::Note;
use super::observed::{Members, Values};
use crate::codebook::{
    Action, Codebook, Field, FieldType, PrivacyClass, Roles, Scalar, Texts, Undeclared,
};

/// How often the values of an enumeration come up on average, at least: fewer may be chance.
const PER_VALUE: u64 = 5;

pub(super) fn codebook(actions: &[(Box<str>, Members)], notes: &mut Vec<Note>) -> Codebook {
    let common = common(actions);
    let is_common = |name: &str| common.iter().any(|field| *field.name == *name);
    let actions = actions.iter().map(|(name, members)| Action {
        name: name.clone(),
        label: Texts::default(),
        description: Texts::default(),
        groups: Vec::new(),
        fields: fields(members, name, "", &is_common, notes),
        undeclared: None,
    });
    Codebook {
        study: None,
        version: Some("1".into()),
        title: Texts::default(),
        description: Texts::default(),
        undeclared: Undeclared::Keep,
        roles: Roles::default(),
        actions: actions.collect(),
        groups: Vec::new(),
        fields: common,
    }
}

/// The plain fields that every action has, with values of one type over all of them.
fn common(actions: &[(Box<str>, Members)]) -> Vec<Field> {
    let Some(((_, first), others)) = actions.split_first() else {
        return Vec::new();
    };
    if others.is_empty() {
        return Vec::new();
    }
    let merged = first.fields.iter().filter_map(|(name, values)| {
        let mut merged = values.clone();
        let mut required = values.count == first.objects;
        for (_, members) in others {
            let more = members.get(name)?;
            required &= more.count == members.objects;
            merged.merge(more);
        }
        let plain = merged.arrays == 0 && merged.members.objects == 0;
        let mut field = plain.then(|| field(name, &merged)).flatten()?;
        field.required = required;
        Some(field)
    });
    merged.collect()
}

fn fields(
    members: &Members,
    action: &str,
    path: &str,
    skip: &dyn Fn(&str) -> bool,
    notes: &mut Vec<Note>,
) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, values) in members.fields.iter().filter(|(name, _)| !skip(name)) {
        let path = format!("{path}{name}");
        if let Some(mut field) = with_inner(name, values, action, &path, notes) {
            field.required = values.count == members.objects;
            fields.push(field);
        }
    }
    fields
}

/// A field with what lies in it.
fn with_inner(
    name: &str,
    values: &Values,
    action: &str,
    path: &str,
    notes: &mut Vec<Note>,
) -> Option<Field> {
    let Some(mut field) = field(name, values) else {
        notes.push(Note::SeveralTypes {
            action: action.to_owned(),
            field: path.to_owned(),
            kinds: kinds(values),
        });
        return None;
    };
    if field.kind == FieldType::Object {
        field.fields = fields(
            &values.members,
            action,
            &format!("{path}."),
            &|_| false,
            notes,
        );
    }
    if let Some(items) = values
        .items
        .as_ref()
        .filter(|items| field.kind == FieldType::Array && !items.null)
    {
        let inner = with_inner(name, items, action, &format!("{path}[]"), notes);
        field.items = inner.map(Box::new);
    }
    Some(field)
}

fn field(name: &str, values: &Values) -> Option<Field> {
    let kind = kind(values)?;
    let mut field = Field::new(name, kind);
    match kind {
        FieldType::Integer | FieldType::Number if !values.unbounded => {
            field.minimum = values.least.clone().map(Scalar::Number);
            field.maximum = values.most.clone().map(Scalar::Number);
        }
        FieldType::String => {
            let different = values.few.len() as u64;
            if !values.many && values.texts >= different * PER_VALUE {
                let texts = values.few.iter().cloned();
                field.enumeration = texts.map(Scalar::Text).collect();
            } else if values.spaced {
                field.privacy = Some(PrivacyClass::FreeText);
            }
        }
        _ => {}
    }
    Some(field)
}

/// The type of all values; `None` if they have several.
fn kind(values: &Values) -> Option<FieldType> {
    let all = |count: u64| count == values.count && count > 0;
    if all(values.times) {
        Some(FieldType::Datetime)
    } else if all(values.texts) {
        Some(FieldType::String)
    } else if all(values.integers) {
        Some(FieldType::Integer)
    } else if all(values.numbers) {
        Some(FieldType::Number)
    } else if all(values.booleans) {
        Some(FieldType::Boolean)
    } else if all(values.arrays) {
        Some(FieldType::Array)
    } else if all(values.members.objects) {
        Some(FieldType::Object)
    } else {
        None
    }
}

fn kinds(values: &Values) -> String {
    let kinds = [
        (FieldType::String, values.texts),
        (FieldType::Number, values.numbers),
        (FieldType::Boolean, values.booleans),
        (FieldType::Array, values.arrays),
        (FieldType::Object, values.members.objects),
    ];
    let there = kinds.iter().filter(|(_, count)| *count > 0);
    let words: Vec<_> = there.map(|(kind, _)| kind.as_str()).collect();
    words.join(", ")
}

//! What of a payload leaves the server where nobody may be recognised by it.

use serde_json::value::RawValue;
use sillage_domain::codebook::{ANY_ACTION, Codebook, Field, FieldType, PrivacyClass, Scalar, nfc};
use sillage_domain::each_member;
use sillage_domain::{ActionName, Timestamp};
use std::collections::{HashMap, HashSet};

/// The fields that a codebook says reveal nothing: those of the class `other`, and nothing else.
///
/// A field of any other class, of none, or that the codebook does not have is left out, and so is a value that is not of the type of its
/// field: a name typed where a number belongs stays inside. Of an object, only declared fields are shown; of an array that does not
/// say what it holds, only single values.
#[derive(Debug)]
pub struct Deidentified {
    common: Members,
    actions: HashMap<Box<str>, Members>,
}

type Members = HashMap<Box<str>, Shown>;

/// What is shown of a value.
#[derive(Debug)]
enum Shown {
    Value(FieldType),
    /// One of these texts.
    OneOf(HashSet<Box<str>>),
    Items(Box<Shown>),
    SingleItems,
    Members(Members),
}

impl Deidentified {
    /// By that codebook.
    #[must_use]
    pub fn new(codebook: &Codebook) -> Self {
        let in_payload = |field: &&Field| codebook.roles().part_of(field.name()).is_none();
        let actions = codebook.actions().iter().map(|action| {
            let fields = codebook.fields_of(action).filter(in_payload);
            (action.name().into(), members(fields, None))
        });
        Self {
            common: members(codebook.fields().iter().filter(in_payload), None),
            actions: actions.collect(),
        }
    }

    /// Writes what is shown of the payload of such an action: a JSON object. `false`, and nothing, if nothing is.
    pub fn payload(&self, action: &ActionName, payload: &str, out: &mut String) -> bool {
        let of = |name: &str| self.actions.get(name);
        let shown = of(action.as_str()).or_else(|| of(ANY_ACTION));
        object(shown.unwrap_or(&self.common), payload, out)
    }
}

/// Whether anything of the field is ever shown to those who read de-identified data.
pub(crate) fn may_be_shown(field: &Field) -> bool {
    shown(field, None).is_some()
}

fn members<'a>(fields: impl Iterator<Item = &'a Field>, outer: Option<PrivacyClass>) -> Members {
    let shown = |field: &'a Field| Some((field.name().into(), shown(field, outer)?));
    fields.filter_map(shown).collect()
}

/// What is shown of a field that lies in something of that class; nothing for `None`.
fn shown(field: &Field, outer: Option<PrivacyClass>) -> Option<Shown> {
    let class = field.privacy().or(outer);
    let reveals_nothing = class == Some(PrivacyClass::Other);
    match field.kind() {
        // What an object reveals can be told of its fields one by one, unless all of it is of a class.
        FieldType::Object if reveals_nothing || class.is_none() => {
            let inner = members(field.fields().iter(), class);
            (!inner.is_empty()).then_some(Shown::Members(inner))
        }
        FieldType::Array if reveals_nothing || class.is_none() => match field.items() {
            Some(items) => shown(items, class).map(|items| Shown::Items(Box::new(items))),
            None => reveals_nothing.then_some(Shown::SingleItems),
        },
        _ if !reveals_nothing => None,
        FieldType::String if !field.enumeration().is_empty() => {
            let texts = field.enumeration().iter().chain(field.missing());
            let texts = texts.filter_map(|value| match value {
                Scalar::Text(text) => Some(text.clone()),
                _ => None,
            });
            Some(Shown::OneOf(texts.collect()))
        }
        kind => Some(Shown::Value(kind)),
    }
}

fn object(shown: &Members, text: &str, out: &mut String) -> bool {
    let start = out.len();
    each_member(text, |name, value| {
        let Some(shown) = shown.get(&*nfc(&name)) else {
            return;
        };
        let before = out.len();
        out.push(if before == start { '{' } else { ',' });
        // A name always has a JSON form.
        out.push_str(&serde_json::to_string(&name).unwrap_or_default());
        out.push(':');
        if !self::value(shown, value.get(), out) {
            out.truncate(before);
        }
    });
    let any = out.len() > start;
    if any {
        out.push('}');
    }
    any
}

/// Writes what is shown of the value; `false`, and perhaps a part of it, if nothing is.
fn value(shown: &Shown, json: &str, out: &mut String) -> bool {
    match shown {
        _ if json == "null" => {}
        Shown::Value(kind) if is_of(*kind, json) => {}
        Shown::OneOf(texts) if text(json).is_some_and(|text| texts.contains(&*nfc(&text))) => {}
        Shown::Members(members) if json.starts_with('{') => return object(members, json, out),
        Shown::Items(inner) if json.starts_with('[') => {
            return items(json, out, |item, out| value(inner, item, out));
        }
        Shown::SingleItems if json.starts_with('[') => {
            return items(json, out, |item, out| {
                out.push_str(item);
                !item.starts_with(['[', '{'])
            });
        }
        _ => return false,
    }
    out.push_str(json);
    true
}

/// Writes the items of an array that are shown.
fn items(json: &str, out: &mut String, mut write: impl FnMut(&str, &mut String) -> bool) -> bool {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) else {
        return false;
    };
    let start = out.len();
    out.push('[');
    for item in items {
        let before = out.len();
        if before > start + 1 {
            out.push(',');
        }
        if !write(item.get(), out) {
            out.truncate(before);
        }
    }
    out.push(']');
    true
}

fn is_of(kind: FieldType, json: &str) -> bool {
    match kind {
        FieldType::String => json.starts_with('"'),
        FieldType::Integer | FieldType::Number => {
            json.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        }
        FieldType::Boolean => matches!(json, "true" | "false"),
        FieldType::Datetime => text(json).is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        // Those are taken apart.
        _ => false,
    }
}

fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

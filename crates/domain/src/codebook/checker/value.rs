//! One value against the rules of its field.

use super::object::{self, Path, Table};
use super::rules::{Range, TextRules, length, sorted};
use crate::codebook::cursor::{Cursor, decoded};
use crate::codebook::number::{Short, compare, is_integer};
use crate::codebook::pattern::Pattern;
use crate::codebook::{Field, FieldType, Number, Scalar, Undeclared};
use crate::{Fault, FaultKind, Timestamp};
use std::collections::HashMap;

/// Patterns by their text, so that each is compiled once.
#[derive(Default)]
pub(super) struct Patterns(HashMap<Box<str>, Option<Pattern>>);

impl Patterns {
    /// A pattern of a codebook was compiled when it was read; it compiles again.
    fn get(&mut self, text: &str) -> Option<Pattern> {
        let compiled = self.0.entry(text.into());
        compiled.or_insert_with(|| Pattern::new(text).ok()).clone()
    }
}

/// The rules of a field.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: Box<str>,
    pub(super) required: bool,
    kind: Kind,
    field_type: FieldType,
    missing_texts: Vec<Box<str>>,
    missing_numbers: Vec<Number>,
}

#[derive(Debug)]
enum Kind {
    /// Any text.
    AnyText,
    Text(TextRules),
    Number {
        integer: bool,
        range: Range<Number>,
        /// The bounds where they are integers of 64 bits and all that there is.
        short: Option<(i64, i64)>,
    },
    Boolean,
    Datetime(Range<Timestamp>),
    Array {
        least: u32,
        most: u32,
        items: Option<Box<Rule>>,
    },
    Object {
        fields: Table,
        refuses_undeclared: bool,
    },
}

fn as_number(scalar: &Scalar) -> Option<Number> {
    match scalar {
        Scalar::Number(number) => Some(number.clone()),
        _ => None,
    }
}

fn as_text(scalar: &Scalar) -> Option<Box<str>> {
    match scalar {
        Scalar::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn as_time(scalar: &Scalar) -> Option<Timestamp> {
    match scalar {
        Scalar::Time(time) => Some(*time),
        _ => None,
    }
}

impl Rule {
    pub(super) fn new(field: &Field, patterns: &mut Patterns) -> Self {
        let (least, most) = (
            field.min_length().unwrap_or(0),
            field.max_length().unwrap_or(u32::MAX),
        );
        let kind = match field.kind() {
            FieldType::String => {
                let rules = TextRules {
                    enumeration: sorted(field.enumeration().iter().filter_map(as_text)),
                    least,
                    most,
                    pattern: field.pattern().and_then(|text| patterns.get(text)),
                };
                if rules.is_empty() {
                    Kind::AnyText
                } else {
                    Kind::Text(rules)
                }
            }
            FieldType::Integer | FieldType::Number => {
                let range = Range::new(field, as_number);
                Kind::Number {
                    integer: field.kind() == FieldType::Integer,
                    short: short(&range),
                    range,
                }
            }
            FieldType::Boolean => Kind::Boolean,
            FieldType::Datetime => Kind::Datetime(Range::new(field, as_time)),
            FieldType::Array => Kind::Array {
                least,
                most,
                items: field
                    .items()
                    .map(|items| Box::new(Self::new(items, patterns))),
            },
            FieldType::Object => Kind::Object {
                fields: Table::new(field.fields(), |_| true, patterns),
                refuses_undeclared: field.undeclared() == Some(Undeclared::Refuse),
            },
        };
        Self {
            name: field.name().into(),
            required: field.required(),
            kind,
            field_type: field.kind(),
            missing_texts: field.missing().iter().filter_map(as_text).collect(),
            missing_numbers: field.missing().iter().filter_map(as_number).collect(),
        }
    }

    /// Looks at the value that comes next, and passes it.
    pub(super) fn check(&self, cursor: &mut Cursor<'_>, path: &Path<'_>, faults: &mut Vec<Fault>) {
        let first = cursor.peek();
        let kind = match (&self.kind, first) {
            (
                Kind::Object {
                    fields,
                    refuses_undeclared,
                },
                b'{',
            ) => {
                return object::check(cursor, 1, |_| fields, *refuses_undeclared, path, faults);
            }
            (Kind::Array { least, most, items }, b'[') => {
                let count = array(cursor, items.as_deref(), path, faults);
                length(
                    count,
                    *least,
                    *most,
                    |min| FaultKind::TooFewItems { min },
                    |max| FaultKind::TooManyItems { max },
                )
            }
            (Kind::AnyText, b'"') => {
                cursor.string();
                None
            }
            (_, b'"') => self.unless_missing_text(cursor.string()),
            (_, b'{' | b'[') => {
                cursor.skip();
                Some(self.wrong_type())
            }
            _ => self.word(cursor.word()),
        };
        if let Some(kind) = kind {
            path.fault(kind, faults);
        }
    }

    fn wrong_type(&self) -> FaultKind {
        FaultKind::WrongFieldType {
            expected: self.field_type,
        }
    }

    fn unless_missing_text(&self, inside: &str) -> Option<FaultKind> {
        let fault = match &self.kind {
            Kind::Text(rules) => rules.fault(&decoded(inside)),
            Kind::Datetime(range) => match decoded(inside).parse::<Timestamp>() {
                Ok(time) => range.fault(|bound| bound.cmp(&time), Timestamp::to_string),
                Err(_) => Some(self.wrong_type()),
            },
            _ => Some(self.wrong_type()),
        };
        fault.filter(|_| {
            let missing = &self.missing_texts;
            missing.is_empty() || !missing.iter().any(|code| **code == *decoded(inside))
        })
    }

    /// A number, `true`, `false`, or a `null` among the items of an array.
    fn word(&self, text: &str) -> Option<FaultKind> {
        let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let fault = match &self.kind {
            Kind::Boolean if matches!(text, "true" | "false") => None,
            Kind::Number {
                integer,
                range,
                short,
            } if is_number => {
                number(text, *integer, range, *short).unwrap_or_else(|| Some(self.wrong_type()))
            }
            _ => Some(self.wrong_type()),
        };
        fault.filter(|_| {
            let missing = &self.missing_numbers;
            !is_number
                || !missing
                    .iter()
                    .any(|code| compare(code.as_str(), text).is_eq())
        })
    }
}

/// Bounds that a number can be compared with in a few steps.
fn short(range: &Range<Number>) -> Option<(i64, i64)> {
    let bound = |bound: &Option<Number>, none: i64| match bound {
        Some(number) => Short::of(number.as_str())?.integer(),
        None => Some(none),
    };
    let bounds = (
        bound(&range.least, i64::MIN)?,
        bound(&range.most, i64::MAX)?,
    );
    range.enumeration.is_none().then_some(bounds)
}

/// What is wrong with a number; `None` if it is no integer, and must be one.
fn number(
    text: &str,
    integer: bool,
    range: &Range<Number>,
    bounds: Option<(i64, i64)>,
) -> Option<Option<FaultKind>> {
    if let (Some((least, most)), Some(short)) = (bounds, Short::of(text)) {
        if integer && !short.is_integer() {
            return None;
        }
        if short.compare(least).is_ge() && short.compare(most).is_le() {
            return Some(None);
        }
    } else if integer && !is_integer(text) {
        return None;
    }
    Some(range.fault(|bound| compare(bound.as_str(), text), Number::to_string))
}

/// Passes an array and looks at its items; how many there are.
fn array(
    cursor: &mut Cursor<'_>,
    items: Option<&Rule>,
    path: &Path<'_>,
    faults: &mut Vec<Fault>,
) -> usize {
    let mut count = 0;
    while cursor.next(b']') {
        match items {
            Some(rule) => rule.check(cursor, &Path::Item(path, count), faults),
            None => cursor.skip(),
        }
        count += 1;
    }
    count
}

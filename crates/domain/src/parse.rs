//! From the bytes of a request to entries: one object, an array, or lines (NDJSON).
//!
//! The body is read once by the JSON parser; payloads stay the text that was sent and are looked at once more, for the limits.

use crate::codebook::Roles;
use crate::draft::read;
use crate::parts::without_participant;
use crate::{Draft, Limits, Misfit};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

/// How the entries of a body stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One object, or an array of them.
    Json,
    /// An object a line; blank lines are passed over.
    Lines,
}

/// The entries of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// One object.
    One(Box<Parsed>),
    /// An array or lines, in order.
    Several(Vec<Parsed>),
}

/// What one place of a body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// Whom it names as the participant, by username. It is in no other member of this value.
    pub participant: Option<String>,
    /// Whom it names as the participant, by number in the study, if the codebook says that a member does. It is in no other member
    /// of this value.
    pub number: Option<u64>,
    /// An entry, or a text that is none with everything that is wrong with it.
    pub entry: Result<Draft, Misfit>,
}

/// Why a body as a whole can't be read: it is refused, and nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It is no JSON (RFC 8259).
    #[error("malformed JSON at line {line}, column {column}: {problem}")]
    Malformed {
        /// Of the body, from 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// What the parser says of it.
        problem: String,
    },
    /// Members stand twice in an object, so that readers differ on what it means (RFC 8259 section 4, RFC 7493 section 2.3).
    #[error("members stand twice in an object: {}", .pointers.join(", "))]
    Duplicates {
        /// Where, into the body.
        pointers: Vec<String>,
    },
    /// There are more entries than a request may have.
    #[error("more than {max} entries")]
    TooMany {
        /// The limit.
        max: usize,
    },
}

/// Reads a body.
///
/// # Errors
///
/// [`BodyError`] where the body as a whole can't be read. What is wrong with one entry is in its [`Parsed`].
pub fn parse(body: &[u8], form: Form, limits: &Limits) -> Result<Body, BodyError> {
    parse_with(body, form, limits, None)
}

/// Reads a body of a study whose codebook says which members play which part.
///
/// # Errors
///
/// Those of [`parse`].
pub fn parse_with(
    body: &[u8],
    form: Form,
    limits: &Limits,
    roles: Option<&Roles>,
) -> Result<Body, BodyError> {
    let text = text(body)?;
    let mut duplicates = Vec::new();
    let parsed = match form {
        Form::Json => match from_line(text, 1)? {
            Top::Item(item) => {
                let source = || SourceTexts::of_text(text, form, roles).get(0);
                let parsed = read(item, limits, roles, "", source, &mut duplicates);
                Body::One(Box::new(parsed))
            }
            Top::Array(items) => several(text, form, items, (limits, roles), &mut duplicates)?,
        },
        Form::Lines => {
            let items = lines(text)
                .map(|(n, line)| from_line::<ItemText<'_>>(line, n).map(|item| item.0))
                .collect::<Result<_, _>>()?;
            several(text, form, items, (limits, roles), &mut duplicates)?
        }
    };
    if duplicates.is_empty() {
        Ok(parsed)
    } else {
        Err(BodyError::Duplicates {
            pointers: duplicates,
        })
    }
}

/// The text of the entry at that place, from 0, of a body that [`parse`] has read, but for a member that names the participant.
///
/// Kept apart from parsing, since only what goes to quarantine needs it. Empty where there is no such place. For more than one
/// of them, ask [`SourceTexts`].
pub fn source_text(body: &[u8], form: Form, index: usize) -> Box<str> {
    SourceTexts::of(body, form).get(index)
}

/// The texts of the entries of a body that [`parse`] has read. The body is taken apart on the first use, and once.
#[derive(Debug)]
pub struct SourceTexts<'a> {
    text: &'a str,
    form: Form,
    roles: Option<&'a Roles>,
    items: OnceCell<Vec<&'a str>>,
}

impl<'a> SourceTexts<'a> {
    /// Those of that body.
    pub fn of(body: &'a [u8], form: Form) -> Self {
        Self::with(body, form, None)
    }

    /// Those of that body, of a study whose codebook says which members play which part.
    pub fn with(body: &'a [u8], form: Form, roles: Option<&'a Roles>) -> Self {
        Self::of_text(text(body).unwrap_or_default(), form, roles)
    }

    fn of_text(text: &'a str, form: Form, roles: Option<&'a Roles>) -> Self {
        Self {
            text,
            form,
            roles,
            items: OnceCell::new(),
        }
    }

    /// The text of the entry at that place, from 0, but for a member that names the participant; empty where there is no such place.
    pub fn get(&self, index: usize) -> Box<str> {
        let items = self.items.get_or_init(|| items(self.text, self.form));
        without_participant(items.get(index).copied().unwrap_or_default(), self.roles)
    }
}

fn items(text: &str, form: Form) -> Vec<&str> {
    match form {
        Form::Json if text.trim_ascii_start().starts_with('[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            items.into_iter().map(RawValue::get).collect()
        }
        Form::Json => vec![text.trim_ascii()],
        Form::Lines => lines(text).map(|(_, line)| line.trim_ascii()).collect(),
    }
}

fn text(body: &[u8]) -> Result<&str, BodyError> {
    let text = std::str::from_utf8(body).map_err(|error| not_utf8(body, error.valid_up_to()))?;
    // A reader may pass over a byte order mark (RFC 8259 section 8.1).
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The lines that are not blank, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(n, line)| (n + 1, line))
}

fn several(
    text: &str,
    form: Form,
    items: Vec<Item<'_>>,
    (limits, roles): (&Limits, Option<&Roles>),
    duplicates: &mut Vec<String>,
) -> Result<Body, BodyError> {
    if items.len() > limits.entries {
        return Err(BodyError::TooMany {
            max: limits.entries,
        });
    }
    let texts = SourceTexts::of_text(text, form, roles);
    let read = |(n, item)| {
        let place = format!("/{n}");
        read(item, limits, roles, &place, || texts.get(n), duplicates)
    };
    Ok(Body::Several(
        items.into_iter().enumerate().map(read).collect(),
    ))
}

fn from_line<'a, T: Deserialize<'a>>(text: &'a str, first_line: usize) -> Result<T, BodyError> {
    serde_json::from_str(text).map_err(|error| BodyError::Malformed {
        line: first_line + error.line().saturating_sub(1),
        column: error.column(),
        problem: without_place(&error),
    })
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ")
        .map_or(text.clone(), |(problem, _)| problem.to_owned())
}

fn not_utf8(body: &[u8], valid_up_to: usize) -> BodyError {
    let before = &body[..valid_up_to];
    let line_start = before
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |newline| newline + 1);
    BodyError::Malformed {
        line: 1 + before.iter().filter(|&&b| b == b'\n').count(),
        column: 1 + valid_up_to - line_start,
        problem: "not UTF-8".to_owned(),
    }
}

/// The members of a body that is one object; `None` for anything else.
pub(crate) fn object(body: &[u8]) -> Result<Item<'_>, BodyError> {
    from_line::<ItemText<'_>>(text(body)?, 1).map(|item| item.0)
}

/// What stands at one place of a body: the members of an object, or `None` for anything else.
pub(crate) type Item<'a> = Option<Vec<(Cow<'a, str>, &'a RawValue)>>;

/// Splits an object into its members.
pub(crate) fn item<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Item<'de>, D::Error> {
    ItemText::deserialize(deserializer).map(|item| item.0)
}

enum Top<'a> {
    Array(Vec<Item<'a>>),
    Item(Item<'a>),
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct ItemText<'a>(Item<'a>);

impl<'de> Deserialize<'de> for Top<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TopVisitor { nested: false })
    }
}

impl<'de> Deserialize<'de> for ItemText<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(TopVisitor { nested: true })? {
            Top::Item(item) => Ok(Self(item)),
            Top::Array(_) => Ok(Self(None)),
        }
    }
}

/// Splits objects into members; an array only at the top.
struct TopVisitor {
    nested: bool,
}

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log entry or an array of log entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some(Name(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Top::Item(Some(members)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if self.nested {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Top::Item(None));
        }
        let mut items = Vec::new();
        while let Some(ItemText(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Top::Array(items))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Top::Item(None))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Top::Item(None))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Top::Item(None))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Top::Item(None))
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Top::Item(None))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Top::Item(None))
    }
}

#[cfg(test)]
mod tests;

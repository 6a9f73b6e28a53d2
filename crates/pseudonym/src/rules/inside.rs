//! Rules at work on JSON: on values, and on objects and arrays that hold values.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::value::RawValue;

use super::action::Action;
use super::json::{members, push_text, whole_pairs};
use super::pseudonymiser::{Ruling, Run};
use super::step::{Given, Made, Misfit, Row};
use super::tree::Tree;
use super::{Step, StreamError};

impl Run<'_> {
    /// Writes what becomes of a value of JSON; `false`, and nothing, if nothing does.
    pub(super) fn value(
        &mut self,
        json: &str,
        tree: Option<&Tree>,
        inherited: Ruling,
        row: &dyn Row,
        out: &mut String,
    ) -> Result<bool, StreamError> {
        let own = tree.and_then(|tree| tree.field);
        let ruling = own.map_or(inherited, |field| self.ruling(field));
        let below = tree.filter(|tree| tree.has_below());
        match (json.as_bytes().first(), below) {
            (Some(b'{'), Some(tree)) => return self.object(json, tree, ruling, row, out),
            (Some(b'['), Some(tree)) => {
                return self.items(json, tree.items(), ruling, row, out);
            }
            (Some(b'n'), _) => {}
            (_, Some(tree)) if own.is_none() => {
                if let Some(field) = tree.any_field() {
                    self.report.misfit(field, self.line, Misfit::NoObject);
                }
                out.push_str("null");
                return Ok(true);
            }
            _ => {}
        }
        match ruling {
            Ruling::Drop => Ok(false),
            Ruling::Keep => {
                out.push_str(json);
                Ok(true)
            }
            Ruling::Field(field) => {
                if json.starts_with(['{', '[']) {
                    self.whole(json, field, row, out)?;
                } else {
                    self.scalar(json, field, row, out)?;
                }
                Ok(true)
            }
        }
    }

    /// An object or an array of which no part has rules of its own.
    fn whole(
        &mut self,
        json: &str,
        field: usize,
        row: &dyn Row,
        out: &mut String,
    ) -> Result<(), StreamError> {
        let steps = self.rules.fields.get(field).map(|field| &field.steps[..]);
        let steps = steps.unwrap_or_default();
        if matches!(
            steps,
            [Step {
                action: Action::Redact { .. },
                ..
            }]
        ) {
            return self.scalar("\"\"", field, row, out);
        }
        if json.starts_with('[') {
            self.items(json, None, Ruling::Field(field), row, out)?;
            return Ok(());
        }
        let scrubs = |step: &Step| matches!(step.action, Action::Scrub(_));
        if steps.iter().all(scrubs) {
            return self.scrubbed_object(json, field, row, out);
        }
        self.report.misfit(field, self.line, Misfit::Object);
        out.push_str("null");
        Ok(())
    }

    fn scalar(
        &mut self,
        json: &str,
        field: usize,
        row: &dyn Row,
        out: &mut String,
    ) -> Result<(), StreamError> {
        let text = match json.as_bytes().first() {
            Some(b'"') => self.text(json)?,
            Some(b'n') => Cow::Borrowed(""),
            _ => Cow::Borrowed(json),
        };
        let is_number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let given = Given {
            text: &text,
            is_number,
        };
        match self.apply(field, given, row)? {
            Some(Made::Same) => out.push_str(json),
            Some(Made::Text) => push_text(&self.made, out),
            Some(Made::Number) => out.push_str(&self.made),
            None => out.push_str("null"),
        }
        Ok(())
    }

    fn object(
        &mut self,
        json: &str,
        tree: &Tree,
        ruling: Ruling,
        row: &dyn Row,
        out: &mut String,
    ) -> Result<bool, StreamError> {
        let start = out.len();
        let mut empty = true;
        out.push('{');
        for (name, value) in self.members(json)? {
            let before = out.len();
            if !empty {
                out.push(',');
            }
            push_text(&name, out);
            out.push(':');
            if self.value(value.get(), tree.below(&name), ruling, row, out)? {
                empty = false;
            } else {
                out.truncate(before);
            }
        }
        out.push('}');
        let nothing = empty && matches!(ruling, Ruling::Drop);
        if nothing {
            out.truncate(start);
        }
        Ok(!nothing)
    }

    fn items(
        &mut self,
        json: &str,
        tree: Option<&Tree>,
        ruling: Ruling,
        row: &dyn Row,
        out: &mut String,
    ) -> Result<bool, StreamError> {
        let items: Vec<&RawValue> =
            serde_json::from_str(json).map_err(|error| self.malformed(&error))?;
        let start = out.len();
        let mut empty = true;
        out.push('[');
        for item in items {
            let before = out.len();
            if !empty {
                out.push(',');
            }
            if self.value(item.get(), tree, ruling, row, out)? {
                empty = false;
            } else {
                out.truncate(before);
            }
        }
        out.push(']');
        let nothing = empty && matches!(ruling, Ruling::Drop);
        if nothing {
            out.truncate(start);
        }
        Ok(!nothing)
    }

    /// An object all of whose texts are scrubbed, the names of its members too; those stay different from each other.
    fn scrubbed_object(
        &mut self,
        json: &str,
        field: usize,
        row: &dyn Row,
        out: &mut String,
    ) -> Result<(), StreamError> {
        let mut taken = HashSet::new();
        out.push('{');
        for (n, (name, value)) in self.members(json)?.into_iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            let given = Given {
                text: &name,
                is_number: false,
            };
            let name = match self.apply(field, given, row)? {
                Some(Made::Same) | None => name.into_owned(),
                Some(_) => self.made.clone(),
            };
            let mut free = name.clone();
            let mut next = 2;
            while !taken.insert(free.clone()) {
                free = format!("{name} {next}");
                next += 1;
            }
            push_text(&free, out);
            out.push(':');
            self.value(value.get(), None, Ruling::Field(field), row, out)?;
        }
        out.push('}');
        Ok(())
    }

    pub(super) fn members<'j>(
        &self,
        json: &'j str,
    ) -> Result<Vec<(Cow<'j, str>, &'j RawValue)>, StreamError> {
        members(json).map_err(|error| self.malformed(&error))
    }

    fn text<'j>(&self, json: &'j str) -> Result<Cow<'j, str>, StreamError> {
        let inside = &json[1..json.len().max(2) - 1];
        if !inside.contains('\\') {
            return Ok(Cow::Borrowed(inside));
        }
        serde_json::from_str(json)
            .or_else(|_| serde_json::from_str(&whole_pairs(json)))
            .map(Cow::Owned)
            .map_err(|error| self.malformed(&error))
    }

    /// What is wrong with the row that is being read.
    pub(super) fn malformed(&self, error: &serde_json::Error) -> StreamError {
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or(&told);
        // What was found instead of an object would be told with its value.
        let reason = match error.classify() {
            serde_json::error::Category::Data => "it is no JSON object".to_owned(),
            _ => format!("it is no JSON object: {told}, at byte {}", error.column()),
        };
        StreamError::Malformed {
            line: self.line,
            reason,
        }
    }
}

/// The text of a value inside an object, for rules that look at it.
pub(super) fn look_up(json: &str, names: &[Box<str>]) -> Option<String> {
    let Some((name, rest)) = names.split_first() else {
        return match json.as_bytes().first()? {
            b'"' => serde_json::from_str(json).ok(),
            b'{' | b'[' | b'n' => None,
            _ => Some(json.to_owned()),
        };
    };
    let members = members(json).ok()?;
    let (_, value) = members.iter().find(|(other, _)| other == &**name)?;
    look_up(value.get(), rest)
}

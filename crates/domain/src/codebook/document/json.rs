//! JSON (RFC 8259) with places, and JSON as it is written for people.

use super::{DocumentError, Key, MAX_DEPTH, Node, Number, Value};
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Reads a document. Members that stand twice are all there.
pub(crate) fn read_json(text: &str) -> Result<Node<'_>, DocumentError> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let told = error.to_string();
        let problem = told.split(" at line ").next().unwrap_or(&told).to_owned();
        return Err(DocumentError::Malformed {
            at: offset(text, error.line(), error.column()),
            problem,
        });
    }
    let mut reader = Reader { text, at: 0 };
    reader.value(1)
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// Goes over a text that is known to be well-formed.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    /// Past a mark, if that is what comes next.
    fn pass(&mut self, mark: u8) -> bool {
        let there = self.peek() == mark;
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, DocumentError> {
        let first = self.peek();
        let at = self.at;
        let value = match first {
            b'{' | b'[' if depth > MAX_DEPTH => return Err(DocumentError::TooDeep { at }),
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                while !self.pass(b'}') {
                    let _ = self.pass(b',');
                    let _ = self.peek();
                    let key = Key {
                        at: self.at,
                        name: self.string()?,
                    };
                    let _ = self.pass(b':');
                    members.push((key, self.value(depth + 1)?));
                }
                Value::Table(members)
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.pass(b']') {
                    let _ = self.pass(b',');
                    items.push(self.value(depth + 1)?);
                }
                Value::List(items)
            }
            b'"' => Value::Text(self.string()?),
            _ => self.word(),
        };
        Ok(Node { at, value })
    }

    fn string(&mut self) -> Result<Cow<'a, str>, DocumentError> {
        let start = self.at;
        let end = crate::json::end_of_string(self.text.as_bytes(), start + 1);
        self.at = end + 1;
        let inside = &self.text[start + 1..end];
        if !inside.contains('\\') {
            return Ok(Cow::Borrowed(inside));
        }
        serde_json::from_str(&self.text[start..=end])
            .map(Cow::Owned)
            // The parser passes over a string without taking it apart: half a surrogate pair is found only here.
            .map_err(|_| DocumentError::Malformed {
                at: start,
                problem: "invalid unicode code point".to_owned(),
            })
    }

    fn word(&mut self) -> Value<'a> {
        let rest = &self.text[self.at..];
        let ends = |c: char| matches!(c, ',' | ']' | '}') || c.is_ascii_whitespace();
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += word.len();
        match word {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "null" => Value::Null,
            number => Number::parse(number).map_or(Value::NotFinite, Value::Number),
        }
    }
}

/// Writes a document: two spaces a level, lists of plain values on one line, a line feed at the end.
pub(crate) fn write_json(node: &Node<'_>) -> String {
    let mut out = String::new();
    write(node, 0, &mut out);
    out.push('\n');
    out
}

fn write(node: &Node<'_>, level: usize, out: &mut String) {
    match &node.value {
        Value::Text(text) => string(text, out),
        Value::Time(text) => string(text, out),
        Value::Number(number) => out.push_str(number.as_str()),
        Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Null | Value::NotFinite => out.push_str("null"),
        Value::List(items) => {
            let plain = items
                .iter()
                .all(|item| !matches!(item.value, Value::Table(_) | Value::List(_)));
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push_str(if plain { ", " } else { "," });
                }
                if !plain {
                    new_line(level + 1, out);
                }
                write(item, level + 1, out);
            }
            if !plain {
                new_line(level, out);
            }
            out.push(']');
        }
        Value::Table(members) => {
            out.push('{');
            for (n, (key, value)) in members.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                new_line(level + 1, out);
                string(&key.name, out);
                out.push_str(": ");
                write(value, level + 1, out);
            }
            if !members.is_empty() {
                new_line(level, out);
            }
            out.push('}');
        }
    }
}

fn new_line(level: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

fn string(text: &str, out: &mut String) {
    // A text always has a JSON form.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

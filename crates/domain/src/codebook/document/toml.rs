//! TOML 1.1 with places, and TOML as it is written for people.

use super::{DocumentError, Key, MAX_DEPTH, Node, Number, Value};
use std::fmt::Write as _;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// Reads a document.
///
/// # Errors
///
/// Everything that is wrong with the syntax.
pub(crate) fn read_toml(text: &str) -> Result<Node<'_>, Vec<DocumentError>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let malformed = |error: toml::de::Error| DocumentError::Malformed {
            at: error.span().map_or(0, |span| span.start),
            problem: error.message().to_owned(),
        };
        return Err(errors.into_iter().map(malformed).collect());
    }
    let table = self::table(table.into_inner(), 0, 1).map_err(|error| vec![error])?;
    Ok(table)
}

fn table(table: DeTable<'_>, at: usize, depth: usize) -> Result<Node<'_>, DocumentError> {
    if depth > MAX_DEPTH {
        return Err(DocumentError::TooDeep { at });
    }
    let mut members = Vec::with_capacity(table.len());
    for (name, value) in table {
        let key = Key {
            at: name.span().start,
            name: name.into_inner(),
        };
        let value = node(value, Some(key.at), depth + 1)?;
        members.push((key, value));
    }
    members.sort_by_key(|(key, _)| key.at);
    let value = Value::Table(members);
    Ok(Node { at, value })
}

fn node(
    value: Spanned<DeValue<'_>>,
    named_at: Option<usize>,
    depth: usize,
) -> Result<Node<'_>, DocumentError> {
    let at = value.span().start;
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(number) => integer(&number),
        DeValue::Float(number) => {
            Number::parse(number.as_str()).map_or(Value::NotFinite, Value::Number)
        }
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(time) => Value::Time(time.to_string()),
        DeValue::Array(_) if depth > MAX_DEPTH => return Err(DocumentError::TooDeep { at }),
        DeValue::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| node(item, None, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        DeValue::Table(inner) => return table(inner, named_at.unwrap_or(at), depth),
    };
    Ok(Node { at, value })
}

fn integer<'a>(number: &DeInteger<'_>) -> Value<'a> {
    let decimal = match number.radix() {
        10 => number.as_str().to_owned(),
        radix => u128::from_str_radix(number.as_str(), radix)
            .map(|n| n.to_string())
            .unwrap_or_default(),
    };
    Number::parse(&decimal).map_or(Value::NotFinite, Value::Number)
}

/// Writes a table: plain values first, then each table under its own header; tables of texts by language on one line.
pub(crate) fn write_toml(node: &Node<'_>) -> String {
    let mut out = String::new();
    if let Value::Table(members) = &node.value {
        section(members, &mut Vec::new(), &mut out);
    }
    out
}

fn section<'n>(members: &'n [(Key<'_>, Node<'_>)], path: &mut Vec<&'n str>, out: &mut String) {
    let (tables, plain): (Vec<_>, Vec<_>) = members
        .iter()
        .partition(|(key, node)| under_header(&key.name, node));
    if !path.is_empty() && (!plain.is_empty() || tables.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        let names: Vec<_> = path.iter().map(|name| bare_or_quoted(name)).collect();
        let _ = writeln!(out, "[{}]", names.join("."));
    }
    for (key, node) in plain {
        out.push_str(&bare_or_quoted(&key.name));
        out.push_str(" = ");
        inline(node, out);
        out.push('\n');
    }
    for (key, node) in tables {
        if let Value::Table(inner) = &node.value {
            path.push(&key.name);
            section(inner, path, out);
            path.pop();
        }
    }
}

fn under_header(name: &str, node: &Node<'_>) -> bool {
    node.is_table() && !matches!(name, "title" | "label" | "description")
        || match &node.value {
            // A field may be called `label`.
            Value::Table(members) => members.iter().any(|(_, node)| !is_text(node)),
            _ => false,
        }
}

fn is_text(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Text(_))
}

fn inline(node: &Node<'_>, out: &mut String) {
    match &node.value {
        Value::Text(text) => out.push_str(&quoted(text)),
        Value::Time(text) => out.push_str(&quoted(text)),
        Value::Number(number) => out.push_str(&toml_number(number)),
        Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Null | Value::NotFinite => out.push_str("nan"),
        Value::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                inline(item, out);
            }
            out.push(']');
        }
        Value::Table(members) => {
            out.push_str("{ ");
            for (n, (key, value)) in members.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{} = ", bare_or_quoted(&key.name));
                inline(value, out);
            }
            out.push_str(" }");
        }
    }
}

/// Integers beyond 64 bits are written as decimals, which other readers of TOML take too.
fn toml_number(number: &Number) -> String {
    let text = number.as_str();
    let plain = text.bytes().all(|b| b == b'-' || b.is_ascii_digit());
    if plain && text.parse::<i64>().is_err() {
        format!("{text}.0")
    } else {
        text.to_owned()
    }
}

fn bare_or_quoted(name: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A basic string of TOML 1.0.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

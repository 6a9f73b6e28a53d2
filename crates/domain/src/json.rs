//! Rules about JSON text that has been found well-formed: limits, duplicate members, and equality as a value.

use crate::codebook::nfc;
use crate::fault::escape;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a look at a value found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Pointers, relative to the value, of members that stand twice in an object.
    pub(crate) duplicates: Vec<String>,
    /// Where it is nested deeper than the limit, if it is.
    pub(crate) too_deep: Option<String>,
    /// Where the first text with U+0000 is.
    pub(crate) nul: Option<String>,
    /// Where the first text with half a surrogate pair is.
    pub(crate) lone_surrogate: Option<String>,
}

struct Level<'a> {
    /// The names in an object, `None` for an array.
    names: Option<Vec<Cow<'a, str>>>,
    /// Where in an array.
    index: usize,
}

/// Looks once at every byte of a well-formed value, without recursion.
pub(crate) fn inspect(text: &str, max_depth: usize) -> Findings {
    let mut found = Findings::default();
    let mut levels: Vec<Level<'_>> = Vec::new();
    let bytes = text.as_bytes();
    let (mut at, mut name_next) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            open @ (b'{' | b'[') => {
                levels.push(Level {
                    names: (open == b'{').then(Vec::new),
                    index: 0,
                });
                name_next = open == b'{';
                if levels.len() > max_depth && found.too_deep.is_none() {
                    found.too_deep = Some(pointer(&levels[..levels.len() - 1]));
                }
            }
            b'}' | b']' => {
                if let Some(closed) = levels.pop() {
                    report_duplicates(closed, &levels, &mut found.duplicates);
                }
            }
            b',' => {
                if let Some(level) = levels.last_mut() {
                    level.index += 1;
                    name_next = level.names.is_some();
                }
            }
            b':' => name_next = false,
            b'"' => {
                let end = end_of_string(bytes, at + 1);
                let inside = &text[at + 1..end];
                let decoded = if inside.contains('\\') {
                    decode(inside, &levels, &mut found)
                } else {
                    inside.into()
                };
                if name_next
                    && let Some(names) = levels.last_mut().and_then(|level| level.names.as_mut())
                {
                    names.push(decoded);
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

pub(crate) fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

fn report_duplicates(closed: Level<'_>, outer: &[Level<'_>], duplicates: &mut Vec<String>) {
    let Some(mut names) = closed.names else {
        return;
    };
    names.sort_unstable();
    for pair in names.windows(2) {
        if pair[0] == pair[1] {
            let duplicate = format!("{}/{}", pointer(outer), escape(&pair[0]));
            if duplicates.last() != Some(&duplicate) {
                duplicates.push(duplicate);
            }
        }
    }
}

fn pointer(levels: &[Level<'_>]) -> String {
    levels.iter().fold(String::new(), |mut pointer, level| {
        pointer.push('/');
        match level.names.as_ref().map(|names| names.last()) {
            Some(name) => pointer.push_str(&escape(name.map_or("", |n| n))),
            None => pointer.push_str(&level.index.to_string()),
        }
        pointer
    })
}

/// The text that a string with escapes stands for; half a surrogate pair becomes U+FFFD.
fn decode<'a>(inside: &'a str, levels: &[Level<'_>], found: &mut Findings) -> Cow<'a, str> {
    let mut units: Vec<u16> = Vec::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match chars.next() {
            Some('u') => (0..4).fold(0, |unit, _| {
                let digit = chars
                    .next()
                    .and_then(|c| c.to_digit(16))
                    .unwrap_or_default();
                unit << 4 | digit as u16
            }),
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            // The quotation mark, the solidus and the reverse solidus stand for themselves.
            other => other.map_or(0, |c| c as u16),
        });
    }
    if units.contains(&0) {
        found.nul.get_or_insert_with(|| pointer(levels));
    }
    let decoded = String::from_utf16(&units).unwrap_or_else(|_| {
        found.lone_surrogate.get_or_insert_with(|| pointer(levels));
        String::from_utf16_lossy(&units)
    });
    decoded.into()
}

/// One text for all spellings of a value: members in the order of their names, no white space, one form of numbers and of strings.
///
/// Names of members are in NFC, as the codebook has them; texts that are values stay as they are.
///
/// Numbers are compared as decimals, exact at any size, so that `1`, `1.0` and `1e0` are one number (RFC 8259 section 6 sets no limit).
pub(crate) fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    write_canonical(text.trim(), &mut out);
    out
}

fn write_canonical(text: &str, out: &mut String) {
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<Cow<'_, str>, &RawValue> =
                serde_json::from_str(text).unwrap_or_default();
            let mut members: Vec<_> = members
                .iter()
                .map(|(name, value)| (nfc(name), *value))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            out.push('{');
            for (name, value) in members {
                write_string(&name, out);
                out.push(':');
                write_canonical(value.get(), out);
                out.push(',');
            }
            out.push('}');
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            out.push('[');
            for item in items {
                write_canonical(item.get(), out);
                out.push(',');
            }
            out.push(']');
        }
        Some(b'"') => match serde_json::from_str::<Cow<'_, str>>(text) {
            Ok(decoded) => write_string(&decoded, out),
            Err(_) => out.push_str(text),
        },
        Some(b'-' | b'0'..=b'9') => write_number(text, out),
        _ => out.push_str(text),
    }
}

fn write_string(text: &str, out: &mut String) {
    // A text always has a JSON form.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// As `-digits e exponent`, without zeros at either end of the digits.
fn write_number(text: &str, out: &mut String) {
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        out.push('0');
        return;
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    match exponent
        .parse::<i64>()
        .ok()
        .and_then(|e| e.checked_add(trailing as i64 - fraction.len() as i64))
    {
        Some(exponent) => {
            let _ = write!(out, "{sign}{significant}e{exponent}");
        }
        // An exponent beyond 64 bits is equal only to itself as it is written.
        None => {
            let _ = write!(out, "{sign}{mantissa}e{exponent}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"a":1,"b":{"c":1,"c":2}}"#, &["/b/c"])]
    #[case(r#"{"a":1,"a":1,"a":1}"#, &["/a"])]
    #[case(r#"{"\u0061":1,"a":1}"#, &["/a"])]
    #[case(r#"[{"x":[0,{"~/":1,"~/":2}]}]"#, &["/0/x/1/~0~1"])]
    #[case(r#"{"a":{"b":1},"c":{"b":1},"b":"b"}"#, &[])]
    #[case(r#"{"a":"a,\"a\":"}"#, &[])]
    fn members_that_stand_twice_are_found(#[case] text: &str, #[case] duplicates: &[&str]) {
        assert_eq!(inspect(text, 32).duplicates, duplicates);
    }

    #[test]
    fn depth_is_counted_from_the_value_itself() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(inspect(&nested(32), 32), Findings::default());
        assert_eq!(inspect(&nested(33), 32).too_deep, Some("/0".repeat(32)));
        assert!(inspect(&nested(100_000), 32).too_deep.is_some());
    }

    #[rstest]
    #[case(r#"{"a":["x","\u0000"]}"#, Some("/a/1"), None)]
    #[case(r#"{"a":"\ud83c\udfae"}"#, None, None)]
    #[case(r#"{"a":"\ud83c"}"#, None, Some("/a"))]
    #[case(r#"{"a":"\udfae\ud83c"}"#, None, Some("/a"))]
    #[case(r#"{"a":"\\u0000 \\ud83c"}"#, None, None)]
    fn texts_that_can_not_be_kept_are_found(
        #[case] text: &str,
        #[case] nul: Option<&str>,
        #[case] lone: Option<&str>,
    ) {
        let found = inspect(text, 32);
        assert_eq!(
            (found.nul.as_deref(), found.lone_surrogate.as_deref()),
            (nul, lone)
        );
    }

    #[rstest]
    #[case("1", "1.0")]
    #[case("100", "1e2")]
    #[case("0.001", "1E-3")]
    #[case("-0.0", "0")]
    #[case(r#"{"b":[1, 2],"a":"\u00e9"}"#, r#" {"a":"é","b":[1.0,2]} "#)]
    #[case("1e400", "10e399")]
    #[case(
        r#"{"a":1,"\u00e9":[{"e\u0301":2}],"f":3}"#,
        r#"{"a":1,"e\u0301":[{"é":2}],"f":3}"#
    )]
    fn two_spellings_of_a_value_are_one(#[case] one: &str, #[case] other: &str) {
        assert_eq!(canonical(one), canonical(other));
    }

    #[rstest]
    #[case("9007199254740993", "9007199254740992")]
    #[case("1e400", "1e401")]
    #[case("[1,2]", "[2,1]")]
    #[case(r#"["a","b"]"#, r#"["a\",\"b"]"#)]
    #[case("null", "{}")]
    // A text is as it was typed; both of two members count.
    #[case(r#""\u00e9""#, r#""e\u0301""#)]
    #[case(r#"{"\u00e9":1,"e\u0301":2}"#, r#"{"\u00e9":1}"#)]
    fn two_values_are_two(#[case] one: &str, #[case] other: &str) {
        assert_ne!(canonical(one), canonical(other));
    }

    proptest! {
        #[test]
        fn what_is_well_formed_is_looked_at_without_a_panic(text in r#"[\[\]{}:,"\\u0a1dfte. -]{0,40}"#) {
            if serde_json::from_str::<&RawValue>(&text).is_ok() {
                inspect(&text, 4);
                canonical(&text);
            }
        }
    }
}

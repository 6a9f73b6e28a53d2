//! Inputs that are almost right: what is in a corpus, changed at a few places.

use crate::dice::Dice;
use serde_json::{Map, Value, json};

/// Pieces of text that parsers have stumbled over.
const PIECES: [&str; 40] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "null",
    "true",
    "-0",
    "1e999",
    "-1e-999",
    "99999999999999999999999",
    "9223372036854775808",
    "-9223372036854775809",
    "0.1e1",
    "\u{feff}",
    "\0",
    "\r\n",
    "\n",
    "\u{2028}",
    "\u{202e}",
    "é",
    "e\u{301}",
    "🎮",
    "%00",
    "%2e%2e%2f",
    "../",
    "<script>",
    "'; --",
    "=1+1",
    "2024-02-30T25:61:61Z",
    "9999-12-31T23:59:60Z",
    "Z",
    "+99:99",
    "\"\"",
];

/// A text of the corpus with one to four changes; now and then a piece of another one in it.
pub(crate) fn bytes(dice: &mut Dice, seed: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..1 + dice.below(4) {
        change(dice, &mut input, others);
    }
    // What grows without bound is slow and finds nothing.
    input.truncate(1 << 16);
    input
}

fn change(dice: &mut Dice, input: &mut Vec<u8>, others: &[Vec<u8>]) {
    let at = dice.below(input.len() + 1);
    let end = (at + dice.below(16)).min(input.len());
    match dice.below(10) {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 if at < input.len() => input[at] = dice.next() as u8,
        2 => drop(input.drain(at..end)),
        3 => {
            let part = input[at..end].to_vec();
            let times = 1 + dice.below(if part.len() < 3 { 200 } else { 3 });
            drop(input.splice(at..at, part.repeat(times)));
        }
        4 => input.truncate(at),
        5 if !others.is_empty() => {
            let other = &others[dice.below(others.len())];
            let from = dice.below(other.len() + 1);
            let to = (from + dice.below(64)).min(other.len());
            drop(input.splice(at..end, other[from..to].iter().copied()));
        }
        6 => {
            // A number is where off-by-one lives.
            if let Some(digit) = input.iter().skip(at).position(u8::is_ascii_digit) {
                input[at + digit] = b'0' + dice.below(10) as u8;
            }
        }
        _ => {
            let piece = PIECES[dice.below(PIECES.len())];
            drop(input.splice(at..at, piece.bytes()));
        }
    }
}

/// A JSON text, changed where it has its joints: a value is replaced, left out, doubled, wrapped, or renamed.
pub(crate) fn json(dice: &mut Dice, value: &mut Value) {
    match value {
        Value::Object(members) if !members.is_empty() && dice.below(4) > 0 => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = &names[dice.below(names.len())];
            match dice.below(8) {
                0 => drop(members.remove(name)),
                1 => {
                    if let Some(moved) = members.remove(name) {
                        members.insert(text(dice), moved);
                    }
                }
                2 => drop(members.insert(text(dice), odd(dice))),
                _ => json(dice, &mut members[name.as_str()]),
            }
        }
        Value::Array(items) if !items.is_empty() && dice.below(4) > 0 => {
            let at = dice.below(items.len());
            match dice.below(6) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => json(dice, &mut items[at]),
            }
        }
        _ => *value = odd(dice),
    }
}

/// Some value that one would not expect.
pub(crate) fn odd(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!(dice.next() as i64),
        3 => json!(u64::MAX),
        4 => json!(-1),
        5 => json!(0.1),
        6 => json!([]),
        7 => json!({}),
        8 => json!("x".repeat(dice.below(300))),
        9 => {
            let deep = |inner: Value, _| json!([inner]);
            (0..dice.below(60)).fold(json!(1), deep)
        }
        10 => Value::Object(Map::from_iter([(text(dice), json!(text(dice)))])),
        _ => json!(text(dice)),
    }
}

/// Some text that one would not expect.
pub(crate) fn text(dice: &mut Dice) -> String {
    let parts = 1 + dice.below(3);
    (0..parts)
        .map(|_| PIECES[dice.below(PIECES.len())])
        .collect()
}

//! Going over a JSON text that is known to be well-formed, without taking it apart.

use super::nfc;
use std::borrow::Cow;

/// A place in a text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The first byte of what comes next; 0 at the end.
    pub(super) fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    /// Past that mark, if it comes next.
    pub(super) fn pass(&mut self, mark: u8) -> bool {
        let there = self.peek() == mark;
        self.at += usize::from(there);
        there
    }

    /// Past the opening mark or the comma, to the next member or item; `false`, and past the closing mark, after the last.
    pub(super) fn next(&mut self, close: u8) -> bool {
        let mark = self.peek();
        if mark == 0 {
            return false;
        }
        self.at += 1;
        mark != close && !self.pass(close) && self.at < self.text.len()
    }

    /// Past a string; what stood between its quotation marks.
    pub(super) fn string(&mut self) -> &'t str {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'"') {
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        self.at = end + 1;
        self.text.get(start..end).unwrap_or_default()
    }

    /// Past a number, `true`, `false` or `null`; its text.
    pub(super) fn word(&mut self) -> &'t str {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Past a value of any kind.
    pub(super) fn skip(&mut self) {
        match self.peek() {
            b'"' => {
                self.string();
            }
            b'{' | b'[' => {
                let mut open = 0_usize;
                loop {
                    match self.peek() {
                        b'{' | b'[' => open += 1,
                        b'}' | b']' => open -= 1,
                        b'"' => {
                            self.string();
                            continue;
                        }
                        0 => return,
                        _ => {}
                    }
                    self.at += 1;
                    if open == 0 {
                        return;
                    }
                }
            }
            _ => {
                self.word();
            }
        }
    }
}

/// The text that stands between the quotation marks of a string, in NFC.
pub(super) fn decoded(inside: &str) -> Cow<'_, str> {
    if !inside.contains('\\') {
        return nfc(inside);
    }
    // Half a surrogate pair, which the reading of entries refuses, stands for itself.
    serde_json::from_str::<String>(&format!("\"{inside}\"")).map_or(Cow::Borrowed(inside), |text| {
        Cow::Owned(nfc(&text).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_and_items_are_walked() {
        let mut cursor = Cursor::new(r#" { "a" : [ 1 , "]" , { } , [ ] ] , "b\"" : null } "#);
        assert_eq!(cursor.peek(), b'{');
        assert!(cursor.next(b'}'));
        cursor.peek();
        assert_eq!(cursor.string(), "a");
        assert!(cursor.pass(b':'));
        let mut items = 0;
        cursor.peek();
        while cursor.next(b']') {
            cursor.skip();
            items += 1;
        }
        assert_eq!(items, 4);
        assert!(cursor.next(b'}'));
        cursor.peek();
        assert_eq!(cursor.string(), r#"b\""#);
        assert!(cursor.pass(b':'));
        cursor.peek();
        assert_eq!(cursor.word(), "null");
        assert!(!cursor.next(b'}'));
        assert_eq!(cursor.peek(), 0);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[\[\]{}:,"\\u0a1é -]{0,30}"#) {
            Cursor::new(&text).skip();
            let mut cursor = Cursor::new(&text);
            if cursor.peek() == b'[' {
                while cursor.next(b']') {
                    cursor.skip();
                }
            }
        }
    }
}

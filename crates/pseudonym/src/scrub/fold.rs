//! A text without what makes no difference, and the way back to the text as it was.

use std::ops::Range;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A folded text, and for each byte of it the place that it comes from.
#[derive(Debug, Default)]
pub(super) struct Folded {
    text: String,
    /// Where the character begins that a byte comes from. Empty where every byte is in its own place.
    places: Vec<usize>,
    /// What the letters from [`LATIN`] on are folded to, so that it need not be looked up in tables of all of Unicode.
    latin: Vec<Box<str>>,
}

/// Letters of western and central Europe with accents, and signs: the blocks Latin-1 Supplement and Latin Extended-A.
const LATIN: std::ops::Range<u32> = 0x80..0x180;

impl Folded {
    /// One that remembers how letters of Europe are folded: for many texts.
    pub(super) fn for_many() -> Self {
        let letters = LATIN.filter_map(char::from_u32);
        let folded = letters.map(|letter| {
            let mut folded = String::new();
            each_folded(letter, |c| folded.push(c));
            folded.into()
        });
        Self {
            latin: folded.collect(),
            ..Self::default()
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Folds a text: small letters without accents, no characters without width, one kind of dash, apostrophe and space.
    pub(super) fn fold(&mut self, text: &str) {
        self.text.clear();
        self.places.clear();
        if text.is_ascii() {
            self.text.push_str(text);
            self.text.make_ascii_lowercase();
            return;
        }
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if c.is_ascii() {
                let rest = &text.as_bytes()[at..];
                let plain = rest.iter().take_while(|byte| byte.is_ascii()).count();
                let start = self.text.len();
                self.text.push_str(&text[at..at + plain]);
                self.text[start..].make_ascii_lowercase();
                self.places.extend(at..at + plain);
                at += plain;
                continue;
            }
            let latin = u32::from(c).checked_sub(LATIN.start);
            match latin.and_then(|letter| self.latin.get(letter as usize)) {
                Some(folded) => {
                    self.text.push_str(folded);
                    self.places.extend(std::iter::repeat_n(at, folded.len()));
                }
                None => each_folded(c, |folded| {
                    self.text.push(folded);
                    self.places
                        .extend(std::iter::repeat_n(at, folded.len_utf8()));
                }),
            }
            at += c.len_utf8();
        }
        if self.text.is_empty() {
            // Nothing but what folds to nothing: an empty list of places would mean that all are in their own.
            self.places.push(0);
        }
    }

    /// The words of a folded text, with one space where something stands between two of them.
    pub(super) fn words_of(&mut self, other: &Self) {
        let text = &other.text;
        self.text.clear();
        self.places.clear();
        let runs = text
            .as_bytes()
            .windows(2)
            .any(|pair| is_separator(pair[0]) && is_separator(pair[1]));
        if !runs {
            let words = text.chars().map(|c| match u8::try_from(c) {
                Ok(byte) if is_separator(byte) => ' ',
                _ => c,
            });
            self.text.extend(words);
            return;
        }
        for (at, c) in text.char_indices() {
            let separator = u8::try_from(c).is_ok_and(is_separator);
            if separator && self.text.ends_with(' ') {
                continue;
            }
            self.text.push(if separator { ' ' } else { c });
            self.places.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
    }

    /// Where a part of the folded text stands in the text as it was, which has that length: whole characters, with the marks and
    /// the characters without width that follow them.
    pub(super) fn place(&self, range: Range<usize>, length: usize) -> Range<usize> {
        if self.places.is_empty() {
            return range;
        }
        let start = self.places.get(range.start).copied().unwrap_or(length);
        let last = self.places.get(range.end.saturating_sub(1)).copied();
        let mut end = range.end;
        // A character may have been folded to several, of which only some were found.
        while end < self.places.len() && self.places.get(end).copied() == last {
            end += 1;
        }
        start..self.places.get(end).copied().unwrap_or(length)
    }
}

/// The words of a text, folded, with one space between them.
pub(super) fn words(text: &str) -> String {
    let (mut folded, mut words) = (Folded::default(), Folded::default());
    folded.fold(text);
    words.words_of(&folded);
    words.text.trim().to_owned()
}

/// Whether names are written with or without it.
pub(super) const fn is_separator(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'-' | b'_' | b'\'' | b'.' | b','
    )
}

fn each_folded(c: char, mut push: impl FnMut(char)) {
    if is_without_width(c) {
        return;
    }
    if c.is_ascii() {
        push(c.to_ascii_lowercase());
        return;
    }
    decompose_compatible(c, |part| {
        if is_combining_mark(part) || is_without_width(part) {
            return;
        }
        for small in part.to_lowercase() {
            match small {
                'ß' => "ss".chars().for_each(&mut push),
                'æ' => "ae".chars().for_each(&mut push),
                'œ' => "oe".chars().for_each(&mut push),
                'þ' => "th".chars().for_each(&mut push),
                'ø' => push('o'),
                'ł' => push('l'),
                'đ' | 'ð' => push('d'),
                'ħ' => push('h'),
                'ı' => push('i'),
                'ς' => push('σ'),
                '\u{2018}' | '\u{2019}' | '\u{2bc}' => push('\''),
                '\u{2010}'..='\u{2015}' | '\u{2212}' => push('-'),
                small if is_combining_mark(small) => {}
                small if small.is_whitespace() => push(' '),
                small => push(small),
            }
        }
    });
}

/// Whether nobody sees it: soft hyphens, joiners, marks of direction, selectors of variants.
fn is_without_width(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_folded_text_is_found_again_with_its_marks() {
        let text = "dit ÉLOÏ\u{ad}SE\u{301}, Großmann";
        let mut folded = Folded::default();
        folded.fold(text);
        assert_eq!(folded.text(), "dit eloise, grossmann");
        assert_eq!(
            &text[folded.place(4..10, text.len())],
            "ÉLOÏ\u{ad}SE\u{301}"
        );
        // Half of what a letter was folded to is all of the letter.
        assert_eq!(&text[folded.place(12..16, text.len())], "Groß");
        assert_eq!(&text[folded.place(0..21, text.len())], text);
    }

    #[test]
    fn words_have_one_space_between_them() {
        assert_eq!(
            words("  O'Brien--Müller,\tJean-Luc "),
            "o brien muller jean luc"
        );
    }
}

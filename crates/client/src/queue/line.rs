//! Lines of a segment: eight hexadecimal digits of the CRC-32 of the text, a space, the text, a line feed.

use std::io::Write;

/// Digits and space before the text.
const HEAD: usize = 9;

/// Appends a text that has no line feed.
pub(crate) fn push(out: &mut Vec<u8>, text: &[u8]) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{:08x} ", crc32fast::hash(text));
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// A line that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its text; `None` if it is damaged or torn.
    pub(crate) text: Option<&'a [u8]>,
    /// Where the next one begins.
    pub(crate) end: usize,
}

/// The lines of these bytes, in order. What stands after the last line feed is a torn line.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut begin = 0;
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(move |raw| {
            begin += raw.len();
            Line {
                text: raw.strip_suffix(b"\n").and_then(check),
                end: begin,
            }
        })
}

fn check(line: &[u8]) -> Option<&[u8]> {
    let (head, text) = line.split_at_checked(HEAD)?;
    let digits = std::str::from_utf8(head.strip_suffix(b" ")?).ok()?;
    let told = u32::from_str_radix(digits, 16).ok()?;
    (told == crc32fast::hash(text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(texts: &[String]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for text in texts {
            push(&mut bytes, text.as_bytes());
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    proptest! {
        #[test]
        fn cut_at_any_byte_everything_complete_before_it_is_read_back(
            texts in prop::collection::vec("[^\n]{0,30}", 0..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let (bytes, ends) = written(&texts);
            let cut = cut.index(bytes.len() + 1);
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let read: Vec<_> = lines(&bytes[..cut]).collect();
            let texts_read: Vec<_> = read.iter().filter_map(|line| line.text).collect();
            let expected: Vec<_> = texts[..whole].iter().map(String::as_bytes).collect();
            prop_assert_eq!(texts_read, expected);
            prop_assert_eq!(read.last().map_or(0, |line| line.end), cut);
        }

        #[test]
        fn a_changed_byte_costs_no_line_but_its_own_and_the_next(
            texts in prop::collection::vec("[a-z]{0,30}", 1..12),
            place in any::<prop::sample::Index>(),
            change in 1..=255_u8,
        ) {
            let (mut bytes, ends) = written(&texts);
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            let hit = ends.iter().filter(|end| **end <= place).count();
            // Where a line feed was changed, two lines have become one.
            let spared = |n: &usize| *n != hit && !(*n == hit + 1 && ends[hit] == place + 1);
            let read: Vec<_> = lines(&bytes).filter_map(|line| line.text).collect();
            let expected: Vec<_> = (0..texts.len()).filter(spared).map(|n| texts[n].as_bytes()).collect();
            // Digits in upper case are the same number.
            prop_assume!(read.len() < texts.len());
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn what_is_no_line_is_damaged() {
        for bytes in [
            &b"\n"[..],
            b"00000000\n",
            b"zzzzzzzz a\n",
            b"00000000 a\n",
            b"00000000a\n",
            b"\xff\xff\xff\xff\xff\xff\xff\xff a\n",
        ] {
            assert_eq!(
                lines(bytes).collect::<Vec<_>>(),
                [Line {
                    text: None,
                    end: bytes.len()
                }]
            );
        }
        assert_eq!(lines(b"00000000 \n").next().unwrap().text, Some(&b""[..]));
    }
}

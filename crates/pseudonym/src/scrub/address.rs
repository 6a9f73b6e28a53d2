//! Addresses, in folded text: of e-mail, of the web, of machines.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::Finding;

/// How a person writes `@` who hides from machines.
const HIDDEN_AT: [&str; 5] = ["(at)", "[at]", "{at}", "(arobase)", "[arobase]"];
/// The ends of names of hosts that are looked for without a scheme; of others, code is full.
const ENDS: [&str; 24] = [
    "at", "be", "ca", "ch", "com", "de", "edu", "es", "eu", "fr", "gov", "info", "int", "io", "it",
    "li", "lu", "me", "net", "nl", "org", "swiss", "tv", "uk",
];

/// Addresses of e-mail.
pub(super) fn emails(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    let plain = memchr::memchr_iter(b'@', text.as_bytes()).map(|at| (at, 1));
    for (at, length) in plain.chain(hidden(text)) {
        let (mut before, mut after) = (&text[..at], &text[at + length..]);
        if length > 1 {
            before = before.trim_end_matches(' ');
            after = after.trim_start_matches(' ');
        }
        let (start, end) = (local(before), host(after));
        if let (Some(start), Some(end)) = (start, end) {
            found(start..text.len() - after.len() + end, Finding::Email);
        }
    }
}

fn hidden(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let pairs = text.as_bytes().windows(2).enumerate();
    let marks = pairs.filter(|(_, pair)| matches!(pair, [b'(' | b'[' | b'{', b'a']));
    marks.filter_map(|(at, _)| {
        let mark = HIDDEN_AT
            .iter()
            .find(|mark| text[at..].starts_with(**mark))?;
        Some((at, mark.len()))
    })
}

/// Where the part before the `@` begins.
fn local(before: &str) -> Option<usize> {
    if let Some(inside) = before.strip_suffix('"') {
        let quoted = inside.rfind('"').filter(|start| inside.len() - start <= 64);
        return quoted.filter(|start| !inside[*start..].contains('\n'));
    }
    let belongs = |c: char| c.is_alphanumeric() || "._%+-'&=~!#$*".contains(c);
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| belongs(*c))
        .last()?
        .0;
    let quotes = before[start..].len() - before[start..].trim_start_matches('\'').len();
    Some(start + quotes).filter(|start| *start < before.len())
}

/// How long the name of a host is that has at least two labels, or an address in brackets.
fn host(after: &str) -> Option<usize> {
    if let Some(inside) = after.strip_prefix('[') {
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != ':')?;
        return (end > 0 && inside[end..].starts_with(']')).then_some(end + 2);
    }
    let belongs = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let end = after.find(|c| !belongs(c)).unwrap_or(after.len());
    let name = after[..end].trim_end_matches(['.', '-']);
    let dot = name.find('.').filter(|dot| *dot > 0);
    dot.map(|_| name.len())
}

/// Addresses of the web.
pub(super) fn urls(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    for (at, mark) in text.match_indices("://") {
        let scheme = text[..at]
            .bytes()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
            .count();
        let length = path(&text[at + mark.len()..]);
        if scheme > 0 && length > 0 {
            found(at - scheme..at + mark.len() + length, Finding::Url);
        }
    }
    for (at, mark) in text.match_indices("www.") {
        let length = path(&text[at + mark.len()..]);
        if length > 0 && !text[..at].ends_with(char::is_alphanumeric) {
            found(at..at + mark.len() + length, Finding::Url);
        }
    }
    for at in memchr::memchr_iter(b'/', text.as_bytes()) {
        let host = text[..at]
            .bytes()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
            .count();
        let start = at - host;
        let named = text[start..at]
            .rsplit_once('.')
            .is_some_and(|(name, end)| !name.is_empty() && ENDS.binary_search(&end).is_ok());
        let length = path(&text[at + 1..]);
        if named && length > 0 {
            found(start..at + 1 + length, Finding::Url);
        }
    }
}

/// How far an address of the web goes on; marks of the sentence around it do not belong to it.
fn path(rest: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || "<>\"`".contains(c);
    let end = rest.find(ends).unwrap_or(rest.len());
    rest[..end]
        .trim_end_matches(|c| ".,;:!?)]}'*".contains(c))
        .len()
}

/// Addresses of version 4: four numbers up to 255.
pub(super) fn ipv4(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let fresh = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.');
        match four_numbers(bytes, at).filter(|_| fresh) {
            Some(end) => {
                found(at..end, Finding::Ip);
                at = end;
            }
            None => at += digits(bytes, at),
        }
    }
}

fn four_numbers(bytes: &[u8], mut at: usize) -> Option<usize> {
    for number in 0..4 {
        if number > 0 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let length = digits(bytes, at);
        if !(1..=3).contains(&length) {
            return None;
        }
        let value = bytes[at..at + length]
            .iter()
            .fold(0_u16, |value, digit| value * 10 + u16::from(digit - b'0'));
        if value > 255 {
            return None;
        }
        at += length;
    }
    let more = match bytes.get(at) {
        Some(b'.') => bytes.get(at + 1).is_some_and(u8::is_ascii_digit),
        Some(byte) => byte.is_ascii_alphanumeric(),
        None => false,
    };
    (!more).then_some(at)
}

fn digits(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Addresses of version 6, in every way in which they are written (RFC 4291, section 2.2).
pub(super) fn ipv6(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    let belongs = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
    let mut at = 0;
    while let Some(start) = text[at..].find(belongs).map(|start| at + start) {
        let end = text[start..]
            .find(|c| !belongs(c))
            .map_or(text.len(), |length| start + length);
        at = end;
        let bounded = !text[..start].ends_with(char::is_alphanumeric)
            && !text[end..].starts_with(char::is_alphanumeric);
        let written = text[start..end].trim_end_matches('.');
        if !bounded
            || written.matches(':').count() < 2
            || !written.contains(|c| c != ':' && c != '.')
        {
            continue;
        }
        for written in [
            written,
            written.trim_end_matches(':'),
            written.trim_matches(':'),
        ] {
            if written.parse::<Ipv6Addr>().is_ok() {
                let start = start + text[start..end].find(written).unwrap_or_default();
                found(start..start + written.len(), Finding::Ip);
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ENDS;

    #[test]
    fn the_ends_of_hosts_stand_in_order() {
        assert!(ENDS.is_sorted());
    }
}

//! Numbers that people are reached or known by, in folded text.

use std::ops::Range;

use super::Finding;

/// How the ten digits of a Swiss or French number are grouped.
const AT_HOME: [&[usize]; 10] = [
    &[10],
    &[3, 3, 2, 2],
    &[3, 7],
    &[3, 3, 4],
    &[2, 2, 2, 2, 2],
    &[4, 2, 2, 2],
    &[4, 3, 3],
    &[4, 6],
    &[2, 8],
    &[2, 4, 4],
];
/// The least and the most digits that E.164 has with the code of the country; shorter ones are services.
const INTERNATIONAL: (usize, usize) = (8, 15);
/// Countries whose numbers have nine digits after the code, so that what follows them is another number.
const NINE_DIGITS: [&[u8]; 2] = [b"33", b"41"];

/// Telephone numbers.
pub(super) fn phones(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'+' if !text[..at].ends_with(char::is_alphanumeric) => international(bytes, at + 1, 0),
            b'0' if starts_number(text, at) => match bytes.get(at + 1) {
                Some(b'0') => international(bytes, at, 2),
                _ => at_home(bytes, at),
            },
            _ => None,
        };
        let end = end.filter(|end| !text[*end..].starts_with(char::is_alphanumeric));
        match end {
            Some(end) => {
                let open = at > 0 && bytes[at - 1] == b'(' && bytes[at..end].contains(&b')');
                found(at - usize::from(open)..end, Finding::Phone);
                at = end;
            }
            None if bytes[at].is_ascii_digit() => at += digits(bytes, at),
            None => at += 1,
        }
    }
}

/// Whether no number goes on here: neither digits nor the decimals of one.
fn starts_number(text: &str, at: usize) -> bool {
    let before = &text[..at];
    if before.ends_with(char::is_alphanumeric) {
        return false;
    }
    let decimals = before.strip_suffix(['.', ',']);
    !decimals.is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
}

fn digits(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Where the next group of digits begins, after no more than three marks that part groups.
fn next_group(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let marks = rest
        .iter()
        .take_while(|byte| b" .-/()'".contains(byte))
        .count();
    let start = at + marks;
    (marks <= 3 && bytes.get(start).is_some_and(u8::is_ascii_digit)).then_some(start)
}

/// The end of a number that begins with the code of a country, of which `skipped` digits do not count.
fn international(bytes: &[u8], start: usize, skipped: usize) -> Option<usize> {
    let mut number: Vec<u8> = Vec::with_capacity(20);
    let mut end = None;
    let mut at = next_group(bytes, start)?;
    for group in 0.. {
        let length = digits(bytes, at);
        let after = at + length;
        // `+41 (0)79`: what is dialled at home and left out abroad.
        let left_out = group > 0
            && bytes[at..after] == *b"0"
            && bytes[at - 1] == b'('
            && bytes.get(after) == Some(&b')');
        if !left_out {
            number.extend_from_slice(&bytes[at..after]);
        }
        let counted = number.get(skipped..).unwrap_or_default();
        if counted.len() > INTERNATIONAL.1 || counted.first() == Some(&b'0') {
            break;
        }
        if counted.len() >= INTERNATIONAL.0 {
            end = Some(after);
            if counted.len() == 11 && NINE_DIGITS.iter().any(|code| counted.starts_with(code)) {
                break;
            }
        }
        match next_group(bytes, after) {
            Some(next) => at = next,
            None => break,
        }
    }
    end
}

/// The end of a Swiss or French number without the code of the country.
fn at_home(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut groups, mut count, mut total) = ([0; 5], 0, 0);
    let mut at = start;
    loop {
        let length = digits(bytes, at);
        total += length;
        if total > 10 || count == groups.len() {
            return None;
        }
        groups[count] = length;
        count += 1;
        at += length;
        if total == 10 {
            return AT_HOME.contains(&&groups[..count]).then_some(at);
        }
        at = next_group(bytes, at)?;
    }
}

/// Goes over letters and digits from there on, past single marks between them, until there are `wanted`; gives them and the end.
fn gather(text: &str, start: usize, wanted: usize) -> Option<(Vec<u8>, usize)> {
    let bytes = text.as_bytes();
    let mut gathered = Vec::with_capacity(wanted);
    let mut at = start;
    while gathered.len() < wanted {
        match *bytes.get(at)? {
            byte if byte.is_ascii_alphanumeric() => gathered.push(byte),
            b' ' | b'.' | b'-' if bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {}
            _ => return None,
        }
        at += 1;
    }
    (!text[at..].starts_with(char::is_alphanumeric)).then_some((gathered, at))
}

/// Swiss social security numbers.
pub(super) fn avs(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    for (at, _) in text.match_indices("756") {
        if !starts_number(text, at) {
            continue;
        }
        let Some((digits, end)) = gather(text, at, 13) else {
            continue;
        };
        if digits.iter().all(u8::is_ascii_digit) && is_ean13(&digits) {
            found(at..end, Finding::Avs);
        }
    }
}

/// Whether the last digit checks the others: weights 1 and 3 in turn, a multiple of ten in all.
fn is_ean13(digits: &[u8]) -> bool {
    let weighted = digits.iter().zip([1, 3].into_iter().cycle());
    let sum: u32 = weighted
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    sum.is_multiple_of(10)
}

/// Account numbers.
pub(super) fn ibans(text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
    let bytes = text.as_bytes();
    for at in 0..bytes.len().saturating_sub(14) {
        let begins = bytes[at].is_ascii_lowercase()
            && bytes[at + 1].is_ascii_lowercase()
            && bytes[at + 2].is_ascii_digit();
        if !begins || text[..at].ends_with(char::is_alphanumeric) {
            continue;
        }
        let Some(length) = length_of(&bytes[at..at + 2]) else {
            continue;
        };
        if let Some((account, end)) = gather(text, at, length)
            && is_checked(&account)
        {
            found(at..end, Finding::Iban);
        }
    }
}

/// ISO 7064, modulo 97-10: the first four characters at the end, letters as numbers from 10 on; the rest is 1.
fn is_checked(account: &[u8]) -> bool {
    let turned = account[4..].iter().chain(&account[..4]);
    let rest = turned.fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'a') + 10) % 97,
    });
    account[2].is_ascii_digit() && account[3].is_ascii_digit() && rest == 1
}

/// How long the account numbers of a country are, by the registry of ISO 13616.
fn length_of(country: &[u8]) -> Option<usize> {
    Some(match country {
        b"no" => 15,
        b"be" => 16,
        b"dk" | b"fi" | b"fo" | b"gl" | b"nl" => 18,
        b"mk" | b"si" => 19,
        b"at" | b"ba" | b"ee" | b"kz" | b"lt" | b"lu" | b"xk" => 20,
        b"ch" | b"hr" | b"li" | b"lv" => 21,
        b"bg" | b"bh" | b"cr" | b"de" | b"gb" | b"ge" | b"ie" | b"me" | b"rs" | b"va" => 22,
        b"ae" | b"gi" | b"il" | b"iq" | b"tl" => 23,
        b"ad" | b"cz" | b"es" | b"md" | b"pk" | b"ro" | b"sa" | b"se" | b"sk" | b"tn" | b"vg" => 24,
        b"ly" | b"pt" | b"st" => 25,
        b"is" | b"tr" => 26,
        b"fr" | b"gr" | b"it" | b"mc" | b"mr" | b"sm" => 27,
        b"al" | b"az" | b"by" | b"cy" | b"do" | b"gt" | b"hu" | b"lb" | b"pl" | b"sv" => 28,
        b"br" | b"eg" | b"ps" | b"qa" | b"ua" => 29,
        b"jo" | b"kw" | b"mu" => 30,
        b"mt" | b"sc" => 31,
        b"lc" => 32,
        _ => return None,
    })
}

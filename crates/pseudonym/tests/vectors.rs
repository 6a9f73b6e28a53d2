//! The test vectors that the README prints are the ones that this crate computes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use std::array;

use rstest::rstest;
use sillage_pseudonym::{Code, KeyError, RootKey};

/// The value of a row of the README's table.
fn vector(name: &str) -> &'static str {
    let readme = include_str!("../README.md");
    readme
        .lines()
        .find_map(|line| {
            line.strip_prefix("| ")?
                .strip_prefix(name)?
                .strip_prefix(" | `")?
                .strip_suffix("` |")
        })
        .expect("the README has a row of this name")
}

fn bytes<const N: usize>(name: &str) -> [u8; N] {
    let text = vector(name);
    assert_eq!(text.len(), 2 * N, "{name}");
    array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

fn root() -> RootKey {
    RootKey::from_bytes(bytes("root key"))
}

#[test]
fn the_printed_root_key_is_refused_as_a_key() {
    assert_eq!(RootKey::parse(vector("root key")), Err(KeyError::Published));
    assert_eq!(*root().to_text(), vector("root key"));
}

#[test]
fn the_fingerprint_is_the_printed_one() {
    assert_eq!(root().fingerprint().to_string(), vector("fingerprint"));
}

#[rstest]
#[case("study salt", "pseudonym")]
#[case("other salt", "pseudonym under the other salt")]
fn the_pseudonyms_are_the_printed_ones(#[case] salt: &str, #[case] expected: &str) {
    let pseudonym = root()
        .study_key(&bytes(salt))
        .pseudonym(&bytes("subject id"));
    assert_eq!(pseudonym.to_string(), vector(expected));
}

#[test]
fn the_pseudonyms_number_is_the_printed_one() {
    let number = vector("pseudonym, as a number").parse().unwrap();
    assert_eq!(
        Code::from_i64(number).unwrap().to_string(),
        vector("pseudonym")
    );
}

#[test]
fn the_consent_code_is_the_printed_one() {
    let code = root()
        .study_key(&bytes("study salt"))
        .consent_code(&bytes("subject id"));
    assert_eq!(code, bytes("consent code"));
}

#[rstest]
#[case(0, "code of 0")]
#[case(1, "code of 1")]
#[case((1 << 60) - 1, "code of 2^60 - 1")]
#[case(511_966_441_117_364_837, "code of 511966441117364837")]
fn the_codes_are_the_printed_ones(#[case] number: u64, #[case] expected: &str) {
    assert_eq!(
        Code::from_u64(number).unwrap().to_string(),
        vector(expected)
    );
}

#[test]
fn the_printed_sealed_text_opens() {
    let sealed: [u8; 63] = bytes("sealed text");
    let plain = root()
        .sealing_key(vector("sealing purpose"))
        .open(vector("associated data").as_bytes(), &sealed)
        .unwrap();
    assert_eq!(plain.as_slice(), vector("plain text").as_bytes());
}

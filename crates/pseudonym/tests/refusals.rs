//! What is refused, and that the refusals say why and give nothing away.

use rstest::rstest;
use sillage_pseudonym::{Code, CodeError, KeyError, RootKey};

#[rstest]
#[case("", CodeError::Prefix)]
#[case("7QX4-M2K9-T0BC-5", CodeError::Prefix)]
#[case(" P-7QX4-M2K9-T0BC-5", CodeError::Prefix)]
#[case("P", CodeError::Length { found: 0 })]
#[case("P-7QX4-M2K9-T0BC", CodeError::Length { found: 12 })]
#[case("P-7QX4-M2K9-T0BC-55", CodeError::Length { found: 14 })]
#[case("P-7QX4-M2K9-T0BC-U", CodeError::Symbol { symbol: 'U', position: 13 })]
#[case("P-7QX4-M2K9-T0BC-5 ", CodeError::Symbol { symbol: ' ', position: 14 })]
#[case("P-7QX4-é2K9-T0BC-5", CodeError::Symbol { symbol: 'é', position: 5 })]
#[case("P-7QX4-M2K9-T0BC-6", CodeError::Check)]
#[case("P-7QX4-2MK9-T0BC-5", CodeError::Check)]
fn a_text_that_is_no_code_is_refused_with_what_is_wrong(
    #[case] text: &str,
    #[case] expected: CodeError,
) {
    assert_eq!(text.parse::<Code>(), Err(expected));
}

#[test]
fn the_documentations_example_of_a_pseudonym_is_one() {
    let text = "P-7QX4-M2K9-T0BC-5";
    assert_eq!(text.parse::<Code>().unwrap().to_string(), text);
}

#[test]
fn a_code_is_padded_like_any_text() {
    let code = Code::from_u64(0).unwrap();
    assert_eq!(format!("{code:>20}|"), "  P-0000-0000-0000-0|");
    assert_eq!(format!("{code:?}"), "Code(P-0000-0000-0000-0)");
}

#[test]
fn a_number_out_of_range_is_no_code() {
    assert_eq!(Code::from_u64(1 << 60), Err(CodeError::Range));
    assert_eq!(Code::from_i64(-1), Err(CodeError::Range));
    assert_eq!(Code::from_i64(i64::MAX), Err(CodeError::Range));
}

#[rstest]
#[case("", "empty")]
#[case(" \n", "empty")]
#[case("8b0f3d6a", "8 characters")]
#[case(
    "8b0f3d6a51e297c41d78fa26b34e09d560ac8317ee923b44df057ca168b91fc2ff",
    "66 characters"
)]
#[case(
    "8b0f3d6a51e297c41d78fa26b34e09d5\n60ac8317ee923b44df057ca168b91fc2",
    "character 33"
)]
#[case(
    "8b0f3d6a51e297c41d78fa26b34e09d560ac8317ee923b44df057ca168b91fcg",
    "character 64"
)]
#[case(
    "0000000000000000000000000000000000000000000000000000000000000000",
    "repeats one byte"
)]
#[case(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    "repeats one byte"
)]
#[case(
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "counts up or down"
)]
#[case(
    "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100",
    "counts up or down"
)]
#[case(
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "too few different bytes"
)]
#[case(
    "8b0f3d6a51e297c41d78fa26b34e09d58b0f3d6a51e297c41d78fa26b34e09d5",
    "too few different bytes"
)]
#[case(
    "7468652071756963206b2062726f776e20666f78206a756d7073206f76657221",
    "readable text"
)]
#[case(
    "8b0f3d6a51e297c41d78fa26b34e09d560ac8317ee923b44df057ca168b91fc2",
    "documentation's example"
)]
fn a_key_that_nobody_drew_at_random_is_refused_and_the_message_says_how_to_make_one(
    #[case] text: &str,
    #[case] expected: &str,
) {
    let message = RootKey::parse(text).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("openssl rand -hex 32"), "{message}");
    assert!(
        text.trim().is_empty() || !message.contains(text.trim()),
        "{message}"
    );
}

#[test]
fn a_key_is_read_in_either_case_with_white_space_around_it() {
    let key = RootKey::generate().unwrap();
    let text = key.to_text();
    assert_eq!(
        RootKey::parse(&format!("  {}\r\n", text.to_uppercase())),
        Ok(key)
    );
}

#[test]
fn two_generated_keys_differ_in_key_and_fingerprint() {
    let (one, other) = (RootKey::generate().unwrap(), RootKey::generate().unwrap());
    assert_ne!(one, other);
    assert_ne!(one.fingerprint(), other.fingerprint());
}

#[test]
fn no_key_shows_in_debug_output() {
    let key = RootKey::generate().unwrap();
    assert_eq!(format!("{key:?}"), "***");
    assert_eq!(format!("{:?}", key.study_key(&[1; 32])), "***");
    assert_eq!(format!("{:?}", key.sealing_key("one")), "***");
}

#[test]
fn a_missing_character_is_not_taken_for_a_wrong_one() {
    assert_eq!(RootKey::parse("8b"), Err(KeyError::Length { found: 2 }));
}

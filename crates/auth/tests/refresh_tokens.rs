//! Refresh tokens: what they look like, and what is kept of them.

use rstest::rstest;
use sillage_auth::{RefreshToken, Secret};

#[test]
fn a_token_is_read_as_it_was_written() {
    let token = RefreshToken::generate().unwrap();
    let text = token.to_text();
    assert_eq!(text.expose().len(), 64);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    assert!(text.expose().chars().all(plain));
    let read = RefreshToken::parse(&text).unwrap();
    assert_eq!(read.hashes(), token.hashes());
}

#[test]
fn a_successor_has_the_family_in_common_and_nothing_else() {
    let token = RefreshToken::generate().unwrap();
    let next = token.successor().unwrap();
    assert_eq!(next.hashes().family, token.hashes().family);
    assert_ne!(next.hashes().token, token.hashes().token);
    let other = RefreshToken::generate().unwrap();
    assert_ne!(other.hashes().family, token.hashes().family);
}

#[rstest]
#[case("")]
#[case("x")]
#[case("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl")]
#[case("0123456789012345678901234567890123456789012345678901234567890123456789")]
fn what_cannot_be_one_is_none(#[case] text: &str) {
    assert!(RefreshToken::parse(&Secret::new(text)).is_none());
}

#[test]
fn no_token_shows_in_debug_output() {
    let token = RefreshToken::generate().unwrap();
    assert_eq!(format!("{token:?}"), "***");
    assert!(!format!("{:?}", token.hashes()).contains(|c: char| c.is_ascii_digit()));
}

//! Keys under a passphrase.

#![cfg(feature = "bundle")]
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends here")]

use rstest::rstest;
use sillage_pseudonym::{BundleError, KeyBundle, RootKey, VaultSecret};

const PASSPHRASE: &str = "seven geese over the lake";

fn bundle() -> KeyBundle {
    KeyBundle {
        root: RootKey::generate().unwrap(),
        vault: vec![
            (3, VaultSecret::generate().unwrap()),
            (4, VaultSecret::generate().unwrap()),
        ],
    }
}

#[test]
fn keys_that_were_locked_are_unlocked_as_they_were_and_by_their_passphrase_only() {
    let kept = bundle();
    let text = kept.lock(PASSPHRASE).unwrap();
    let opened = KeyBundle::unlock(&text, PASSPHRASE).unwrap();
    assert!(opened.root == kept.root && opened.vault == kept.vault);
    let refused = KeyBundle::unlock(&text, "seven geese over the lakes").unwrap_err();
    assert_eq!(refused, BundleError::Refused);
    // Nothing of the keys stands in it, and no file is like another.
    assert!(!text.contains(kept.root.to_text().as_str()));
    assert_ne!(text, kept.lock(PASSPHRASE).unwrap());
    assert_eq!(format!("{kept:?}"), "***");
}

#[test]
fn a_short_passphrase_is_refused() {
    let refused = bundle().lock("seven geese").unwrap_err();
    assert_eq!(refused, BundleError::ShortPassphrase);
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let text = bundle().lock(PASSPHRASE).unwrap();
    let (mut digits, last) = (text.trim_end().to_owned(), text.trim_end().len() - 1);
    let other = if digits.ends_with('0') { "1" } else { "0" };
    digits.replace_range(last.., other);
    let refused = KeyBundle::unlock(&digits, PASSPHRASE).unwrap_err();
    assert_eq!(refused, BundleError::Refused);
    // Made cheaper to try.
    let cheaper = text.replace("argon2id 65536 3", "argon2id 8192 3");
    let refused = KeyBundle::unlock(&cheaper, PASSPHRASE).unwrap_err();
    assert_eq!(refused, BundleError::Refused);
}

#[rstest]
#[case("", 1)]
#[case("age-encryption.org/v1\n", 1)]
#[case("sillage keys 1\nscrypt 1 2 3\n", 2)]
#[case("sillage keys 1\nargon2id 65536 3 00112233\n", 2)]
#[case(
    "sillage keys 1\nargon2id 8 1 000102030405060708090a0b0c0d0e0f\n01x\n",
    3
)]
fn what_is_no_such_file_is_refused_with_its_line(#[case] text: &str, #[case] line: usize) {
    let refused = KeyBundle::unlock(text, PASSPHRASE).unwrap_err();
    assert_eq!(refused, BundleError::Form { line });
}

#[test]
fn a_file_can_not_ask_for_all_the_memory() {
    let text = "sillage keys 1\nargon2id 4294967295 3 000102030405060708090a0b0c0d0e0f\n00\n";
    let refused = KeyBundle::unlock(text, PASSPHRASE).unwrap_err();
    assert_eq!(refused, BundleError::Cost);
}

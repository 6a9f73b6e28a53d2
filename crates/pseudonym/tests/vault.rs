//! The keys of the vault: what opens what, and what does not.

use proptest::prelude::*;
use sillage_pseudonym::{KeyError, PersonKey, RootKey, SealError, VaultKey, VaultSecret};

const WHOSE: &[u8] = b"study 1, account 7";

fn root(first: u8) -> RootKey {
    let mut bytes = [0x3d; 32];
    bytes[0] = first;
    RootKey::from_bytes(bytes)
}

fn key(first: u8, secret: u8, version: u32) -> VaultKey {
    let secret = VaultSecret::from_bytes([secret; 32]);
    root(first).vault_root().key(&secret, version)
}

#[test]
fn a_person_s_key_opens_under_its_version_secret_root_and_row_only() {
    let person = PersonKey::generate().unwrap();
    let sealed = key(1, 2, 3).seal_person(WHOSE, &person).unwrap();
    let field = person.seal(WHOSE, "email", "zoe@example.org").unwrap();
    let opened = key(1, 2, 3).open_person(WHOSE, &sealed).unwrap();
    let text = opened.open(WHOSE, "email", &field).unwrap();
    assert_eq!(text.as_str(), "zoe@example.org");
    for other in [key(9, 2, 3), key(1, 9, 3), key(1, 2, 9)] {
        let refused = other.open_person(WHOSE, &sealed).err();
        assert_eq!(refused, Some(SealError::Refused));
    }
    let moved = key(1, 2, 3).open_person(b"study 1, account 8", &sealed);
    assert_eq!(moved.err(), Some(SealError::Refused));
}

#[test]
fn a_field_opens_in_its_row_and_place_only() {
    let (one, other) = (
        PersonKey::generate().unwrap(),
        PersonKey::generate().unwrap(),
    );
    let sealed = one.seal(WHOSE, "name", "Müller").unwrap();
    for (key, whose, field) in [
        (&other, WHOSE, "name"),
        (&one, WHOSE, "first_name"),
        (&one, &WHOSE[1..], "name"),
    ] {
        let opened = key.open(whose, field, &sealed);
        assert_eq!(opened.err(), Some(SealError::Refused), "{field}");
    }
}

#[test]
fn an_address_is_found_in_each_of_its_spellings_and_under_its_key_and_place_only() {
    let index = |key: VaultKey, place: &[u8], email| key.email_index(place, email);
    let found = index(key(1, 2, 3), b"1", "zoe@example.org");
    assert_eq!(index(key(1, 2, 3), b"1", " Zoe@EXAMPLE.org "), found);
    assert_ne!(index(key(1, 2, 3), b"1", "joe@example.org"), found);
    assert_ne!(index(key(1, 2, 3), b"2", "zoe@example.org"), found);
    for other in [key(9, 2, 3), key(1, 9, 3), key(1, 2, 9)] {
        assert_ne!(index(other, b"1", "zoe@example.org"), found);
    }
}

#[test]
fn names_of_like_length_are_sealed_in_the_same_length() {
    let person = PersonKey::generate().unwrap();
    let length = |text: &str| person.seal(WHOSE, "name", text).unwrap().len();
    assert_eq!(length("Li"), length("Nguyen Thi Minh Khai"));
    assert_eq!(length(""), length("Li"));
    assert!(length(&"a".repeat(33)) > length("Li"));
}

#[test]
fn a_secret_is_read_as_it_is_written_and_no_weak_one_is() {
    let secret = VaultSecret::generate().unwrap();
    let read = VaultSecret::parse(&secret.to_text()).unwrap();
    assert!(read == secret);
    assert_eq!(read.fingerprint(), secret.fingerprint());
    assert_ne!(
        secret.fingerprint(),
        VaultSecret::generate().unwrap().fingerprint()
    );
    assert_eq!(format!("{secret:?}"), "***");
    let zero = VaultSecret::parse(&"0".repeat(64)).unwrap_err();
    assert!(matches!(zero, KeyError::Weak { .. }));
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_as_it_was(text in "[^\0]{0,100}") {
        let person = PersonKey::generate().unwrap();
        let sealed = person.seal(WHOSE, "name", &text).unwrap();
        let opened = person.open(WHOSE, "name", &sealed).unwrap();
        prop_assert_eq!(opened.as_str(), text);
    }
}

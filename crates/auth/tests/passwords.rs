//! Passwords: which may be set, and which are the right ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::HashSet;

use proptest::prelude::*;
use rstest::rstest;
use sillage_auth::{Cost, PasswordError, Passwords, Secret, generate};
use sillage_domain::{PasswordHash, PasswordOrigin};

fn passwords() -> Passwords {
    Passwords::new(Cost::new(Cost::MIN).unwrap()).unwrap()
}

#[test]
fn a_password_is_the_right_one_for_its_own_hash_only() {
    let passwords = passwords();
    let password = Secret::new("four words are many");
    let hash = passwords.hash(&password).unwrap();
    assert!(passwords.verify(&password, Some(&hash)).unwrap());
    assert!(
        !passwords
            .verify(&Secret::new("four words are Many"), Some(&hash))
            .unwrap()
    );
    assert_ne!(
        passwords.hash(&password).unwrap(),
        hash,
        "each hash has a salt of its own"
    );
}

#[test]
fn no_password_is_right_without_an_account() {
    let passwords = passwords();
    for password in ["four words are many", "", "\0"] {
        assert!(!passwords.verify(&Secret::new(password), None).unwrap());
    }
}

// From the test vectors of crypt_blowfish, the implementation that bcrypt hashes of other systems come from.
#[rstest]
#[case("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
#[case("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK")]
fn a_hash_made_elsewhere_verifies(#[case] password: &str, #[case] hash: &str) {
    let passwords = passwords();
    let hash = PasswordHash::new(hash);
    assert!(
        passwords
            .verify(&Secret::new(password), Some(&hash))
            .unwrap()
    );
    assert!(!passwords.verify(&Secret::new("U*"), Some(&hash)).unwrap());
    assert!(passwords.needs_rehash(&hash));
}

// passlib's form, with fewer rounds than its own 656,000; made by crypt(3).
#[test]
fn a_password_with_the_hash_of_another_program_is_right_and_gets_one_of_ours() {
    let passwords = passwords();
    let card = Secret::new("card-7");
    let old = PasswordHash::new(
        "$6$rounds=1000$oldcard$dugkMJuite8k2nuxh6ff91fFrAF92vVq8lmyAroWcCKDGz5TQ.jqnoDpoEJcoN1uSoH79Dor8wi1G1LgWCJyS/",
    );
    assert!(passwords.verify(&card, Some(&old)).unwrap());
    assert!(
        !passwords
            .verify(&Secret::new("card-8"), Some(&old))
            .unwrap()
    );
    assert!(passwords.needs_rehash(&old));
    // Other rules than ours let it be so short.
    assert!(matches!(
        passwords.hash(&card),
        Err(PasswordError::TooShort)
    ));
    let ours = passwords.rehash(&card).unwrap();
    assert!(ours.expose().starts_with("$2b$04$"));
    assert!(passwords.verify(&card, Some(&ours)).unwrap());
    assert!(!passwords.needs_rehash(&ours));
    for bad in ["", "nul\0nul", &"x".repeat(73)] {
        assert!(passwords.rehash(&Secret::new(bad)).is_err());
    }
}

#[rstest]
#[case("", "empty")]
#[case("sevench", "fewer than 8")]
#[case("ééééééé", "fewer than 8")]
#[case(&"x".repeat(73), "more than 72")]
#[case(&"é".repeat(37), "more than 72")]
#[case("with a \0 inside", "NUL")]
fn a_password_that_breaks_a_rule_cannot_be_set(#[case] password: &str, #[case] expected: &str) {
    let password = Secret::new(password);
    let said = Passwords::check(&password).unwrap_err().to_string();
    assert!(said.contains(expected), "{said}");
    assert_eq!(passwords().hash(&password).unwrap_err().to_string(), said);
}

#[test]
fn the_last_of_72_bytes_counts_and_a_73rd_is_never_cut_off() {
    let passwords = passwords();
    let longest = "x".repeat(72);
    let hash = passwords.hash(&Secret::new(&longest)).unwrap();
    assert!(
        passwords
            .verify(&Secret::new(&longest), Some(&hash))
            .unwrap()
    );
    assert!(
        !passwords
            .verify(&Secret::new(format!("{}y", "x".repeat(71))), Some(&hash))
            .unwrap()
    );
    assert!(
        !passwords
            .verify(&Secret::new("x".repeat(71)), Some(&hash))
            .unwrap()
    );
    assert!(
        !passwords
            .verify(&Secret::new("x".repeat(73)), Some(&hash))
            .unwrap()
    );
}

#[test]
fn a_password_repeated_after_a_zero_byte_is_another_password() {
    let passwords = passwords();
    let hash = passwords.hash(&Secret::new("password")).unwrap();
    assert!(
        !passwords
            .verify(&Secret::new("password\0password"), Some(&hash))
            .unwrap()
    );
}

#[test]
fn a_stored_text_that_is_no_hash_is_an_error_and_not_a_wrong_password() {
    let passwords = passwords();
    let hash = PasswordHash::new("plain text");
    assert!(matches!(
        passwords.verify(&Secret::new("plain text"), Some(&hash)),
        Err(PasswordError::Hash(_))
    ));
    assert!(passwords.needs_rehash(&hash));
}

#[test]
fn a_hash_of_another_cost_is_to_be_made_again() {
    let four = passwords();
    let five = Passwords::new(Cost::new(5).unwrap()).unwrap();
    let hash = four.hash(&Secret::new("four words are many")).unwrap();
    assert!(!four.needs_rehash(&hash));
    assert!(five.needs_rehash(&hash));
}

#[test]
fn a_hash_says_where_its_password_came_from() {
    let cost = Cost::new(4).unwrap();
    for origin in PasswordOrigin::ALL {
        let passwords = Passwords::of(*origin, cost).unwrap();
        let hash = passwords.hash(&Secret::new("four words are many")).unwrap();
        assert_eq!(hash.origin(), *origin);
    }
    let made = Passwords::new(cost)
        .unwrap()
        .hash(&Secret::new("four words"));
    assert_eq!(made.unwrap().origin(), PasswordOrigin::Chosen);
}

#[rstest]
#[case(0, false)]
#[case(3, false)]
#[case(4, true)]
#[case(12, true)]
#[case(18, true)]
#[case(19, false)]
fn a_cost_lies_in_its_range(#[case] cost: u32, #[case] good: bool) {
    assert_eq!(Cost::new(cost).is_ok(), good);
}

#[test]
fn generated_passwords_can_be_set_read_aloud_and_told_apart() {
    let mut seen = HashSet::new();
    let mut symbols = HashSet::new();
    for _ in 0..1000 {
        let password = generate().unwrap();
        let text = password.expose();
        Passwords::check(&password).unwrap();
        let groups: Vec<_> = text.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4], "{text}");
        symbols.extend(text.chars().filter(|c| *c != '-'));
        assert!(seen.insert(text.to_owned()), "{text} came twice");
    }
    assert_eq!(symbols.len(), 32);
    for look_alike in "01lo".chars().chain('A'..='Z') {
        assert!(!symbols.contains(&look_alike), "{look_alike}");
    }
}

#[test]
fn no_secret_shows_in_debug_output() {
    assert_eq!(format!("{:?}", Secret::new("four words")), "***");
    assert_eq!(
        format!("{:?}", passwords()),
        "Passwords { origin: Chosen, cost: Cost(4), .. }"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_password_that_may_be_set_is_right_afterwards(text in "\\PC{8,40}") {
        let password = Secret::new(text);
        prop_assume!(Passwords::check(&password).is_ok());
        let passwords = passwords();
        let hash = passwords.hash(&password).unwrap();
        prop_assert!(passwords.verify(&password, Some(&hash)).unwrap());
    }
}

//! One key for each purpose, study and version, and texts that are one text.

use proptest::prelude::*;
use rstest::rstest;
use sillage_pseudonym::{Code, RootKey, canonical};
use unicode_normalization::UnicodeNormalization;

fn root() -> RootKey {
    RootKey::from_bytes([7; 32])
}

#[rstest]
#[case("  Zoé\u{a0}\n", "zoé")]
#[case("ZOE\u{301}", "zoé")]
#[case("Straße", "strasse")]
#[case("ＡＢＣ１２", "abc12")]
#[case("ﬁn", "fin")]
#[case("ΟΔΟΣ", "οδοσ")]
#[case("a  b", "a  b")]
#[case("", "")]
#[case("\u{3000}", "")]
fn texts_that_mean_the_same_are_one(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(canonical(text), expected);
}

#[test]
fn texts_are_hashed_with_their_lengths() {
    let key = root().purpose_key("pseudonym", "castle", 1);
    let number = |texts: &[(&'static str, &'static str)]| key.number(texts.iter().copied());
    assert_ne!(number(&[("ab", "c")]), number(&[("a", "bc")]));
    assert_ne!(
        number(&[("a", "b"), ("c", "d")]),
        number(&[("a", "bc"), ("", "d")])
    );
    assert_ne!(number(&[("a", "")]), number(&[]));
    assert_ne!(
        number(&[("a", "b"), ("c", "d")]),
        number(&[("c", "d"), ("a", "b")])
    );
}

#[test]
fn purpose_study_and_version_are_told_apart_wherever_one_ends() {
    let keys = [
        root().purpose_key("pseudonym", "castle", 1),
        root().purpose_key("pseudonym", "castle", 2),
        root().purpose_key("pseudonym", "castl", 1),
        root().purpose_key("date-shift", "castle", 1),
        root().purpose_key("pseudonymcastle", "", 1),
        RootKey::from_bytes([8; 32]).purpose_key("pseudonym", "castle", 1),
    ];
    let codes: Vec<Code> = keys
        .iter()
        .map(|key| key.pseudonym("username", "pupil-03"))
        .collect();
    for (n, code) in codes.iter().enumerate() {
        assert!(!codes[..n].contains(code), "{n}");
    }
    assert_eq!(format!("{:?}", keys[0]), "***");
}

proptest! {
    #[test]
    fn a_text_has_one_canonical_form_however_it_is_composed(text in "\\PC{0,20}") {
        let one = canonical(&text).into_owned();
        let others = [text.nfc().collect(), text.nfd().collect(), format!("\t {text}\u{a0}"), one.clone()];
        for other in others {
            prop_assert_eq!(canonical(&other), one.as_str(), "{:?} for {:?}", other, text);
        }
    }

    #[test]
    fn upper_case_makes_no_difference(text in "[a-zA-Zäöüéèßçñøœ0-9 -]{0,20}") {
        let upper = text.to_uppercase();
        prop_assert_eq!(canonical(&upper), canonical(&text));
    }

    #[test]
    fn a_pseudonym_is_stable_and_of_its_kind(text in "\\PC{1,20}", kind in "[a-z]{1,8}") {
        let key = root().purpose_key("pseudonym", "castle", 1);
        let code = key.pseudonym(&kind, &text);
        prop_assert_eq!(code, root().purpose_key("pseudonym", "castle", 1).pseudonym(&kind, &text.nfd().collect::<String>()));
        prop_assert_ne!(code, key.pseudonym(&format!("{kind}x"), &text));
        prop_assert_eq!(code.to_string().parse::<Code>().unwrap(), code);
    }
}

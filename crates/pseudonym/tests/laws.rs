//! What holds for every code, key and text.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use proptest::sample::Index;
use sillage_pseudonym::{Code, CodeError, RootKey, SealError};

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn code() -> impl Strategy<Value = Code> {
    (0..1_u64 << 60).prop_map(|number| Code::from_u64(number).unwrap())
}

/// Where the symbols stand in the text, hyphens and the `P` left out.
fn places(text: &str) -> Vec<usize> {
    text.char_indices()
        .skip(1)
        .filter(|(_, c)| *c != '-')
        .map(|(place, _)| place)
        .collect()
}

proptest! {
    #[test]
    fn a_code_survives_text_and_database(code in code()) {
        let text = code.to_string();
        prop_assert_eq!(text.parse::<Code>().unwrap(), code);
        prop_assert_eq!(text.to_lowercase().replace('-', "").parse::<Code>().unwrap(), code);
        prop_assert!(code.to_i64() >= 0);
        prop_assert_eq!(Code::from_i64(code.to_i64()).unwrap(), code);
        prop_assert_eq!(Code::from_u64(code.to_u64()).unwrap(), code);
    }

    #[test]
    fn look_alikes_are_read_as_the_digits_they_look_like(code in code(), small in any::<bool>()) {
        let one = if small { "l" } else { "I" };
        let text = code.to_string().replace('1', one).replace('0', if small { "o" } else { "O" });
        prop_assert_eq!(text.parse::<Code>().unwrap(), code);
    }

    #[test]
    fn text_and_number_sort_alike(a in code(), b in code()) {
        prop_assert_eq!(a.cmp(&b), a.to_i64().cmp(&b.to_i64()));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn every_single_wrong_symbol_is_detected(code in code()) {
        let text = code.to_string();
        for place in places(&text) {
            for &other in ALPHABET.iter().filter(|&&other| other != text.as_bytes()[place]) {
                let mut wrong = text.clone().into_bytes();
                wrong[place] = other;
                let wrong = String::from_utf8(wrong).unwrap();
                prop_assert_eq!(wrong.parse::<Code>(), Err(CodeError::Check), "{} for {}", wrong, text);
            }
        }
    }

    #[test]
    fn every_swap_of_two_symbols_is_detected(code in code()) {
        let text = code.to_string();
        let places = places(&text);
        for (i, &left) in places.iter().enumerate() {
            for &right in &places[i + 1..] {
                let mut wrong = text.clone().into_bytes();
                wrong.swap(left, right);
                let wrong = String::from_utf8(wrong).unwrap();
                if wrong != text {
                    prop_assert_eq!(wrong.parse::<Code>(), Err(CodeError::Check), "{} for {}", wrong, text);
                }
            }
        }
    }

    #[test]
    fn any_text_is_a_code_or_an_error(text in "\\PC*") {
        if let Ok(code) = text.parse::<Code>() {
            prop_assert_eq!(code.to_string().parse::<Code>().unwrap(), code);
        }
    }

    #[test]
    fn another_study_another_subject_or_another_root_is_another_pseudonym(
        root in any::<[u8; 32]>(), salt in any::<[u8; 32]>(), subject in any::<[u8; 16]>(), bit in any::<Index>(),
    ) {
        fn flipped<const N: usize>(mut bytes: [u8; N], bit: Index) -> [u8; N] {
            let bit = bit.index(N * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        }
        let pseudonym = |root, salt, subject| RootKey::from_bytes(root).study_key(&salt).pseudonym(&subject);
        let one = pseudonym(root, salt, subject);
        prop_assert_eq!(one, pseudonym(root, salt, subject));
        prop_assert_ne!(one, pseudonym(root, flipped(salt, bit), subject));
        prop_assert_ne!(one, pseudonym(root, salt, flipped(subject, bit)));
        prop_assert_ne!(one, pseudonym(flipped(root, bit), salt, subject));
    }

    #[test]
    fn a_drawn_key_survives_its_text(bytes in any::<[u8; 32]>()) {
        let key = RootKey::from_bytes(bytes);
        if let Ok(read) = RootKey::parse(&format!("{}\n", *key.to_text())) {
            prop_assert_eq!(read.fingerprint(), key.fingerprint());
            prop_assert_eq!(read, key);
        }
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only(
        root in any::<[u8; 32]>(), associated in any::<Vec<u8>>(), plain in any::<Vec<u8>>(), bit in any::<Index>(),
    ) {
        let root = RootKey::from_bytes(root);
        let key = root.sealing_key("one");
        let sealed = key.seal(&associated, &plain).unwrap();
        prop_assert_eq!(&*key.open(&associated, &sealed).unwrap(), &plain);

        let refused = Err(SealError::Refused);
        let mut elsewhere = associated.clone();
        elsewhere.push(0);
        prop_assert_eq!(key.open(&elsewhere, &sealed), refused.clone());
        prop_assert_eq!(root.sealing_key("other").open(&associated, &sealed), refused.clone());

        let mut flipped = sealed.clone();
        let bit = bit.index(sealed.len() * 8);
        flipped[bit / 8] ^= 1 << (bit % 8);
        let expected = if bit < 8 { Err(SealError::Version { found: flipped[0] }) } else { refused };
        prop_assert_eq!(key.open(&associated, &flipped), expected);
    }

    #[test]
    fn a_sealed_text_cut_short_is_refused(plain in any::<Vec<u8>>(), at in any::<Index>()) {
        let key = RootKey::from_bytes([7; 32]).sealing_key("one");
        let sealed = key.seal(b"", &plain).unwrap();
        prop_assert!(key.open(b"", &sealed[..at.index(sealed.len())]).is_err());
    }
}

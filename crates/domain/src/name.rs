//! Names that people and games give, as types that can't hold a bad one.
//!
//! What people type in their own language (usernames, actions, sessions) is in Unicode's normalisation form C (UAX 15): the two
//! spellings of `é` are one name, whichever the keyboard, the file system or the game makes. Limits count the characters of that form.

use crate::codebook::nfc;
use std::fmt;
use std::str::FromStr;

/// Why a text can't be a name of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NameError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is longer than `max` characters.
    #[error("it is longer than {max} characters")]
    TooLong {
        /// The most characters that it may have.
        max: usize,
    },
    /// It has a character that this kind of name can't have.
    #[error("it has a character that can't stand there: {0:?}")]
    Character(char),
    /// It begins or ends with white space, which two databases compare in two ways.
    #[error("it begins or ends with white space")]
    Padded,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $max:literal, $prepare:expr, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The most characters that it may have.
            pub const MAX_CHARS: usize = $max;

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let prepare: fn(&str) -> Box<str> = $prepare;
                let allowed: fn(char) -> bool = $allowed;
                let text = prepare(text);
                check(&text, $max, allowed)?;
                Ok(Self(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name!(
    /// What a study is called in paths: small letters, digits and hyphens, `tsadk`.
    Slug, 64, |t| t.into(), |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);
name!(
    /// What somebody types to log in: a code, not a name. Case folded, in NFC; letters, digits and `. _ - @`.
    Username, 64, |t| nfc(&t.to_lowercase()).into(), |c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@')
);
name!(
    /// The name of what happened, chosen by the researchers: `regionDeposer`. In NFC.
    ActionName, 128, |t| nfc(t).into(), |c| !c.is_control()
);
name!(
    /// What the game calls one play session. In NFC.
    SessionName, 128, |t| nfc(t).into(), |c| !c.is_control()
);

name!(
    /// The id of a registered client: letters, digits and `- . _ ~`, so that it needs no encoding anywhere.
    ClientId, 64, |t| t.into(), |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
);

name!(
    /// Why somebody who runs a study changes or deletes what is stored. For people; several lines if need be.
    Reason, 500, |t| t.trim().into(), |c| !c.is_control() || c == '\n'
);

name!(
    /// What somebody says for himself: against an entry, or to such an objection. For people; several lines if need be.
    Remark, 2000, |t| t.trim().into(), |c| !c.is_control() || c == '\n'
);
name!(
    /// What a request is known by where it is kept, `2024-17`: a number and no name. Letters, digits and `. _ / -`.
    FileReference, 64, |t| t.into(), |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-')
);

pub(crate) fn check(text: &str, max: usize, allowed: fn(char) -> bool) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > max && text.chars().count() > max {
        return Err(NameError::TooLong { max });
    }
    if let Some(c) = text.chars().find(|&c| !allowed(c)) {
        return Err(NameError::Character(c));
    }
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        return Err(NameError::Padded);
    }
    Ok(())
}

/// The place of an entry in its session, from 0. At most 2^53 - 1, which every JSON reader keeps exact
/// (RFC 8259 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Sequence(i64);

impl Sequence {
    /// The greatest sequence number.
    pub const MAX: i64 = (1 << 53) - 1;

    /// `None` if it is negative or above [`Sequence::MAX`].
    pub const fn new(value: i64) -> Option<Self> {
        if value >= 0 && value <= Self::MAX {
            Some(Self(value))
        } else {
            None
        }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn a_username_is_case_folded() {
        assert_eq!(
            "Classe-A.É1".parse::<Username>().unwrap().as_str(),
            "classe-a.é1"
        );
    }

    #[rstest]
    #[case("", NameError::Empty)]
    #[case("Tsadk", NameError::Character('T'))]
    #[case("a b", NameError::Character(' '))]
    fn a_slug_refuses(#[case] text: &str, #[case] error: NameError) {
        assert_eq!(text.parse::<Slug>(), Err(error));
    }

    #[test]
    fn the_length_of_a_name_is_counted_in_characters() {
        assert!("é".repeat(128).parse::<ActionName>().is_ok());
        assert_eq!(
            "é".repeat(129).parse::<ActionName>(),
            Err(NameError::TooLong { max: 128 })
        );
    }

    #[rstest]
    #[case("e\u{301}", 128)]
    // Forms that NFC composes no more, though one character was sent: U+0958 is two in NFC, U+FB2C three.
    #[case("\u{958}", 64)]
    #[case("\u{fb2c}", 42)]
    fn the_length_of_a_name_is_that_of_its_normal_form(#[case] sent: &str, #[case] fit: usize) {
        assert!(sent.repeat(fit).parse::<ActionName>().is_ok());
        assert_eq!(
            sent.repeat(fit + 1).parse::<ActionName>(),
            Err(NameError::TooLong { max: 128 })
        );
    }

    #[test]
    fn a_username_is_one_in_both_spellings() {
        assert_eq!(
            "Zoe\u{301}".parse::<Username>().unwrap(),
            "zoé".parse().unwrap()
        );
    }

    proptest! {
        #[test]
        fn all_spellings_of_a_name_are_one_name(text in "[a-zé\u{c5}\u{212b}\u{958}\u{ac01}\u{301}\u{323}ﬁ🎮א]{1,40}") {
            let sent: ActionName = text.parse().unwrap();
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(&composed.parse::<ActionName>().unwrap(), &sent);
            prop_assert_eq!(&decomposed.parse::<ActionName>().unwrap(), &sent);
            prop_assert_eq!(sent.as_str(), composed.as_str());
            let session: SessionName = decomposed.parse().unwrap();
            prop_assert_eq!(session.as_str(), composed);
        }

        #[test]
        fn a_name_in_ascii_is_kept_to_the_letter(text in "[!-~]{1,128}") {
            let name: ActionName = text.parse().unwrap();
            prop_assert_eq!(name.as_str(), text);
        }
    }

    #[rstest]
    #[case(" a")]
    #[case("a\u{a0}")]
    fn an_action_has_no_white_space_around_it(#[case] text: &str) {
        assert_eq!(text.parse::<ActionName>(), Err(NameError::Padded));
    }

    #[test]
    fn a_sequence_number_is_exact_in_every_json_reader() {
        assert!(Sequence::new(Sequence::MAX).is_some());
        assert!(Sequence::new(Sequence::MAX + 1).is_none());
        assert!(Sequence::new(-1).is_none());
    }
}

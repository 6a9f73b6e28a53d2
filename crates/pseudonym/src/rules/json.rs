//! Objects of JSON member by member, in their order, with each value as the text that was sent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The members of an object; those that stand twice are all there.
pub(super) fn members(text: &str) -> Result<Members<'_>, serde_json::Error> {
    struct Object<'a>(Members<'a>);
    struct Each;
    impl<'de> Visitor<'de> for Each {
        type Value = Object<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::with_capacity(8);
            while let Some((Name(name), value)) = map.next_entry()? {
                members.push((name, value));
            }
            Ok(Object(members))
        }
    }
    impl<'de> Deserialize<'de> for Object<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Each)
        }
    }
    serde_json::from_str::<Object<'_>>(text).map(|Object(members)| members)
}

/// A name, not copied where nothing in it is escaped.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Writes a text as JSON has it.
pub(super) fn push_text(text: &str, out: &mut String) {
    // A text always has a JSON form.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// A text of JSON with the replacement character for each half of a surrogate pair, which syntax allows and Unicode does not.
pub(super) fn whole_pairs(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        whole.push_str(&rest[..at]);
        let length = match (
            surrogate(escape),
            surrogate(escape.get(6..).unwrap_or_default()),
        ) {
            (Some(0xd8), Some(0xdc)) => 12,
            (Some(_), _) => {
                whole.push('\u{fffd}');
                rest = &escape[6..];
                continue;
            }
            _ => 2,
        };
        // What is escaped may be a character of several bytes only where the text is no JSON.
        let length = if escape.is_char_boundary(length) {
            length
        } else {
            escape.len()
        };
        whole.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    whole.push_str(rest);
    whole
}

/// Which half of a pair an escape is: 0xd8 for the first, 0xdc for the second.
fn surrogate(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    match u32::from_str_radix(digits, 16).ok()? >> 8 {
        0xd8..=0xdb => Some(0xd8),
        0xdc..=0xdf => Some(0xdc),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_pair_is_replaced_and_a_whole_one_stays() {
        let text = r#""a\ud83d \u0041 \ud83d\ude00 \\ud83d \udc00""#.replace("\\\\", "\\");
        let read: String = serde_json::from_str(&whole_pairs(&text)).unwrap();
        assert!(
            read.contains('😀') && read.matches('\u{fffd}').count() >= 2,
            "{read}"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[\\uda80é" ]{0,24}"#) {
            whole_pairs(&text);
        }
    }
}

//! The one way to write a record as JSON (RFC 8785).

use serde_json::Value;
use std::collections::BTreeMap;

/// A flat object in canonical form: members in the order of their names, no white space, nothing escaped that need not be.
///
/// For names in ASCII, whose order by UTF-16 (section 3.2.3) is that of their bytes; and for texts, integers that every reader holds exactly (up to
/// 2^53, section 3.2.2.3) and `null`, which serde_json writes as section 3.2.2 says.
pub(super) fn canonical<const N: usize>(members: [(&'static str, Value); N]) -> String {
    let ordered: BTreeMap<&str, Value> = members.into_iter().collect();
    // Names are texts and values are whole, so nothing of it can fail.
    serde_json::to_string(&ordered).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_standard_for_texts_is_written_to_the_letter() {
        // RFC 8785 section 3.2.2.2, the value of `string`.
        let text = "\u{20ac}$\u{f}\nA'B\"\\\\\"/";
        let written = canonical([("string", Value::from(text)), ("literals", Value::Null)]);
        let expected = "{\"literals\":null,\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(written, expected);
    }

    #[test]
    fn members_stand_in_the_order_of_their_names() {
        let written = canonical([
            ("b", Value::from(9_007_199_254_740_991_u64)),
            ("a", Value::from("x")),
            ("A", Value::Null),
        ]);
        assert_eq!(written, r#"{"A":null,"a":"x","b":9007199254740991}"#);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_what_it_was(text in "\\PC{0,20}|[\\x00-\\x1f\"\\\\]{0,8}") {
            let written = canonical([("a", Value::from(text.clone()))]);
            let read: Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(&read["a"], &Value::from(text));
        }
    }
}

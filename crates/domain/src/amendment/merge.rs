//! JSON merge patch (RFC 7396) on texts: what a patch does not name stays to the letter, whatever numbers and white space it has.
//! The two Unicode spellings of a name are one, and the member keeps the one that it was sent with.

use crate::codebook::nfc;
use crate::parts::{compose, members_of};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The target with the patch applied (RFC 7396 section 2). Both are well-formed, and no object in them has a member twice.
pub(super) fn merge(target: Option<&str>, patch: &str) -> Box<str> {
    if !patch.starts_with('{') {
        return patch.into();
    }
    let target = target
        .filter(|text| text.starts_with('{'))
        .and_then(members_of)
        .unwrap_or_default();
    let patch = members_of(patch).unwrap_or_default();
    let changes: HashMap<Cow<'_, str>, &str> = patch
        .iter()
        .map(|(name, value)| (nfc(name), value.get()))
        .collect();
    let known: HashSet<Cow<'_, str>> = target.iter().map(|(name, _)| nfc(name)).collect();
    let mut merged: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(target.len() + patch.len());
    for (name, value) in &target {
        match changes.get(&nfc(name)) {
            None => merged.push((name, value.get().into())),
            Some(&"null") => {}
            Some(change) => {
                merged.push((name, merge(Some(value.get()), change).into_string().into()))
            }
        }
    }
    for (name, change) in &patch {
        if !known.contains(&nfc(name)) && change.get() != "null" {
            merged.push((name, merge(None, change.get()).into_string().into()));
        }
    }
    compose(merged.iter().map(|(name, value)| (*name, &**value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Map, Value};

    #[rstest]
    // The examples of RFC 7396, appendix A, whose targets are objects.
    #[case(r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#)]
    #[case(r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#)]
    #[case(r#"{"a":"b"}"#, r#"{"a":null}"#, "{}")]
    #[case(r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#)]
    #[case(r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#)]
    #[case(r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#)]
    #[case(
        r#"{"a":{"b":"c"}}"#,
        r#"{"a":{"b":"d","c":null}}"#,
        r#"{"a":{"b":"d"}}"#
    )]
    #[case(r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#)]
    #[case(r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#)]
    #[case("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#)]
    // What is not named stays to the letter.
    #[case(
        r#"{"a":1.10, "b":1e400, "c":9007199254740993}"#,
        r#"{"d":1}"#,
        r#"{"a":1.10,"b":1e400,"c":9007199254740993,"d":1}"#
    )]
    #[case(r#"{"\u0061":1}"#, r#"{"a":2.0}"#, r#"{"a":2.0}"#)]
    // One name in two spellings.
    #[case("{\"e\u{301}\":1}", r#"{"é":2}"#, "{\"e\u{301}\":2}")]
    #[case("{\"é\":1}", "{\"e\u{301}\":null}", "{}")]
    fn a_patch_changes_what_it_names(
        #[case] target: &str,
        #[case] patch: &str,
        #[case] merged: &str,
    ) {
        assert_eq!(&*merge(Some(target), patch), merged);
    }

    /// As RFC 7396 section 2 writes it.
    fn model(target: Option<&Value>, patch: &Value) -> Value {
        let Value::Object(changes) = patch else {
            return patch.clone();
        };
        let mut merged = match target {
            Some(Value::Object(members)) => members.clone(),
            _ => Map::new(),
        };
        for (name, change) in changes {
            if change.is_null() {
                merged.remove(name);
            } else {
                let value = model(merged.get(name), change);
                merged.insert(name.clone(), value);
            }
        }
        Value::Object(merged)
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(Value::from),
            "[a-c\"\\\\é]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::btree_map("[a-d/~\"]{0,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn object() -> impl Strategy<Value = Value> {
        proptest::collection::btree_map("[a-d/~\"]{0,2}", value(), 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn texts_are_merged_as_values_are(target in object(), patch in object()) {
            let merged = merge(Some(&target.to_string()), &patch.to_string());
            let merged: Value = serde_json::from_str(&merged).unwrap();
            prop_assert_eq!(merged, model(Some(&target), &patch));
        }

        #[test]
        fn a_patch_applied_twice_is_applied_once(target in object(), patch in object()) {
            let patch = patch.to_string();
            let once = merge(Some(&target.to_string()), &patch);
            let twice = merge(Some(&once), &patch);
            prop_assert_eq!(once, twice);
        }
    }
}

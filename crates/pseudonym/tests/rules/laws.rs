//! What holds for every value, every row and every file.

use std::fmt::Write as _;

use proptest::prelude::*;
use sillage_pseudonym::rules::Form;

use crate::{CSV, apply, one, try_apply};

/// One of each rule, for any value.
const EACH: &str = r#"
a = { rule = "pseudonymise", reason = "r" }
b = { rule = "mask", first = 2, last = 1, reason = "r" }
c = { rule = "truncate", characters = 3, reason = "r" }
d = { rule = "truncate", to = "hour", reason = "r" }
e = { rule = "bucket", width = 0.7, origin = -3, reason = "r" }
f = { rule = "bucket", edges = [-1e3, 0, 99999999999999999999], reason = "r" }
g = { rule = "round", to = 1e-9, reason = "r" }
h = { rule = "top-code", at = 1e20, reason = "r" }
i = { rule = "map", values = { x = 1 }, otherwise = "o", reason = "r" }
j = { rule = "date-shift", days = 36500, group = "a", numbers = "microseconds", reason = "r" }
k = { rule = "relative-time", group = "a", numbers = "seconds", reason = "r" }
l = { rule = "relative-time", from = "d", numbers = "milliseconds", unit = "hours", reason = "r" }
m = { rule = "scrub-text", reason = "r" }
n = [{ rule = "round", to = 5, reason = "r" }, { rule = "bottom-code", at = 3, reason = "r" }, { rule = "redact", reason = "r" }]
"#;

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        "[-+]?[0-9]{0,40}(\\.[0-9]{0,30})?([eE]-?[0-9]{1,12})?",
        "[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\\.[0-9]{0,12})?)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?",
        "[\\[{\"]{0,3}(null|1|x|\"[a-z]\"|:|,){0,4}[\\]}\"]{0,3}",
    ]
}

proptest! {
    #[test]
    fn no_value_makes_a_rule_panic_and_no_row_is_lost(rows in prop::collection::vec(prop::collection::vec(any_value(), 14), 1..4)) {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record("abcdefghijklmn".split("").filter(|name| !name.is_empty())).unwrap();
        let mut json = String::new();
        for row in &rows {
            csv.write_record(row).unwrap();
            let members: serde_json::Map<_, _> = "abcdefghijklmn".chars().zip(row)
                .map(|(name, value)| (name.to_string(), serde_json::from_str(value).unwrap_or_else(|_| value.clone().into())))
                .collect();
            writeln!(json, "{}", serde_json::Value::Object(members)).unwrap();
        }
        let input = csv.into_inner().unwrap();
        let (report, out) = try_apply("", EACH, CSV, &input);
        prop_assert_eq!(report.unwrap().rows(), rows.len() as u64);
        let again: Vec<_> = csv::Reader::from_reader(out.as_bytes()).into_records().map(Result::unwrap).collect();
        prop_assert_eq!(again.len(), rows.len());
        let (report, out) = try_apply("", EACH, Form::Ndjson, json.as_bytes());
        prop_assert_eq!(report.unwrap().rows(), rows.len() as u64);
        for line in out.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        // The same again: nothing depends on a clock or on chance.
        prop_assert_eq!(try_apply("", EACH, Form::Ndjson, json.as_bytes()).1, out);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[a-b\",\n{}:0-9\\\\u]{0,60}") {
        let field = "a = { rule = \"scrub-text\", reason = \"r\" }";
        for input in [&bytes, text.as_bytes(), &[b"a,b\n", text.as_bytes()].concat()] {
            for form in [CSV, Form::Ndjson] {
                let _ = try_apply("", field, form, input);
            }
        }
    }

    #[test]
    fn a_shift_keeps_the_intervals_of_a_group(
        who in "\\PC{1,6}", first in 0..4_000_000_000_i64, gap in 0..100_000_000_i64, days in 1..36_500_u32, weeks in any::<bool>(),
    ) {
        let days = if weeks { days.max(7) } else { days };
        let fields = format!("t = {{ rule = \"date-shift\", days = {days}, whole_weeks = {weeks}, group = \"who\", numbers = \"seconds\", reason = \"r\" }}");
        let row = |time: i64| format!("{}\n", serde_json::json!({ "who": who, "t": time }));
        let out = apply(&fields, Form::Ndjson, &[row(first), row(first + gap)].concat());
        let shifted: Vec<Option<i64>> = out.lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["t"].as_i64())
            .collect();
        if who.trim().is_empty() {
            prop_assert_eq!(shifted, [None, None]);
        } else {
            let [one, other] = [shifted[0].unwrap(), shifted[1].unwrap()];
            prop_assert_eq!(other - one, gap);
            let shift = one - first;
            prop_assert!(shift != 0 && shift % 86_400 == 0 && shift.abs() / 86_400 <= i64::from(days));
            prop_assert!(!weeks || shift % (7 * 86_400) == 0);
        }
    }

    #[test]
    fn a_bucket_holds_its_number(number in -1_000_000..1_000_000_i64, width in 1..1000_u32) {
        let made = one(&format!("rule = \"bucket\", width = {width}"), &number.to_string());
        let (lower, upper) = made.split_once("..").unwrap();
        let (lower, upper): (i64, i64) = (lower.parse().unwrap(), upper.parse().unwrap());
        prop_assert!(lower <= number && number < upper && upper - lower == i64::from(width));
    }
}

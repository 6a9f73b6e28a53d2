use super::{faults, read, toml};
use crate::codebook::{Codebook, CodebookFormat, CodebookProblem as P};
use std::fmt::Write as _;

fn fields(count: usize) -> String {
    (0..count).fold(toml(""), |mut text, n| {
        let _ = writeln!(text, "fields.f{n}.type = \"integer\"");
        text
    })
}

#[test]
fn ten_thousand_fields_are_taken_and_one_more_is_not() {
    let codebook = read(&fields(10_000)).unwrap();
    assert_eq!(codebook.columns().len(), 10_000);
    let found = faults(&fields(10_001));
    assert_eq!(
        found,
        [(
            10_003,
            8,
            "/fields/f10000".to_owned(),
            P::TooManyFields { max: 10_000 }
        )]
    );
}

#[test]
fn a_text_of_more_than_a_mebibyte_is_refused() {
    let text = format!("{}#{}", toml(""), "x".repeat(1 << 20));
    assert_eq!(faults(&text)[0].3, P::TooLarge { max: 1 << 20 });
}

#[test]
fn fields_lie_eight_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let path = "fields.a.".repeat(depth);
        let objects = (1..depth).fold(String::new(), |mut text, n| {
            let _ = writeln!(text, "{}type = \"object\"", "fields.a.".repeat(n));
            text
        });
        toml(&format!("{objects}{path}type = \"string\"\n"))
    };
    assert!(read(&nested(8)).is_ok());
    assert_eq!(faults(&nested(9))[0].3, P::TooDeep { max: 8 });
}

#[test]
fn what_is_nested_without_end_is_refused() {
    for depth in [65, 100, 100_000] {
        let lists = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&toml(&format!("title = {lists}"))).is_err());
        let json = format!("{{\"format\": 1, \"title\": {lists}}}");
        assert!(Codebook::read(&json, CodebookFormat::Json).is_err());
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(Codebook::read(&objects, CodebookFormat::Json).is_err());
    }
}

#[test]
fn no_more_than_a_thousand_faults_are_told() {
    let text = (0..5000).fold(toml(""), |mut text, n| {
        let _ = writeln!(text, "key{n} = 1");
        text
    });
    let found = faults(&text);
    assert_eq!(found.len(), 1001);
    assert_eq!(found[1000].3, P::AndMore);
}

#[test]
fn many_groups_in_many_actions_are_compared_in_bearable_time() {
    let mut text = "format = 1\n".to_owned();
    for n in 0..4000 {
        let _ = writeln!(text, "groups.g{n}.f{n}.type = \"string\"");
    }
    for n in 0..4000 {
        let groups: Vec<_> = (0..16)
            .map(|k| format!("\"g{}\"", (n * 7 + k * 241) % 4000))
            .collect();
        let _ = writeln!(text, "actions.a{n}.groups = [{}]", groups.join(","));
    }
    assert!(text.len() < Codebook::MAX_BYTES);
    assert_eq!(read(&text).unwrap().actions().len(), 4000);
}

#[test]
fn patterns_are_counted() {
    let text = (0..=Codebook::MAX_PATTERNS).fold(toml(""), |mut text, n| {
        let _ = writeln!(
            text,
            "fields.f{n} = {{ type = \"string\", pattern = \"a{{{n}}}\" }}"
        );
        text
    });
    let max = Codebook::MAX_PATTERNS;
    assert_eq!(faults(&text)[0].3, P::TooManyPatterns { max });
}

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The literals of a Rust text, those of comments and tests left out.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        let mut literal = String::new();
        let mut chars = rest[start + 1..].char_indices();
        let end = loop {
            match chars.next().unwrap() {
                (_, '\\') => {
                    chars.next();
                }
                (at, '"') => break start + 1 + at,
                (_, c) => literal.push(c),
            }
        };
        found.push(literal);
        rest = &rest[end + 1..];
    }
    found
}

/// What a text leaves open.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// A message is a sentence, and sentences have spaces; words such as the name of a parameter have none.
fn sentences(source: &str) -> Vec<String> {
    let all = literals(source).into_iter();
    all.filter(|text| text.contains(' ') && text.chars().any(char::is_alphabetic))
        .collect()
}

#[test]
fn every_message_is_there_in_english_and_in_french_with_the_same_values_in_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/messages");
    let mut walked = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if matches!(
            path.file_name().and_then(|n| n.to_str()),
            Some("tests.rs" | "json.rs" | "codebook_french.rs")
        ) {
            continue;
        }
        let all = sentences(&fs::read_to_string(&path).unwrap());
        for pair in all.chunks(2) {
            let [english, french] = pair else {
                panic!("{}: {pair:?} has no translation", path.display());
            };
            assert_ne!(english, french, "{}", path.display());
            let (mut one, mut other) = (placeholders(english), placeholders(french));
            // These hold words of the language itself.
            for name in ["english", "why"] {
                one.remove(name);
            }
            for name in ["french", "pourquoi"] {
                other.remove(name);
            }
            assert_eq!(one, other, "{}: {english}", path.display());
            walked += 1;
        }
    }
    assert!(walked >= 50, "{walked}");
}

#[test]
fn the_walk_finds_what_is_missing() {
    let source =
        "say(Code::X, \"it is {a} \\\"so\\\"\", \"c'est {a}\"); // \"no \"\n.parameter(\"page\")";
    assert_eq!(sentences("// \"a b\"\n"), Vec::<String>::new());
    let found = sentences(source);
    assert_eq!(found[..2], ["it is {a} so", "c'est {a}"]);
    assert_eq!(placeholders(&found[0]), placeholders(&found[1]));
}

//! What is wrong with a text that is no JSON, as the parser says it, and in French.

use super::say;
use crate::codes::Code;
use crate::error::Problem;

pub(crate) fn malformed_json(line: usize, column: usize, problem: &str) -> Problem {
    let french = in_french(problem);
    say(
        Code::MalformedJson,
        format!("malformed JSON at line {line}, column {column}: {problem}"),
        format!("JSON mal formé à la ligne {line}, colonne {column} : {french}"),
    )
}

/// The words of the parser in French; its own where it finds new ones.
fn in_french(problem: &str) -> &str {
    let known = PROBLEMS.iter().find(|(english, _)| *english == problem);
    known.map_or(problem, |(_, french)| french)
}

/// What `serde_json` finds wrong with a syntax, and what the domain finds wrong before.
const PROBLEMS: [(&str, &str); 20] = [
    ("not UTF-8", "ce n'est pas de l'UTF-8"),
    (
        "EOF while parsing a list",
        "le texte finit au milieu d'un tableau",
    ),
    (
        "EOF while parsing an object",
        "le texte finit au milieu d'un objet",
    ),
    (
        "EOF while parsing a string",
        "le texte finit au milieu d'une chaîne",
    ),
    (
        "EOF while parsing a value",
        "le texte finit là où une valeur est attendue",
    ),
    ("expected `:`", "`:` attendu"),
    ("expected `,` or `]`", "`,` ou `]` attendu"),
    ("expected `,` or `}`", "`,` ou `}` attendu"),
    ("expected ident", "`true`, `false` ou `null` attendu"),
    ("expected value", "valeur attendue"),
    ("expected `\"`", "`\"` attendu"),
    ("invalid escape", "échappement inconnu"),
    ("invalid number", "nombre mal formé"),
    ("number out of range", "nombre trop grand"),
    (
        "invalid unicode code point",
        "ce n'est pas un caractère Unicode",
    ),
    (
        "control character (\\u0000-\\u001F) found while parsing a string",
        "une chaîne contient un caractère de contrôle (\\u0000-\\u001F)",
    ),
    (
        "key must be a string",
        "le nom d'un membre doit être une chaîne",
    ),
    ("trailing comma", "virgule de trop"),
    (
        "trailing characters",
        "il y a encore du texte après la valeur",
    ),
    (
        "recursion limit exceeded",
        "les imbrications sont trop profondes",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("[1")]
    #[case("{\"a\":1")]
    #[case("\"a")]
    #[case("")]
    #[case("{\"a\" 1}")]
    #[case("[1 2]")]
    #[case("{\"a\":1 \"b\"}")]
    #[case("nul!")]
    #[case("x")]
    #[case("\"\\x\"")]
    #[case("-")]
    #[case("1e999")]
    #[case("\"a\nb\"")]
    #[case("{1:2}")]
    #[case("[1,]")]
    #[case("1 2")]
    fn what_the_parser_says_is_said_in_french(#[case] text: &str) {
        let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
        let told = error.to_string();
        let problem = told.split(" at line ").next().unwrap();
        assert_ne!(in_french(problem), problem);
    }

    #[test]
    fn what_is_nested_too_deep_for_the_parser_is_said_in_french() {
        let text = "[".repeat(200);
        let error = serde_json::from_str::<serde_json::Value>(&text).unwrap_err();
        assert!(error.to_string().starts_with("recursion limit exceeded"));
        assert_ne!(
            in_french("recursion limit exceeded"),
            "recursion limit exceeded"
        );
    }
}

//! Patterns of texts: regular expressions that need time in proportion to the text, whatever they are.

use regex::{Error, Regex, RegexBuilder};

/// How large a compiled pattern may be, in bytes: enough for 100 letters of any script.
const MAX_COMPILED: usize = 1 << 18;
/// The most bytes of a pattern.
const MAX_PATTERN: usize = 1000;
/// The most bytes of a text that is matched; a longer one matches nothing.
pub(crate) const MAX_MATCHED: usize = 4096;

/// A pattern that a whole text matches, or does not.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

/// Why a text is no pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PatternError {
    TooLarge,
    Syntax(String),
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN {
            return Err(PatternError::TooLarge);
        }
        // By itself first: parentheses that close what they did not open would close those that are put around it.
        compile(text)?;
        compile(&format!(r"\A(?:{text})\z")).map(Self)
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        text.len() <= MAX_MATCHED && self.0.is_match(text)
    }
}

fn compile(text: &str) -> Result<Regex, PatternError> {
    let built = RegexBuilder::new(text)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .nest_limit(32)
        .build();
    built.map_err(|error| match error {
        Error::CompiledTooBig(_) => PatternError::TooLarge,
        other => {
            let told = other.to_string();
            // The reader of patterns draws them, over several lines; what is wrong is on the last.
            let reason = told.lines().last().unwrap_or_default();
            PatternError::Syntax(reason.trim_start_matches("error: ").to_owned())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("a|b", "b", true)]
    #[case("a|b", "ab", false)]
    #[case("[0-9]{3}", "1234", false)]
    #[case(r"\p{L}+", "Ζωή", true)]
    #[case("^a$", "a\n", false)]
    fn a_pattern_matches_a_whole_text(
        #[case] pattern: &str,
        #[case] text: &str,
        #[case] fits: bool,
    ) {
        assert_eq!(Pattern::new(pattern).unwrap().matches(text), fits);
    }

    #[rstest]
    #[case("(")]
    #[case("a)|(b")]
    #[case(r"(a)\1")]
    #[case("(?<=a)b")]
    fn what_can_not_be_matched_in_one_pass_is_no_pattern(#[case] pattern: &str) {
        assert!(
            matches!(Pattern::new(pattern), Err(PatternError::Syntax(reason)) if !reason.is_empty())
        );
    }

    #[rstest]
    #[case("(((a{100}){100}){100}){100}")]
    #[case("a{1000000}")]
    #[case(&"a".repeat(1001))]
    fn a_pattern_that_would_fill_the_memory_is_refused(#[case] pattern: &str) {
        assert_eq!(Pattern::new(pattern).unwrap_err(), PatternError::TooLarge);
    }

    #[test]
    fn a_pattern_that_blows_up_elsewhere_does_not_here() {
        let pattern = Pattern::new("(a+)+b").unwrap();
        assert!(!pattern.matches(&"a".repeat(MAX_MATCHED)));
        assert!(!pattern.matches(&("a".repeat(MAX_MATCHED) + "b")));
    }
}

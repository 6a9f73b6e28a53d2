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

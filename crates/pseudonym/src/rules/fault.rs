//! What can be wrong with a file of rules, told to the researcher who wrote it.

use std::fmt;

use thiserror::Error;

/// One thing that is wrong with a file of rules, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{line}:{column}: {}{problem}", Named(.pointer))]
pub struct RulesFault {
    /// The line of the text, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// What it is about: a JSON pointer (RFC 6901) into the rules; empty for all of them.
    pub pointer: String,
    /// What.
    pub problem: RulesProblem,
}

struct Named<'a>(&'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, "{}: ", self.0)
        }
    }
}

/// What can be wrong with a file of rules.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RulesProblem {
    /// The text is longer than the limit.
    #[error("a file of rules has at most {max} bytes")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// The text is no TOML or no JSON.
    #[error("{reason}")]
    Malformed {
        /// What the reader of the syntax says.
        reason: String,
    },
    /// The format is none that is known.
    #[error("the format must be 1")]
    UnknownFormat,
    /// A key that must be there is not.
    #[error("`{key}` is missing")]
    Missing {
        /// Which.
        key: &'static str,
    },
    /// A rule without a reason.
    #[error("say why: reason = \"...\"; it is printed with what was done")]
    NoReason,
    /// There are no fields.
    #[error("no field has a rule: [fields]")]
    NoFields,
    /// A key that is not known.
    #[error("there is no key `{key}` here{}", Nearest(.nearest))]
    UnknownKey {
        /// What was written.
        key: String,
        /// The known one that looks most like it.
        nearest: Option<String>,
    },
    /// A key that another rule has.
    #[error("`{key}` does not go with the rule {rule}")]
    NotForRule {
        /// Which.
        key: String,
        /// The word of the rule.
        rule: String,
    },
    /// A word that is none of those that there are.
    #[error("there is no `{word}` here{}; there is {}", Nearest(.nearest), .known.join(", "))]
    UnknownWord {
        /// What was written.
        word: String,
        /// The known one that looks most like it.
        nearest: Option<String>,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// A value of another type than it must be.
    #[error("it must be {expected}")]
    Expected {
        /// What it must be, as the rest of a sentence.
        expected: &'static str,
    },
    /// Keys of which one must be there, and no other.
    #[error("the rule needs {keys}")]
    OneOf {
        /// Which, as the rest of a sentence.
        keys: &'static str,
    },
    /// Two names of one field.
    #[error("`{name}` has rules already")]
    Twice {
        /// The name.
        name: String,
    },
    /// A name that is no pointer.
    #[error(
        "a name that begins with `/` is a JSON pointer, in which `~` is written ~0 and `/` in a name ~1"
    )]
    Pointer,
    /// A rule that leaves nothing for others to do.
    #[error("{rule} stands alone: no other rule goes with it")]
    Alone {
        /// Its word.
        rule: &'static str,
    },
}

/// A suggestion, if there is one.
pub(super) struct Nearest<'a>(pub(super) &'a Option<String>);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// The one of them that looks most like the word, if one does.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let distance = |other: &str| strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase());
    known
        .into_iter()
        // Long texts are no slips of the pen, and slow to compare.
        .filter(|other| other.len() <= 64 && word.len() <= 64)
        .take(500)
        .map(|other| (distance(other), other))
        .filter(|(distance, other)| distance * 3 <= word.chars().count().max(other.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other.to_owned())
}

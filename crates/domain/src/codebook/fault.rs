//! What can be wrong with a codebook, told to the researcher who wrote it.

use super::FieldType;
use crate::NameError;
use crate::account::words;
use serde::Serialize;
use std::fmt;

/// One thing that is wrong with a codebook, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{line}:{column}: {}{problem}", Named(.pointer))]
pub struct CodebookFault {
    /// The line of the text, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// What it is about: a JSON pointer (RFC 6901) into the codebook; empty for the codebook as a whole.
    pub pointer: String,
    /// What.
    #[serde(flatten)]
    pub problem: CodebookProblem,
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

words!(
    /// What a value of a codebook must be.
    Expected {
        /// A text.
        Text = "text",
        /// A text, or texts by language.
        Texts = "texts",
        /// A number.
        Number = "number",
        /// An integer from 0 to 4294967295.
        Count = "count",
        /// A text or a number.
        TextOrNumber = "text_or_number",
        /// True or false.
        Boolean = "boolean",
        /// A list.
        List = "list",
        /// A table: of TOML, or an object of JSON.
        Table = "table",
    }
);

impl Expected {
    fn told(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => {
                "a text, or texts by language such as { en = \"Level\", fr = \"Niveau\" }"
            }
            Self::Number => "a number",
            Self::Count => "an integer from 0 to 4294967295",
            Self::TextOrNumber => "a text or a number",
            Self::Boolean => "true or false",
            Self::List => "a list",
            Self::Table => "a table",
        }
    }
}

/// What can be wrong with a codebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CodebookProblem {
    /// The text is longer than the limit.
    #[error("a codebook has at most {max} bytes")]
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
    /// It is nested deeper than the limit.
    #[error("it is nested deeper than {max} levels")]
    TooDeep {
        /// The limit.
        max: usize,
    },
    /// There are more fields than the limit, all actions and groups together.
    #[error("a codebook has at most {max} fields")]
    TooManyFields {
        /// The limit.
        max: usize,
    },
    /// There are more different patterns than the limit.
    #[error("a codebook has at most {max} different patterns")]
    TooManyPatterns {
        /// The limit.
        max: usize,
    },
    /// An action names more groups than the limit.
    #[error("an action has at most {max} groups")]
    TooManyGroups {
        /// The limit.
        max: usize,
    },
    /// There are so many faults that the rest is not told.
    #[error("there are more faults; mend these first")]
    AndMore,
    /// A key that must be there is not.
    #[error("`{key}` is missing")]
    Missing {
        /// Which.
        key: &'static str,
    },
    /// A key that is not known.
    #[error("there is no key `{key}` here{}", Nearest(.nearest))]
    UnknownKey {
        /// What was written.
        key: String,
        /// The known one that looks most like it.
        nearest: Option<String>,
    },
    /// A value of another type than it must be.
    #[error("it must be {}", .expected.told())]
    WrongType {
        /// What it must be.
        expected: Expected,
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
    /// A format that this version does not read.
    #[error("the format must be 1")]
    UnknownFormat,
    /// There is no action.
    #[error("a codebook has at least one action: [actions.NAME]")]
    NoActions,
    /// A name that can't be one.
    #[error("this name can't be used: {error}")]
    Name {
        /// Why.
        error: NameError,
    },
    /// A language that is no tag.
    #[error("a language is a tag such as en, fr or fr-CH")]
    Language,
    /// A name stands twice; NFC and NFD spellings of one name are one name.
    #[error("`{name}` stands twice")]
    Twice {
        /// Which.
        name: String,
    },
    /// A value stands twice in a list.
    #[error("the value `{value}` stands twice")]
    ValueTwice {
        /// Which.
        value: String,
    },
    /// A rule that fields of this type can't have.
    #[error("`{key}` does not go with the type {kind}")]
    NotForType {
        /// The rule.
        key: &'static str,
        /// The type of the field.
        kind: FieldType,
    },
    /// A value that a field of this type can't have.
    #[error("a field of the type {kind} can't have this value")]
    NotOfType {
        /// The type of the field.
        kind: FieldType,
    },
    /// A number that is infinite, or not a number.
    #[error("it must be a finite number")]
    NotFinite,
    /// The smallest value is greater than the greatest.
    #[error("`{least}` is greater than `{most}`")]
    EmptyRange {
        /// The key of the smallest.
        least: &'static str,
        /// The key of the greatest.
        most: &'static str,
    },
    /// An enumeration without values.
    #[error("no value would fit: list at least one")]
    EmptyEnumeration,
    /// A value of the enumeration that another rule of the field excludes.
    #[error("the value `{value}` does not fit the `{rule}` of the same field")]
    Excluded {
        /// The value.
        value: String,
        /// The key of the rule.
        rule: &'static str,
    },
    /// A pattern that is none.
    #[error("the pattern can't be read: {reason}")]
    Pattern {
        /// What the reader of patterns says.
        reason: String,
    },
    /// A pattern that is too large.
    #[error("the pattern is too large")]
    PatternTooLarge,
    /// A group that there is not.
    #[error("there is no group `{name}`{}", Nearest(.nearest))]
    UnknownGroup {
        /// What was written.
        name: String,
        /// The one that looks most like it.
        nearest: Option<String>,
    },
    /// An action that there is not.
    #[error("there is no action `{name}`{}", Nearest(.nearest))]
    UnknownAction {
        /// What was written.
        name: String,
        /// The one that looks most like it.
        nearest: Option<String>,
    },
    /// A field that there is not.
    #[error("there is no field `{name}`{}", Nearest(.nearest))]
    UnknownField {
        /// What was written.
        name: String,
        /// The one that looks most like it.
        nearest: Option<String>,
    },
    /// A schema says something that a codebook can't.
    #[error("a codebook has nothing that says `{key}`")]
    Unsupported {
        /// What.
        key: String,
    },
    /// An action would have a field from two places.
    #[error("the action has `{name}` already, from {other}")]
    AlsoDeclared {
        /// The field.
        name: String,
        /// Where it stands too: a JSON pointer.
        other: String,
    },
    /// A member that would play two parts.
    #[error("`{name}` can't play this part: it plays `{other}`")]
    PlaysAnother {
        /// The member.
        name: String,
        /// The part that it plays.
        other: String,
    },
}

/// A suggestion, if there is one.
struct Nearest<'a>(&'a Option<String>);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// How many names are looked at for a suggestion.
const SUGGESTIONS: usize = 500;

/// The one of them that looks most like the word, if one does.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    // Whoever writes `int` or `str` means one word, and no edit in three characters leads there.
    let distance = |other: &str| match other.to_lowercase() {
        other if word.chars().count() >= 3 && other.starts_with(&word) => 1,
        other => strsim::osa_distance(&word, &other),
    };
    known
        .take(SUGGESTIONS)
        // An edit in three characters is a slip; more is another word. Long texts are no slips, and slow to compare.
        .filter(|other| other.len() <= 64 && word.len() <= 64)
        .map(|other| (distance(other), other))
        .filter(|(distance, other)| distance * 3 <= word.chars().count().max(other.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other.to_owned())
}

//! Why rules can't be applied.

use std::io;

use thiserror::Error;

use super::fault::Nearest;

/// Something is missing that rules need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A root key.
    #[error(
        "the rules `pseudonymise` and `date-shift` need a root key; make one with `openssl rand -hex 32`"
    )]
    NoKey,
    /// A roster.
    #[error("the rule `scrub-text` is to look for people of a roster, and there is none")]
    NoRoster,
}

/// A file could not be read to its end. What was written before is whole rows.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It could not be read.
    #[error("what there is to read can't be read")]
    Read(#[source] io::Error),
    /// The result could not be written.
    #[error("what there is to write can't be written")]
    Write(#[source] io::Error),
    /// A row is none.
    #[error("line {line}: {reason}")]
    Malformed {
        /// The line on which the row begins, from 1.
        line: u64,
        /// What is wrong with it, without anything that stands in it.
        reason: String,
    },
    /// A rule names a column that there is not.
    #[error("there is no column `{name}`, which a rule names{}", Nearest(.nearest))]
    NoColumn {
        /// Its name.
        name: String,
        /// The column that looks most like it.
        nearest: Option<String>,
    },
    /// A field has no rule, and such files are to be refused.
    #[error("line {line}: no rule names the field `{name}`, and the rules say others = \"refuse\"")]
    Undeclared {
        /// Its name.
        name: String,
        /// Where it was met first.
        line: u64,
    },
    /// No column would be left.
    #[error("no column would be left: the rules drop them all")]
    NothingLeft,
    /// There are more groups than are remembered.
    #[error(
        "line {line}: the first times of more than {max} groups can't be remembered; tell times from a field (`from`) or from an \
         instant (`since`)"
    )]
    TooManyGroups {
        /// Where the first was met that is too many.
        line: u64,
        /// How many are remembered.
        max: usize,
    },
}

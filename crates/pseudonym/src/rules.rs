//! Rules that say what becomes of each field of a file, and why; and what does it, on CSV and NDJSON.

mod action;
mod batch;
mod cells;
mod decimal;
mod document;
mod error;
mod fault;
mod inside;
mod json;
mod lines;
mod memory;
mod metered;
mod moment;
mod path;
mod pseudonymiser;
mod read;
mod recent;
mod report;
mod step;
mod tree;
mod written;

use action::Action;
pub use error::{SetupError, StreamError};
pub use fault::{RulesFault, RulesProblem};
use path::FieldPath;
pub use pseudonymiser::{Form, Pseudonymiser};
pub use report::{FieldReport, Report};

/// What a file of rules is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RulesFormat {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// What becomes of fields that no rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Others {
    /// They are left out.
    Drop,
    /// They are kept as they are.
    Keep,
    /// A file that has such a field is refused.
    Refuse,
}

impl Others {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Keep => "keep",
            Self::Refuse => "refuse",
        }
    }
}

/// What becomes of each field of a file, and why.
///
/// ```
/// use sillage_pseudonym::rules::{Rules, RulesFormat};
///
/// let rules = Rules::read(
///     r#"
///     format = 1
///     study = "castle"
///
///     [fields]
///     username = { rule = "pseudonymise", reason = "to follow a player without knowing who" }
///     age = { rule = "bucket", width = 5, reason = "an exact age and a class point at a pupil" }
///     "#,
///     RulesFormat::Toml,
/// )
/// .unwrap();
/// let age = rules.fields().nth(1).unwrap();
/// assert_eq!((age.name(), age.rules().collect::<Vec<_>>()), ("age", vec!["bucket"]));
/// ```
#[derive(Debug)]
pub struct Rules {
    study: Box<str>,
    key_version: u32,
    others: Others,
    fields: Vec<FieldRules>,
    /// Fields whose value another field's rule looks at.
    looked_at: Vec<FieldPath>,
}

impl Rules {
    /// The longest text that is read, in bytes.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Reads a file of rules.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, each with its place.
    pub fn read(text: &str, format: RulesFormat) -> Result<Self, Vec<RulesFault>> {
        read::read(text, format)
    }

    /// The study whose keys are used.
    #[must_use]
    pub fn study(&self) -> &str {
        &self.study
    }

    /// The version of its keys.
    #[must_use]
    pub fn key_version(&self) -> u32 {
        self.key_version
    }

    /// What becomes of all other fields.
    #[must_use]
    pub fn others(&self) -> Others {
        self.others
    }

    /// The fields that have rules, in the order of the file.
    pub fn fields(&self) -> impl Iterator<Item = &FieldRules> {
        self.fields.iter()
    }

    /// Whether a root key is needed: to make a pseudonym, or to know by how much to shift.
    #[must_use]
    pub fn need_key(&self) -> bool {
        self.actions()
            .any(|action| matches!(action, Action::Pseudonymise { .. } | Action::Shift { .. }))
    }

    /// Whether a text is searched for people of a roster, and whether there must be one.
    #[must_use]
    pub fn use_roster(&self) -> Option<bool> {
        let scrubs = self.actions().filter_map(|action| match action {
            Action::Scrub(search) => search.roster(),
            _ => None,
        });
        scrubs.reduce(|one, other| one || other)
    }

    fn actions(&self) -> impl Iterator<Item = &Action> {
        let steps = self.fields.iter().flat_map(|field| &field.steps);
        steps.map(|step| &step.action)
    }
}

/// What becomes of one field.
#[derive(Debug)]
pub struct FieldRules {
    name: Box<str>,
    path: FieldPath,
    steps: Vec<Step>,
}

impl FieldRules {
    /// The name of the field, or where it is: a JSON pointer (RFC 6901).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The words of its rules, in the order in which they are applied.
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().map(|step| step.word)
    }

    /// Why, a sentence for each rule.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| &*step.reason)
    }

    /// Whether nothing is left of it.
    fn is_dropped(&self) -> bool {
        matches!(
            self.steps[..],
            [Step {
                action: Action::Drop,
                ..
            }]
        )
    }

    /// Whether it is left as it is.
    fn is_kept(&self) -> bool {
        matches!(
            self.steps[..],
            [Step {
                action: Action::Keep,
                ..
            }]
        )
    }
}

/// One rule of a field.
#[derive(Debug)]
struct Step {
    action: Action,
    word: &'static str,
    reason: Box<str>,
}

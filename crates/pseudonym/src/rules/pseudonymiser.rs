//! Rules at work, on one file after the other.

use std::io::{Read, Write};

use super::action::Action;
use super::memory::{MAX_GROUPS, Origins};
use super::recent::Remembering;
use super::step::{Given, Keys, Made, Means, Row, Stop, is_blank};
use super::tree::Tree;
use super::{Others, Report, Rules, SetupError, Step, StreamError, cells, lines};
use crate::RootKey;
use crate::scrub::{Roster, Scrubber};

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Comma-separated values (RFC 4180), the first line of which names the columns; with another byte between them if need be.
    Csv {
        /// What stands between two values.
        delimiter: u8,
    },
    /// A JSON object a line.
    Ndjson,
}

impl Form {
    /// What a file looks like that begins so: NDJSON if its first character is a brace, otherwise CSV with commas.
    #[must_use]
    pub fn of_beginning(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => Self::Ndjson,
            _ => Self::Csv { delimiter: b',' },
        }
    }
}

/// Applies rules to files, row by row: memory does not grow with them.
#[derive(Debug)]
pub struct Pseudonymiser {
    rules: Rules,
    keys: Option<Keys>,
    scrubber: Scrubber,
    tree: Tree,
}

impl Pseudonymiser {
    /// One that goes by these rules.
    ///
    /// # Errors
    ///
    /// [`SetupError`], if something is missing that they need.
    pub fn new(
        rules: Rules,
        root: Option<&RootKey>,
        roster: Option<Roster>,
    ) -> Result<Self, SetupError> {
        if rules.need_key() && root.is_none() {
            return Err(SetupError::NoKey);
        }
        if rules.use_roster() == Some(true) && roster.is_none() {
            return Err(SetupError::NoRoster);
        }
        let key = |purpose, root: &RootKey| {
            Remembering::new(root.purpose_key(purpose, rules.study(), rules.key_version()))
        };
        let keys = root.map(|root| Keys {
            pseudonym: key("pseudonym", root),
            shift: key("date-shift", root),
        });
        Ok(Self {
            tree: Tree::of(&rules.fields),
            scrubber: Scrubber::new(roster),
            keys,
            rules,
        })
    }

    /// The rules that it goes by.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The people that texts are searched for.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.scrubber.roster()
    }

    /// Reads a file, and writes what the rules leave of it. Buffers of their own make both faster.
    ///
    /// # Errors
    ///
    /// [`StreamError`]; the rows before the one that is wrong were written.
    pub fn run(
        &mut self,
        form: Form,
        input: impl Read,
        output: impl Write,
    ) -> Result<Report, StreamError> {
        let mut run = Run {
            report: Report::new(&self.rules),
            rules: &self.rules,
            keys: self.keys.as_mut(),
            scrubber: &mut self.scrubber,
            origins: Origins::default(),
            line: 0,
            made: String::new(),
            spare: String::new(),
        };
        match form {
            Form::Csv { delimiter } => cells::run(&mut run, &self.tree, delimiter, input, output)?,
            Form::Ndjson => lines::run(&mut run, &self.tree, input, output)?,
        }
        Ok(run.report)
    }
}

/// What becomes of something that lies inside something else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ruling {
    Keep,
    Drop,
    /// The rules of a field, by their place.
    Field(usize),
}

/// One file.
pub(super) struct Run<'r> {
    pub(super) rules: &'r Rules,
    pub(super) report: Report,
    /// The line of the row that is being read, from 1.
    pub(super) line: u64,
    /// What the rules made of a value.
    pub(super) made: String,
    keys: Option<&'r mut Keys>,
    scrubber: &'r mut Scrubber,
    origins: Origins,
    spare: String,
}

impl Run<'_> {
    /// What becomes of a field that no rule names.
    pub(super) fn other(&mut self, name: &str) -> Result<Ruling, StreamError> {
        self.report.other(name);
        match self.rules.others() {
            Others::Keep => Ok(Ruling::Keep),
            Others::Drop => Ok(Ruling::Drop),
            Others::Refuse => Err(StreamError::Undeclared {
                name: name.to_owned(),
                line: self.line,
            }),
        }
    }

    /// What becomes of a field with rules.
    pub(super) fn ruling(&self, field: usize) -> Ruling {
        match self.rules.fields.get(field) {
            Some(rules) if rules.is_kept() => Ruling::Keep,
            Some(rules) if rules.is_dropped() => Ruling::Drop,
            _ => Ruling::Field(field),
        }
    }

    /// Applies all rules of a field to a value, into `made`; `None` if they can't take it.
    pub(super) fn apply(
        &mut self,
        field: usize,
        given: Given<'_>,
        row: &dyn Row,
    ) -> Result<Option<Made>, StreamError> {
        let Some(rules) = self.rules.fields.get(field) else {
            return Ok(None);
        };
        let is_empty = is_blank(given.text);
        if !is_empty {
            self.report.value(field);
        }
        let mut made = Made::Same;
        for Step { action, .. } in &rules.steps {
            let redacts = matches!(action, Action::Redact { .. });
            let given = match made {
                Made::Same => given,
                made => Given {
                    text: &self.made,
                    is_number: made == Made::Number,
                },
            };
            if !redacts && is_blank(given.text) {
                continue;
            }
            self.spare.clear();
            let mut means = Means {
                keys: self.keys.as_deref_mut(),
                scrubber: self.scrubber,
                origins: &mut self.origins,
                row,
                field,
            };
            match means.apply(action, given, &mut self.spare) {
                Ok(Made::Same) => {}
                Ok(new) => {
                    std::mem::swap(&mut self.made, &mut self.spare);
                    made = new;
                }
                Err(Stop::Misfit(misfit)) => {
                    self.report.misfit(field, self.line, misfit);
                    return Ok(None);
                }
                Err(Stop::TooManyGroups) => {
                    return Err(StreamError::TooManyGroups {
                        line: self.line,
                        max: MAX_GROUPS,
                    });
                }
            }
        }
        Ok(Some(made))
    }
}

//! `sillage pseudonymise`: rules for each field, on CSV or NDJSON that comes through a pipe.

mod report;

use crate::arguments::{PseudonymiseArguments, TableFormat};
use crate::progress::bytes;
use crate::{CommandError, Output, codebook};
use sillage_pseudonym::RootKey;
use sillage_pseudonym::rules::{Form, Pseudonymiser, Rules, RulesFormat, StreamError};
use sillage_pseudonym::scrub::Roster;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};

/// How much is read and written at once, in bytes.
const CHUNK: usize = 1 << 16;

/// Rules that were read, and a roster, if one was named.
#[derive(Debug)]
pub struct PseudonymiseJob<'a> {
    arguments: &'a PseudonymiseArguments,
    rules: Rules,
    roster: Option<Roster>,
}

impl<'a> PseudonymiseJob<'a> {
    /// Reads both files. What is wrong with the rules is told to `report`.
    ///
    /// # Errors
    ///
    /// [`CommandError::File`]; [`CommandError::Rules`], after every fault was told; [`CommandError::Roster`].
    pub fn open(
        arguments: &'a PseudonymiseArguments,
        report: &mut dyn Write,
    ) -> Result<Self, CommandError> {
        let path = &arguments.rules;
        let is_json = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let format = if is_json {
            RulesFormat::Json
        } else {
            RulesFormat::Toml
        };
        let rules = match Rules::read(&codebook::text(path)?, format) {
            Ok(rules) => rules,
            Err(faults) => {
                for fault in &faults {
                    writeln!(report, "{}:{fault}", path.display())?;
                }
                return Err(CommandError::Rules {
                    path: path.clone(),
                    faults: faults.len(),
                });
            }
        };
        let roster = arguments.roster.as_ref().map(|path| {
            let file = File::open(path).map_err(|source| CommandError::File {
                path: path.clone(),
                source,
            })?;
            Roster::read(BufReader::new(file)).map_err(|source| CommandError::Roster {
                path: path.clone(),
                source,
            })
        });
        Ok(Self {
            arguments,
            rules,
            roster: roster.transpose()?,
        })
    }

    /// Whether [`run`](Self::run) needs a root key.
    pub fn needs_key(&self) -> bool {
        self.rules.need_key() && !self.arguments.check
    }

    /// Reads `input`, writes what the rules leave of it to `output`, and tells `report` what was done.
    ///
    /// # Errors
    ///
    /// [`CommandError::Pseudonymise`], if something is missing that the rules need; [`CommandError::Stream`].
    pub fn run(
        self,
        root: Option<&RootKey>,
        input: impl Read,
        output: &mut Output<'_>,
        report: &mut dyn Write,
    ) -> Result<(), CommandError> {
        if self.arguments.check {
            return report::rules(&self.arguments.rules, &self.rules, output);
        }
        let fingerprint = root.map(RootKey::fingerprint);
        let mut pseudonymiser = Pseudonymiser::new(self.rules, root, self.roster)?;
        let progress = bytes("read");
        let mut input = BufReader::with_capacity(CHUNK, progress.wrap_read(input));
        let form = match self.arguments.format {
            Some(TableFormat::Ndjson) => Form::Ndjson,
            Some(TableFormat::Csv) => Form::Csv {
                delimiter: self.arguments.delimiter,
            },
            None => match Form::of_beginning(input.fill_buf().map_err(StreamError::Read)?) {
                Form::Ndjson => Form::Ndjson,
                _ => Form::Csv {
                    delimiter: self.arguments.delimiter,
                },
            },
        };
        let is_json = output.is_json();
        let out = BufWriter::with_capacity(CHUNK, output.raw());
        let done = pseudonymiser.run(form, input, out);
        progress.finish_and_clear();
        let done = done?;
        if self.arguments.quiet {
            return Ok(());
        }
        report::done(&pseudonymiser, &done, fingerprint, is_json, report)
    }
}

//! How `sillage pseudonymise` is written.

use super::word;
use clap::Args;
use std::path::PathBuf;

/// `sillage pseudonymise`
#[derive(Debug, Args)]
#[command(
    long_about = "Take what identifies people out of CSV or NDJSON, by rules for each field\n\n\
        Reads the standard input and writes the standard output, row by row: memory does not grow with the data. What was \
        done to each field, and why, goes to the standard error.",
    after_help = "A file of rules:\n\n  \
        format = 1\n  \
        study = \"castle\"        # its keys make the pseudonyms\n  \
        others = \"drop\"         # fields without a rule: drop, keep or refuse\n\n  \
        [fields]\n  \
        username = { rule = \"pseudonymise\", reason = \"to follow a player without knowing who\" }\n  \
        age = { rule = \"bucket\", width = 5, reason = \"an exact age and a class point at a pupil\" }\n  \
        answer = { rule = \"scrub-text\", reason = \"pupils write names\" }\n\n\
        Rules: keep, drop, redact, pseudonymise, mask, truncate, bucket, round, top-code, bottom-code, map, date-shift, \
        relative-time, scrub-text; docs/privacy/rules.md tells what each takes.\n\n\
        A row that can't be read ends it with 1 and the line; the rows before it were written. A value that its rule can't take is \
        left empty, and counted."
)]
pub struct PseudonymiseArguments {
    /// What becomes of each field, and why: TOML, or JSON if its name ends in .json
    #[arg(long, value_name = "FILE")]
    pub rules: PathBuf,
    /// The people that scrub-text looks for: CSV with columns such as name, first_name, last_name, login, email
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// The root key, 64 hexadecimal digits, for pseudonymise and date-shift [default: the server's own]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// What the input is written in [default: ndjson if it begins with a brace, else csv]
    #[arg(long, value_parser = word(&["csv", "ndjson"], TableFormat::from_word))]
    pub format: Option<TableFormat>,
    /// What stands between two values of CSV: one character, or `tab`
    #[arg(long, default_value = ",", value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: u8,
    /// Only check the rules and show what they say; nothing is read
    #[arg(long)]
    pub check: bool,
    /// Do not say what was done
    #[arg(long)]
    pub quiet: bool,
}

/// What rows are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl TableFormat {
    /// The format for a word of the command line.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" => Ok(b'\t'),
        [byte] if !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err("it must be one character, or `tab`".to_owned()),
    }
}

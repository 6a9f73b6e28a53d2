//! How `sillage codebook` is written.

use super::word;
use clap::{Args, Subcommand};
use sillage_domain::Slug;
use std::path::PathBuf;

/// `sillage codebook`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum CodebookCommand {
    /// Say what is wrong with a codebook, and where; or what it has, if nothing is
    Check(CodebookCheck),
    /// Make a file the codebook of a study; entries are checked against it from then on
    Put(CodebookPutArguments),
    /// Propose a codebook that recorded entries fit
    Infer(CodebookInfer),
    /// Write a codebook in another format
    Convert(CodebookConvert),
}

/// `sillage codebook check`
#[derive(Debug, Args)]
pub struct CodebookCheck {
    /// The codebook: TOML, or JSON if its name ends in .json
    pub file: PathBuf,
    /// Recorded entries to check against it, one JSON object a line, gzip if the name ends in .gz
    #[arg(long, value_name = "FILE")]
    pub entries: Option<PathBuf>,
}

/// `sillage codebook put`
#[derive(Debug, Args)]
pub struct CodebookPutArguments {
    /// The codebook: TOML, or JSON if its name ends in .json
    pub file: PathBuf,
    /// Which study
    #[arg(long, value_name = "STUDY")]
    pub study: Slug,
}

/// `sillage codebook infer`
#[derive(Debug, Args)]
pub struct CodebookInfer {
    /// Recorded entries, one JSON object a line, gzip if the name ends in .gz
    pub file: PathBuf,
    /// How to write the codebook
    #[arg(long, default_value = "toml", value_parser = word(&["toml", "json"], Notation::from_word))]
    pub format: Notation,
}

/// `sillage codebook convert`
#[derive(Debug, Args)]
pub struct CodebookConvert {
    /// What to convert
    pub file: PathBuf,
    /// What to make of it
    #[arg(long, value_parser = word(Notation::WORDS, Notation::from_word))]
    pub to: Notation,
    /// What it is [default: json if its name ends in .json, else toml]
    #[arg(long, value_parser = word(Notation::WORDS, Notation::from_word))]
    pub from: Option<Notation>,
    /// The action whose fields a schema of a single table or object has
    #[arg(long, default_value = "entry")]
    pub action: String,
    /// Write one Table Schema for all entries, rather than a data package with one for each action
    #[arg(long)]
    pub wide: bool,
}

/// What a codebook can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notation {
    /// Our own, in TOML.
    Toml,
    /// Our own, in JSON.
    Json,
    /// Table Schema of Frictionless.
    TableSchema,
    /// JSON Schema.
    JsonSchema,
}

impl Notation {
    const WORDS: &'static [&'static str] = &["toml", "json", "tableschema", "jsonschema"];

    /// The notation for a word of the command line.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            "tableschema" => Some(Self::TableSchema),
            "jsonschema" => Some(Self::JsonSchema),
            _ => None,
        }
    }
}

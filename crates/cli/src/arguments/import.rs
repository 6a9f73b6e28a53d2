//! How imports are written.

use clap::{Args, Subcommand};
use sillage_domain::{Slug, Timestamp};
use std::path::PathBuf;

/// `sillage import`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum ImportCommand {
    /// Bring over the database of the TSADK collector: its users with their numbers and passwords, and its logs
    ///
    /// Run twice, or again after it was interrupted, it doubles nothing. The old database is only read.
    Tsadk(ImportTsadk),
}

/// `sillage import tsadk`
#[derive(Debug, Args)]
pub struct ImportTsadk {
    /// The old database: a SQLite file, or mysql://user:password@host:3306/database
    #[arg(value_name = "DATABASE")]
    pub source: String,
    /// The study to bring it into; made and opened if there is none of that name
    #[arg(long)]
    pub study: Slug,
    /// Where to write what became of every row: JSON if the name ends in .json, CSV otherwise
    #[arg(long, value_name = "FILE", default_value = "tsadk-import.csv")]
    pub report: PathBuf,
    /// How far from UTC the times are that do not say so themselves, +02:00 for example; without it, these go to quarantine
    #[arg(long, value_name = "OFFSET", value_parser = offset, allow_hyphen_values = true)]
    pub offset: Option<String>,
    /// Say what would be done, and do nothing but write the report
    #[arg(long)]
    pub dry_run: bool,
}

fn offset(text: &str) -> Result<String, String> {
    format!("2000-01-01T00:00{text}")
        .parse::<Timestamp>()
        .map(|_| text.to_owned())
        .map_err(|_| "write it as +02:00, -05:30 or Z".to_owned())
}

//! How `sillage archive` is written.

use super::{StudyName, word};
use clap::Args;
use sillage_domain::Purpose;
use sillage_export::View;
use std::path::PathBuf;

/// `sillage archive`
#[derive(Debug, Args)]
#[command(after_help = "\
The study is `archived` from then on: it takes no entries and is read only. What is written is a bag (BagIt 1.0, RFC 8493) with SHA-256 of every
file; in it the tables with their schema (a Data Package), the codebook in every version, the notices, the report on quality, the record of processing,
and how all of it was made.

Exit codes: 0 archived and written, 1 failed, 2 asked for wrongly.")]
pub struct ArchiveArguments {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// The folder to make, or the file, if its name ends in .zip [default: a folder named after the study and the day]
    #[arg(long, value_name = "FOLDER|FILE.zip")]
    pub to: Option<PathBuf>,
    /// Everything, or of payloads only what the codebook says reveals nothing [default: deidentified where the study has a codebook, else
    /// full]
    #[arg(long, value_parser = word(&["deidentified", "full"], View::from_word))]
    pub view: Option<View>,
    /// What it is for: entries of people who have not consented to that, where the study asks, or took it back, are left out
    #[arg(long, default_value = "research", value_parser = word(&["research", "reuse", "publication"], Purpose::from_word))]
    pub purpose: Purpose,
    /// Yes: the study is closed for good
    #[arg(long)]
    pub yes: bool,
}

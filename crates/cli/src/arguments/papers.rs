//! How `sillage papers` is written.

use super::{Language, StudyName};
use clap::Args;
use std::path::PathBuf;

/// `sillage papers`
#[derive(Debug, Args)]
pub struct PapersArguments {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// Where to write them; made if it is not there [default: papers-STUDY]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// The language of the record and of the impact assessment; the notice comes in both
    #[arg(long, value_enum, default_value_t)]
    pub language: Language,
    /// Write over papers that are there, and over what was completed in them
    #[arg(long)]
    pub replace: bool,
}

//! How the command about retention is written.

use clap::Args;
use sillage_domain::Slug;

/// `sillage retention`
#[derive(Debug, Args)]
pub struct RetentionArguments {
    /// Only this study [default: all]
    #[arg(long, value_name = "STUDY")]
    pub study: Option<Slug>,
    /// Say what is due, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; without a terminal to ask on, this is needed
    #[arg(long)]
    pub yes: bool,
}

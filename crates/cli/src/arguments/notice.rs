//! How commands about information notices are written.

use super::StudyName;
use clap::{Args, Subcommand};
use sillage_domain::{Slug, language_tag};
use std::path::PathBuf;

/// `sillage notice`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum NoticeCommand {
    /// Put a Markdown file as the information notice of a study in a language; a text that says something else is the next version
    Put(NoticePutArguments),
    /// Show the versions of the notice of a study, the last first
    List(NoticeList),
}

/// `sillage notice put`
#[derive(Debug, Args)]
pub struct NoticePutArguments {
    /// Which study
    pub study: Slug,
    /// The notice, as Markdown
    pub file: PathBuf,
    /// The language that it is in, as `en` or `fr-CH`
    #[arg(long, value_parser = language)]
    pub language: String,
}

/// `sillage notice list`
#[derive(Debug, Args)]
pub struct NoticeList {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
}

fn language(text: &str) -> Result<String, &'static str> {
    language_tag(text).ok_or("a language is needed, as `en`, `fr` or `de-CH`")
}

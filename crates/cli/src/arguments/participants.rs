//! How commands about participants are written.

use super::{StudyName, word};
use clap::{Args, Subcommand, ValueEnum};
use sillage_domain::{MAX_ACCOUNTS, Removal, Slug, Username};
use std::path::PathBuf;

/// `sillage participants`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum ParticipantsCommand {
    /// Show the accounts of a study, one a line: username, number, active or not
    List(ParticipantsList),
    /// Make accounts with passwords, and print them: they are shown this once
    Generate(ParticipantsGenerate),
    /// Make accounts by a CSV file, and write down who they are, where the study asks for it
    Import(ParticipantsImport),
    /// Give accounts new passwords, end their log-ins, and print them: they are shown this once
    Reset(ParticipantsReset),
    /// Keep accounts from logging in, and end their log-ins
    Deactivate(ParticipantsNamed),
    /// Let accounts log in again
    Activate(ParticipantsNamed),
    /// Delete accounts for good; what they did stays without a link to them, or is erased
    Delete(ParticipantsDelete),
}

/// `sillage participants list`
#[derive(Debug, Args)]
pub struct ParticipantsList {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// Only usernames with this in them
    #[arg(long)]
    pub search: Option<String>,
}

/// `sillage participants generate`
#[derive(Debug, Args)]
pub struct ParticipantsGenerate {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// How many accounts
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=MAX_ACCOUNTS as u64))]
    pub count: u64,
    /// What usernames begin with: `classe-a` makes classe-a-01, classe-a-02 and so on [default: the study's name]
    #[arg(long)]
    pub prefix: Option<String>,
    /// How to print them.
    #[command(flatten)]
    pub print: HandOut,
}

/// `sillage participants import`
#[derive(Debug, Args)]
pub struct ParticipantsImport {
    /// The file: a line of names, then a line an account. The column `username` is needed; `name`, `first_name`, `email`,
    /// `guardian_name` and `guardian_email` may be there where the study keeps them
    pub file: PathBuf,
    /// Which study
    #[arg(long, value_name = "STUDY")]
    pub study: Slug,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How to print the accounts that are made.
    #[command(flatten)]
    pub print: HandOut,
}

/// How accounts are printed that are handed out.
#[derive(Debug, Args)]
pub struct HandOut {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    pub format: AccountsFormat,
    /// Where to play, on the sheet [default: the game's address of the study, or the address of the server]
    #[arg(long)]
    pub address: Option<String>,
    /// Language of the sheet
    #[arg(long, value_enum, default_value_t)]
    pub language: Language,
}

/// How accounts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum AccountsFormat {
    /// Columns `username,password`
    #[default]
    Csv,
    /// As the API answers
    Json,
    /// A page of cards to print and cut
    #[cfg(feature = "sheets")]
    Html,
}

/// The languages of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Language {
    /// English
    #[default]
    En,
    /// French
    Fr,
}

/// Accounts that there are.
#[derive(Debug, Args)]
pub struct ParticipantsNamed {
    /// Their usernames
    #[arg(value_name = "USERNAME", required = true)]
    pub usernames: Vec<Username>,
    /// Only if all of them play in this study
    #[arg(long)]
    pub study: Option<Slug>,
}

/// `sillage participants reset`
#[derive(Debug, Args)]
pub struct ParticipantsReset {
    /// Whose.
    #[command(flatten)]
    pub named: ParticipantsNamed,
    /// How to print them.
    #[command(flatten)]
    pub print: HandOut,
}

/// `sillage participants delete`
#[derive(Debug, Args)]
pub struct ParticipantsDelete {
    /// Whose.
    #[command(flatten)]
    pub named: ParticipantsNamed,
    /// Leave what they did without a link to them, or erase its content too; neither can be undone
    #[arg(long, value_parser = word(&["anonymise", "erase"], Removal::from_word))]
    pub mode: Removal,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; without a terminal to ask on, this is needed
    #[arg(long)]
    pub yes: bool,
}

//! How commands are written.

mod archive;
mod audit;
mod backup;
mod client;
mod codebook;
mod erasures;
mod export;
mod health;
mod import;
mod keys;
mod notice;
mod papers;
mod participants;
mod people;
mod pseudonymise;
mod quality;
mod requests;
mod retention;

pub use archive::ArchiveArguments;
pub use audit::{AuditCommand, AuditReferenceOf};
pub use backup::{BackupArguments, RestoreArguments};
pub use client::{ClientCommand, ClientCreate, ClientList, ClientName};
pub use codebook::{
    CodebookCheck, CodebookCommand, CodebookConvert, CodebookInfer, CodebookPutArguments, Notation,
};
pub use erasures::ErasuresCommand;
pub use export::{ExportArguments, Layout};
pub use health::HealthArguments;
pub use import::{ImportCommand, ImportTsadk};
pub use keys::{KeysCommand, KeysExport, KeysImport, KeysRotate, Passphrase};
pub use notice::{NoticeCommand, NoticeList, NoticePutArguments};
pub use papers::PapersArguments;
pub use participants::{
    AccountsFormat, HandOut, Language, ParticipantsCommand, ParticipantsDelete,
    ParticipantsGenerate, ParticipantsImport, ParticipantsList, ParticipantsNamed,
    ParticipantsReset,
};
pub use people::{
    MemberAdd, MemberCommand, MemberList, MemberRemove, UserCommand, UserCreate, UserDelete,
    UserList, UserName, UserReset,
};
pub use pseudonymise::{PseudonymiseArguments, TableFormat};
pub use quality::QualityArguments;
pub use requests::{
    RequestAnswer, RequestClose, RequestNamed, RequestPutOff, RequestRecord, RequestsCommand,
    RequestsList,
};
pub use retention::RetentionArguments;

use crate::error::CommandError;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use sillage_domain::{Slug, Username, Validation, is_game_url};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Collects and archives the interaction traces of research and serious games.
#[derive(Debug, Parser)]
#[command(
    name = "sillage",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 failed, 2 asked for wrongly."
)]
pub struct Arguments {
    /// The configuration file [default: sillage.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON, for other programs
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Run the server; what is missing (data directory, keys, database, administrator) is made
    Serve(ServeArguments),
    /// Play a recorded class of 49 through a server in a temporary folder, and check every entry
    Demo(DemoArguments),
    /// Show the migrations of the database, and run those that were not
    Migrate {
        /// What to do with them.
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Say by the exit code whether a server can take entries
    Health(HealthArguments),
    /// Accounts of those who run the server
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Accounts of those who run studies
    #[command(subcommand)]
    User(UserCommand),
    /// Who runs which study, and as what
    #[command(subcommand)]
    Member(MemberCommand),
    /// Studies: make, open, close
    #[command(subcommand)]
    Study(StudyCommand),
    /// Accounts of those who play
    #[command(subcommand)]
    Participants(ParticipantsCommand),
    /// Applications that may ask for tokens
    #[command(subcommand)]
    Client(ClientCommand),
    /// Codebooks as files: check, propose, convert; needs neither server nor database
    #[command(subcommand)]
    Codebook(CodebookCommand),
    /// Write the entries of a study to a file
    Export(ExportArguments),
    /// Take what identifies people out of CSV or NDJSON, by rules for each field; needs neither server nor database
    Pseudonymise(PseudonymiseArguments),
    /// Say how good the traces of a study, or of a file, are
    Quality(QualityArguments),
    /// Write the record of processing, an impact assessment and notices, from what a study says of itself
    Papers(PapersArguments),
    /// The information notice of a study: put one, and its versions
    #[command(subcommand)]
    Notice(NoticeCommand),
    /// Requests of people about their data that came by letter or e-mail, and the days by which they must be answered
    #[command(subcommand)]
    Requests(RequestsCommand),
    /// Bring over what another program collected
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write the whole archive to one file, while servers run, and read it back
    Backup(BackupArguments),
    /// Put a backup into an empty database, of the same kind or the other
    Restore(RestoreArguments),
    /// Say what is wrong with this installation, and how to mend it; nothing is changed
    #[command(after_help = "Exit codes: 0 nothing is wrong, 1 something is.")]
    Doctor,
    /// The audit log: whether it is whole, and under which reference somebody stands in it
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The keys of the server: show which there are, replace the vault's, keep a locked copy elsewhere
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Close a study for good, and write it as a bag that can be read without Sillage
    Archive(ArchiveArguments),
    /// Take out what studies have kept for as long as they said; a server does so every day
    Retention(RetentionArguments),
    /// The ledger of erasures, which repeats them on a database that was brought back from an old copy
    #[command(subcommand)]
    Erasures(ErasuresCommand),
    /// The configuration in force
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// `sillage serve`
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Address and port to listen on, instead of the configured one; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub bind: Option<SocketAddr>,
}

/// `sillage demo`
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Stop once everything is checked, instead of staying up
    #[arg(long)]
    pub once: bool,
    /// Port to listen on, on the loopback interface; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// An empty database to play into, instead of SQLite in the temporary folder
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Where to write the CSV [default: waves.csv in the temporary folder]
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

/// `sillage migrate`
#[derive(Debug, Clone, Copy, Subcommand)]
#[non_exhaustive]
pub enum MigrateCommand {
    /// Show which migrations were run, and which were not
    Show,
    /// Run those that were not (the default)
    Run,
}

/// `sillage admin`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum AdminCommand {
    /// Make an administrator; the password is made and shown this once, unless it is given
    Create(AdminCreate),
}

/// `sillage admin create`
#[derive(Debug, Args)]
pub struct AdminCreate {
    /// What the administrator types to log in
    pub username: Username,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// `sillage study`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum StudyCommand {
    /// Make a study, as a draft that takes no entries yet
    Create(StudyCreate),
    /// Let a study take entries
    Open(StudyName),
    /// Close a study: it takes no new actions, and late ones for 30 days
    Close(StudyName),
}

/// `sillage study create`
#[derive(Debug, Args)]
pub struct StudyCreate {
    /// Its name in addresses: small letters, digits and hyphens
    pub slug: Slug,
    /// Its title, for people [default: its name in addresses]
    #[arg(long)]
    pub title: Option<String>,
    /// What it is about, for people
    #[arg(long, default_value = "", hide_default_value = true)]
    pub description: String,
    /// Where to play, as sheets of accounts say it: a web address
    #[arg(long, value_name = "URL", value_parser = game_url)]
    pub game_url: Option<String>,
    /// What happens to entries that can't be taken: kept aside, or refused
    #[arg(long, default_value = "quarantine", value_parser = word(&["quarantine", "reject"], Validation::from_word))]
    pub validation: Validation,
    /// Open it at once
    #[arg(long)]
    pub open: bool,
}

/// A study that there is, named alone or with its option.
#[derive(Debug, Args)]
pub struct StudyName {
    /// The study
    #[arg(value_name = "STUDY", required_unless_present = "study")]
    slug: Option<Slug>,
    /// The same, for whoever likes to say what it is
    #[arg(long, value_name = "STUDY", conflicts_with = "slug")]
    study: Option<Slug>,
}

impl StudyName {
    /// The study of that slug.
    pub(crate) fn of(slug: Slug) -> Self {
        Self {
            slug: Some(slug),
            study: None,
        }
    }

    /// Its slug.
    ///
    /// # Errors
    ///
    /// [`CommandError::Usage`] if neither was given, which reading the command line excludes.
    pub fn slug(&self) -> Result<&Slug, CommandError> {
        let named = self.slug.as_ref().or(self.study.as_ref());
        named.ok_or_else(|| CommandError::Usage("name a study".into()))
    }
}

/// `sillage config`
#[derive(Debug, Clone, Copy, Subcommand)]
#[non_exhaustive]
pub enum ConfigCommand {
    /// Print every setting in force; secrets are not shown
    Show,
    /// Say whether the settings can be used; nothing is started
    Check,
}

fn game_url(text: &str) -> Result<String, &'static str> {
    match is_game_url(text) {
        true => Ok(text.to_owned()),
        false => Err("a web address is needed, as https://game.example.org/"),
    }
}

/// Takes one of the words that the API has for a value.
fn word<T: Clone + Send + Sync + 'static>(
    words: &'static [&'static str],
    value: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words)
        .try_map(move |word| value(&word).ok_or_else(|| format!("there is no `{word}`")))
}

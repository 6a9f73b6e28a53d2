//! How commands about requests of people about their data are written.

use super::{StudyName, word};
use clap::{Args, Subcommand};
use sillage_domain::{Day, FileReference, Reason, RequestKind, RequestOutcome, Slug, Username};

/// `sillage requests`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum RequestsCommand {
    /// Show the requests of a study with the days that are left, the most urgent on top
    List(RequestsList),
    /// Write down a request that came by letter or e-mail; it must be answered within 30 days, or a month where that is shorter
    Record(RequestRecord),
    /// Put the answer off, to three months after the request came at most; whoever asked is told why within the first month
    PutOff(RequestPutOff),
    /// Say how a request was answered; it is not changed any more then
    Answer(RequestAnswer),
    /// Close a request that whoever asked took back
    Close(RequestClose),
}

/// `sillage requests list`
#[derive(Debug, Args)]
pub struct RequestsList {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// Only those that wait (`open`), or only the others
    #[arg(long, value_parser = ["open", "answered"])]
    pub state: Option<String>,
}

/// `sillage requests record`
#[derive(Debug, Args)]
pub struct RequestRecord {
    /// Which study
    #[command(flatten)]
    pub study: StudyName,
    /// What is asked for
    #[arg(long, value_parser = word(&["access", "portability", "rectification", "erasure", "restriction", "objection", "withdrawal", "other"], RequestKind::from_word))]
    pub kind: RequestKind,
    /// The username of whose it is, if that is known
    #[arg(long, value_name = "USERNAME", required_unless_present = "reference")]
    pub participant: Option<Username>,
    /// Under which the letter is filed: a number, and no name
    #[arg(long)]
    pub reference: Option<FileReference>,
    /// The day on which it came [default: today]
    #[arg(long, value_name = "DAY")]
    pub received_on: Option<Day>,
}

/// A request that there is.
#[derive(Debug, Args)]
pub struct RequestNamed {
    /// Which study
    pub study: Slug,
    /// The number of the request, as the list shows it
    #[arg(value_name = "NUMBER")]
    pub id: i64,
}

/// `sillage requests put-off`
#[derive(Debug, Args)]
pub struct RequestPutOff {
    /// Which.
    #[command(flatten)]
    pub named: RequestNamed,
    /// The day to which the answer is put off
    #[arg(long, value_name = "DAY")]
    pub until: Day,
    /// Why, as whoever asked was told; it should name nobody
    #[arg(long)]
    pub reason: Reason,
}

/// `sillage requests answer`
#[derive(Debug, Args)]
pub struct RequestAnswer {
    /// Which.
    #[command(flatten)]
    pub named: RequestNamed,
    /// How it was answered
    #[arg(long, value_parser = word(&["granted", "partly", "refused"], RequestOutcome::from_word))]
    pub outcome: RequestOutcome,
    /// The day on which it was answered [default: today]
    #[arg(long, value_name = "DAY")]
    pub on: Option<Day>,
}

/// `sillage requests close`
#[derive(Debug, Args)]
pub struct RequestClose {
    /// Which.
    #[command(flatten)]
    pub named: RequestNamed,
    /// The day on which it was taken back [default: today]
    #[arg(long, value_name = "DAY")]
    pub on: Option<Day>,
}

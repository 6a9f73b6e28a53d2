//! `sillage demo`: a recorded class, played through the HTTP API of a server that somebody else started.

mod check;
mod client;
mod players;
mod recording;
mod report;

use crate::progress::bar;
use crate::{CommandError, Output};
use client::Client;
use players::Account;
use recording::Recording;
use serde::Deserialize;
use sillage_auth::Secret;
use std::io;
use std::path::{Path, PathBuf};

pub use recording::CODEBOOK;
pub use report::{ActionCount, Report};

/// The study that is made for it.
pub const STUDY: &str = "waves";

/// A server with an empty database, and its administrator.
#[derive(Debug, Clone)]
pub struct Server {
    /// What stands before `/v1` in its addresses.
    pub base: String,
    /// An administrator.
    pub username: String,
    /// His password.
    pub password: Secret,
}

/// Why the demonstration did not come to its end, or ended badly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The recording in this binary can't be read.
    #[error("the recording can't be read: {0}")]
    Recording(String),
    /// The server did not answer.
    #[error("{what}: the server did not answer")]
    NoAnswer {
        /// What was asked for.
        what: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server answered something else than it should.
    #[error("{what}: the server answered {status}: {body}")]
    Unexpected {
        /// What was asked for.
        what: String,
        /// The status of the answer.
        status: u16,
        /// What it said.
        body: String,
    },
    /// A game could not be played.
    #[error("a game can't send: {0}")]
    Game(#[from] sillage_client::StartError),
    /// What was recorded could not be handed over.
    #[error("a game can't record: {0}")]
    NotRecorded(#[from] sillage_client::NotRecorded),
    /// The server did not take everything in time.
    #[error("{waiting} entries of a game could not be sent; at last: {trouble}")]
    Waiting {
        /// How many.
        waiting: u64,
        /// What its client told last.
        trouble: String,
    },
    /// The database was used before.
    #[error("the database has a study `{STUDY}` already; the demonstration wants an empty one")]
    UsedBefore,
    /// The CSV could not be written, or read again.
    #[error("{}: {source}", .path.display())]
    Csv {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What came out is not what went in.
    #[error("what came out is not what went in:\n{}", .0.join("\n"))]
    Wrong(Vec<String>),
    /// A thread panicked.
    #[error("a player panicked")]
    Panicked,
}

impl DemoError {
    fn no_answer(what: &str, source: ureq::Error) -> Self {
        Self::NoAnswer {
            what: what.to_owned(),
            source: source.into(),
        }
    }
}

#[derive(Deserialize)]
struct Enrolled {
    participants: Vec<Account>,
}

/// Plays the recorded class, checks what came out, writes the CSV and prints the report.
///
/// # Errors
///
/// [`DemoError`], in a [`CommandError`]; [`DemoError::Wrong`] once everything is printed.
pub fn play(server: &Server, csv: &Path, output: &mut Output<'_>) -> Result<Report, CommandError> {
    let recording = Recording::read()?;
    let client = Client::new(&server.base);
    let admin = client.log_in(&server.username, &server.password)?;
    let accounts = prepare(&admin, recording.sessions.len())?;
    output.line(format_args!(
        "study {STUDY} made, with its codebook, {} participants enrolled",
        accounts.len()
    ))?;
    let progress = bar("entries", recording.entries());
    let tally = players::play(&server.base, &recording, &accounts, &progress);
    progress.finish_and_clear();
    let report = check::check(&admin, STUDY, &recording, tally?, csv)?;
    report.print(output)?;
    if report.wrong.is_empty() {
        Ok(report)
    } else {
        Err(DemoError::Wrong(report.wrong).into())
    }
}

/// Makes the study, with its codebook, and the accounts.
fn prepare(admin: &Client, players: usize) -> Result<Vec<Account>, DemoError> {
    let study =
        serde_json::json!({ "slug": STUDY, "title": "Waves: matching one wave with another" });
    let made = admin.post("/v1/studies", &study.to_string())?;
    match made.status {
        201 => {}
        409 => return Err(DemoError::UsedBefore),
        _ => return Err(made.unexpected("study")),
    }
    let put = admin.put(
        &format!("/v1/studies/{STUDY}/codebook"),
        "application/toml",
        CODEBOOK,
    )?;
    if put.status != 201 {
        return Err(put.unexpected("codebook"));
    }
    let opened = admin.patch(&format!("/v1/studies/{STUDY}"), r#"{"status":"open"}"#)?;
    if opened.status != 200 {
        return Err(opened.unexpected("study"));
    }
    let wanted = serde_json::json!({ "count": players, "prefix": STUDY });
    let answer = admin.post(
        &format!("/v1/studies/{STUDY}/participants"),
        &wanted.to_string(),
    )?;
    let enrolled: Enrolled = answer.json("participants", 201)?;
    if enrolled.participants.len() == players {
        Ok(enrolled.participants)
    } else {
        Err(answer.unexpected("participants"))
    }
}

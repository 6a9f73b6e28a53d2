//! `sillage erasures`: the ledger of what was erased, and its replay on a database that was brought back from an old copy.

mod file;
mod replay;

pub use file::{LedgerContent, LedgerError, LedgerFile};
pub use replay::{Reconciled, reconcile};
pub(crate) use replay::{all_studies, each_participant};

use crate::{CommandError, ErasuresCommand, Output};
use file::day;
use serde::Serialize;
use sillage_domain::{ErasureCode, Ports, Timestamp};
use sillage_pseudonym::RootKey;
use std::collections::HashSet;
use std::path::Path;

/// What the command works with.
#[derive(Debug, Clone, Copy)]
pub struct ErasuresMeans<'a> {
    /// The store, as it was found.
    pub ports: &'a Ports,
    /// Of the archive.
    pub root: &'a RootKey,
    /// Of the archive.
    pub ledger: &'a LedgerFile,
    /// When the command was given.
    pub now: Timestamp,
}

/// Ledger and database, compared.
#[derive(Serialize)]
struct Status<'a> {
    path: &'a Path,
    /// Which ledger is there.
    ledger: Option<String>,
    /// Which the database has.
    database_has: Option<String>,
    in_ledger: usize,
    in_database: usize,
    only_in_ledger: usize,
    only_in_database: usize,
    last_day: Option<String>,
}

/// Does what the command says.
///
/// # Errors
///
/// Those of the ledger and of the store; [`CommandError::Usage`] where another ledger was to be begun and it was not said so.
pub fn run(
    command: &ErasuresCommand,
    means: &ErasuresMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        ErasuresCommand::Status => status(means, output),
        ErasuresCommand::Replay => {
            let done = reconcile(means.ports, means.root, means.ledger, means.now)?;
            output.line(format_args!(
                "{} erasure(s) replayed: {} account(s), {} study(ies) were there again; {} written down in the ledger",
                done.replayed, done.accounts, done.studies, done.learnt
            ))?;
            Ok(output.value(&done)?)
        }
        ErasuresCommand::Found { yes } => found(*yes, means, output),
    }
}

fn status(means: &ErasuresMeans<'_>, output: &mut Output<'_>) -> Result<(), CommandError> {
    let content = means.ledger.read()?;
    let records = means.ports.records.erasure_records()?;
    let of_database: HashSet<ErasureCode> = records.iter().map(|one| one.code).collect();
    let in_ledger = content.iter().flat_map(|content| &content.records);
    let of_ledger: HashSet<ErasureCode> = in_ledger.clone().map(|one| one.code).collect();
    let status = Status {
        path: means.ledger.path(),
        ledger: content.as_ref().map(|content| content.id.clone()),
        database_has: means.ports.records.ledger()?,
        in_ledger: of_ledger.len(),
        in_database: of_database.len(),
        only_in_ledger: of_ledger.difference(&of_database).count(),
        only_in_database: of_database.difference(&of_ledger).count(),
        last_day: in_ledger.map(|one| one.day).max().map(day),
    };
    output.line(format_args!("ledger: {}", status.path.display()))?;
    let which = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".to_owned());
    output.line(format_args!(
        "it is {}, the database has {}",
        which(&status.ledger),
        which(&status.database_has)
    ))?;
    output.line(format_args!(
        "{} erasure(s) in the ledger, {} that the database lacks; {} in the database, {} that the ledger lacks",
        status.in_ledger, status.only_in_ledger, status.in_database, status.only_in_database
    ))?;
    if let Some(last) = &status.last_day {
        output.line(format_args!("the last on {last}"))?;
    }
    Ok(output.value(&status)?)
}

/// Begins a ledger in the place of one that is lost.
fn found(
    yes: bool,
    means: &ErasuresMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if !yes {
        return Err(CommandError::Usage(
            "whoever was erased since this copy of the database was made stays in it for good: say --yes if the ledger is lost".into(),
        ));
    }
    let done = begin_anew(means)?;
    output.line(format_args!(
        "another ledger is begun, with the {} erasure(s) that the database knows",
        done.learnt
    ))?;
    Ok(output.value(&done)?)
}

/// Begins another ledger in the place of one that is lost, with what the database knows.
///
/// # Errors
///
/// [`CommandError::Usage`] where there is one; those of the ledger and of the store.
pub fn begin_anew(means: &ErasuresMeans<'_>) -> Result<Reconciled, CommandError> {
    if !means
        .ledger
        .begin(&uuid::Uuid::new_v4().simple().to_string())?
    {
        return Err(CommandError::Usage(format!(
            "{}: there is a ledger; `sillage erasures replay` applies it",
            means.ledger.path().display()
        )));
    }
    let content = means.ledger.read()?.unwrap_or_default();
    means.ports.records.change_ledger(&content.id)?;
    reconcile(means.ports, means.root, means.ledger, means.now)
}

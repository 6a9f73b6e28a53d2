//! `sillage audit`: whether the log is whole, and under which name somebody stands in it.

use crate::{AuditCommand, CommandError, Output, Workplace};
use serde::Serialize;
use sillage_domain::{AuditCheckpoint, AuditKeys, AuditReport, PeopleError, verify_audit};

/// What the command works with, besides the store.
#[derive(Debug)]
pub struct AuditMeans<'a> {
    /// Of the audit log.
    pub keys: &'a AuditKeys,
    /// What was kept outside of the database of how far the log had come; `None` if nothing was.
    pub testimony: Option<&'a [AuditCheckpoint]>,
}

/// What was found, as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    intact: bool,
    #[serde(flatten)]
    report: &'a AuditReport,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::Audit`] where the log is not as it was written; [`CommandError::People`] where there is no such account; those of the
/// store.
pub fn run(
    command: &AuditCommand,
    place: &Workplace,
    means: &AuditMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        AuditCommand::Verify => verify(place, means, output),
        AuditCommand::Reference(wanted) => {
            let account = place.ports.accounts.account_by_username(&wanted.username)?;
            let account =
                account.ok_or_else(|| PeopleError::NoSuchUser(wanted.username.clone()))?;
            let reference = means.keys.account(&account.subject);
            output.line(reference)?;
            output.value(&serde_json::json!({"reference": reference}))?;
            Ok(())
        }
    }
}

fn verify(
    place: &Workplace,
    means: &AuditMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let testimony = means.testimony.unwrap_or_default();
    let report = verify_audit(&*place.ports.audit, means.keys, testimony)?;
    for fault in &report.faults {
        output.line(fault)?;
    }
    if report.faults.is_empty() {
        output.line(format_args!(
            "the audit log is as it was written: {} records in {} chains, compared with {} checkpoints",
            report.records, report.chains, report.checkpoints
        ))?;
        if report.cuts > 0 {
            output.line(format_args!(
                "{} of the chains begin later: what was before was kept long enough",
                report.cuts
            ))?;
        }
    }
    if means.testimony.is_none() {
        output.line(
            "there is no checkpoint outside of the database: whoever could write there could have cut off the end unseen",
        )?;
    }
    output.value(&Printed {
        intact: report.faults.is_empty(),
        report: &report,
    })?;
    match report.faults.len() {
        0 => Ok(()),
        faults => Err(CommandError::Audit { faults }),
    }
}

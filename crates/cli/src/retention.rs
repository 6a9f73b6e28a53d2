//! `sillage retention`: what a study keeps no longer than it says. The server does the same every day.

use crate::erasures::{all_studies, each_participant};
use crate::{CommandError, Output, RetentionArguments, Workplace};
use serde::Serialize;
use sillage_domain::{
    Account, AccountId, ConsentCode, EntryStatus, Erasure, Expired, LogFilter, LogNumber, LogOrder,
    LogQuery, Ports, Removal, Retention, RetentionStart, Slug, StoreError, Study, StudyScope,
    Timestamp, Traces, Window,
};
use sillage_pseudonym::RootKey;
use std::io::BufRead;
use std::num::NonZeroU32;
use std::time::Duration;

/// How long one person's entries, and all old ones, may take in one go; whatever is left goes by itself, or the next day.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is needed beside the store.
pub struct RetentionMeans<'a> {
    /// Of the archive: pseudonyms are computed with it.
    pub root: &'a RootKey,
    /// Whether content is erased on a database that keeps the bytes in its files for some time.
    pub allow_unscrubbed: bool,
    /// Where somebody can be asked.
    pub terminal: Option<&'a mut dyn BufRead>,
}

/// What is due in a study, or was done. No personal data: it is told in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Which study.
    pub study: Slug,
    /// What becomes of what is due.
    pub then: Removal,
    /// From when on the time is counted.
    pub from: RetentionStart,
    /// After how many months.
    pub months: i64,
    /// When all is due, counted from the closing; `null` where each entry has its own time, and for an open study.
    pub ends_at: Option<Timestamp>,
    /// Accounts of participants.
    pub accounts: u64,
    /// Entries with content.
    pub entries: u64,
    /// Texts in quarantine.
    pub quarantined_texts: u64,
}

impl Due {
    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        (self.accounts, self.entries, self.quarantined_texts) == (0, 0, 0)
    }
}

/// What is due in a study by then, and how to take it out.
#[derive(Debug)]
pub struct Plan {
    /// The counts of it.
    pub due: Due,
    study: Study,
    accounts: Vec<(AccountId, Traces, ConsentCode)>,
    before: Option<Timestamp>,
}

/// What is due by `now` in a study; `None` for a study that has not said how long it keeps what it has.
///
/// # Errors
///
/// Those of the store.
pub fn plan(
    ports: &Ports,
    root: &RootKey,
    study: &Study,
    now: Timestamp,
) -> Result<Option<Plan>, CommandError> {
    let Some(retention) = study.protection.retention else {
        return Ok(None);
    };
    let before = retention.due_before(study, now);
    let mut accounts = Vec::new();
    let mut expired = Expired::default();
    if let Some(before) = before {
        let key = root.study_key(study.salt.as_bytes());
        let mut all = Vec::new();
        each_participant(ports, study, &mut |account| all.push(account))?;
        for account in all {
            let traces = Traces {
                study: study.id,
                pseudonym: key.pseudonym(account.subject.as_bytes()),
            };
            if is_due(ports, &retention, before, &account, traces)? {
                let code = key.consent_code(account.subject.as_bytes());
                accounts.push((account.id, traces, ConsentCode::new(code)));
            }
        }
        if retention.then == Removal::Erase {
            expired = ports.retention.expired(study.id, before)?;
        }
    }
    let due = Due {
        study: study.slug.clone(),
        then: retention.then,
        from: retention.from,
        months: retention.months,
        ends_at: retention.ends(study),
        accounts: accounts.len() as u64,
        entries: expired.entries,
        quarantined_texts: expired.quarantined,
    };
    Ok(Some(Plan {
        due,
        study: study.clone(),
        accounts,
        before,
    }))
}

/// Whether an account goes. Counted from the closing, all do. Counted from the arrival of entries, whoever is to be anonymised goes with the first
/// entry that is due, since a single entry can't be unlinked; whoever is to be erased goes with the last.
fn is_due(
    ports: &Ports,
    retention: &Retention,
    before: Timestamp,
    account: &Account,
    traces: Traces,
) -> Result<bool, CommandError> {
    if retention.from == RetentionStart::Closing {
        return Ok(true);
    }
    let any = |filter: LogFilter| -> Result<bool, StoreError> {
        let query = LogQuery {
            scope: StudyScope::Only(vec![traces.study]),
            filter: LogFilter {
                participant: Some(traces.pseudonym),
                status: Some(EntryStatus::Accepted),
                ..filter
            },
            order: LogOrder::Received,
            window: Window::After(LogNumber(0)),
            size: NonZeroU32::MIN,
        };
        Ok(!ports.logs.page(&query)?.entries.is_empty())
    };
    let is_old = account.created_at < before;
    let since = any(LogFilter {
        received_from: Some(before),
        ..LogFilter::default()
    });
    Ok(match retention.then {
        Removal::Erase => is_old && !since?,
        Removal::Anonymise => {
            let until = LogFilter {
                received_to: Some(before),
                ..LogFilter::default()
            };
            any(until)? || (is_old && !since?)
        }
    })
}

/// Takes out what is due, an account or some hundred entries a transaction; gives what was done.
///
/// # Errors
///
/// Those of the store. What was done until then stays done.
pub fn carry_out(ports: &Ports, plan: &Plan, now: Timestamp) -> Result<Due, CommandError> {
    let mut done = Due {
        accounts: 0,
        entries: 0,
        quarantined_texts: 0,
        ..plan.due.clone()
    };
    for (account, traces, code) in &plan.accounts {
        ports.forget_words(*traces, code)?;
        let gone = match plan.due.then {
            Removal::Anonymise => ports.erasure.unlink(*account),
            Removal::Erase => {
                let held = ports.erasure.belongings(*account, Some(*traces));
                let gone = ports.erasure.erase(*account, &[*traces], now, PATIENCE);
                if let (Ok(held), Ok(Erasure::Done)) = (held, &gone) {
                    done.entries += held.entries;
                    done.quarantined_texts += held.quarantined;
                }
                gone
            }
        };
        match gone {
            Ok(_) => done.accounts += 1,
            // Somebody else was faster.
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let (Removal::Erase, Some(before)) = (plan.due.then, plan.before) {
        let rest = ports.retention.expire(plan.study.id, before, PATIENCE)?;
        done.entries += rest.entries;
        done.quarantined_texts += rest.quarantined;
    }
    Ok(done)
}

/// What is due by `now` in every study that says how long it keeps what it has.
///
/// # Errors
///
/// Those of the store.
pub fn plans(ports: &Ports, root: &RootKey, now: Timestamp) -> Result<Vec<Plan>, CommandError> {
    let mut plans = Vec::new();
    for study in all_studies(ports)? {
        plans.extend(plan(ports, root, &study, now)?);
    }
    Ok(plans)
}

/// Why content is not erased here; `None` where it may be.
///
/// # Errors
///
/// Those of the store.
pub fn refusal(ports: &Ports, allow_unscrubbed: bool) -> Result<Option<String>, CommandError> {
    match allow_unscrubbed {
        true => Ok(None),
        false => Ok(ports.erasure.bytes_stay()?),
    }
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::Usage`] where nobody said yes; [`CommandError::BytesStay`]; those of the store.
pub fn run(
    wanted: &RetentionArguments,
    place: &Workplace,
    means: &mut RetentionMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let ports = &place.ports;
    let mut plans = match &wanted.study {
        Some(slug) => {
            let study = place.study(slug)?;
            plan(ports, means.root, &study, place.now)?
                .into_iter()
                .collect()
        }
        None => self::plans(ports, means.root, place.now)?,
    };
    if plans.is_empty() {
        output.line(format_args!(
            "no study says how long it keeps what it has (its member `retention`)"
        ))?;
    }
    if wanted.dry_run {
        let due: Vec<Due> = plans.into_iter().map(|plan| plan.due).collect();
        for one in &due {
            say(one, "would be", output)?;
        }
        return Ok(output.value(&due)?);
    }
    plans.retain(|plan| !plan.due.is_empty());
    let erases = plans.iter().any(|plan| plan.due.then == Removal::Erase);
    if erases && let Some(why) = refusal(ports, means.allow_unscrubbed)? {
        return Err(CommandError::BytesStay(why));
    }
    if !plans.is_empty() && !wanted.yes {
        for plan in &plans {
            eprintln!("{}: {} account(s)", plan.due.study, plan.due.accounts);
        }
        ask(means)?;
    }
    let mut done = Vec::with_capacity(plans.len());
    for plan in &plans {
        let one = carry_out(ports, plan, place.now)?;
        say(&one, "were", output)?;
        done.push(one);
    }
    Ok(output.value(&done)?)
}

fn say(due: &Due, would: &str, output: &mut Output<'_>) -> Result<(), CommandError> {
    let ends = match (due.from, due.ends_at) {
        (RetentionStart::Closing, Some(ends)) => format!("all is due on {ends}"),
        (RetentionStart::Closing, None) => "the study is open".to_owned(),
        (RetentionStart::Reception, _) => "counted for each entry".to_owned(),
    };
    let how = match due.then {
        Removal::Anonymise => "anonymised",
        Removal::Erase => "erased",
    };
    output.line(format_args!(
        "{}: {} months from {}, then {} ({ends}); {} account(s), {} entries, {} text(s) {would} {how}",
        due.study, due.months, due.from, due.then, due.accounts, due.entries, due.quarantined_texts
    ))?;
    Ok(())
}

/// Goes on only if somebody says yes.
fn ask(means: &mut RetentionMeans<'_>) -> Result<(), CommandError> {
    let Some(terminal) = means.terminal.as_mut() else {
        return Err(CommandError::Usage(
            "there is nobody to ask: say --yes to take out what is due, --dry-run to see it".into(),
        ));
    };
    eprint!("Take all of that out? This can't be undone. Type yes: ");
    let mut said = String::new();
    terminal.read_line(&mut said)?;
    match said.trim() {
        "yes" => Ok(()),
        _ => Err(CommandError::Usage("nothing was done".into())),
    }
}

#[cfg(test)]
mod tests;

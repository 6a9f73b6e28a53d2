//! `sillage participants import`: accounts by a list, and who they are where the study asks for it.

use super::{Handed, Means, hashed};
use crate::{CommandError, Output, ParticipantsImport, Workplace};
use serde::Serialize;
use sillage_domain::{
    Account, IdentityChange, IdentityField, MAX_ACCOUNTS, NewAccount, Study, SubjectId, Username,
};
use sillage_pseudonym::random_bytes;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Whose column every file has.
const USERNAME: &str = "username";

/// A line of the file.
struct Row {
    username: Username,
    /// That there is already, in the study.
    account: Option<Account>,
    identity: IdentityChange,
}

/// Something wrong with the file. It repeats nothing of what stands in a line.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Fault {
    line: u64,
    column: Option<String>,
    problem: String,
}

/// What was done, or would be.
#[derive(Serialize)]
struct Done<'a> {
    study: &'a str,
    dry_run: bool,
    made: usize,
    identities: usize,
}

/// Makes the accounts that there are not, prints their passwords, and writes down who they are. Nothing is done where anything is wrong.
pub(super) fn import(
    wanted: &ParticipantsImport,
    place: &Workplace,
    means: &Means<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(&wanted.study)?;
    let text = fs::read(&wanted.file).map_err(|source| CommandError::File {
        path: wanted.file.clone(),
        source,
    })?;
    let (rows, faults) = read(&text, &study, place)?;
    if !faults.is_empty() {
        return refuse(&wanted.file, &faults, output);
    }
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for row in rows {
        match row.account {
            Some(account) => known.push((account, row.identity)),
            None => new.push((row.username, row.identity)),
        }
    }
    let written = |identity: &IdentityChange| !identity.fields().is_empty();
    let identities = known.iter().map(|(_, one)| one);
    let identities = identities.chain(new.iter().map(|(_, one)| one));
    let done = Done {
        study: study.slug.as_str(),
        dry_run: wanted.dry_run,
        made: new.len(),
        identities: identities.filter(|one| written(one)).count(),
    };
    if wanted.dry_run {
        output.line(format_args!(
            "{} account(s) would be made, {} identities written down",
            done.made, done.identities
        ))?;
        return Ok(output.value(&done)?);
    }
    let made = enrol(&study, &new, wanted, place, means, output)?;
    let identities = new.into_iter().map(|(_, identity)| identity);
    let all = known.into_iter().chain(made.into_iter().zip(identities));
    for (account, identity) in all.filter(|(_, identity)| written(identity)) {
        means
            .vault
            .change(&study, account.id, &identity, None, place.now)?;
    }
    if done.made == 0 {
        output.line(format_args!("{} identities written down", done.identities))?;
        output.value(&done)?;
    }
    Ok(())
}

/// The accounts of these names, made at once, with their passwords printed: nobody sees these a second time.
fn enrol(
    study: &Study,
    new: &[(Username, IdentityChange)],
    wanted: &ParticipantsImport,
    place: &Workplace,
    means: &Means<'_>,
    output: &mut Output<'_>,
) -> Result<Vec<Account>, CommandError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let passwords = hashed(place, new.len() as u64)?;
    let mut accounts = Vec::with_capacity(new.len());
    for ((username, _), (_, hash)) in new.iter().zip(&passwords) {
        accounts.push(NewAccount {
            subject: SubjectId::new(random_bytes()?),
            username: username.clone(),
            password_hash: hash.clone(),
        });
    }
    let accounts = place.ports.accounts.enrol(study.id, &accounts, place.now)?;
    let handed = Handed {
        study: Some(study),
        accounts: &accounts,
        passwords: &passwords,
    };
    handed.print(&wanted.print, means, output)?;
    Ok(accounts)
}

/// What a column is.
enum Column {
    Username,
    Identity(IdentityField),
}

/// The lines of a file, and all that is wrong with them.
fn read(
    bytes: &[u8],
    study: &Study,
    place: &Workplace,
) -> Result<(Vec<Row>, Vec<Fault>), CommandError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(delimiter(bytes))
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut faults = Vec::new();
    let columns = match csv.headers() {
        Ok(names) => columns(names, &mut faults),
        Err(error) => {
            faults.push(unreadable(&error, 1));
            Vec::new()
        }
    };
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    if !faults.is_empty() {
        return Ok((rows, faults));
    }
    let mut line = 1;
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(unreadable(&error, line + 1));
                break;
            }
        };
        line = record.position().map_or(line + 1, csv::Position::line);
        let before = faults.len();
        let row = row(&record, &columns, line, study, place, &mut faults)?;
        let Some(row) = row.filter(|_| faults.len() == before) else {
            continue;
        };
        if !seen.insert(row.username.clone()) {
            faults.push(fault(line, USERNAME, "stands in the file twice"));
        }
        rows.push(row);
    }
    if rows.len() > MAX_ACCOUNTS {
        let problem = format!("there are more than {MAX_ACCOUNTS} lines: make several files");
        faults.push(Fault {
            line,
            column: None,
            problem,
        });
    }
    Ok((rows, faults))
}

/// A spreadsheet of a French-speaking country separates by semicolons.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    match first.contains(&b';') && !first.contains(&b',') {
        true => b';',
        false => b',',
    }
}

fn columns(names: &csv::StringRecord, faults: &mut Vec<Fault>) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in names {
        let column = match IdentityField::from_word(name) {
            Some(field) => Column::Identity(field),
            None if name == USERNAME => Column::Username,
            None => {
                let all = IdentityField::ALL.iter().map(|field| field.as_str());
                let all: Vec<_> = std::iter::once(USERNAME).chain(all).collect();
                let problem = format!("no such column; there are {}", all.join(", "));
                faults.push(fault(1, name, problem));
                continue;
            }
        };
        columns.push(column);
    }
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|one| one == name) {
            faults.push(fault(1, name, "stands there twice"));
        }
    }
    if !names.iter().any(|name| name == USERNAME) {
        faults.push(fault(1, USERNAME, "the column is missing"));
    }
    columns
}

fn row(
    record: &csv::StringRecord,
    columns: &[Column],
    line: u64,
    study: &Study,
    place: &Workplace,
    faults: &mut Vec<Fault>,
) -> Result<Option<Row>, CommandError> {
    let mut username = None;
    let mut identity = Vec::new();
    for (column, text) in columns.iter().zip(record) {
        match column {
            Column::Username => match text.parse::<Username>() {
                Ok(name) => username = Some(name),
                Err(error) => faults.push(fault(line, USERNAME, error)),
            },
            Column::Identity(_) if text.is_empty() => {}
            Column::Identity(field) if !study.identity.contains(*field) => {
                faults.push(fault(line, field.as_str(), not_kept(study)));
            }
            Column::Identity(field) if !field.can_hold(text) => {
                let problem = match field.is_email() {
                    true => "is no e-mail address",
                    false => "must be one line of at most 200 characters",
                };
                faults.push(fault(line, field.as_str(), problem));
            }
            Column::Identity(field) => identity.push((*field, text.to_owned())),
        }
    }
    let Some(username) = username else {
        return Ok(None);
    };
    let account = place.ports.accounts.account_by_username(&username)?;
    let plays = |one: &Account| one.enrolment.is_some_and(|e| e.study == study.id);
    if account.as_ref().is_some_and(|one| !plays(one)) {
        let problem = "is taken, by somebody who does not play in this study";
        faults.push(fault(line, USERNAME, problem));
        return Ok(None);
    }
    Ok(Some(Row {
        username,
        account,
        identity: identity.into_iter().collect(),
    }))
}

fn not_kept(study: &Study) -> String {
    if study.anonymous {
        return "the study is anonymous from the collection on: it keeps nobody's identity".into();
    }
    match study.identity.is_empty() {
        true => "the study keeps no identity; it would have to say so (`identity`)".into(),
        false => format!("the study does not keep it, but {}", study.identity),
    }
}

fn fault(line: u64, column: &str, problem: impl ToString) -> Fault {
    Fault {
        line,
        column: Some(column.to_owned()),
        problem: problem.to_string(),
    }
}

fn unreadable(error: &csv::Error, line: u64) -> Fault {
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("there are {len} values, and {expected_len} columns"),
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    let line = error.position().map_or(line, csv::Position::line);
    Fault {
        line,
        column: None,
        problem,
    }
}

/// Prints every fault as a compiler would.
fn refuse(path: &Path, faults: &[Fault], output: &mut Output<'_>) -> Result<(), CommandError> {
    for fault in faults {
        let column = fault.column.as_deref();
        let column = column.map_or_else(String::new, |column| format!(" {column}:"));
        output.line(format_args!(
            "{}:{}:{column} {}",
            path.display(),
            fault.line,
            fault.problem
        ))?;
    }
    output.value(&serde_json::json!({ "file": path, "faults": faults }))?;
    Err(CommandError::Participants {
        path: path.to_owned(),
        faults: faults.len(),
    })
}

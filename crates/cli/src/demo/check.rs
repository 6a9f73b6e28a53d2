//! Whether what came out is what went in.

use super::DemoError;
use super::client::Client;
use super::players::Tally;
use super::recording::Recording;
use super::report::{ActionCount, Report};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long the last entries may take to show in lists, where other servers write too.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the CSV holds.
#[derive(Default)]
struct Table {
    rows: u64,
    actions: BTreeMap<String, u64>,
    ids: HashSet<Uuid>,
}

/// Asks the server for counts and for the CSV, and compares both with the recording.
pub(crate) fn check(
    server: &Client,
    study: &str,
    recording: &Recording,
    tally: Tally,
    csv: &Path,
) -> Result<Report, DemoError> {
    let stored = total_of_at_least(server, study, recording.entries())?;
    let mut actions = Vec::new();
    for (action, recorded) in &recording.actions {
        let stored = total(server, &format!("study={study}&action={action}"))?;
        actions.push(ActionCount {
            action: action.clone(),
            recorded: *recorded,
            stored,
        });
    }
    actions.sort_by_key(|count| std::cmp::Reverse(count.recorded));
    let path = format!("/v1/studies/{study}/export?format=csv&view=full");
    let failed = |source| DemoError::Csv {
        path: csv.to_owned(),
        source,
    };
    io::copy(
        &mut server.download(&path)?,
        &mut File::create(csv).map_err(failed)?,
    )
    .map_err(failed)?;
    let table = Table::read(csv).map_err(failed)?;
    let mut report = Report::new(study, recording, tally, stored, actions, csv, table.rows);
    report.wrong = wrong(recording, &report, &table);
    Ok(report)
}

fn total(server: &Client, query: &str) -> Result<u64, DemoError> {
    let path = format!("/v1/logs?{query}&page_size=1");
    let answer = server.get(&path)?;
    match (answer.status, answer.total) {
        (200, Some(total)) => Ok(total),
        _ => Err(answer.unexpected(&path)),
    }
}

fn total_of_at_least(server: &Client, study: &str, expected: u64) -> Result<u64, DemoError> {
    let begin = Instant::now();
    loop {
        let found = total(server, &format!("study={study}"))?;
        if found >= expected || begin.elapsed() > PATIENCE {
            return Ok(found);
        }
        sleep(Duration::from_millis(50));
    }
}

/// Everything that is not as it should be.
fn wrong(recording: &Recording, report: &Report, table: &Table) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, found: u64, expected: u64| {
        if found != expected {
            wrong.push(format!("{what}: {found}, where {expected} were expected"));
        }
    };
    same("entries stored", report.stored, report.sent);
    if report.retries == 0 {
        same("entries accepted", report.accepted, report.sent);
        same("duplicates", report.duplicates, report.resent);
    } else {
        // Of a request that was sent again, the server may know what the game believed to be new.
        let (answered, sent) = (
            report.accepted + report.duplicates,
            report.sent + report.resent,
        );
        same("entries accepted or known", answered, sent);
    }
    same("entries neither accepted nor known", report.other, 0);
    same("rows of the CSV", report.csv_rows, report.sent);
    for count in &report.actions {
        same(
            &format!("{} stored", count.action),
            count.stored,
            count.recorded,
        );
        let rows = table.actions.get(&count.action).copied().unwrap_or(0);
        same(
            &format!("{} in the CSV", count.action),
            rows,
            count.recorded,
        );
    }
    let sent = recording
        .sessions
        .iter()
        .flat_map(|session| &session.entries);
    same(
        "sent entries that are not in the CSV",
        sent.filter(|entry| !table.ids.contains(&entry.id)).count() as u64,
        0,
    );
    same(
        "different entries in the CSV",
        table.ids.len() as u64,
        report.sent,
    );
    wrong
}

impl Table {
    fn read(path: &Path) -> io::Result<Self> {
        let mut table = Self::default();
        let mut reader = csv::Reader::from_path(path)?;
        let headers = reader.headers()?.clone();
        let column = |name: &str| headers.iter().position(|header| header == name);
        let (Some(id), Some(action)) = (column("id"), column("action")) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has no columns `id` and `action`",
            ));
        };
        for row in reader.records() {
            let row = row?;
            table.rows += 1;
            *table.actions.entry(row[action].to_owned()).or_default() += 1;
            table.ids.extend(Uuid::try_parse(&row[id]));
        }
        Ok(table)
    }
}

//! The CSV export of a large study, against the shell of SQLite on the same file.

use super::{Bench, STUDY, check_equal, rounded};
use crate::Result;
use crate::api::{Exported, count};
use crate::child::Process;
use crate::fill;
use crate::place::Engine;
use crate::table::{Finding, Spread, Target};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The columns of the export as they are stored: instants and pseudonyms stay numbers, which the export writes as text.
const QUERY: &str = "SELECT number, lower(hex(entry_id)), pseudonym, session, sequence, occurred_us, sent_us, received_us, action, \
                     status, payload FROM log_entries ORDER BY number";

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let place = bench.place(engine)?;
    let entries = bench.scale.entries;
    fill::fill(&place, STUDY, entries)?;
    let server = bench.start(&place)?;
    let api = server.api()?;
    let before = server.memory()?;
    let mut first_bytes = Vec::new();
    let mut export = || {
        let exported = api.export(STUDY, "csv")?;
        check_equal("lines of the export", exported.lines, entries + 1)?;
        first_bytes.push(exported.first.as_secs_f64() * 1e3);
        Ok(exported.whole.as_secs_f64())
    };
    let mut findings = Vec::new();
    let what = format!("CSV of {} entries", rounded(entries as f64));
    let shell = place.file().filter(|_| has_shell());
    let times = if let Some(file) = shell {
        let label = format!("export, {}, seconds (the shell, the server)", engine.name());
        let (theirs, ours) = bench.alternate(
            &label,
            || Ok(sqlite3(file, entries)?.whole.as_secs_f64()),
            &mut export,
        )?;
        findings.push(Finding {
            what: format!("{what}: time of sqlite3 -csv / time of the export"),
            engine: engine.name(),
            value: Spread::ratio(&theirs, &ours),
            unit: "",
            target: Some(Target::AtLeast(1.0)),
            behind: format!(
                "{:.2} s against {:.2} s",
                Spread::of(&theirs).median,
                Spread::of(&ours).median
            ),
        });
        ours
    } else {
        if engine.is_sqlite() {
            eprintln!(
                "the shell `sqlite3` is not there (apt-get install sqlite3): the export is compared with nothing"
            );
        }
        (0..bench.scale.rounds)
            .map(|_| export())
            .collect::<Result<_>>()?
    };
    let after = server.memory()?;
    server.stop()?;
    findings.push(Finding {
        what: format!("{what}: growth of the server"),
        engine: engine.name(),
        // The most ever held against what was held before: an upper bound of the growth.
        value: Spread::of(&[after.peak - before.resident]),
        unit: "MB",
        target: Some(Target::AtMost(40.0)),
        behind: format!(
            "{:.1} MB before, {:.1} MB at most, {:.2} s an export",
            before.resident,
            after.peak,
            Spread::of(&times).median
        ),
    });
    findings.push(Finding {
        what: format!("{what}: time to the first byte"),
        engine: engine.name(),
        value: Spread::of(&first_bytes),
        unit: "ms",
        target: Some(Target::AtMost(50.0)),
        behind: String::new(),
    });
    Ok(findings)
}

fn has_shell() -> bool {
    Command::new("sqlite3")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The same entries through the shell, read from a pipe as the export is from a connection.
fn sqlite3(file: &Path, entries: u64) -> Result<Exported> {
    let start = Instant::now();
    let mut child = Command::new("sqlite3")
        .args(["-csv", "-header"])
        .arg(file)
        .arg(QUERY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take();
    let _process = Process::new(child);
    let exported = count(&mut output.ok_or("the shell has no output")?, start)?;
    check_equal("lines of sqlite3 -csv", exported.lines, entries + 1)?;
    Ok(exported)
}

//! `sillage doctor`: what is wrong with an installation, and how to mend it. What is looked at is looked at by whoever calls this; here is
//! what a database's inspection comes to, and how all is told.

use crate::{CommandError, Output};
use serde::Serialize;
use sillage_domain::{Inspection, Timestamp};
use std::fmt::Display;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// As it should be.
    Well,
    /// Nothing is broken; somebody should know.
    Note,
    /// It has to be mended.
    Wrong,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check.
    pub check: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, in plain words.
    pub what: String,
    /// How to mend it; none where there is nothing to mend.
    pub mend: Option<String>,
}

/// All that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// As it should be.
    pub fn well(&mut self, check: &'static str, what: impl Display) {
        self.add(check, Verdict::Well, what, None);
    }

    /// Nothing is broken, and yet.
    pub fn note(&mut self, check: &'static str, what: impl Display, mend: impl Display) {
        self.add(check, Verdict::Note, what, Some(mend.to_string()));
    }

    /// It has to be mended.
    pub fn wrong(&mut self, check: &'static str, what: impl Display, mend: impl Display) {
        self.add(check, Verdict::Wrong, what, Some(mend.to_string()));
    }

    fn add(
        &mut self,
        check: &'static str,
        verdict: Verdict,
        what: impl Display,
        mend: Option<String>,
    ) {
        self.0.push(Finding {
            check,
            verdict,
            what: what.to_string(),
            mend,
        });
    }

    fn count(&self, verdict: Verdict) -> usize {
        let these = self.0.iter().filter(|one| one.verdict == verdict);
        these.count()
    }
}

/// Tells what was found, the worst first.
///
/// # Errors
///
/// [`CommandError::Wrong`] once it was told, if anything is wrong.
pub fn say(findings: &Findings, output: &mut Output<'_>) -> Result<(), CommandError> {
    for (verdict, word) in [
        (Verdict::Wrong, "WRONG"),
        (Verdict::Note, "note"),
        (Verdict::Well, "well"),
    ] {
        for one in findings.0.iter().filter(|one| one.verdict == verdict) {
            output.line(format_args!("{word:<6} {}: {}", one.check, one.what))?;
            if let Some(mend) = &one.mend {
                output.line(format_args!("       -> {mend}"))?;
            }
        }
    }
    let wrong = findings.count(Verdict::Wrong);
    output.value(&serde_json::json!({ "well": wrong == 0, "findings": findings.0 }))?;
    match wrong {
        0 => Ok(()),
        wrong => Err(CommandError::Wrong { wrong }),
    }
}

/// The seconds by which two clocks may differ.
const CLOCKS: i64 = 5;

/// What the inspection of a database comes to.
pub fn database(
    found: &Inspection,
    allow_unsafe: bool,
    allow_unscrubbed: bool,
    now: Timestamp,
    findings: &mut Findings,
) {
    safety(found, allow_unsafe, allow_unscrubbed, findings);
    let behind = found
        .newest_us
        .map_or(0, |newest| (newest - now.micros()) / 1_000_000);
    if found.clock_ahead_s.abs() > CLOCKS {
        findings.wrong(
            "clock",
            format_args!(
                "the clock of the database server differs from this machine's by {} s",
                found.clock_ahead_s
            ),
            "let both be set by NTP (`timedatectl set-ntp true`)",
        );
    } else if behind > CLOCKS {
        findings.wrong(
            "clock",
            format_args!("the newest entry was received {behind} s in the future of this machine's clock"),
            "set the clock, and let NTP keep it (`timedatectl set-ntp true`); times of reception that are stored stay as they are",
        );
    } else {
        findings.well("clock", "it agrees with what is stored");
    }
    for one in &found.miscounts {
        findings.wrong(
            "counters",
            format_args!(
                "{} of {}: {} by the counter, {} by the rows",
                one.what, one.of, one.kept, one.found
            ),
            "somebody wrote into the database by other means, or it was restored by parts: `sillage backup` and `sillage restore` of the last \
             good backup bring both together; the rows are what exports have",
        );
    }
    if found.miscounts.is_empty() {
        findings.well("counters", "they are what the rows come to");
    }
    for one in &found.dangling {
        findings.wrong(
            "references",
            format_args!(
                "{} row(s) of {} refer to rows of {} that are not there",
                one.rows, one.table, one.parent
            ),
            "rows were deleted by other means: restore the last good backup, or delete what refers to nothing",
        );
    }
    if found.dangling.is_empty() {
        findings.well("references", "no row refers to one that is not there");
    }
    match &found.damage {
        Some(damage) => findings.wrong(
            "database-file",
            format_args!("SQLite finds it damaged: {damage}"),
            "stop the server, keep the file, and restore the last good backup; look at the disk (`smartctl -H`)",
        ),
        None => findings.well("database-file", "no damage was found"),
    }
    if found.erasures_under_way > 0 {
        findings.note(
            "erasures",
            format_args!(
                "{} erasure(s) are still looked after",
                found.erasures_under_way
            ),
            "leave a server running: it looks for entries that were under way, for a day",
        );
    }
    for one in &found.open_studies {
        if one.participants == 0 {
            findings.note(
                "studies",
                format_args!("the study {} is open and has no participants", one.slug),
                format_args!("`sillage participants generate {}` makes accounts; `sillage study close {}` closes it", one.slug, one.slug),
            );
        } else if one.entries == 0 {
            findings.note(
                "studies",
                format_args!(
                    "the study {} is open, has {} participant(s), and no entry has arrived",
                    one.slug, one.participants
                ),
                "try the game against the server, and look into the quarantine and its answers",
            );
        }
    }
}

fn safety(found: &Inspection, allow_unsafe: bool, allow_unscrubbed: bool, findings: &mut Findings) {
    match &found.durability {
        None => findings.well("durability", "what is acknowledged is flushed"),
        Some(why) if allow_unsafe => findings.note(
            "durability",
            format_args!("the database may lose what it acknowledged: {why}"),
            "[database] allow_unsafe_durability accepts it; mend the setting of the database, and take that out",
        ),
        Some(why) => findings.wrong(
            "durability",
            format_args!("the database may lose what it acknowledged: {why}"),
            "set it in the configuration of MySQL or MariaDB, and restart that",
        ),
    }
    match &found.bytes_stay {
        None => findings.well("erasure-bytes", "the database overwrites what is erased"),
        Some(why) if allow_unscrubbed => findings.note(
            "erasure-bytes",
            format_args!("the database keeps the bytes of what is erased: {why}"),
            "[privacy] allow_unscrubbed_erasure accepts it",
        ),
        Some(why) => findings.wrong(
            "erasure-bytes",
            format_args!("the database keeps the bytes of what is erased, and content is not erased: {why}"),
            "`SET GLOBAL innodb_immediate_scrub_data_uncompressed = ON`, and the same in MariaDB's configuration",
        ),
    }
}

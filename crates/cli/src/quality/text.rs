//! The report as a table for people.

use sillage_domain::quality::{FieldReport, Findings, QualityReport, SessionSummary};
use std::fmt::Write;

/// How many sessions, and how many fields, are printed; `--json` has them all.
const PRINTED: usize = 20;

/// The report, as lines of text.
pub(super) fn of(name: &str, found: &QualityReport) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "{name}: {} entries, {} sessions, {} participants",
        found.entries, found.session_count, found.participants
    );
    if let (Some(first), Some(last)) = (found.first, found.last) {
        let _ = writeln!(text, "from {first} to {last}");
    }
    text.push('\n');
    for (what, count, note) in lines(found) {
        let _ = writeln!(text, "{what:<24} {count:>9}  {note}");
    }
    actions(&mut text, found);
    fields(&mut text, found);
    versions(&mut text, found);
    sessions(&mut text, found);
    if !found.is_exact {
        text.push_str("\nThere was too much to count all of it: some numbers are estimates, or of parts of sessions.\n");
    }
    text
}

fn lines(found: &QualityReport) -> Vec<(&'static str, u64, String)> {
    let Findings {
        gaps,
        missing,
        repeated,
        duplicates,
        backwards,
        too_early,
        in_the_future,
        late,
        outside,
        ..
    } = found.findings;
    let plain = String::new;
    let tolerance = found.rules.tolerance_seconds;
    let mut lines = vec![
        (
            "gaps",
            gaps,
            format!("with {missing} sequence numbers missing in them"),
        ),
        ("repeated numbers", repeated, plain()),
        (
            "duplicates",
            duplicates,
            "same content under another id".to_owned(),
        ),
        (
            "steps backwards",
            backwards,
            longest("step", found.longest_backwards_seconds),
        ),
        ("before 2000", too_early, plain()),
        (
            "in the future",
            in_the_future,
            format!("more than {tolerance} s after they arrived"),
        ),
        (
            "late arrivals",
            late,
            longest("delay", found.longest_delay_seconds),
        ),
        (
            "clocks off",
            found.clock.off,
            format!(
                "of {} sessions that say when they sent",
                found.clock.sessions
            ),
        ),
        ("without a session", found.without_session, plain()),
        ("without a number", found.without_sequence, plain()),
        (
            "not from the start",
            found.not_from_the_start,
            "sessions whose first number is above 1".to_owned(),
        ),
        (
            "shared sessions",
            found.several_participants,
            "names of sessions with several participants".to_owned(),
        ),
    ];
    let mut add = |what, count: Option<u64>, note: &str| {
        lines.extend(count.map(|count| (what, count, note.to_owned())));
    };
    add("without a beginning", found.without_start, "sessions");
    add("without an end", found.without_end, "sessions");
    add(
        "outside the codebook",
        found.codebook_version.map(|_| outside),
        "entries",
    );
    add("in quarantine", found.quarantined, "");
    add("conflicts", found.conflicts, "same id, other content");
    lines
}

fn longest(what: &str, seconds: f64) -> String {
    if seconds > 0.0 {
        format!("the longest {what}: {seconds:.3} s")
    } else {
        String::new()
    }
}

fn actions(text: &mut String, found: &QualityReport) {
    let _ = writeln!(text, "\n{:<40} {:>9}", "action", "entries");
    for action in &found.actions {
        let note = match action.declared {
            Some(false) => "  not in the codebook",
            _ => "",
        };
        let _ = writeln!(
            text,
            "{:<40} {:>9}{note}",
            action.action.as_str(),
            action.entries
        );
    }
    for action in &found.never_seen {
        let _ = writeln!(text, "{:<40} {:>9}  never seen", action.as_str(), 0);
    }
}

/// The fields that something is the matter with.
fn fields(text: &mut String, found: &QualityReport) {
    let matters = |field: &&FieldReport| field.always_empty || field.outside > 0;
    let matter: Vec<_> = found.fields.iter().filter(matters).collect();
    if matter.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{:<40} {:>9} {:>9} {:>9} {:>9}",
        "field", "present", "empty", "outside", "distinct"
    );
    for field in matter.iter().take(PRINTED) {
        let name = format!("{}.{}", field.action, field.field);
        let _ = writeln!(
            text,
            "{name:<40} {:>9} {:>9} {:>9} {:>9}",
            field.present, field.empty, field.outside, field.distinct
        );
    }
    more(text, matter.len());
}

fn versions(text: &mut String, found: &QualityReport) {
    if found.versions.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{:<40} {:>9} {:>9}",
        "version of the game", "entries", "outside"
    );
    for version in &found.versions {
        let name = version.version.as_deref().unwrap_or("(none)");
        let _ = writeln!(
            text,
            "{name:<40} {:>9} {:>9}",
            version.entries, version.findings.outside
        );
    }
}

/// The sessions in which something was found.
fn sessions(text: &mut String, found: &QualityReport) {
    let matters = |session: &&SessionSummary| session.findings.total() > 0;
    let matter: Vec<_> = found.sessions.iter().filter(matters).collect();
    if matter.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{:<24} {:<20} {:>9} {:>6} {:>9} {:>9} {:>6}",
        "session", "participant", "entries", "gaps", "repeated", "backwards", "times"
    );
    for session in matter.iter().take(PRINTED) {
        let name = session
            .session
            .as_ref()
            .map_or("(none)", |name| name.as_str());
        let told = session.findings;
        let _ = writeln!(
            text,
            "{name:<24} {:<20} {:>9} {:>6} {:>9} {:>9} {:>6}",
            session.participant.to_string(),
            session.entries,
            told.gaps,
            told.repeated,
            told.backwards,
            told.too_early + told.in_the_future
        );
    }
    more(text, matter.len());
}

fn more(text: &mut String, all: usize) {
    if all > PRINTED {
        let _ = writeln!(text, "and {} more: see --json", all - PRINTED);
    }
}

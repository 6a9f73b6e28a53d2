//! A report on a terminal.

use super::{Report, number};
use crate::latency::Latency;
use std::fmt::Write;

pub(super) fn of(report: &Report) -> String {
    let mut text = String::new();
    // Writing to memory does not fail.
    let _ = writeln!(text, "{}", report.what());
    let _ = writeln!(
        text,
        "study {} on {}, {:.1} s",
        report.study, report.server, report.played.seconds
    );
    let _ = writeln!(text);
    for (what, value) in report.facts() {
        let _ = writeln!(text, "{what:<46} {value:>16}");
    }
    let _ = writeln!(text);
    let _ = writeln!(
        text,
        "{:<28} {:>9} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "milliseconds", "number", "half", "90 %", "99 %", "99.9 %", "longest"
    );
    let played = &report.played;
    let rows = [
        (
            "log-ins",
            Some(&played.log_ins).filter(|log_ins| log_ins.count > 0),
        ),
        ("entries", Some(&played.posts)),
        ("entries around the drop", played.caught_up.as_ref()),
    ];
    for (what, latency) in rows {
        if let Some(latency) = latency {
            row(&mut text, what, latency);
        }
    }
    if !played.messages.is_empty() {
        let _ = writeln!(text, "\nwhat went wrong, once each:");
        for message in &played.messages {
            let _ = writeln!(text, "  {message}");
        }
    }
    text
}

fn row(text: &mut String, what: &str, latency: &Latency) {
    let _ = writeln!(
        text,
        "{what:<28} {:>9} {:>10} {:>10} {:>10} {:>10} {:>10}",
        number(latency.count as f64),
        number(latency.p50),
        number(latency.p90),
        number(latency.p99),
        number(latency.p999),
        number(latency.max)
    );
}

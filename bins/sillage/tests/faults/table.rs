//! How it ended, as a table in Markdown.

use crate::stage::{Ended, name};
use crate::support::Engine;
use std::fmt::Write;

/// A fault on a database.
pub(crate) struct Row {
    fault: &'static str,
    engine: Engine,
    /// `None` where something else than was promised was seen; it stands above the table.
    ended: Option<Ended>,
}

impl Row {
    pub(crate) fn new(fault: &'static str, engine: Engine, ended: Option<Ended>) -> Self {
        Self {
            fault,
            engine,
            ended,
        }
    }

    pub(crate) fn is_elsewhere(&self) -> bool {
        matches!(self.ended, Some(Ended::Elsewhere))
    }

    /// Nothing was lost or doubled, and all else was as promised.
    pub(crate) fn is_well(&self) -> bool {
        match &self.ended {
            Some(Ended::Played(tally)) => tally.lost == 0 && tally.doubled == 0,
            Some(Ended::Skipped(_) | Ended::Elsewhere) => true,
            None => false,
        }
    }

    fn cells(&self) -> [String; 7] {
        let (numbers, note) = match &self.ended {
            Some(Ended::Played(tally)) => (
                [tally.acknowledged, tally.stored, tally.lost, tally.doubled]
                    .map(|number| number.to_string()),
                tally.note.clone(),
            ),
            Some(Ended::Skipped(why)) => (Default::default(), format!("SKIPPED: {why}")),
            Some(Ended::Elsewhere) | None => {
                (Default::default(), "FAILED, as said above".to_owned())
            }
        };
        let [acknowledged, stored, lost, doubled] = numbers;
        [
            self.fault.to_owned(),
            name(self.engine).to_owned(),
            acknowledged,
            stored,
            lost,
            doubled,
            note,
        ]
    }
}

/// The rows under a line of headings.
pub(crate) fn text(rows: &[Row]) -> String {
    let headings = [
        "fault",
        "engine",
        "acknowledged",
        "stored",
        "lost",
        "doubled",
        "besides",
    ];
    let mut lines = vec![headings.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let mut widths = [0; 7];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for (n, line) in lines.iter().enumerate() {
        for (column, (width, cell)) in widths.iter().zip(line).enumerate() {
            match (2..6).contains(&column) {
                true => write!(text, "| {cell:>width$} ").unwrap(),
                false => write!(text, "| {cell:<width$} ").unwrap(),
            }
        }
        text.push_str("|\n");
        if n == 0 {
            for (column, width) in widths.iter().enumerate() {
                let right = if (2..6).contains(&column) { ":" } else { "-" };
                write!(text, "|{}{right}", "-".repeat(width + 1)).unwrap();
            }
            text.push_str("|\n");
        }
    }
    text
}

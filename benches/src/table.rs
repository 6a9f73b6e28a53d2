//! What was found, as a table and as JSON.

use serde::Serialize;
pub(crate) use sillage_load::spread::Spread;
use std::fmt::Write;

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    /// What was measured.
    pub(crate) what: String,
    /// On which database.
    pub(crate) engine: &'static str,
    /// What was found.
    pub(crate) value: Spread,
    /// What it is counted in; empty for a ratio.
    pub(crate) unit: &'static str,
    /// What it should be, where something was promised.
    pub(crate) target: Option<Target>,
    /// The absolute values behind it, which belong to the machine.
    pub(crate) behind: String,
}

impl Finding {
    /// Whether the target is met, if there is one.
    fn is_met(&self) -> Option<bool> {
        Some(self.target?.is_met(self.value.median))
    }
}

/// The findings as JSON, an object each.
pub(crate) fn json(findings: &[Finding]) -> crate::Result<String> {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(flatten)]
        finding: &'a Finding,
        met: Option<bool>,
    }
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| Line {
            finding,
            met: finding.is_met(),
        })
        .collect();
    Ok(serde_json::to_string_pretty(&lines)?)
}

/// The findings as a table in text, with a line of headings.
pub(crate) fn text(findings: &[Finding]) -> String {
    let mut rows = vec![
        [
            "what",
            "on",
            "median",
            "least to greatest",
            "target",
            "met",
            "behind it",
        ]
        .map(String::from),
    ];
    for finding in findings {
        let Finding { value, unit, .. } = finding;
        let bound = |bound: f64| {
            let text = format!("{bound:.2}");
            let text = text.trim_end_matches('0').trim_end_matches('.');
            format!("{text} {unit}").trim_end().to_owned()
        };
        rows.push([
            finding.what.clone(),
            finding.engine.to_owned(),
            format!("{:.2} {unit}", value.median).trim_end().to_owned(),
            format!("{:.2} to {:.2}", value.least, value.greatest),
            match finding.target {
                Some(Target::AtLeast(least)) => format!("at least {}", bound(least)),
                Some(Target::AtMost(most)) => format!("at most {}", bound(most)),
                None => String::new(),
            },
            match finding.is_met() {
                Some(true) => "yes".to_owned(),
                Some(false) => "NO".to_owned(),
                None => String::new(),
            },
            finding.behind.clone(),
        ]);
    }
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            // Writing to memory does not fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_said_plainly() {
        let finding = Finding {
            what: "one".to_owned(),
            engine: "SQLite",
            value: Spread::of(&[0.2]),
            unit: "",
            target: Some(Target::AtLeast(0.25)),
            behind: String::new(),
        };
        assert!(text(&[finding]).contains("at least 0.25  NO"));
    }
}

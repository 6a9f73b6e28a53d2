//! What was found, as a table and as JSON.

use serde::Serialize;
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

/// A value found over several rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// The one in the middle.
    pub(crate) median: f64,
    /// The least of a round.
    pub(crate) least: f64,
    /// The greatest of a round.
    pub(crate) greatest: f64,
}

impl Spread {
    /// Of these values, one a round.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() {
            0 => f64::NAN,
            odd if odd % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        };
        Self {
            median,
            least: sorted.first().copied().unwrap_or(f64::NAN),
            greatest: sorted.last().copied().unwrap_or(f64::NAN),
        }
    }

    /// The ratio of two medians; its spread is that of the ratios within each round.
    pub(crate) fn ratio(one: &[f64], other: &[f64]) -> Self {
        let rounds: Vec<f64> = one.iter().zip(other).map(|(a, b)| a / b).collect();
        Self {
            median: Self::of(one).median / Self::of(other).median,
            ..Self::of(&rounds)
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
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(Spread::of(&[4.0, 1.0, 3.0, 2.0]).median, 2.5);
    }

    #[test]
    fn a_ratio_is_that_of_the_medians() {
        let ratio = Spread::ratio(&[1.0, 2.0, 9.0], &[4.0, 4.0, 3.0]);
        assert_eq!(
            (ratio.median, ratio.least, ratio.greatest),
            (0.5, 0.25, 3.0)
        );
    }

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

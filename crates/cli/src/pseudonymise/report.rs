//! What rules say, and what they did.

use crate::{CommandError, Output};
use serde_json::{Value, json};
use sillage_pseudonym::Fingerprint;
use sillage_pseudonym::rules::{FieldReport, FieldRules, Others, Pseudonymiser, Report, Rules};
use std::io::Write;
use std::path::Path;

/// Says what the rules are.
pub(super) fn rules(
    path: &Path,
    rules: &Rules,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if !output.is_json() {
        let (study, version) = (rules.study(), rules.key_version());
        output.line(format_args!("study {study}, keys of version {version}"))?;
        for line in lines(rules, |_| String::new()) {
            output.line(line)?;
        }
        output.line(format_args!("all other fields: {}", rules.others().word()))?;
    }
    let fields = rules.fields().map(field).collect::<Vec<_>>();
    Ok(output.value(&json!({
        "file": path, "study": rules.study(), "key_version": rules.key_version(), "others": rules.others().word(),
        "fields": fields,
    }))?)
}

/// Says what was done.
pub(super) fn done(
    pseudonymiser: &Pseudonymiser,
    done: &Report,
    fingerprint: Option<Fingerprint>,
    is_json: bool,
    report: &mut dyn Write,
) -> Result<(), CommandError> {
    let rules = pseudonymiser.rules();
    let fields: Vec<(&FieldRules, &FieldReport)> = rules.fields().zip(done.fields()).collect();
    let others: Vec<&str> = done.others().collect();
    let roster = pseudonymiser.roster();
    if is_json {
        let fields = fields.iter().map(|(rules, done)| {
            let mut value = field(rules);
            value["values"] = done.values().into();
            value["emptied"] = done.misfits().into();
            if let Some((line, why)) = done.first_misfit() {
                value["first_emptied"] = json!({ "line": line, "why": why });
            }
            value
        });
        let value = json!({
            "study": rules.study(), "key_version": rules.key_version(),
            "fingerprint": fingerprint.map(|fingerprint| fingerprint.to_string()), "rows": done.rows(),
            "fields": fields.collect::<Vec<_>>(), "others": { "rule": rules.others().word(), "names": others },
            "roster": roster.map(|roster| json!({
                "people": roster.people(), "too_short": roster.left_out(),
                "ignored_columns": roster.ignored_columns().collect::<Vec<_>>(),
            })),
        });
        writeln!(report, "{value:#}")?;
        return Ok(());
    }
    let key = match fingerprint {
        Some(fingerprint) if rules.need_key() => {
            format!(
                ", keys of version {} of the root key {fingerprint}",
                rules.key_version()
            )
        }
        _ => String::new(),
    };
    writeln!(report, "study {}{key}", rules.study())?;
    let counted = |n: usize| match fields.get(n) {
        Some((_, done)) => match done.first_misfit() {
            Some((line, why)) => format!(
                "\n    {} of {} values emptied; in line {line}, {why}",
                done.misfits(),
                done.values()
            ),
            None if done.values() == 0 => "\n    no row has a value there".to_owned(),
            None => String::new(),
        },
        None => String::new(),
    };
    for line in lines(rules, counted) {
        writeln!(report, "{line}")?;
    }
    if !others.is_empty() {
        let done = if rules.others() == Others::Keep {
            "kept"
        } else {
            "dropped"
        };
        writeln!(
            report,
            "{done}, since no rule names them: {}",
            others.join(", ")
        )?;
    }
    match roster {
        Some(roster) => {
            let people = roster.people();
            write!(report, "roster: {people} people")?;
            if roster.left_out() > 0 {
                write!(
                    report,
                    "; {} names or logins too short to look for",
                    roster.left_out()
                )?;
            }
            let ignored: Vec<&str> = roster.ignored_columns().collect();
            if !ignored.is_empty() {
                write!(report, "; columns not looked for: {}", ignored.join(", "))?;
            }
            writeln!(report)?;
        }
        None if rules.use_roster().is_some() => {
            writeln!(
                report,
                "no roster: names and logins were not looked for (--roster FILE)"
            )?;
        }
        None => {}
    }
    writeln!(report, "rows: {}", done.rows())?;
    Ok(())
}

fn field(rules: &FieldRules) -> Value {
    json!({
        "name": rules.name(), "rules": rules.rules().collect::<Vec<_>>(),
        "reasons": rules.reasons().collect::<Vec<_>>(),
    })
}

/// A line for each rule: field, rule, reason.
fn lines(rules: &Rules, after: impl Fn(usize) -> String) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    let names = rules.fields().map(|field| width(field.name())).max();
    let words = rules.fields().flat_map(FieldRules::rules).map(width).max();
    let (names, words) = (names.unwrap_or_default(), words.unwrap_or_default());
    let mut lines = Vec::new();
    for (n, field) in rules.fields().enumerate() {
        for (step, (rule, reason)) in field.rules().zip(field.reasons()).enumerate() {
            let name = if step == 0 { field.name() } else { "" };
            lines.push(format!("  {name:names$}  {rule:words$}  {reason}"));
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(&after(n));
        }
    }
    lines
}

//! What a codebook has, at a glance.

use crate::Output;
use serde_json::{Value, json};
use sillage_domain::codebook::{Codebook, PrivacyClass};
use std::io;
use std::path::Path;

pub(super) fn print(path: &Path, codebook: &Codebook, output: &mut Output<'_>) -> io::Result<()> {
    let (actions, columns) = (codebook.actions().len(), codebook.columns().len());
    output.line(format_args!(
        "{}: valid; {}, {}",
        path.display(),
        count(actions, "action"),
        count(columns, "field")
    ))?;
    let width = codebook
        .actions()
        .iter()
        .map(|action| action.name().chars().count())
        .max();
    let width = width.unwrap_or_default().min(40);
    for action in codebook.actions() {
        let fields = count(codebook.fields_of(action).count(), "field");
        let description = action.description().get("en").unwrap_or_default();
        let line = format!("  {:width$}  {fields:9}  {description}", action.name());
        output.line(line.trim_end())?;
    }
    let classes = PrivacyClass::ALL.iter().filter_map(|class| {
        let fields = codebook
            .all_fields()
            .filter(|field| field.privacy() == Some(*class));
        let fields = fields.count();
        (fields > 0).then(|| format!("{fields} {class}"))
    });
    let classes: Vec<_> = classes.collect();
    if !classes.is_empty() {
        output.line(format_args!("privacy: {}", classes.join(", ")))?;
    }
    let open = undecided(codebook);
    if !open.is_empty() {
        output.line(format_args!(
            "without a privacy class, so in no de-identified export: {}",
            open.join(", ")
        ))?;
    }
    Ok(())
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

pub(super) fn value(path: &Path, codebook: &Codebook) -> Value {
    let actions = codebook.actions().iter().map(|action| {
        let fields: Vec<_> = codebook
            .fields_of(action)
            .map(|field| field.name())
            .collect();
        json!({ "name": action.name(), "fields": fields })
    });
    json!({
        "file": path,
        "valid": true,
        "version": codebook.version(),
        "actions": actions.collect::<Vec<_>>(),
        "without_privacy": undecided(codebook),
    })
}

/// The names of fields whose privacy class the researchers have not chosen.
pub(super) fn undecided(codebook: &Codebook) -> Vec<&str> {
    let mut names: Vec<_> = codebook
        .all_fields()
        .filter(|field| field.privacy().is_none())
        .map(|field| field.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

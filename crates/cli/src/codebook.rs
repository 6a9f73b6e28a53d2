//! `sillage codebook`: what a study traces, as a file.

mod entries;
mod summary;

use crate::arguments::{CodebookCheck, CodebookCommand, CodebookConvert, CodebookInfer, Notation};
use crate::{CommandError, Output};
use serde_json::json;
use sillage_domain::codebook::{
    Checker, Codebook, CodebookFault, CodebookFormat, Inference, TableShape,
};
use std::fs;
use std::path::Path;

/// Does it. No server and no database is needed.
///
/// # Errors
///
/// [`CommandError::Usage`] for `put`, which [`codebook_put`](crate::codebook_put) does; [`CommandError::File`]; [`CommandError::Codebook`] and [`CommandError::Misfits`], after everything that is wrong was printed.
pub fn run(command: &CodebookCommand, output: &mut Output<'_>) -> Result<(), CommandError> {
    match command {
        CodebookCommand::Check(wanted) => check(wanted, output),
        CodebookCommand::Infer(wanted) => infer(wanted, output),
        CodebookCommand::Convert(wanted) => convert(wanted, output),
        CodebookCommand::Put(_) => Err(CommandError::Usage("`put` needs a database".into())),
    }
}

fn check(wanted: &CodebookCheck, output: &mut Output<'_>) -> Result<(), CommandError> {
    let text = text(&wanted.file)?;
    let read = Codebook::read(&text, format_of(&wanted.file));
    let codebook = read.or_else(|faults| refuse(&wanted.file, &faults, output))?;
    let Some(file) = &wanted.entries else {
        summary::print(&wanted.file, &codebook, output)?;
        let value = summary::value(&wanted.file, &codebook);
        return Ok(output.value(&value)?);
    };
    summary::print(&wanted.file, &codebook, output)?;
    let found = entries::check(file, &Checker::new(&codebook), output)?;
    let mut value = summary::value(&wanted.file, &codebook);
    value["entries"] = json!({
        "file": file,
        "checked": found.checked,
        "misfits": found.misfits,
        "reasons": found.reasons,
    });
    output.value(&value)?;
    match found.misfits {
        0 => Ok(()),
        misfits => Err(CommandError::Misfits {
            path: file.clone(),
            misfits,
            checked: found.checked,
        }),
    }
}

/// Prints every fault as a compiler would.
pub(crate) fn refuse<T>(
    path: &Path,
    faults: &[CodebookFault],
    output: &mut Output<'_>,
) -> Result<T, CommandError> {
    for fault in faults {
        output.line(format_args!("{}:{fault}", path.display()))?;
    }
    output.value(&json!({ "file": path, "valid": false, "faults": faults }))?;
    Err(CommandError::Codebook {
        path: path.to_owned(),
        faults: faults.len(),
    })
}

fn infer(wanted: &CodebookInfer, output: &mut Output<'_>) -> Result<(), CommandError> {
    let mut inference = Inference::default();
    let unread = entries::each(&wanted.file, None, |entry| inference.add(&entry))?;
    let Some(proposal) = inference.propose() else {
        return Err(CommandError::NoEntries(wanted.file.clone()));
    };
    let open = summary::undecided(&proposal.codebook);
    let format = match wanted.format {
        Notation::Json => CodebookFormat::Json,
        _ => CodebookFormat::Toml,
    };
    let text = proposal.codebook.write(format);
    if output.is_json() {
        let value = json!({
            "codebook": text, "entries": inference.entries(), "unread": unread,
            "notes": proposal.notes, "without_privacy": open,
        });
        return Ok(output.value(&value)?);
    }
    // JSON has no comments.
    if format == CodebookFormat::Toml {
        let entries = inference.entries();
        output.line(format_args!(
            "# Proposed from {entries} entries. Before it is used:"
        ))?;
        output.line("# - say what each action and field means: description = { en = \"...\", fr = \"...\" };")?;
        output.line("# - widen minimum and maximum, which are those of the entries;")?;
        let classes = "identifier, quasi-identifier, sensitive, free-text or other";
        output.line(format_args!(
            "# - choose for each field: privacy = {classes}."
        ))?;
        output.line(format_args!(
            "#   {} fields have none yet, so that no de-identified export shows them.",
            open.len()
        ))?;
        for note in &proposal.notes {
            output.line(format_args!("# Note: {note}"))?;
        }
        if unread > 0 {
            output.line(format_args!(
                "# Note: {unread} lines could not be read as entries"
            ))?;
        }
        output.line("")?;
    }
    Ok(output.raw().write_all(text.as_bytes())?)
}

fn convert(wanted: &CodebookConvert, output: &mut Output<'_>) -> Result<(), CommandError> {
    let text = text(&wanted.file)?;
    let from = wanted.from.unwrap_or(match format_of(&wanted.file) {
        CodebookFormat::Json => Notation::Json,
        _ => Notation::Toml,
    });
    let read = match from {
        Notation::Toml => Codebook::read(&text, CodebookFormat::Toml),
        Notation::Json => Codebook::read(&text, CodebookFormat::Json),
        Notation::TableSchema => Codebook::read_table_schema(&text, &wanted.action),
        Notation::JsonSchema => Codebook::read_json_schema(&text, &wanted.action),
    };
    let codebook = read.or_else(|faults| refuse(&wanted.file, &faults, output))?;
    let shape = match wanted.wide {
        true => TableShape::Wide,
        false => TableShape::PerAction,
    };
    let text = match wanted.to {
        Notation::Toml => codebook.write(CodebookFormat::Toml),
        Notation::Json => codebook.write(CodebookFormat::Json),
        Notation::TableSchema => codebook.write_table_schema(shape),
        Notation::JsonSchema => codebook.write_json_schema(),
    };
    Ok(output.raw().write_all(text.as_bytes())?)
}

/// The format that the name of a file tells.
pub(crate) fn format_of(path: &Path) -> CodebookFormat {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("json") => CodebookFormat::Json,
        _ => CodebookFormat::Toml,
    }
}

pub(crate) fn text(path: &Path) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|source| CommandError::File {
        path: path.to_owned(),
        source,
    })
}

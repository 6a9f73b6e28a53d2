//! A codebook as a table: a row for each action, and one for each of its fields.

use crate::chunks::Chunks;
use crate::row::{Row, begin};
use crate::{ExportError, Profile};
use sillage_domain::codebook::{Codebook, Field, Scalar, Texts};
use std::io::Write;
use std::ops::ControlFlow;

/// The columns that every such table begins with; labels and descriptions follow, a pair for each language of the codebook.
pub const CODEBOOK_COLUMNS: [&str; 12] = [
    "action", "field", "type", "required", "unit", "minimum", "maximum", "values", "pattern",
    "missing", "privacy", "length",
];

/// Writes the codebook as CSV.
///
/// # Errors
///
/// [`ExportError::Write`].
pub fn write_codebook(
    codebook: &Codebook,
    profile: Profile,
    file: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut failure = Ok(());
    let mut consumer = |chunk: Vec<u8>| match file.write_all(&chunk) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failure = Err(ExportError::Write(error));
            ControlFlow::Break(())
        }
    };
    let mut chunks = Chunks::new(&mut consumer);
    let written = rows(codebook, profile, &mut chunks);
    failure.and(written)
}

fn rows(codebook: &Codebook, profile: Profile, out: &mut Chunks<'_>) -> Result<(), ExportError> {
    let languages = languages(codebook);
    let mut header: Vec<String> = CODEBOOK_COLUMNS
        .iter()
        .map(|&name| name.to_owned())
        .collect();
    for language in &languages {
        header.push(format!("label.{language}"));
        header.push(format!("description.{language}"));
    }
    let mut csv = begin(&mut *out, profile, header.iter().map(String::as_str))?;
    let mut row = Row::new(profile);
    for action in codebook.actions() {
        row.clear();
        row.text(action.name());
        (1..CODEBOOK_COLUMNS.len()).for_each(|_| row.empty());
        texts(&mut row, &languages, action.label(), action.description());
        csv.write_byte_record(row.record())?;
        for one in codebook.fields_of(action) {
            row.clear();
            row.text(action.name());
            field(&mut row, one);
            texts(&mut row, &languages, one.label(), one.description());
            csv.write_byte_record(row.record())?;
        }
    }
    csv.flush().map_err(ExportError::Write)?;
    drop(csv);
    out.flush().map_err(ExportError::Write)
}

fn field(row: &mut Row, field: &Field) {
    row.text(field.name());
    row.plain(field.kind().as_str());
    row.shown(field.required());
    row.optional_text(field.unit());
    let bound = |row: &mut Row, value: Option<&Scalar>| {
        // A number may be negative, and is no formula.
        match value {
            Some(Scalar::Text(text)) => row.text(text),
            Some(other) => row.shown(other),
            None => row.empty(),
        }
    };
    bound(row, field.minimum());
    bound(row, field.maximum());
    row.text(&list(field.enumeration()));
    row.optional_text(field.pattern());
    row.text(&list(field.missing()));
    row.plain(field.privacy().map_or("", |class| class.as_str()));
    match (field.min_length(), field.max_length()) {
        (None, None) => row.empty(),
        (least, most) => {
            let most = most.map(|most| most.to_string()).unwrap_or_default();
            row.shown(format_args!("{}..{most}", least.unwrap_or(0)));
        }
    }
}

/// Values as a JSON array, so that each can be told from the next; nothing for none.
fn list(values: &[Scalar]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let value = |value: &Scalar| match value {
        Scalar::Number(number) => number.as_str().to_owned(),
        // A text always has a JSON form.
        other => serde_json::to_string(&other.to_string()).unwrap_or_default(),
    };
    let values: Vec<_> = values.iter().map(value).collect();
    format!("[{}]", values.join(","))
}

fn texts(row: &mut Row, languages: &[&str], label: &Texts, description: &Texts) {
    for language in languages {
        for texts in [label, description] {
            let found = texts.iter().find(|(tag, _)| tag == language);
            row.optional_text(found.map(|(_, text)| text));
        }
    }
}

/// The tags of all languages, in order of appearance.
fn languages(codebook: &Codebook) -> Vec<&str> {
    let mut found = Vec::new();
    let actions = codebook.actions().iter();
    let of_actions = actions.flat_map(|action| [action.label(), action.description()]);
    let fields = codebook.all_fields();
    let of_fields = fields.flat_map(|field| [field.label(), field.description()]);
    for (tag, _) in of_actions.chain(of_fields).flat_map(Texts::iter) {
        if !found.contains(&tag) {
            found.push(tag);
        }
    }
    found
}

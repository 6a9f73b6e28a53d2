//! What a study's bag carries.

use super::failed;
use crate::arguments::StudyName;
use crate::book::Book;
use crate::{
    ArchiveArguments, CommandError, ExportArguments, Layout, Output, Workplace, export, quality,
};
use serde_json::{Value, json};
use sillage_domain::quality::Rules;
use sillage_domain::{CodebookFormat, CodebookVersion, NoticeVersion, Study};
use sillage_export::{Format, PaperLanguage, Papers, Profile, Table, View};
use std::fs;
use std::io;
use std::path::Path;

/// What was written.
pub(super) struct Content {
    /// For `bag-info.txt`.
    pub(super) info: Vec<(&'static str, String)>,
    pub(super) entries: u64,
    pub(super) view: View,
}

/// Writes all of it into that folder.
pub(super) fn write(
    folder: &Path,
    arguments: &ArchiveArguments,
    study: &Study,
    place: &Workplace,
) -> Result<Content, CommandError> {
    let view = arguments.view.unwrap_or(match study.codebook {
        Some(_) => View::Deidentified,
        None => View::Full,
    });
    let entries = tables(folder, arguments, view, study, place)?;
    let book = Book::of(place, study, None)?;
    codebooks(folder, study, place)?;
    notices(folder, study, place)?;
    report(folder, study, book.as_ref(), place)?;
    papers(folder, study, book.as_ref(), place)?;
    json_file(folder, "study.json", &described(study, place, entries)?)?;
    file(folder, "README.md", &readme(study))?;
    let controllers = study.protection.controllers.iter();
    let organisation: Vec<_> = controllers.map(|one| one.name.clone()).collect();
    Ok(Content {
        info: vec![
            ("Source-Organization", organisation.join("; ")),
            (
                "Bagging-Date",
                place.now.to_string().chars().take(10).collect(),
            ),
            (
                "Bag-Software-Agent",
                concat!("sillage ", env!("CARGO_PKG_VERSION")).into(),
            ),
            ("External-Identifier", study.slug.to_string()),
            ("External-Description", study.title.clone()),
        ],
        entries,
        view,
    })
}

/// The tables with their schema, as `sillage export --tables` writes them; gives how many entries there are.
fn tables(
    folder: &Path,
    arguments: &ArchiveArguments,
    view: View,
    study: &Study,
    place: &Workplace,
) -> Result<u64, CommandError> {
    let wanted = ExportArguments {
        study: StudyName::of(study.slug.clone()),
        format: Format::Csv,
        table: Table::Entries,
        shape: Layout::Long,
        view: Some(view),
        purpose: arguments.purpose,
        clean: Vec::new(),
        idle: sillage_domain::quality::Seconds(Rules::default().idle),
        codebook: None,
        profile: Profile::Analysis,
        output: None,
        tables: Some(folder.to_owned()),
        participant: None,
        session: None,
        action: None,
        from: None,
        to: None,
        received_from: None,
        received_to: None,
        status: None,
        raw: false,
    };
    let mut told = Vec::new();
    export::run(&wanted, place, &mut Output::new(&mut told, true))?;
    let told: Value = serde_json::from_slice(&told).map_err(io::Error::from)?;
    Ok(told["entries"].as_u64().unwrap_or(0))
}

fn codebooks(folder: &Path, study: &Study, place: &Workplace) -> Result<(), CommandError> {
    let last = study.codebook.map_or(0, |version| version.0);
    for version in 1..=last {
        let found = place
            .ports
            .codebooks
            .codebook(study.id, CodebookVersion(version))?;
        if let Some(found) = found {
            let end = match found.summary.format {
                CodebookFormat::Json => "json",
                _ => "toml",
            };
            file(folder, &format!("codebooks/{version}.{end}"), &found.text)?;
        }
    }
    Ok(())
}

/// Every version of every language.
fn notices(folder: &Path, study: &Study, place: &Workplace) -> Result<(), CommandError> {
    let notices = &place.ports.notices;
    for version in (1..).map(NoticeVersion) {
        let Some(found) = notices.notice(study.id, version)? else {
            break;
        };
        let name = format!("notices/{}.{}.md", version.0, found.summary.language);
        file(folder, &name, &found.text)?;
    }
    Ok(())
}

fn report(
    folder: &Path,
    study: &Study,
    book: Option<&Book>,
    place: &Workplace,
) -> Result<(), CommandError> {
    let found = quality::of_study(study, book, &Rules::default(), place)?;
    json_file(folder, "quality.json", &found)?;
    file(
        folder,
        "quality.txt",
        &quality::text_of(study.slug.as_str(), &found),
    )
}

fn papers(
    folder: &Path,
    study: &Study,
    book: Option<&Book>,
    place: &Workplace,
) -> Result<(), CommandError> {
    let papers = Papers {
        study,
        codebook: book.and_then(|book| Some((CodebookVersion(book.version?), &book.codebook))),
        notices: &place.ports.notices.notices_in_force(study.id)?,
        now: place.now,
    };
    for (language, code) in [
        (PaperLanguage::English, "en"),
        (PaperLanguage::French, "fr"),
    ] {
        let text = papers.record_text(language).text;
        file(folder, &format!("papers/record.{code}.md"), &text)?;
    }
    json_file(
        folder,
        "papers/record.json",
        &papers.record(PaperLanguage::English),
    )
}

fn described(study: &Study, place: &Workplace, exported: u64) -> Result<Value, CommandError> {
    let counts = place.ports.logs.counts(study.id)?;
    Ok(json!({
        "slug": study.slug, "title": study.title, "description": study.description, "status": study.status,
        "created_at": study.created_at, "closed_at": study.closed_at, "archived_at": place.now,
        "codebook_version": study.codebook.map(|version| version.0),
        "protection": study.protection,
        "exported_entries": exported,
        "quarantined": counts.quarantined,
    }))
}

fn readme(study: &Study) -> String {
    format!(
        "# {title}\n\nThe study `{slug}`, as Sillage archived it. Times are UTC; participants are pseudonyms.\n\n\
         | what | where |\n|---|---|\n\
         | tables, and what their columns mean (Data Package) | `datapackage.json`, `*.csv` |\n\
         | how they were made: view, filter, codebook | `provenance.json` |\n\
         | the study and what it says of personal data | `study.json`, `papers/` |\n\
         | codebooks, every version | `codebooks/` |\n\
         | what participants were told, every version | `notices/` |\n\
         | how good the traces are | `quality.txt`, `quality.json` |\n",
        title = study.title,
        slug = study.slug,
    )
}

fn json_file(folder: &Path, name: &str, value: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
    file(folder, name, &format!("{text}\n"))
}

fn file(folder: &Path, name: &str, text: &str) -> Result<(), CommandError> {
    let path = folder.join(name);
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(failed(above))?;
    }
    fs::write(&path, text).map_err(failed(&path))
}

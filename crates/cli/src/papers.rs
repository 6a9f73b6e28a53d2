//! `sillage papers`: the record of processing, an impact assessment and notices, from what a study says of itself.

use crate::book::Book;
use crate::{CommandError, Language, Output, PapersArguments, Workplace};
use serde::Serialize;
use sillage_domain::{CodebookVersion, Slug};
use sillage_export::{Gap, PaperLanguage, Papers};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What was done, as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    study: &'a Slug,
    files: Vec<PathBuf>,
    to_complete: Vec<Gap>,
}

/// Writes them to a folder. No entry, account or consent of anybody is looked at.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::File`] for a paper that is there already, before anything is written, and for a folder that
/// can't be written to; those of the store.
pub fn run(
    wanted: &PapersArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(wanted.study.slug()?)?;
    let book = Book::of(place, &study, None)?;
    let book = book.as_ref();
    let papers = Papers {
        study: &study,
        codebook: book.and_then(|book| Some((CodebookVersion(book.version?), &book.codebook))),
        notices: &place.ports.notices.notices_in_force(study.id)?,
        now: place.now,
    };
    let language = match wanted.language {
        Language::En => PaperLanguage::English,
        Language::Fr => PaperLanguage::French,
    };
    let record = papers.record(language);
    let text = papers.record_text(language);
    let assessment = papers.impact_assessment(language);
    // What a program reads is a value that is always written.
    let json = serde_json::to_string_pretty(&record).map_err(io::Error::from)? + "\n";
    let notice = |language| papers.notice(language).text;
    let files = [
        ("record.md", text.text),
        ("record.json", json),
        ("impact-assessment.md", assessment.text),
        ("notice.en.md", notice(PaperLanguage::English)),
        ("notice.fr.md", notice(PaperLanguage::French)),
    ];
    let folder = wanted.out.clone();
    let folder = folder.unwrap_or_else(|| PathBuf::from(format!("papers-{}", study.slug)));
    let files = files.map(|(name, text)| (folder.join(name), text));
    if !wanted.replace {
        files
            .iter()
            .try_for_each(|(path, _)| refuse_if_there(path))?;
    }
    fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
    for (path, text) in &files {
        write(path, text, wanted.replace).map_err(|source| failed(path, source))?;
        output.line(path.display())?;
    }
    let mut to_complete = text.gaps;
    let more = assessment.gaps.into_iter();
    to_complete.extend(more.filter(|gap| !record.to_complete.contains(gap)));
    output.line(format_args!(
        "{} things are to be completed; each paper names its own",
        to_complete.len()
    ))?;
    output.value(&Printed {
        study: &study.slug,
        files: files.map(|(path, _)| path).into(),
        to_complete,
    })?;
    Ok(())
}

/// What was completed by hand is not written over by a slip of the pen.
fn refuse_if_there(path: &Path) -> Result<(), CommandError> {
    let there = path.try_exists().map_err(|source| failed(path, source))?;
    if there {
        return Err(failed(path, already_there()));
    }
    Ok(())
}

fn already_there() -> io::Error {
    let why = "it is there already, perhaps completed by hand; name another folder with --out, or write over it with --replace";
    io::Error::new(io::ErrorKind::AlreadyExists, why)
}

fn write(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    match replace {
        true => options.write(true).create(true).truncate(true),
        false => options.write(true).create_new(true),
    };
    options.open(path)?.write_all(text.as_bytes())
}

fn failed(path: &Path, source: io::Error) -> CommandError {
    CommandError::File {
        path: path.to_owned(),
        source,
    }
}

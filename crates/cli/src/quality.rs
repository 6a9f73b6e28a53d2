//! `sillage quality`: how good the traces of a study, or of a file, are.

mod file;
mod text;

use crate::book::Book;
use crate::{CommandError, Output, QualityArguments, Workplace};
use sillage_domain::quality::{Quality, QualityReport, Rules};
use sillage_domain::{LogFilter, Purpose, Study, scan_amended, scan_marked, texts_and_conflicts};
use std::ops::ControlFlow;
use std::path::Path;

/// Looks at every entry of a study, as it was amended, and says what was found.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::Usage`] where no study is named; [`CommandError::NoCodebook`]; those of the store.
pub fn run(
    arguments: &QualityArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(&arguments.study()?)?;
    let book = Book::of(place, &study, arguments.codebook())?;
    let found = of_study(&study, book.as_ref(), &arguments.rules(), place)?;
    say(study.slug.as_str(), &found, output)
}

/// What is found in a study, as it was amended, without what an export leaves out.
pub(crate) fn of_study(
    study: &Study,
    book: Option<&Book>,
    rules: &Rules,
    place: &Workplace,
) -> Result<QualityReport, CommandError> {
    let mut quality = Quality::new(rules, book.map(Book::expected));
    let mut each = |entry| {
        quality.add(&entry);
        ControlFlow::Continue(())
    };
    let filter = LogFilter {
        purpose: Some(Purpose::Research),
        ..LogFilter::default()
    };
    let (logs, amendments) = (&*place.ports.logs, &*place.ports.amendments);
    scan_marked(&*place.ports.disputes, study.id, &mut each, |each| {
        scan_amended(logs, amendments, study.id, &filter, each)
    })?;
    let texts = texts_and_conflicts(&*place.ports.quarantine, study.id)?;
    Ok(quality.finish(Some(texts)))
}

/// The report for people.
pub(crate) fn text_of(name: &str, found: &QualityReport) -> String {
    text::of(name, found)
}

/// The same for a file: entries as they were sent, or as they were exported, a JSON object a line; compressed, if its name ends in `.gz`.
///
/// # Errors
///
/// [`CommandError::File`]; [`CommandError::NoCodebook`].
pub fn run_on_file(
    path: &Path,
    arguments: &QualityArguments,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let book = arguments.codebook().map(Book::read).transpose()?;
    let quality = Quality::new(&arguments.rules(), book.as_ref().map(Book::expected));
    let found = file::read(path, quality)?;
    say(&path.display().to_string(), &found, output)
}

fn say(name: &str, found: &QualityReport, output: &mut Output<'_>) -> Result<(), CommandError> {
    if !output.is_json() {
        output.line(text::of(name, found).trim_end())?;
    }
    output.value(found)?;
    Ok(())
}

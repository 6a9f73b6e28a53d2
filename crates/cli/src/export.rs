//! `sillage export`: a study as a file, or as a folder of tables.

mod folder;

use crate::book::Book;
use crate::progress::bytes;
use crate::{CommandError, ExportArguments, Layout, Output, Workplace};
use sillage_domain::quality::{Boundaries, Rules};
use sillage_domain::{ActionName, EntryStatus, LogFilter, Study};
use sillage_export::{
    Cleaning, CleaningRule, Deidentified, Export, ExportError, Format, Reading, Shape, Table, View,
    WideTable, Written,
};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Writes the file; to the output where no file is named.
///
/// A file appears under its name once it is whole; until then it has `.part` behind it.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::Usage`] for what needs a codebook that the study does not have;
/// [`CommandError::File`]; those of the store.
pub fn run(
    arguments: &ExportArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(arguments.study.slug()?)?;
    let book = Book::of(place, &study, arguments.codebook.as_deref())?;
    let book = book.as_ref();
    let view = arguments.view.unwrap_or(match book {
        Some(_) => View::Deidentified,
        None => View::Full,
    });
    if view == View::Deidentified {
        Book::needed(book, "--view deidentified")?;
    }
    if arguments.clean.contains(&CleaningRule::Values) {
        Book::needed(book, "--clean values")?;
    }
    let cleaning = Cleaning {
        rules: arguments.clean.clone(),
        by: rules(arguments),
        boundaries: book
            .map(|book| Boundaries::of(&book.codebook))
            .unwrap_or_default(),
        checker: book.map(|book| &book.checker),
    };
    let deidentified = book
        .filter(|_| view == View::Deidentified)
        .map(|book| Deidentified::new(&book.codebook));
    let making = Making {
        place,
        study: &study,
        book,
        view,
        arguments,
        reading: Reading {
            amendments: (!arguments.raw).then_some(&*place.ports.amendments),
            disputes: Some(&*place.ports.disputes),
            cleaning: (!arguments.clean.is_empty()).then_some(&cleaning),
            deidentified: deidentified.as_ref(),
        },
        filter: filter(arguments),
    };
    match &arguments.tables {
        Some(folder) => folder::write(&making, folder, output),
        None => one(&making, output),
    }
}

/// What is exported, and how.
struct Making<'a> {
    place: &'a Workplace,
    study: &'a Study,
    book: Option<&'a Book>,
    view: View,
    arguments: &'a ExportArguments,
    reading: Reading<'a>,
    filter: LogFilter,
}

impl<'a> Making<'a> {
    fn export(&'a self, filter: &'a LogFilter, shape: Shape<'a>) -> Export<'a> {
        Export {
            logs: &*self.place.ports.logs,
            study: self.study.id,
            filter,
            shape,
            reading: self.reading,
        }
    }

    /// The columns of a wide table, of one action if that is named.
    fn table(&self, book: &Book, action: Option<&ActionName>) -> WideTable {
        WideTable::new(&book.codebook, action, self.view)
    }
}

fn one(making: &Making<'_>, output: &mut Output<'_>) -> Result<(), CommandError> {
    let arguments = making.arguments;
    let (format, profile, rules) = (arguments.format, arguments.profile, rules(arguments));
    let rules = &rules;
    let table;
    let shape = match (arguments.table, arguments.shape) {
        (Table::Entries, Layout::Long) => format.shape(profile),
        (Table::Entries, Layout::Wide) => {
            Book::needed(making.book, "--shape wide")?;
            if format == Format::Ndjson {
                return Err(CommandError::Usage(
                    "--shape wide is a table: csv only".into(),
                ));
            }
            table = making
                .book
                .map(|book| making.table(book, arguments.action.as_ref()));
            match &table {
                Some(table) => Shape::Wide { profile, table },
                None => format.shape(profile),
            }
        }
        (_, Layout::Wide) => {
            return Err(CommandError::Usage(
                "--shape wide is for entries only".into(),
            ));
        }
        (Table::Sessions, Layout::Long) => Shape::Sessions {
            format,
            profile,
            rules,
        },
        (Table::Participants, Layout::Long) => Shape::Participants {
            format,
            profile,
            rules,
        },
    };
    let export = making.export(&making.filter, shape);
    match &arguments.output {
        None => export.write(output.raw()).map(|_| ())?,
        Some(path) => {
            let written = to_file(&export, path)?;
            say(making.study, arguments.table, path, written, output)?;
        }
    }
    Ok(())
}

fn rules(arguments: &ExportArguments) -> Rules {
    Rules {
        idle: arguments.idle.0,
        ..Rules::default()
    }
}

fn filter(arguments: &ExportArguments) -> LogFilter {
    LogFilter {
        participant: arguments.participant,
        session: arguments.session.clone(),
        action: arguments.action.clone(),
        from: arguments.from,
        to: arguments.to,
        received_from: arguments.received_from,
        received_to: arguments.received_to,
        status: Some(arguments.status.unwrap_or(EntryStatus::Accepted)),
        purpose: Some(arguments.purpose),
    }
}

fn to_file(export: &Export<'_>, path: &Path) -> Result<Written, CommandError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let failed = |source: io::Error| CommandError::File {
        path: path.to_owned(),
        source,
    };
    let file = File::create(&part).map_err(failed)?;
    let progress = bytes("written");
    let written = export
        .write(&mut progress.wrap_write(&file))
        .and_then(|written| {
            file.sync_all().map_err(ExportError::Write)?;
            Ok(written)
        });
    progress.finish_and_clear();
    match written {
        Ok(written) => fs::rename(&part, path).map(|()| written).map_err(failed),
        Err(error) => {
            // The failure that led here is the one to tell.
            let _ = fs::remove_file(&part);
            Err(match error {
                ExportError::Write(source) => failed(source),
                other => other.into(),
            })
        }
    }
}

fn say(
    study: &Study,
    table: Table,
    path: &Path,
    written: Written,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    output.line(format_args!(
        "{} {table} of {} written to {}",
        written.entries,
        study.slug,
        path.display(),
        table = table.as_str(),
    ))?;
    output.value(&serde_json::json!({
        "study": study.slug,
        table.as_str(): written.entries,
        "file": path,
    }))?;
    Ok(())
}

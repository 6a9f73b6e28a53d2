//! `sillage export`: a study as a file.

use crate::progress::bytes;
use crate::{CommandError, ExportArguments, Output, Workplace};
use sillage_domain::{LogFilter, Study};
use sillage_export::{Export, ExportError, Written};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Writes the file; to the output where no file is named.
///
/// A file appears under its name once it is whole; until then it has `.part` behind it.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::File`]; those of the store.
pub fn run(
    arguments: &ExportArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(arguments.study.slug()?)?;
    let filter = filter(arguments);
    let shape = arguments.format.shape(arguments.profile);
    let export = Export {
        logs: &*place.ports.logs,
        study: study.id,
        filter: &filter,
        shape,
    };
    match &arguments.output {
        None => export.write(output.raw()).map(|_| ())?,
        Some(path) => {
            let written = to_file(&export, path)?;
            say(&study, path, written, output)?;
        }
    }
    Ok(())
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
        status: arguments.status,
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
    path: &Path,
    written: Written,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    output.line(format_args!(
        "{} entries of {} written to {}",
        written.entries,
        study.slug,
        path.display()
    ))?;
    output.value(
        &serde_json::json!({ "study": study.slug, "entries": written.entries, "file": path }),
    )?;
    Ok(())
}

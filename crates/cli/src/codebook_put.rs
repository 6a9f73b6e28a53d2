//! `sillage codebook put`: a file becomes the codebook of a study.

use crate::codebook::{format_of, refuse, text};
use crate::study::{gate, ready};
use crate::{CodebookPutArguments, CommandError, Output, Workplace};
use serde::Serialize;
use sillage_domain::codebook::{Codebook, Difference, compare};
use sillage_domain::{CodebookPut, CodebookVersion, NewCodebook, Slug, StudyId};

/// What became of it, as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    study: &'a Slug,
    version: CodebookVersion,
    changed: bool,
    compatible: bool,
    differences: Vec<PrintedDifference>,
}

#[derive(Serialize)]
struct PrintedDifference {
    #[serde(flatten)]
    difference: Difference,
    compatible: bool,
}

/// Puts the codebook of that file, as `PUT /v1/studies/{study}/codebook` does.
///
/// # Errors
///
/// [`CommandError::Codebook`], after every fault of the file was printed; [`CommandError::NoSuchStudy`];
/// [`CommandError::NotReady`] for an open study that has not said what it must; [`CommandError::File`]; those of the store.
pub fn run(
    wanted: &CodebookPutArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(&wanted.study)?;
    let text = text(&wanted.file)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    let format = format_of(&wanted.file);
    let read = Codebook::read(&text, format);
    let codebook = read.or_else(|faults| refuse(&wanted.file, &faults, output))?;
    ready(
        &study.slug,
        gate(place).against_codebook(&study, &codebook)?,
    )?;
    let new = NewCodebook {
        format,
        text,
        hash: codebook.hash(),
        by: None,
    };
    let store = &place.ports.codebooks;
    let put = store.put_codebook(study.id, &new, None, place.now)?;
    let differences = differences(put, study.id, &codebook, place)?;
    say(&study.slug, put, differences, output)
}

/// What is other than in the version before, if there was one.
fn differences(
    put: CodebookPut,
    study: StudyId,
    codebook: &Codebook,
    place: &Workplace,
) -> Result<Vec<Difference>, CommandError> {
    let CodebookPut::Made(version) = put else {
        return Ok(Vec::new());
    };
    let before = CodebookVersion(version.0 - 1);
    let Some(before) = place.ports.codebooks.codebook(study, before)? else {
        return Ok(Vec::new());
    };
    // A version that an older Sillage took and this one does not read is told nothing about.
    let before = Codebook::read(&before.text, before.summary.format);
    Ok(before.map_or(Vec::new(), |before| compare(&before, codebook)))
}

fn say(
    study: &Slug,
    put: CodebookPut,
    differences: Vec<Difference>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let (version, changed) = (put.version(), matches!(put, CodebookPut::Made(_)));
    match put {
        CodebookPut::Made(_) => {
            output.line(format_args!(
                "study {study}: version {version} of the codebook"
            ))?;
        }
        CodebookPut::Same(_) => {
            output.line(format_args!(
                "study {study}: nothing is other than in version {version}"
            ))?;
        }
    }
    for difference in &differences {
        let compatible = if difference.is_compatible() {
            "compatible"
        } else {
            "not compatible"
        };
        output.line(format_args!(
            "{compatible}\t{}\t{difference}",
            difference.pointer
        ))?;
    }
    let printed = differences.into_iter().map(|difference| PrintedDifference {
        compatible: difference.is_compatible(),
        difference,
    });
    let differences: Vec<_> = printed.collect();
    output.value(&Printed {
        study,
        version,
        changed,
        compatible: differences.iter().all(|one| one.compatible),
        differences,
    })?;
    Ok(())
}

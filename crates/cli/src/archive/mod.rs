//! `sillage archive`: closes a study for good, and writes it as a bag that can be read without Sillage.

mod bag;
mod content;

use crate::{ArchiveArguments, CommandError, Output, Workplace};
use bag::Bag;
use serde_json::json;
use sillage_domain::{Study, StudyChange, StudyStatus};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Within this time every server knows that a study is archived; what was on its way then is stored or refused.
const HEARD: Duration = Duration::from_secs(6);

/// Archives the study, unless it is, and writes the bag.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::Usage`] where it was not said that it is for good, for a name that is taken, and for
/// `--view deidentified` without a codebook; [`CommandError::File`]; those of the store.
pub fn run(
    arguments: &ArchiveArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(arguments.study.slug()?)?;
    if study.status != StudyStatus::Archived && !arguments.yes {
        return Err(CommandError::Usage(format!(
            "the study `{}` is {}; archived it takes no entries any more, for good: say --yes",
            study.slug, study.status
        )));
    }
    let to = named(arguments, &study, place);
    let bag = Bag::begin(&to)?;
    let study = close(study, place)?;
    let content = content::write(bag.payload(), arguments, &study, place)?;
    let bagged = bag.finish(&content.info)?;
    output.line(format_args!(
        "the study {} is archived: {} entries in {} files, {} bytes, in {}",
        study.slug,
        content.entries,
        bagged.files,
        bagged.bytes,
        to.display()
    ))?;
    output.value(&json!({
        "study": study.slug, "status": study.status, "bag": to, "entries": content.entries, "files": bagged.files,
        "bytes": bagged.bytes, "view": content.view.as_str(),
    }))?;
    Ok(())
}

fn named(arguments: &ArchiveArguments, study: &Study, place: &Workplace) -> PathBuf {
    let day: String = place.now.to_string().chars().take(10).collect();
    let name = || PathBuf::from(format!("{}-{day}", study.slug));
    arguments.to.clone().unwrap_or_else(name)
}

/// Archives it; waits until nothing can come any more.
fn close(study: Study, place: &Workplace) -> Result<Study, CommandError> {
    if study.status == StudyStatus::Archived {
        return Ok(study);
    }
    let change = StudyChange {
        status: Some(StudyStatus::Archived),
        ..StudyChange::default()
    };
    let studies = &place.ports.studies;
    let archived = studies.change_study(study.id, &change, None, place.now)?;
    if study.status != StudyStatus::Draft {
        std::thread::sleep(HEARD);
    }
    Ok(archived)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> CommandError {
    move |source| CommandError::File {
        path: path.to_owned(),
        source,
    }
}

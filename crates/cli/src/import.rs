//! `sillage import`: what other programs collected, brought over.

mod entries;
mod layout;
mod people;
mod report;

use crate::{CommandError, ImportCommand, ImportTsadk, Output, Workplace};
use entries::{Entries, InForce};
use layout::Layout;
use people::People;
use report::{Counts, Report};
use serde::Serialize;
use sillage_domain::{
    ForeignDatabase, ForeignError, Limits, NewStudy, Study, StudyChange, StudySalt, StudyStatus,
    Validation,
};
use sillage_pseudonym::{RootKey, random_bytes};
use std::path::Path;

/// Opens another program's database, by its path or URL.
pub type OpenForeign = dyn Fn(&str) -> Result<Box<dyn ForeignDatabase>, ForeignError>;

/// What imports need besides a store.
pub struct ImportMeans<'a> {
    /// Pseudonyms are computed from it.
    pub root_key: &'a RootKey,
    /// How large an entry may be.
    pub limits: Limits,
    /// Opens what is brought over.
    pub open: &'a OpenForeign,
}

/// What was done, as it is printed.
#[derive(Serialize)]
struct Done<'a> {
    study: &'a str,
    /// Whether the study was made.
    study_made: bool,
    dry_run: bool,
    users: &'a Counts,
    logs: &'a Counts,
    report: &'a Path,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::Foreign`] and [`CommandError::Layout`] for a database that can't be read or is another program's, before
/// anything is written; [`CommandError::Usage`] for a study that is archived; [`CommandError::File`] for the report; those of the store: then what came
/// over stays, and the same command goes on with the rest.
pub fn run(
    command: &ImportCommand,
    place: &Workplace,
    means: &ImportMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        ImportCommand::Tsadk(wanted) => tsadk(wanted, place, means, output),
    }
}

fn tsadk(
    wanted: &ImportTsadk,
    place: &Workplace,
    means: &ImportMeans<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let unreadable = |source| CommandError::Foreign {
        place: without_password(&wanted.source),
        source,
    };
    let mut old = (means.open)(&wanted.source).map_err(unreadable)?;
    let layout = Layout::of(&old.tables().map_err(unreadable)?)?;
    let mut report = Report::create(&wanted.report)?;
    let (study, study_made) = study(wanted, place)?;
    let people = People::read(&mut *old, &layout.users, place)
        .map_err(|error| error.or_unreadable(unreadable))?;
    let owners = people.move_in(study.as_ref(), wanted.dry_run, place, means, &mut report)?;
    let codebook = match &study {
        Some(study) => InForce::of(study, place)?,
        None => None,
    };
    let entries = Entries {
        codebook: codebook.as_ref(),
        layout: &layout.logs,
        owners: &owners,
        study: study.as_ref(),
        offset: wanted.offset.as_deref(),
        dry_run: wanted.dry_run,
        place,
        limits: &means.limits,
    };
    entries
        .bring(&mut *old, &mut report)
        .map_err(|error| error.or_unreadable(unreadable))?;
    let report = report.finish()?;
    say(wanted, study_made, &report, output)
}

/// The study, and whether it was made; none where nothing is to be done and there is none.
fn study(wanted: &ImportTsadk, place: &Workplace) -> Result<(Option<Study>, bool), CommandError> {
    let studies = &place.ports.studies;
    match studies.study_by_slug(&wanted.study)? {
        Some(study) if study.status == StudyStatus::Archived => Err(CommandError::Usage(format!(
            "the study `{}` is archived: it takes nothing any more",
            study.slug
        ))),
        Some(study) => Ok((Some(study), false)),
        None if wanted.dry_run => Ok((None, true)),
        None => {
            let new = NewStudy {
                slug: wanted.study.clone(),
                title: wanted.study.to_string(),
                description: String::new(),
                game_url: None,
                validation: Validation::Quarantine,
                salt: StudySalt::new(random_bytes()?),
            };
            let made = studies.create_study(&new, None, place.now)?;
            let open = StudyChange {
                status: Some(StudyStatus::Open),
                ..StudyChange::default()
            };
            let open = studies.change_study(made.id, &open, None, place.now)?;
            Ok((Some(open), true))
        }
    }
}

fn say(
    wanted: &ImportTsadk,
    study_made: bool,
    report: &report::Written,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if wanted.dry_run {
        output.line("nothing was written; this is what would become of the rows")?;
    }
    if study_made {
        let made = if wanted.dry_run {
            "would be made"
        } else {
            "made and opened"
        };
        output.line(format_args!("study {} {made}", wanted.study))?;
    }
    output.line(format_args!("users: {}", report.users))?;
    output.line(format_args!("logs: {}", report.logs))?;
    if report.without_offset > 0 {
        output.line(format_args!(
            "{} times do not say how far they are from UTC: say --offset, +02:00 for example, to have them taken",
            report.without_offset
        ))?;
    }
    output.line(format_args!("every row is in {}", wanted.report.display()))?;
    output.value(&Done {
        study: wanted.study.as_str(),
        study_made,
        dry_run: wanted.dry_run,
        users: &report.users,
        logs: &report.logs,
        report: &wanted.report,
    })?;
    Ok(())
}

/// A URL without the password in it.
fn without_password(source: &str) -> String {
    let Some((scheme, rest)) = source.split_once("://") else {
        return source.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}"),
        None => source.to_owned(),
    }
}

/// What can go wrong while rows are read and put away.
#[derive(Debug)]
enum Broken {
    Foreign(ForeignError),
    Command(CommandError),
}

impl Broken {
    fn or_unreadable(self, unreadable: impl FnOnce(ForeignError) -> CommandError) -> CommandError {
        match self {
            Self::Foreign(error) => unreadable(error),
            Self::Command(error) => error,
        }
    }
}

impl From<ForeignError> for Broken {
    fn from(error: ForeignError) -> Self {
        Self::Foreign(error)
    }
}

impl From<CommandError> for Broken {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

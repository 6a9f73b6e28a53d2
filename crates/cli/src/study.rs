//! `sillage study`: make, open, close.

use crate::{CommandError, Output, StudyCommand, StudyCreate, Workplace};
use serde::Serialize;
use sillage_domain::{
    Gate, Missing, NewStudy, Slug, StoreError, Study, StudyChange, StudySalt, StudyStatus,
    Timestamp, Validation,
};
use sillage_pseudonym::random_bytes;

/// A study as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    slug: &'a Slug,
    title: &'a str,
    description: &'a str,
    game_url: Option<&'a str>,
    status: StudyStatus,
    validation: Validation,
    created_at: Timestamp,
    closed_at: Option<Timestamp>,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::NotReady`] for a study that has not said what it must; [`CommandError::Usage`] for an
/// empty title; those of the store.
pub fn run(
    command: &StudyCommand,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        StudyCommand::Create(create) => {
            let study = make(create, place)?;
            say(&study, "made", output)
        }
        StudyCommand::Open(name) => {
            let study = change(name.slug()?, StudyStatus::Open, place)?;
            say(&study, "changed", output)
        }
        StudyCommand::Close(name) => {
            let study = change(name.slug()?, StudyStatus::Closed, place)?;
            say(&study, "changed", output)
        }
    }
}

fn make(create: &StudyCreate, place: &Workplace) -> Result<Study, CommandError> {
    let title = create
        .title
        .as_deref()
        .unwrap_or(create.slug.as_str())
        .trim();
    if title.is_empty() {
        return Err(CommandError::Usage("a study needs a title".into()));
    }
    let new = NewStudy {
        slug: create.slug.clone(),
        title: title.to_owned(),
        description: create.description.clone(),
        game_url: create.game_url.clone(),
        validation: create.validation,
        salt: StudySalt::new(random_bytes()?),
    };
    let study = place.ports.studies.create_study(&new, None, place.now)?;
    if create.open {
        change(&study.slug, StudyStatus::Open, place)
    } else {
        Ok(study)
    }
}

fn change(slug: &Slug, status: StudyStatus, place: &Workplace) -> Result<Study, CommandError> {
    let study = place.study(slug)?;
    if study.status == StudyStatus::Archived {
        return Err(CommandError::Usage(format!(
            "the study `{slug}` is archived: it is closed for good"
        )));
    }
    let change = StudyChange {
        status: Some(status),
        ..StudyChange::default()
    };
    let mut wanted = study.clone();
    wanted.apply(&change, place.now);
    ready(slug, gate(place).against(&study, &wanted)?)?;
    let studies = &place.ports.studies;
    // As it was found at the gate: its codebook may be put at the same time.
    match studies.change_study(study.id, &change, Some(study.revision), place.now) {
        Err(StoreError::Stale) => Err(CommandError::Usage(format!(
            "the study `{slug}` was changed at the same time: look at it, and try again"
        ))),
        done => Ok(done?),
    }
}

/// What a study has to say before it collects.
pub(crate) fn gate(place: &Workplace) -> Gate<'_> {
    Gate {
        codebooks: &*place.ports.codebooks,
        notices: &*place.ports.notices,
    }
}

/// Refuses what cannot be done before all of that is said.
pub(crate) fn ready(slug: &Slug, missing: Vec<Missing>) -> Result<(), CommandError> {
    if missing.is_empty() {
        Ok(())
    } else {
        Err(CommandError::NotReady {
            study: slug.clone(),
            missing,
        })
    }
}

fn say(study: &Study, what: &str, output: &mut Output<'_>) -> Result<(), CommandError> {
    output.line(format_args!(
        "study {} {what}, {}",
        study.slug, study.status
    ))?;
    output.value(&Printed {
        slug: &study.slug,
        title: &study.title,
        description: &study.description,
        game_url: study.game_url.as_deref(),
        status: study.status,
        validation: study.validation,
        created_at: study.created_at,
        closed_at: study.closed_at,
    })?;
    Ok(())
}

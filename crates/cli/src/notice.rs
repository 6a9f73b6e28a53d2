//! `sillage notice`: the information notice of a study, put from a file, and its versions.

use crate::{CommandError, NoticeCommand, NoticePutArguments, Output, Workplace};
use serde::Serialize;
use sillage_domain::{
    MAX_NOTICE, NewNotice, NoticePut, NoticeSummary, NoticeVersion, PageRequest, Slug, Study,
    Timestamp, is_notice,
};
use std::fs;
use std::num::{NonZeroU32, NonZeroU64};

/// How many are read at a time.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// A notice as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    study: &'a Slug,
    version: NoticeVersion,
    language: &'a str,
    hash: String,
    /// Of one that is put: whether it is a new version.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    /// Of one that is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    /// Of one that is listed: whether it is the last in its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<bool>,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::File`] for a file that can't be read; [`CommandError::Notice`] for one that can't be a
/// notice; those of the store.
pub fn run(
    command: &NoticeCommand,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        NoticeCommand::Put(wanted) => put(wanted, place, output),
        NoticeCommand::List(wanted) => list(&place.study(wanted.study.slug()?)?, place, output),
    }
}

fn put(
    wanted: &NoticePutArguments,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(&wanted.study)?;
    let path = wanted.file.clone();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(CommandError::File { path, source }),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    if !is_notice(&text) {
        let longest = MAX_NOTICE;
        return Err(CommandError::Notice { path, longest });
    }
    let new = NewNotice {
        language: wanted.language.clone(),
        text,
        by: None,
    };
    let notices = &place.ports.notices;
    let put = notices.put_notice(study.id, &new, None, place.now)?;
    let (version, changed) = (put.version(), matches!(put, NoticePut::Made(_)));
    let what = match put {
        NoticePut::Made(_) => "is the notice that holds in",
        NoticePut::Same(_) => "says the same, and holds in",
    };
    output.line(format_args!(
        "study {}: version {version} {what} {}",
        study.slug, new.language
    ))?;
    output.value(&Printed {
        study: &study.slug,
        version,
        language: &new.language,
        hash: hex(&new.hash()),
        changed: Some(changed),
        created_at: None,
        in_force: None,
    })?;
    Ok(())
}

fn list(study: &Study, place: &Workplace, output: &mut Output<'_>) -> Result<(), CommandError> {
    let notices = &place.ports.notices;
    let holding = notices.notices_in_force(study.id)?;
    let holds = |one: &NoticeSummary| holding.iter().any(|last| last.version == one.version);
    let mut all = Vec::new();
    let mut page = NonZeroU64::MIN;
    loop {
        let part = PageRequest { page, size: PAGE };
        let found = notices.notices(study.id, &part)?;
        let more = !found.items.is_empty();
        all.extend(found.items);
        if !more || all.len() as u64 >= found.total {
            break;
        }
        page = page.saturating_add(1);
    }
    for one in &all {
        let state = if holds(one) { "\tin force" } else { "" };
        output.line(format_args!(
            "{}\t{}\t{}\t{}{state}",
            one.version,
            one.language,
            one.created_at,
            hex(&one.hash)
        ))?;
    }
    let printed = all.iter().map(|one| Printed {
        study: &study.slug,
        version: one.version,
        language: &one.language,
        hash: hex(&one.hash),
        changed: None,
        created_at: Some(one.created_at),
        in_force: Some(holds(one)),
    });
    output.value(&printed.collect::<Vec<_>>())?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

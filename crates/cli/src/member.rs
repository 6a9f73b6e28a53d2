//! `sillage member`: who runs a study, and as what.

use crate::{CommandError, MemberCommand, Output, Workplace};
use serde::Serialize;
use sillage_domain::{
    Member, MemberEditor, PageRequest, PeopleError, Slug, Study, StudyRole, Username,
};
use std::num::{NonZeroU32, NonZeroU64};

/// How many are read at a time.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// A member as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    study: &'a Slug,
    username: &'a Username,
    role: StudyRole,
    active: bool,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::People`] where there is no such user; those of the store.
pub fn run(
    command: &MemberCommand,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let people = &place.ports.people;
    match command {
        MemberCommand::List(wanted) => list(&place.study(&wanted.study)?, place, output),
        MemberCommand::Add(wanted) => {
            let study = place.study(&wanted.study)?;
            let (name, role) = (&wanted.username, wanted.role);
            let member = match people.add_member(study.id, name, role) {
                Err(PeopleError::AlreadyMember(_)) => {
                    people.change_member(study.id, name, role, None, MemberEditor::Admin)
                }
                added => added,
            }?;
            say(&study, &member, "is", output)
        }
        MemberCommand::Remove(wanted) => {
            let study = place.study(&wanted.study)?;
            let member = people.member(study.id, &wanted.username)?;
            let member = member.ok_or_else(|| PeopleError::NoSuchUser(wanted.username.clone()))?;
            people.remove_member(study.id, &member.username, None, MemberEditor::Admin)?;
            say(&study, &member, "is no longer", output)
        }
    }
}

fn list(study: &Study, place: &Workplace, output: &mut Output<'_>) -> Result<(), CommandError> {
    let mut members = Vec::new();
    let mut page = NonZeroU64::MIN;
    loop {
        let part = PageRequest { page, size: PAGE };
        let found = place.ports.people.members(study.id, &part)?;
        let more = !found.items.is_empty();
        members.extend(found.items);
        if !more || members.len() as u64 >= found.total {
            break;
        }
        page = page.saturating_add(1);
    }
    for member in &members {
        let state = if member.active { "" } else { ", deactivated" };
        output.line(format_args!("{} {}{state}", member.username, member.role))?;
    }
    let printed: Vec<_> = members.iter().map(|one| printed(study, one)).collect();
    output.value(&printed)?;
    Ok(())
}

fn printed<'a>(study: &'a Study, member: &'a Member) -> Printed<'a> {
    Printed {
        study: &study.slug,
        username: &member.username,
        role: member.role,
        active: member.active,
    }
}

fn say(
    study: &Study,
    member: &Member,
    what: &str,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    output.line(format_args!(
        "{} {what} {} of {}",
        member.username, member.role, study.slug
    ))?;
    output.value(&printed(study, member))?;
    Ok(())
}

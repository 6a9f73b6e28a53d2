//! `sillage user`: accounts of people who run studies.

use crate::admin::first_line;
use crate::{CommandError, Output, UserCommand, UserCreate, UserReset, Workplace};
use serde::Serialize;
use sillage_auth::{Passwords, Secret, generate};
use sillage_domain::{
    NewAccount, PageRequest, PasswordHash, PasswordOrigin, PeopleError, Role, SubjectId, Timestamp,
    User, UserChange, Username,
};
use sillage_pseudonym::random_bytes;
use std::io::BufRead;
use std::num::{NonZeroU32, NonZeroU64};

/// How many are read at a time.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// An account as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    username: &'a Username,
    role: Role,
    active: bool,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl<'a> Printed<'a> {
    fn new(user: &'a User, password: Option<&'a str>) -> Self {
        Self {
            username: &user.username,
            role: user.role,
            active: user.active,
            created_at: user.created_at,
            password,
        }
    }
}

/// Does what the command says. A password that is given stands on the first line of `input`.
///
/// # Errors
///
/// [`CommandError::Usage`] for a password that can't be one; [`CommandError::People`] where there is no such user, or nobody could run the server
/// or a study any more; those of the store.
pub fn run(
    command: &UserCommand,
    place: &Workplace,
    input: &mut dyn BufRead,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        UserCommand::List(wanted) => list(wanted.search.as_deref(), place, output),
        UserCommand::Create(wanted) => create(wanted, place, input, output),
        UserCommand::Reset(wanted) => reset(wanted, place, input, output),
        UserCommand::Deactivate(named) => set_active(&named.username, false, place, output),
        UserCommand::Activate(named) => set_active(&named.username, true, place, output),
        UserCommand::Delete(named) => {
            let user = find(&named.username, place)?;
            if named.dry_run {
                return would_go(&user, place, output);
            }
            place.ports.people.delete_user(user.id, Some(&user))?;
            say(&user, "deleted", None, output)
        }
    }
}

/// What goes with an account.
#[derive(Serialize)]
struct WouldGo<'a> {
    username: &'a Username,
    dry_run: bool,
    log_ins: u64,
    memberships: u64,
}

fn would_go(user: &User, place: &Workplace, output: &mut Output<'_>) -> Result<(), CommandError> {
    let held = place.ports.erasure.belongings(user.id, None)?;
    let would_go = WouldGo {
        username: &user.username,
        dry_run: true,
        log_ins: held.log_ins,
        memberships: held.memberships,
    };
    output.line(format_args!(
        "user {} would be deleted, with {} log-in(s) and {} membership(s)",
        user.username, held.log_ins, held.memberships
    ))?;
    Ok(output.value(&would_go)?)
}

fn list(
    search: Option<&str>,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let mut users = Vec::new();
    let mut page = NonZeroU64::MIN;
    loop {
        let part = PageRequest { page, size: PAGE };
        let found = place.ports.people.users(search, &part)?;
        let more = !found.items.is_empty();
        users.extend(found.items);
        if !more || users.len() as u64 >= found.total {
            break;
        }
        page = page.saturating_add(1);
    }
    for user in &users {
        let state = if user.active { "" } else { ", deactivated" };
        output.line(format_args!("{} {}{state}", user.username, user.role))?;
    }
    let printed: Vec<_> = users.iter().map(|user| Printed::new(user, None)).collect();
    output.value(&printed)?;
    Ok(())
}

fn create(
    wanted: &UserCreate,
    place: &Workplace,
    input: &mut dyn BufRead,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let (hash, made) = password(wanted.password_stdin, place, input)?;
    let new = NewAccount {
        subject: SubjectId::new(random_bytes()?),
        username: wanted.username.clone(),
        password_hash: hash,
    };
    let accounts = &place.ports.accounts;
    accounts.create_user(&new, wanted.role, place.now)?;
    let user = find(&wanted.username, place)?;
    say(&user, "made", made.as_ref(), output)
}

fn reset(
    wanted: &UserReset,
    place: &Workplace,
    input: &mut dyn BufRead,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let user = find(&wanted.username, place)?;
    let (hash, made) = password(wanted.password_stdin, place, input)?;
    let change = UserChange {
        password_hash: Some(hash),
        ..UserChange::default()
    };
    let user = place.ports.people.change_user(user.id, &change, None)?;
    say(&user, "has another password", made.as_ref(), output)
}

fn set_active(
    username: &Username,
    active: bool,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let user = find(username, place)?;
    let change = UserChange {
        active: Some(active),
        ..UserChange::default()
    };
    let user = place.ports.people.change_user(user.id, &change, None)?;
    let what = if active { "activated" } else { "deactivated" };
    say(&user, what, None, output)
}

/// The hash of the password that is given, or of one that is made; and the one that was made.
fn password(
    given: bool,
    place: &Workplace,
    input: &mut dyn BufRead,
) -> Result<(PasswordHash, Option<Secret>), CommandError> {
    if !given {
        let password = generate()?;
        let hash = place
            .passwords(PasswordOrigin::Generated)?
            .hash(&password)?;
        return Ok((hash, Some(password)));
    }
    let password = first_line(input)?;
    Passwords::check(&password).map_err(|error| CommandError::Usage(error.to_string()))?;
    Ok((
        place.passwords(PasswordOrigin::Chosen)?.hash(&password)?,
        None,
    ))
}

fn find(username: &Username, place: &Workplace) -> Result<User, CommandError> {
    let found = place.ports.people.user_named(username)?;
    found.ok_or_else(|| PeopleError::NoSuchUser(username.clone()).into())
}

fn say(
    user: &User,
    what: &str,
    password: Option<&Secret>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    output.line(format_args!("user {} {what}, {}", user.username, user.role))?;
    let password = password.map(Secret::expose);
    if let Some(password) = password {
        output.line(format_args!("password (shown this once): {password}"))?;
    }
    output.value(&Printed::new(user, password))?;
    Ok(())
}

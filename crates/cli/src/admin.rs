//! `sillage admin`: accounts of those who run the server.

use crate::{AdminCommand, CommandError, Output, Workplace};
use serde::Serialize;
use sillage_auth::{Passwords, Secret, generate};
use sillage_domain::{Account, NewAccount, PasswordOrigin, Role, SubjectId, Username};
use sillage_pseudonym::random_bytes;
use std::io::BufRead;

#[derive(Serialize)]
struct Printed<'a> {
    username: &'a Username,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

/// Does what the command says. A password that is given stands on the first line of `input`.
///
/// # Errors
///
/// [`CommandError::Usage`] for a password that can't be one; those of the store, as for a username that is taken.
pub fn run(
    command: &AdminCommand,
    place: &Workplace,
    input: &mut dyn BufRead,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let AdminCommand::Create(create) = command;
    let (password, origin) = match create.password_stdin {
        true => (first_line(input)?, PasswordOrigin::Chosen),
        false => (generate()?, PasswordOrigin::Generated),
    };
    let account = make(place, &create.username, &password, origin)?;
    let shown = (!create.password_stdin).then(|| password.expose());
    output.line(format_args!("administrator {} made", account.username))?;
    if let Some(password) = shown {
        output.line(format_args!("password (shown this once): {password}"))?;
    }
    output.value(&Printed {
        username: &account.username,
        role: account.role,
        password: shown,
    })?;
    Ok(())
}

/// Makes an administrator with a password of that origin.
///
/// # Errors
///
/// [`CommandError::Usage`] for a password that can't be one; those of the store, as for a username that is taken.
pub fn make(
    place: &Workplace,
    username: &Username,
    password: &Secret,
    origin: PasswordOrigin,
) -> Result<Account, CommandError> {
    Passwords::check(password).map_err(|error| CommandError::Usage(error.to_string()))?;
    let new = NewAccount {
        subject: SubjectId::new(random_bytes()?),
        username: username.clone(),
        password_hash: place.passwords(origin)?.hash(password)?,
    };
    Ok(place
        .ports
        .accounts
        .create_user(&new, Role::Admin, place.now)?)
}

pub(crate) fn first_line(input: &mut dyn BufRead) -> Result<Secret, CommandError> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

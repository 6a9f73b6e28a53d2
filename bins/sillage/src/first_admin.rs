//! The first administrator, without whom nobody could make anything.

use crate::audit;
use crate::failure::Failure;
use crate::files;
use crate::settings::Settings;
use crate::site::Site;
use sillage_auth::{Secret, generate};
use sillage_cli::{CommandError, admin};
use sillage_domain::{
    Account, AuditAction, AuditEvent, AuditOutcome, PasswordOrigin, Role, StoreError, Timestamp,
    Username,
};
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// What the first administrator types to log in.
pub(crate) const USERNAME: &str = "admin";
/// Where the password lies that nobody was there to read.
const PASSWORD_FILE: &str = "first-admin-password";

/// Where the password of the first administrator is to be found.
#[derive(Debug, Clone)]
pub(crate) enum Password {
    /// It was chosen, in the settings.
    Chosen,
    /// It was made, and is shown this once.
    Shown(Secret),
    /// It was made, and written there.
    Written(PathBuf),
}

/// Makes the first administrator, unless there is one; tells where the password is.
pub(crate) fn make(site: &Site, settings: &Settings) -> Result<Option<Password>, Failure> {
    if site.ports.accounts.count_accounts(Role::Admin)? > 0 {
        return Ok(None);
    }
    let (secret, password) = match &settings.auth.admin_password {
        Some(chosen) => (chosen.clone(), Password::Chosen),
        None => {
            let made = generate()?;
            let shown = io::stdout().is_terminal();
            let password = if shown {
                Password::Shown(made.clone())
            } else {
                write(&made, &settings.server.data_dir)?
            };
            (made, password)
        }
    };
    let place = site.workplace(settings)?;
    let origin = match password {
        Password::Chosen => PasswordOrigin::Chosen,
        _ => PasswordOrigin::Generated,
    };
    let made = admin::make(&place, &username()?, &secret, origin);
    match (made, &password) {
        (Ok(account), _) => {
            // The account is there, and its password is told this once, whatever becomes of the record.
            if let Err(error) = record(&account, site, settings) {
                tracing::error!(%error, "the audit log does not tell of the first administrator");
            }
            Ok(Some(password))
        }
        (Err(error), written) => {
            if let Password::Written(path) = written {
                // It opens nothing.
                let _ = fs::remove_file(path);
            }
            match error {
                // Another server on this database was faster.
                CommandError::Store(StoreError::NameTaken(_)) => Ok(None),
                error => Err(error.into()),
            }
        }
    }
}

/// The first record of the audit log: nobody was there to make the account but the server.
fn record(account: &Account, site: &Site, settings: &Settings) -> Result<(), Failure> {
    let (trail, now) = (audit::trail(site, settings)?, Timestamp::now());
    let made = audit::by_itself(AuditAction::CreateUser, AuditOutcome::Done, now);
    Ok(trail.record(&[AuditEvent {
        subject: Some(trail.keys().account(&account.subject)),
        ..made
    }])?)
}

/// The name as a username.
pub(crate) fn username() -> Result<Username, Failure> {
    USERNAME
        .parse()
        .map_err(|error| CommandError::Usage(format!("{USERNAME}: {error}")).into())
}

fn write(password: &Secret, folder: &Path) -> Result<Password, Failure> {
    let path = folder.join(PASSWORD_FILE);
    // One that lies there from an account that is gone opens nothing.
    let _ = fs::remove_file(&path);
    files::write_new(&path, format!("{}\n", password.expose()).as_bytes()).map_err(|source| {
        Failure::File {
            path: path.clone(),
            what: "the password can't be written",
            source,
        }
    })?;
    Ok(Password::Written(path))
}

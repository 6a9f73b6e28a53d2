//! `sillage config`: the settings in force, and whether they can be used.

use crate::failure::Failure;
use crate::root_key;
use crate::settings::{Settings, as_toml, reachable};
use sillage_cli::{CommandError, ConfigCommand, Output};
use std::io;

/// Does what the command says.
pub(crate) fn run(
    command: ConfigCommand,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match command {
        ConfigCommand::Show => show(settings, output).map_err(CommandError::from)?,
        ConfigCommand::Check => {
            check(settings)?;
            output
                .line("the configuration can be used")
                .map_err(CommandError::from)?;
            output
                .value(&serde_json::json!({ "usable": true }))
                .map_err(CommandError::from)?;
        }
        other => return Err(Failure::NotHere(format!("{other:?}"))),
    }
    Ok(())
}

/// Where a server with these settings is reached on its own machine.
pub(crate) fn own_address(settings: &Settings) -> Result<String, CommandError> {
    match settings.server.bind {
        free if free.port() == 0 => Err(CommandError::Usage(
            "[server] bind has port 0, which is another one at each start: name the server's URL"
                .into(),
        )),
        bind => Ok(format!("http://{}", reachable(bind))),
    }
}

fn show(settings: &Settings, output: &mut Output<'_>) -> io::Result<()> {
    output.line(as_toml(settings)?)?;
    output.value(settings)
}

/// Finds out what can be found out without starting anything.
fn check(settings: &Settings) -> Result<(), Failure> {
    settings.http(settings.server.bind)?;
    // A key that is missing is made at the first start.
    root_key::find(settings)?;
    settings.database_url().check()
}

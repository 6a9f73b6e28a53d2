//! `sillage doctor`: looks at the settings, the machine and the database, and changes nothing.

mod archive;
mod machine;

use crate::failure::Failure;
use crate::settings::{Settings, SettingsError};
use sillage_cli::Output;
use sillage_cli::doctor::{Findings, say};
use sillage_domain::Timestamp;

/// Looks at everything that can be looked at, and tells.
pub(crate) fn run(
    read: Result<Settings, SettingsError>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut findings = Findings::default();
    match read {
        Err(error) => findings.wrong(
            "configuration",
            error,
            "mend the file that is named; `sillage config check` says when it is well",
        ),
        Ok(settings) => look(&crate::quiet(settings), &mut findings),
    }
    Ok(say(&findings, output)?)
}

fn look(settings: &Settings, findings: &mut Findings) {
    let now = Timestamp::now();
    machine::configuration(settings, findings);
    machine::address(settings, findings);
    machine::files(settings, findings);
    machine::disk(settings, findings);
    let root = machine::root_key(settings, findings);
    if !archive::database(settings, now, findings) {
        return;
    }
    if let Some(root) = root {
        archive::things(settings, &root, now, findings);
    }
}

//! `sillage pseudonymise`: which key, and the standard streams.

use crate::failure::Failure;
use crate::root_key;
use crate::settings::{Settings, SettingsError};
use sillage_cli::pseudonymise::PseudonymiseJob;
use sillage_cli::{Output, PseudonymiseArguments};
use std::io;

/// Does it. The settings are only looked at for the root key, and only if one is needed and no file is named.
pub(crate) fn run(
    wanted: &PseudonymiseArguments,
    settings: impl FnOnce() -> Result<Settings, SettingsError>,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut report = io::stderr();
    let job = PseudonymiseJob::open(wanted, &mut report)?;
    let root = match &wanted.key_file {
        Some(path) => Some(root_key::read(path)?),
        None if job.needs_key() => root_key::find(&settings()?)?,
        None => None,
    };
    Ok(job.run(root.as_ref(), io::stdin().lock(), output, &mut report)?)
}

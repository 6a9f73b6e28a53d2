//! `sillage backup` and `sillage restore`: the database, the root key and the ledger that they are about.

use crate::audit::Recorder;
use crate::failure::Failure;
use crate::root_key;
use crate::settings::Settings;
use crate::site::{self, Site};
use crate::witness::FileWitness;
use sillage_cli::erasures::{ErasuresMeans, LedgerFile, begin_anew, reconcile};
use sillage_cli::restore::{self, RestoreMeans};
use sillage_cli::{BackupArguments, Command, Output, RestoreArguments, backup};
use sillage_domain::Timestamp;
use sillage_store::{OpenError, inspect, open_source, open_target};

/// Writes the backup. A database that waits for migrations is copied as it is.
pub(crate) fn run(
    command: &Command,
    wanted: &BackupArguments,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let root = root_key::find(settings)?.ok_or(Failure::NoRootKey)?;
    let ours = root.fingerprint().to_string();
    let mut options = settings.store_options();
    options.fingerprint = Some(ours.clone());
    // It is handed out, and so recorded first.
    match Site::open_unchanged(settings)? {
        Some(site) => Recorder::begin(command, &site, settings)?.end(&site, true)?,
        None => tracing::warn!(
            "the database waits for migrations: the backup is not recorded in the audit log"
        ),
    }
    let mut source = open_source(&options).map_err(|error| match error {
        OpenError::OtherKey(theirs) => Failure::OtherRootKey { ours, theirs },
        source => site::not_opened(settings, source),
    })?;
    Ok(backup::run(wanted, &mut *source, Timestamp::now(), output)?)
}

/// Puts a backup into the database of the settings, erases again who was erased since, and looks whether all is well.
pub(crate) fn restore(
    command: &Command,
    wanted: &RestoreArguments,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let root = root_key::find(settings)?;
    let ledger = root
        .as_ref()
        .map(|root| LedgerFile::at(settings.erasure_ledger(), root));
    let options = settings.store_options();
    let means = RestoreMeans {
        fingerprint: root.as_ref().map(|root| root.fingerprint().to_string()),
        ledger: ledger.as_ref(),
        open: &|| open_target(&options),
    };
    if !wanted.check {
        site::make_data_folder(settings)?;
    }
    let Some(restored) = restore::run(wanted, &means, output)? else {
        return Ok(());
    };
    let site = Site::open_as_found(settings)?;
    let now = Timestamp::now();
    let erased = match wanted.begin_ledger {
        true => begin_anew(&ErasuresMeans {
            ports: &site.ports,
            root: &site.root,
            ledger: &site.ledger,
            now,
        })?,
        false => reconcile(&site.ports, &site.root, &site.ledger, now)?,
    };
    // The log goes on in another chain: those of the backup end where it was made, and what was kept of them came farther.
    FileWitness::in_folder(&settings.server.data_dir)
        .set_aside(now)
        .map_err(|source| Failure::File {
            path: settings.server.data_dir.clone(),
            what: "the checkpoints of the audit log can't be put aside",
            source,
        })?;
    Recorder::begin(command, &site, settings)?.end(&site, true)?;
    drop(site);
    let found = inspect(&options).map_err(|source| site::not_opened(settings, source))?;
    let faults = restore::faults(&found);
    Ok(restore::say(&restored, &erased, &faults, output)?)
}

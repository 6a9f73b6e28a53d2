//! What the database tells, alone and beside what lies outside of it.

use crate::failure::Failure;
use crate::settings::Settings;
use crate::site::{self, Site};
use crate::{audit, root_key};
use sillage_cli::doctor::{self, Findings};
use sillage_cli::retention::plans;
use sillage_domain::{AuditKeys, Timestamp, VaultError, verify_audit};
use sillage_pseudonym::RootKey;
use sillage_store::{OpenError, inspect};
use std::collections::HashSet;

/// Whether it can be worked on.
pub(super) fn database(settings: &Settings, now: Timestamp, findings: &mut Findings) -> bool {
    let url = settings.database_url();
    let is_new = url
        .expose()
        .strip_prefix("sqlite://")
        .is_some_and(|path| !std::path::Path::new(path).exists());
    if is_new {
        findings.note(
            "database",
            format_args!("{url} is not there yet"),
            "the first `sillage serve` makes it; if there was one, restore a backup",
        );
        return false;
    }
    if !belongs(settings, findings) {
        return false;
    }
    match inspect(&settings.store_options()) {
        Ok(found) => {
            findings.well("database", &url);
            findings.well("schema", "it is up to date");
            doctor::database(
                &found,
                settings.database.allow_unsafe_durability,
                settings.privacy.allow_unscrubbed_erasure,
                now,
                findings,
            );
            true
        }
        Err(error) => {
            refused(error, settings, findings);
            false
        }
    }
}

/// Whether it is of the root key that is here.
fn belongs(settings: &Settings, findings: &mut Findings) -> bool {
    let theirs = match site::fingerprint(settings) {
        Ok(theirs) => theirs,
        Err(failure) => {
            findings.wrong(
                "database",
                failure.told(),
                "look whether it runs, and whether [database] url has the right host, name and password",
            );
            return false;
        }
    };
    let ours = root_key::find(settings).ok().flatten();
    let ours = ours.map(|key| key.fingerprint().to_string());
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs != ours => {
            findings.wrong(
                "root-key",
                format_args!("the database belongs to another root key: fingerprint {theirs}, and the one here has {ours}"),
                "give the key that the database was begun with in [keys] root_key_file, or the database of this key in [database] url",
            );
            false
        }
        _ => true,
    }
}

fn refused(error: OpenError, settings: &Settings, findings: &mut Findings) {
    match error {
        OpenError::Pending(pending) => findings.wrong(
            "schema",
            format_args!("{pending} migration(s) were not run"),
            "take a backup (`sillage backup`), then `sillage migrate`, or start the server, which runs them",
        ),
        OpenError::Newer(version) => findings.wrong(
            "schema",
            format_args!("a newer version of Sillage has migrated the database: it has the migration {version}"),
            "install that version; migrations go forward only",
        ),
        OpenError::Unfinished => findings.wrong(
            "database",
            "a restore into it was broken off",
            "run `sillage restore` again, which begins anew",
        ),
        OpenError::Driver => findings.wrong(
            "driver",
            "what is read is not what the database was asked for",
            "use another version of the database or of Sillage, and report it: nothing that is read can be trusted",
        ),
        other => findings.wrong(
            "database",
            site::not_opened(settings, other).told(),
            "look whether it runs, and whether [database] url has the right host, name and password",
        ),
    }
}

/// What stands in it, beside what lies outside of it.
pub(super) fn things(settings: &Settings, root: &RootKey, now: Timestamp, findings: &mut Findings) {
    let site = match Site::open_unchanged(settings) {
        Ok(Some(site)) => site,
        Ok(None) => {
            return findings.note(
                "database",
                "no server has worked on it yet",
                "the first `sillage serve` makes what is missing",
            );
        }
        Err(failure) => {
            return findings.wrong(
                "database",
                failure.told(),
                "mend what is said of it; the server does not start before",
            );
        }
    };
    let looked = ledger(&site, findings)
        .and_then(|()| chain(&site, root, settings, findings))
        .and_then(|()| vault(&site, findings))
        .and_then(|()| retention(&site, settings, now, findings));
    if let Err(failure) = looked {
        findings.wrong(
            "database",
            failure.told(),
            "it failed while it was read: look at its log and its disk",
        );
    }
}

fn ledger(site: &Site, findings: &mut Findings) -> Result<(), Failure> {
    let check = "ledger";
    let theirs = site.ports.records.ledger()?;
    let path = site.ledger.path().display();
    match (site.ledger.read(), theirs) {
        (Err(error), _) => findings.wrong(
            check,
            error,
            "bring back the newest copy of it",
        ),
        (Ok(None), Some(id)) => findings.wrong(
            check,
            format_args!("{path} is not there, and the database has the ledger {id}: the server will not start"),
            "bring it back; if it is lost for good, `sillage erasures found --yes`",
        ),
        (Ok(Some(content)), Some(id)) if content.id != id => findings.wrong(
            check,
            format_args!("{path} is of another database"),
            "give the right one in [privacy] erasure_ledger",
        ),
        (Ok(Some(content)), Some(_)) => {
            let known = site.ports.records.erasure_records()?;
            let known: HashSet<_> = known.iter().map(|one| one.code).collect();
            let lacking = content.records.iter();
            let lacking = lacking.filter(|one| !known.contains(&one.code)).count();
            match lacking {
                0 => findings.well(check, format_args!("{} erasure(s)", content.records.len())),
                lacking => findings.wrong(
                    check,
                    format_args!("the database lacks {lacking} erasure(s) that the ledger has, as an old copy does: people are back"),
                    "`sillage erasures replay`, or start the server, which does it first",
                ),
            }
        }
        (Ok(_), None) => findings.note(check, "none yet", "the first start begins it"),
    }
    Ok(())
}

fn chain(
    site: &Site,
    root: &RootKey,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let check = "audit";
    let testimony = match audit::testimony(settings) {
        Ok(testimony) => testimony,
        Err(failure) => {
            findings.wrong(
                check,
                failure.told(),
                "bring audit-checkpoints.json back as it was: a server does not start on a damaged one",
            );
            None
        }
    };
    let kept = testimony.as_ref().map(|one| one.checkpoints.as_slice());
    let report = verify_audit(
        &*site.ports.audit,
        &AuditKeys::of(root),
        kept.unwrap_or_default(),
    )?;
    for fault in report.faults.iter().take(5) {
        findings.wrong(
            check,
            fault,
            "somebody changed the log, or an old copy of the database was brought back by hand: `sillage audit verify` lists all of it",
        );
    }
    if report.faults.is_empty() && testimony.is_some() {
        findings.well(
            check,
            format_args!("{} records are as they were written", report.records),
        );
    } else if testimony.is_none() && report.records > 0 {
        findings.note(
            check,
            "there is no checkpoint outside of the database: its end could have been cut off unseen",
            "keep audit-checkpoints.json in the data directory",
        );
    }
    Ok(())
}

fn vault(site: &Site, findings: &mut Findings) -> Result<(), Failure> {
    let check = "vault";
    match site.vault().check() {
        Ok(()) => findings.well(check, "its secrets are those of the database"),
        Err(error @ VaultError::KeyMissing(_)) => findings.wrong(
            check,
            format_args!("{error}: identities can't be read here"),
            format_args!(
                "bring back {} (`sillage keys import`)",
                site.vault_keys.path().display()
            ),
        ),
        Err(error) => findings.wrong(
            check,
            error,
            "bring back the vault's key file of this database; the server does not start before",
        ),
    }
    Ok(())
}

/// Whether what is due goes.
fn retention(
    site: &Site,
    settings: &Settings,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let check = "retention";
    // What fell due within the last two days waits for the day's round.
    let due = plans(&site.ports, &site.root, now.plus_days(-2))?;
    let due: Vec<_> = due.iter().filter(|one| !one.due.is_empty()).collect();
    for one in &due {
        let mend = match settings.privacy.retention {
            true => {
                "leave a server running, which takes it out once a day, and look at its log; or `sillage retention`"
            }
            false => "[privacy] retention is off: run `sillage retention`, best every day",
        };
        findings.wrong(
            check,
            format_args!(
                "the study {} keeps longer than it says: {} account(s), {} entries, {} quarantined text(s) are overdue",
                one.due.study, one.due.accounts, one.due.entries, one.due.quarantined_texts
            ),
            mend,
        );
    }
    if due.is_empty() {
        findings.well(check, "nothing is overdue");
    }
    Ok(())
}

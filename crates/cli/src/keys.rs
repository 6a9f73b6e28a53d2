//! `sillage keys`: what the keys of a server are, and the vault's replaced.

use crate::{CommandError, KeysRotate, Output, Passphrase};
use serde::Serialize;
use sillage_auth::Secret;
use sillage_domain::{Lost, ServerStore, Timestamp, Vault, VaultVersion};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What is known of the keys of a server, without any of them.
#[derive(Debug, Clone, Serialize)]
pub struct KeysReport {
    /// Of the root key; none, where there is no root key yet.
    pub root_key: Option<KeyReport>,
    /// Of the root key that the database belongs to; none, where it belongs to nobody yet.
    pub database: Option<String>,
    /// Of the vault; none, where the database could not be asked.
    pub vault: Option<VaultReport>,
    /// Those that sign tokens, the newest first.
    pub signing_keys: Vec<SigningKeyReport>,
}

/// A key that lies somewhere.
#[derive(Debug, Clone, Serialize)]
pub struct KeyReport {
    /// May be published.
    pub fingerprint: String,
    /// A file, or the settings.
    pub lies_in: String,
}

/// The keys of the vault.
#[derive(Debug, Clone, Serialize)]
pub struct VaultReport {
    /// Where the secrets lie, or would.
    pub file: String,
    /// Those that the database knows, the one in force last.
    pub keys: Vec<VaultKeyReport>,
    /// A key that lies there and is not in force yet.
    pub prepared: Option<i32>,
}

/// A key of the vault.
#[derive(Debug, Clone, Serialize)]
pub struct VaultKeyReport {
    version: i32,
    fingerprint: String,
    begun_at: Timestamp,
    identities: u64,
    erased_since: u64,
    is_here: bool,
}

/// A key that signs tokens.
#[derive(Debug, Clone, Serialize)]
pub struct SigningKeyReport {
    kid: String,
    created_at: Timestamp,
}

impl VaultReport {
    /// Of that vault, whose secrets lie in that file.
    ///
    /// # Errors
    ///
    /// [`CommandError::Vault`].
    pub fn of(vault: &Vault, file: &Path) -> Result<Self, CommandError> {
        let status = vault.status()?;
        let keys = status.keys.into_iter().map(|key| VaultKeyReport {
            version: key.record.version.0,
            fingerprint: key.record.fingerprint,
            begun_at: key.record.begun_at,
            identities: key.identities,
            erased_since: key.record.erased,
            is_here: key.is_here,
        });
        Ok(Self {
            file: file.display().to_string(),
            keys: keys.collect(),
            prepared: status.prepared.map(|version| version.0),
        })
    }
}

/// The keys of a store that sign tokens.
///
/// # Errors
///
/// Those of the store.
pub fn signing_keys(server: &dyn ServerStore) -> Result<Vec<SigningKeyReport>, CommandError> {
    let keys = server.signing_keys()?.into_iter();
    let report = keys.map(|key| SigningKeyReport {
        kid: key.kid,
        created_at: key.created_at,
    });
    Ok(report.collect())
}

/// Says how it stands.
///
/// # Errors
///
/// [`CommandError::OtherRootKey`], once it was said, where the database belongs to another root key.
pub fn status(report: &KeysReport, output: &mut Output<'_>) -> Result<(), CommandError> {
    match &report.root_key {
        Some(key) => output.line(format_args!(
            "root key      fingerprint {}, in {}",
            key.fingerprint, key.lies_in
        ))?,
        None => output.line("root key      none yet: the first start makes it")?,
    }
    let ours = report.root_key.as_ref().map(|key| &key.fingerprint);
    match &report.database {
        Some(theirs) if Some(theirs) == ours => {
            output.line(format_args!("database      fingerprint {theirs}: this key"))?;
        }
        Some(theirs) => output.line(format_args!(
            "database      fingerprint {theirs}: ANOTHER KEY"
        ))?,
        None => output.line("database      belongs to no key yet")?,
    }
    if let Some(vault) = &report.vault {
        vault_lines(vault, output)?;
    }
    for key in &report.signing_keys {
        output.line(format_args!(
            "signing key   {}, since {}",
            key.kid, key.created_at
        ))?;
    }
    output.value(report)?;
    match &report.database {
        Some(theirs) if Some(theirs) != ours => Err(CommandError::OtherRootKey(theirs.clone())),
        _ => Ok(()),
    }
}

fn vault_lines(vault: &VaultReport, output: &mut Output<'_>) -> Result<(), CommandError> {
    if vault.keys.is_empty() {
        output.line("vault         no key yet: the first identity makes it")?;
    }
    for key in &vault.keys {
        let place = match key.is_here {
            true => "in",
            false => "MISSING from",
        };
        output.line(format_args!(
            "vault         key {} since {}, fingerprint {}, {place} {}: {} identities, {} erased since",
            key.version, key.begun_at, key.fingerprint, vault.file, key.identities, key.erased_since
        ))?;
    }
    if let Some(version) = vault.prepared {
        output.line(format_args!(
            "vault         key {version} is prepared; `sillage keys rotate` takes it"
        ))?;
    }
    Ok(())
}

/// Replaces the key of the vault, or makes the next one.
///
/// # Errors
///
/// [`CommandError::Vault`].
pub fn rotate(
    wanted: &KeysRotate,
    vault: &Vault,
    file: &Path,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    if wanted.prepare {
        let version = vault.prepare()?;
        output.line(format_args!(
            "key {version} is prepared in {}: give that file to every server, then run `sillage keys rotate`",
            file.display()
        ))?;
        return Ok(output.value(&serde_json::json!({ "prepared": version.0 }))?);
    }
    let lost = if wanted.erase_lost {
        Lost::Erased
    } else {
        Lost::Kept
    };
    let rotated = match wanted.after_erasures {
        true => vault.rotate_after_erasures(now)?,
        false => Some(vault.rotate(lost, now)?),
    };
    let Some(rotated) = rotated else {
        output.line("nothing was erased since the last time: the key stays")?;
        return Ok(output.value(&serde_json::json!({ "version": null }))?);
    };
    let VaultVersion(version) = rotated.version;
    output.line(format_args!(
        "key {version} of the vault is in force; {} identities were sealed anew, and older keys destroyed",
        rotated.resealed
    ))?;
    if rotated.lost > 0 {
        output.line(format_args!(
            "{} identities were erased that nobody could open",
            rotated.lost
        ))?;
    }
    output.value(&serde_json::json!({
        "version": version, "resealed": rotated.resealed, "lost": rotated.lost,
    }))?;
    Ok(())
}

/// The passphrase: the first line of the file that is named, or of `input`.
///
/// # Errors
///
/// [`CommandError::File`], or those of `input`.
pub fn passphrase(from: &Passphrase, input: &mut dyn BufRead) -> Result<Secret, CommandError> {
    let Some(path) = &from.passphrase_file else {
        return crate::admin::first_line(input);
    };
    let failed = |source| CommandError::File {
        path: path.clone(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    crate::admin::first_line(&mut BufReader::new(file))
}

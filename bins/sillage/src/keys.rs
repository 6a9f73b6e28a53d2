//! `sillage keys`: looks for the keys where the settings say, and puts them there.

use crate::failure::Failure;
use crate::files;
use crate::root_key;
use crate::settings::Settings;
use crate::site::{self, Site};
use sillage_cli::keys::{self, KeyReport, KeysReport, VaultReport};
use sillage_cli::{CommandError, KeysExport, KeysImport, KeysRotate, Output};
use sillage_domain::{Ports, Timestamp, Vault, VaultKeyPlace, VaultVersion};
use sillage_pseudonym::{KeyBundle, RootKey};
use sillage_store::{Store, VaultKeyFile};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Replaces the key of the vault, or makes the next one.
pub(crate) fn rotate(
    wanted: &KeysRotate,
    site: &Site,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let (vault, file) = (site.vault(), site.vault_keys.path());
    Ok(keys::rotate(
        wanted,
        &vault,
        file,
        Timestamp::now(),
        output,
    )?)
}

/// Says how it stands. Makes nothing and changes nothing: a database that waits for migrations goes on waiting.
pub(crate) fn status(settings: &Settings, output: &mut Output<'_>) -> Result<(), Failure> {
    let root = root_key::find(settings)?;
    let database = site::fingerprint(settings)?;
    let ours = root.as_ref().map(|root| root.fingerprint().to_string());
    let mut report = KeysReport {
        root_key: root.as_ref().map(|root| KeyReport {
            fingerprint: root.fingerprint().to_string(),
            lies_in: match settings.keys.root_key {
                Some(_) => "the settings".to_owned(),
                None => settings.root_key_file().display().to_string(),
            },
        }),
        vault: None,
        signing_keys: Vec::new(),
        database,
    };
    if let Some(root) = root.filter(|_| report.database.is_some() && report.database == ours)
        && let Some(ports) = up_to_date(settings)?
    {
        let file = Arc::new(VaultKeyFile::new(settings.vault_key_file()));
        let vault = Vault::new(root.vault_root(), ports.vault.clone(), file.clone());
        report.vault = Some(VaultReport::of(&vault, file.path())?);
        report.signing_keys = keys::signing_keys(&*ports.server)?;
    }
    Ok(keys::status(&report, output)?)
}

/// The store, if it needs no migration.
fn up_to_date(settings: &Settings) -> Result<Option<Ports>, Failure> {
    let mut options = settings.store_options();
    options.migrate = false;
    match Store::open(&options) {
        Ok(store) => Ok(Some(Ports::of(Arc::new(store)))),
        Err(sillage_store::OpenError::Pending(_)) => Ok(None),
        Err(source) => Err(site::not_opened(settings, source)),
    }
}

/// Writes the keys to a file that a passphrase locks.
pub(crate) fn export(
    wanted: &KeysExport,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let root = root_key::find(settings)?.ok_or(Failure::NoRootKey)?;
    let secrets = VaultKeyFile::new(settings.vault_key_file()).secrets()?;
    let vault = secrets.into_iter();
    let bundle = KeyBundle {
        root,
        vault: vault
            .map(|(version, secret)| (version.0.unsigned_abs(), secret))
            .collect(),
    };
    let passphrase = keys::passphrase(&wanted.passphrase, &mut io::stdin().lock())?;
    let text = bundle
        .lock(passphrase.expose())
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    files::write_new(&wanted.to, text.as_bytes())
        .map_err(|source| unwritten(&wanted.to, source))?;
    output
        .line(format_args!(
            "the root key (fingerprint {}) and {} of the vault's are in {}, locked with the passphrase",
            bundle.root.fingerprint(),
            bundle.vault.len(),
            wanted.to.display()
        ))
        .map_err(CommandError::Terminal)?;
    Ok(())
}

/// Nothing is put in the place of keys that a database needs: one that belongs to another root key stands against it, and so does another
/// root key where no database shows that it is the wrong one. What is replaced is kept beside.
pub(crate) fn import(
    wanted: &KeysImport,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let text = fs::read_to_string(&wanted.from).map_err(|source| Failure::File {
        path: wanted.from.clone(),
        what: "the keys can't be read",
        source,
    })?;
    let passphrase = keys::passphrase(&wanted.passphrase, &mut io::stdin().lock())?;
    let bundle = KeyBundle::unlock(&text, passphrase.expose())?;
    let ours = bundle.root.fingerprint().to_string();
    let database = site::fingerprint(settings)?;
    if let Some(theirs) = database.as_ref().filter(|theirs| **theirs != ours) {
        let theirs = theirs.clone();
        return Err(Failure::OtherRootKey { ours, theirs });
    }
    site::make_data_folder(settings)?;
    put_root(settings, &bundle.root)?;
    let file = VaultKeyFile::new(settings.vault_key_file());
    let put = put_vault(settings, &file, bundle, database.is_some())?;
    output
        .line(format_args!(
            "the root key (fingerprint {ours}) is in {}, and {put} of the vault's in {}",
            settings.root_key_file().display(),
            file.path().display()
        ))
        .map_err(CommandError::Terminal)?;
    Ok(())
}

fn put_root(settings: &Settings, root: &RootKey) -> Result<(), Failure> {
    let path = settings.root_key_file();
    if settings.keys.root_key.is_some() {
        // Where it is the same, there is nothing to put.
        return match root_key::find(settings)? {
            Some(set) if set == *root => Ok(()),
            _ => Err(Failure::RootKeyInSettings),
        };
    }
    // Whatever lies there: it may be no key at all.
    if root_key::read(&path).is_ok_and(|there| there == *root) {
        return Ok(());
    }
    if path.exists() {
        let aside = path.with_extension(format!("replaced-{}", Timestamp::now().micros()));
        fs::rename(&path, &aside).map_err(|source| unwritten(&aside, source))?;
        tracing::warn!(file = %aside.display(), "another root key was here; it is kept beside");
    }
    let text = format!("{}\n", &*root.to_text());
    files::write_new(&path, text.as_bytes()).map_err(|source| unwritten(&path, source))
}

/// Puts those that the database knows, and all where there is no database yet: what it does not know was destroyed, and stays so.
fn put_vault(
    settings: &Settings,
    file: &VaultKeyFile,
    bundle: KeyBundle,
    has_database: bool,
) -> Result<usize, Failure> {
    let known = match has_database {
        true => up_to_date(settings)?
            .map(|ports| ports.vault.vault_keys())
            .transpose()?,
        false => None,
    };
    let mut put = 0;
    file.change(&mut |secrets| {
        for (version, secret) in &bundle.vault {
            let version = VaultVersion(i32::try_from(*version).unwrap_or(i32::MAX));
            let fingerprint = secret.fingerprint().to_string();
            let is_wanted = known.as_ref().is_none_or(|known| {
                let mut known = known.iter();
                known.any(|one| (one.version, &one.fingerprint) == (version, &fingerprint))
            });
            if is_wanted {
                secrets.insert(version, secret.clone());
                put += 1;
            }
        }
        Ok(())
    })?;
    Ok(put)
}

fn unwritten(path: &Path, source: io::Error) -> Failure {
    Failure::File {
        path: path.to_owned(),
        what: "the keys can't be written",
        source,
    }
}

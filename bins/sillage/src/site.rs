//! Everything that the server works on, opened in the order in which it may be touched.

use crate::failure::Failure;
use crate::files;
use crate::root_key::{self, FoundKey};
use crate::settings::{DatabaseUrl, Settings};
use sillage_auth::{SIGNING_PURPOSE, SigningKey, SigningKeys};
use sillage_cli::Workplace;
use sillage_cli::erasures::{LedgerFile, reconcile};
use sillage_domain::{ErasureLedger, Ports, Timestamp, Vault, VaultError};
use sillage_pseudonym::{RootKey, random_bytes};
use sillage_store::{OpenError, Store, VaultKeyFile};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// The name of the key that signs tokens from the first start on. All servers that start on a new database at the same time give
/// it to theirs, so that one of them is kept.
const FIRST_SIGNING_KEY: &str = "first";

/// A store that belongs to the root key.
pub(crate) struct Site {
    pub(crate) ports: Ports,
    pub(crate) root: RootKey,
    pub(crate) ledger: Arc<LedgerFile>,
    /// Where the secrets of the vault lie.
    pub(crate) vault_keys: Arc<VaultKeyFile>,
    /// Whether no other server can work on the database.
    pub(crate) is_alone: bool,
}

impl Site {
    /// Opens the store. What is missing is made: data directory, root key, database, tables, ledger of erasures. An old copy of the database
    /// is brought up to the ledger first.
    ///
    /// Nothing is written into a database that belongs to another root key.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let site = Self::open_as_found(settings)?;
        let done = reconcile(&site.ports, &site.root, &site.ledger, Timestamp::now())?;
        if done.begun {
            tracing::info!(path = %site.ledger.path().display(), "ledger of erasures begun: keep it out of backups of the database");
        }
        if done.replayed > 0 {
            tracing::warn!(
                erasures = done.replayed,
                accounts = done.accounts,
                studies = done.studies,
                "the database lacked erasures that the ledger knows, as an old copy does: they were made again"
            );
        }
        Ok(site)
    }

    /// As [`open`](Self::open), without a look at the ledger of erasures.
    pub(crate) fn open_as_found(settings: &Settings) -> Result<Self, Failure> {
        make_data_folder(settings)?;
        let FoundKey { key: root, made } = root_key::find_or_make(settings)?;
        let ledger = Arc::new(LedgerFile::at(settings.erasure_ledger(), &root));
        let opened = open_store(settings, &root, &ledger).and_then(|ports| {
            claim(&ports, &root)?;
            Ok(ports)
        });
        match opened {
            Ok(ports) => Ok(Self {
                ports,
                root,
                ledger,
                vault_keys: Arc::new(VaultKeyFile::new(settings.vault_key_file())),
                is_alone: is_alone(settings),
            }),
            Err(error) => {
                if let (Failure::OtherRootKey { .. }, Some(path)) = (&error, made) {
                    // A key that belongs to nothing would only stand in the way of the right one.
                    let _ = fs::remove_file(path);
                }
                Err(error)
            }
        }
    }

    /// As it is: nothing is made, no migration is run, the ledger of erasures is not looked at. `None` for a database that waits for migrations.
    pub(crate) fn open_unchanged(settings: &Settings) -> Result<Option<Self>, Failure> {
        let root = root_key::find(settings)?.ok_or(Failure::NoRootKey)?;
        let ledger = Arc::new(LedgerFile::at(settings.erasure_ledger(), &root));
        let ours = root.fingerprint().to_string();
        if fingerprint(settings)?.is_none() {
            return Ok(None);
        }
        let mut options = settings.store_options();
        options.fingerprint = Some(ours.clone());
        options.migrate = false;
        let store = match Store::open(&options) {
            Ok(store) => store,
            Err(OpenError::Pending(_)) => return Ok(None),
            Err(OpenError::OtherKey(theirs)) => {
                return Err(Failure::OtherRootKey { ours, theirs });
            }
            Err(source) => return Err(not_opened(settings, source)),
        };
        Ok(Some(Self {
            ports: Ports::of(Arc::new(store)),
            root,
            ledger,
            vault_keys: Arc::new(VaultKeyFile::new(settings.vault_key_file())),
            is_alone: is_alone(settings),
        }))
    }

    /// The keys that sign tokens; the first is made at the first start.
    pub(crate) fn signing_keys(&self) -> Result<SigningKeys, Failure> {
        let with = self.root.sealing_key(SIGNING_PURPOSE);
        let server = &self.ports.server;
        if server.signing_keys()?.is_empty() {
            let key = SigningKey::new(FIRST_SIGNING_KEY, random_bytes()?)
                .seal(&with, Timestamp::now())?;
            // Where another server was faster, its key is the one.
            server.add_signing_key(&key)?;
        }
        Ok(SigningKeys::open(
            &server.signing_keys()?,
            &with,
            Timestamp::now(),
        )?)
    }

    /// The root key once more, for a thread of its own.
    pub(crate) fn root_again(&self) -> Result<RootKey, Failure> {
        let text = self.root.to_text();
        RootKey::parse(&text).map_err(|source| Failure::RootKey { path: None, source })
    }

    /// The vault of the store, with its secrets.
    pub(crate) fn vault(&self) -> Vault {
        let store = self.ports.vault.clone();
        Vault::new(self.root.vault_root(), store, self.vault_keys.clone())
    }

    /// Refuses secrets of another vault than the database's, and ends what a rotation left half done. Without secrets everything but the
    /// vault goes on.
    pub(crate) fn check_vault(&self) -> Result<(), Failure> {
        let vault = self.vault();
        match vault.check() {
            Ok(()) => {
                let resealed = vault.settle()?;
                if resealed > 0 {
                    tracing::info!(resealed, "the rotation of the vault's key was ended");
                }
                Ok(())
            }
            Err(error @ VaultError::KeyMissing(_)) => {
                tracing::error!(file = %self.vault_keys.path().display(), %error, "identities can't be read here");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What commands work with.
    pub(crate) fn workplace(&self, settings: &Settings) -> Result<Workplace, Failure> {
        Ok(Workplace {
            ports: self.ports.clone(),
            cost: settings.cost()?,
            generated_cost: settings.generated_cost()?,
            now: Timestamp::now(),
        })
    }
}

/// Whether no other server can work on the database.
fn is_alone(settings: &Settings) -> bool {
    settings.database_url().expose().starts_with("sqlite://")
}

/// Makes the data directory, unless it is there.
pub(crate) fn make_data_folder(settings: &Settings) -> Result<(), Failure> {
    let folder = settings.server.data_dir.as_path();
    let failed = |source| Failure::File {
        path: folder.to_owned(),
        what: "the data directory can't be made",
        source,
    };
    if files::make_folder(folder).map_err(failed)? {
        tracing::info!(folder = %folder.display(), "data directory made");
    } else if fs::metadata(folder).is_ok_and(|metadata| files::is_open_to_others(&metadata)) {
        tracing::warn!(folder = %folder.display(), "others can look into the data directory: `chmod 700` keeps them out");
    }
    Ok(())
}

/// The fingerprint of the root key that the database belongs to, if there is one and it does. Nothing is made or changed.
pub(crate) fn fingerprint(settings: &Settings) -> Result<Option<String>, Failure> {
    let found = sillage_store::fingerprint(&settings.store_options());
    found.map_err(|source| not_opened(settings, source))
}

/// Why the store could not be opened, with where it is.
pub(crate) fn not_opened(settings: &Settings, source: OpenError) -> Failure {
    Failure::Open {
        url: settings.database_url().to_string(),
        source,
    }
}

fn open_store(
    settings: &Settings,
    root: &RootKey,
    ledger: &Arc<LedgerFile>,
) -> Result<Ports, Failure> {
    let ours = root.fingerprint().to_string();
    let mut options = settings.store_options();
    options.fingerprint = Some(ours.clone());
    let ledger: Arc<dyn ErasureLedger> = ledger.clone();
    options.ledger = Some(ledger);
    let store = Store::open(&options).map_err(|error| match error {
        OpenError::OtherKey(theirs) => Failure::OtherRootKey { ours, theirs },
        source => not_opened(settings, source),
    })?;
    Ok(Ports::of(Arc::new(store)))
}

/// Makes sure that the database belongs to this root key; a new one does from now on.
fn claim(ports: &Ports, root: &RootKey) -> Result<(), Failure> {
    let ours = root.fingerprint().to_string();
    let theirs = ports.server.claim_fingerprint(&ours)?;
    if theirs == ours {
        Ok(())
    } else {
        Err(Failure::OtherRootKey { ours, theirs })
    }
}

/// Where the database is, for people.
pub(crate) fn describe(url: &DatabaseUrl) -> String {
    match url.expose().strip_prefix("sqlite://") {
        Some(path) => format!("SQLite, {}", Path::new(path).display()),
        None => url.to_string(),
    }
}

//! The vault: who participants are, where a study asks for it, sealed before it reaches a store.

mod identity;
mod port;
mod rotation;

pub use identity::{
    Identity, IdentityChange, IdentityField, IdentityFields, MAX_IDENTITY, is_email, is_line,
};
pub use port::{
    SealedIdentity, SealedPersonKey, VaultError, VaultKeyPlace, VaultKeyRecord, VaultSecrets,
    VaultStore, VaultVersion,
};
pub use rotation::{Lost, Rotation, VaultKeyStatus, VaultStatus};

use crate::{Account, AccountId, StoreError, Study, StudyId, Timestamp};
use sillage_pseudonym::{PersonKey, SealError, VaultKey, VaultRoot};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How often something is tried while keys are replaced, or others change the same.
const ATTEMPTS: u32 = 8;

/// Seals and opens identities: a store that holds them, and the place where its secrets lie.
///
/// Each person's fields are sealed under a key of that person, and that one under the vault's, which is derived from the root key and a
/// secret that is in no database. Everything blocks.
pub struct Vault {
    root: VaultRoot,
    store: Arc<dyn VaultStore>,
    place: Arc<dyn VaultKeyPlace>,
    /// Those that were used, by version and fingerprint.
    keys: Mutex<HashMap<(VaultVersion, String), Arc<VaultKey>>>,
}

/// What is known of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Nothing in it, where nothing is known.
    pub identity: Identity,
    /// To change exactly this; `None`, where nothing is known.
    pub revision: Option<i64>,
}

impl Vault {
    /// The vault of a server with that root key. Nothing is read yet.
    pub fn new(root: VaultRoot, store: Arc<dyn VaultStore>, place: Arc<dyn VaultKeyPlace>) -> Self {
        Self {
            root,
            store,
            place,
            keys: Mutex::default(),
        }
    }

    /// What is known of an account.
    ///
    /// # Errors
    ///
    /// See [`VaultError`].
    pub fn read(&self, account: AccountId) -> Result<Known, VaultError> {
        let mut attempt = 1;
        loop {
            let Some(found) = self.store.identity(account)? else {
                return Ok(Known {
                    identity: Identity::default(),
                    revision: None,
                });
            };
            match self.key(found.key.version) {
                // Keys were replaced between the two looks.
                Err(VaultError::OtherVersion(_)) if attempt < ATTEMPTS => attempt += 1,
                key => {
                    return Ok(Known {
                        identity: open(&*key?, &found)?,
                        revision: Some(found.revision),
                    });
                }
            }
        }
    }

    /// Changes what is known of a participant of the study; `seen`: only if it is still that.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotKept`] for fields that the study does not keep; [`StoreError::Stale`], [`StoreError::NotFound`]; and see [`VaultError`].
    pub fn change(
        &self,
        study: &Study,
        account: AccountId,
        change: &IdentityChange,
        seen: Option<&Known>,
        now: Timestamp,
    ) -> Result<Known, VaultError> {
        let refused = change.put().without(study.identity);
        if !refused.is_empty() {
            return Err(VaultError::NotKept(refused));
        }
        let mut attempt = 1;
        loop {
            let known = self.read(account)?;
            if seen.is_some_and(|seen| seen.revision != known.revision) {
                return Err(StoreError::Stale.into());
            }
            match self.try_change(study, account, known, change, now) {
                Err(VaultError::OtherVersion(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(VaultError::Store(StoreError::Stale))
                    if attempt < ATTEMPTS && seen.is_none() =>
                {
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    fn try_change(
        &self,
        study: &Study,
        account: AccountId,
        known: Known,
        change: &IdentityChange,
        now: Timestamp,
    ) -> Result<Known, VaultError> {
        let mut identity = known.identity.clone();
        identity.apply(change);
        if identity == known.identity {
            return Ok(known);
        }
        let seen = known.revision;
        if identity.fields().is_empty() {
            self.store.erase_identity(account, seen)?;
            let revision = None;
            return Ok(Known { identity, revision });
        }
        let revision = seen.unwrap_or(0) + 1;
        let sealed = seal(
            &*self.in_force(now)?,
            (study.id, account),
            &identity,
            revision,
        )?;
        self.store.put_identity(&sealed, seen)?;
        let revision = Some(revision);
        Ok(Known { identity, revision })
    }

    /// Erases what is known of an account; `seen`: only if it is still that.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`], [`StoreError::Stale`]; and see [`VaultError`].
    pub fn erase(&self, account: AccountId, seen: Option<&Known>) -> Result<(), VaultError> {
        let revision = seen.and_then(|seen| seen.revision);
        Ok(self.store.erase_identity(account, revision)?)
    }

    /// The participants of a study whom that address belongs to, or somebody who decides for them; by number.
    ///
    /// # Errors
    ///
    /// See [`VaultError`].
    pub fn find(&self, study: StudyId, email: &str) -> Result<Vec<Account>, VaultError> {
        let mut indexes = Vec::new();
        for record in self.store.vault_keys()? {
            let key = self.key_of(&record)?;
            for field in [IdentityField::Email, IdentityField::GuardianEmail] {
                indexes.push(key.email_index(&place(study, field), email));
            }
        }
        if indexes.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.store.accounts_by_index(study, &indexes)?)
    }

    /// The key of a version that the database knows; [`VaultError::OtherVersion`], where it does not, any more.
    fn key(&self, version: VaultVersion) -> Result<Arc<VaultKey>, VaultError> {
        let known = self.store.vault_keys()?;
        self.forget_used(&known);
        let record = known.iter().find(|record| record.version == version);
        self.key_of(record.ok_or(VaultError::OtherVersion(version))?)
    }

    /// The key that new things are sealed under; the first is made here.
    fn in_force(&self, now: Timestamp) -> Result<Arc<VaultKey>, VaultError> {
        let last = || -> Result<_, StoreError> { Ok(self.store.vault_keys()?.pop()) };
        if last()?.is_none() {
            self.begin(None, now)?;
        }
        let record = last()?.ok_or(VaultError::OtherVersion(VaultVersion(0)))?;
        self.key_of(&record)
    }

    fn key_of(&self, record: &VaultKeyRecord) -> Result<Arc<VaultKey>, VaultError> {
        let name = (record.version, record.fingerprint.clone());
        if let Some(key) = self.used().get(&name) {
            return Ok(Arc::clone(key));
        }
        let secrets = self.place.secrets()?;
        let secret = secrets.get(&record.version);
        let secret = secret.ok_or(VaultError::KeyMissing(record.version))?;
        let ours = secret.fingerprint().to_string();
        if ours != record.fingerprint {
            return Err(VaultError::OtherKey {
                version: record.version,
                ours,
                theirs: record.fingerprint.clone(),
            });
        }
        let number = record.version.0.unsigned_abs();
        let key = Arc::new(self.root.key(secret, number));
        self.used().insert(name, Arc::clone(&key));
        Ok(key)
    }

    /// Keys that the database does not know any more are not kept in memory.
    fn forget_used(&self, known: &[VaultKeyRecord]) {
        let is_known =
            |version: &VaultVersion| known.iter().any(|record| record.version == *version);
        self.used().retain(|(version, _), _| is_known(version));
    }

    fn used(&self) -> std::sync::MutexGuard<'_, HashMap<(VaultVersion, String), Arc<VaultKey>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// What the sealed texts of somebody are bound to.
fn whose(study: StudyId, account: AccountId) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&study.0.to_be_bytes());
    bytes[8..].copy_from_slice(&account.0.to_be_bytes());
    bytes
}

/// What the index of an address is bound to: the same address in another study, or of somebody's guardian, is found by another one.
fn place(study: StudyId, field: IdentityField) -> Vec<u8> {
    [study.0.to_be_bytes().as_slice(), field.as_str().as_bytes()].concat()
}

fn seal(
    key: &VaultKey,
    (study, account): (StudyId, AccountId),
    identity: &Identity,
    revision: i64,
) -> Result<SealedIdentity, VaultError> {
    let (person, whose) = (PersonKey::generate()?, whose(study, account));
    let fields = identity.fields().iter().map(|field| {
        let text = identity.get(field).unwrap_or_default();
        Ok((field, person.seal(&whose, field.as_str(), text)?))
    });
    let fields = fields
        .collect::<Result<_, SealError>>()
        .map_err(VaultError::Seal)?;
    let index = |field| {
        let email = identity.get(field);
        email.map(|email| key.email_index(&place(study, field), email))
    };
    Ok(SealedIdentity {
        study,
        account,
        revision,
        key: seal_key(key, &whose, &person, index)?,
        fields,
    })
}

/// The key of a person, sealed, with what `index` gives for its addresses.
fn seal_key(
    key: &VaultKey,
    whose: &[u8],
    person: &PersonKey,
    index: impl Fn(IdentityField) -> Option<[u8; 16]>,
) -> Result<SealedPersonKey, VaultError> {
    Ok(SealedPersonKey {
        version: VaultVersion(i32::try_from(key.version()).unwrap_or(i32::MAX)),
        sealed: key.seal_person(whose, person).map_err(VaultError::Seal)?,
        email_index: index(IdentityField::Email),
        guardian_index: index(IdentityField::GuardianEmail),
    })
}

/// The key of a person, and the fields of that one.
fn open(key: &VaultKey, sealed: &SealedIdentity) -> Result<Identity, VaultError> {
    open_person(key, sealed).map(|(_, identity)| identity)
}

fn open_person(
    key: &VaultKey,
    sealed: &SealedIdentity,
) -> Result<(PersonKey, Identity), VaultError> {
    let damaged = |error| VaultError::Damaged(sealed.account.0, error);
    let whose = whose(sealed.study, sealed.account);
    let person = key
        .open_person(&whose, &sealed.key.sealed)
        .map_err(damaged)?;
    let mut identity = Identity::default();
    for (field, text) in &sealed.fields {
        let text = person.open(&whose, field.as_str(), text).map_err(damaged)?;
        identity.set(*field, text.to_string());
    }
    Ok((person, identity))
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;

//! The keys of the vault, replaced: what is sealed under the old one is sealed anew, and the old one is destroyed.

use super::{
    SealedIdentity, SealedPersonKey, Vault, VaultError, VaultKeyRecord, VaultVersion, open_person,
    place, seal_key, whose,
};
use crate::{AccountId, StoreError, Timestamp};
use sillage_pseudonym::{VaultKey, VaultSecret};

/// Persons in one transaction.
const BATCH: u32 = 100;

/// What becomes of what is sealed under a key whose secret is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It stays, and nothing is replaced.
    Kept,
    /// It is erased: nobody can open it. After the restore of a backup that is older than the last rotation, say.
    Erased,
}

/// What a rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// In force from now on.
    pub version: VaultVersion,
    /// How many persons' keys were sealed anew.
    pub resealed: u64,
    /// How many identities were erased, since nobody could open them.
    pub lost: u64,
}

/// How it stands with the keys of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultStatus {
    /// Those that the database knows, the one in force last.
    pub keys: Vec<VaultKeyStatus>,
    /// A key that lies here and is not in force yet.
    pub prepared: Option<VaultVersion>,
}

/// How it stands with one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKeyStatus {
    /// What the database knows.
    pub record: VaultKeyRecord,
    /// How many identities are sealed under it.
    pub identities: u64,
    /// Whether its secret is here.
    pub is_here: bool,
}

impl Vault {
    /// Puts another key in force, seals the keys of all persons anew under it, and destroys the old one here: what was sealed under that,
    /// in a backup say, can't be opened any more. What was interrupted goes on with the next call.
    ///
    /// The fields themselves, and pseudonyms, stay as they are. Servers that share the vault key file take the new key by themselves.
    ///
    /// # Errors
    ///
    /// [`VaultError::KeyMissing`], where the secret of something that is sealed is not here and [`Lost::Kept`]; see [`VaultError`].
    pub fn rotate(&self, lost: Lost, now: Timestamp) -> Result<Rotation, VaultError> {
        let mut gone = 0;
        let mut last = None;
        for record in self.store.vault_keys()? {
            last = Some(record.version);
            match self.key_of(&record) {
                Ok(_) => {}
                Err(error) if error.is_about_keys() && lost == Lost::Erased => {
                    gone += self.store.discard_identities(record.version)?;
                }
                Err(error) => return Err(error),
            }
        }
        self.begin(last, now)?;
        let resealed = self.settle()?;
        let version = self.store.vault_keys()?.pop().map(|record| record.version);
        Ok(Rotation {
            version: version.ok_or(StoreError::NotFound)?,
            resealed,
            lost: gone,
        })
    }

    /// Rotates where identities were erased since the last time: their backups, too, are closed then. Cheap where there is nothing to do,
    /// so that it can be called after each erasure, or every day.
    ///
    /// # Errors
    ///
    /// As [`rotate`](Self::rotate).
    pub fn rotate_after_erasures(&self, now: Timestamp) -> Result<Option<Rotation>, VaultError> {
        let known = self.store.vault_keys()?;
        if known.iter().all(|record| record.erased == 0) {
            return Ok(None);
        }
        self.rotate(Lost::Kept, now).map(Some)
    }

    /// Makes the next key and leaves it beside the one in force, for the file to be given to every server before
    /// [`rotate`](Self::rotate) takes it.
    ///
    /// # Errors
    ///
    /// See [`VaultError`].
    pub fn prepare(&self) -> Result<VaultVersion, VaultError> {
        let last = self.store.vault_keys()?.pop();
        let next = after(last.map(|record| record.version));
        self.make(next)?;
        Ok(next)
    }

    /// Ends what a rotation left half done, here or elsewhere: seals anew what is under an older key, forgets that, and takes secrets out
    /// of the file that the database does not know any more. Gives how many persons' keys were sealed anew.
    ///
    /// # Errors
    ///
    /// See [`VaultError`].
    pub fn settle(&self) -> Result<u64, VaultError> {
        let mut resealed = 0;
        loop {
            let known = self.store.vault_keys()?;
            let Some((last, older)) = known.split_last() else {
                return Ok(resealed);
            };
            if older.is_empty() {
                self.forget(&known)?;
                return Ok(resealed);
            }
            let new = self.key_of(last)?;
            for record in older {
                if self.store.count_identities(record.version)? > 0 {
                    let old = self.key_of(record)?;
                    resealed += self.reseal(record.version, &old, &new)?;
                }
                // Where something came meanwhile, it is gone through again.
                self.store.end_vault_key(record.version)?;
            }
        }
    }

    /// How it stands.
    ///
    /// # Errors
    ///
    /// See [`VaultError`].
    pub fn status(&self) -> Result<VaultStatus, VaultError> {
        let secrets = self.place.secrets()?;
        let mut keys = Vec::new();
        for record in self.store.vault_keys()? {
            let secret = secrets.get(&record.version);
            let is_here =
                secret.is_some_and(|secret| secret.fingerprint().to_string() == record.fingerprint);
            keys.push(VaultKeyStatus {
                identities: self.store.count_identities(record.version)?,
                is_here,
                record,
            });
        }
        let next = after(keys.last().map(|key: &VaultKeyStatus| key.record.version));
        Ok(VaultStatus {
            keys,
            prepared: secrets.contains_key(&next).then_some(next),
        })
    }

    /// Refuses a vault whose secrets are of another database. One whose secrets are missing opens nothing, and is no reason not to run.
    ///
    /// # Errors
    ///
    /// [`VaultError::OtherKey`], [`VaultError::Place`]; [`VaultError::KeyMissing`], where something is sealed under a key whose secret is
    /// not here.
    pub fn check(&self) -> Result<(), VaultError> {
        for record in self.store.vault_keys()? {
            self.key_of(&record)?;
        }
        Ok(())
    }

    /// Puts a key in force after that one, unless somebody else was faster.
    pub(crate) fn begin(
        &self,
        last: Option<VaultVersion>,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let fingerprint = self.make(after(last))?;
        match self.store.begin_vault_key(last, &fingerprint, now) {
            // What was made for nothing would only look like the right one.
            Err(StoreError::Stale) => self.forget(&self.store.vault_keys()?),
            done => Ok(done.map(drop)?),
        }
    }

    /// The fingerprint of the secret of that version; one is made where none lies there.
    fn make(&self, version: VaultVersion) -> Result<String, VaultError> {
        let mut fingerprint = String::new();
        self.place.change(&mut |secrets| {
            let secret = match secrets.get(&version) {
                Some(secret) => secret.clone(),
                None => VaultSecret::generate()?,
            };
            fingerprint = secret.fingerprint().to_string();
            secrets.insert(version, secret);
            Ok(())
        })?;
        Ok(fingerprint)
    }

    /// Takes secrets away that the database does not know: older than those that it knows, or others under their numbers.
    fn forget(&self, known: &[VaultKeyRecord]) -> Result<(), VaultError> {
        let Some(last) = known.last() else {
            return Ok(());
        };
        let keeps = |version: &VaultVersion, secret: &VaultSecret| {
            let record = known.iter().find(|record| record.version == *version);
            match record {
                Some(record) => secret.fingerprint().to_string() == record.fingerprint,
                None => *version > last.version,
            }
        };
        let useless = |secrets: &super::VaultSecrets| {
            secrets.iter().any(|(version, one)| !keeps(version, one))
        };
        self.forget_used(known);
        if !useless(&self.place.secrets()?) {
            return Ok(());
        }
        self.place.change(&mut |secrets| {
            secrets.retain(|version, one| keeps(version, one));
            Ok(())
        })
    }

    /// Seals the keys of all persons anew that are under the old key.
    fn reseal(
        &self,
        version: VaultVersion,
        old: &VaultKey,
        new: &VaultKey,
    ) -> Result<u64, VaultError> {
        let (mut seen, mut total) = (AccountId(0), 0);
        loop {
            let batch = self.store.identities_under(version, seen, BATCH)?;
            let Some(last) = batch.last() else {
                return Ok(total);
            };
            seen = last.account;
            let anew: Vec<_> = batch
                .iter()
                .map(|sealed| resealed(old, new, sealed))
                .collect::<Result<_, _>>()?;
            self.store.reseal(&batch, &anew)?;
            total += batch.len() as u64;
        }
    }
}

fn after(last: Option<VaultVersion>) -> VaultVersion {
    VaultVersion(last.map_or(0, |last| last.0).saturating_add(1))
}

fn resealed(
    old: &VaultKey,
    new: &VaultKey,
    sealed: &SealedIdentity,
) -> Result<SealedPersonKey, VaultError> {
    let (person, identity) = open_person(old, sealed)?;
    let index = |field| {
        let email = identity.get(field);
        email.map(|email| new.email_index(&place(sealed.study, field), email))
    };
    seal_key(new, &whose(sealed.study, sealed.account), &person, index)
}

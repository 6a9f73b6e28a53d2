//! What the vault asks of a store, and of the place where its secrets lie.

use super::{IdentityField, IdentityFields};
use crate::{Account, AccountId, StoreError, StudyId, Timestamp};
use sillage_pseudonym::{RandomError, SealError, VaultSecret};
use std::collections::BTreeMap;
use std::fmt;

/// The number of a key of the vault; the greatest is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VaultVersion(pub i32);

impl fmt::Display for VaultVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the database knows of a key of the vault, which it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKeyRecord {
    /// Its number.
    pub version: VaultVersion,
    /// Of its secret.
    pub fingerprint: String,
    /// Since when it is in force.
    pub begun_at: Timestamp,
    /// How many identities were erased since; a backup that was made before still holds them, sealed.
    pub erased: u64,
}

/// An identity as it is stored: sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedIdentity {
    /// Where the account plays.
    pub study: StudyId,
    /// Whose it is.
    pub account: AccountId,
    /// Goes up by one with each change, from 1.
    pub revision: i64,
    /// The key of the person, sealed.
    pub key: SealedPersonKey,
    /// The fields that are known, each sealed under the person's key.
    pub fields: Vec<(IdentityField, Vec<u8>)>,
}

/// The key of a person, sealed under a version of the vault's key; and what the person's addresses are found by, which depends on that
/// version too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPersonKey {
    /// Under which version.
    pub version: VaultVersion,
    /// Sealed.
    pub sealed: Vec<u8>,
    /// Of [`IdentityField::Email`].
    pub email_index: Option<[u8; 16]>,
    /// Of [`IdentityField::GuardianEmail`].
    pub guardian_index: Option<[u8; 16]>,
}

/// Why the vault could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The study does not keep these fields.
    #[error("the study does not keep: {0}")]
    NotKept(IdentityFields),
    /// Another key is in force by now.
    #[error("it was sealed under version {0} of the vault's key, which is not in force")]
    OtherVersion(VaultVersion),
    /// The secret does not lie here.
    #[error(
        "the secret of version {0} of the vault's key is not here; give this server the same vault key file as the others"
    )]
    KeyMissing(VaultVersion),
    /// A secret lies here that is not the database's.
    #[error(
        "the secret of version {version} of the vault's key is another one than the database's (fingerprint {theirs}; the one that lies here has {ours})"
    )]
    OtherKey {
        /// Of that key.
        version: VaultVersion,
        /// Of the secret here.
        ours: String,
        /// In the database.
        theirs: String,
    },
    /// The place of the secrets can't be read or written.
    #[error("the vault key file can't be used")]
    Place(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored does not open.
    #[error("what the vault holds of account {0} does not open")]
    Damaged(i64, #[source] SealError),
    /// Nothing could be sealed.
    #[error("the vault can't seal")]
    Seal(#[source] SealError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl VaultError {
    /// Whether the secrets that are needed are not here, or can't be had.
    pub const fn is_about_keys(&self) -> bool {
        matches!(
            self,
            Self::KeyMissing(_) | Self::OtherKey { .. } | Self::Place(_)
        )
    }
}

/// Keeps identities, sealed, and knows under which keys. An identity goes with its account.
pub trait VaultStore: Send + Sync {
    /// What is known of the keys, the one in force last.
    fn vault_keys(&self) -> Result<Vec<VaultKeyRecord>, StoreError>;

    /// Puts a key in force that comes after that one. Error: [`StoreError::Stale`], where another one is in force than `after`.
    fn begin_vault_key(
        &self,
        after: Option<VaultVersion>,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<VaultVersion, StoreError>;

    /// Forgets a key. Gives `false`, and does nothing, where it is in force, or anything is still sealed under it.
    fn end_vault_key(&self, version: VaultVersion) -> Result<bool, StoreError>;

    /// What is known of an account.
    fn identity(&self, account: AccountId) -> Result<Option<SealedIdentity>, StoreError>;

    /// Keeps an identity in the place of the one with the revision `seen`, or of none.
    ///
    /// Errors: [`StoreError::Stale`], where it was changed since; [`StoreError::NotFound`], where no such account plays in that study;
    /// [`VaultError::NotKept`], where the study keeps not all of it; [`VaultError::OtherVersion`], where the key is not the one in force.
    fn put_identity(&self, new: &SealedIdentity, seen: Option<i64>) -> Result<(), VaultError>;

    /// Erases the identity of an account, with its key. Errors: [`StoreError::NotFound`], where nothing is known of it;
    /// [`StoreError::Stale`], where `seen` is given and it was changed since.
    fn erase_identity(&self, account: AccountId, seen: Option<i64>) -> Result<(), StoreError>;

    /// At most so many identities that are sealed under that version, of accounts after that one, in their order.
    fn identities_under(
        &self,
        version: VaultVersion,
        after: AccountId,
        at_most: u32,
    ) -> Result<Vec<SealedIdentity>, StoreError>;

    /// How many identities are sealed under that version.
    fn count_identities(&self, version: VaultVersion) -> Result<u64, StoreError>;

    /// Puts the keys of these persons in the place of those that were `seen`, in one transaction. One that was changed since is left out.
    fn reseal(&self, seen: &[SealedIdentity], new: &[SealedPersonKey]) -> Result<(), StoreError>;

    /// Erases everything that is sealed under that version, whose secret is lost, and gives how much it was.
    fn discard_identities(&self, version: VaultVersion) -> Result<u64, StoreError>;

    /// The participants of a study who are found by one of these, by number.
    fn accounts_by_index(
        &self,
        study: StudyId,
        indexes: &[[u8; 16]],
    ) -> Result<Vec<Account>, StoreError>;
}

/// Secrets of the vault, by version.
pub type VaultSecrets = BTreeMap<VaultVersion, VaultSecret>;

/// Where the secrets of the vault lie: outside of the database and of its backup.
pub trait VaultKeyPlace: fmt::Debug + Send + Sync {
    /// What lies there; nothing, where there is no such place yet.
    fn secrets(&self) -> Result<VaultSecrets, VaultError>;

    /// Changes what lies there, while nobody else does. What no longer lies there afterwards is overwritten, as far as that can be done.
    fn change(
        &self,
        change: &mut dyn FnMut(&mut VaultSecrets) -> Result<(), VaultError>,
    ) -> Result<(), VaultError>;
}

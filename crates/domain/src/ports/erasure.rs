//! Taking people out of the archive.

use crate::account::words;
use crate::{AccountId, Pseudonym, StoreError, StudyId, Timestamp};
use std::fmt;
use std::time::Duration;

words!(
    /// How somebody is taken out of the archive.
    Removal {
        /// The account goes, and with it the link to what it did; that stays, under a pseudonym of nobody.
        Anonymise = "anonymise",
        /// The content of what it did goes as well.
        Erase = "erase",
    }
);

/// What somebody left in a study: all that stands under a pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Traces {
    /// Where.
    pub study: StudyId,
    /// Under which code.
    pub pseudonym: Pseudonym,
}

/// What there is of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Belongings {
    /// Log-ins that live or that were not forgotten yet.
    pub log_ins: u64,
    /// Studies that the account is a member of.
    pub memberships: u64,
    /// Entries with content.
    pub entries: u64,
    /// Texts in quarantine.
    pub quarantined: u64,
}

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// All that was there is gone.
    Done,
    /// The account is gone; the rest goes by itself: of what it did, or its bytes, while somebody reads what was before.
    Continues,
}

/// Takes people out of the archive.
pub trait ErasureStore: Send + Sync {
    /// Deletes an account and its memberships, and leaves what stands under its pseudonym. Error: [`StoreError::NotFound`].
    fn unlink(&self, account: AccountId) -> Result<Erasure, StoreError>;

    /// Deletes an account and its memberships, and the content of these traces of it: of entries the [tombstones](crate::StoredEntry::tombstone) stay, of
    /// quarantined texts nothing.
    ///
    /// The account goes first and at once, in one transaction with the order to erase the rest. From then on nothing of that person
    /// is stored, from whatever server it comes ([`Outcome::Erased`](crate::Outcome::Erased)). What is there goes in short
    /// transactions, here for about the time `within`, then by [`sweep`](Self::sweep). Error: [`StoreError::NotFound`], and any
    /// other where the account could not be deleted: then nothing was.
    fn erase(
        &self,
        account: AccountId,
        traces: &[Traces],
        now: Timestamp,
        within: Duration,
    ) -> Result<Erasure, StoreError>;

    /// What would go, or lose its link, with an account. Error: [`StoreError::NotFound`].
    fn belongings(
        &self,
        account: AccountId,
        traces: Option<Traces>,
    ) -> Result<Belongings, StoreError>;

    /// Why the database does not overwrite the bytes of what is deleted, so that an erasure leaves them in its files for some time; `None` where
    /// it does.
    fn bytes_stay(&self) -> Result<Option<String>, StoreError>;

    /// Goes on with the erasures that were begun, and looks again, less and less often for a day, for what was on its way while
    /// the account was deleted (another server believes in an account for some seconds). A database does this by itself.
    fn sweep(&self, now: Timestamp) -> Result<(), StoreError>;
}

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

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// All that was there is gone.
    Done,
    /// The account is gone; of what it did, the rest goes by itself.
    Continues,
}

/// Takes people out of the archive.
pub trait ErasureStore: Send + Sync {
    /// Deletes an account and its memberships, and leaves what stands under its pseudonym. Error: [`StoreError::NotFound`].
    fn unlink(&self, account: AccountId) -> Result<(), StoreError>;

    /// Deletes an account and its memberships, and the content of these traces of it: of entries the [tombstones](crate::StoredEntry::tombstone) stay, of
    /// quarantined texts nothing.
    ///
    /// The account goes first and at once, in one transaction with the order to erase the rest; that is done in short
    /// transactions, here for about the time `within`, then by [`sweep`](Self::sweep). Error: [`StoreError::NotFound`], and any
    /// other where the account could not be deleted: then nothing was.
    fn erase(
        &self,
        account: AccountId,
        traces: &[Traces],
        now: Timestamp,
        within: Duration,
    ) -> Result<Erasure, StoreError>;

    /// Goes on with the erasures that were begun, and looks again, less and less often for a day, for what was on its way while
    /// the account was deleted (another server believes in an account for some seconds). A database does this by itself.
    fn sweep(&self, now: Timestamp) -> Result<(), StoreError>;
}

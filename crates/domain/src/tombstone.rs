//! Deleting entries, each with a reason: a tombstone without content stays.

use crate::{AccountId, LogNumber, Reason, SessionName, StoreError, StudyId, Timestamp};
use std::time::Duration;

/// By whom content is deleted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionOrder {
    /// Why.
    pub reason: Reason,
    /// Who, of those who run the study. Never a participant: it stands beside tombstones of traces.
    pub by: Option<AccountId>,
}

/// How the content of an entry came to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burial {
    /// Why.
    pub reason: Reason,
    /// Who, as long as there is such an account.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// How far the deletion of a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionDeletion {
    /// How many entries were deleted.
    pub entries: u64,
    /// Whether those were all; otherwise the rest goes by itself.
    pub complete: bool,
}

/// Deletes the content of entries: [tombstones](crate::StoredEntry::tombstone) stay, so that what is sent again does not come back.
/// The amendments of an entry go with its content. The revision of the study's entries changes.
pub trait TombstoneStore: Send + Sync {
    /// Deletes the content of one entry. `seen`, if given, is the revision that the caller takes it for.
    ///
    /// Errors: [`StoreError::Stale`] if it was amended since; [`StoreError::NotFound`] if there is no such entry in the study, or only a tombstone.
    fn bury(
        &self,
        study: StudyId,
        number: LogNumber,
        seen: Option<u32>,
        order: &DeletionOrder,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes the content of the entries that were sent in a session and are stored by now.
    ///
    /// The order is kept first; it is carried out in short transactions, here for about the time `within`, then by
    /// [`ErasureStore::sweep`](crate::ErasureStore::sweep).
    fn bury_session(
        &self,
        study: StudyId,
        session: &SessionName,
        order: &DeletionOrder,
        now: Timestamp,
        within: Duration,
    ) -> Result<SessionDeletion, StoreError>;

    /// How many entries with content were sent in a session.
    fn count_session(&self, study: StudyId, session: &SessionName) -> Result<u64, StoreError>;

    /// How the content of that entry came to be deleted; `None` for one that has content, and for what was [erased](crate::Removal::Erase) with
    /// its participant.
    fn burial(&self, number: LogNumber) -> Result<Option<Burial>, StoreError>;
}

//! Deleting a study with all that belongs to it.

use crate::{StoreError, StudyId, StudyStatus};

/// What would be lost with a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holdings {
    /// Stored entries, and what is left of deleted ones.
    pub entries: u64,
    /// Texts in quarantine.
    pub quarantined: u64,
    /// Accounts of participants.
    pub participants: u64,
}

impl Holdings {
    /// Whether nothing would be lost but the study's own row and its members.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How much of a study may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A study that holds nothing, in draft or archived.
    Empty,
    /// An archived study, whatever it holds.
    Whole,
}

/// How far the deletion of a study has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// There is more: call again.
    Part,
    /// The study is gone.
    All,
}

/// Why a study was not deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeletionError {
    /// It is open or closed; or in draft, and not empty.
    #[error("its status is {0}; archive the study first")]
    Status(StudyStatus),
    /// It holds something, and was to go only if it were empty.
    #[error("it holds {} entries, {} texts in quarantine and {} accounts of participants", .0.entries, .0.quarantined, .0.participants)]
    NotEmpty(Holdings),
    /// The store could not do it; [`StoreError::NotFound`] if there is no such study, or no longer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deletes studies.
pub trait DeletionStore: Send + Sync {
    /// What a study holds now. `participants` are counted, the others are read from counters.
    fn holdings(&self, study: StudyId) -> Result<Holdings, StoreError>;

    /// Deletes a part of a study in one short transaction: the accounts of its participants first, so that its traces are nobody's any more, then
    /// the quarantine, the entries, and at last the study with its members and all that belongs to it.
    ///
    /// To be called until the answer is [`Deleted::All`]. What was begun and not ended is ended by calling again later.
    ///
    /// Errors: [`DeletionError::Status`], [`DeletionError::NotEmpty`]; then nothing was changed by this call.
    fn delete_study(&self, study: StudyId, extent: Extent) -> Result<Deleted, DeletionError>;
}

/// Deletes a study to its end, part by part.
///
/// # Errors
///
/// Those of [`DeletionStore::delete_study`]. [`StoreError::NotFound`] after something was deleted means that somebody else ended it, which is
/// no error.
pub fn delete_study(
    store: &dyn DeletionStore,
    study: StudyId,
    extent: Extent,
) -> Result<(), DeletionError> {
    let mut begun = false;
    loop {
        match store.delete_study(study, extent) {
            Ok(Deleted::All) => return Ok(()),
            Ok(Deleted::Part) => begun = true,
            Err(DeletionError::Store(StoreError::NotFound)) if begun => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

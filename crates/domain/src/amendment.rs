//! Amendments: corrections of stored entries, each with a reason. What was sent stays as it was sent, and what the entry is read as since
//! stands beside it.

mod merge;
mod overlay;
mod request;

pub use overlay::{Corrector, scan_amended};
pub use request::{AmendmentError, AmendmentRequest, Changes};

use crate::{
    AccountId, ActionName, LogNumber, PageRequest, Paged, Payload, Reason, Sequence, SessionName,
    StoreError, StoredEntry, StudyId, Timestamp,
};

/// An amendment to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAmendment {
    /// The entry as it is to be read from now on. Its revision is one more than that of the entry which it was made from.
    pub entry: StoredEntry,
    /// See [`Amendment::changes`].
    pub changes: Box<str>,
    /// Why.
    pub reason: Reason,
    /// Who, of those who run the study. Never a participant: the table of amendments refers to traces.
    pub by: Option<AccountId>,
}

/// What was amended in an entry, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Of the entry since then; the first amendment makes revision 1.
    pub revision: u32,
    /// The members that were to be changed, as a JSON object, to the letter.
    pub changes: Box<str>,
    /// Why.
    pub reason: Reason,
    /// Who, as long as there is such an account.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// What an amended entry is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// Of the entry.
    pub number: LogNumber,
    /// How often it was amended.
    pub revision: u32,
    /// What happened.
    pub action: ActionName,
    /// When.
    pub occurred_at: Timestamp,
    /// In which play session.
    pub session: Option<SessionName>,
    /// Where in the session.
    pub sequence: Option<Sequence>,
    /// The rest.
    pub payload: Option<Payload>,
}

impl From<&StoredEntry> for Amended {
    fn from(entry: &StoredEntry) -> Self {
        Self {
            number: entry.number,
            revision: entry.revision,
            action: entry.action.clone(),
            occurred_at: entry.occurred_at,
            session: entry.session.clone(),
            sequence: entry.sequence,
            payload: entry.payload.clone(),
        }
    }
}

impl StoredEntry {
    /// Puts the amended values in the place of those that were sent.
    pub fn amend(&mut self, amended: Amended) {
        self.revision = amended.revision;
        self.action = amended.action;
        self.occurred_at = amended.occurred_at;
        self.session = amended.session;
        self.sequence = amended.sequence;
        self.payload = amended.payload;
    }
}

/// Keeps amendments. What [`LogStore`](crate::LogStore) gives is what was sent; a reader who wants what it is read as asks here too.
///
/// Amendments go with the content of their entry.
pub trait AmendmentStore: Send + Sync {
    /// Keeps an amendment; the revision of the study's entries changes with it. Of several at the same time one is kept, and the others
    /// find the entry changed. Errors: [`StoreError::Stale`] if the entry was amended since; [`StoreError::NotFound`] if there is no such
    /// entry in its study, or only a tombstone.
    fn amend(&self, new: &NewAmendment, now: Timestamp) -> Result<(), StoreError>;

    /// What those of these entries are read as that were amended, in any order.
    fn amended(&self, numbers: &[LogNumber]) -> Result<Vec<Amended>, StoreError>;

    /// The same of a study, from that number on and in order of numbers, so many at most.
    fn amended_from(
        &self,
        study: StudyId,
        from: LogNumber,
        at_most: u32,
    ) -> Result<Vec<Amended>, StoreError>;

    /// A part of the list of an entry's amendments, the first made first.
    fn history(
        &self,
        number: LogNumber,
        page: &PageRequest,
    ) -> Result<Paged<Amendment>, StoreError>;
}

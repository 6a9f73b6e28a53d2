//! Who plays now: the accounts of a study, and what arrived under each pseudonym. Two questions, so that no store is asked which
//! of them belong together.

use crate::{
    LogNumber, ParticipantNumber, Pseudonym, StoreError, StudyId, SubjectId, Timestamp, Username,
};

/// An account that plays in a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Player {
    /// What its pseudonym is computed from.
    pub subject: SubjectId,
    /// What it logs in with.
    pub username: Username,
    /// Its place in the study.
    pub number: ParticipantNumber,
    /// Whether it may log in.
    pub active: bool,
    /// When a token was last taken from a grant of it that is still there.
    pub used_at: Option<Timestamp>,
}

/// How far what arrived was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Of the archive; under another one, all that was read before is to be read again.
    pub epoch: String,
    /// Everything up to that number was read.
    pub upto: LogNumber,
}

/// Tells who plays.
pub trait LiveStore: Send + Sync {
    /// The accounts of a study's participants, by number.
    fn players(&self, study: StudyId) -> Result<Vec<Player>, StoreError>;

    /// Calls `each` for every entry of a study with a greater number that is shown by now, in order of numbers: under which pseudonym
    /// it arrived, and when. Tombstones are among them, since they arrived. Reads no payload.
    fn arrivals(
        &self,
        study: StudyId,
        after: LogNumber,
        each: &mut dyn FnMut(Pseudonym, Timestamp),
    ) -> Result<Reached, StoreError>;
}

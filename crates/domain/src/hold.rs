//! Holds: somebody has the use of his entries restricted, or objects to it. What was collected is kept, and used for nothing.

use crate::account::{set_of, words};
use crate::{ConsentCode, PageRequest, Paged, Pseudonym, StoreError, StudyId, Timestamp};
use std::fmt;

words!(
    /// Why entries are kept and used for nothing.
    Hold {
        /// Their use is restricted, say until a dispute is settled (GDPR article 18, LIPAD article 47(2)(c)). More of them may arrive.
        Restriction = "restriction",
        /// Whose they are objects to it (GDPR article 21, FADP article 30(2)(b)). No more of them are taken.
        Objection = "objection",
    }
);

set_of!(
    /// A set of holds.
    Holds, Hold
);

impl Holds {
    /// Takes it in, or out.
    pub fn set(&mut self, hold: Hold, is_held: bool) {
        let bit = 1 << hold as u8;
        if is_held {
            self.0 |= bit;
        } else {
            self.0 &= !bit;
        }
    }
}

/// A hold that somebody puts on his entries, or lifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldChange {
    /// Which.
    pub hold: Hold,
    /// Whether it is put, and not lifted.
    pub is_held: bool,
    /// Whether somebody who runs the study wrote it down, whom the person had asked.
    pub on_request: bool,
}

/// A change to be kept, of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// Names the person's history.
    pub code: ConsentCode,
    /// Stands in the person's traces.
    pub pseudonym: Pseudonym,
    /// What changes.
    pub change: HoldChange,
}

/// A change as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldEvent {
    /// What changed.
    pub change: HoldChange,
    /// When.
    pub recorded_at: Timestamp,
}

/// Keeps holds beside [what was consented to](crate::ConsentStore), and in the same way: a history under a code, which only grows, and
/// what holds under the pseudonym, without times, among the [`Decisions`](crate::Decisions).
pub trait HoldStore: Send + Sync {
    /// Keeps changes of one person, all or none; those that change nothing are not kept. The revision of the study's entries changes with them.
    ///
    /// Error: [`StoreError::NotFound`] without such a study.
    fn record_holds(
        &self,
        study: StudyId,
        new: &[NewHold],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// A part of one person's history, the last first.
    fn holds(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<HoldEvent>, StoreError>;
}

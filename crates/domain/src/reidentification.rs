//! Telling whose a pseudonym is: asked by one person, allowed by another, for a reason and a short time.

use crate::account::words;
use crate::{AccountId, PageRequest, Paged, Pseudonym, Reason, StoreError, StudyId, Timestamp};
use serde::Serialize;
use std::fmt;
use uuid::Uuid;

/// After how many hours a request can't be allowed any more.
pub const REQUEST_HOURS: i64 = 72;
/// How many hours after it was allowed the answer can be had.
pub const ANSWER_HOURS: i64 = 24;

words!(
    /// Where a request stands.
    ReidentificationState {
        /// It waits for a second person.
        Requested = "requested",
        /// It was allowed, and the answer can be had once.
        Approved = "approved",
        /// It was not allowed.
        Refused = "refused",
        /// The answer was given.
        Answered = "answered",
        /// Its time is over.
        Lapsed = "lapsed",
    }
);

/// Names a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ReidentificationId(pub Uuid);

impl fmt::Display for ReidentificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A request, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReidentification {
    /// Random.
    pub id: ReidentificationId,
    /// In which study.
    pub study: StudyId,
    /// Whose it is, is asked.
    pub pseudonym: Pseudonym,
    /// Why it is asked.
    pub reason: Reason,
    /// Who asks.
    pub by: AccountId,
}

/// What the second person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondOpinion {
    /// Yes or no.
    pub allowed: bool,
    /// Who; `None` once there is no such account any more.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// A request as it is kept. It has the pseudonym, and never whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reidentification {
    /// Names it.
    pub id: ReidentificationId,
    /// In which study.
    pub study: StudyId,
    /// Whose it is, is asked.
    pub pseudonym: Pseudonym,
    /// Why.
    pub reason: Reason,
    /// Who asked; `None` once there is no such account any more.
    pub by: Option<AccountId>,
    /// When it was asked.
    pub requested_at: Timestamp,
    /// What a second person said.
    pub opinion: Option<SecondOpinion>,
    /// When the answer was given.
    pub answered_at: Option<Timestamp>,
}

impl Reidentification {
    /// Until when it can be allowed.
    pub const fn lapses_at(&self) -> Timestamp {
        self.requested_at.plus_seconds(REQUEST_HOURS * 3600)
    }

    /// Until when the answer can be had, if it was allowed.
    pub fn answer_until(&self) -> Option<Timestamp> {
        let allowed = self.opinion.filter(|opinion| opinion.allowed)?;
        Some(allowed.at.plus_seconds(ANSWER_HOURS * 3600))
    }

    /// Where it stands at that time.
    pub fn state(&self, now: Timestamp) -> ReidentificationState {
        match (self.opinion, self.answered_at) {
            (_, Some(_)) => ReidentificationState::Answered,
            (Some(opinion), None) if !opinion.allowed => ReidentificationState::Refused,
            (Some(_), None) if self.answer_until().is_some_and(|until| now < until) => {
                ReidentificationState::Approved
            }
            (None, None) if now < self.lapses_at() => ReidentificationState::Requested,
            _ => ReidentificationState::Lapsed,
        }
    }
}

/// Keeps requests to tell whose a pseudonym is.
pub trait ReidentificationStore: Send + Sync {
    /// Keeps a request. Error: [`StoreError::NotFound`] without such a study or account.
    fn request_reidentification(
        &self,
        new: &NewReidentification,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// That request, if it is of that study.
    fn reidentification(
        &self,
        study: StudyId,
        id: ReidentificationId,
    ) -> Result<Option<Reidentification>, StoreError>;

    /// A part of the study's requests, the last first.
    fn reidentifications(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<Reidentification>, StoreError>;

    /// Keeps what the second person says.
    ///
    /// Error: [`StoreError::Stale`] if the request does not wait for it any more, nobody is known who asked, or the same person asked.
    fn decide_reidentification(
        &self,
        id: ReidentificationId,
        allowed: bool,
        by: AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps that the answer is given, which is so once.
    ///
    /// Error: [`StoreError::Stale`] if it was given, was not allowed, or can't be had any more.
    fn answer_reidentification(
        &self,
        id: ReidentificationId,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}

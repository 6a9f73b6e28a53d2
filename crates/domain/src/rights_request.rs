//! Requests that come by letter or e-mail, from people who want to know, correct or take back what is held of them; and until when they must be
//! answered. No name stands here: a username of the study, or the number under which the letter is filed.

use crate::account::words;
use crate::{
    AccountId, Day, FileReference, PageRequest, Paged, Reason, StoreError, StudyId, Timestamp,
};
use std::fmt;

words!(
    /// What somebody asks for.
    RequestKind {
        /// To see what is held (GDPR article 15, FADP article 25, LIPAD article 44).
        Access = "access",
        /// To take it away (GDPR article 20, FADP article 28).
        Portability = "portability",
        /// To have it corrected (GDPR article 16, FADP article 32, LIPAD article 47).
        Rectification = "rectification",
        /// To have it erased (GDPR article 17).
        Erasure = "erasure",
        /// To have it kept and not used (GDPR article 18).
        Restriction = "restriction",
        /// To object to its use (GDPR article 21).
        Objection = "objection",
        /// To take a consent back (GDPR article 7(3)).
        Withdrawal = "withdrawal",
        /// Anything else.
        Other = "other",
    }
);

words!(
    /// How a request was answered.
    RequestOutcome {
        /// As was asked.
        Granted = "granted",
        /// In part, with the reasons for the rest.
        Partly = "partly",
        /// With the reasons, and where to complain (GDPR article 12(4)).
        Refused = "refused",
        /// Whoever asked takes it back.
        TakenBack = "taken_back",
    }
);

/// Days until a request must be answered, where a month is not shorter.
pub const ANSWER_DAYS: u16 = 30;
/// The months until it must be, and to which that can be prolonged (GDPR article 12(3)).
const MONTHS: u8 = 1;
const PROLONGED_MONTHS: u8 = 3;

/// The most requests that are listed of one participant.
pub const REQUESTS_OF_ONE: u32 = 100;

/// Names a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct RequestId(pub i64);

/// The day by which what was received on that day must be answered: after a month (GDPR article 12(3)) or 30 days (FADP article 25(7), and the
/// practice of Geneva), whichever is the earlier.
#[must_use]
pub fn answer_by(received: Day) -> Day {
    received
        .plus_months(MONTHS)
        .min(received.plus_days(ANSWER_DAYS))
}

/// The last day to which that can be put off: two months more.
#[must_use]
pub fn prolonged_at_most(received: Day) -> Day {
    received.plus_months(PROLONGED_MONTHS)
}

/// A request to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRightsRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Of whom, if that is an account of the study.
    pub participant: Option<AccountId>,
    /// Where the letter is filed.
    pub reference: Option<FileReference>,
    /// When it came.
    pub received: Day,
    /// Who writes it down.
    pub recorded_by: Option<AccountId>,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestStep {
    /// It will be answered later, and whoever asked was told why.
    Prolonged {
        /// By that day.
        until: Day,
        /// Why. Names nobody.
        reason: Reason,
    },
    /// It was answered.
    Answered {
        /// On that day.
        on: Day,
        /// How.
        outcome: RequestOutcome,
    },
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsRequest {
    /// Names it.
    pub id: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Of whom, as long as there is such an account.
    pub participant: Option<AccountId>,
    /// Where the letter is filed.
    pub reference: Option<FileReference>,
    /// When it came.
    pub received: Day,
    /// By when it must be answered.
    pub due: Day,
    /// Why that was put off, if it was.
    pub prolonged: Option<Reason>,
    /// When and how it was answered, if it was.
    pub answered: Option<(Day, RequestOutcome)>,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// By whom, as long as there is such an account.
    pub recorded_by: Option<AccountId>,
    /// Goes up by one with each change, from 1.
    pub revision: i64,
}

impl RightsRequest {
    /// Whether it is not answered, and was to be before that day.
    #[must_use]
    pub fn is_overdue(&self, today: Day) -> bool {
        self.answered.is_none() && self.due < today
    }

    /// Whether that can become of it today.
    ///
    /// # Errors
    ///
    /// See [`StepFault`].
    pub fn check(&self, step: &RequestStep, today: Day) -> Result<(), StepFault> {
        if self.answered.is_some() {
            return Err(StepFault::AnsweredAlready);
        }
        match step {
            RequestStep::Prolonged { until, .. } => {
                let latest = prolonged_at_most(self.received);
                if *until <= self.due || *until > latest {
                    return Err(StepFault::PutOffBetween(self.due, latest));
                }
            }
            RequestStep::Answered { on, .. } if *on < self.received => {
                return Err(StepFault::BeforeItCame);
            }
            RequestStep::Answered { on, .. } if *on > today => return Err(StepFault::ToCome),
            RequestStep::Answered { .. } => {}
        }
        Ok(())
    }

    /// With what becomes of it.
    pub fn step(&mut self, step: &RequestStep) {
        match step {
            RequestStep::Prolonged { until, reason } => {
                self.due = *until;
                self.prolonged = Some(reason.clone());
            }
            RequestStep::Answered { on, outcome } => self.answered = Some((*on, *outcome)),
        }
        self.revision += 1;
    }
}

/// Why something can't become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StepFault {
    /// It was answered, and is not changed any more.
    #[error("the request was answered already")]
    AnsweredAlready,
    /// An answer is put off to a later day than the one by which it is due, and at most to the other.
    #[error("an answer is put off to a day after {0} and at most to {1}")]
    PutOffBetween(Day, Day),
    /// It can't have been answered before it came.
    #[error("that is before the request came")]
    BeforeItCame,
    /// It can't have been answered on a day that is yet to come.
    #[error("that day is yet to come")]
    ToCome,
}

/// How many requests wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct WaitingRequests {
    /// That are not answered.
    pub open: u64,
    /// Of these, that were to be answered by now.
    pub overdue: u64,
}

/// Keeps requests.
pub trait RequestStore: Send + Sync {
    /// Keeps one more. Error: [`StoreError::NotFound`] without that study or account.
    fn record_request(
        &self,
        study: StudyId,
        new: &NewRightsRequest,
        now: Timestamp,
    ) -> Result<RightsRequest, StoreError>;

    /// The request of that id in that study.
    fn request(&self, study: StudyId, id: RequestId) -> Result<Option<RightsRequest>, StoreError>;

    /// A part of the list: those that are open first, and of these the one that is due first; then the others, the last received first. With
    /// `open`, only those that are open, or only the others.
    fn requests(
        &self,
        study: StudyId,
        open: Option<bool>,
        page: &PageRequest,
    ) -> Result<Paged<RightsRequest>, StoreError>;

    /// Those that are about one participant, the last received first: at most [`REQUESTS_OF_ONE`].
    fn requests_of(&self, account: AccountId) -> Result<Vec<RightsRequest>, StoreError>;

    /// Takes a step with a request as it was seen. Errors: [`StoreError::Stale`] if it was changed since; [`StoreError::NotFound`].
    fn step_request(
        &self,
        study: StudyId,
        seen: &RightsRequest,
        step: &RequestStep,
    ) -> Result<RightsRequest, StoreError>;

    /// How many of a study wait.
    fn waiting_requests(&self, study: StudyId, today: Day) -> Result<WaitingRequests, StoreError>;

    /// The studies in which requests are overdue, with how many.
    fn overdue_requests(&self, today: Day) -> Result<Vec<(StudyId, u64)>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2024-05-18", "2024-06-17")]
    #[case("2024-04-18", "2024-05-18")]
    #[case("2023-02-01", "2023-03-01")]
    #[case("2024-01-31", "2024-02-29")]
    fn thirty_days_or_a_month_whichever_is_the_earlier(#[case] received: &str, #[case] due: &str) {
        assert_eq!(answer_by(received.parse().unwrap()).to_string(), due);
    }

    #[rstest]
    #[case("answered", "2024-05-18", "2024-06-01", Ok(()))]
    #[case("answered", "2024-05-17", "2024-06-01", Err(StepFault::BeforeItCame))]
    #[case("answered", "2024-06-02", "2024-06-01", Err(StepFault::ToCome))]
    #[case("put off", "2024-08-18", "2024-06-01", Ok(()))]
    #[case("put off", "2024-06-17", "2024-06-01", Err(between()))]
    #[case("put off", "2024-08-19", "2024-06-01", Err(between()))]
    fn what_can_not_become_of_a_request_is_told(
        #[case] what: &str,
        #[case] on: &str,
        #[case] today: &str,
        #[case] expected: Result<(), StepFault>,
    ) {
        let received: Day = "2024-05-18".parse().unwrap();
        let mut request = RightsRequest {
            id: RequestId(1),
            kind: RequestKind::Access,
            participant: None,
            reference: None,
            received,
            due: answer_by(received),
            prolonged: None,
            answered: None,
            recorded_at: Timestamp::now(),
            recorded_by: None,
            revision: 1,
        };
        let (on, today) = (on.parse().unwrap(), today.parse().unwrap());
        let step = match what {
            "answered" => RequestStep::Answered {
                on,
                outcome: RequestOutcome::Granted,
            },
            _ => RequestStep::Prolonged {
                until: on,
                reason: "much to read".parse().unwrap(),
            },
        };
        assert_eq!(request.check(&step, today), expected);
        request.answered = Some((received, RequestOutcome::Granted));
        assert_eq!(request.check(&step, today), Err(StepFault::AnsweredAlready));
    }

    fn between() -> StepFault {
        let day = |text: &str| text.parse().unwrap();
        StepFault::PutOffBetween(day("2024-06-17"), day("2024-08-18"))
    }

    #[test]
    fn two_months_more_are_the_most() {
        let received: Day = "2023-11-30".parse().unwrap();
        assert_eq!(prolonged_at_most(received).to_string(), "2024-02-29");
    }
}

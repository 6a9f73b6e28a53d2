//! Requests to tell whose a pseudonym is, and the answer.

use crate::openapi::shapes;
use serde::Serialize;
use sillage_domain::{
    Reason, Reidentification, ReidentificationId, ReidentificationState, Timestamp, Username,
};
use utoipa::ToSchema;

/// A request. Whose the pseudonym is, it never says.
#[derive(Serialize, ToSchema)]
#[schema(as = Reidentification)]
pub(crate) struct ReidentificationView<'a> {
    /// Names it in paths.
    #[schema(value_type = String, example = "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11")]
    id: ReidentificationId,
    /// Its URL.
    uri: String,
    /// The pseudonym.
    #[schema(value_type = shapes::Pseudonym)]
    participant: String,
    /// Why it is asked.
    #[schema(value_type = shapes::Reason)]
    reason: &'a Reason,
    /// `requested`, `approved`, `refused`, `answered` or `lapsed`.
    #[schema(value_type = String, example = "requested")]
    state: ReidentificationState,
    /// Who asked; null once there is no such account.
    #[schema(value_type = Option<String>, example = "mia")]
    requested_by: Option<&'a Username>,
    /// When.
    #[schema(value_type = shapes::Instant)]
    requested_at: Timestamp,
    /// Until when it can be allowed.
    #[schema(value_type = shapes::Instant)]
    lapses_at: Timestamp,
    /// Who allowed or refused it.
    #[schema(value_type = Option<String>, example = "max")]
    decided_by: Option<&'a Username>,
    /// When.
    #[schema(value_type = Option<shapes::Instant>)]
    decided_at: Option<Timestamp>,
    /// Until when the answer can be had, if it was allowed.
    #[schema(value_type = Option<shapes::Instant>)]
    answer_until: Option<Timestamp>,
    /// When the answer was given.
    #[schema(value_type = Option<shapes::Instant>)]
    answered_at: Option<Timestamp>,
}

/// A request with the names of those who run the study and had to do with it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) request: Reidentification,
    pub(crate) asked: Option<Username>,
    pub(crate) decided: Option<Username>,
}

impl<'a> ReidentificationView<'a> {
    pub(crate) fn new(one: &'a Named, uri: String, now: Timestamp) -> Self {
        let request = &one.request;
        Self {
            id: request.id,
            uri,
            participant: request.pseudonym.to_string(),
            reason: &request.reason,
            state: request.state(now),
            requested_by: one.asked.as_ref(),
            requested_at: request.requested_at,
            lapses_at: request.lapses_at(),
            decided_by: one.decided.as_ref(),
            decided_at: request.opinion.map(|opinion| opinion.at),
            answer_until: request.answer_until(),
            answered_at: request.answered_at,
        }
    }
}

/// Whose a pseudonym is. The pseudonym does not stand beside.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReidentificationAnswer {
    /// What the account logs in with.
    #[schema(value_type = String, example = "classe-a-01")]
    pub(crate) username: Username,
}

//! Requests that came by letter or e-mail.

use crate::openapi::shapes;
use serde::Serialize;
use sillage_domain::{
    Day, FileReference, Reason, RequestId, RequestKind, RequestOutcome, RightsRequest, Timestamp,
    Username,
};
use utoipa::ToSchema;

/// A request about somebody's data.
#[derive(Serialize, ToSchema)]
#[schema(as = RightsRequest)]
pub(crate) struct RequestView<'a> {
    /// Names it in paths.
    #[schema(value_type = i64, example = 3)]
    id: RequestId,
    /// Its URL; not for whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    /// What is asked for.
    #[schema(value_type = shapes::RequestKind)]
    kind: RequestKind,
    /// The username of whose it is, as long as there is such an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "classe-a-01")]
    participant: Option<&'a Username>,
    /// Under which the letter is filed.
    #[schema(value_type = Option<String>, example = "2024-17")]
    reference: &'a Option<FileReference>,
    /// When it came.
    #[schema(value_type = shapes::Day)]
    received_on: Day,
    /// By when it must be answered.
    #[schema(value_type = shapes::Day)]
    due_on: Day,
    /// Why that was put off, if it was.
    #[schema(value_type = Option<String>)]
    put_off_because: &'a Option<Reason>,
    /// `open` or `answered`.
    #[schema(example = "open")]
    state: &'static str,
    /// Whether it was to be answered before today.
    overdue: bool,
    /// When it was answered.
    #[schema(value_type = Option<shapes::Day>)]
    answered_on: Option<Day>,
    /// How it was answered.
    #[schema(value_type = Option<shapes::RequestOutcome>)]
    outcome: Option<RequestOutcome>,
    /// When it was written down.
    #[schema(value_type = shapes::Instant)]
    recorded_at: Timestamp,
    /// By whom, as long as there is such an account; for those who run the study.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "mia")]
    recorded_by: Option<&'a Username>,
    /// Goes up by one with each change.
    revision: i64,
}

impl<'a> RequestView<'a> {
    /// As whose it is sees it.
    pub(crate) fn own(request: &'a RightsRequest, today: Day) -> Self {
        Self {
            id: request.id,
            uri: None,
            kind: request.kind,
            participant: None,
            reference: &request.reference,
            received_on: request.received,
            due_on: request.due,
            put_off_because: &request.prolonged,
            state: match request.answered {
                None => "open",
                Some(_) => "answered",
            },
            overdue: request.is_overdue(today),
            answered_on: request.answered.map(|(on, _)| on),
            outcome: request.answered.map(|(_, outcome)| outcome),
            recorded_at: request.recorded_at,
            recorded_by: None,
            revision: request.revision,
        }
    }

    /// As those see it who run the study.
    pub(crate) fn new(
        uri: String,
        request: &'a RightsRequest,
        today: Day,
        participant: Option<&'a Username>,
        recorded_by: Option<&'a Username>,
    ) -> Self {
        Self {
            uri: Some(uri),
            participant,
            recorded_by,
            ..Self::own(request, today)
        }
    }
}

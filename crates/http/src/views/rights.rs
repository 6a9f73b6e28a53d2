//! Disputes, and whether somebody's entries may be used.

use crate::openapi::shapes;
use crate::rights::Standstill;
use serde::Serialize;
use serde_json::value::RawValue;
use sillage_domain::{Day, Dispute, Hold, HoldEvent, LogNumber, Remark, Timestamp};
use utoipa::ToSchema;

/// An entry that whose it is says is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Dispute)]
pub(crate) struct DisputeView<'a> {
    /// Of the entry.
    #[schema(value_type = i64, example = 1234)]
    number: LogNumber,
    /// The URL of the entry.
    entry: String,
    /// The day on which it was disputed first.
    #[schema(value_type = shapes::Day)]
    since: Day,
    /// What is said against it.
    #[schema(value_type = Option<String>, example = "My brother played that evening.")]
    text: &'a Option<Remark>,
    /// What would be right: members as those of an amendment, `payload` as a merge patch (RFC 7396).
    #[schema(value_type = Option<Object>, example = json!({"payload": {"score": 12}}))]
    correction: Option<Box<RawValue>>,
    /// What those say to it who run the study.
    #[schema(value_type = Option<String>)]
    answer: &'a Option<Remark>,
}

impl<'a> DisputeView<'a> {
    pub(crate) fn new(root: &str, dispute: &'a Dispute) -> Self {
        let sent = dispute.said.correction.as_deref();
        Self {
            number: dispute.number,
            entry: format!("{root}/v1/logs/{}", dispute.number),
            since: dispute.since,
            text: &dispute.said.text,
            // It was an object when it was stored.
            correction: sent.and_then(|sent| RawValue::from_string(sent.to_owned()).ok()),
            answer: &dispute.answer,
        }
    }
}

/// Whether somebody's entries may be used.
#[derive(Serialize, ToSchema)]
#[schema(as = Processing)]
pub(crate) struct ProcessingView {
    /// Whether they are kept and not used: in no export, and not read for research. More of them arrive.
    restricted: bool,
    /// Whether whose they are objects: they are kept and not used, and no more of them are taken.
    objected: bool,
    /// How that came, the last first.
    history: Vec<HoldView>,
}

/// A change of that.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcessingChange)]
pub(crate) struct HoldView {
    /// `restriction` or `objection`.
    #[schema(value_type = String, example = "restriction")]
    what: Hold,
    /// Whether it was put, and not lifted.
    holds: bool,
    /// Whether somebody who runs the study wrote it down, on request.
    on_request: bool,
    /// When.
    #[schema(value_type = shapes::Instant)]
    recorded_at: Timestamp,
}

impl From<&HoldEvent> for HoldView {
    fn from(event: &HoldEvent) -> Self {
        Self {
            what: event.change.hold,
            holds: event.change.is_held,
            on_request: event.change.on_request,
            recorded_at: event.recorded_at,
        }
    }
}

impl From<&Standstill> for ProcessingView {
    fn from(standstill: &Standstill) -> Self {
        let holds = standstill.decisions.holds();
        Self {
            restricted: holds.contains(Hold::Restriction),
            objected: holds.contains(Hold::Objection),
            history: standstill.history.iter().map(HoldView::from).collect(),
        }
    }
}

//! Consents, as those see them whose they are, and those who run the study.

use crate::views::notice::hex;
use serde::Serialize;
use sillage_domain::{
    Consent, DecidedBy, Decision, Decisions, NoticeVersion, ParticipantNumber, Purpose, Purposes,
    Timestamp, Username,
};
use utoipa::ToSchema;

/// A decision that somebody made.
#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
pub(crate) struct ConsentView {
    /// `given`, `refused` or `withdrawn`.
    #[schema(value_type = String, example = "given")]
    decision: Decision,
    /// What it is about: of `collection`, `research`, `reuse`, `publication`.
    #[schema(value_type = Vec<String>, example = json!(["collection", "research"]))]
    purposes: Purposes,
    /// By whom: `self`, `guardian`, or on `paper`.
    #[schema(value_type = String, example = "self")]
    by: DecidedBy,
    /// The notice that it was made on.
    notice: Option<NoticeFace>,
    /// Where the paper lies, if there is one.
    reference: Option<String>,
    /// When it was recorded.
    #[schema(value_type = String)]
    recorded_at: Timestamp,
    /// Who wrote it down, of those who run the study; for them only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    recorded_by: Option<Username>,
}

/// The notice that a decision was made on.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeShown)]
pub(crate) struct NoticeFace {
    /// Its number.
    #[schema(value_type = i32, example = 3)]
    version: NoticeVersion,
    /// The language that it is in.
    #[schema(example = "fr")]
    language: String,
    /// SHA-256 of its Markdown, in hexadecimal digits.
    hash: String,
}

impl ConsentView {
    pub(crate) fn new(consent: &Consent, recorded_at: Timestamp, by: Option<Username>) -> Self {
        Self {
            decision: consent.decision,
            purposes: consent.purposes,
            by: consent.by,
            notice: consent.notice.as_ref().map(|notice| NoticeFace {
                version: notice.version,
                language: notice.language.clone(),
                hash: hex(&notice.hash),
            }),
            reference: consent.reference.clone(),
            recorded_at,
            recorded_by: by,
        }
    }
}

/// What holds for a participant, by the last decision about each purpose; null where there was none.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentStanding)]
pub(crate) struct StandingView<'a> {
    /// Of the account.
    #[schema(value_type = String, example = "classe-a-01")]
    pub(crate) username: &'a Username,
    /// In the study, from 1.
    #[schema(value_type = Option<i64>, example = 1)]
    pub(crate) number: Option<ParticipantNumber>,
    /// Whether entries may be collected.
    #[schema(value_type = Option<String>, example = "given")]
    pub(crate) collection: Option<Decision>,
    /// Whether they may serve the research of the study.
    #[schema(value_type = Option<String>)]
    pub(crate) research: Option<Decision>,
    /// Whether they may serve that of others.
    #[schema(value_type = Option<String>)]
    pub(crate) reuse: Option<Decision>,
    /// Whether they may be published.
    #[schema(value_type = Option<String>)]
    pub(crate) publication: Option<Decision>,
    /// The decisions one by one.
    pub(crate) uri: String,
}

impl<'a> StandingView<'a> {
    pub(crate) fn new(
        username: &'a Username,
        number: Option<ParticipantNumber>,
        decisions: Decisions,
        uri: String,
    ) -> Self {
        Self {
            username,
            number,
            collection: decisions.of(Purpose::Collection),
            research: decisions.of(Purpose::Research),
            reuse: decisions.of(Purpose::Reuse),
            publication: decisions.of(Purpose::Publication),
            uri,
        }
    }
}

/// What was written down.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsentsRecorded {
    /// Of how many participants.
    pub(crate) recorded: usize,
    /// When.
    #[schema(value_type = String)]
    pub(crate) recorded_at: Timestamp,
}

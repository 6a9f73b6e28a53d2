//! All that is held of somebody, for that one alone. No pseudonym stands here: it is beside a username.

use super::amendment::AmendmentView;
use super::audit::OwnAccess;
use super::consent::ConsentView;
use super::grant::GrantView;
use super::identity::IdentityView;
use super::log::LogEntry;
use super::notice::hex;
use super::quarantine::QuarantineEntry;
use super::request::RequestView;
use super::rights::{DisputeView, ProcessingView};
use super::study::{StudyFace, StudyView};
use crate::openapi::shapes;
use serde::Serialize;
use sillage_domain::{
    Account, Burial, NoticeVersion, ParticipantNumber, Reason, Role, Slug, StoredNotice, StudyRole,
    Timestamp, Username,
};
use utoipa::ToSchema;

/// What a file begins with.
#[derive(Serialize)]
pub(crate) struct OwnHead<'a> {
    pub(crate) account: OwnAccount<'a>,
    /// Of somebody who runs studies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memberships: Option<Vec<OwnMembership>>,
    /// Of somebody whose study keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<IdentityView>,
    /// What the study keeps besides, and this token does not show.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) left_out: &'static [&'static str],
    pub(crate) grants: Vec<GrantView<'a>>,
    /// What others did with it.
    pub(crate) accesses: Vec<OwnAccess>,
    /// Of a participant: what the study is, and says of how it handles data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) study: Option<StudyView<'a>>,
    /// Of a participant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) processing: Option<ProcessingView>,
    /// Of a participant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requests: Option<Vec<RequestView<'a>>>,
}

/// A notice that somebody decided on, with its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnNotice<'a> {
    /// Its number.
    #[schema(value_type = i32, example = 3)]
    pub(crate) version: NoticeVersion,
    /// The language that it is in.
    #[schema(example = "fr")]
    pub(crate) language: &'a str,
    /// SHA-256 of its Markdown, in hexadecimal digits.
    pub(crate) hash: String,
    /// As Markdown.
    pub(crate) text: &'a str,
}

impl<'a> From<&'a StoredNotice> for OwnNotice<'a> {
    fn from(notice: &'a StoredNotice) -> Self {
        Self {
            version: notice.summary.version,
            language: &notice.summary.language,
            hash: hex(&notice.summary.hash),
            text: &notice.text,
        }
    }
}

/// An account, for its owner. Of the password there is a hash, which is shown to nobody.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnAccount<'a> {
    /// What one logs in with.
    #[schema(value_type = String, example = "classe-a-01")]
    username: &'a Username,
    /// `admin`, `researcher` or `participant`.
    #[schema(value_type = String, example = "participant")]
    role: Role,
    /// The study that one plays in; null for people who run studies.
    #[schema(value_type = Option<String>, example = "tsadk")]
    study: Option<&'a Slug>,
    /// The number in that study.
    #[schema(value_type = Option<i64>, example = 2)]
    number: Option<ParticipantNumber>,
    /// When it was made.
    #[schema(value_type = shapes::Instant)]
    created_at: Timestamp,
}

impl<'a> OwnAccount<'a> {
    pub(crate) fn new(account: &'a Account, study: Option<&'a Slug>) -> Self {
        Self {
            username: &account.username,
            role: account.role,
            study,
            number: account.enrolment.map(|enrolment| enrolment.number),
            created_at: account.created_at,
        }
    }
}

/// What one is in a study.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnMembership {
    /// Slug of the study.
    #[schema(value_type = String, example = "castle")]
    pub(crate) study: Slug,
    /// `manager`, `analyst`, `developer` or `monitor`.
    #[schema(value_type = String, example = "manager")]
    pub(crate) role: StudyRole,
}

/// How the content of an entry came to be deleted.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnEntryDeletion)]
pub(crate) struct OwnBurial<'a> {
    /// When.
    #[schema(value_type = shapes::Instant)]
    deleted_at: Timestamp,
    /// Why.
    #[schema(value_type = String, example = "a pilot run")]
    reason: &'a Reason,
}

impl<'a> From<&'a Burial> for OwnBurial<'a> {
    fn from(burial: &'a Burial) -> Self {
        Self {
            deleted_at: burial.at,
            reason: &burial.reason,
        }
    }
}

/// All that is held of somebody.
#[derive(ToSchema)]
#[schema(as = OwnData)]
#[expect(dead_code, reason = "it describes what is streamed")]
pub(crate) struct OwnData<'a> {
    account: OwnAccount<'a>,
    /// Of somebody who runs studies: where, and as what.
    memberships: Option<Vec<OwnMembership>>,
    /// Of a participant whose study keeps it: who one is.
    identity: Option<IdentityView>,
    /// `identity`, where the study keeps who one is and the token is one that does not show it: ask for one with the scope `identity`, or log in
    /// with the password.
    #[schema(value_type = Option<Vec<String>>)]
    left_out: &'static [&'static str],
    /// Where one is logged in.
    #[schema(value_type = Vec<GrantView<'a>>)]
    grants: Vec<GrantView<'a>>,
    /// What others did with it, the last first: with this account, or with what all participants of the study did. As what they did it, never who
    /// they are.
    accesses: Vec<OwnAccess>,
    /// Of a participant: what the study is, for what and for whom it collects, and how long it keeps what it has.
    study: Option<StudyFace>,
    /// Of a participant: whether the entries may be used.
    processing: Option<ProcessingView>,
    /// Of a participant: requests that came by letter, as they were written down.
    requests: Option<Vec<RequestView<'a>>>,
    /// Of a participant: what was sent, as it was sent; tombstones too.
    entries: Option<Vec<OwnEntry<'a>>>,
    /// Of a participant: what was sent and could not be taken.
    quarantine: Option<Vec<QuarantineEntry>>,
    /// Of a participant: what was consented to, the last first.
    consents: Option<Vec<ConsentView>>,
    /// Of a participant: the notices that this was decided on, each once.
    notices: Option<Vec<OwnNotice<'a>>>,
}

/// An entry as it was sent, and what was done to it since.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is streamed")]
pub(crate) struct OwnEntry<'a> {
    #[serde(flatten)]
    entry: LogEntry,
    /// Corrections, the first made first.
    amendments: Vec<AmendmentView<'a>>,
    /// How its content came to be deleted; not of what was erased.
    deletion: Option<OwnBurial<'a>>,
    /// What its sender says against it.
    dispute: Option<DisputeView<'a>>,
}

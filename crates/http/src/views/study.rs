//! Studies.

use crate::controllers::studies::{
    ContactRequest, ControllerRequest, RecipientRequest, RetentionRequest,
};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use sillage_auth::Reach;
use sillage_domain::{Study, StudyCounts, WaitingRequests};
use utoipa::ToSchema;

/// A study as it is shown to somebody.
pub(crate) struct StudyView<'a> {
    root: &'a str,
    study: &'a Study,
    reach: Reach,
    requests: Option<WaitingRequests>,
}

impl<'a> StudyView<'a> {
    pub(crate) fn new(root: &'a str, study: &'a Study, reach: Reach) -> Self {
        Self {
            root,
            study,
            reach,
            requests: None,
        }
    }

    /// With how many requests of people about their data wait.
    pub(crate) fn with(self, requests: Option<WaitingRequests>) -> Self {
        Self { requests, ..self }
    }

    pub(crate) fn uri(&self) -> String {
        format!("{}/v1/studies/{}", self.root, self.study.slug)
    }
}

impl Serialize for StudyView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let study = self.study;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("slug", &study.slug)?;
        map.serialize_entry("uri", &self.uri())?;
        map.serialize_entry("title", &study.title)?;
        map.serialize_entry("description", &study.description)?;
        map.serialize_entry("game_url", &study.game_url)?;
        map.serialize_entry("status", &study.status)?;
        let said = &study.protection;
        map.serialize_entry("legal_regimes", &said.legal_regimes)?;
        map.serialize_entry("controllers", &said.controllers)?;
        map.serialize_entry("contact", &said.contact)?;
        map.serialize_entry("data_protection_officer", &said.data_protection_officer)?;
        map.serialize_entry("purpose", &said.purpose)?;
        map.serialize_entry("legal_basis", &said.legal_basis)?;
        map.serialize_entry("recipients", &said.recipients)?;
        map.serialize_entry("retention", &said.retention)?;
        map.serialize_entry("ethics_reference", &said.ethics_reference)?;
        map.serialize_entry("authorisation_reference", &said.authorisation_reference)?;
        map.serialize_entry("consent_purposes", &study.consent)?;
        map.serialize_entry("identity", &study.identity)?;
        map.serialize_entry("anonymous", &study.anonymous)?;
        if self.reach == Reach::Whole {
            map.serialize_entry("validation", &study.validation)?;
            map.serialize_entry("codebook", &study.codebook)?;
            map.serialize_entry("takes_everything", &study.codebook.is_none())?;
            map.serialize_entry("silence_alert_minutes", &study.silence_minutes)?;
            map.serialize_entry("created_at", &study.created_at)?;
            map.serialize_entry("closed_at", &study.closed_at)?;
            map.serialize_entry("revision", &study.revision)?;
        }
        if let Some(requests) = &self.requests {
            map.serialize_entry("requests", requests)?;
        }
        map.end()
    }
}

/// A study.
#[derive(ToSchema)]
#[schema(as = Study)]
#[expect(dead_code, reason = "it describes what StudyView writes")]
pub(crate) struct StudyFace {
    /// Names it in paths.
    #[schema(example = "tsadk")]
    slug: String,
    /// Its URL.
    uri: String,
    /// For people.
    title: String,
    /// For people; may be empty.
    description: String,
    /// Where to play, if that was said.
    #[schema(example = "https://game.example.org/")]
    game_url: Option<String>,
    /// `draft`, `open`, `closed` or `archived`.
    #[schema(example = "open")]
    status: String,
    /// The laws that hold for the study.
    #[schema(example = json!(["LIPAD", "GDPR"]))]
    legal_regimes: Vec<String>,
    /// Who decides why and how data are handled.
    controllers: Vec<ControllerRequest>,
    /// Whom to ask.
    contact: Option<ContactRequest>,
    /// Who looks after data protection at the controllers'.
    data_protection_officer: Option<ContactRequest>,
    /// What the data are for.
    purpose: Option<String>,
    /// What allows it.
    legal_basis: Option<String>,
    /// To whom data go; an empty list: to nobody; null: that was not said.
    recipients: Option<Vec<RecipientRequest>>,
    /// How long entries are kept, and what becomes of them then.
    retention: Option<RetentionRequest>,
    /// Of the commission of ethics.
    ethics_reference: Option<String>,
    /// Of the authorisation to collect sensitive data.
    authorisation_reference: Option<String>,
    /// What the study asks consent for; nothing, if it is empty.
    #[schema(example = json!(["collection", "research"]))]
    consent_purposes: Vec<String>,
    /// What is kept of who participants are, sealed in the vault; nothing, if it is empty.
    #[schema(example = json!(["first_name", "guardian_email"]))]
    identity: Vec<String>,
    /// Whether it is anonymous from the collection on, and keeps no identity.
    anonymous: bool,
    /// `quarantine` or `reject`: what happens to entries that do not fit. Not for participants, like all that follows.
    validation: Option<String>,
    /// The last version of its codebook, which entries are checked against.
    #[schema(example = 3)]
    codebook: Option<i32>,
    /// Whether any entry that is whole is taken, whatever is in it: without a codebook.
    takes_everything: Option<bool>,
    /// Minutes without an entry after which it raises an alert while it is open; null for never.
    #[schema(example = 120)]
    silence_alert_minutes: Option<i64>,
    /// When it was made.
    created_at: Option<String>,
    /// When it was closed last, if it is closed or archived.
    closed_at: Option<String>,
    /// Goes up by one with each change.
    revision: Option<i64>,
    /// The requests of people about their data that wait; of one study, for those who answer them.
    requests: Option<Waiting>,
}

/// Requests that wait.
#[derive(ToSchema)]
#[schema(as = WaitingRequests)]
#[expect(dead_code, reason = "it describes what is written of WaitingRequests")]
pub(crate) struct Waiting {
    /// That are not answered.
    open: u64,
    /// Of these, that were to be answered before today.
    overdue: u64,
}

/// How much a study holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stats {
    /// Stored entries that have their content.
    entries: u64,
    /// Entries of which only the tombstone is left.
    deleted: u64,
    /// Texts in quarantine.
    quarantined: u64,
}

impl From<StudyCounts> for Stats {
    fn from(counts: StudyCounts) -> Self {
        Self {
            entries: counts.entries,
            deleted: counts.deleted,
            quarantined: counts.quarantined,
        }
    }
}

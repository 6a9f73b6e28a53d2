//! Texts in quarantine.

use super::error::ErrorEntry;
use crate::intake::problem;
use crate::language::Language;
use crate::replay::Replayed;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use sillage_domain::{Discarded, QuarantinedEntry, ReasonCount, Slug, Timestamp};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A text in quarantine as it is shown.
pub(crate) struct QuarantineView<'a> {
    pub(crate) text: &'a QuarantinedEntry,
    pub(crate) slug: &'a Slug,
    pub(crate) root: &'a str,
    pub(crate) language: Language,
    /// Whether the pseudonym is shown. Nobody is shown the own one.
    pub(crate) whose: bool,
}

impl Serialize for QuarantineView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &text.id)?;
        let uri = format_args!(
            "{}/v1/studies/{}/quarantine/{}",
            self.root, self.slug, text.id
        )
        .to_string();
        map.serialize_entry("uri", &uri)?;
        if let Some(participant) = text.pseudonym.filter(|_| self.whose) {
            map.serialize_entry("participant", &format_args!("{participant}"))?;
        }
        map.serialize_entry("received_at", &text.received_at)?;
        if let Some(at) = text.judged_at {
            map.serialize_entry("judged_at", &at)?;
        }
        if let Some(id) = text.misfit.id {
            map.serialize_entry("entry_id", &id)?;
        }
        map.serialize_entry("status", "quarantined")?;
        if let Some(action) = &text.action {
            map.serialize_entry("action", action)?;
        }
        if let Some(codebook) = text.codebook {
            map.serialize_entry("codebook", &codebook)?;
        }
        map.serialize_entry("text", &text.misfit.text)?;
        let words = text.misfit.faults.iter().map(|fault| fault.kind.word());
        map.serialize_entry("reasons", &words.collect::<BTreeSet<_>>())?;
        let problems: Vec<_> = text
            .misfit
            .faults
            .iter()
            .map(|fault| problem(fault, ""))
            .collect();
        let said: Vec<_> = problems
            .iter()
            .map(|problem| problem.said(self.language))
            .collect();
        map.serialize_entry("errors", &said)?;
        map.end()
    }
}

/// A text in quarantine.
#[derive(ToSchema)]
#[schema(as = Quarantine)]
#[expect(dead_code, reason = "it describes what QuarantineView writes")]
pub(crate) struct QuarantineEntry {
    /// Names it.
    id: i64,
    /// Its URL.
    uri: String,
    /// The pseudonym of who sent it, if it was somebody who plays; for those who see all of it.
    #[schema(example = "P-7QX4-M2K9-T0BC-5")]
    participant: Option<String>,
    /// When it arrived first.
    received_at: String,
    /// When a replay last found other reasons than before; absent while they are those of its arrival.
    judged_at: Option<String>,
    /// The id that the game gave it, if it is one.
    entry_id: Option<String>,
    /// `quarantined`; `discarded` of what is left of a text that was thrown away, which is `id`, `uri`, this, `received_at`,
    /// `discarded_at` and `reason`.
    status: String,
    /// What happened, as far as that can be read.
    action: Option<String>,
    /// The version of the study's codebook that it was checked against, if it came so far.
    codebook: Option<i32>,
    /// As it was sent, but for a member that names the participant; not of what was thrown away.
    text: Option<String>,
    /// The kinds of what is wrong with it, each once: words to filter and to count by; not of what was thrown away.
    reasons: Option<Vec<String>>,
    /// When it was thrown away.
    discarded_at: Option<String>,
    /// Why it was thrown away.
    reason: Option<String>,
    /// Everything that is wrong with it; pointers are into the text; not of what was thrown away.
    errors: Option<Vec<ErrorEntry>>,
}

/// What is left of a text that was thrown away.
#[derive(Serialize)]
pub(crate) struct DiscardedView<'a> {
    id: i64,
    uri: String,
    status: &'static str,
    received_at: Timestamp,
    discarded_at: Timestamp,
    reason: &'a str,
}

impl<'a> DiscardedView<'a> {
    pub(crate) fn new(root: &str, slug: &Slug, left: &'a Discarded) -> Self {
        Self {
            id: left.id.0,
            uri: format!("{root}/v1/studies/{slug}/quarantine/{}", left.id),
            status: "discarded",
            received_at: left.received_at,
            discarded_at: left.discarded_at,
            reason: left.reason.as_str(),
        }
    }
}

/// How many texts of one time have a reason among theirs.
#[derive(Serialize, ToSchema)]
#[schema(as = QuarantineReason)]
pub(crate) struct ReasonView {
    /// The beginning of the day or hour.
    #[schema(value_type = String, example = "2024-05-18T00:00:00.000000Z")]
    from: Timestamp,
    /// The word for it.
    #[schema(example = "unknown_action")]
    reason: String,
    /// How many texts.
    texts: u64,
}

impl From<ReasonCount> for ReasonView {
    fn from(count: ReasonCount) -> Self {
        Self {
            from: count.from,
            reason: count.reason,
            texts: count.texts,
        }
    }
}

/// What became of texts that were looked at again.
#[derive(Serialize, ToSchema)]
#[schema(as = Replayed)]
pub(crate) struct ReplayView {
    /// How many are entries now.
    moved: u64,
    /// How many were stored already, and only left the quarantine.
    duplicates: u64,
    /// How many stay, with the reasons that they have by now.
    remained: u64,
    /// `null` once all were looked at; otherwise what to ask for next as `after`.
    next: Option<i64>,
}

impl From<Replayed> for ReplayView {
    fn from(done: Replayed) -> Self {
        Self {
            moved: done.moved,
            duplicates: done.duplicates,
            remained: done.remained,
            next: done.next.map(|id| id.0),
        }
    }
}

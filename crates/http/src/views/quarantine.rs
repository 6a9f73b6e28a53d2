//! Texts in quarantine.

use super::error::ErrorEntry;
use crate::intake::problem;
use crate::language::Language;
use serde::ser::{Serialize, SerializeMap, Serializer};
use sillage_domain::{QuarantinedEntry, Slug};
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
        if let Some(id) = text.misfit.id {
            map.serialize_entry("entry_id", &id)?;
        }
        map.serialize_entry("text", &text.misfit.text)?;
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
    /// The id that the game gave it, if it is one.
    entry_id: Option<String>,
    /// As it was sent, but for a member that names the participant.
    text: String,
    /// Everything that is wrong with it; pointers are into the text.
    errors: Vec<ErrorEntry>,
}

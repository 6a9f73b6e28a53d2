//! Who a participant is. No pseudonym stands here.

use crate::openapi::shapes;
use serde::Serialize;
use sillage_domain::{Identity, IdentityField, IdentityFields, Known};
use utoipa::ToSchema;

/// Who a participant is, as far as the study keeps it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identity)]
pub(crate) struct IdentityView {
    /// What the study keeps; the others are always null.
    #[schema(value_type = Vec<shapes::IdentityField>, example = json!(["name", "first_name", "email"]))]
    keeps: IdentityFields,
    /// The family name.
    #[schema(example = "Rossi")]
    name: Option<String>,
    /// The first name.
    #[schema(example = "Chiara")]
    first_name: Option<String>,
    /// Where to write to the participant.
    #[schema(example = "chiara@example.org")]
    email: Option<String>,
    /// Who decides for the participant.
    #[schema(example = "Paola Rossi")]
    guardian_name: Option<String>,
    /// Where to write to that person.
    #[schema(example = "paola@example.org")]
    guardian_email: Option<String>,
}

impl IdentityView {
    /// What is known, of the fields that are kept.
    pub(crate) fn new(keeps: IdentityFields, known: &Known) -> Self {
        let identity: &Identity = &known.identity;
        let of = |field| {
            let kept = keeps.contains(field);
            identity.get(field).filter(|_| kept).map(str::to_owned)
        };
        Self {
            keeps,
            name: of(IdentityField::Name),
            first_name: of(IdentityField::FirstName),
            email: of(IdentityField::Email),
            guardian_name: of(IdentityField::GuardianName),
            guardian_email: of(IdentityField::GuardianEmail),
        }
    }
}

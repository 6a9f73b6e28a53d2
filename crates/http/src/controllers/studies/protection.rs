//! What a study says of how it handles personal data, as it is asked for.

use crate::extractors::{FromMembers, Members};
use crate::openapi::shapes;
use crate::validation;
use sillage_domain::{
    Contact, Controller, IdentityField, IdentityFields, LegalRegime, Purpose, Purposes, Recipient,
    Removal, Retention, RetentionStart,
};
use utoipa::ToSchema;
use validator::Validate;

/// Who decides why and how data are handled.
#[derive(Debug, Clone, serde::Serialize, Validate, ToSchema)]
#[schema(as = Controller)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControllerRequest {
    /// As it stands in the notice.
    #[validate(required, custom(function = "validation::line"))]
    #[schema(required, value_type = shapes::Line, example = "Université de Genève")]
    name: Option<String>,
    /// Where it has its seat.
    #[validate(custom(function = "validation::line"))]
    #[schema(value_type = Option<shapes::Line>)]
    address: Option<String>,
    /// ISO 3166-1, two letters.
    #[validate(custom(function = "validation::country"))]
    #[schema(value_type = Option<shapes::Country>)]
    country: Option<String>,
    /// Who answers for it.
    #[validate(custom(function = "validation::line"))]
    #[schema(value_type = Option<shapes::Line>)]
    contact: Option<String>,
}

impl FromMembers for ControllerRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            name: members.text("name"),
            address: members.text("address"),
            country: members.text("country"),
            contact: members.text("contact"),
        }
    }
}

impl From<ControllerRequest> for Controller {
    fn from(request: ControllerRequest) -> Self {
        Self {
            name: request.name.unwrap_or_default(),
            address: request.address,
            country: request.country,
            contact: request.contact,
        }
    }
}

/// Whom to ask.
#[derive(Debug, Clone, serde::Serialize, Validate, ToSchema)]
#[schema(as = Contact)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactRequest {
    /// A person, or an office.
    #[validate(required, custom(function = "validation::line"))]
    #[schema(required, value_type = shapes::Line)]
    name: Option<String>,
    /// Where to write.
    #[validate(required, custom(function = "validation::email"))]
    #[schema(required, value_type = shapes::Email)]
    email: Option<String>,
}

impl FromMembers for ContactRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            name: members.text("name"),
            email: members.text("email"),
        }
    }
}

impl From<ContactRequest> for Contact {
    fn from(request: ContactRequest) -> Self {
        Self {
            name: request.name.unwrap_or_default(),
            email: request.email.unwrap_or_default(),
        }
    }
}

/// To whom data go.
#[derive(Debug, Clone, serde::Serialize, Validate, ToSchema)]
#[schema(as = Recipient)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipientRequest {
    /// A person, an institution, or a kind of them.
    #[validate(required, custom(function = "validation::line"))]
    #[schema(required, value_type = shapes::Line)]
    name: Option<String>,
    /// ISO 3166-1, two letters.
    #[validate(custom(function = "validation::country"))]
    #[schema(value_type = Option<shapes::Country>)]
    country: Option<String>,
    /// What for.
    #[validate(custom(function = "validation::line"))]
    #[schema(value_type = Option<shapes::Line>)]
    purpose: Option<String>,
}

impl FromMembers for RecipientRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            name: members.text("name"),
            country: members.text("country"),
            purpose: members.text("purpose"),
        }
    }
}

impl From<RecipientRequest> for Recipient {
    fn from(request: RecipientRequest) -> Self {
        Self {
            name: request.name.unwrap_or_default(),
            country: request.country,
            purpose: request.purpose,
        }
    }
}

/// How long entries are kept, and what becomes of them then.
#[derive(Debug, Clone, serde::Serialize, Validate, ToSchema)]
#[schema(as = Retention)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionRequest {
    /// How many months, at most 1200.
    #[validate(required, range(min = 1, max = 1200))]
    #[schema(required, value_type = i64, minimum = 1, maximum = 1200, example = 60)]
    months: Option<i64>,
    /// From when on: the `closing` of the study, the default, or the `reception` of each entry.
    #[validate(custom(function = "validation::retention_start"))]
    #[schema(value_type = Option<shapes::RetentionStart>)]
    from: Option<String>,
    /// What becomes of participants and their entries then: `anonymise`, the default, or `erase`.
    #[validate(custom(function = "validation::removal"))]
    #[schema(value_type = Option<shapes::Removal>)]
    then: Option<String>,
}

const _: () = assert!(sillage_domain::MAX_RETENTION_MONTHS == 1200);

impl FromMembers for RetentionRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            months: members.integer("months"),
            from: members.text("from"),
            then: members.text("then"),
        }
    }
}

impl From<RetentionRequest> for Retention {
    fn from(request: RetentionRequest) -> Self {
        let from = request.from.as_deref().and_then(RetentionStart::from_word);
        let then = request.then.as_deref().and_then(Removal::from_word);
        Self {
            months: request.months.unwrap_or_default(),
            from: from.unwrap_or(RetentionStart::Closing),
            then: then.unwrap_or(Removal::Anonymise),
        }
    }
}

/// The laws that these words name, each once.
pub(super) fn regimes(words: Vec<String>) -> Vec<LegalRegime> {
    let mut regimes = Vec::new();
    for word in words {
        let regime = LegalRegime::from_word(&word);
        regimes.extend(regime.filter(|regime| !regimes.contains(regime)));
    }
    regimes
}

/// The fields that these words name.
pub(super) fn identity(words: &[String]) -> IdentityFields {
    let named = words
        .iter()
        .filter_map(|word| IdentityField::from_word(word));
    named.collect()
}

/// The purposes that these words name.
pub(super) fn purposes(words: &[String]) -> Purposes {
    let named = words.iter().filter_map(|word| Purpose::from_word(word));
    named.collect()
}

//! One's own account.

use super::identity::IdentityView;
use serde::Serialize;
use sillage_domain::{Role, Slug, Username};
use utoipa::ToSchema;

/// One's own account. Nothing here stands in a trace.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me<'a> {
    /// What one logs in with.
    #[schema(value_type = String, example = "classe-a-01")]
    pub(crate) username: &'a Username,
    /// `admin`, `researcher` or `participant`.
    #[schema(value_type = String, example = "participant")]
    pub(crate) role: Role,
    /// The study that one plays in; null for people who run studies.
    #[schema(value_type = Option<String>, example = "tsadk")]
    pub(crate) study: Option<&'a Slug>,
    /// What the study keeps of who one is; not there, where it keeps nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<IdentityView>,
}

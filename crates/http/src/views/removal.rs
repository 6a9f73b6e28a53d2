//! What becomes of somebody who is taken out.

use crate::error::ApiError;
use crate::response;
use actix_web::HttpResponse;
use serde::Serialize;
use sillage_domain::{Removal, Username};
use utoipa::ToSchema;

/// What a removal would do. No number stands here: how many entries somebody has would tell which of the pseudonyms is his.
#[derive(Serialize, ToSchema)]
pub(crate) struct DryRun<'a> {
    /// Of the account.
    #[schema(value_type = String, example = "classe-a-01")]
    username: &'a Username,
    /// `anonymise` or `erase`.
    #[schema(value_type = String, example = "erase")]
    mode: Removal,
    /// Always `true`.
    dry_run: bool,
    /// What would go: of `account`, `log_ins`, `memberships`, `link_to_entries`, `content_of_entries`, `quarantined_texts`.
    #[schema(example = json!(["account", "log_ins", "link_to_entries", "content_of_entries", "quarantined_texts"]))]
    removes: &'static [&'static str],
    /// What would stay: `tombstones_of_entries`; or, of somebody who runs studies, `test_entries`; or `entries` and `quarantined_texts`, under a pseudonym of nobody.
    #[schema(example = json!(["tombstones_of_entries"]))]
    keeps: &'static [&'static str],
}

impl<'a> DryRun<'a> {
    pub(crate) fn new(username: &'a Username, mode: Removal) -> Self {
        let (removes, keeps): (&[&str], &[&str]) = match mode {
            Removal::Anonymise => (
                &["account", "log_ins", "link_to_entries"],
                &["entries", "quarantined_texts"],
            ),
            Removal::Erase => (
                &[
                    "account",
                    "log_ins",
                    "link_to_entries",
                    "content_of_entries",
                    "quarantined_texts",
                ],
                &["tombstones_of_entries"],
            ),
        };
        Self::saying(username, mode, removes, keeps)
    }

    /// Of somebody who runs studies.
    pub(crate) fn of_user(username: &'a Username) -> Self {
        let removes = &["account", "log_ins", "memberships"];
        Self::saying(username, Removal::Anonymise, removes, &["test_entries"])
    }

    fn saying(
        username: &'a Username,
        mode: Removal,
        removes: &'static [&'static str],
        keeps: &'static [&'static str],
    ) -> Self {
        Self {
            username,
            mode,
            dry_run: true,
            removes,
            keeps,
        }
    }
}

/// An erasure that goes on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erasing {
    /// `erasing`.
    #[schema(example = "erasing")]
    status: &'static str,
}

impl Erasing {
    /// 202.
    pub(crate) fn answer() -> Result<HttpResponse, ApiError> {
        let body = response::json_bytes(&Self { status: "erasing" })?;
        Ok(HttpResponse::Accepted()
            .content_type("application/json")
            .body(body))
    }
}

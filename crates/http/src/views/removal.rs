//! What becomes of somebody who is taken out.

use super::live::roughly;
use crate::error::ApiError;
use crate::response;
use actix_web::HttpResponse;
use serde::Serialize;
use sillage_domain::{Belongings, Holdings, Removal, Slug, Username};
use utoipa::ToSchema;

/// What a removal would do.
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
    counts: Counts,
    /// Whether the database server keeps the bytes in its files until they are used for something else.
    bytes_stay: bool,
}

/// How much it is about. To somebody else than the account's owner, entries and texts are told in steps (10, 20, 50, 100), the first of which is any number from 1 on:
/// their numbers could tell which of the pseudonyms is whose.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Log-ins.
    #[schema(example = 2)]
    log_ins: u64,
    /// Entries with content; of somebody who plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 200)]
    entries: Option<u64>,
    /// Texts in quarantine; of somebody who plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    quarantined_texts: Option<u64>,
    /// Studies that the account is a member of; of somebody who runs studies.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    memberships: Option<u64>,
}

/// What a dry run found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) held: Belongings,
    pub(crate) bytes_stay: bool,
}

impl<'a> DryRun<'a> {
    /// Of somebody who plays, for who runs the study.
    pub(crate) fn new(username: &'a Username, mode: Removal, found: Found) -> Self {
        Self::of_player(username, mode, found, in_steps)
    }

    /// Of somebody who plays, for himself.
    pub(crate) fn of_oneself(username: &'a Username, mode: Removal, found: Found) -> Self {
        Self::of_player(username, mode, found, |count| count)
    }

    fn of_player(
        username: &'a Username,
        mode: Removal,
        found: Found,
        told: fn(u64) -> u64,
    ) -> Self {
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
        let counts = Counts {
            log_ins: found.held.log_ins,
            entries: Some(told(found.held.entries)),
            quarantined_texts: Some(told(found.held.quarantined)),
            memberships: None,
        };
        Self {
            username,
            mode,
            dry_run: true,
            removes,
            keeps,
            counts,
            bytes_stay: found.bytes_stay,
        }
    }

    /// Of somebody who runs studies.
    pub(crate) fn of_user(username: &'a Username, found: Found) -> Self {
        Self {
            username,
            mode: Removal::Anonymise,
            dry_run: true,
            removes: &["account", "log_ins", "memberships"],
            keeps: &["test_entries"],
            counts: Counts {
                log_ins: found.held.log_ins,
                entries: None,
                quarantined_texts: None,
                memberships: Some(found.held.memberships),
            },
            bytes_stay: found.bytes_stay,
        }
    }
}

/// What would go with a study.
#[derive(Serialize, ToSchema)]
pub(crate) struct StudyDryRun<'a> {
    /// Of the study.
    #[schema(value_type = String, example = "waves")]
    study: &'a Slug,
    /// Always `true`.
    dry_run: bool,
    /// Accounts of participants.
    #[schema(example = 49)]
    participants: u64,
    /// Entries, and what is left of deleted ones.
    #[schema(example = 5000)]
    entries: u64,
    /// Texts in quarantine.
    #[schema(example = 12)]
    quarantined_texts: u64,
}

impl<'a> StudyDryRun<'a> {
    pub(crate) fn new(study: &'a Slug, held: &Holdings) -> Self {
        Self {
            study,
            dry_run: true,
            participants: held.participants,
            entries: held.entries,
            quarantined_texts: held.quarantined,
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

/// As who plays now is told, but that few are told from none alone.
fn in_steps(count: u64) -> u64 {
    if count == 0 {
        0
    } else {
        roughly(count).max(10)
    }
}

//! People who run studies. Nothing here stands in a trace.

use crate::extractors::Here;
use serde::Serialize;
use sillage_domain::{AccountId, Member, Role, Slug, StudyRole, Timestamp, User, Username};
use utoipa::ToSchema;

/// An account of somebody who runs studies.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView<'a> {
    /// Names it in paths.
    #[schema(value_type = i64, example = 3)]
    id: AccountId,
    /// Its URL.
    pub(crate) uri: String,
    /// What one logs in with.
    #[schema(value_type = String, example = "marie")]
    username: &'a Username,
    /// `admin` or `researcher`.
    #[schema(value_type = String, example = "researcher")]
    role: Role,
    /// Whether it may log in.
    active: bool,
    /// When it was made.
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// The password that the server made, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl<'a> UserView<'a> {
    pub(crate) fn new(here: &Here, user: &'a User) -> Self {
        Self {
            id: user.id,
            uri: here.link(&format!("/v1/users/{}", user.id)),
            username: &user.username,
            role: user.role,
            active: user.active,
            created_at: user.created_at,
            password: None,
        }
    }

    /// With the password that the server made, if it made one.
    pub(crate) fn handing(self, password: Option<&'a str>) -> Self {
        Self { password, ..self }
    }
}

/// Somebody who runs a study.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView<'a> {
    /// Of the account.
    #[schema(value_type = String, example = "marie")]
    username: &'a Username,
    /// Its URL.
    pub(crate) uri: String,
    /// `manager`, `analyst`, `developer` or `monitor`.
    #[schema(value_type = String, example = "analyst")]
    role: StudyRole,
    /// Whether the account may log in.
    active: bool,
}

impl<'a> MemberView<'a> {
    pub(crate) fn new(here: &Here, study: &Slug, member: &'a Member) -> Self {
        let path = format!(
            "/v1/studies/{study}/members/{}",
            super::participant::encoded(&member.username)
        );
        Self {
            username: &member.username,
            uri: here.link(&path),
            role: member.role,
            active: member.active,
        }
    }
}

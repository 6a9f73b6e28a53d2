//! People who run studies. Nothing here stands in a trace.

use crate::extractors::Here;
use serde::Serialize;
use sillage_domain::{
    Account, AccountId, Member, ParticipantNumber, Role, Slug, StudyRole, Timestamp, User, Username,
};
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

    /// Under its username: where numbers in paths are those of participants.
    pub(crate) fn named(self, here: &Here) -> Self {
        // A name of digits alone would be read as a number.
        if self.username.as_str().bytes().all(|b| b.is_ascii_digit()) {
            return self;
        }
        let path = format!("/v1/users/{}", super::participant::encoded(self.username));
        Self {
            uri: here.link(&path),
            ..self
        }
    }

    /// With the password that the server made, if it made one.
    pub(crate) fn handing(self, password: Option<&'a str>) -> Self {
        Self { password, ..self }
    }
}

/// A participant of the server's default study, as a user.
#[derive(Serialize, ToSchema)]
#[schema(as = Player)]
pub(crate) struct PlayerView<'a> {
    /// The participant's number in the study.
    #[schema(value_type = i64, example = 2)]
    id: ParticipantNumber,
    /// The same, as the lists of participants call it.
    #[schema(value_type = i64, example = 2)]
    number: ParticipantNumber,
    /// Its URL.
    pub(crate) uri: String,
    /// What the participant logs in with.
    #[schema(value_type = String, example = "classe-a-02")]
    username: &'a Username,
    /// `participant`.
    #[schema(value_type = String, example = "participant")]
    role: Role,
    /// Whether it may log in.
    active: bool,
    /// When it was made.
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl<'a> PlayerView<'a> {
    /// `None` for somebody who does not play.
    pub(crate) fn new(here: &Here, account: &'a Account) -> Option<Self> {
        let number = account.enrolment?.number;
        Some(Self {
            id: number,
            number,
            uri: here.link(&format!("/v1/users/{number}")),
            username: &account.username,
            role: account.role,
            active: account.active,
            created_at: account.created_at,
        })
    }
}

/// A user, or a participant of the default study.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = UserOrPlayer)]
#[expect(dead_code, reason = "it describes what is answered")]
pub(crate) enum UserOrPlayer<'a> {
    User(UserView<'a>),
    Player(PlayerView<'a>),
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

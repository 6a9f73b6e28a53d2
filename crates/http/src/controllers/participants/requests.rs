//! What is asked about the accounts of those who play.

use crate::extractors::{FromMembers, Members};
use crate::messages;
use crate::openapi::shapes;
use crate::validation;
use sillage_auth::Secret;
use sillage_domain::MAX_ACCOUNTS;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// One account to be made (`username`, perhaps `password`), or many (`count`, perhaps `prefix`).
#[derive(Debug, Validate, ToSchema)]
#[schema(as = NewParticipants)]
#[validate(schema(function = "one_or_many", skip_on_field_errors = false))]
pub(crate) struct ParticipantsRequest {
    /// What the participant logs in with: a code, not a name. Case folded, unique on the server.
    #[validate(custom(function = "validation::username"))]
    #[schema(value_type = Option<shapes::Username>)]
    pub(crate) username: Option<String>,
    /// At least 8 characters, at most 72 bytes. Left out, the server makes one.
    #[schema(value_type = Option<shapes::Password>)]
    pub(crate) password: Option<Secret>,
    /// How many accounts.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 30)]
    pub(crate) count: Option<i64>,
    /// What their usernames begin with. Default the slug of the study.
    #[validate(custom(function = "validation::username"))]
    #[schema(value_type = Option<shapes::Username>, example = "classe-a")]
    pub(crate) prefix: Option<String>,
    /// Where to play, as the printed sheet says it. Default the study's `game_url`, or the address of this server.
    #[validate(custom(function = "validation::line"))]
    #[schema(example = "https://game.example.org")]
    pub(crate) address: Option<String>,
}

const _: () = assert!(MAX_ACCOUNTS == 1000);

fn one_or_many(request: &ParticipantsRequest) -> Result<(), ValidationError> {
    let neither = || {
        validation::failed_at(
            "username",
            &messages::invalid(
                "give either `username`, or `count`",
                "donnez soit `username`, soit `count`",
            ),
        )
    };
    match (&request.username, request.count) {
        (Some(_), None) if request.prefix.is_some() => {
            Err(validation::failed_at("prefix", &messages::unknown_member()))
        }
        (Some(_), None) => validation::password(request.password.as_ref()),
        (None, Some(_)) if request.password.is_some() => Err(validation::failed_at(
            "password",
            &messages::unknown_member(),
        )),
        (None, Some(_)) => Ok(()),
        _ => Err(neither()),
    }
}

impl FromMembers for ParticipantsRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            username: members.text("username"),
            password: members.text("password").map(Secret::new),
            count: members.integer("count"),
            prefix: members.text("prefix"),
            address: members.text("address"),
        }
    }
}

/// One account to be made, or many.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what ParticipantsRequest takes")]
pub(crate) enum NewParticipants {
    One(NewParticipant),
    Many(ManyParticipants),
}

/// One account to be made.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewParticipant {
    /// What the participant logs in with: a code, not a name.
    #[schema(value_type = shapes::Username)]
    username: String,
    /// Left out, the server makes one.
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<String>,
    /// Where to play, as the printed sheet says it. Default the study's `game_url`, or the address of this server.
    #[schema(value_type = Option<shapes::Line>, example = "https://game.example.org")]
    address: Option<String>,
}

/// Accounts to be made in bulk. The server makes their passwords.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManyParticipants {
    /// How many.
    #[schema(minimum = 1, maximum = 1000, example = 30)]
    count: i64,
    /// What their usernames begin with, at most 58 characters. Default the slug of the study.
    #[schema(value_type = Option<shapes::Username>, example = "classe-a")]
    prefix: Option<String>,
    /// Where to play, as the printed sheet says it. Default the study's `game_url`, or the address of this server.
    #[schema(value_type = Option<shapes::Line>, example = "https://game.example.org")]
    address: Option<String>,
}

/// A change of an account: what is left out stays. Another password, and `"active":false`, end its log-ins.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what ParticipantPatch takes")]
pub(crate) enum ParticipantChange {
    Given(GivenPassword),
    Made(MadePassword),
}

/// Another password, or none.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenPassword {
    #[schema(value_type = Option<shapes::Password>)]
    password: Option<String>,
    /// Whether it may log in.
    active: Option<bool>,
}

/// Another password, made by the server.
#[derive(serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MadePassword {
    /// `true` has the server make another password, which the answer shows this once.
    reset: bool,
    /// Whether it may log in.
    active: Option<bool>,
}

#[derive(Debug, Validate)]
#[validate(schema(function = "one_password", skip_on_field_errors = false))]
pub(crate) struct ParticipantPatch {
    pub(crate) password: Option<Secret>,
    pub(crate) reset: Option<bool>,
    pub(crate) active: Option<bool>,
}

fn one_password(patch: &ParticipantPatch) -> Result<(), ValidationError> {
    if patch.password.is_some() && patch.reset.is_some() {
        return Err(validation::failed_at(
            "reset",
            &messages::invalid(
                "give either `password`, or `reset`",
                "donnez soit `password`, soit `reset`",
            ),
        ));
    }
    validation::password(patch.password.as_ref())
}

impl FromMembers for ParticipantPatch {
    fn from_members(members: &mut Members) -> Self {
        Self {
            password: members.text("password").map(Secret::new),
            reset: members.flag("reset"),
            active: members.flag("active"),
        }
    }
}

//! Participants of the default study, as the users that they were to the predecessor of this server: TSADK's collector.

use crate::enrolment;
use crate::error::ApiError;
use crate::extractors::{FromMembers, InStudy, Members, Who};
use crate::messages;
use crate::validation;
use actix_web::http::StatusCode;
use sillage_auth::{ManageParticipants, ReadParticipant, Secret};
use sillage_domain::{Account, ParticipantNumber};
use validator::{Validate, ValidationError};

/// A participant of the default study to be made, as TSADK's client asks for one.
#[derive(Debug, Validate)]
#[validate(schema(function = "good_password", skip_on_field_errors = false))]
pub(crate) struct PlayerRequest {
    /// What the participant logs in with. Case folded, unique on the server.
    #[validate(required, custom(function = "validation::username"))]
    username: Option<String>,
    /// At most 72 bytes. It may be short, as it might there.
    pwd: Option<Secret>,
}

fn good_password(request: &PlayerRequest) -> Result<(), ValidationError> {
    match &request.pwd {
        None => Err(validation::failed_at("pwd", &messages::missing())),
        pwd => validation::pwd(pwd.as_ref()),
    }
}

impl FromMembers for PlayerRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            username: members.text("username"),
            pwd: members.text("pwd").map(Secret::new),
        }
    }
}

/// The study whose participants are users too: the server's default study, if there is one and the caller may know of it.
pub(crate) async fn home(who: &Who) -> Result<Option<InStudy>, ApiError> {
    let Some(slug) = who.api.settings().default_study.clone() else {
        return Ok(None);
    };
    match InStudy::find(who.clone(), slug.as_str()).await {
        Ok(study) => Ok(Some(study)),
        Err(error) if error.status() == StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// The participant of that number, if it is a number and the caller may know.
pub(crate) async fn find(who: &Who, number: &str) -> Result<Option<Account>, ApiError> {
    let Ok(number) = number.parse().map(ParticipantNumber) else {
        return Ok(None);
    };
    let Some(home) = home(who).await? else {
        return Ok(None);
    };
    let Ok(granted) = home.may(ReadParticipant) else {
        return Ok(None);
    };
    let numbered = move |inner: &crate::api::Inner| {
        Ok(inner.ports.moving.numbered(granted.study(), number)?)
    };
    who.api.off(numbered).await
}

/// Refuses a number that is a participant's, where an account of somebody who runs studies is to be changed.
pub(crate) async fn refuse(who: &Who, number: &str) -> Result<(), ApiError> {
    match find(who, number).await? {
        Some(_) => Err(messages::number_of_a_player().into()),
        None => Ok(()),
    }
}

/// Makes a participant.
pub(crate) async fn make(home: &InStudy, wanted: PlayerRequest) -> Result<Account, ApiError> {
    let granted = home.may(ManageParticipants)?;
    let username = wanted.username.unwrap_or_default();
    let username = username.parse().map_err(ApiError::internal)?;
    let password = wanted.pwd.unwrap_or_else(|| Secret::new(""));
    enrolment::enrol_as_before(home, granted, username, password).await
}

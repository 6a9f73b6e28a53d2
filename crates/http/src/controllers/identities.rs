//! Who participants are, for those who run a study that keeps it.

use crate::enrolment;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, InStudy, Members};
use crate::messages;
use crate::openapi::shapes;
use crate::response::{etag_of, fresh};
use crate::validation;
use crate::vault;
use crate::views::error::Errors;
use crate::views::identity::IdentityView;
use actix_web::{HttpResponse, web};
use sillage_auth::{Granted, ManageIdentity, Permission, ReadIdentity, ReadParticipant};
use sillage_domain::{Account, IdentityChange, IdentityField, StudyId, Username};
use utoipa::ToSchema;
use validator::Validate;

/// A change of an identity: what is left out stays, and an empty text takes a field away.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = IdentityChange)]
pub(crate) struct IdentityRequest {
    /// The family name.
    #[validate(custom(function = "validation::changed_line"))]
    #[schema(value_type = Option<shapes::ChangedLine>, example = "Rossi")]
    name: Option<String>,
    /// The first name.
    #[validate(custom(function = "validation::changed_line"))]
    #[schema(value_type = Option<shapes::ChangedLine>, example = "Chiara")]
    first_name: Option<String>,
    /// Where to write to the participant.
    #[validate(custom(function = "validation::changed_email"))]
    #[schema(value_type = Option<shapes::ChangedEmail>)]
    email: Option<String>,
    /// Who decides for the participant.
    #[validate(custom(function = "validation::changed_line"))]
    #[schema(value_type = Option<shapes::ChangedLine>, example = "Paola Rossi")]
    guardian_name: Option<String>,
    /// Where to write to that person.
    #[validate(custom(function = "validation::changed_email"))]
    #[schema(value_type = Option<shapes::ChangedEmail>)]
    guardian_email: Option<String>,
}

impl FromMembers for IdentityRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            name: members.text("name"),
            first_name: members.text("first_name"),
            email: members.text("email"),
            guardian_name: members.text("guardian_name"),
            guardian_email: members.text("guardian_email"),
        }
    }
}

impl From<IdentityRequest> for IdentityChange {
    fn from(request: IdentityRequest) -> Self {
        let named = [
            (IdentityField::Name, request.name),
            (IdentityField::FirstName, request.first_name),
            (IdentityField::Email, request.email),
            (IdentityField::GuardianName, request.guardian_name),
            (IdentityField::GuardianEmail, request.guardian_email),
        ];
        let named = named.into_iter();
        named
            .filter_map(|(field, text)| Some((field, text?)))
            .collect()
    }
}

/// Who a participant is, where the study keeps it. Never with a pseudonym.
#[utoipa::path(
    get, path = "/v1/studies/{study}/participants/{username}/identity", tag = "participants", operation_id = "readIdentity",
    params(crate::openapi::StudyPath, ("username" = shapes::Username, Path, description = "Of the account")),
    responses(
        (status = 200, description = "What is known", body = IdentityView),
        (status = 503, description = "5033: the key of the vault is not on this server", body = Errors),
    )
)]
pub(crate) async fn read(
    study: InStudy,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadIdentity)?;
    let account = account(&study, &path).await?;
    let known = vault::read(&study.who.api, account.id).await?;
    note(&study, &granted, "read");
    let view = IdentityView::new(study.known.study.identity, &known);
    fresh(&conditions, &view, &[])
}

/// Write down who a participant is. PUT does the same. The study says which fields it keeps (`identity`); others are refused.
#[utoipa::path(
    patch, path = "/v1/studies/{study}/participants/{username}/identity", tag = "participants", operation_id = "changeIdentity",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the identity as you have seen it"),
    ),
    request_body = IdentityRequest,
    responses(
        (status = 200, description = "What is known now", body = IdentityView),
        (status = 409, description = "The study does not keep that: an error for each field, with its pointer", body = Errors),
        (status = 412, description = "It was changed since", body = Errors),
        (status = 503, description = "5033: the key of the vault is not on this server", body = Errors),
    )
)]
pub(crate) async fn change(
    study: InStudy,
    path: web::Path<(String, String)>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageIdentity)?;
    let account = account(&study, &path).await?;
    let change = body.valid::<IdentityRequest>()?;
    let (api, kept) = (&study.who.api, study.known.study.identity);
    let known = vault::read(api, account.id).await?;
    let seen = conditions.hold_for(&etag_of(&IdentityView::new(kept, &known))?)?;
    let seen = seen.then_some(known);
    let known = vault::change(api, &study.known.study, account.id, change.into(), seen).await?;
    note(&study, &granted, "changed");
    let view = IdentityView::new(kept, &known);
    fresh(&Conditions::default(), &view, &[])
}

/// Erase who a participant is; the account stays.
#[utoipa::path(
    delete, path = "/v1/studies/{study}/participants/{username}/identity", tag = "participants", operation_id = "deleteIdentity",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the identity as you have seen it"),
    ),
    responses(
        (status = 204, description = "Nothing is known of the participant any more"),
        (status = 412, description = "It was changed since", body = Errors),
        (status = 503, description = "5033: `If-Match` was sent, and the key of the vault is not on this server", body = Errors),
    )
)]
pub(crate) async fn delete(
    study: InStudy,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ManageIdentity)?;
    let account = account(&study, &path).await?;
    let api = &study.who.api;
    // What can't be opened can be erased all the same.
    let seen = if conditions.are_any() {
        let known = vault::read(api, account.id).await?;
        let view = IdentityView::new(study.known.study.identity, &known);
        conditions.hold_for(&etag_of(&view)?)?.then_some(known)
    } else {
        None
    };
    vault::erase(api, account.id, seen).await?;
    note(&study, &granted, "erased");
    Ok(HttpResponse::NoContent().finish())
}

async fn account(study: &InStudy, path: &(String, String)) -> Result<Account, ApiError> {
    let username: Username = path.1.parse().map_err(|_| messages::not_found())?;
    enrolment::find(study, study.may(ReadParticipant)?, username).await
}

/// Tells the log that somebody looked, and not at whom: the log outlives the name.
pub(super) fn note<P: Permission<On = StudyId>>(
    study: &InStudy,
    granted: &Granted<P>,
    what: &'static str,
) {
    tracing::info!(
        event = "identity",
        study = study.known.study.slug.as_str(),
        what,
        by = granted.by().map(|account| account.0),
        "an identity was used"
    );
}

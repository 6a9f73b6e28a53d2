//! Consents of participants, for those who run the study: who decided what, and what was decided on paper.

use crate::audit::tell;
use crate::enrolment;
use crate::error::ApiError;
use crate::extractors::{Body, Conditions, FromMembers, Here, InStudy, Members, Parameters};
use crate::messages;
use crate::openapi::shapes;
use crate::response;
use crate::validation;
use crate::views::consent::{ConsentView, ConsentsRecorded, StandingView};
use crate::views::page::Page;
use crate::views::participant::encoded;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use sillage_auth::{Granted, ListParticipants, ReadConsents, ReadParticipant, RecordConsents};
use sillage_domain::{
    AccountId, Consent, DecidedBy, Decision, MAX_ACCOUNTS, NoticeVersion, Purpose, Purposes,
    SubjectId, Username,
};
use std::collections::HashMap;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// What participants decided on paper.
#[derive(Debug, Validate, ToSchema)]
#[schema(as = PaperConsents)]
#[validate(schema(function = "not_by_themselves", skip_on_field_errors = false))]
pub(crate) struct ConsentsRequest {
    /// Their usernames, at most 1000: of all of them, or of none, it is written down.
    #[validate(required, custom(function = "validation::some_participants"))]
    #[schema(required, value_type = Vec<shapes::Username>, min_items = 1, max_items = 1000)]
    participants: Option<Vec<String>>,
    /// `given`, `refused` or `withdrawn`.
    #[validate(required, custom(function = "validation::decision"))]
    #[schema(required, value_type = shapes::Decision)]
    decision: Option<String>,
    /// What it is about. Default: what the study asks for; of a refusal, or what was taken back, everything.
    #[validate(custom(function = "validation::purposes"))]
    #[schema(value_type = Option<Vec<shapes::Purpose>>, min_items = 1)]
    purposes: Option<Vec<String>>,
    /// The notice that they had before them; needed with `given`.
    #[schema(value_type = Option<i32>, minimum = 1)]
    notice: Option<i64>,
    /// `paper`, the default, or `guardian`.
    #[validate(custom(function = "validation::recorded_by"))]
    #[schema(value_type = Option<shapes::RecordedBy>)]
    by: Option<String>,
    /// Where the paper lies: a number, a folder. No name.
    #[validate(required, custom(function = "validation::line"))]
    #[schema(required, value_type = shapes::Line, example = "folder 3")]
    reference: Option<String>,
}

const _: () = assert!(MAX_ACCOUNTS == 1000);

fn not_by_themselves(request: &ConsentsRequest) -> Result<(), ValidationError> {
    validation::notice_number(request.notice)
}

impl FromMembers for ConsentsRequest {
    fn from_members(members: &mut Members) -> Self {
        Self {
            participants: members.texts("participants"),
            decision: members.text("decision"),
            purposes: members.texts("purposes"),
            notice: members.integer("notice"),
            by: members.text("by"),
            reference: members.text("reference"),
        }
    }
}

/// What a request says was decided: words that were checked.
pub(crate) struct Said {
    pub(crate) decision: Decision,
    pub(crate) purposes: Option<Vec<String>>,
    pub(crate) notice: Option<NoticeVersion>,
    pub(crate) by: DecidedBy,
    pub(crate) reference: Option<String>,
}

impl Said {
    /// The decision as it is kept. `in_force`: whether it is to be made on a notice that holds.
    pub(crate) async fn consent(
        self,
        study: &InStudy,
        recorded_by: Option<AccountId>,
        in_force: bool,
    ) -> Result<Consent, ApiError> {
        let known = &study.known.study;
        let words = self.purposes.iter().flatten();
        let purposes = match (&self.purposes, self.decision) {
            (Some(_), _) => words.filter_map(|word| Purpose::from_word(word)).collect(),
            (None, Decision::Given) if known.consent.is_empty() => {
                return Err(messages::which_purposes().at("/purposes").into());
            }
            (None, Decision::Given) => known.consent,
            (None, Decision::Refused | Decision::Withdrawn) => Purposes::ALL,
        };
        let (id, version, decision) = (known.id, self.notice, self.decision);
        let notice = study
            .who
            .api
            .off(move |inner| inner.notice_shown(id, version, decision, in_force))
            .await?;
        Ok(Consent {
            decision,
            purposes,
            notice,
            by: self.by,
            reference: self.reference,
            recorded_by,
        })
    }
}

/// The number of a notice, as far as one can be one.
pub(crate) fn version(number: Option<i64>) -> Option<NoticeVersion> {
    number.map(|number| NoticeVersion(i32::try_from(number).unwrap_or(i32::MAX)))
}

/// What holds for each participant, by number. By username, and never with a pseudonym.
#[utoipa::path(
    get, path = "/v1/studies/{study}/consents", tag = "consent", operation_id = "listConsents",
    params(crate::openapi::StudyPath, crate::openapi::Pages, ("search" = Option<String>, Query, description = "A part of the username")),
    responses((status = 200, description = "A page of them", body = Vec<StandingView>))
)]
pub(crate) async fn list(
    study: InStudy,
    asked: Parameters,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    study.may(ReadConsents)?;
    asked.only(&["page", "page_size", "search"])?;
    let page = Page::of(&asked)?;
    let seen = study.may(ListParticipants)?;
    let found = enrolment::list(&study, seen, asked.text("search"), page.request).await?;
    let of = |subject: &SubjectId| study.known.pseudonym(subject);
    let people = found.items.iter().map(|account| of(&account.subject));
    let (api, id) = (&study.who.api, study.id());
    let decided = api.decisions(id, people.collect::<Vec<_>>()).await?;
    page.answer(&asked, &conditions, &found, |account| {
        let decisions = decided.get(&of(&account.subject)).copied();
        let path = history_path(&study, &account.username);
        StandingView::new(
            &account.username,
            account.enrolment.map(|enrolment| enrolment.number),
            decisions.unwrap_or_default(),
            asked.here.link(&path),
        )
    })
}

/// Write down what participants, or those who may decide for them, decided on paper.
///
/// It holds here at once, and on every other server within 5 seconds. Histories only grow: a mistake is mended by another decision.
#[utoipa::path(
    post, path = "/v1/studies/{study}/consents", tag = "consent", operation_id = "recordConsents",
    params(crate::openapi::StudyPath), request_body = ConsentsRequest,
    responses((status = 201, description = "It is written down", body = ConsentsRecorded, headers(("Location" = String, description = "Where one sees what holds"))))
)]
pub(crate) async fn record(
    study: InStudy,
    here: Here,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(RecordConsents)?;
    let wanted = body.valid::<ConsentsRequest>()?;
    let people = people(&study, wanted.participants.unwrap_or_default()).await?;
    let by = wanted.by.as_deref().and_then(DecidedBy::from_word);
    let decision = wanted.decision.as_deref().and_then(Decision::from_word);
    let said = Said {
        decision: decision.ok_or_else(|| ApiError::internal("a decision was not checked"))?,
        purposes: wanted.purposes,
        notice: version(wanted.notice),
        by: by.unwrap_or(DecidedBy::Paper),
        reference: wanted.reference,
    };
    // A paper may have been signed before the notice was replaced.
    let consent = said.consent(&study, granted.by(), false).await?;
    let api = &study.who.api;
    let recorded_at = api.record_consent(&study.known, &people, consent).await?;
    let location = here.link(&format!("/v1/studies/{}/consents", study.known.study.slug));
    let recorded = people.len();
    let mut response = response::created(
        location,
        &ConsentsRecorded {
            recorded,
            recorded_at,
        },
    )?;
    tell(&mut response, |told| told.about = people);
    Ok(response)
}

/// What one participant decided, the last first, and on which notice.
#[utoipa::path(
    get, path = "/v1/studies/{study}/participants/{username}/consents", tag = "consent", operation_id = "listConsentsOf",
    params(
        crate::openapi::StudyPath,
        ("username" = shapes::Username, Path, description = "Of the account"),
        crate::openapi::Pages,
    ),
    responses((status = 200, description = "A page of them", body = Vec<ConsentView>))
)]
pub(crate) async fn history(
    study: InStudy,
    asked: Parameters,
    path: web::Path<(String, String)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let granted = study.may(ReadConsents)?;
    let username: Username = path.1.parse().map_err(|_| messages::not_found())?;
    let account = enrolment::find(&study, study.may(ReadParticipant)?, username).await?;
    asked.only(&["page", "page_size"])?;
    let page = Page::of(&asked)?;
    let (found, who) = read(&study, &granted, &account.subject, &page).await?;
    page.answer(&asked, &conditions, &found, |event| {
        let by = event.consent.recorded_by.and_then(|by| who.get(&by));
        ConsentView::new(&event.consent, event.recorded_at, by.cloned())
    })
}

type History = sillage_domain::Paged<sillage_domain::ConsentEvent>;

/// A part of a history, and the names of those who wrote it down.
async fn read(
    study: &InStudy,
    granted: &Granted<ReadConsents>,
    subject: &SubjectId,
    page: &Page,
) -> Result<(History, HashMap<AccountId, Username>), ApiError> {
    let (id, code) = (granted.study(), study.known.consent_code(subject));
    let part = page.request;
    study
        .who
        .api
        .off(move |inner| {
            let found = inner.ports.consents.consents(id, &code, &part)?;
            let mut names = HashMap::new();
            for by in found.items.iter().filter_map(|e| e.consent.recorded_by) {
                if !names.contains_key(&by)
                    && let Some(account) = inner.ports.accounts.account(by)?
                {
                    names.insert(by, account.username);
                }
            }
            Ok((found, names))
        })
        .await
}

fn history_path(study: &InStudy, username: &Username) -> String {
    format!(
        "/v1/studies/{}/participants/{}/consents",
        study.known.study.slug,
        encoded(username)
    )
}

/// The subjects of these participants, each once; every name that is none of the study's is a fault.
async fn people(study: &InStudy, names: Vec<String>) -> Result<Vec<SubjectId>, ApiError> {
    let id = study.id();
    let find = move |inner: &crate::api::Inner| {
        let mut found = Vec::with_capacity(names.len());
        let mut unknown = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let account = match name.parse::<Username>() {
                Ok(name) => inner.ports.accounts.account_by_username(&name)?,
                Err(_) => None,
            };
            let plays = account.filter(|one| one.enrolment.is_some_and(|e| e.study == id));
            match plays {
                Some(account) if found.contains(&account.subject) => {}
                Some(account) => found.push(account.subject),
                None => {
                    let place = format!("/participants/{index}");
                    unknown.push(messages::no_such_participant().at(place));
                }
            }
        }
        match unknown.is_empty() {
            true => Ok(found),
            false => Err(ApiError::several(StatusCode::UNPROCESSABLE_ENTITY, unknown)),
        }
    };
    study.who.api.off(find).await
}

//! From a request and its answer to a record.

use super::table::HOUR;
use super::told::{By, Mark, Told};
use super::writer::{Audit, Draft};
use super::{Watch, watch_of};
use crate::api::{Api, Inner};
use crate::codes::Code;
use crate::error::ApiError;
use crate::extractors::Who;
use crate::identity::{Identity, KnownStudy};
use crate::messages;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use sillage_auth::Caller;
use sillage_domain::{
    AccountId, AuditAction, AuditEvent, AuditOutcome, AuditRole, Role, Slug, StudyId, StudyRole,
    SubjectId, Username,
};
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// What came of a request.
struct Outcome {
    action: AuditAction,
    outcome: AuditOutcome,
    /// How often the same is recorded; always, if not said.
    once_in: Option<Duration>,
    /// Whose password was wrong.
    tried: Option<SubjectId>,
}

/// Whom a path names, looked up while there is such an account; nobody is looked up for who shows no credentials.
pub(crate) async fn looked_at(
    api: &Api,
    path: &str,
    request: &ServiceRequest,
) -> Option<SubjectId> {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return None;
    }
    let named = |parameter| request.match_info().query(parameter).to_owned();
    if path.contains("{username}") {
        let username: Username = named("username").parse().ok()?;
        let find = move |inner: &Inner| Ok(inner.ports.accounts.account_by_username(&username)?);
        return api.off(find).await.ok()?.map(|account| account.subject);
    }
    if !path.starts_with("/v1/users/") {
        return None;
    }
    let (id, numbers) = (named("id"), api.settings().default_study.is_none());
    let find = move |inner: &Inner| match (id.parse::<i64>(), id.parse::<Username>()) {
        (Ok(number), _) if numbers => Ok(inner.ports.accounts.account(AccountId(number))?),
        (Err(_), Ok(name)) => Ok(inner.ports.accounts.account_by_username(&name)?),
        _ => Ok(None),
    };
    api.off(find).await.ok()?.map(|account| account.subject)
}

/// Records what was done, or was not allowed. What was asked for is not handed out if it can't be recorded that it was: 503.
pub(crate) async fn watch(
    api: &Api,
    path: &'static str,
    about: Option<SubjectId>,
    id: &str,
    response: ServiceResponse<BoxBody>,
) -> ServiceResponse<BoxBody> {
    let Some(outcome) = outcome(path, &response) else {
        return response;
    };
    let told = response.response().extensions().get::<Told>().cloned();
    let mut told = told.unwrap_or_default();
    let named = std::mem::take(&mut told.about);
    let draft = draft(api, &outcome, about, id, &response, told).await;
    let audit = &api.0.audit;
    let may_go = draft.was_done;
    let mut drafts = of_each(audit, draft, &named);
    if let Some(time) = outcome.once_in {
        drafts.retain(|draft| audit.is_new(&draft.event, time));
    }
    if outcome.outcome != AuditOutcome::Done || outcome.action == AuditAction::LogIn {
        drafts.into_iter().for_each(|draft| audit.note(draft));
        return response;
    }
    if audit.record(drafts).await || may_go {
        return response;
    }
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, HttpResponse::from_error(not_recorded()))
}

/// A record for each of those that it is about, in the order of what they stand under and not of the request; one, where it names nobody.
fn of_each(audit: &Audit, draft: Draft, named: &[SubjectId]) -> Vec<Draft> {
    if named.is_empty() {
        return vec![draft];
    }
    let mut about: Vec<_> = named.iter().map(|one| audit.keys().account(one)).collect();
    about.sort_unstable_by_key(|reference| *reference.as_bytes());
    let of = |subject| {
        let mut draft = draft.clone();
        draft.event.subject = Some(subject);
        draft
    };
    about.into_iter().map(of).collect()
}

/// Records that somebody is about to do that, once an hour; refuses, if it can't be recorded.
pub(crate) async fn before(who: &Who, action: AuditAction) -> Result<(), ApiError> {
    let (actor, role) = actor(&who.api, &who.identity, None);
    let event = AuditEvent {
        at: who.api.now(),
        actor,
        role,
        action,
        study: None,
        subject: None,
        outcome: AuditOutcome::Done,
        request: None,
    };
    let audit = &who.api.0.audit;
    if !audit.is_new(&event, HOUR) {
        return Ok(());
    }
    let draft = Draft {
        event,
        account: None,
        study: None,
        was_done: false,
    };
    match audit.record(vec![draft]).await {
        true => Ok(()),
        false => Err(not_recorded()),
    }
}

fn not_recorded() -> ApiError {
    ApiError::from(messages::away()).because("the audit log can't be written")
}

/// What is to be recorded of it; `None` for nothing.
fn outcome(path: &'static str, response: &ServiceResponse<BoxBody>) -> Option<Outcome> {
    let request = response.request();
    let (method, status) = (request.method(), response.status());
    let watch = watch_of(path, method);
    let new = |action, outcome, once_in| Outcome {
        action,
        outcome,
        once_in,
        tried: None,
    };
    if status.is_success() {
        let done = AuditOutcome::Done;
        return match watch {
            Watch::Not(_) | Watch::Before(_) => None,
            Watch::Ingest => sent_for_others(request),
            Watch::Told => told_action(response).map(|action| new(action, done, None)),
            Watch::Once(action, time) => Some(new(action, done, Some(time))),
            Watch::As(_) if method == Method::DELETE && is_dry_run(request) => None,
            Watch::As(action) => Some(new(told_action(response).unwrap_or(action), done, None)),
        };
    }
    let action = match watch {
        Watch::As(action) | Watch::Once(action, _) | Watch::Before(action) => action,
        Watch::Ingest => AuditAction::ActForParticipant,
        Watch::Told => AuditAction::LogIn,
        Watch::Not(_) => AuditAction::Other,
    };
    let changes = ![Method::GET, Method::HEAD].contains(method) && watch != Watch::Ingest;
    if status.is_server_error() {
        let was_tried = changes && status == StatusCode::INTERNAL_SERVER_ERROR;
        return was_tried.then(|| new(action, AuditOutcome::Failed, Some(MINUTE)));
    }
    let error = response.response().error()?.as_error::<ApiError>()?;
    match error.mark() {
        Some(Mark::FailedLogIn(tried)) => Some(Outcome {
            tried,
            ..new(AuditAction::LogIn, AuditOutcome::Refused, Some(MINUTE))
        }),
        Some(Mark::Denied) => Some(new(action, AuditOutcome::Refused, Some(MINUTE))),
        None if error.is_about(Code::NotYours) => {
            let refused = AuditOutcome::Refused;
            Some(new(AuditAction::ActForParticipant, refused, Some(MINUTE)))
        }
        None => None,
    }
}

fn told_action(response: &ServiceResponse<BoxBody>) -> Option<AuditAction> {
    response.response().extensions().get::<Told>()?.action
}

/// Who runs a study and sends entries does it for a participant. A password that comes with an entry is a log-in.
fn sent_for_others(request: &HttpRequest) -> Option<Outcome> {
    let extensions = request.extensions();
    let identity = extensions.get::<Arc<Identity>>()?;
    let runs_studies = matches!(identity.caller.role(), Some(Role::Admin | Role::Researcher));
    let (action, time) = match (runs_studies, identity.by_password) {
        (true, _) => (AuditAction::ActForParticipant, MINUTE),
        (false, true) => (AuditAction::LogIn, HOUR),
        (false, false) => return None,
    };
    Some(Outcome {
        action,
        outcome: AuditOutcome::Done,
        once_in: Some(time),
        tried: None,
    })
}

fn is_dry_run(request: &HttpRequest) -> bool {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    pairs.is_ok_and(|pairs| {
        let says = |(name, value): &(String, String)| name == "dry_run" && value != "false";
        pairs.iter().any(says)
    })
}

async fn draft(
    api: &Api,
    outcome: &Outcome,
    about: Option<SubjectId>,
    id: &str,
    response: &ServiceResponse<BoxBody>,
    told: Told,
) -> Draft {
    let request = response.request();
    let keys = api.0.audit.keys();
    let identity = request.extensions().get::<Arc<Identity>>().cloned();
    let known = request.extensions().get::<Arc<KnownStudy>>().cloned();
    let known = known.or_else(|| {
        let (plays, _) = identity.as_ref()?.plays.as_ref()?;
        Some(Arc::clone(plays))
    });
    let (mut slug, mut study) = (None, told.study);
    if let Some(known) = &known {
        slug = Some(known.study.slug.clone());
        study = Some(known.study.id);
    } else if let Some(named) = named_study(request)
        && (outcome.outcome == AuditOutcome::Done || error_of(response) == Some(Mark::Denied))
    {
        let wanted = named.clone();
        let find = move |inner: &Inner| Ok(inner.ports.studies.study_by_slug(&wanted)?);
        if let Ok(found) = api.off(find).await {
            study = study.or(found.map(|study| study.id));
            // It may have been deleted by this very request.
            slug = Some(named);
        }
    }
    let (actor, role) = match (&told.by, &identity) {
        (Some(By::Account(subject, role, plays)), _) => {
            study = study.or(*plays);
            (Some(keys.account(subject)), role_of(*role, None))
        }
        (Some(By::Client(id, of)), _) => {
            study = study.or(*of);
            (Some(keys.client(id)), AuditRole::Client)
        }
        (None, Some(identity)) => actor(api, identity, study),
        (None, None) => (None, AuditRole::Nobody),
    };
    let subject = about
        .or(outcome.tried)
        .map(|subject| keys.account(&subject));
    Draft {
        event: AuditEvent {
            at: api.now(),
            actor,
            role,
            action: outcome.action,
            study: slug,
            subject,
            outcome: outcome.outcome,
            request: Some(keys.request(id)),
        },
        account: told.account,
        study,
        was_done: outcome.outcome != AuditOutcome::Done
            || (![Method::GET, Method::HEAD].contains(request.method())
                && outcome.action != AuditAction::Reidentify),
    }
}

fn error_of(response: &ServiceResponse<BoxBody>) -> Option<Mark> {
    response.response().error()?.as_error::<ApiError>()?.mark()
}

/// The study that the path or the query names.
fn named_study(request: &HttpRequest) -> Option<Slug> {
    if let Some(slug) = request.match_info().get("study") {
        return slug.parse().ok();
    }
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string()).ok()?;
    let (_, slug) = pairs.iter().find(|(name, _)| name == "study")?;
    slug.parse().ok()
}

fn actor(
    api: &Api,
    identity: &Identity,
    study: Option<StudyId>,
) -> (Option<sillage_domain::AuditReference>, AuditRole) {
    let (caller, keys): (&Caller, _) = (&identity.caller, api.0.audit.keys());
    match (caller.role(), &identity.client) {
        (Some(role), _) => {
            let member = study.and_then(|study| caller.role_in(study));
            (Some(keys.account(&caller.subject())), role_of(role, member))
        }
        (None, Some(id)) => (Some(keys.client(id)), AuditRole::Client),
        (None, None) => (None, AuditRole::Client),
    }
}

fn role_of(role: Role, member: Option<StudyRole>) -> AuditRole {
    match (role, member) {
        (Role::Admin, _) => AuditRole::Admin,
        (Role::Participant, _) => AuditRole::Participant,
        (Role::Researcher, None) => AuditRole::Researcher,
        (Role::Researcher, Some(StudyRole::Manager)) => AuditRole::Manager,
        (Role::Researcher, Some(StudyRole::Analyst)) => AuditRole::Analyst,
        (Role::Researcher, Some(StudyRole::Developer)) => AuditRole::Developer,
        (Role::Researcher, Some(StudyRole::Monitor)) => AuditRole::Monitor,
    }
}

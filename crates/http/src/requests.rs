//! Requests that came by letter: written down, put off, answered; and those that are overdue, told once a day.

use crate::api::{Api, Inner};
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::messages;
use sillage_auth::{Granted, ManageRequests, ReadRequests};
use sillage_domain::{
    Account, AccountId, Day, NewRightsRequest, PageRequest, Paged, RequestId, RequestStep,
    RightsRequest, StepFault, StoreError, StudyId, Username, WaitingRequests,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI32, Ordering};

/// How often a step is tried that says nothing of a revision, while others change the same request.
const ATTEMPTS: u32 = 8;

/// The day on which it was last told what is overdue.
#[derive(Debug)]
pub(crate) struct Told(AtomicI32);

impl Default for Told {
    fn default() -> Self {
        Self(AtomicI32::new(-1))
    }
}

/// What accounts are called.
pub(crate) type Names = HashMap<AccountId, Username>;

/// A part of the list, with the names of those whom it is about.
pub(crate) async fn list(
    study: &InStudy,
    granted: Granted<ReadRequests>,
    open: Option<bool>,
    page: PageRequest,
) -> Result<(Paged<RightsRequest>, Names), ApiError> {
    let read = move |inner: &Inner| {
        let found = inner
            .ports
            .requests
            .requests(granted.study(), open, &page)?;
        let names = inner.names_in(&found.items)?;
        Ok((found, names))
    };
    study.who.api.off(read).await
}

/// One request.
pub(crate) async fn find(
    study: &InStudy,
    granted: Granted<ReadRequests>,
    id: &str,
) -> Result<(RightsRequest, Names), ApiError> {
    let id = id
        .parse()
        .map(RequestId)
        .map_err(|_| messages::not_found())?;
    let read = move |inner: &Inner| {
        let found = inner.ports.requests.request(granted.study(), id)?;
        let found = found.ok_or_else(messages::not_found)?;
        let names = inner.names_in(std::slice::from_ref(&found))?;
        Ok((found, names))
    };
    study.who.api.off(read).await
}

/// Writes one down.
pub(crate) async fn record(
    study: &InStudy,
    granted: Granted<ManageRequests>,
    new: NewRightsRequest,
) -> Result<RightsRequest, ApiError> {
    let (api, now) = (&study.who.api, study.who.api.now());
    let kind = new.kind;
    let record = move |inner: &Inner| {
        let study = granted.study();
        Ok(inner.ports.requests.record_request(study, &new, now)?)
    };
    let recorded = api.off(record).await?;
    tracing::info!(
        event = "rights_request",
        study = study.known.study.slug.as_str(),
        kind = kind.as_str(),
        due = %recorded.due,
        "a request was written down"
    );
    Ok(recorded)
}

/// The participant of that name, whose request it is.
pub(crate) async fn whose(study: &InStudy, name: &str) -> Result<Account, ApiError> {
    let (id, name) = (study.id(), name.parse::<Username>());
    let find = move |inner: &Inner| {
        let account = match name {
            Ok(name) => inner.ports.accounts.account_by_username(&name)?,
            Err(_) => None,
        };
        let plays = account.filter(|one| one.enrolment.is_some_and(|e| e.study == id));
        plays.ok_or_else(|| messages::no_such_participant().at("/participant").into())
    };
    study.who.api.off(find).await
}

/// Takes a step. `seen`: whether it is meant for the revision that was read.
pub(crate) async fn step(
    study: &InStudy,
    granted: Granted<ManageRequests>,
    request: RightsRequest,
    step: RequestStep,
    seen: bool,
) -> Result<RightsRequest, ApiError> {
    let (id, today) = (granted.study(), Day::of(study.who.api.now()));
    let take = move |inner: &Inner| {
        let mut request = request;
        for _ in 0..ATTEMPTS {
            check(&request, &step, today)?;
            match inner.ports.requests.step_request(id, &request, &step) {
                Err(StoreError::Stale) if !seen => {
                    let again = inner.ports.requests.request(id, request.id)?;
                    request = again.ok_or_else(messages::not_found)?;
                }
                done => return Ok(done?),
            }
        }
        Err(messages::stale().into())
    };
    let stepped = study.who.api.off(take).await?;
    tracing::info!(
        event = "rights_request",
        study = study.known.study.slug.as_str(),
        kind = stepped.kind.as_str(),
        answered = stepped.answered.is_some(),
        due = %stepped.due,
        "a request was put off or answered"
    );
    Ok(stepped)
}

/// Refuses what can't be so, with the place in the body.
fn check(request: &RightsRequest, step: &RequestStep, today: Day) -> Result<(), ApiError> {
    let Err(fault) = request.check(step, today) else {
        return Ok(());
    };
    Err(match fault {
        StepFault::AnsweredAlready => messages::answered_already().into(),
        StepFault::PutOffBetween(after, latest) => messages::put_off_between(after, latest)
            .at("/due_on")
            .into(),
        StepFault::BeforeItCame => messages::answered_before_it_came()
            .at("/answered_on")
            .into(),
        StepFault::ToCome => messages::day_to_come().at("/answered_on").into(),
        other => ApiError::internal(other),
    })
}

impl Inner {
    fn names_in(&self, requests: &[RightsRequest]) -> Result<Names, StoreError> {
        let accounts = requests
            .iter()
            .flat_map(|one| [one.participant, one.recorded_by]);
        self.usernames(accounts.flatten())
    }
}

impl Api {
    /// How many requests of a study wait.
    pub(crate) async fn waiting_requests(
        &self,
        study: StudyId,
    ) -> Result<WaitingRequests, ApiError> {
        let today = Day::of(self.now());
        self.off(move |inner| Ok(inner.ports.requests.waiting_requests(study, today)?))
            .await
    }
}

impl Inner {
    /// Says in the log which studies have requests that are overdue: once a day, however often it is called.
    pub(crate) fn tell_overdue(&self) {
        let today = Day::of(self.now());
        let told = &self.told_overdue.0;
        if told.load(Ordering::SeqCst) == today.number() {
            return;
        }
        match self.overdue(today) {
            // Tried again with the next call.
            Err(error) => tracing::debug!(%error, "overdue requests were not looked up"),
            Ok(overdue) => {
                told.store(today.number(), Ordering::SeqCst);
                for (study, count) in overdue {
                    tracing::warn!(
                        event = "rights_requests_overdue",
                        study,
                        count,
                        "requests of people about their data are overdue"
                    );
                }
            }
        }
    }

    fn overdue(&self, today: Day) -> Result<Vec<(String, u64)>, StoreError> {
        let mut named = Vec::new();
        for (study, count) in self.ports.requests.overdue_requests(today)? {
            if let Some(study) = self.ports.studies.study(study)? {
                named.push((study.slug.to_string(), count));
            }
        }
        Ok(named)
    }
}

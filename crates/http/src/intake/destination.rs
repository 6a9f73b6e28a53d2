//! Whose an entry is, and in which study.

use super::roles::{Home, refuse_numbers};
use super::{Batch, Intake};
use crate::api::{Api, Inner};
use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::identity::KnownStudy;
use crate::messages;
use actix_web::http::StatusCode;
use sillage_auth::{NameParticipant, Reach, StudyRef, WriteLogs, policy};
use sillage_domain::{
    FaultKind, PageRequest, Parsed, Pseudonym, Study, StudyId, StudyScope, SubjectId, Username,
};
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

/// Where an entry goes.
#[derive(Clone)]
pub(super) struct Destination {
    pub(super) known: Arc<KnownStudy>,
    /// Whose it is, if that is known.
    pub(super) pseudonym: Option<Pseudonym>,
    /// Whom the sender named, who runs the study: for the audit log.
    pub(super) named: Option<SubjectId>,
    /// Why that is not known.
    pub(super) fault: Option<FaultKind>,
    /// Whether it is a test entry of the study's developer.
    pub(super) tests: bool,
    /// What its entries are checked against; `None` for a study that takes everything.
    pub(super) codebook: Option<Arc<Compiled>>,
}

/// Where the entries of a body go.
pub(super) enum Destinations {
    /// All to one place: the way of a game.
    Same(Destination),
    Each(Vec<Destination>),
}

impl Destinations {
    pub(super) fn of(&self, index: usize) -> &Destination {
        match self {
            Self::Same(to) => to,
            Self::Each(all) => &all[index],
        }
    }

    /// Finds the codebooks of the studies that the entries go to.
    pub(super) async fn find_codebooks(&mut self, api: &Api) -> Result<(), ApiError> {
        let all = match self {
            Self::Same(to) => std::slice::from_mut(to),
            Self::Each(all) => all.as_mut_slice(),
        };
        let mut last: Option<(StudyId, Option<Arc<Compiled>>)> = None;
        for to in all {
            let study = &to.known.study;
            let found = match last {
                // Entries that come together mostly go to one study.
                Some((id, found)) if id == study.id => found,
                _ => api.codebook_of(study).await?,
            };
            to.codebook.clone_from(&found);
            last = Some((study.id, found));
        }
        Ok(())
    }

    /// Those whom the sender named, each once, in the order of their ids and not of the body.
    pub(super) fn named(&self) -> Vec<SubjectId> {
        let Self::Each(all) = self else {
            return Vec::new();
        };
        let mut named: Vec<_> = all.iter().filter_map(|to| to.named).collect();
        named.sort_unstable_by_key(|subject| *subject.as_bytes());
        named.dedup();
        named
    }

    pub(super) fn any(&self, is: impl Fn(&Destination) -> bool) -> bool {
        match self {
            Self::Same(to) => is(to),
            Self::Each(all) => all.iter().any(is),
        }
    }
}

/// What a username or a number stands for.
pub(super) enum Named {
    Player(Arc<KnownStudy>, Pseudonym, SubjectId),
    Unknown,
}

impl Intake<'_> {
    /// Finds out where each entry goes.
    pub(super) async fn destinations(
        &self,
        batch: &Batch<'_>,
        parsed: &[Parsed],
        home: &Home,
    ) -> Result<Destinations, ApiError> {
        match &self.who.identity.plays {
            Some((known, pseudonym)) => self.own(batch, parsed, home, (known, *pseudonym)),
            // Apart, so that what waits for a player's entries is small.
            None => Box::pin(self.named(batch, parsed, home)).await,
        }
    }

    /// A participant sends own entries, and may say so.
    fn own(
        &self,
        batch: &Batch<'_>,
        parsed: &[Parsed],
        home: &Home,
        (known, pseudonym): (&Arc<KnownStudy>, Pseudonym),
    ) -> Result<Destinations, ApiError> {
        policy::allows(self.who, WriteLogs, &StudyRef::from(&known.study))?;
        if self
            .study
            .is_some_and(|slug| slug != known.study.slug.as_str())
        {
            return Err(messages::not_found().parameter("study").into());
        }
        let own = |name: &str| {
            name.parse::<Username>()
                .is_ok_and(|name| Some(&name) == self.who.username())
        };
        refuse_others(batch, parsed, |name| !own(name))?;
        let number = self.who.identity.number;
        refuse_numbers(batch, parsed, home, |number_sent| {
            number.is_none_or(|own| u64::try_from(own.0) != Ok(number_sent))
        })?;
        Ok(Destinations::Same(Destination {
            known: Arc::clone(known),
            pseudonym: Some(pseudonym),
            named: None,
            fault: None,
            tests: false,
            codebook: None,
        }))
    }

    /// Somebody who runs a study names the participants.
    async fn named(
        &self,
        batch: &Batch<'_>,
        parsed: &[Parsed],
        home_study: &Home,
    ) -> Result<Destinations, ApiError> {
        let names: Vec<String> = parsed
            .iter()
            .filter_map(|p| p.participant.clone())
            .collect();
        let numbers: Vec<u64> = parsed.iter().filter_map(|p| p.number).collect();
        if !(names.is_empty() && numbers.is_empty())
            && self
                .who
                .may_across(NameParticipant)
                .map_or(true, |g| is_nowhere(&g.studies()))
        {
            refuse_others(batch, parsed, |_| true)?;
            refuse_numbers(batch, parsed, home_study, |_| true)?;
        }
        // Of a study that is named, more is said below.
        if self.study.is_none() && is_nowhere(&policy::at_some_time(self.who, WriteLogs)) {
            return Err(messages::forbidden().into());
        }
        let players = self.who.api.off(move |inner| inner.players(names)).await?;
        let numbered = home_study.players(self.who, numbers).await?;
        let may_name = |known: &KnownStudy| {
            policy::allows(self.who, NameParticipant, &StudyRef::from(&known.study)).is_ok()
        };
        refuse_others(batch, parsed, |name| match players.get(name) {
            Some(Named::Player(known, ..)) => !may_name(known),
            _ => false,
        })?;
        refuse_numbers(batch, parsed, home_study, |number| {
            let named = numbered.get(&number);
            matches!(named, Some(Named::Player(known, ..)) if !may_name(known))
        })?;
        let mut home = None;
        let mut all = Vec::with_capacity(parsed.len());
        for (index, parsed) in parsed.iter().enumerate() {
            let named = match (&parsed.participant, parsed.number) {
                (Some(name), _) => players.get(name),
                (None, Some(number)) => Some(numbered.get(&number).unwrap_or(&Named::Unknown)),
                (None, None) => None,
            };
            let to = match named {
                Some(Named::Player(known, pseudonym, subject)) => Destination {
                    known: Arc::clone(known),
                    pseudonym: Some(*pseudonym),
                    named: Some(*subject),
                    fault: None,
                    tests: false,
                    codebook: None,
                },
                unknown => {
                    if home.is_none() {
                        home = Some(self.fallback(&batch.place(index)).await?);
                    }
                    let mut to = home.clone().ok_or_else(messages::which_study)?;
                    if unknown.is_some() {
                        to.pseudonym = None;
                        to.fault = Some(FaultKind::UnknownParticipant);
                    }
                    to
                }
            };
            all.push(to);
        }
        Ok(Destinations::Each(all))
    }

    /// Where an entry goes that names nobody who plays: the study that the request names, or the only one that it can be.
    async fn fallback(&self, place: &str) -> Result<Destination, ApiError> {
        let found = match self.study {
            Some(slug) => Some(InStudy::find(self.who.clone(), slug).await?),
            None => match self.only_study().await? {
                Some(study) => {
                    let known = self
                        .who
                        .api
                        .off(move |inner| Ok(Arc::new(KnownStudy::new(inner, study))))
                        .await?;
                    Some(InStudy::of(self.who.clone(), known)?)
                }
                None => None,
            },
        };
        let found = found
            .ok_or_else(|| messages::no_study_for_misfit().at(format!("{place}/participant")))?;
        let granted = found.may(WriteLogs)?;
        let tests = granted.reach() == Reach::Own;
        let own = found.known.pseudonym(&self.who.subject());
        Ok(Destination {
            pseudonym: tests.then_some(own),
            named: None,
            fault: (!tests).then_some(FaultKind::ParticipantMissing),
            tests,
            known: found.known,
            codebook: None,
        })
    }

    pub(super) async fn only_study(&self) -> Result<Option<Study>, ApiError> {
        let scope = policy::at_some_time(self.who, WriteLogs);
        self.who
            .api
            .off(move |inner| inner.only_study(&scope))
            .await
    }
}

impl Inner {
    /// The study that the settings name, if it is among these; otherwise the only one of them.
    pub(crate) fn only_study(&self, scope: &StudyScope) -> Result<Option<Study>, ApiError> {
        if let Some(slug) = &self.settings.default_study
            && let Some(study) = self.ports.studies.study_by_slug(slug)?
            && scope.covers(study.id)
        {
            return Ok(Some(study));
        }
        let one = PageRequest {
            page: NonZeroU64::MIN,
            size: NonZeroU32::MIN,
        };
        let mut found = self.ports.studies.studies(scope, &one)?;
        Ok(if found.total == 1 {
            found.items.pop()
        } else {
            None
        })
    }

    fn players(&self, names: Vec<String>) -> Result<HashMap<String, Named>, ApiError> {
        let mut studies: HashMap<StudyId, Arc<KnownStudy>> = HashMap::new();
        let mut players = HashMap::new();
        for name in names {
            if players.contains_key(&name) {
                continue;
            }
            let named = self.player(&name, &mut studies)?;
            players.insert(name, named);
        }
        Ok(players)
    }

    fn player(
        &self,
        name: &str,
        studies: &mut HashMap<StudyId, Arc<KnownStudy>>,
    ) -> Result<Named, ApiError> {
        let Ok(username) = name.parse::<Username>() else {
            return Ok(Named::Unknown);
        };
        let account = self.ports.accounts.account_by_username(&username)?;
        let Some((account, enrolment)) = account.and_then(|a| a.enrolment.map(|e| (a, e))) else {
            return Ok(Named::Unknown);
        };
        let known = match studies.get(&enrolment.study) {
            Some(known) => Arc::clone(known),
            None => {
                let study = self
                    .ports
                    .studies
                    .study(enrolment.study)?
                    .ok_or_else(messages::not_found)?;
                let known = Arc::new(KnownStudy::new(self, study));
                studies.insert(enrolment.study, Arc::clone(&known));
                known
            }
        };
        let pseudonym = known.pseudonym(&account.subject);
        Ok(Named::Player(known, pseudonym, account.subject))
    }
}

fn is_nowhere(scope: &StudyScope) -> bool {
    matches!(scope, StudyScope::Only(studies) if studies.is_empty())
}

/// Refuses a body that names somebody whom the sender may not name. Nothing of it is kept: that would let anybody write into
/// another's record.
fn refuse_others(
    batch: &Batch<'_>,
    parsed: &[Parsed],
    other: impl Fn(&str) -> bool,
) -> Result<(), ApiError> {
    let named = parsed
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.participant.as_deref().map(|name| (index, name)));
    let foreign = named.filter(|(_, name)| other(name));
    let problems: Vec<_> = foreign
        .map(|(index, _)| messages::not_yours().at(format!("{}/participant", batch.place(index))))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::several(StatusCode::FORBIDDEN, problems))
    }
}

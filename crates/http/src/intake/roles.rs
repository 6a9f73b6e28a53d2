//! Which members of a flat entry play which part, and participants who are named by their numbers.

use super::destination::Named;
use super::{Batch, Intake};
use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::{InStudy, Who};
use crate::identity::KnownStudy;
use crate::messages;
use actix_web::http::StatusCode;
use sillage_domain::codebook::{Part, Roles};
use sillage_domain::{Parsed, ParticipantNumber};
use std::collections::HashMap;
use std::sync::Arc;

/// The study by whose codebook a body is read: the sender's, or the one that the request names, or the only one that it can be.
#[derive(Default)]
pub(super) struct Home {
    known: Option<Arc<KnownStudy>>,
    codebook: Option<Arc<Compiled>>,
}

impl Home {
    /// Which members play which part.
    pub(super) fn roles(&self) -> Option<&Roles> {
        self.codebook
            .as_ref()
            .map(|codebook| codebook.checker.roles())
    }

    /// Who has these numbers in the study; who has none is not among them.
    pub(super) async fn players(
        &self,
        who: &Who,
        numbers: Vec<u64>,
    ) -> Result<HashMap<u64, Named>, ApiError> {
        let Some(known) = self.known.clone().filter(|_| !numbers.is_empty()) else {
            return Ok(HashMap::new());
        };
        who.api
            .off(move |inner| {
                let mut players = HashMap::new();
                for number in numbers {
                    if players.contains_key(&number) {
                        continue;
                    }
                    let Ok(wanted) = i64::try_from(number) else {
                        continue;
                    };
                    let wanted = ParticipantNumber(wanted);
                    let found = inner.ports.moving.numbered(known.study.id, wanted)?;
                    if let Some(account) = found {
                        let pseudonym = known.pseudonym(&account.subject);
                        players.insert(
                            number,
                            Named::Player(Arc::clone(&known), pseudonym, account.subject),
                        );
                    }
                }
                Ok(players)
            })
            .await
    }
}

impl Intake<'_> {
    /// The study by whose codebook the body is read.
    pub(super) async fn home(&self) -> Result<Home, ApiError> {
        let known = match &self.who.identity.plays {
            Some((known, _)) => Some(Arc::clone(known)),
            // Apart, so that what waits for a player's entries is small.
            None => Box::pin(self.home_of_others()).await?,
        };
        let codebook = match &known {
            Some(known) => self.who.api.codebook_of(&known.study).await?,
            None => None,
        };
        Ok(Home { known, codebook })
    }

    /// The study of somebody who does not play.
    async fn home_of_others(&self) -> Result<Option<Arc<KnownStudy>>, ApiError> {
        // Whether there is one for this sender is told where an entry needs it.
        if let Some(slug) = self.study {
            let found = InStudy::find(self.who.clone(), slug).await.ok();
            return Ok(found.map(|found| found.known));
        }
        let Some(study) = self.only_study().await? else {
            return Ok(None);
        };
        let known = move |inner: &crate::api::Inner| Ok(Arc::new(KnownStudy::new(inner, study)));
        self.who.api.off(known).await.map(Some)
    }
}

/// Refuses a body that names somebody by a number whom the sender may not name. Nothing of it is kept, as with names.
pub(super) fn refuse_numbers(
    batch: &Batch<'_>,
    parsed: &[Parsed],
    home: &Home,
    other: impl Fn(u64) -> bool,
) -> Result<(), ApiError> {
    let numbered = parsed
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.number.map(|number| (index, number)));
    let foreign = numbered.filter(|(_, number)| other(*number));
    let foreign: Vec<_> = foreign.map(|(index, _)| index).collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let member = home
        .roles()
        .and_then(|roles| roles.member(Part::Participant))
        .unwrap_or(Part::Participant.as_str());
    let member = member.replace('~', "~0").replace('/', "~1");
    let place = |index| format!("{}/{member}", batch.place(index));
    let problems = foreign.into_iter();
    let problems = problems.map(|index| messages::not_yours().at(place(index)));
    Err(ApiError::several(StatusCode::FORBIDDEN, problems.collect()))
}

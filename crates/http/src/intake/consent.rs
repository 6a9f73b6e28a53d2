//! Entries that are not taken, nor kept, since whose they are has not consented to their collection.

use super::Batch;
use super::destination::{Destination, Destinations};
use crate::api::Api;
use crate::error::{ApiError, Problem};
use crate::messages;
use actix_web::http::StatusCode;
use sillage_domain::{EntryId, Parsed, Pseudonym, StudyId};
use std::collections::{HashMap, HashSet};

/// An entry that is left out.
#[derive(Debug, Clone)]
pub(super) struct LeftOut {
    /// Where it stands in the body.
    pub(super) index: usize,
    pub(super) id: Option<EntryId>,
    pub(super) problems: Vec<Problem>,
}

/// Whether what people decided counts for entries going there: a consent that the study asks for, or an objection. Test entries are nobody's.
fn asks(to: &Destination) -> bool {
    to.known.study.looks_up_decisions() && !to.tests
}

/// Whether it was found out a moment ago that whose they are allows it: the way of a game.
fn is_known_to_allow(api: &Api, to: &Destination) -> bool {
    let study = &to.known.study;
    let known = to
        .pseudonym
        .and_then(|one| api.known_decisions(study.id, one));
    known.is_some_and(|decisions| decisions.allow_arrival(study.consent))
}

/// The entries that are left out, in their order: where they are of several people. Where they are all of one who has not consented, or
/// there is but one, the request is refused.
pub(super) async fn left_out(
    api: &Api,
    batch: &Batch<'_>,
    parsed: &[Parsed],
    destinations: &Destinations,
) -> Result<Vec<LeftOut>, ApiError> {
    let all = match destinations {
        Destinations::Same(to) if !asks(to) || is_known_to_allow(api, to) => return Ok(Vec::new()),
        Destinations::Same(to) => std::slice::from_ref(to),
        Destinations::Each(all) => all.as_slice(),
    };
    let mut asked: HashMap<StudyId, HashSet<Pseudonym>> = HashMap::new();
    for to in all.iter().filter(|to| asks(to)) {
        let people = asked.entry(to.known.study.id).or_default();
        people.extend(to.pseudonym);
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut denied: HashSet<(StudyId, Pseudonym)> = HashSet::new();
    for (study, people) in asked {
        let decided = api.decisions(study, people).await?;
        let purposes = |study| {
            let of = all.iter().find(|to| to.known.study.id == study);
            of.map(|to| to.known.study.consent).unwrap_or_default()
        };
        let asked = purposes(study);
        let no = decided.iter().filter(|(_, d)| !d.allow_arrival(asked));
        denied.extend(no.map(|(one, _)| (study, *one)));
    }
    // Of nobody who is known, nothing is known that was consented to.
    let is_denied = |to: &Destination| {
        let study = &to.known.study;
        let unknown = || !study.consent.is_empty();
        let denies = |one| denied.contains(&(study.id, one));
        asks(to) && to.pseudonym.map_or_else(unknown, denies)
    };
    let mut left_out = Vec::new();
    for (index, parsed) in parsed.iter().enumerate() {
        let to = destinations.of(index);
        if is_denied(to) {
            left_out.push(LeftOut {
                index,
                id: match &parsed.entry {
                    Ok(draft) => draft.id,
                    Err(misfit) => misfit.id,
                },
                problems: problems(to, &batch.place(index)),
            });
        }
    }
    let people: HashSet<_> = all.iter().map(|to| to.pseudonym).collect();
    let whole = left_out.len() == parsed.len() && people.len() == 1;
    match (whole, &destinations) {
        (true, Destinations::Same(_)) => Err(messages::consent_missing().into()),
        (true, Destinations::Each(_)) => {
            let problems = left_out.into_iter().flat_map(|one| one.problems);
            Err(ApiError::several(StatusCode::FORBIDDEN, problems.collect()))
        }
        (false, _) => Ok(left_out),
    }
}

fn problems(to: &Destination, place: &str) -> Vec<Problem> {
    let mut problems = vec![messages::consent_missing().at(place)];
    let whose = to.fault.as_ref().map(messages::fault);
    problems.extend(whose.map(|problem| problem.at(format!("{place}/participant"))));
    problems
}

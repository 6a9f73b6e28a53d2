//! Flat entries, as a game sends and reads them that has its own names for things: the roles of a codebook say which member plays which
//! part.

use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::{Parameters, Who};
use crate::players;
use crate::response::etag;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use sillage_auth::ExportTsadk;
use sillage_domain::codebook::{Part, Roles};
use sillage_domain::{ParticipantNumber, Pseudonym, StoredEntry, StudyId};
use std::collections::HashMap;
use std::sync::Arc;

/// How entries of the default study are shown in lists: with the members that the game knows beside those that all entries have.
pub(crate) struct Flat {
    study: StudyId,
    codebook: Arc<Compiled>,
    /// In the place of pseudonyms, for programs that knew participants by their numbers.
    numbers: Option<HashMap<Pseudonym, ParticipantNumber>>,
}

/// The members that one entry has besides.
#[derive(Clone, Copy)]
pub(crate) struct FlatEntry<'a> {
    pub(crate) roles: &'a Roles,
    /// The participant's number; a pseudonym is not shown beside it, nor in the place of one that is gone.
    pub(crate) number: Option<Option<ParticipantNumber>>,
}

/// Whether the credentials came as HTTP Basic: from a program that was written for the predecessor, whose token stands in the place of
/// the username.
pub(crate) fn came_as_basic(headers: &HeaderMap) -> bool {
    let scheme = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().get(..6));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
}

impl Flat {
    /// How a list is shown; `None` without a default study, or where its game has no name of its own for participants.
    ///
    /// Numbers take the place of pseudonyms for HTTP Basic alone, and not in a list of one pseudonym's entries: nobody is shown both.
    pub(crate) async fn of(
        who: &Who,
        asked: &Parameters,
        basic: bool,
    ) -> Result<Option<Self>, ApiError> {
        let Some(home) = players::home(who).await? else {
            return Ok(None);
        };
        let Some(codebook) = who.api.codebook_of(&home.known.study).await? else {
            return Ok(None);
        };
        if codebook
            .codebook
            .roles()
            .member(Part::Participant)
            .is_none()
        {
            return Ok(None);
        }
        let shown = basic && asked.text("participant").is_none() && home.may(ExportTsadk).is_ok();
        let numbers = match shown {
            true => {
                let known = Arc::clone(&home.known);
                Some(who.api.off(move |inner| Ok(inner.numbers(&known)?)).await?)
            }
            false => None,
        };
        Ok(Some(Self {
            study: home.id(),
            codebook,
            numbers,
        }))
    }

    /// The tag of a list that is shown so, from its tag.
    pub(crate) fn mark(&self, tag: &str) -> String {
        let mut numbers: Vec<String> = Vec::new();
        for (pseudonym, number) in self.numbers.iter().flatten() {
            numbers.push(format!("{pseudonym}{number}"));
        }
        numbers.sort_unstable();
        let shown = [self.numbers.is_some().into()];
        etag(&[tag.as_bytes(), &shown, numbers.concat().as_bytes()])
    }

    /// The members of that entry.
    pub(crate) fn entry(&self, entry: &StoredEntry) -> Option<FlatEntry<'_>> {
        (entry.study == self.study).then(|| FlatEntry {
            roles: self.codebook.codebook.roles(),
            number: self
                .numbers
                .as_ref()
                .map(|numbers| numbers.get(&entry.pseudonym).copied()),
        })
    }
}

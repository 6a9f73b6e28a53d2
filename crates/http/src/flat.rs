//! Flat entries, as a game sends and reads them that has its own names for things: the roles of a codebook say which member plays which
//! part.

use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::{Parameters, Who};
use crate::identity::KnownStudy;
use crate::players;
use crate::response::etag;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use sillage_auth::ExportTsadk;
use sillage_domain::codebook::{Part, Roles};
use sillage_domain::{ParticipantNumber, Pseudonym, StoredEntry, StudyId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long numbers are known after they were read: as long as whatever else this process remembers of accounts.
const FRESH: Duration = Duration::from_secs(5);

/// How entries of the default study are shown in lists: with the members that the game knows beside those that all entries have.
pub(crate) struct Flat {
    study: StudyId,
    codebook: Arc<Compiled>,
    /// In the place of pseudonyms, for programs that knew participants by their numbers.
    numbers: Option<Arc<Numbers>>,
}

/// The numbers of a study's participants, as they were read.
struct Numbers {
    study: StudyId,
    of: HashMap<Pseudonym, ParticipantNumber>,
    /// Another one for other numbers.
    tag: String,
    /// When they were read, and what this process had changed by then.
    read: (Instant, u64),
}

/// The numbers that were read last. A pseudonym does not lead back to its account, so they are read all together, but not for each page.
#[derive(Default)]
pub(crate) struct KeptNumbers(Mutex<Option<Arc<Numbers>>>);

impl KeptNumbers {
    /// Those of that study, if nothing was changed here since, and nothing can have been elsewhere for longer than [`FRESH`].
    fn get(&self, study: StudyId, generation: u64) -> Option<Arc<Numbers>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().filter(|kept| {
            let (at, known) = kept.read;
            kept.study == study && known == generation && at.elapsed() < FRESH
        });
        kept.cloned()
    }

    fn put(&self, numbers: &Arc<Numbers>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Arc::clone(numbers));
    }
}

impl Numbers {
    async fn of(who: &Who, known: &Arc<KnownStudy>) -> Result<Arc<Self>, ApiError> {
        let (study, read) = (known.study.id, (Instant::now(), who.api.generation()));
        if let Some(kept) = who.api.0.numbers.get(study, read.1) {
            return Ok(kept);
        }
        let known = Arc::clone(known);
        let of = who.api.off(move |inner| Ok(inner.numbers(&known)?)).await?;
        let mut pairs: Vec<String> = of
            .iter()
            .map(|(pseudonym, number)| format!("{pseudonym}{number}"))
            .collect();
        pairs.sort_unstable();
        let tag = etag(&[pairs.concat().as_bytes()]);
        let numbers = Arc::new(Self {
            study,
            of,
            tag,
            read,
        });
        who.api.0.numbers.put(&numbers);
        Ok(numbers)
    }
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
            true => Some(Numbers::of(who, &home.known).await?),
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
        let numbers = self.numbers.as_ref();
        let numbers = numbers.map_or("", |numbers| numbers.tag.as_str());
        etag(&[tag.as_bytes(), numbers.as_bytes()])
    }

    /// The members of that entry.
    pub(crate) fn entry(&self, entry: &StoredEntry) -> Option<FlatEntry<'_>> {
        (entry.study == self.study).then(|| FlatEntry {
            roles: self.codebook.codebook.roles(),
            number: self
                .numbers
                .as_ref()
                .map(|numbers| numbers.of.get(&entry.pseudonym).copied()),
        })
    }
}

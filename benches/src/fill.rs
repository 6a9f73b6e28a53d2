//! Entries by the million, stored through the store's own writer, without HTTP.

use crate::place::Place;
use crate::requests::{ACTION, PAYLOAD};
use crate::{Failure, Result};
use sillage_domain::{
    Arrival, Draft, EntryId, NewEntry, NewStudy, Payload, Ports, Pseudonym, Sequence, Study,
    StudyChange, StudySalt, StudyStatus, Submission, Timestamp, Validation,
};
use sillage_store::{Store, StoreOptions};
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Entries a submission, as in the largest request.
const SUBMISSION: u64 = 1000;
/// Submissions that wait at the same time, so that the writer always has some.
const WAITING: usize = 8;
/// Whose entries a large study has: a school's, each in turn.
const SCHOOL: Players = Players {
    count: 500,
    at_once: 1,
};

/// Who sends entries, and in which order they come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Players {
    /// How many there are.
    pub(crate) count: u64,
    /// How many entries of one come together, before the next one's.
    pub(crate) at_once: u64,
}

/// Which ids games make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    /// In the order of time (RFC 9562 section 5.7), as ours do.
    V7,
    /// All random (section 5.4).
    V4,
}

/// Makes the tables of a place and an open study, stores that many entries in it, and closes the store.
pub(crate) fn fill(place: &Place, slug: &str, entries: u64) -> Result<Study> {
    let store = Store::open(&StoreOptions::new(&place.url))?;
    let ports = Ports::of(Arc::new(store));
    let study = open_study(&ports, slug)?;
    store_more(&ports, &study, 0, entries, Ids::V7)?;
    Ok(study)
}

/// Stores more in a study that [`fill`] made and that has `from` entries, until it has `until`.
pub(crate) fn fill_up(place: &Place, study: &Study, from: u64, until: u64, ids: Ids) -> Result<()> {
    let store = Store::open(&StoreOptions::new(&place.url))?;
    store_more(&Ports::of(Arc::new(store)), study, from, until, ids)
}

fn store_more(ports: &Ports, study: &Study, from: u64, entries: u64, ids: Ids) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut waiting = JoinSet::new();
        let mut n = from;
        while n < entries {
            let until = entries.min(n + SUBMISSION);
            let arrivals = (n..until)
                .map(|n| SCHOOL.entry(study, n, ids).map(Arrival::Entry))
                .collect::<Result<Vec<_>>>()?;
            n = until;
            waiting.spawn(ports.writer.submit(Submission {
                arrivals: arrivals.into(),
                received_at: Timestamp::now(),
                strict: false,
            }));
            if waiting.len() >= WAITING
                && let Some(outcomes) = waiting.join_next().await
            {
                outcomes??;
            }
        }
        while let Some(outcomes) = waiting.join_next().await {
            outcomes??;
        }
        Ok::<_, Failure>(())
    })?;
    let stored = ports.logs.counts(study.id)?.entries;
    crate::measure::check_equal("stored by the writer", stored, entries)
}

fn open_study(ports: &Ports, slug: &str) -> Result<Study> {
    let new = NewStudy {
        slug: slug.parse()?,
        title: "Measurements".to_owned(),
        description: String::new(),
        game_url: None,
        validation: Validation::Quarantine,
        salt: StudySalt::new([7; 32]),
    };
    let study = ports.studies.create_study(&new, None, Timestamp::now())?;
    let open = StudyChange {
        status: Some(StudyStatus::Open),
        ..StudyChange::default()
    };
    Ok(ports
        .studies
        .change_study(study.id, &open, None, Timestamp::now())?)
}

impl Players {
    /// The n-th entry that arrives in a study.
    pub(crate) fn entry(self, study: &Study, n: u64, ids: Ids) -> Result<NewEntry> {
        let turn = n / self.at_once;
        let player = turn % self.count;
        let place = turn / self.count * self.at_once + n % self.at_once;
        Ok(NewEntry {
            study: study.id,
            pseudonym: Pseudonym::from_u64(1_000_000_007 * (player + 1))?,
            id: EntryId(match ids {
                Ids::V7 => Uuid::now_v7(),
                Ids::V4 => Uuid::new_v4(),
            }),
            content: Draft {
                id: None,
                action: ACTION.parse()?,
                session: Some(format!("s-{player}").parse()?),
                sequence: Sequence::new(place.cast_signed()),
                occurred_at: Timestamp::now(),
                sent_at: None,
                payload: Some(Payload::from_checked(PAYLOAD)),
            },
            codebook: None,
        })
    }
}

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
/// Players whose entries come in turn.
pub(crate) const PLAYERS: u64 = 500;

/// Makes the tables of a place and an open study, stores that many entries in it, and closes the store.
pub(crate) fn fill(place: &Place, slug: &str, entries: u64) -> Result<Study> {
    let store = Store::open(&StoreOptions::new(&place.url))?;
    let ports = Ports::of(Arc::new(store));
    let study = open_study(&ports, slug)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut waiting = JoinSet::new();
        let mut n = 0;
        while n < entries {
            let until = entries.min(n + SUBMISSION);
            let arrivals = (n..until)
                .map(|n| entry(&study, n).map(Arrival::Entry))
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
    crate::measure::check_equal("stored by the writer", stored, entries)?;
    Ok(study)
}

fn open_study(ports: &Ports, slug: &str) -> Result<Study> {
    let new = NewStudy {
        slug: slug.parse()?,
        title: "Measurements".to_owned(),
        description: String::new(),
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

/// The n-th entry: its player and place in the session follow from `n`.
pub(crate) fn entry(study: &Study, n: u64) -> Result<NewEntry> {
    let player = n % PLAYERS;
    Ok(NewEntry {
        study: study.id,
        pseudonym: Pseudonym::from_u64(1_000_000_007 * (player + 1))?,
        id: EntryId(Uuid::now_v7()),
        content: Draft {
            id: None,
            action: ACTION.parse()?,
            session: Some(format!("s-{player}").parse()?),
            sequence: Sequence::new((n / PLAYERS).cast_signed()),
            occurred_at: Timestamp::now(),
            sent_at: None,
            payload: Some(Payload::from_checked(PAYLOAD)),
        },
    })
}

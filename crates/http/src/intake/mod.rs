//! The way of log entries from a body into the archive.

mod consent;
mod destination;
mod receipt;
mod roles;

pub(crate) use receipt::{Fate, Receipt, Taken};

use crate::api::Api;
use crate::error::{ApiError, Problem};
use crate::extractors::{EntriesBody, Who};
use crate::messages;
use actix_web::http::StatusCode;
use consent::LeftOut;
use destination::{Destination, Destinations};
use sillage_domain::{
    Admission, Arrival, Body, Draft, Fault, FaultKind, Misfit, NewEntry, NewMisfit, Outcome,
    Parsed, SourceTexts, StoreError, StudyStatus, Submission, Timestamp, Validation, parse_with,
};
use std::sync::Arc;
use uuid::Uuid;

/// What is asked of the server with a body of log entries.
pub(crate) struct Intake<'a> {
    pub(crate) who: &'a Who,
    /// Whether the client wants a refusal rather than quarantine.
    pub(crate) strict: bool,
    /// The study that entries of nobody in particular belong to, by slug.
    pub(crate) study: Option<&'a str>,
}

/// A body that was read, on its way.
struct Batch<'a> {
    /// What was sent, for the quarantine.
    texts: SourceTexts<'a>,
    single: bool,
    now: Timestamp,
    /// Where the entries that are not left out stand in the body; empty if none is left out.
    kept: Vec<usize>,
}

impl Batch<'_> {
    /// Where an entry stands in the body, of those that are not left out.
    fn stands(&self, arrival: usize) -> usize {
        self.kept.get(arrival).copied().unwrap_or(arrival)
    }

    /// The JSON pointer of an entry in the body.
    fn place(&self, index: usize) -> String {
        if self.single {
            String::new()
        } else {
            format!("/{index}")
        }
    }

    fn misfit(&self, index: usize, draft: &Draft, faults: Vec<Fault>) -> Misfit {
        Misfit {
            id: draft.id,
            text: self.texts.get(index),
            faults,
        }
    }
}

impl Intake<'_> {
    /// Stores what fits, keeps what does not, or refuses all.
    pub(crate) async fn receive(&self, body: EntriesBody) -> Result<Receipt, ApiError> {
        let api = &self.who.api;
        let home = self.home().await?;
        let roles = home.roles();
        let limits = &api.settings().limits;
        let (single, parsed) = match parse_with(&body.bytes, body.form, limits, roles)? {
            Body::One(parsed) => (true, vec![*parsed]),
            Body::Several(parsed) => (false, parsed),
        };
        let mut batch = Batch {
            texts: SourceTexts::with(&body.bytes, body.form, roles),
            single,
            now: api.now(),
            kept: Vec::new(),
        };
        if parsed.is_empty() {
            return Ok(Receipt {
                single,
                received_at: batch.now,
                taken: Vec::new(),
                named: Vec::new(),
            });
        }
        let mut destinations = self.destinations(&batch, &parsed, &home).await?;
        refuse_closed(&destinations, parsed.len())?;
        let left_out = consent::left_out(api, &batch, &parsed, &destinations).await?;
        if !left_out.is_empty() {
            let is_kept = |index: &usize| {
                left_out
                    .binary_search_by_key(index, |one| one.index)
                    .is_err()
            };
            batch.kept = (0..parsed.len()).filter(is_kept).collect();
        }
        destinations.find_codebooks(api).await?;
        let strict =
            self.strict || destinations.any(|to| to.known.study.validation == Validation::Reject);
        let arrivals = sort(&batch, parsed, &destinations, &left_out);
        if strict {
            refuse_misfits(&batch, &arrivals, &left_out)?;
        }
        let outcomes = match arrivals.is_empty() {
            true => Vec::new(),
            false => {
                let arrivals = Arc::clone(&arrivals);
                self.submit(arrivals, batch.now, strict).await?
            }
        };
        if outcomes.contains(&Outcome::Erased) {
            self.refuse_erased(batch.single)?;
        }
        if strict {
            refuse_conflicts(&batch, &outcomes)?;
        }
        if outcomes.contains(&Outcome::Conflict) {
            Box::pin(self.keep_conflicts(&batch, &arrivals, &outcomes)).await?;
        }
        let taken = outcomes.iter().enumerate();
        let taken = taken.map(|(n, outcome)| Taken::new(&arrivals, n, batch.stands(n), *outcome));
        let mut taken: Vec<_> = taken.collect();
        if !left_out.is_empty() {
            taken.extend(left_out.into_iter().map(Taken::refused));
            taken.sort_by_key(Taken::index);
        }
        count(api, &destinations, &taken);
        Ok(Receipt {
            single,
            received_at: batch.now,
            taken,
            named: destinations.named(),
        })
    }

    /// Of somebody who was erased while this was on its way nothing was written, and the token is good no longer. Where a game's server
    /// sends for many, the others' entries stay.
    fn refuse_erased(&self, single: bool) -> Result<(), ApiError> {
        if self.who.identity.plays.is_some() {
            return Err(messages::token_revoked().into());
        }
        if single {
            let unknown = messages::fault(&FaultKind::UnknownParticipant).at("/participant");
            return Err(ApiError::several(
                StatusCode::UNPROCESSABLE_ENTITY,
                vec![unknown],
            ));
        }
        Ok(())
    }

    async fn submit(
        &self,
        arrivals: Arc<[Arrival]>,
        received_at: Timestamp,
        strict: bool,
    ) -> Result<Vec<Outcome>, ApiError> {
        let api = &self.who.api;
        let submitted = api.0.ports.writer.submit(Submission {
            arrivals,
            received_at,
            strict,
        });
        match tokio::time::timeout(api.settings().submit_timeout, submitted).await {
            Ok(outcomes) => Ok(outcomes?),
            Err(late) => Err(StoreError::Away(Box::new(late)).into()),
        }
    }

    /// The texts of entries whose id another entry has go to quarantine.
    async fn keep_conflicts(
        &self,
        batch: &Batch<'_>,
        arrivals: &[Arrival],
        outcomes: &[Outcome],
    ) -> Result<(), ApiError> {
        let conflicts = outcomes
            .iter()
            .enumerate()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Conflict));
        let misfits = conflicts.filter_map(|(index, _)| match &arrivals[index] {
            Arrival::Entry(entry) => {
                let fault = Fault::at("id", FaultKind::Conflict);
                let mut misfit = batch.misfit(batch.stands(index), &entry.content, vec![fault]);
                misfit.id = Some(entry.id);
                Some(Arrival::Misfit(NewMisfit {
                    study: entry.study,
                    pseudonym: Some(entry.pseudonym),
                    misfit,
                    action: Some(entry.content.action.clone()),
                    codebook: entry.codebook,
                }))
            }
            Arrival::Misfit(_) | Arrival::Release(_) => None,
        });
        let misfits: Arc<[Arrival]> = misfits.collect();
        self.submit(misfits, batch.now, false).await?;
        Ok(())
    }
}

/// Counts what became of each entry.
fn count(api: &Api, destinations: &Destinations, taken: &[Taken]) {
    for one in taken {
        let study = &destinations.of(one.index()).known.study;
        let entries = &api.0.metrics.entries;
        entries.count(study.id, &study.slug, one.fate);
    }
}

/// Decides for each entry that is not left out whether it goes into the archive or into quarantine.
fn sort(
    batch: &Batch<'_>,
    parsed: Vec<Parsed>,
    destinations: &Destinations,
    left_out: &[LeftOut],
) -> Arc<[Arrival]> {
    let mut arrivals = Vec::with_capacity(parsed.len());
    let mut left_out = left_out.iter().map(|one| one.index).peekable();
    for (index, parsed) in parsed.into_iter().enumerate() {
        if left_out.next_if_eq(&index).is_none() {
            arrivals.push(arrival(batch, index, parsed.entry, destinations.of(index)));
        }
    }
    arrivals.into()
}

/// Refuses a body with entries for a study that takes nothing from this sender.
fn refuse_closed(destinations: &Destinations, entries: usize) -> Result<(), ApiError> {
    let several = match destinations {
        Destinations::Same(_) => 1,
        Destinations::Each(_) => entries,
    };
    for index in 0..several {
        if let Some(status) = closed_to(destinations.of(index)) {
            return Err(messages::study_not_open(status.as_str()).into());
        }
    }
    Ok(())
}

/// The status of the study, if it takes nothing from this sender.
fn closed_to(to: &Destination) -> Option<StudyStatus> {
    let status = to.known.study.status;
    let closed = match status {
        StudyStatus::Draft => !to.tests,
        StudyStatus::Open | StudyStatus::Closed => false,
        StudyStatus::Archived => true,
    };
    closed.then_some(status)
}

fn arrival(
    batch: &Batch<'_>,
    index: usize,
    entry: Result<Draft, Misfit>,
    to: &Destination,
) -> Arrival {
    let study = to.known.study.id;
    let content = match entry {
        Ok(content) => content,
        Err(mut misfit) => {
            let fault = to.fault.clone();
            misfit
                .faults
                .extend(fault.map(|kind| Fault::at("participant", kind)));
            return Arrival::Misfit(NewMisfit {
                study,
                pseudonym: to.pseudonym,
                action: misfit.action(),
                misfit,
                codebook: None,
            });
        }
    };
    let mut faults = faults_of(&content, to, batch.now);
    let codebook = to.codebook.as_ref().map(|codebook| codebook.version);
    let fits = to
        .codebook
        .as_ref()
        .is_none_or(|codebook| codebook.checker.check(&content).is_empty());
    match to.pseudonym {
        Some(pseudonym) if fits && faults.is_empty() => Arrival::Entry(NewEntry {
            study,
            pseudonym,
            id: content.id_or(Uuid::now_v7),
            content,
            codebook,
        }),
        _ => {
            let mut misfit = batch.misfit(index, &content, Vec::new());
            let action = Some(content.action.clone());
            if let Some(codebook) = &to.codebook {
                // Once more, with the places where things stand in the text as it was sent.
                let source = || misfit.text.clone();
                if let Err(told) = codebook.checker.admit(content, source) {
                    faults.extend(told.faults);
                }
            }
            misfit.faults = faults;
            Arrival::Misfit(NewMisfit {
                study,
                pseudonym: to.pseudonym,
                misfit,
                action,
                codebook,
            })
        }
    }
}

/// Everything but the codebook that keeps an entry out which is whole in itself.
fn faults_of(content: &Draft, to: &Destination, now: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    if to.pseudonym.is_none() || to.fault.is_some() {
        let kind = to.fault.clone().unwrap_or(FaultKind::ParticipantMissing);
        faults.push(Fault::at("participant", kind));
    }
    if to.known.study.admits(content.occurred_at, now) == Admission::Quarantine {
        faults.push(Fault::at("timestamp", FaultKind::AfterClosing));
    }
    faults
}

/// With any fault nothing is stored, and all faults are told.
fn refuse_misfits(
    batch: &Batch<'_>,
    arrivals: &[Arrival],
    left_out: &[LeftOut],
) -> Result<(), ApiError> {
    let left_out = left_out.iter().flat_map(|one| one.problems.iter().cloned());
    let mut problems: Vec<_> = left_out.collect();
    for (index, arrival) in arrivals.iter().enumerate() {
        if let Arrival::Misfit(new) = arrival {
            let place = batch.place(batch.stands(index));
            problems.extend(new.misfit.faults.iter().map(|fault| problem(fault, &place)));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let only = |status: StatusCode| problems.iter().all(|p| p.code.status() == status);
    let alone = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::FORBIDDEN];
    let status = alone.into_iter().find(|status| only(*status));
    let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    Err(ApiError::several(status, problems))
}

fn refuse_conflicts(batch: &Batch<'_>, outcomes: &[Outcome]) -> Result<(), ApiError> {
    let conflicts = outcomes
        .iter()
        .enumerate()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Conflict));
    let fault = Fault::at("id", FaultKind::Conflict);
    let problems: Vec<_> = conflicts
        .map(|(index, _)| problem(&fault, &batch.place(batch.stands(index))))
        .collect();
    match (problems.is_empty(), batch.single) {
        (true, _) => Ok(()),
        (false, true) => Err(ApiError::several(StatusCode::CONFLICT, problems)),
        (false, false) => Err(ApiError::several(
            StatusCode::UNPROCESSABLE_ENTITY,
            problems,
        )),
    }
}

/// A fault of an entry that stands at that place of a body.
pub(crate) fn problem(fault: &Fault, place: &str) -> Problem {
    messages::fault(&fault.kind).at(format!("{place}{}", fault.pointer))
}

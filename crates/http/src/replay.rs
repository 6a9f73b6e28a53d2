//! What lies in quarantine is looked at again, and what fits by now becomes an entry.

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::messages;
use sillage_auth::{Granted, ManageQuarantine};
use sillage_domain::codebook::{Checker, Roles};
use sillage_domain::{
    Admission, Arrival, Body, Draft, Fault, FaultKind, Form, Misfit, NewEntry, Outcome, Pseudonym,
    QuarantineFilter, QuarantineId, QuarantinedEntry, Rejudged, Release, StoreError, Study,
    StudyId, StudyStatus, Submission, parse_with,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Texts and bytes that are in memory at the same time.
const TEXTS: u32 = 500;
const BYTES: usize = 4 << 20;
/// How long a request takes before it says where it stopped.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of the texts that were looked at.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// That are entries now.
    pub(crate) moved: u64,
    /// That were stored already, and only left the quarantine.
    pub(crate) duplicates: u64,
    /// That do not fit by now either, and stay, for the reasons that there are by now.
    pub(crate) remained: u64,
    /// Up to which text; `None` for all of them.
    pub(crate) next: Option<QuarantineId>,
}

/// Texts that were looked at together.
struct Part {
    releases: Vec<Arrival>,
    /// What each of those would be told of, if it stayed, in the same order.
    in_conflict: Vec<Option<Rejudged>>,
    /// What stays for other reasons than before.
    rejudged: Vec<Rejudged>,
    remained: u64,
    last: QuarantineId,
}

/// A text that was looked at again.
enum Judged {
    Fits(Release),
    Stays(Vec<Fault>),
}

/// Looks at the texts after that id, a part at a time: each is moved in one transaction of its own, so that whatever breaks this off, the
/// same request goes on where it ended.
pub(crate) async fn replay(
    study: &InStudy,
    granted: Granted<ManageQuarantine>,
    filter: QuarantineFilter,
    after: QuarantineId,
) -> Result<Replayed, ApiError> {
    let (id, until) = (granted.study(), Instant::now() + PATIENCE);
    let api = &study.who.api;
    let (filter, mut after, mut done) = (Arc::new(filter), after, Replayed::default());
    loop {
        let asked = Arc::clone(&filter);
        let part = api.off(move |inner| inner.part(id, &asked, after)).await?;
        let Some(part) = part else {
            return Ok(done);
        };
        after = part.last;
        done.remained += part.remained;
        let outcomes = let_out(study, part.releases).await?;
        let mut rejudged = part.rejudged;
        for (outcome, in_conflict) in outcomes.into_iter().zip(part.in_conflict) {
            match outcome {
                Outcome::Accepted(_) => done.moved += 1,
                Outcome::Duplicate(_) => done.duplicates += 1,
                // Somebody else replays it; or it goes with its author, who was erased.
                Outcome::Gone | Outcome::Erased => {}
                _ => {
                    done.remained += 1;
                    rejudged.extend(in_conflict);
                }
            }
        }
        if !rejudged.is_empty() {
            let now = api.now();
            let write =
                move |inner: &Inner| Ok(inner.ports.quarantine.rejudge(id, &rejudged, now)?);
            api.off(write).await?;
        }
        if Instant::now() >= until {
            done.next = Some(after);
            return Ok(done);
        }
    }
}

/// Has the writer move them; nothing is submitted if there are none.
async fn let_out(study: &InStudy, releases: Vec<Arrival>) -> Result<Vec<Outcome>, ApiError> {
    if releases.is_empty() {
        return Ok(Vec::new());
    }
    let api = &study.who.api;
    let submitted = api.0.ports.writer.submit(Submission {
        arrivals: releases.into(),
        received_at: api.now(),
        strict: false,
    });
    match tokio::time::timeout(api.settings().submit_timeout, submitted).await {
        Ok(outcomes) => Ok(outcomes?),
        Err(late) => Err(StoreError::Away(Box::new(late)).into()),
    }
}

impl Inner {
    /// The next texts, looked at as the study and its codebook are now.
    fn part(
        &self,
        id: StudyId,
        filter: &QuarantineFilter,
        after: QuarantineId,
    ) -> Result<Option<Part>, ApiError> {
        let study = self
            .ports
            .studies
            .study(id)?
            .ok_or_else(messages::not_found)?;
        if study.status == StudyStatus::Archived {
            return Err(messages::study_not_open(study.status.as_str()).into());
        }
        let codebook = match study.codebook {
            Some(version) => Some(self.compiled(id, version)?),
            None => None,
        };
        let texts = &self.ports.quarantine;
        let texts = texts.next_quarantined(id, filter, after, TEXTS, BYTES)?;
        let Some(last) = texts.last().map(|text| text.id) else {
            return Ok(None);
        };
        let people: Vec<_> = match study.looks_up_decisions() {
            false => Vec::new(),
            true => texts.iter().filter_map(|text| text.pseudonym).collect(),
        };
        let decided = self.ports.consents.decisions(id, &people)?;
        let consents = |one: Pseudonym| {
            let decisions = decided.get(&one).copied().unwrap_or_default();
            decisions.allow_arrival(study.consent)
        };
        let mut part = Part {
            releases: Vec::new(),
            in_conflict: Vec::new(),
            rejudged: Vec::new(),
            remained: 0,
            last,
        };
        let checker = codebook.as_ref().map(|codebook| &codebook.checker);
        for text in texts {
            if !text.pseudonym.is_none_or(consents) {
                part.remained += 1;
                continue;
            }
            let other = |faults: Vec<Fault>| {
                let is_other = faults != text.misfit.faults || text.codebook != study.codebook;
                is_other.then_some(Rejudged {
                    id: text.id,
                    faults,
                    codebook: study.codebook,
                })
            };
            match self.judge(&study, checker, &text) {
                Some(Judged::Fits(release)) => {
                    part.releases.push(Arrival::Release(release));
                    let conflict = Fault::at("id", FaultKind::Conflict);
                    part.in_conflict.push(other(vec![conflict]));
                }
                Some(Judged::Stays(faults)) => {
                    part.remained += 1;
                    part.rejudged.extend(other(faults));
                }
                None => part.remained += 1,
            }
        }
        Ok(Some(part))
    }

    /// What is to be said of a text by now; `None` for one of which there is nothing new to say: nobody is known to have sent it, or it is no
    /// entry, whatever the codebook.
    fn judge(
        &self,
        study: &Study,
        checker: Option<&Checker>,
        text: &QuarantinedEntry,
    ) -> Option<Judged> {
        let pseudonym = text.pseudonym?;
        let content = match self.reread(text, checker.map(Checker::roles))? {
            Ok(content) => content,
            Err(misfit) => return Some(Judged::Stays(misfit.faults)),
        };
        let mut faults = Vec::new();
        if study.admits(content.occurred_at, text.received_at) == Admission::Quarantine {
            faults.push(Fault::at("timestamp", FaultKind::AfterClosing));
        }
        let content = match checker {
            None => Ok(content),
            Some(checker) => checker.admit(content, || text.misfit.text.clone()),
        };
        match content {
            Ok(content) if faults.is_empty() => Some(Judged::Fits(Release {
                from: text.id,
                received_at: text.received_at,
                entry: NewEntry {
                    study: study.id,
                    pseudonym,
                    id: content.id_or(Uuid::now_v7),
                    content,
                    codebook: study.codebook,
                },
            })),
            content => {
                faults.extend(content.err().into_iter().flat_map(|misfit| misfit.faults));
                Some(Judged::Stays(faults))
            }
        }
    }

    /// The entry that a text is, or why it is none.
    fn reread(
        &self,
        text: &QuarantinedEntry,
        roles: Option<&Roles>,
    ) -> Option<Result<Draft, Misfit>> {
        let bytes = text.misfit.text.as_bytes();
        match parse_with(bytes, Form::Json, &self.settings.limits, roles).ok()? {
            Body::One(parsed) => Some(parsed.entry),
            Body::Several(_) => None,
        }
    }
}

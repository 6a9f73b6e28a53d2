//! What lies in quarantine is looked at again, and what fits by now becomes an entry.

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::messages;
use sillage_auth::{Granted, ManageQuarantine};
use sillage_domain::codebook::Roles;
use sillage_domain::{
    Admission, Arrival, Body, Draft, Form, NewEntry, Outcome, QuarantineFilter, QuarantineId,
    QuarantinedEntry, Release, StoreError, StudyId, StudyStatus, Submission, parse_with,
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
    /// That do not fit by now either, and stay.
    pub(crate) remained: u64,
    /// Up to which text; `None` for all of them.
    pub(crate) next: Option<QuarantineId>,
}

/// Texts that were looked at together.
struct Part {
    releases: Vec<Arrival>,
    remained: u64,
    last: QuarantineId,
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
        for outcome in outcomes {
            match outcome {
                Outcome::Accepted(_) => done.moved += 1,
                Outcome::Duplicate(_) => done.duplicates += 1,
                // Somebody else replays it.
                Outcome::Gone => {}
                _ => done.remained += 1,
            }
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
        let all = texts.len() as u64;
        let roles = codebook.as_ref().map(|codebook| codebook.checker.roles());
        let fits = |content: &Draft, text: &QuarantinedEntry| {
            let admission = study.admits(content.occurred_at, text.received_at);
            admission != Admission::Quarantine
                && codebook
                    .as_ref()
                    .is_none_or(|codebook| codebook.checker.check(content).is_empty())
        };
        let release = |text: QuarantinedEntry| {
            let pseudonym = text.pseudonym?;
            let content = self.reread(&text, roles)?;
            fits(&content, &text).then(|| {
                Arrival::Release(Release {
                    from: text.id,
                    received_at: text.received_at,
                    entry: NewEntry {
                        study: id,
                        pseudonym,
                        id: content.id_or(Uuid::now_v7),
                        content,
                        codebook: study.codebook,
                    },
                })
            })
        };
        let releases: Vec<_> = texts.into_iter().filter_map(release).collect();
        Ok(Some(Part {
            remained: all - releases.len() as u64,
            releases,
            last,
        }))
    }

    /// The entry that a text is, if it is whole.
    fn reread(&self, text: &QuarantinedEntry, roles: Option<&Roles>) -> Option<Draft> {
        let bytes = text.misfit.text.as_bytes();
        match parse_with(bytes, Form::Json, &self.settings.limits, roles).ok()? {
            Body::One(parsed) => parsed.entry.ok(),
            Body::Several(_) => None,
        }
    }
}

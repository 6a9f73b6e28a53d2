//! Consents at work: looked up for what arrives, remembered for a few seconds, and recorded.

use crate::api::{Api, Inner};
use crate::cache::Cache;
use crate::error::ApiError;
use crate::identity::KnownStudy;
use crate::messages;
use sillage_domain::{
    Consent, Decision, Decisions, NewConsent, NoticeShown, NoticeSummary, NoticeVersion, Pseudonym,
    StudyId, SubjectId, Timestamp,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What people decided, as it was a moment ago. Nobody's who plays where nothing is asked.
#[derive(Default)]
pub(crate) struct Consents {
    known: Cache<(StudyId, Pseudonym), Known>,
    /// Goes up with each decision that this process recorded: what was being looked up meanwhile is not remembered.
    recorded: AtomicU64,
}

#[derive(Clone, Copy)]
struct Known {
    decisions: Decisions,
    looked_at: Instant,
}

impl fmt::Debug for Consents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Consents")
    }
}

impl Consents {
    /// What somebody decided is looked up again, since this process recorded something of it.
    pub(crate) fn forget(&self, study: StudyId, one: Pseudonym) {
        self.recorded.fetch_add(1, Ordering::SeqCst);
        self.known.forget(&(study, one));
    }
}

impl Api {
    /// What these people decided. Blocks nobody if all of it was looked up a moment ago.
    pub(crate) async fn decisions(
        &self,
        study: StudyId,
        people: impl IntoIterator<Item = Pseudonym>,
    ) -> Result<HashMap<Pseudonym, Decisions>, ApiError> {
        let mut found = HashMap::new();
        let mut unknown = Vec::new();
        for one in people {
            match self.known_decisions(study, one) {
                Some(decisions) => {
                    found.insert(one, decisions);
                }
                None => unknown.push(one),
            }
        }
        if !unknown.is_empty() {
            let looked_up = self.off(move |inner| inner.look_up_decisions(study, &unknown));
            found.extend(looked_up.await?);
        }
        Ok(found)
    }

    /// What one of them decided, if that was looked up a moment ago.
    pub(crate) fn known_decisions(&self, study: StudyId, one: Pseudonym) -> Option<Decisions> {
        let recheck = self.0.settings.recheck;
        let fresh = |known: &Known| {
            let is_fresh = known.looked_at.elapsed() < recheck;
            is_fresh.then_some(known.decisions)
        };
        self.0.consents.known.look(&(study, one), fresh).flatten()
    }

    /// Adds what was decided to the histories of these people. It holds here at once, and on every other server within seconds.
    pub(crate) async fn record_consent(
        &self,
        study: &KnownStudy,
        people: &[SubjectId],
        consent: Consent,
    ) -> Result<Timestamp, ApiError> {
        let (id, now) = (study.study.id, self.now());
        let of = |subject: &SubjectId| NewConsent {
            code: study.consent_code(subject),
            pseudonym: study.pseudonym(subject),
            consent: consent.clone(),
        };
        let new: Vec<_> = people.iter().map(of).collect();
        let pseudonyms: Vec<_> = new.iter().map(|one| one.pseudonym).collect();
        let recorded = self
            .off(move |inner| Ok(inner.ports.consents.record_consents(id, &new, now)?))
            .await;
        // Of one that failed it is not known whether it was recorded all the same.
        self.0.consents.recorded.fetch_add(1, Ordering::SeqCst);
        for pseudonym in pseudonyms {
            self.0.consents.known.forget(&(id, pseudonym));
        }
        recorded?;
        // Neither a name nor a pseudonym: the log outlives both.
        tracing::info!(
            event = "consent",
            study = study.study.slug.as_str(),
            decision = consent.decision.as_str(),
            purposes = ?consent.purposes,
            decided_by = consent.by.as_str(),
            people = people.len(),
            recorded_by = consent.recorded_by.map(|account| account.0),
            "a decision was recorded"
        );
        Ok(now)
    }
}

impl Inner {
    fn look_up_decisions(
        &self,
        study: StudyId,
        people: &[Pseudonym],
    ) -> Result<HashMap<Pseudonym, Decisions>, ApiError> {
        let recorded = || self.consents.recorded.load(Ordering::SeqCst);
        let (before, looked_at) = (recorded(), Instant::now());
        let mut found = self.ports.consents.decisions(study, people)?;
        for one in people {
            let decisions = *found.entry(*one).or_default();
            let known = Known {
                decisions,
                looked_at,
            };
            self.consents.known.put((study, *one), known);
        }
        // Whoever recorded something meanwhile may have come before these were remembered.
        if recorded() != before {
            for one in people {
                self.consents.known.forget(&(study, *one));
            }
        }
        Ok(found)
    }

    /// The notice that a decision was made on. A consent is given to one; `in_force`: to one that was not replaced.
    pub(crate) fn notice_shown(
        &self,
        study: StudyId,
        version: Option<NoticeVersion>,
        decision: Decision,
        in_force: bool,
    ) -> Result<Option<NoticeShown>, ApiError> {
        let at = |problem: crate::error::Problem| ApiError::from(problem.at("/notice"));
        let Some(version) = version else {
            return match decision {
                Decision::Given => Err(at(messages::which_notice())),
                Decision::Refused | Decision::Withdrawn => Ok(None),
            };
        };
        let notice = self.ports.notices.notice(study, version)?;
        let notice = notice
            .ok_or_else(|| at(messages::no_such_notice()))?
            .summary;
        if in_force && decision == Decision::Given {
            let holding = self.ports.notices.notices_in_force(study)?;
            let holds = |one: &NoticeSummary| one.version == version;
            if !holding.iter().any(holds) {
                return Err(at(messages::notice_was_replaced()));
            }
        }
        Ok(Some(NoticeShown {
            version,
            language: notice.language,
            hash: notice.hash,
        }))
    }
}

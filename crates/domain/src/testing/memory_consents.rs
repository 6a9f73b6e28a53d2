//! The notices and the consents of the memory store.

use super::MemoryStore;
use super::memory::{Tables, part};
use crate::{
    ConsentCode, ConsentEvent, ConsentStore, Decisions, LogFilter, NewConsent, NewNotice,
    NoticePut, NoticeStore, NoticeSummary, NoticeVersion, PageRequest, Paged, Pseudonym,
    StoreError, StoredEntry, StoredNotice, StudyId, Timestamp, Traces, in_force,
};
use std::collections::HashMap;

impl Tables {
    /// Whether the filter chooses the entry, and the entry may be used for what the filter says.
    pub(super) fn chooses(&self, filter: &LogFilter, entry: &StoredEntry) -> bool {
        filter.matches(entry)
            && filter.purpose.is_none_or(|purpose| {
                let study = self.studies.iter().find(|s| s.id == entry.study);
                let asked = study.map(|study| study.consent).unwrap_or_default();
                let decided = self.decisions.get(&(entry.study, entry.pseudonym));
                decided
                    .copied()
                    .unwrap_or_default()
                    .allow_use(asked, purpose)
            })
    }
}

impl NoticeStore for MemoryStore {
    fn put_notice(
        &self,
        study: StudyId,
        new: &NewNotice,
        seen: Option<Option<NoticeVersion>>,
        now: Timestamp,
    ) -> Result<NoticePut, StoreError> {
        let mut tables = self.tables();
        if !tables.studies.iter().any(|s| s.id == study) {
            return Err(StoreError::NotFound);
        }
        let of_study = tables.notices.iter().filter(|(of, _)| *of == study);
        let last = of_study.clone().map(|(_, notice)| &notice.summary);
        let holds = last
            .filter(|notice| notice.language == new.language)
            .max_by_key(|notice| notice.version);
        if seen.is_some_and(|seen| seen != holds.map(|notice| notice.version)) {
            return Err(StoreError::Stale);
        }
        if let Some(same) = holds.filter(|notice| notice.hash == new.hash()) {
            return Ok(NoticePut::Same(same.version));
        }
        let version = NoticeVersion(of_study.count() as i32 + 1);
        let summary = NoticeSummary {
            version,
            language: new.language.clone(),
            hash: new.hash(),
            created_at: now,
            created_by: new.by,
        };
        let text = new.text.clone();
        tables.notices.push((study, StoredNotice { summary, text }));
        Ok(NoticePut::Made(version))
    }

    fn notice(
        &self,
        study: StudyId,
        version: NoticeVersion,
    ) -> Result<Option<StoredNotice>, StoreError> {
        let tables = self.tables();
        let mut found = tables.notices.iter().filter(|(of, _)| *of == study);
        Ok(found
            .find(|(_, notice)| notice.summary.version == version)
            .map(|(_, notice)| notice.clone()))
    }

    fn notices_in_force(&self, study: StudyId) -> Result<Vec<NoticeSummary>, StoreError> {
        let tables = self.tables();
        let found = tables.notices.iter().filter(|(of, _)| *of == study);
        Ok(in_force(
            found.map(|(_, notice)| notice.summary.clone()).collect(),
        ))
    }

    fn notices(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<NoticeSummary>, StoreError> {
        let tables = self.tables();
        let found = tables.notices.iter().rev().filter(|(of, _)| *of == study);
        let found: Vec<_> = found.map(|(_, notice)| notice.summary.clone()).collect();
        Ok(part(&found, page))
    }
}

impl ConsentStore for MemoryStore {
    fn record_consents(
        &self,
        study: StudyId,
        new: &[NewConsent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        if !tables.studies.iter().any(|s| s.id == study) {
            return Err(StoreError::NotFound);
        }
        let erased: Vec<_> = tables.erasures.clone();
        let is_there = |one: &&NewConsent| {
            let pseudonym = one.pseudonym;
            !erased.contains(&Traces { study, pseudonym })
        };
        let new: Vec<_> = new.iter().filter(is_there).collect();
        for one in &new {
            let event = ConsentEvent {
                consent: one.consent.clone(),
                recorded_at: now,
            };
            tables.consents.push((study, one.code, event));
            tables
                .decisions
                .entry((study, one.pseudonym))
                .or_default()
                .decide(one.consent.decision, one.consent.purposes);
        }
        *tables.changes.entry(study).or_default() += i64::from(!new.is_empty());
        Ok(())
    }

    fn consents(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<ConsentEvent>, StoreError> {
        let tables = self.tables();
        let found = tables.consents.iter().rev();
        let found = found.filter(|(of, whose, _)| (*of, whose) == (study, code));
        let found: Vec<_> = found.map(|(_, _, event)| event.clone()).collect();
        Ok(part(&found, page))
    }

    fn forget_references(&self, study: StudyId, code: &ConsentCode) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let all = tables.consents.iter_mut();
        for (_, _, event) in all.filter(|(of, whose, _)| (*of, whose) == (study, code)) {
            event.consent.reference = None;
        }
        Ok(())
    }

    fn decisions(
        &self,
        study: StudyId,
        people: &[Pseudonym],
    ) -> Result<HashMap<Pseudonym, Decisions>, StoreError> {
        let tables = self.tables();
        let of = |one: &Pseudonym| Some((*one, *tables.decisions.get(&(study, *one))?));
        Ok(people.iter().filter_map(of).collect())
    }
}
